"""Mamba-2: a gated state-space layer whose whole past is a small window and one matrix per head.

Parameter names, shapes and initial values are those of `mamba_ssm.Mamba2` with one group, so that checkpoints
and test oracles fit. Letters: d is the model's width, D = expand * d the inner width, H = D / P heads of P
channels, N the state per channel. `in_proj` yields [z, x, B, C, dt] of widths [D, D, N, N, H]. Source: Dao
and Gu, "Transformers are SSMs", arXiv 2405.21060, section 7.
"""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from simba_live.modules import mamba_kernels
from simba_live.modules.norm import RMSNorm
from simba_live.streaming import State

DECAY_RANGE = (1.0, 16.0)
STEP_RANGE = (1e-3, 1e-1)


@dataclasses.dataclass
class MambaState(State):
    """What the layer remembers.

    Attributes:
        window: [B, conv_kernel - 1, D + 2N], the convolution's latest inputs.
        ssm: [B, H, P, N], float32 whatever the weights are.
    """

    window: Tensor
    ssm: Tensor


class DepthwiseConv(nn.Module):
    """The weights of a grouped `nn.Conv1d`, one filter a channel, by its names and initial values."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        bound = kernel**-0.5
        self.weight = nn.Parameter(torch.empty(channels, 1, kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(channels).uniform_(-bound, bound))


class Mamba2(nn.Module):
    """The layer; `forward` takes a whole sequence through the chunked scan, `step` the next frames."""

    def __init__(
        self, d_model: int, d_state: int = 64, head_dim: int = 64, expand: int = 2, conv_kernel: int = 4
    ) -> None:
        super().__init__()
        inner = expand * d_model
        if inner % head_dim:
            raise ValueError(f"the inner width {inner} must be a multiple of head_dim {head_dim}")
        heads = inner // head_dim
        self.inner, self.heads, self.head_dim, self.d_state = inner, heads, head_dim, d_state
        mixed = inner + 2 * d_state
        self.in_proj = nn.Linear(d_model, inner + mixed + heads, bias=False)
        self.conv1d = DepthwiseConv(mixed, conv_kernel)
        low, high = (math.log(bound) for bound in STEP_RANGE)
        step_size = torch.exp(low + (high - low) * torch.rand(heads))
        self.dt_bias = nn.Parameter(step_size + torch.log(-torch.expm1(-step_size)))  # inverse of softplus
        self.A_log = nn.Parameter(torch.empty(heads).uniform_(*DECAY_RANGE).log_())
        self.D = nn.Parameter(torch.ones(heads))
        self.norm = RMSNorm(inner)
        self.out_proj = nn.Linear(inner, d_model, bias=False)

    def init_state(self, batch: int) -> MambaState:
        """The state before the first frame: all zeros."""
        weight = self.conv1d.weight
        mixed, _, kernel = weight.shape
        return MambaState(
            window=weight.new_zeros(batch, kernel - 1, mixed),
            ssm=weight.new_zeros(batch, self.heads, self.head_dim, self.d_state, dtype=torch.float32),
        )

    def forward(self, x: Tensor, state: MambaState | None = None) -> tuple[Tensor, MambaState]:
        """A stretch of frames.

        Args:
            x: [B, T, d].
            state: where to go on from; None starts afresh. It is left untouched.

        Returns:
            [B, T, d] and the state after the last frame.
        """
        batch, length, _ = x.shape
        state = state or self.init_state(batch)
        gate, mixed, dt = self._split(self.in_proj(x))
        kernel = self.conv1d.weight.shape[-1]
        mixed = torch.cat([state.window.to(mixed.dtype), mixed], 1)
        window = mixed[:, mixed.shape[1] - kernel + 1 :].to(state.window.dtype)
        taps = self.conv1d.weight[:, 0].T
        # A sum of shifted copies: on a CPU faster, forward and backward, than a grouped convolution.
        mixed = mixed.float()
        filtered: Tensor = self.conv1d.bias
        for tap in range(kernel):
            filtered = torch.addcmul(filtered, mixed[:, tap : tap + length], taps[tap])
        inputs, b, c = self._split_mixed(functional.silu(filtered))
        dt = functional.softplus(dt.float() + self.dt_bias)
        y, ssm = mamba_kernels.scan(inputs, dt, -self.A_log.float().exp(), b, c, state.ssm)
        y = torch.addcmul(y, inputs, self.D[:, None]).flatten(-2)
        y = self.norm(y * functional.silu(gate.float()))
        return self.out_proj(y), MambaState(window=window, ssm=ssm)

    def step(self, x: Tensor, state: MambaState) -> tuple[Tensor, MambaState]:
        """The next frames, [B, n, d] to [B, n, d]; `state` is overwritten and returned."""
        if x.shape[1] != 1:
            y, after = self.forward(x, state)
            state.window.copy_(after.window)
            state.ssm.copy_(after.ssm)
            return y, state
        gate, mixed, dt = self._split(self.in_proj(x[:, 0]))
        window = torch.cat([state.window, mixed[:, None].to(state.window.dtype)], 1)
        state.window.copy_(window[:, 1:])
        filtered = (window * self.conv1d.weight[:, 0].T).sum(1) + self.conv1d.bias
        inputs, b, c = self._split_mixed(functional.silu(filtered.float()))
        dt = functional.softplus(dt.float() + self.dt_bias)
        decay_rate = -self.A_log.float().exp()
        kernels = mamba_kernels.find_kernels() if x.is_cuda else None
        if kernels:
            y = kernels.step(state.ssm, inputs, dt, decay_rate, b, c)
        else:
            state.ssm.mul_((dt * decay_rate).exp()[..., None, None])
            state.ssm.addcmul_((inputs * dt[..., None])[..., None], b[:, None, None, :])
            y = (state.ssm * c[:, None, None, :]).sum(-1)
        y = torch.addcmul(y, inputs, self.D[:, None]).flatten(-2)
        y = self.norm(y * functional.silu(gate.float()))
        return self.out_proj(y.to(x.dtype))[:, None], state

    def _split(self, projected: Tensor) -> list[Tensor]:
        """[..., D + (D + 2N) + H] into gate z, the mixed [x, B, C] and dt."""
        sizes = [self.inner, self.inner + 2 * self.d_state, self.heads]
        return list(projected.split_with_sizes(sizes, -1))

    def _split_mixed(self, mixed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[..., D + 2N] into x [..., H, P], B and C [..., N]."""
        inputs, b, c = mixed.split_with_sizes([self.inner, self.d_state, self.d_state], -1)
        return inputs.view(*inputs.shape[:-1], self.heads, self.head_dim), b, c
