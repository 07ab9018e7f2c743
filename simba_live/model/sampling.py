"""Drawing a frame's codes, with noise that is a pure function of seed, session, frame and codebook.

So a moment that is recalled plays again exactly, a branch is the same state under another seed, and neither
the batch nor the number of draws before can change a code. Drawing the largest of logits plus Gumbel noise is
drawing from their softmax.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.errors import OptionError

from .decoder import ModelState, TokenModel

_WORD = (1 << 64) - 1


class Sampler:
    """How codes are drawn.

    Args:
        temperature: logits are divided by it; 0 takes the likeliest code.
        top_k: keep the k likeliest codes; 0 keeps all.
        top_p: keep the fewest likeliest codes whose probabilities sum to this.
        seed: of the noise.
        session: another stream of noise under the same seed.

    Raises:
        OptionError: a value that makes no sense.
    """

    def __init__(
        self, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, seed: int = 0, session: int = 0
    ) -> None:
        if not 0.0 <= temperature < float("inf"):
            raise OptionError(f"temperature is {temperature}; give 0 or more")
        if top_k < 0:
            raise OptionError(f"top-k is {top_k}; give a positive number, or 0 for all codes")
        if not 0.0 < top_p <= 1.0:
            raise OptionError(f"top-p is {top_p}; give a number above 0, up to 1")
        self.temperature, self.top_k, self.top_p = temperature, top_k, top_p
        # A generator that is told where to count from takes half the time of a new one for every draw.
        philox = np.random.Philox(key=np.array([seed & _WORD, session & _WORD], np.uint64))
        self._noise, self._fresh = np.random.Generator(philox), philox.state

    def choose(self, logits: Tensor | NDArray[np.float32], frame: int, codebook: int) -> int:
        """One code.

        Args:
            logits: float32 [V].
            frame: counted from the start of the stream.
            codebook: counted from 0.
        """
        if isinstance(logits, Tensor):
            logits = logits.numpy(force=True)
        if self.temperature == 0.0:
            return int(logits.argmax())
        scores = logits / np.float32(self.temperature)
        if 0 < self.top_k < len(scores):
            least = np.partition(scores, len(scores) - self.top_k)[len(scores) - self.top_k]
            scores[scores < least] = -np.inf
        if self.top_p < 1.0:
            scores[scores < _nucleus_floor(scores, self.top_p)] = -np.inf
        return int((scores + self._gumbel(len(scores), frame, codebook)).argmax())

    def toss(self, logits: NDArray[np.float32], frame: int, codebook: int) -> NDArray[np.bool_]:
        """Which of several things happen, each for itself; arguments as in `choose`."""
        if self.temperature == 0.0:
            return logits > 0.0
        uniform = self._uniform(len(logits), frame, codebook)
        noise = np.log(uniform) - np.log1p(-uniform)
        happens: NDArray[np.bool_] = logits / np.float32(self.temperature) + noise > 0.0
        return happens

    def _gumbel(self, size: int, frame: int, codebook: int) -> NDArray[np.float32]:
        """Noise of one draw."""
        noise: NDArray[np.float32] = -np.log(-np.log(self._uniform(size, frame, codebook)))
        return noise

    def _uniform(self, size: int, frame: int, codebook: int) -> NDArray[np.float32]:
        """Numbers above 0 and below 1; the counter's lowest word runs, so no two draws share a number."""
        self._fresh["state"]["counter"][:] = 0, codebook, frame, 0
        self._noise.bit_generator.state = self._fresh
        uniform = self._noise.random(size, dtype=np.float32)
        # Uniforms are multiples of 2^-24 below 1: only 0 must be moved to keep all logarithms finite.
        moved: NDArray[np.float32] = np.maximum(uniform, np.float32(2.0**-25))
        return moved


def _nucleus_floor(scores: NDArray[np.float32], top_p: float) -> np.float32:
    """The lowest score that is still among the likeliest of total probability `top_p`."""
    ordered = np.sort(scores)[::-1]
    probabilities = np.exp(ordered - ordered[0])
    cumulative = probabilities.cumsum()
    last = int(np.searchsorted(cumulative, top_p * cumulative[-1]))
    floor: np.float32 = ordered[min(last, len(ordered) - 1)]
    return floor


def sample_frame(
    model: TokenModel,
    features: Tensor,
    style: Tensor,
    state: ModelState,
    sampler: Sampler,
    frame: int,
    guidance: float = 1.0,
) -> tuple[Tensor, ModelState]:
    """Draw the next frame.

    With two batch rows the second one is asked what it would do with neither prompt nor arrangement, knowing
    the tempo and the beat alone, or what `features` tell it; both are fed the codes drawn. Guidance moves the
    logits from the second's to the first's, and beyond: null + guidance * (conditional - null). A state with
    two rows may be stepped with guidance 1, so that guidance can be turned up at any time.

    Args:
        model: the model.
        features: [1, 1, F], or [2, 1, F] with what the second row is told.
        style: [1, 1, S].
        state: of one batch row, or two; overwritten.
        sampler: draws the codes.
        frame: number of the frame in its stream, the counter of the noise.
        guidance: 1 is none.

    Returns:
        codes int64 [1, K, 1] and the state.

    Raises:
        OptionError: guidance other than 1 with a state of one row.
    """
    rows = len(state.codes)
    if rows == 1 and guidance != 1.0:
        raise OptionError(
            f"guidance is {guidance}, but the state has no row to guide from: make it with batch 2"
        )
    if rows == 2 and len(features) == 1:
        features, style = model.conditioning.with_null(features, style)
    elif rows == 2:
        style = torch.cat([style, torch.zeros_like(style)])
    hidden, state = model.hidden_step(features, style, state.codes[:, :, None], state)
    hidden = hidden[:, 0]
    if guidance == 1.0:
        hidden = hidden[:1]
    codes = torch.empty(rows, model.config.num_codebooks, dtype=torch.int64, device=hidden.device)
    for codebook in range(model.config.num_codebooks):
        logits = model.code_logits(codebook, hidden, codes[: len(hidden), :codebook])
        guided, *null = logits.numpy(force=True)
        if null:
            guided = null[0] + np.float32(guidance) * (guided - null[0])
        codes[:, codebook] = sampler.choose(guided, frame, codebook)
    state.codes.copy_(codes)
    return codes[:1, :, None], state
