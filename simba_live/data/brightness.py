"""How bright a sound is: its spectral centroid on a scale of octaves, frame by frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DARKEST = 250.0
"""Centroid, in Hz, that counts as brightness 0."""

OCTAVES = 5.0
"""Octaves from brightness 0 to 1: a centroid of 8 kHz is as bright as can be."""

SMOOTHING = 0.5
"""Seconds over which the spectrum is averaged."""

_WINDOW = 2048
_SILENCE = 2e-3
"""Sum of magnitudes, full scale being 1, below which nothing is measured: 16-bit rounding has 5e-4."""


def brightness(
    audio: NDArray[np.float32], sample_rate: int, frame_rate: float, num_frames: int
) -> NDArray[np.float32]:
    """Brightness of each frame.

    The centroid is weighted by magnitude, and both its sums are averaged over `SMOOTHING` around the frame,
    so that quiet moments count for little.

    Args:
        audio: float32 [N], mono.
        sample_rate: Hz.
        frame_rate: frames a second.
        num_frames: T.

    Returns:
        float32 [T], 0 dark to 1 bright; NaN where it is silent.
    """
    hop = sample_rate / frame_rate
    window = np.hanning(_WINDOW).astype(np.float32)
    scale = 2.0 / window.sum()
    frequencies = np.fft.rfftfreq(_WINDOW, 1.0 / sample_rate).astype(np.float32)
    padded = np.pad(audio, (_WINDOW // 2, _WINDOW))
    total = np.zeros(num_frames)
    moment = np.zeros(num_frames)
    for first in range(0, num_frames, 1024):  # in stretches, to bound the memory an hour of audio takes
        centres = (np.arange(first, min(first + 1024, num_frames)) + 0.5) * hop
        starts = np.minimum(np.round(centres).astype(np.int64), len(padded) - _WINDOW)
        frames = padded[starts[:, None] + np.arange(_WINDOW)] * window
        magnitude = np.abs(np.fft.rfft(frames, axis=1)) * scale
        total[first : first + len(starts)] = magnitude.sum(axis=1)
        moment[first : first + len(starts)] = magnitude @ frequencies
    width = max(1, round(SMOOTHING * frame_rate))
    total, moment = _average(total, width), _average(moment, width)
    audible = total > _SILENCE
    centroid = np.divide(moment, total, out=np.full(num_frames, DARKEST), where=audible)
    octaves = np.log2(np.maximum(centroid, DARKEST) / DARKEST)
    return np.where(audible, np.minimum(octaves / OCTAVES, 1.0), np.nan).astype(np.float32)


def _average(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Mean over `width` values around each; at the ends over those that are there."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    start = np.maximum(index - width // 2, 0)
    stop = np.minimum(index - width // 2 + width, len(values))
    mean: NDArray[np.float64] = (sums[stop] - sums[start]) / np.maximum(stop - start, 1)
    return mean
