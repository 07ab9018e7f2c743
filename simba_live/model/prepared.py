"""The one-frame step of a model on a CPU, with everything that does not change computed beforehand.

At one frame a step the arithmetic is small and the number of operators sets the pace, then the bytes of the
weights. So norm weights are multiplied into the linear maps behind them, matrices lie as they are read, sums
become part of products, and the state is changed in place. The functions are those of the modules; the tests
hold the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from simba_live.modules.attention import Attention, AttentionState, rotary_waves, rotate
from simba_live.modules.einfft import NUM_BLOCKS, THRESHOLD, EinFFT, real_map
from simba_live.modules.mamba import Mamba2, MambaState
from simba_live.modules.mlp import MLP
from simba_live.modules.norm import EPSILON, RMSNorm
from simba_live.streaming import State

from .head import DepthHead

if TYPE_CHECKING:
    from .decoder import Block, TokenModel


class PreparedMixer(Protocol):
    """A prepared channel mixer."""

    def __call__(self, x: Tensor) -> Tensor:
        """[B, D] to [B, D], the residual included."""


class StepPlan:
    """`hidden_step` and the head's `logits` for one frame, valid until a weight changes.

    Args:
        model: in float32, on a CPU.
    """

    def __init__(self, model: TokenModel) -> None:
        # Reading a version costs a third of a microsecond, so a few weights stand for all: training,
        # averaging and loading write to every one of them.
        self._watched = _watched(model)
        self._versions = _versions(self._watched)
        with torch.no_grad():
            config = model.config
            self._embedding = model.embedding.detach()
            self._offsets = torch.arange(config.num_codebooks) * model.num_codes
            conditioning = model.conditioning
            self._features = _transposed(conditioning.features.weight)
            self._style_in = _transposed(conditioning.style_in.weight * conditioning.style_gain)
            self._style_out = _transposed(conditioning.style_out.weight)
            self._latest = torch.zeros(0), torch.zeros(0)
            rotation = _Rotation()
            self._blocks = [_PreparedBlock(block, rotation) for block in model.typed_blocks()]
            self._norm = model.norm.weight.detach()
            self._epsilon = torch.full((1,), EPSILON)
            self.head = _PreparedHead(model.head)

    def is_current(self, model: TokenModel) -> bool:
        """Whether the weights are still those of the plan, as far as some of them tell."""
        watched = _watched(model)
        same = all(now is then for now, then in zip(watched, self._watched, strict=True))
        same = same and watched[0].device.type == "cpu" and watched[0].dtype == torch.float32
        return same and _versions(watched) == self._versions

    def hidden(
        self, features: Tensor, style: Tensor, previous: Tensor, blocks: list[MambaState | AttentionState]
    ) -> Tensor:
        """Features [B, F], style [B, S] and codes [B, K] to hidden [B, D]; `blocks` are overwritten."""
        x = functional.embedding(previous + self._offsets, self._embedding).sum(1)
        x.addmm_(features, self._features)
        x.add_(self._words(style))
        for block, state in zip(self._blocks, blocks, strict=True):
            x = block.channel_mixer(block.frame_mixer(x, state))
        return _scaled(x, self._epsilon).mul_(self._norm)

    def _words(self, style: Tensor) -> Tensor:
        """What the style adds. It seldom changes between frames, and looking is cheaper than computing."""
        known, words = self._latest
        if not torch.equal(style, known):
            words = torch.mm(functional.gelu(torch.mm(style, self._style_in)), self._style_out)
            self._latest = style.clone(), words
        return words


def _watched(model: TokenModel) -> tuple[Tensor, ...]:
    return model.embedding, model.norm.weight, model.head.linear


def _versions(weights: tuple[Tensor, ...]) -> list[int]:
    """How often each was written to; it is not counted for weights made in inference mode."""
    return [0 if weight.is_inference() else weight._version for weight in weights]


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
            else _PreparedMLP(block.channel_norm, mixer)
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
        self._in = _transposed(mixer.in_proj.weight * norm.weight)
        self._out = _transposed(mixer.out_proj.weight)
        self._epsilon = torch.full((1,), EPSILON)

    def __call__(self, x: Tensor, state: State) -> Tensor:
        """The residual stream [B, D] plus the mixer's update; `state` is overwritten."""
        assert isinstance(state, AttentionState)
        position, *others = state.position.tolist()
        if any(other != position for other in others):
            norm, mixer = self._plain
            y, _ = mixer.step(norm(x)[:, None], state)
            return x + y[:, 0]
        batch, _, window, channels = state.keys.shape
        projected = torch.mm(_scaled(x, self._epsilon), self._in).view(batch, 3, self._heads, channels)
        turned = rotate(projected[:, :2], *self._rotation.at(position, channels))
        slot, filled = position % window, min(position + 1, window)
        state.keys[:, :, slot] = turned[:, 1]
        state.values[:, :, slot] = projected[:, 2]
        state.position += 1
        y = functional.scaled_dot_product_attention(
            turned[:, 0, :, None], state.keys[:, :, :filled], state.values[:, :, :filled]
        )
        return torch.addmm(x, y.view(batch, -1), self._out)


class _PreparedMamba:
    def __init__(self, norm: RMSNorm, mixer: Mamba2) -> None:
        self._in = _transposed(mixer.in_proj.weight * norm.weight)
        self._sizes = [mixer.inner, mixer.inner + 2 * mixer.d_state, mixer.heads]
        self._mixed_sizes = [mixer.inner, mixer.d_state, mixer.d_state]
        self._taps = _transposed(mixer.conv1d.weight[:, 0])
        self._conv_bias = mixer.conv1d.bias.detach()
        self._dt_bias = mixer.dt_bias.detach()
        self._decay_rate = -mixer.A_log.detach().exp()
        self._skip = mixer.D.detach().repeat_interleave(mixer.head_dim)
        self._out = _transposed(mixer.out_proj.weight * mixer.norm.weight)
        self._epsilon = torch.full((1,), EPSILON)

    def __call__(self, x: Tensor, state: State) -> Tensor:
        """The residual stream [B, D] plus the mixer's update; `state` is overwritten."""
        assert isinstance(state, MambaState)
        projected = torch.mm(_scaled(x, self._epsilon), self._in)
        gate, mixed, dt = projected.split_with_sizes(self._sizes, 1)
        window = torch.cat([state.window, mixed[:, None]], 1)
        state.window = window[:, 1:]
        filtered = functional.silu((window * self._taps).sum(1).add_(self._conv_bias), inplace=True)
        inputs, b, c = filtered.split_with_sizes(self._mixed_sizes, 1)
        dt = functional.softplus(dt + self._dt_bias)
        ssm = state.ssm
        batch, heads, channels, width = ssm.shape
        entering = inputs.view(batch, heads, channels) * dt[:, :, None]
        ssm.mul_((dt * self._decay_rate).exp_()[:, :, None, None])
        # Heads share B and C, so heads and channels are one axis.
        flat = ssm.view(batch, -1, width)
        flat.addcmul_(entering.view(batch, -1, 1), b[:, None])
        y = torch.bmm(c[:, None], flat.transpose(1, 2))[:, 0].addcmul_(inputs, self._skip)
        y.mul_(functional.silu(gate))
        return torch.addmm(x, _scaled(y, self._epsilon), self._out)


class _PreparedEinFFT:
    def __init__(self, norm: RMSNorm, mixer: EinFFT) -> None:
        self._norm = norm.weight.detach().view(NUM_BLOCKS, -1)
        self._transform = butterfly()[None]
        self._inverse = butterfly().T.contiguous()[None]
        self._first, self._first_bias = real_map(mixer.complex_weight_1, mixer.complex_bias_1)
        self._second, self._second_bias = real_map(mixer.complex_weight_2, mixer.complex_bias_2)
        self._epsilon = torch.full((1,), EPSILON)

    def __call__(self, x: Tensor) -> Tensor:
        batch, width = x.shape
        blocks = _scaled(x, self._epsilon).view(batch, NUM_BLOCKS, -1).mul_(self._norm)
        spectrum = torch.bmm(self._transform.expand(batch, -1, -1), blocks)
        spectrum = spectrum.view(batch, NUM_BLOCKS, -1).transpose(0, 1)
        spectrum = torch.baddbmm(self._first_bias, spectrum, self._first).relu_()
        spectrum = functional.softshrink(torch.baddbmm(self._second_bias, spectrum, self._second), THRESHOLD)
        spectrum = spectrum.transpose(0, 1).reshape(batch, 2 * NUM_BLOCKS, -1)
        residual = x.view(batch, NUM_BLOCKS, -1)
        return torch.baddbmm(residual, self._inverse.expand(batch, -1, -1), spectrum).view(batch, width)


class _PreparedMLP:
    def __init__(self, norm: RMSNorm, mixer: MLP) -> None:
        self._expand = _transposed(mixer.expand.weight * norm.weight)
        self._expand_bias = mixer.expand.bias.detach()
        self._contract = _transposed(mixer.contract.weight)
        self._contract_bias = mixer.contract.bias.detach()
        self._epsilon = torch.full((1,), EPSILON)

    def __call__(self, x: Tensor) -> Tensor:
        hidden = functional.gelu(torch.addmm(self._expand_bias, _scaled(x, self._epsilon), self._expand))
        return torch.addmm(x, hidden, self._contract).add_(self._contract_bias)


class _PreparedHead:
    def __init__(self, head: DepthHead) -> None:
        self._linear = [_transposed(weight) for weight in head.linear]
        later, size, width = head.embedding.shape
        self._embedding = head.embedding.detach().view(later * size, width)
        self._offsets = torch.arange(later) * size
        self._expand = [(w * norm.T).contiguous() for w, norm in zip(head.expand, head.norm, strict=True)]
        self._expand_bias = head.expand_bias.detach()[:, 0]
        self._contract = head.contract.detach()
        self._epsilon = torch.full((1,), EPSILON)

    def logits(self, codebook: int, hidden: Tensor, codes_before: Tensor) -> Tensor:
        """As `DepthHead.logits`."""
        if codebook:
            later = codebook - 1
            codes = codes_before + self._offsets[:codebook]
            hidden = hidden + functional.embedding(codes, self._embedding).sum(1)
            mixed = torch.addmm(self._expand_bias[later], _scaled(hidden, self._epsilon), self._expand[later])
            hidden = torch.addmm(hidden, functional.gelu(mixed), self._contract[later])
        return torch.mm(hidden, self._linear[codebook])


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


def _scaled(x: Tensor, epsilon: Tensor) -> Tensor:
    """[B, D] over its root mean square; quicker for one frame than `rms_norm`, which is more operators."""
    norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x * torch.addcmul(epsilon, norm, norm, value=1.0 / x.shape[-1]).rsqrt_()


def _transposed(weight: Tensor) -> Tensor:
    """[out, in] laid out as [in, out], the way a product with one row reads it fastest."""
    return weight.detach().T.contiguous()
