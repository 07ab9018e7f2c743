"""Ways from one sound to another without a click, float32 [C, n]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


def crossfade(old: Audio, new: Audio) -> Audio:
    """Turn one sound into another of the same shape [C, n], along half a cosine."""
    share = rise(old.shape[1])
    return old * (1 - share) + new * share


def fade_out(audio: Audio, left: int, length: int) -> Audio:
    """Let a piece die away.

    Args:
        audio: the next stretch [C, n] of it.
        left: samples to its end, from the start of `audio`.
        length: samples that the fade takes.
    """
    gains = np.ones(left, np.float32)
    gains[left - min(length, left) :] = rise(length)[::-1][max(length - left, 0) :]
    return audio * gains[: audio.shape[1]]


def rise(length: int) -> Audio:
    """From 0 to 1 along half a cosine, both ends left out: [length]."""
    steps = np.arange(1, length + 1) / (length + 1)
    return (0.5 - 0.5 * np.cos(np.pi * steps)).astype(np.float32)


def ramp(start: float, end: float, length: int) -> Audio:
    """From just past `start` to `end`, evenly: [length]."""
    return np.linspace(start, end, length + 1, dtype=np.float32)[1:]
