"""Random voices of the kinds that General MIDI's programs name: another piano, another pad in every piece.

What a family has in common (how it begins, how long it rings, its waveform, how it moves) is kept within
bounds, so that what is said about a piece stays true; everything else is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .envelopes import Envelope, Movement
from .strings import String
from .voices import Fm, Operators, Wave

Voice = Wave | String | Fm

_VOWELS = (
    ((730.0, 6.0, 0.25), (1090.0, 4.0, 0.25), (2440.0, 1.5, 0.2)),
    ((300.0, 6.0, 0.3), (870.0, 3.0, 0.25), (2240.0, 1.0, 0.2)),
    ((570.0, 6.0, 0.25), (840.0, 4.0, 0.25), (2410.0, 1.0, 0.2)),
)
"""Formants of men's "ah", "oo" and "aw" (G. E. Peterson and H. L. Barney, 1952)."""


class _Draw:
    """Values from one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.seed = int(rng.integers(1 << 31))

    def even(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def ratio(self, low: float, high: float) -> float:
        """Even on a scale of ratios."""
        return float(math.exp(self.rng.uniform(math.log(low), math.log(high))))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def unison(self, most: int, cents: float) -> tuple[float, ...]:
        """Detunings of one to `most` oscillators, even around 0."""
        count = int(self.rng.integers(1, most + 1))
        spread = self.even(0.3, 1.0) * cents if count > 1 else 0.0
        return tuple(float(x) for x in np.linspace(-spread, spread, count))

    def vibrato(self, cents: float, share: float = 1.0) -> Movement:
        if not self.chance(share):
            return Movement()
        return Movement(self.even(0.3, 1.0) * cents, self.even(4.5, 6.5), self.even(0.2, 0.6))

    def body(self) -> tuple[tuple[float, float, float], ...]:
        """Two or three resonances of a wooden body."""
        places = (self.ratio(90.0, 250.0), self.ratio(300.0, 700.0), self.ratio(1000.0, 3000.0))
        return tuple((hertz, self.even(0.3, 2.0), self.even(0.2, 0.5)) for hertz in places)


def draw_voice(program: int, rng: np.random.Generator) -> Voice:
    """A voice for a General MIDI program, 0-127."""
    draw = _Draw(rng)
    special = _PROGRAMS.get(program)
    return (special or _FAMILIES[program // 8])(draw)


def _piano(d: _Draw) -> Voice:
    return String(
        seconds=d.ratio(4.0, 10.0), damping=d.ratio(0.4, 1.2), place=d.even(0.1, 0.16),
        slope=d.even(-7.0, -3.5), cutoff=d.ratio(2000.0, 5000.0), detune=d.unison(3, 1.8),
        pick=d.even(0.02, 0.12), release=d.even(0.12, 0.3), seed=d.seed,
    )  # fmt: skip


def _electric_piano(d: _Draw) -> Voice:
    if d.chance(0.3):
        return String(
            seconds=d.ratio(4.0, 9.0), damping=d.ratio(1.5, 3.0), place=d.even(0.2, 0.5), slope=-6.0,
            cutoff=d.ratio(1200.0, 2500.0), pick=0.05, release=0.2, seed=d.seed,
        )  # fmt: skip
    body = Envelope(0.002, d.even(0.8, 2.0), 0.05, 0.25)
    tine = Envelope(0.001, d.even(0.1, 0.4), 0.0, 0.1)
    return Fm(
        (
            Operators(1.0, 1.0, 1.0, d.even(0.4, 1.6), 0.3, d.even(0.4, 1.2), body),
            Operators(1.0, float(d.rng.integers(6, 15)), d.even(0.15, 0.4), d.even(0.4, 1.2), 0.0, 0.2, tine),
        ),
        seed=d.seed,
    )


def _harpsichord(d: _Draw) -> Voice:
    return String(
        seconds=d.ratio(3.0, 7.0), damping=d.ratio(0.15, 0.4), place=d.even(0.06, 0.2),
        slope=d.even(-2.5, 0.0), cutoff=d.ratio(5000.0, 9000.0), detune=d.unison(2, 2.0),
        pick=d.even(0.1, 0.25), release=0.06, seed=d.seed,
    )  # fmt: skip


def _clavinet(d: _Draw) -> Voice:
    return Wave(
        shape="pulse", width=d.even(0.08, 0.3), cutoff=d.ratio(500.0, 1200.0), resonance=d.even(0.8, 2.5),
        sweep=d.even(1.5, 3.0), sweep_envelope=Envelope(0.002, d.even(0.08, 0.25), 0.1, 0.05),
        envelope=Envelope(0.002, d.even(0.3, 0.8), 0.1, 0.05), seed=d.seed,
    )  # fmt: skip


def _bell(d: _Draw, low: float = 0.5, high: float = 2.5) -> Voice:
    """Glockenspiels, celestas, vibraphones: a clear tone under partials that are no harmonics."""
    ring = d.ratio(low, high)
    body = Envelope(0.001, ring, 0.0, min(ring, 0.8))
    strike = Envelope(0.001, 0.3 * ring, 0.0, 0.2)
    ratios = (2.76, 3.5, 4.0, 5.4, 7.0)
    return Fm(
        (
            Operators(1.0, float(d.rng.choice(ratios)), 1.0, d.even(0.2, 1.2), 0.2, 0.4 * ring, body),
            Operators(
                float(d.rng.choice(ratios)), 1.0, d.even(0.05, 0.3), d.even(0.1, 0.8), 0.0, 0.1, strike
            ),
        ),
        seed=d.seed,
    )


def _marimba(d: _Draw) -> Voice:
    body = Envelope(0.001, d.even(0.12, 0.35), 0.0, 0.15)
    knock = Envelope(0.001, d.even(0.02, 0.06), 0.0, 0.05)
    return Fm(
        (
            Operators(1.0, 4.0, 1.0, d.even(0.1, 0.6), 0.0, 0.05, body),
            Operators(d.even(3.8, 4.1), 9.2, d.even(0.15, 0.5), d.even(0.3, 1.0), 0.0, 0.03, knock),
        ),
        seed=d.seed,
    )


def _organ(d: _Draw) -> Voice:
    bars = [0.0] * 8
    bars[0] = 1.0
    for harmonic in (2, 3, 4, 5, 6, 8):
        bars[harmonic - 1] = d.even(0.1, 0.9) if d.chance(0.65) else 0.0
    return Wave(
        shape="organ", drawbars=tuple(bars), cutoff=d.ratio(3000.0, 9000.0), detune=d.unison(2, 3.0),
        envelope=Envelope(0.006, 1.0, 1.0, 0.05), vibrato=Movement(d.even(0.0, 8.0), d.even(5.5, 7.0), 0.05),
        tremolo=d.even(0.0, 0.25), chiff=d.even(0.0, 0.12), seed=d.seed,
    )  # fmt: skip


def _free_reed(d: _Draw) -> Voice:
    """Accordions and harmonicas."""
    return Wave(
        shape="pulse", width=d.even(0.2, 0.45), slope=d.even(-2.0, 1.0), formants=d.body(),
        detune=d.unison(3, 7.0), cutoff=d.ratio(2000.0, 4500.0),
        envelope=Envelope(d.even(0.01, 0.03), 1.0, 1.0, 0.06), vibrato=d.vibrato(8.0, 0.5),
        tremolo=d.even(0.0, 0.2), breath=d.even(0.0, 0.02), seed=d.seed,
    )  # fmt: skip


def _guitar(d: _Draw) -> Voice:
    return String(
        seconds=d.ratio(2.0, 6.0), damping=d.ratio(0.4, 1.5), place=d.even(0.12, 0.35),
        slope=d.even(-5.0, -2.0), cutoff=d.ratio(2000.0, 6000.0), formants=d.body(),
        pick=d.even(0.03, 0.15), release=d.even(0.05, 0.15), seed=d.seed,
    )  # fmt: skip


def _driven_guitar(d: _Draw) -> Voice:
    return Wave(
        shape=("saw", "square", "pulse")[int(d.rng.integers(3))], width=d.even(0.25, 0.45),
        slope=d.even(0.0, 2.0), formants=((d.ratio(700.0, 2500.0), d.even(1.0, 3.0), 0.5),),
        detune=d.unison(2, 4.0), cutoff=d.ratio(2500.0, 4500.0), tracking=0.0, resonance=1.0,
        envelope=Envelope(0.003, d.even(1.5, 4.0), 0.3, 0.06), vibrato=d.vibrato(8.0, 0.5),
        chiff=d.even(0.1, 0.3), seed=d.seed,
    )  # fmt: skip


def _plucked_bass(d: _Draw) -> Voice:
    return String(
        seconds=d.ratio(4.0, 9.0), damping=d.ratio(0.6, 2.0), place=d.even(0.1, 0.35),
        slope=d.even(-7.0, -4.0), cutoff=d.ratio(600.0, 2500.0), formants=d.body(),
        pick=d.even(0.02, 0.12), release=0.06, seed=d.seed,
    )  # fmt: skip


def _synth_bass(d: _Draw) -> Voice:
    if d.chance(0.25):
        level = Envelope(0.003, d.even(0.3, 1.0), d.even(0.3, 0.8), 0.04)
        index = Operators(
            1.0, float(d.rng.integers(1, 4)), 1.0, d.even(0.8, 3.0), 0.2, d.even(0.08, 0.3), level
        )
        return Fm((index,), seed=d.seed)
    return Wave(
        shape=("saw", "square", "pulse", "triangle")[int(d.rng.integers(4))], width=d.even(0.1, 0.45),
        detune=d.unison(3, 5.0), cutoff=d.ratio(200.0, 900.0), tracking=0.4, resonance=d.ratio(0.7, 5.0),
        sweep=d.even(0.5, 3.5), sweep_envelope=Envelope(0.003, d.ratio(0.06, 0.4), d.even(0.0, 0.4), 0.05),
        envelope=Envelope(0.004, d.even(0.3, 1.5), d.even(0.4, 1.0), 0.04), seed=d.seed,
    )  # fmt: skip


def _bowed(d: _Draw) -> Voice:
    return Wave(
        slope=d.even(-2.0, 0.0), formants=d.body(), detune=d.unison(2, 3.0), cutoff=d.ratio(2500.0, 6000.0),
        tracking=0.2, envelope=Envelope(d.even(0.03, 0.09), 0.5, d.even(0.75, 1.0), d.even(0.08, 0.2)),
        vibrato=d.vibrato(18.0), breath=d.even(0.005, 0.03), chiff=d.even(0.0, 0.1), seed=d.seed,
    )  # fmt: skip


def _short_pluck(d: _Draw) -> Voice:
    """Pizzicato, shamisen, banjo."""
    return String(
        seconds=d.ratio(0.5, 2.0), damping=d.ratio(0.4, 2.0), place=d.even(0.1, 0.4),
        slope=d.even(-5.0, -1.5), cutoff=d.ratio(1500.0, 5000.0), formants=d.body(),
        pick=d.even(0.05, 0.2), release=0.15, seed=d.seed,
    )  # fmt: skip


def _harp(d: _Draw) -> Voice:
    return String(
        seconds=d.ratio(2.5, 6.0), damping=d.ratio(0.8, 2.0), place=d.even(0.3, 0.5),
        slope=d.even(-8.0, -5.0), cutoff=d.ratio(2000.0, 5000.0), formants=d.body(), pick=0.03,
        release=0.5, seed=d.seed,
    )  # fmt: skip


def _strings(d: _Draw) -> Voice:
    return Wave(
        slope=d.even(-3.0, 0.0), detune=d.unison(5, 10.0), cutoff=d.ratio(1500.0, 5000.0), tracking=0.3,
        envelope=Envelope(d.even(0.05, 0.15), 1.0, 1.0, d.even(0.2, 0.5)), vibrato=d.vibrato(6.0, 0.7),
        breath=d.even(0.0, 0.02), seed=d.seed,
    )  # fmt: skip


def _choir(d: _Draw) -> Voice:
    return Wave(
        slope=-3.0, formants=_VOWELS[int(d.rng.integers(3))], detune=d.unison(4, 10.0),
        cutoff=d.ratio(2000.0, 4000.0), tracking=0.1, vibrato=d.vibrato(12.0),
        envelope=Envelope(d.even(0.05, 0.12), 1.0, 1.0, d.even(0.15, 0.4)),
        breath=d.even(0.01, 0.04), seed=d.seed,
    )  # fmt: skip


def _brass(d: _Draw) -> Voice:
    if d.chance(0.2):
        level = Envelope(d.even(0.02, 0.05), 0.4, 0.8, 0.08)
        return Fm((Operators(1.0, 1.0, 1.0, d.even(1.5, 3.5), 0.6, 0.3, level),), d.vibrato(8.0), d.seed)
    return Wave(
        slope=d.even(-1.0, 1.0), detune=d.unison(3, 5.0), cutoff=d.ratio(600.0, 1500.0), tracking=0.6,
        sweep=d.even(0.8, 2.2), sweep_envelope=Envelope(d.even(0.03, 0.08), 0.4, d.even(0.5, 0.9), 0.08),
        envelope=Envelope(d.even(0.015, 0.04), 0.4, 0.85, 0.08), vibrato=d.vibrato(9.0, 0.6),
        breath=d.even(0.0, 0.02), seed=d.seed,
    )  # fmt: skip


def _reed(d: _Draw) -> Voice:
    return Wave(
        shape="pulse", width=d.even(0.1, 0.4), formants=((d.ratio(500.0, 1500.0), d.even(1.0, 4.0), 0.5),),
        detune=d.unison(2, 2.0), cutoff=d.ratio(1500.0, 4000.0), tracking=0.4,
        envelope=Envelope(d.even(0.015, 0.04), 0.5, 0.9, 0.07), vibrato=d.vibrato(12.0),
        breath=d.even(0.01, 0.06), chiff=d.even(0.0, 0.15), seed=d.seed,
    )  # fmt: skip


def _clarinet(d: _Draw) -> Voice:
    return Wave(
        shape="square", slope=d.even(-3.0, 0.0), cutoff=d.ratio(1200.0, 3000.0), tracking=0.4,
        envelope=Envelope(d.even(0.02, 0.04), 0.5, 0.95, 0.07), vibrato=d.vibrato(6.0, 0.5),
        breath=d.even(0.005, 0.03), seed=d.seed,
    )  # fmt: skip


def _pipe(d: _Draw) -> Voice:
    return Wave(
        shape=("triangle", "square", "saw")[int(d.rng.integers(3))], slope=d.even(-8.0, -3.0),
        cutoff=d.ratio(1200.0, 3000.0), tracking=0.8, vibrato=d.vibrato(12.0, 0.8),
        envelope=Envelope(d.even(0.02, 0.05), 0.5, 0.95, 0.08), tremolo=d.even(0.0, 0.2),
        breath=d.even(0.03, 0.15), chiff=d.even(0.05, 0.4), seed=d.seed,
    )  # fmt: skip


def _lead(d: _Draw) -> Voice:
    return Wave(
        shape=("saw", "square", "pulse", "triangle")[int(d.rng.integers(4))], width=d.even(0.1, 0.45),
        detune=d.unison(4, 11.0), cutoff=d.ratio(1000.0, 5000.0), tracking=0.5, resonance=d.ratio(0.7, 4.0),
        sweep=d.even(0.2, 2.5), sweep_envelope=Envelope(0.004, d.ratio(0.08, 0.6), d.even(0.1, 0.8), 0.1),
        envelope=Envelope(d.ratio(0.003, 0.02), 0.6, d.even(0.6, 1.0), d.even(0.05, 0.2)),
        vibrato=d.vibrato(12.0, 0.6), seed=d.seed,
    )  # fmt: skip


def _pad(d: _Draw) -> Voice:
    if d.chance(0.2):
        level = Envelope(d.even(0.05, 0.15), 1.0, 1.0, d.even(0.3, 0.6))
        one = Operators(1.0, 1.0, 1.0, d.even(0.3, 1.2), 0.5, 1.5, level)
        two = Operators(2.0, 2.01, d.even(0.1, 0.4), d.even(0.2, 0.8), 0.5, 1.0, level)
        return Fm((one, two), d.vibrato(6.0), d.seed)
    return Wave(
        shape=("saw", "saw", "pulse", "triangle")[int(d.rng.integers(4))], width=d.even(0.2, 0.45),
        detune=d.unison(5, 12.0), cutoff=d.ratio(500.0, 2500.0), tracking=0.4, resonance=d.ratio(0.7, 2.0),
        sweep=d.even(0.2, 2.0), sweep_envelope=Envelope(d.ratio(0.1, 1.2), d.even(0.5, 2.0), 0.4, 0.4),
        envelope=Envelope(d.even(0.04, 0.15), 1.0, 1.0, d.even(0.25, 0.6)), vibrato=d.vibrato(5.0, 0.5),
        tremolo=d.even(0.0, 0.2), breath=d.even(0.0, 0.03), seed=d.seed,
    )  # fmt: skip


def _synth_effect(d: _Draw) -> Voice:
    return (_pad, _bell, _lead)[int(d.rng.integers(3))](d)


_PROGRAMS: dict[int, Callable[[_Draw], Voice]] = {
    4: _electric_piano, 5: _electric_piano, 6: _harpsichord, 7: _clavinet, 12: _marimba, 13: _marimba,
    15: _harpsichord, 20: _free_reed, 21: _free_reed, 22: _free_reed, 23: _free_reed, 29: _driven_guitar,
    30: _driven_guitar, 38: _synth_bass, 39: _synth_bass, 45: _short_pluck, 46: _harp, 47: _marimba,
    50: _pad, 51: _pad, 52: _choir, 53: _choir, 54: _choir, 55: _brass, 68: _reed, 71: _clarinet,
    85: _choir, 91: _choir, 104: _guitar, 105: _short_pluck, 106: _short_pluck, 107: _harp, 108: _marimba,
    109: _reed, 110: _bowed, 111: _reed, 115: _marimba,
}  # fmt: skip
"""Programs that sound unlike the rest of their families."""

_FAMILIES: tuple[Callable[[_Draw], Voice], ...] = (
    _piano, _bell, _organ, _guitar, _plucked_bass, _bowed, _strings, _brass,
    _reed, _pipe, _lead, _pad, _synth_effect, _guitar, _bell, _synth_effect,
)  # fmt: skip
"""By General MIDI's families of eight."""
