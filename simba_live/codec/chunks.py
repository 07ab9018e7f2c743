"""Long signals through convolutions in chunks, with enough context that the cuts leave no trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from simba_live.modules.conv import StreamingConv1d, StreamingConvTranspose1d

from .seanet import ResidualBlock


def reach(layers: Sequence[Any], outputs: int) -> tuple[int, int]:
    """The inputs that a chain's outputs number 0 to `outputs - 1` read, as the first and the last number."""
    first, last = 0, outputs - 1
    for layer in reversed(layers):
        for part in reversed(layer.block) if isinstance(layer, ResidualBlock) else (layer,):
            if isinstance(part, StreamingConv1d):
                first = first * part.stride - part.left
                last = last * part.stride - part.left + part.span - 1
            elif isinstance(part, StreamingConvTranspose1d):
                first = (first + part.trim_left - part.overlap) // part.stride
                last = (last + part.trim_left) // part.stride
    return first, last


def run_in_chunks(layers: Sequence[Any], x: Tensor, chunk: int, unit_in: int, unit_out: int) -> Tensor:
    """The chain over x, [B, C, T], `chunk` units at a time; equal to the chain over the whole.

    Args:
        layers: convolutions, residual blocks and activations.
        x: the signal; its last unit may be incomplete.
        chunk: units in a chunk; raised to the context that the chain needs.
        unit_in: inputs in a unit.
        unit_out: outputs of a unit.
    """
    total = -(-x.shape[-1] // unit_in)
    first, last = reach(layers, unit_out)
    left, right = -(first // unit_in), last // unit_in
    # Padding that mirrors the signal reads as far inwards as the chain reaches outwards: neither the first
    # nor the last chunk may be shorter than that.
    shortest = left + right + 2
    chunk = max(chunk, shortest)
    starts = [start for start in range(0, total, chunk) if start == 0 or total - start >= shortest]
    outputs = []
    for start, stop in zip(starts, [*starts[1:], total], strict=True):
        begin = max(0, start - left)
        y = x[..., begin * unit_in : (stop + right) * unit_in]
        for layer in layers:
            y = layer(y)
        outputs.append(y[..., (start - begin) * unit_out : (stop - begin) * unit_out])
    return torch.cat(outputs, dim=-1)
