"""What all voices have in common: how a note's level goes, vibrato, the brightness of a touch, a body."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .oscillators import Audio

_SHORTEST_RELEASE = 0.008

Formants = tuple[tuple[float, float, float], ...]
"""Bumps in a spectrum that stay where they are at every pitch: (Hz, gain, width in octaves) of each."""


@dataclass(frozen=True)
class Envelope:
    """How a note's level goes: up in `attack` s, then towards `sustain` with time constant `decay` s.

    After the note's end it falls with time constant `release` / 4 and is silent `release` s after it.
    """

    attack: float = 0.003
    decay: float = 0.3
    sustain: float = 1.0
    release: float = 0.05

    def __call__(self, held: int, num_samples: int, sample_rate: int) -> Audio:
        """The level, float32 [num_samples], of a note held for `held` samples."""
        rise = max(1, round(self.attack * sample_rate))
        level = np.arange(num_samples, dtype=np.float32)
        level[rise:] = self.sustain + (1.0 - self.sustain) * np.exp(
            (np.float32(rise) - level[rise:]) / np.float32(self.decay * sample_rate)
        )
        # Fast first: even a slow note is heard to begin when it begins.
        level[:rise] = (1.0 - np.exp(level[:rise] * np.float32(-3.0 / rise))) / (1.0 - math.exp(-3.0))
        fall = num_samples - held
        if fall > 0:
            left = np.linspace(1.0, 0.0, fall, dtype=np.float32)
            level[held:] = level[held - 1 if held else 0] * left * np.exp(4.0 * (left - 1.0))
        return level


@dataclass(frozen=True)
class Movement:
    """Vibrato: `cents` to each side, `rate` times a second, growing from nothing in `delay` s."""

    cents: float = 0.0
    rate: float = 5.0
    delay: float = 0.4

    def bend(self, frequency: float, num_samples: int, sample_rate: int) -> Audio | None:
        """Turns by which the phase of an oscillator of `frequency` Hz is ahead, [N]; None without vibrato."""
        if self.cents == 0.0:
            return None
        time = np.arange(num_samples, dtype=np.float32) / np.float32(sample_rate)
        depth = frequency * (2.0 ** (self.cents / 1200.0) - 1.0) / (2.0 * math.pi * self.rate)
        grown = np.minimum(time / np.float32(max(self.delay, 0.01)), 1.0)
        ahead: Audio = np.float32(depth) * grown * np.sin(np.float32(2.0 * math.pi * self.rate) * time)
        return ahead


def note_lengths(seconds: float, release: float, sample_rate: int) -> tuple[int, int]:
    """Samples for which a note is held, and with its release."""
    held = max(1, round(seconds * sample_rate))
    return held, held + max(1, round(max(release, _SHORTEST_RELEASE) * sample_rate))


def hardness(velocity: int) -> float:
    """How bright a note is by its velocity; 1 at 100."""
    return math.sqrt(velocity / 100.0)


def formant_gains(hertz: NDArray[np.float64], formants: Formants) -> NDArray[np.float64]:
    """What the bumps make of partials at some frequencies, [H]."""
    gains = np.ones_like(hertz)
    for centre, gain, width in formants:
        gains += gain * np.exp(-(((np.log2(hertz / centre)) / width) ** 2))
    return gains
