"""Voices that play notes: waveforms through a moving filter, plucked strings, frequency modulation.

A voice is its parameters; the same note of the same voice is always the same samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .oscillators import (
    Audio,
    frequency_of,
    harmonics_below,
    largest_index,
    modulated,
    read_table,
    shaped_noise,
    table,
    turns,
)

_SHORTEST_RELEASE = 0.008
_SWEEP_ROWS = 8
_DECAY_TIMES = (0.0, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


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


@dataclass(frozen=True)
class Wave:
    """Oscillators with a waveform and a low-pass filter of their own for each note, and some noise.

    Attributes:
        shape: "saw", "square", "pulse", "triangle" or "organ".
        width: of a pulse, 0 to 1.
        drawbars: gains of harmonics 1, 2, ... for "organ".
        slope: dB an octave added to the waveform's own.
        formants: (Hz, gain, width in octaves) of bumps that stay where they are at every pitch.
        detune: cents of each oscillator; their mean is 0.
        cutoff: Hz of the filter for middle C at velocity 100 when its envelope is at rest.
        tracking: share of the pitch that the cutoff follows.
        resonance: how far the filter's corner stands out; 0.7 does not.
        sweep: octaves by which its envelope opens it.
        sweep_envelope: of the filter.
        envelope: of the level.
        vibrato: of the pitch.
        tremolo: depth of a swing of the level, with the vibrato's rate.
        breath: noise as a share of the tone.
        chiff: noise at the start as a share of the tone.
        seed: of phases and noise.
    """

    shape: str = "saw"
    width: float = 0.5
    drawbars: tuple[float, ...] = ()
    slope: float = 0.0
    formants: tuple[tuple[float, float, float], ...] = ()
    detune: tuple[float, ...] = (0.0,)
    cutoff: float = 4000.0
    tracking: float = 0.5
    resonance: float = 0.7
    sweep: float = 0.0
    sweep_envelope: Envelope = field(default_factory=Envelope)
    envelope: Envelope = field(default_factory=Envelope)
    vibrato: Movement = field(default_factory=Movement)
    tremolo: float = 0.0
    breath: float = 0.0
    chiff: float = 0.0
    seed: int = 0

    def note(self, pitch: int, velocity: int, seconds: float, sample_rate: int) -> Audio:
        """One note with what rings on after its `seconds`, float32 [N]; its level does not know velocity."""
        held, total = _lengths(seconds, self.envelope.release, sample_rate)
        frequency = frequency_of(pitch)
        rows = _wave_table(self, pitch, velocity, sample_rate)
        row = None
        if len(rows) > 1:
            row = self.sweep_envelope(held, total, sample_rate) * np.float32(len(rows) - 1)
        bend = self.vibrato.bend(frequency, total, sample_rate)
        rng = np.random.default_rng([self.seed, 1])
        tone = np.zeros(total, np.float32)
        for cents in self.detune:
            # Nearly in phase at first, or a slow beginning could be cancelled to silence.
            start = 0.3 * rng.random()
            phase = turns(frequency * 2.0 ** (cents / 1200.0), total, sample_rate, start, bend)
            tone += read_table(rows, phase, row)
        tone *= np.float32(1.0 / math.sqrt(len(self.detune)))
        if self.breath or self.chiff:
            noise = shaped_noise(total, sample_rate, 0.7 * frequency, 3.0 * frequency + 2000.0, rng)
            start = np.exp(np.arange(total, dtype=np.float32) * np.float32(-1.0 / (0.02 * sample_rate)))
            tone += noise * (np.float32(self.breath) + np.float32(self.chiff) * start)
        tone *= self.envelope(held, total, sample_rate)
        if self.tremolo:
            time = np.arange(total, dtype=np.float32) * np.float32(
                2.0 * math.pi * self.vibrato.rate / sample_rate
            )
            tone *= 1.0 - np.float32(0.5 * self.tremolo) * (1.0 - np.cos(time))
        return tone


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
    formants: tuple[tuple[float, float, float], ...] = ()
    detune: tuple[float, ...] = (0.0,)
    pick: float = 0.1
    release: float = 0.1
    seed: int = 0

    def note(self, pitch: int, velocity: int, seconds: float, sample_rate: int) -> Audio:
        """As `Wave.note`."""
        held, total = _lengths(seconds, self.release, sample_rate)
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


@dataclass(frozen=True)
class Operators:
    """A sine and the sine that moves its phase.

    Attributes:
        ratio: of the carrier to the note's frequency.
        modulator: the modulator's ratio.
        gain: of the carrier.
        index: of the modulation at velocity 100, in radians.
        index_rest: share of it that stays.
        index_decay: seconds, of the rest's going.
        envelope: of the carrier.
    """

    ratio: float
    modulator: float
    gain: float
    index: float
    index_rest: float
    index_decay: float
    envelope: Envelope


@dataclass(frozen=True)
class Fm:
    """Pairs of operators that sound together: two to four operators in all.

    Attributes:
        pairs: the operators.
        vibrato: of the pitch.
        seed: of the phases.
    """

    pairs: tuple[Operators, ...]
    vibrato: Movement = field(default_factory=Movement)
    seed: int = 0

    def note(self, pitch: int, velocity: int, seconds: float, sample_rate: int) -> Audio:
        """As `Wave.note`."""
        release = max(pair.envelope.release for pair in self.pairs)
        held, total = _lengths(seconds, release, sample_rate)
        note = frequency_of(pitch)
        tone = np.zeros(total, np.float32)
        time = np.arange(total, dtype=np.float32) / np.float32(sample_rate)
        for number, pair in enumerate(self.pairs):
            carrier, modulator = note * pair.ratio, note * pair.modulator
            most = largest_index(carrier, modulator, sample_rate)
            if most == 0.0:
                continue
            index = min(pair.index * _hardness(velocity), most)
            fading = np.exp(time * np.float32(-1.0 / pair.index_decay))
            moving = np.float32(index) * (
                np.float32(pair.index_rest) + np.float32(1.0 - pair.index_rest) * fading
            )
            bend = self.vibrato.bend(carrier, total, sample_rate)
            sound = modulated(
                turns(carrier, total, sample_rate, bend=bend),
                turns(modulator, total, sample_rate, 0.37 * number),
                moving,
            )
            tone += np.float32(pair.gain) * sound * pair.envelope(held, total, sample_rate)
        return tone


Voice = Wave | String | Fm


def _lengths(seconds: float, release: float, sample_rate: int) -> tuple[int, int]:
    """Samples for which a note is held, and with its release."""
    held = max(1, round(seconds * sample_rate))
    return held, held + max(1, round(max(release, _SHORTEST_RELEASE) * sample_rate))


def _hardness(velocity: int) -> float:
    """How bright a note is by its velocity; 1 at 100."""
    return math.sqrt(velocity / 100.0)


def _formants(
    hertz: NDArray[np.float64], formants: tuple[tuple[float, float, float], ...]
) -> NDArray[np.float64]:
    gains = np.ones_like(hertz)
    for centre, gain, width in formants:
        gains += gain * np.exp(-(((np.log2(hertz / centre)) / width) ** 2))
    return gains


@lru_cache(maxsize=128)
def _wave_table(voice: Wave, pitch: int, velocity: int, sample_rate: int) -> Audio:
    """The voice's waveform at a pitch, a row for each stage of its filter's sweep."""
    frequency = frequency_of(pitch)
    order = np.arange(1, harmonics_below(frequency, sample_rate) + 1, dtype=np.float64)
    odd = order % 2
    if voice.shape == "square":
        amplitudes = odd / order
    elif voice.shape == "triangle":
        amplitudes = odd / order**2
    elif voice.shape == "pulse":
        amplitudes = np.abs(np.sin(np.pi * order * voice.width)) / order
    elif voice.shape == "organ":
        amplitudes = np.zeros(len(order))
        bars = voice.drawbars[: len(order)]
        amplitudes[: len(bars)] = bars
    else:
        amplitudes = 1.0 / order
    amplitudes *= 10.0 ** (voice.slope * np.log2(order) / 20.0) * _formants(order * frequency, voice.formants)
    amplitudes /= math.sqrt(0.5 * float(amplitudes @ amplitudes))

    rest = voice.cutoff * (frequency / 261.6) ** voice.tracking * _hardness(velocity)
    stages = np.linspace(0.0, 1.0, _SWEEP_ROWS) if voice.sweep else np.zeros(1)
    cutoffs = np.maximum(rest * 2.0 ** (voice.sweep * stages), 0.5 * frequency)
    x = (order * frequency)[None, :] / cutoffs[:, None]
    gains = 1.0 / np.sqrt((1.0 - x**2) ** 2 + (x / voice.resonance) ** 2)
    # A saw's own phases make it a saw; the seed turns a few harmonics so that no two sound quite alike.
    phases = 0.08 * np.random.default_rng([voice.seed, 2]).standard_normal(512)[: len(order)]
    return table(amplitudes * gains, phases)


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
    amplitudes *= _formants(hertz, voice.formants)
    amplitudes /= 1.0 + (hertz / (voice.cutoff * _hardness(velocity))) ** 2
    amplitudes /= math.sqrt(0.5 * float(amplitudes @ amplitudes))
    rates = voice.decay_rate(frequency) * voice.damping * 0.35 * (order**1.3 - 1.0)
    decays = np.exp(-np.array(_DECAY_TIMES)[:, None] * rates[None, :])
    return table(amplitudes * decays, rng.random(160)[: len(order)])
