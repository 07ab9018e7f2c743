"""Causal self-attention with rotary positions over a window: its frames lie in a ring, so memory is constant.

Frame t attends to frames t-W+1 to t. Keys are kept rotated by their absolute position, which is all that
rotary embeddings need (Su et al., "RoFormer", arXiv 2104.09864, section 3.2.2). Frame p lies in slot p mod W
of the ring.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from simba_live.streaming import State

ROTARY_BASE = 10_000.0
CPU_BLOCK = 128
"""Queries at a time on a CPU."""


@dataclasses.dataclass
class AttentionState(State):
    """What the layer remembers.

    Attributes:
        keys: [B, H, W, P], rotated.
        values: [B, H, W, P].
        position: int64 [B], frames absorbed so far; rows may have begun at different times.
    """

    keys: Tensor
    values: Tensor
    position: Tensor


class Attention(nn.Module):
    """`num_heads` heads over a window of `window` frames."""

    def __init__(self, width: int, num_heads: int, window: int) -> None:
        super().__init__()
        if width % (2 * num_heads):
            raise ValueError(f"the width {width} must give {num_heads} heads an even number of channels")
        self.num_heads, self.window = num_heads, window
        self.in_proj = nn.Linear(width, 3 * width, bias=False)
        self.out_proj = nn.Linear(width, width, bias=False)

    def init_state(self, batch: int) -> AttentionState:
        """An empty ring."""
        weight = self.in_proj.weight
        shape = (batch, self.num_heads, self.window, weight.shape[1] // self.num_heads)
        return AttentionState(
            keys=weight.new_zeros(shape),
            values=weight.new_zeros(shape),
            position=torch.zeros(batch, dtype=torch.int64, device=weight.device),
        )

    def forward(self, x: Tensor, state: AttentionState | None = None) -> tuple[Tensor, AttentionState]:
        """A stretch of frames.

        Args:
            x: [B, T, d].
            state: where to go on from; None starts afresh. It is left untouched.

        Returns:
            [B, T, d] and the state after the last frame.
        """
        if state is None:
            return self._attend(x, self.init_state(len(x)), fresh=True)
        return self._attend(x, state.clone(), fresh=False)

    def step(self, x: Tensor, state: AttentionState) -> tuple[Tensor, AttentionState]:
        """The next frames, [B, n, d] to [B, n, d]; `state` is overwritten and returned."""
        if x.shape[1] != 1:
            return self._attend(x, state, fresh=False)
        queries, keys, values = self._project(x, state.position[:, None])
        rows = torch.arange(len(x), device=x.device)
        slots = state.position % self.window
        state.keys[rows, :, slots] = keys[:, :, 0]
        state.values[rows, :, slots] = values[:, :, 0]
        filled = min(int(state.position.max()) + 1, self.window)
        held = torch.arange(filled, device=x.device) <= state.position[:, None]
        y = functional.scaled_dot_product_attention(
            queries,
            state.keys[:, :, :filled],
            state.values[:, :, :filled],
            attn_mask=held[:, None, None],
        )
        state.position += 1
        return self._join(y, x), state

    def _attend(self, x: Tensor, state: AttentionState, fresh: bool) -> tuple[Tensor, AttentionState]:
        """Attend to the ring and to the frames themselves, then write them into the ring."""
        length, window = x.shape[1], self.window
        positions = state.position[:, None] + torch.arange(length, device=x.device)  # [B, T]
        queries, keys, values = self._project(x, positions)
        if fresh and length <= window:
            y = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        else:
            # The ring in the order of its frames, the oldest first.
            slots = (state.position[:, None] + torch.arange(window, device=x.device)) % window
            order = slots[:, None, :, None]
            y = attend_window(
                queries,
                torch.cat([state.keys.take_along_dim(order, 2).to(keys.dtype), keys], 2),
                torch.cat([state.values.take_along_dim(order, 2).to(values.dtype), values], 2),
                state.position - window,
                window,
            )
        rows = torch.arange(len(x), device=x.device)[:, None]
        slots = positions[:, -window:] % window
        state.keys[rows, :, slots] = keys[:, :, -window:].transpose(1, 2).to(state.keys.dtype)
        state.values[rows, :, slots] = values[:, :, -window:].transpose(1, 2).to(state.values.dtype)
        state.position += length
        return self._join(y, x), state

    def _project(self, x: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotated queries and keys, and values, each [B, H, T, P], from positions [B, T]."""
        queries, keys, values = (
            part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in self.in_proj(x).chunk(3, -1)
        )
        waves = rotary_waves(positions, queries.shape[-1])
        cosine, sine = (wave[:, None].to(queries.dtype) for wave in waves)
        return rotate(queries, cosine, sine), rotate(keys, cosine, sine), values

    def _join(self, y: Tensor, x: Tensor) -> Tensor:
        joined: Tensor = self.out_proj(y.transpose(1, 2).reshape(x.shape))
        return joined


def attend_window(queries: Tensor, keys: Tensor, values: Tensor, first: Tensor, window: int) -> Tensor:
    """Attention of every frame to itself and the `window` - 1 before it.

    Args:
        queries: [B, H, T, P].
        keys: [B, H, window + T, P], those of the `window` frames before the first query's, then its own.
        values: of the same shape.
        first: int64 [B], the frame of the first key; what lies before frame 0 is not looked at.
        window: frames looked at, W.

    Returns:
        [B, H, T, P].
    """
    # On a CPU, plain products in bfloat16 of a few queries and only the keys that they may see take half the
    # time, forward and backward, of the fused kernel, which goes through all keys and gains nothing from
    # bfloat16.
    length = queries.shape[2]
    block = length if queries.is_cuda else CPU_BLOCK
    parts = []
    for start in range(0, length, block):
        asking = queries[:, :, start : start + block]
        count = asking.shape[2]
        near = slice(start + 1, start + window + count)
        row = torch.arange(count, device=queries.device)[:, None]
        column = torch.arange(window + count - 1, device=queries.device)
        mask = (column >= row) & (column < row + window) & (first[:, None, None] + near.start + column >= 0)
        seen, held, mask = keys[:, :, near], values[:, :, near], mask[:, None]
        if queries.is_cuda:
            parts.append(functional.scaled_dot_product_attention(asking, seen, held, attn_mask=mask))
        else:
            scores = (asking * asking.shape[-1] ** -0.5) @ seen.transpose(-1, -2)
            parts.append(scores.masked_fill(~mask, -torch.inf).softmax(-1) @ held)
    return torch.cat(parts, 2)


def rotary_waves(positions: Tensor, channels: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines [..., channels / 2] of integer positions [...].

    The angles are float64: after hours of frames, float32 would be too coarse for the fastest of them.
    """
    exponents = torch.arange(0, channels, 2, dtype=torch.float64, device=positions.device) / channels
    angles = positions[..., None] * ROTARY_BASE**-exponents
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn the channel pairs (i, i + P/2) of x [..., T, P] by the angles of each position."""
    left, right = x.chunk(2, -1)
    return torch.cat([left * cosine - right * sine, right * cosine + left * sine], -1)
