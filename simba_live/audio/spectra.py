"""What an ear-like analysis sees in audio: magnitude, mel and semitone spectra, in plain numpy.

It works on mono float audio [N] at any sample rate; frame t is centred on second t * hop / sample_rate.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

FLOOR_DB = -80.0
"""Levels below this count as silence; 0 dB is a full-scale sine."""


def magnitudes(audio: Array, window: int, hop: int) -> Array:
    """Hann-windowed magnitude spectra [N // hop + 1, window // 2 + 1]; a full-scale sine reads 1.

    Args:
        audio: mono, [N].
        window: samples in a frame.
        hop: samples from one frame's centre to the next.
    """
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    padded = np.pad(np.asarray(audio, np.float32), (window // 2, window // 2 + 1))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[: len(audio) + 1 : hop]
    scaled = frames * (shape * (2.0 / shape.sum()))
    return np.asarray(np.abs(np.fft.rfft(scaled, axis=1)), np.float32)


def log_mel(audio: Array, sample_rate: int, bands: int = 80, window: int = 1024, hop: int = 240) -> Array:
    """Mel spectrum in dB, [N // hop + 1, bands], floored at `FLOOR_DB`."""
    power = magnitudes(audio, window, hop) ** 2
    mel = power @ mel_filters(sample_rate, window, bands)
    return np.asarray(np.maximum(10.0 * np.log10(mel + 1e-12), FLOOR_DB), np.float32)


@cache
def mel_filters(sample_rate: int, window: int, bands: int, low: float = 30.0) -> Array:
    """Triangles of height 1, evenly spaced in mel from `low` Hz upwards, [window // 2 + 1, bands].

    A triangle narrower than a bin is widened to one, so that no band is empty.
    """
    frequencies = np.fft.rfftfreq(window, 1.0 / sample_rate)
    edges = _hertz(np.linspace(_mel(low), _mel(sample_rate / 2.0), bands + 2))
    spacing = sample_rate / window
    rising = np.maximum(edges[1:-1] - edges[:-2], spacing)
    falling = np.maximum(edges[2:] - edges[1:-1], spacing)
    offset = frequencies[:, None] - edges[None, 1:-1]
    filters = np.minimum(1.0 + offset / rising, 1.0 - offset / falling)
    return np.clip(filters, 0.0, 1.0).astype(np.float32)


def _mel(frequency: float) -> float:
    return float(2595.0 * np.log10(1.0 + frequency / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


LOWEST_PITCH, HIGHEST_PITCH = 45, 96
"""MIDI pitches that `semitones` looks at: bins are too wide below, and above are mostly overtones."""


def semitones(audio: Array, sample_rate: int, hop: int, seconds: float = 0.34) -> Array:
    """How strongly each MIDI pitch from `LOWEST_PITCH` to `HIGHEST_PITCH` sounds, [N // hop + 1, pitches].

    Reads the spectrum on a constant-Q grid (three points in each semitone), takes away a little more than
    the neighbouring semitones have on average (drums, breath, hiss), and then what overtones explain.

    Args:
        audio: mono, [N].
        sample_rate: Hz.
        hop: samples from frame to frame.
        seconds: length of the analysis window.
    """
    window = 2 ** round(np.log2(seconds * sample_rate))
    spectra = magnitudes(audio, window, hop)
    pitches = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1)
    grid = (pitches[:, None] + np.array([-0.25, 0.0, 0.25])).ravel()
    position = 440.0 * 2.0 ** ((grid - 69.0) / 12.0) * window / sample_rate
    position = np.minimum(position, spectra.shape[1] - 1.001)
    below = position.astype(int)
    share = (position - below).astype(np.float32)
    read = spectra[:, below] * (1.0 - share) + spectra[:, below + 1] * share
    level = np.sqrt(read.reshape(len(spectra), len(pitches), 3).max(axis=2))
    return _without_overtones(np.maximum(level - 1.3 * _neighbourhood(level, 2), 0.0))


def _neighbourhood(level: Array, reach: int) -> Array:
    """Mean over the `reach` semitones on both sides, [T, pitches]."""
    padded = np.pad(level, ((0, 0), (reach, reach)), mode="reflect")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=1)
    return np.asarray(around.mean(axis=2), np.float32)


def _without_overtones(level: Array) -> Array:
    """Takes from every pitch a part of what sounds 19 and 28 semitones below: third and fifth harmonics."""
    clean = level.copy()
    for interval, part in ((19, 0.5), (28, 0.5)):
        clean[:, interval:] -= part * level[:, :-interval]
    return np.maximum(clean, 0.0)


def chroma(audio: Array, sample_rate: int, hop_seconds: float = 0.1) -> Array:
    """Strength of the twelve pitch classes from C, [frames, 12], `hop_seconds` apart; 0 in silence."""
    level = semitones(audio, sample_rate, round(hop_seconds * sample_rate))
    classes = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1) % 12
    return np.stack([level[:, classes == k].sum(axis=1) for k in range(12)], axis=1)
