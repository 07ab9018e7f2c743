"""Many pieces at once: the rows of one batch, each with its own conditions and its own stream of noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.controls import Sampling
from simba_live.model import ModelState, TokenModel
from simba_live.model.sampling import Sampler
from simba_live.training.watching import watch


def generate_batch(
    model: TokenModel,
    features: NDArray[np.float32],
    styles: NDArray[np.float32],
    sampling: Sampling,
    sessions: Sequence[int],
    description: str = "generating",
    rows_at_once: int = 64,
) -> NDArray[np.int64]:
    """Let the model play B pieces side by side, each from an empty state.

    Args:
        model: the model, on any device.
        features: what to do in each frame, from `Conditions.features`, [B, T, F].
        styles: embedded prompts, [B, S].
        sampling: how codes are drawn; guidance other than 1 doubles the rows.
        sessions: the session of each row.
        description: says on the progress bar what this is.
        rows_at_once: larger batches are split, to bound the memory.

    Returns:
        codes [B, K, T].
    """
    parts = []
    for start in range(0, len(features), rows_at_once):
        rows = slice(start, start + rows_at_once)
        players = BatchPlayer(model, sampling, sessions[rows])
        parts.append(players.play(features[rows], styles[rows, None], description=description))
    return np.concatenate(parts)


class BatchPlayer:
    """The model playing B pieces side by side, stretch after stretch.

    A row's noise depends on the seed and its session alone, as in `sample_frame`: its place in the batch does
    not matter, and a piece generated on its own has the same codes (but for rounding in the last bits of the
    logits).

    Attributes:
        state: the model's past, of B rows, and as many again with guidance.
        frame: frames played so far.
    """

    def __init__(self, model: TokenModel, sampling: Sampling, sessions: Sequence[int]) -> None:
        """Begin B pieces, one for each of `sessions`; guidance other than 1 doubles the rows."""
        self.model, self.guidance = model, sampling.guidance
        self._samplers = [
            Sampler(sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed, session)
            for session in sessions
        ]
        self.copies = 2 if sampling.guided else 1
        self.state: ModelState = model.init_state(self.copies * len(self._samplers))
        self.frame = 0

    @torch.no_grad()
    def play(
        self,
        features: NDArray[np.float32],
        styles: NDArray[np.float32],
        against: NDArray[np.float32] | None = None,
        description: str = "generating",
    ) -> NDArray[np.int64]:
        """The next frames of all pieces.

        Args:
            features: [B, T, F].
            styles: embedded prompts, [B, T or 1, S].
            against: what guidance leads away from, [B, T, F]; None is tempo and beat alone.
            description: says on the progress bar what this is.

        Returns:
            codes [B, K, T].
        """
        device = self.model.embedding.device
        known, style = torch.from_numpy(features).to(device), torch.from_numpy(styles).to(device)
        if self.copies == 2 and against is None:
            known, style = self.model.conditioning.with_null(known, style)
        elif self.copies == 2:
            known = torch.cat([known, torch.from_numpy(against).to(device)])
            style = torch.cat([style, torch.zeros_like(style)])
        num_frames = features.shape[1]
        chosen = np.empty((len(features), self.model.config.num_codebooks, num_frames), np.int64)
        for frame in watch(range(num_frames), description):
            now = slice(frame, frame + 1)
            words = style if style.shape[1] == 1 else style[:, now]
            chosen[:, :, frame] = self._step(known[:, now], words)
        return chosen

    def _step(self, features: Tensor, style: Tensor) -> NDArray[np.int64]:
        """One frame of every piece, codes [B, K]; the second half of the rows is what guidance leaves."""
        model, state, batch = self.model, self.state, len(self._samplers)
        hidden, state = model.hidden_step(features, style, state.codes[:, :, None], state)
        codes = torch.empty_like(state.codes)
        for codebook in range(model.config.num_codebooks):
            logits = model.head.logits(codebook, hidden[:, 0], codes[:, :codebook]).float()
            if self.copies == 2:
                logits = torch.lerp(logits[batch:], logits[:batch], self.guidance)
            drawn = [
                sampler.choose(row, self.frame, codebook)
                for sampler, row in zip(self._samplers, logits.cpu().numpy(), strict=True)
            ]
            codes[:, codebook] = torch.tensor(drawn * self.copies, device=codes.device)
        state.codes.copy_(codes)
        self.state = state
        self.frame += 1
        return np.asarray(codes[:batch].cpu().numpy())
