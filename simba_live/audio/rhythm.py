"""Onsets, tempo and beat, measured from audio without knowing what was asked.

The tempo is found as in the classic autocorrelation trackers (Ellis, "Beat tracking by dynamic programming",
2007): onset strength from the rise of a log-mel spectrum, its autocorrelation, a comb over multiples of the
beat, a broad prior. The comb's far teeth and the interpolation give the beat to a fraction of a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .spectra import Array, magnitudes, mel_filters

ONSET_RATE = 100
"""Frames per second of the onset strength."""

SLOWEST, FASTEST = 40.0, 240.0
"""Beats per minute between which tempo is sought."""

ONSET_LEAD = 0.0125
"""Seconds by which the strength peaks before the onset, as the window reaches ahead; measured on clicks."""


@dataclass(frozen=True)
class Tempo:
    """A tempo found in audio.

    Attributes:
        bpm: beats per minute; NaN where nothing has an onset.
        confidence: autocorrelation of the onset strength at one beat, 0 (no pulse) to 1 (repeats exactly).
    """

    bpm: float
    confidence: float


def onset_strength(audio: Array, sample_rate: int, bands: int = 1) -> Array:
    """How much louder each moment is than the one before, [N / sample_rate * `ONSET_RATE` + 1, bands].

    Args:
        audio: mono, [N].
        sample_rate: Hz.
        bands: into how many frequency ranges, from low to high, to split it.
    """
    hop = sample_rate // ONSET_RATE
    window = 2 ** round(np.log2(0.04 * sample_rate))
    mel = magnitudes(audio, window, hop) @ mel_filters(sample_rate, window, 48)
    level = np.log1p(300.0 * mel)
    rise = np.maximum(level[2:] - level[:-2], 0.0)
    rise = np.pad(rise, ((1, 1), (0, 0)))
    return np.stack([part.mean(axis=1) for part in np.array_split(rise, bands, axis=1)], axis=1)


def autocorrelation(strength: Array, max_seconds: float = 8.0) -> NDArray[np.float64]:
    """Autocorrelation of onset strengths [T, bands] by lag in frames, mean over the bands, 1 at lag 0.

    Corrected for the overlap that long lags lose. A band without onsets counts as 0.
    """
    centred = strength - strength.mean(axis=0)
    length = len(centred)
    spectrum = np.fft.rfft(centred, 2 * length, axis=0)
    lags = min(length - 1, int(max_seconds * ONSET_RATE))
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: lags + 1]
    sounding = products[0] > 1e-9 * length
    overlap = length / (length - np.arange(lags + 1.0))
    bands = np.where(sounding, products / np.where(sounding, products[0], 1.0), 0.0)
    return np.asarray(bands.mean(axis=1) * overlap)


_TEETH = ((0.25, 0.25), (0.5, 0.5), (1.0, 1.0), (2.0, 1.0), (3.0, 0.5), (4.0, 1.0))
"""Multiples of the beat at which music repeats itself, and their weights; chosen on composed pieces."""


def estimate_tempo(audio: Array, sample_rate: int) -> Tempo:
    """The tempo of `audio` [N] between `SLOWEST` and `FASTEST`; wants six seconds or more."""
    correlation = autocorrelation(onset_strength(audio, sample_rate, bands=3))
    if len(correlation) < ONSET_RATE or not correlation[0]:
        return Tempo(float("nan"), 0.0)
    step = 0.002  # octaves, or 0.14 %
    candidates = SLOWEST * 2.0 ** np.arange(0.0, np.log2(FASTEST / SLOWEST), step)
    beat = 60.0 / candidates * ONSET_RATE
    frames = np.arange(len(correlation))
    score, reached = np.zeros((2, len(candidates)))
    for multiple, weight in _TEETH:
        inside = multiple * beat <= frames[-1]
        score += np.where(inside, weight * np.interp(multiple * beat, frames, correlation), 0.0)
        reached += weight * inside
    score /= reached
    prior = np.exp(-0.5 * np.log2(candidates / 115.0) ** 2)
    best = int(np.argmax(np.maximum(score, 0.0) * prior))
    bpm = float(candidates[best] * 2.0 ** (step * _vertex(score, best)))
    lag = round(60.0 / bpm * ONSET_RATE)
    return Tempo(bpm, float(np.clip(correlation[lag - 1 : lag + 2].max(), 0.0, 1.0)))


def _vertex(values: NDArray[np.floating], index: int) -> float:
    """Where between its neighbours the parabola through a peak has its top: -0.5 to 0.5 from `index`."""
    if not 0 < index < len(values) - 1:
        return 0.0
    left, peak, right = (float(v) for v in values[index - 1 : index + 2])
    bend = left - 2.0 * peak + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0.0 else 0.0


TEMPO_CLASSES = ("right", "x2", "x1/2", "x3", "x1/3", "x3/2", "x2/3", "wrong")
"""What `judge_tempo` can say."""

OCTAVE_TOLERANT = ("right", "x2", "x1/2", "x3", "x1/3")
"""The verdicts that count as right when octaves are forgiven ("accuracy 2", Gouyon et al. 2006)."""

_FACTORS = (1.0, 2.0, 1 / 2, 3.0, 1 / 3, 3 / 2, 2 / 3)


def judge_tempo(found: float, asked: float, tolerance: float = 0.04) -> str:
    """Which of `TEMPO_CLASSES` a found tempo is of the one asked, both in beats per minute."""
    for verdict, factor in zip(TEMPO_CLASSES, _FACTORS, strict=False):
        if abs(found / (asked * factor) - 1.0) <= tolerance:
            return verdict
    return "wrong"


def onset_times(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    """Seconds at which something starts, ascending."""
    strength = onset_strength(audio, sample_rate)[:, 0]
    reach = 4
    padded = np.pad(strength, reach)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    wide = np.convolve(strength, np.full(51, 1 / 51), mode="same")
    threshold = wide + 0.5 * strength.std() + 1e-3
    peaks = np.flatnonzero((strength >= around.max(axis=1)) & (strength > threshold)).tolist()
    return np.array([(peak + _vertex(strength, peak)) / ONSET_RATE + ONSET_LEAD for peak in peaks])


def distances(wanted: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """From each wanted time to the nearest found one, in seconds; infinite where nothing was found."""
    if not len(found):
        return np.full(len(wanted), np.inf)
    after = np.searchsorted(found, wanted)
    right = np.abs(found[np.minimum(after, len(found) - 1)] - wanted)
    left = np.abs(found[np.maximum(after - 1, 0)] - wanted)
    return np.minimum(left, right)
