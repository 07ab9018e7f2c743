"""Voices that play notes: waveforms through a moving filter, and frequency modulation.

A voice is its parameters; the same note of the same voice is always the same samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .envelopes import Envelope, Formants, Movement, formant_gains, hardness, note_lengths
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

_SWEEP_ROWS = 8


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
    formants: Formants = ()
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
        held, total = note_lengths(seconds, self.envelope.release, sample_rate)
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
        held, total = note_lengths(seconds, release, sample_rate)
        note = frequency_of(pitch)
        tone = np.zeros(total, np.float32)
        time = np.arange(total, dtype=np.float32) / np.float32(sample_rate)
        for number, pair in enumerate(self.pairs):
            carrier, modulator = note * pair.ratio, note * pair.modulator
            most = largest_index(carrier, modulator, sample_rate)
            if most == 0.0:
                continue
            index = min(pair.index * hardness(velocity), most)
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
    amplitudes *= 10.0 ** (voice.slope * np.log2(order) / 20.0) * formant_gains(
        order * frequency, voice.formants
    )
    amplitudes /= math.sqrt(0.5 * float(amplitudes @ amplitudes))

    rest = voice.cutoff * (frequency / 261.6) ** voice.tracking * hardness(velocity)
    stages = np.linspace(0.0, 1.0, _SWEEP_ROWS) if voice.sweep else np.zeros(1)
    cutoffs = np.maximum(rest * 2.0 ** (voice.sweep * stages), 0.5 * frequency)
    x = (order * frequency)[None, :] / cutoffs[:, None]
    gains = 1.0 / np.sqrt((1.0 - x**2) ** 2 + (x / voice.resonance) ** 2)
    # A saw's own phases make it a saw; the seed turns a few harmonics so that no two sound quite alike.
    phases = 0.08 * np.random.default_rng([voice.seed, 2]).standard_normal(512)[: len(order)]
    return table(amplitudes * gains, phases)
