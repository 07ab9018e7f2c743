"""The state-space scan of Mamba-2: a sequence in matrix products, from one state to the next.

Letters, as in "Transformers are SSMs" (Dao and Gu, arXiv 2405.21060, sections 3 and 6): H heads of P channels
carry a state of N numbers per channel. With decay a_t = exp(dt_t A), the recurrence is h_t = a_t h_{t-1} +
dt_t x_t B_t^T and y_t = h_t C_t. Inside a chunk of L steps it equals (C B^T, weighted by the decay between
the two steps) x; between chunks only the state is carried. One group: all heads share B and C.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CHUNK_LENGTH = 64
"""Steps in a chunk: 32 to 64 is fastest on a CPU."""


def chunked_scan(
    x: Tensor,
    dt: Tensor,
    decay_rate: Tensor,
    b: Tensor,
    c: Tensor,
    initial_state: Tensor | None = None,
    chunk_length: int = CHUNK_LENGTH,
) -> tuple[Tensor, Tensor]:
    """The scan in chunks; equal to `loop_scan` but for rounding.

    Decays and the state are float32 whatever else is; autocast rounds only the products inside a chunk.

    Args:
        x: [B, T, H, P], the inputs.
        dt: [B, T, H], positive step sizes; 0 leaves the state as it is.
        decay_rate: [H], A, negative.
        b: [B, T, N], how an input enters the state.
        c: [B, T, N], how the state is read.
        initial_state: [B, H, P, N] float32; zeros when None.
        chunk_length: L, at most T is used.

    Returns:
        y [B, T, H, P] in x's dtype, and the state after step T, [B, H, P, N] float32.
    """
    batch, length, heads, channels = x.shape
    size = min(chunk_length, length)
    padding = -length % size
    if padding:
        x, dt, b, c = (_pad_time(tensor, padding) for tensor in (x, dt, b, c))
    chunks = (length + padding) // size

    x = x.view(batch, chunks, size, heads, channels)
    dt = dt.float().view(batch, chunks, size, heads)
    b = b.view(batch, chunks, size, -1)
    c = c.view(batch, chunks, size, -1)
    log_decay = (dt * decay_rate.float()).cumsum(2)  # [B, chunks, L, H], since the chunk began

    # Within a chunk: step i reads step j <= i through C_i B_j^T, faded by the decay between them.
    by_head = log_decay.transpose(2, 3)
    fade = by_head[..., :, None] - by_head[..., None, :]
    future = torch.ones(size, size, dtype=torch.bool, device=x.device).triu(1)
    fade = fade.masked_fill(future, float("-inf")).exp()
    scores = torch.matmul(c, b.transpose(-1, -2))[:, :, None] * fade  # [B, chunks, H, L, L]
    inside = torch.matmul(scores, (x * dt[..., None]).transpose(2, 3))  # [B, chunks, H, L, P]

    with torch.autocast(x.device.type, enabled=False):
        # What each chunk leaves behind, and the state that each begins with; heads and channels in one axis,
        # since all heads share B and C.
        remaining = dt * (log_decay[:, :, -1:] - log_decay).exp()
        left = torch.matmul((x.float() * remaining[..., None]).flatten(3).transpose(2, 3), b.float())
        left = left.view(batch, chunks, heads, channels, -1)
        state = torch.zeros_like(left[:, 0]) if initial_state is None else initial_state.float()
        whole = log_decay[:, :, -1].exp()[..., None, None]
        before = []
        for entering, kept in zip(left.unbind(1), whole.unbind(1), strict=True):
            before.append(state)
            state = torch.addcmul(entering, state, kept)
        carried = torch.matmul(c.float(), torch.stack(before, 1).flatten(2, 3).transpose(2, 3))
        carried = carried.view(batch, chunks, size, heads, channels)
        y = torch.addcmul(inside.float().transpose(2, 3), carried, log_decay.exp()[..., None])
    y = y.reshape(batch, chunks * size, heads, channels)
    return y[:, :length].to(x.dtype), state


def loop_scan(
    x: Tensor,
    dt: Tensor,
    decay_rate: Tensor,
    b: Tensor,
    c: Tensor,
    initial_state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The recurrence as it is written, one step after the other: the reference for `chunked_scan`.

    Arguments and results as there.
    """
    batch, length, heads, channels = x.shape
    state = initial_state
    if state is None:
        state = x.new_zeros(batch, heads, channels, b.shape[-1], dtype=torch.float32)
    outputs = []
    for step in range(length):
        decay = (dt[:, step].float() * decay_rate.float()).exp()
        entering = (dt[:, step, :, None] * x[:, step])[..., None] * b[:, step, None, None, :]
        state = state * decay[..., None, None] + entering
        outputs.append(torch.matmul(state, c[:, step, None, :, None].float()).squeeze(-1))
    return torch.stack(outputs, 1).to(x.dtype), state


def _pad_time(tensor: Tensor, padding: int) -> Tensor:
    """`padding` zero steps after the last one; with dt 0 they leave the state alone."""
    return functional.pad(tensor, (0, 0) * (tensor.dim() - 2) + (0, padding))
