"""How soon music shows that something else is asked of it: whether the sound is nearer to the new score.

For every moment there is evidence: how well what is heard fits the new score, less how well it fits the old
one, had it gone on. Windows are told by their centres, so that a change that comes at once shows at 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array, chroma
from simba_live.conditions import NOTE_ONSET, NOTE_SUSTAINED, Conditions

from .judgement import asked_onsets
from .recogniser import Recogniser, describe

LASTING = 1.0
"""Seconds that the evidence must last."""

STYLE_SECONDS = 3.0
"""Length of what the style is recognised from."""

_STEP = 0.1
_CHROMA_STEPS, _ONSET_STEPS = 5, 20
_STYLE_STEP = 0.25
_SPREAD = 0.03
_SAME = 0.97
"""Cosine of two scores' pitch classes above which they cannot be told apart."""


@dataclass(frozen=True)
class Evidence:
    """For the new (above 0) or the old (below), NaN where they are alike; centres in seconds, ascending."""

    centres: NDArray[np.float64]
    values: NDArray[np.float64]

    def seconds_after(self, change: float) -> float:
        """From the change to the first moment from which all speaks for the new; else infinite."""
        told = ~np.isnan(self.values) & (self.centres >= change - 1e-6)
        centres, values = self.centres[told], self.values[told]
        for centre in centres[values > 0.0].tolist():
            lasting = (centres >= centre) & (centres <= centre + LASTING)
            if (values[lasting] > 0.0).all():
                return float(centre) - change
        return float("inf")


def by_pitch(audio: Array, sample_rate: int, new: Conditions, old: Conditions, frame_rate: float) -> Evidence:
    """Which notes' pitch classes are heard, in windows of half a second."""
    found = _smooth(chroma(audio, sample_rate, _STEP)[:-1], _CHROMA_STEPS)
    wanted = [_smooth(_asked_chroma(score, frame_rate), _CHROMA_STEPS) for score in (new, old)]
    length = min(len(found), *map(len, wanted))
    heard, asked, before = found[:length], wanted[0][:length], wanted[1][:length]
    alike = (_cosine(asked, before) > _SAME) | ~asked.any(axis=1) | ~before.any(axis=1)
    values = np.where(alike, np.nan, _cosine(heard, asked) - _cosine(heard, before))
    return Evidence(np.asarray((np.arange(length) + 0.5) * _STEP, np.float64), values)


def by_onsets(
    audio: Array, sample_rate: int, new: Conditions, old: Conditions, frame_rate: float
) -> Evidence:
    """At which score's onsets something starts, in windows of two seconds."""
    strength = rhythm.onset_strength(audio, sample_rate)[:, 0].astype(np.float64)
    fits = []
    for score in (new, old):
        pulses = _pulses(score, frame_rate, len(strength))
        fits.append(_local_correlation(strength, pulses, _ONSET_STEPS * round(_STEP * rhythm.ONSET_RATE)))
    step = round(_STEP * rhythm.ONSET_RATE)
    values = (fits[0] - fits[1])[::step]
    return Evidence(np.asarray(np.arange(len(values)) * _STEP, np.float64), values)


def by_style(audio: Array, sample_rate: int, ears: Recogniser, new: str, old: str, start: float) -> Evidence:
    """Which of two styles it sounds like, in windows of `STYLE_SECONDS` centred at `start` and later."""
    length, half = round(STYLE_SECONDS * sample_rate), STYLE_SECONDS / 2.0
    centres = np.arange(max(start, half), len(audio) / sample_rate - half + 1e-6, _STYLE_STEP)
    values = []
    for centre in centres.tolist():
        first = round((centre - half) * sample_rate)
        scores = ears.scores(describe(audio[first : first + length], sample_rate))
        values.append(scores[new] - scores[old])
    return Evidence(centres, np.array(values))


def _asked_chroma(score: Conditions, frame_rate: float) -> Array:
    """Pitch classes of the asked notes in tenths of seconds, [tenths, 12]."""
    sounding = ((score.notes == NOTE_SUSTAINED) | (score.notes == NOTE_ONSET)).astype(np.float32)
    classes = np.stack([sounding[:, k::12].sum(axis=1) for k in range(12)], axis=1)
    tenth = round(_STEP * frame_rate)
    return np.asarray(
        classes[: len(classes) // tenth * tenth].reshape(-1, tenth, 12).mean(axis=1), np.float32
    )


def _smooth(values: Array, steps: int) -> Array:
    """Mean of so many rows around each, [T, D]."""
    sums = np.cumsum(np.pad(values, ((steps // 2 + 1, steps // 2), (0, 0)), mode="edge"), axis=0)
    return np.asarray((sums[steps:] - sums[:-steps]) / steps, np.float32)


def _cosine(a: Array, b: Array) -> NDArray[np.float64]:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray((a * b).sum(axis=1) / np.maximum(lengths, 1e-9), np.float64)


def _pulses(score: Conditions, frame_rate: float, length: int) -> NDArray[np.float64]:
    """The asked onsets as bumps in time, at `rhythm.ONSET_RATE`."""
    times = asked_onsets(score, frame_rate)
    grid = np.arange(length) / rhythm.ONSET_RATE
    nearest = rhythm.distances(grid, times)
    return np.asarray(np.exp(-0.5 * np.square(np.minimum(nearest, 1.0) / _SPREAD)))


def _local_correlation(a: NDArray[np.float64], b: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Correlation of two series within `window` steps around each."""

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.cumsum(np.pad(values, (window // 2 + 1, window - window // 2 - 1), mode="edge"))
        return np.asarray((sums[window:] - sums[:-window]) / window)

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sqrt(np.maximum(mean(values**2) - mean(values) ** 2, 1e-12))

    length = min(len(a), len(b))
    a, b = a[:length], b[:length]
    correlation = (mean(a * b) - mean(a) * mean(b)) / (spread(a) * spread(b))
    return np.where(spread(b) < 1e-3, 0.0, correlation)
