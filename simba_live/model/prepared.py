"""The step of a model for a few frames on a CPU, with everything that does not change computed beforehand.

At a few frames a step the arithmetic is small; the number of operators and the bytes of the weights set the
pace. So norm weights are multiplied into the linear maps behind them, matrices lie as they are read, and the
state is changed in place. The functions are those of the modules; the tests hold the two together. What does
not mix frames takes all of them as rows, R = B * n of n frames of B streams, one stream after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from simba_live.modules.attention import Attention, AttentionState, rotary_waves, rotate
from simba_live.modules.einfft import NUM_BLOCKS, THRESHOLD, EinFFT, real_map
from simba_live.modules.mamba import Mamba2, MambaState
from simba_live.modules.mlp import MLP
from simba_live.modules.norm import EPSILON, RMSNorm
from simba_live.modules.prepared import Array, Panels, WeightWatch, array
from simba_live.streaming import State

from .head import DepthHead

if TYPE_CHECKING:
    from .conditioning import Conditioning
    from .decoder import Block, TokenModel


class PreparedMixer(Protocol):
    """A prepared channel mixer."""

    def __call__(self, x: Array) -> Array:
        """[R, D] to [R, D], the residual included."""


class Streamed(Protocol):
    """A model of blocks over frames that are told something."""

    conditioning: Conditioning
    norm: RMSNorm

    def typed_blocks(self) -> list[Block]:
        """The blocks in order."""


class StreamPlan:
    """From what a few frames are told to their hidden states, for weights that stay as they are.

    Args:
        model: in float32, on a CPU.
    """

    def __init__(self, model: Streamed) -> None:
        with torch.no_grad():
            conditioning = model.conditioning
            self._features = Panels(conditioning.features.weight.T)
            self._style = Panels(conditioning.style.weight.T * conditioning.style_gain)
            self._latest: tuple[Array, Array] | None = None
            rotation = _Rotation()
            self._blocks = [_PreparedBlock(block, rotation) for block in model.typed_blocks()]
            self._norm = array(model.norm.weight)

    def from_told(
        self, features: Array, style: Array, blocks: Sequence[State], x: Array | None = None
    ) -> Array:
        """What frames are told to their hidden states; overwrites `blocks`.

        Args:
            features: [R, F].
            style: [R or B, S].
            blocks: one state a block.
            x: what is added, [R, D].

        Returns:
            [R, D].
        """
        y = self._features(features)
        words = self._words(style)
        y += words if len(words) == len(y) else np.repeat(words, len(y) // len(words), axis=0)
        if x is not None:
            y += x
        for block, state in zip(self._blocks, blocks, strict=True):
            y = block.channel_mixer(block.frame_mixer(y, state))
        hidden: Array = _scaled(y) * self._norm
        return hidden

    def _words(self, style: Array) -> Array:
        """What the style adds. It seldom changes between frames, and looking is cheaper than computing."""
        if self._latest is None or not np.array_equal(style, self._latest[0]):
            self._latest = style.copy(), self._style(style)
        return self._latest[1]


class StepPlan(StreamPlan):
    """`hidden_step` and the head's `logits` of a token model for a few frames, valid until a weight changes.

    Args:
        model: in float32, on a CPU.
    """

    def __init__(self, model: TokenModel) -> None:
        super().__init__(model)
        self._watch = WeightWatch([(model, "embedding"), (model.norm, "weight"), (model.head, "linear")])
        with torch.no_grad():
            self._embedding = _Embedding(model.embedding, model.config.num_codebooks)
            self.head = _PreparedHead(model.head)

    def is_current(self) -> bool:
        """Whether the weights are still those of the plan, as far as some of them tell."""
        return self._watch.holds()

    def hidden(
        self, features: Tensor, style: Tensor, previous: Tensor, blocks: list[MambaState | AttentionState]
    ) -> Tensor:
        """Arguments of `TokenModel.hidden_step` to hidden [B, n, D]; `blocks` are overwritten."""
        batch, length, _ = features.shape
        x = self._embedding(previous.transpose(1, 2).flatten(0, 1).numpy())
        told, words = features.flatten(0, 1).numpy(), style.flatten(0, 1).numpy()
        hidden = self.from_told(told, words, blocks, x)
        return torch.from_numpy(hidden).view(batch, length, -1)


class _Embedding:
    """The sum of what several codebooks' codes stand for, [R, K] to [R, D].

    Args:
        tables: the codebooks' embeddings, one after the other in as many rows each.
        count: codebooks.
    """

    def __init__(self, tables: Tensor, count: int) -> None:
        self._tables = array(tables)
        self._offsets = np.arange(count) * (len(tables) // count) if count else np.arange(0)

    def __call__(self, codes: NDArray[np.int64]) -> Array:
        """Of the first codebooks, as many as there are codes."""
        total: Array = self._tables[codes + self._offsets[: codes.shape[1]]].sum(1)
        return total


class _PreparedBlock:
    def __init__(self, block: Block, rotation: _Rotation) -> None:
        frame_mixer, mixer = block.frame_mixer, block.channel_mixer
        self.frame_mixer: _PreparedMamba | _PreparedAttention = (
            _PreparedMamba(block.frame_norm, frame_mixer)
            if isinstance(frame_mixer, Mamba2)
            else _PreparedAttention(block.frame_norm, frame_mixer, rotation)
        )
        self.channel_mixer: PreparedMixer = (
            _PreparedEinFFT(block.channel_norm, mixer)
            if isinstance(mixer, EinFFT)
            else PreparedMLP(block.channel_norm, mixer)
        )


class _Rotation:
    """Rotary waves of the frame that all layers are at, computed by the first of them."""

    def __init__(self) -> None:
        self._latest: tuple[int, Tensor, Tensor] | None = None

    def at(self, position: int, channels: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines [P / 2]."""
        latest = self._latest
        if latest is None or latest[0] != position:
            cosine, sine = rotary_waves(torch.tensor(position), channels)
            latest = self._latest = position, cosine.float(), sine.float()
        return latest[1:]


class _PreparedAttention:
    def __init__(self, norm: RMSNorm, mixer: Attention, rotation: _Rotation) -> None:
        self._plain = norm, mixer
        self._rotation = rotation
        self._heads = mixer.num_heads
        self._in = _product(norm, mixer.in_proj.weight)
        self._out = Panels(mixer.out_proj.weight.T)

    def __call__(self, x: Array, state: State) -> Array:
        """The residual stream [R, D] plus the mixer's update; `state` is overwritten."""
        assert isinstance(state, AttentionState)
        position, *others = state.position.tolist()
        batch, _, window, channels = state.keys.shape
        if len(x) > batch or any(other != position for other in others):
            norm, mixer = self._plain
            added, _ = mixer.step(norm(torch.from_numpy(x)).view(batch, -1, x.shape[1]), state)
            update: Array = added.flatten(0, 1).numpy()
            return x + update
        projected = torch.from_numpy(self._in(_scaled(x))).view(batch, 3, self._heads, channels)
        turned = rotate(projected[:, :2], *self._rotation.at(position, channels))
        slot, filled = position % window, min(position + 1, window)
        state.keys[:, :, slot] = turned[:, 1]
        state.values[:, :, slot] = projected[:, 2]
        state.position += 1
        y = functional.scaled_dot_product_attention(
            turned[:, 0, :, None], state.keys[:, :, :filled], state.values[:, :, :filled]
        )
        return x + self._out(y.view(batch, -1).numpy())


class _PreparedMamba:
    def __init__(self, norm: RMSNorm, mixer: Mamba2) -> None:
        self._in = _product(norm, mixer.in_proj.weight)
        self._inner, self._width = mixer.inner, mixer.d_state
        self._taps = array(mixer.conv1d.weight[:, 0].T)
        self._conv_bias = array(mixer.conv1d.bias)
        self._dt_bias = array(mixer.dt_bias)
        self._decay_rate = array(-mixer.A_log.exp())
        self._skip = array(mixer.D.repeat_interleave(mixer.head_dim))
        self._out = _product(mixer.norm, mixer.out_proj.weight)

    def __call__(self, x: Array, state: State) -> Array:
        """The residual stream [R, D] plus the mixer's update; `state` is overwritten."""
        assert isinstance(state, MambaState)
        inner, width = self._inner, self._width
        gate, mixed, dt = _split(self._in(_scaled(x)), inner, inner + 2 * width)
        filtered = _silu(self._filtered(mixed, state.window.numpy()) + self._conv_bias)
        inputs, b, c = _split(filtered, inner, width)
        dt = np.logaddexp(dt + self._dt_bias, np.float32(0.0))  # softplus
        y = (self._step if len(x) == len(state.ssm) else self._scan)(inputs, dt, b, c, state.ssm)
        y += inputs * self._skip
        y *= _silu(gate)
        return x + self._out(_scaled(y))

    def _filtered(self, mixed: Array, past: Array) -> Array:
        """The convolution of [R, C], without its bias; `past` is overwritten."""
        batch, kept, width = past.shape
        window = np.concatenate([past, mixed.reshape(batch, -1, width)], 1)
        past[:] = window[:, -kept:]
        if len(mixed) == batch:
            filtered: Array = np.einsum("btc,tc->bc", window, self._taps)
            return filtered
        length = len(mixed) // batch
        total: Array = window[:, :length] * self._taps[0]
        for tap in range(1, kept + 1):
            total += window[:, tap : tap + length] * self._taps[tap]
        return total.reshape(-1, width)

    def _step(self, inputs: Array, dt: Array, b: Array, c: Array, ssm: Tensor) -> Array:
        """One frame through the recurrence."""
        batch, heads, channels, _ = ssm.shape
        entering = inputs.reshape(batch, heads, channels) * dt[:, :, None]
        # Adding the outer product in place, in one pass, is what torch can and numpy cannot do.
        decay = np.exp(dt * self._decay_rate)
        ssm.mul_(torch.from_numpy(decay)[:, :, None, None])
        ssm.addcmul_(torch.from_numpy(entering)[..., None], torch.from_numpy(b)[:, None, None])
        y: Array = np.matmul(ssm.numpy(), c[:, None, :, None]).reshape(batch, -1)
        return y

    def _scan(self, inputs: Array, dt: Array, b: Array, c: Array, ssm: Tensor) -> Array:
        """Several frames at once: one chunk of `modules.scan.chunked_scan`, whose letters these are."""
        batch, heads, channels, width = ssm.shape
        x = inputs.reshape(batch, -1, heads, channels).swapaxes(1, 2)
        dt = dt.reshape(batch, -1, heads).swapaxes(1, 2)
        b, c = b.reshape(batch, 1, -1, width), c.reshape(batch, 1, -1, width)
        log_decay = np.cumsum(dt * self._decay_rate[:, None], axis=2)  # [B, H, L], since the chunk began
        # What is yet to come must not become infinite before it is left out.
        fade = np.exp(np.minimum(log_decay[..., :, None] - log_decay[..., None, :], 0.0)) * dt[:, :, None]
        y = np.matmul(np.tril(np.matmul(c, b.swapaxes(2, 3))) * fade, x)  # [B, H, L, P]
        y += np.matmul(c, ssm.numpy().swapaxes(2, 3)) * np.exp(log_decay)[..., None]
        ssm.mul_(torch.from_numpy(np.exp(log_decay[:, :, -1]))[..., None, None])
        left = np.matmul((x * fade[:, :, -1, :, None]).swapaxes(2, 3), b)
        ssm.add_(torch.from_numpy(left))
        scanned: Array = y.swapaxes(1, 2).reshape(len(inputs), -1)
        return scanned


class _PreparedEinFFT:
    def __init__(self, norm: RMSNorm, mixer: EinFFT) -> None:
        self._norm = array(norm.weight).reshape(NUM_BLOCKS, -1)
        self._transform = butterfly().numpy()
        first, first_bias = real_map(mixer.complex_weight_1, mixer.complex_bias_1)
        second, second_bias = real_map(mixer.complex_weight_2, mixer.complex_bias_2)
        self._first, self._first_bias = Panels(first), array(first_bias)
        self._second, self._second_bias = Panels(second), array(second_bias)

    def __call__(self, x: Array) -> Array:
        batch, width = x.shape
        blocks = _scaled(x).reshape(batch, NUM_BLOCKS, -1) * self._norm
        spectrum = np.matmul(self._transform, blocks).reshape(batch, NUM_BLOCKS, -1).swapaxes(0, 1)
        spectrum = np.maximum(self._first(spectrum) + self._first_bias, 0.0)
        spectrum = self._second(spectrum) + self._second_bias
        spectrum -= np.maximum(np.minimum(spectrum, THRESHOLD), -THRESHOLD)  # soft shrinkage
        spectrum = spectrum.swapaxes(0, 1).reshape(batch, 2 * NUM_BLOCKS, -1)
        added: Array = np.matmul(self._transform.T, spectrum).reshape(batch, width)
        return x + added


class PreparedMLP:
    """A channel mixer "mlp" behind its norm; see `PreparedMixer`."""

    def __init__(self, norm: RMSNorm, mixer: MLP) -> None:
        self._expand = _product(norm, mixer.expand.weight)
        self._expand_bias = array(mixer.expand.bias)
        self._contract = Panels(mixer.contract.weight.T)
        self._contract_bias = array(mixer.contract.bias)

    def __call__(self, x: Array) -> Array:
        """[R, D] to [R, D], the residual included."""
        hidden = gelu(self._expand(_scaled(x)) + self._expand_bias)
        return x + self._contract(hidden) + self._contract_bias


class _PreparedHead:
    def __init__(self, head: DepthHead) -> None:
        self._linear = [Panels(weight.T) for weight in head.linear]
        later = len(head.embedding)
        self._embedding = _Embedding(head.embedding.flatten(0, 1), later)
        self._expand = [Panels(w * norm.T) for w, norm in zip(head.expand, head.norm, strict=True)]
        self._expand_bias = array(head.expand_bias[:, 0])
        self._contract = [Panels(weight) for weight in head.contract]

    def logits(self, codebook: int, hidden: Tensor, codes_before: Tensor) -> Tensor:
        """As `DepthHead.logits`."""
        x: Array = hidden.numpy()
        if codebook:
            later = codebook - 1
            x = x + self._embedding(codes_before.numpy())
            x = x + self._contract[later](gelu(self._expand[later](_scaled(x)) + self._expand_bias[later]))
        return torch.from_numpy(self._linear[codebook](x))


def butterfly() -> Tensor:
    """EinFFT's transform, [8, 4]: rows X0 real, X0 imaginary, X1 real, ...; its transpose inverts it."""
    rows = [
        [1, 1, 1, 1],
        [0, 0, 0, 0],
        [1, 0, -1, 0],
        [0, -1, 0, 1],
        [1, -1, 1, -1],
        [0, 0, 0, 0],
        [1, 0, -1, 0],
        [0, 1, 0, -1],
    ]
    return 0.5 * torch.tensor(rows, dtype=torch.float32)


def _product(norm: RMSNorm, weight: Tensor) -> Panels:
    """A norm's weight and the linear map [out, in] behind it as one product."""
    return Panels((weight * norm.weight).T)


def _split(x: Array, first: int, second: int) -> tuple[Array, Array, Array]:
    """The first columns, the second ones, and the rest; ten times as quick as numpy's own."""
    return x[:, :first], x[:, first : first + second], x[:, first + second :]


def _scaled(x: Array) -> Array:
    """[R, D] over its root mean square."""
    scaled: Array = x / np.sqrt(np.vecdot(x, x)[:, None] * (1.0 / x.shape[1]) + EPSILON)
    return scaled


def _silu(x: Array) -> Array:
    """In place."""
    functional.silu(torch.from_numpy(x), inplace=True)
    return x


def gelu(x: Array) -> Array:
    """Of every number."""
    y: Array = functional.gelu(torch.from_numpy(x)).numpy()
    return y
