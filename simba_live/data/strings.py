"""Plucked and struck strings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .envelopes import Envelope, Formants, formant_gains, hardness, note_lengths
from .oscillators import Audio, frequency_of, harmonics_below, read_table, shaped_noise, table, turns

_DECAY_TIMES = (0.0, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class String:
    """A plucked or struck string: K. Karplus and A. Strong's loop (1983), each harmonic by itself.

    In their loop a period of noise goes round through a low-pass; harmonic by harmonic that is an exponential
    decay, faster for the higher ones. Written so it is in tune at every pitch.

    Attributes:
        seconds: in which the fundamental of middle C falls by 60 dB.
        damping: how much faster the high harmonics fall; 1 is the original loop's.
        place: where the string is plucked, as a share of its length.
        slope: dB an octave of the pluck.
        cutoff: Hz above which the pluck has little, at velocity 100.
        formants: (Hz, gain, width in octaves) of the body.
        detune: cents of each string; their mean is 0.
        pick: noise of the plectrum or hammer as a share of the tone.
        release: seconds in which it is damped.
        seed: of phases and noise.
    """

    seconds: float = 4.0
    damping: float = 1.0
    place: float = 0.2
    slope: float = -3.0
    cutoff: float = 5000.0
    formants: Formants = ()
    detune: tuple[float, ...] = (0.0,)
    pick: float = 0.1
    release: float = 0.1
    seed: int = 0

    def note(self, pitch: int, velocity: int, seconds: float, sample_rate: int) -> Audio:
        """As `Wave.note`."""
        held, total = note_lengths(seconds, self.release, sample_rate)
        rows = _string_table(self, pitch, velocity, sample_rate)
        fading = np.float32(-self.decay_rate(frequency_of(pitch)))
        time = np.arange(total, dtype=np.float32) / np.float32(sample_rate)
        # What the harmonics lose beyond the fundamental is between the rows, which lie at doubling times.
        row = np.interp(time, _DECAY_TIMES, np.arange(len(_DECAY_TIMES))).astype(np.float32)
        rng = np.random.default_rng([self.seed, 1])
        tone = np.zeros(total, np.float32)
        for cents in self.detune:
            frequency = frequency_of(pitch + cents / 100.0)
            tone += read_table(rows, turns(frequency, total, sample_rate, 0.3 * rng.random()), row)
        tone *= np.float32(1.0 / math.sqrt(len(self.detune)))
        tone *= np.exp(fading * time)
        length = min(total, round(0.03 * sample_rate))
        click = shaped_noise(length, sample_rate, 300.0, 4000.0, rng)
        tone[:length] += (
            np.float32(self.pick) * click * np.exp(np.linspace(0.0, -6.0, length, dtype=np.float32))
        )
        return tone * Envelope(0.001, 1.0, 1.0, self.release)(held, total, sample_rate)

    def decay_rate(self, frequency: float) -> float:
        """By how much the logarithm of a fundamental falls in a second; strings of high pitch fall sooner."""
        return 6.9 / self.seconds * math.pow(frequency / 261.6, 0.7)


@lru_cache(maxsize=128)
def _string_table(voice: String, pitch: int, velocity: int, sample_rate: int) -> Audio:
    """The string's waveform at a pitch, a row for each of `_DECAY_TIMES`; its fundamental stays."""
    frequency = frequency_of(pitch)
    order = np.arange(1, harmonics_below(frequency, sample_rate, 160) + 1, dtype=np.float64)
    hertz = order * frequency
    rng = np.random.default_rng([voice.seed, 2])
    rough = np.exp(0.3 * rng.standard_normal(160))[: len(order)]
    plucked = np.abs(np.sin(np.pi * order * voice.place)) + 0.1
    amplitudes = rough * plucked * 10.0 ** (voice.slope * np.log2(order) / 20.0)
    amplitudes *= formant_gains(hertz, voice.formants)
    amplitudes /= 1.0 + (hertz / (voice.cutoff * hardness(velocity))) ** 2
    amplitudes /= math.sqrt(0.5 * float(amplitudes @ amplitudes))
    rates = voice.decay_rate(frequency) * voice.damping * 0.35 * (order**1.3 - 1.0)
    decays = np.exp(-np.array(_DECAY_TIMES)[:, None] * rates[None, :])
    return table(amplitudes * decays, rng.random(160)[: len(order)])
