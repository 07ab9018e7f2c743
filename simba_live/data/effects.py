"""Random chains of effects: gentle ones for the corpus, strong ones to train a codec for any user's audio.

Nothing moves in time, so that what is known of each frame stays true of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from .filters import Audio, Echo, Equaliser, Reverb, apply_linear
from .shapers import Chorus, Compressor, Crush, Drive, Level, Noise, Tremolo

Effect = Equaliser | Reverb | Echo | Drive | Crush | Compressor | Chorus | Tremolo | Level | Noise
_LINEAR = (Equaliser, Reverb, Echo)

UNTOUCHED = 0.2
"""Share of excerpts that `vary` leaves as they are but for their level."""

QUIETEST = -30.0
"""dB, the largest change of an excerpt's level as a whole."""

_EXCERPT_ROOM = 0.5
"""Seconds of reverberation that an excerpt gets at most; more would cost much and be cut off anyway."""


@dataclass(frozen=True)
class Chain:
    """Effects one after the other; the same audio comes out whenever the same goes in."""

    effects: tuple[Effect, ...]

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """Audio, float32 [N], after the effects; as long as before."""
        for linear, group in groupby(self.effects, key=lambda effect: isinstance(effect, _LINEAR)):
            if linear:
                audio = apply_linear(
                    audio, [effect for effect in group if isinstance(effect, _LINEAR)], sample_rate
                )
            else:
                for effect in group:
                    if not isinstance(effect, _LINEAR):
                        audio = effect(audio, sample_rate)
        return audio.astype(np.float32, copy=False)

    @property
    def names(self) -> tuple[str, ...]:
        """What the effects are called, in their order."""
        return tuple(type(effect).__name__.lower() for effect in self.effects)


def chain(rng: np.random.Generator, mild: bool = False, longest_room: float = 3.0) -> Chain:
    """A chain drawn at random; never empty.

    Args:
        rng: draws kinds and parameters.
        mild: only what leaves instruments, rhythm and mood what they were.
        longest_room: seconds of reverberation at most.
    """
    draw = _Draw(rng, mild, longest_room)
    effects: tuple[Effect, ...] = ()
    while not effects:
        effects = tuple(effect for stage in _STAGES for effect in stage(draw))
    return Chain(effects)


def vary(crop: Audio, rng: np.random.Generator, sample_rate: int) -> Audio:
    """An excerpt as another studio, room, phone or tape might have it, to train a codec on.

    Args:
        crop: float32 [N], an excerpt of a second or so.
        rng: draws the effects; the same state gives the same samples.
        sample_rate: Hz.

    Returns:
        float32 [N], nothing moved in time, no sample beyond 1 in size.
    """
    audio = crop
    if rng.random() > UNTOUCHED:
        audio = chain(rng, longest_room=_EXCERPT_ROOM)(crop, sample_rate)
    gain = 10.0 ** (rng.triangular(QUIETEST, 0.0, 6.0) / 20.0) * (1.0 if rng.random() < 0.5 else -1.0)
    varied: Audio = np.clip(audio * np.float32(gain), -1.0, 1.0)
    return varied


class _Draw:
    """Chances and values, all from one generator."""

    def __init__(self, rng: np.random.Generator, mild: bool, longest_room: float) -> None:
        self.rng = rng
        self.mild = mild
        self.longest_room = longest_room

    def chance(self, strong: float, mild: float) -> bool:
        return bool(self.rng.random() < (mild if self.mild else strong))

    def even(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def ratio(self, low: float, high: float) -> float:
        """Even on a scale of ratios."""
        return float(math.exp(self.rng.uniform(math.log(low), math.log(high))))

    def one(self, *names: str) -> str:
        return names[int(self.rng.integers(len(names)))]

    @property
    def seed(self) -> int:
        return int(self.rng.integers(1 << 31))


def _equalise(draw: _Draw) -> Iterator[Effect]:
    if draw.mild:
        if draw.chance(0.0, 0.6):
            yield Equaliser("low shelf", draw.ratio(120.0, 400.0), 0.7, draw.even(-3.0, 3.0))
            yield Equaliser("high shelf", draw.ratio(2000.0, 6000.0), 0.7, draw.even(-4.0, 3.0))
        return
    if draw.chance(0.3, 0.0):
        yield Equaliser("low shelf", draw.ratio(80.0, 600.0), draw.even(0.4, 0.9), draw.even(-12.0, 9.0))
    if draw.chance(0.3, 0.0):
        yield Equaliser("high shelf", draw.ratio(1500.0, 8000.0), draw.even(0.4, 0.9), draw.even(-15.0, 10.0))
    if draw.chance(0.25, 0.0):
        yield Equaliser("peak", draw.ratio(150.0, 6000.0), draw.ratio(0.4, 4.0), draw.even(-12.0, 10.0))
    if draw.chance(0.15, 0.0):
        yield Equaliser("low-pass", draw.ratio(600.0, 9000.0), draw.ratio(0.5, 3.0))
    if draw.chance(0.12, 0.0):
        yield Equaliser("high-pass", draw.ratio(30.0, 800.0), draw.ratio(0.5, 2.0))
    if draw.chance(0.03, 0.0):
        yield Equaliser("band-pass", draw.ratio(400.0, 3000.0), draw.ratio(0.3, 1.5))
    if draw.chance(0.04, 0.0):  # a telephone, a small radio
        yield Equaliser("high-pass", draw.ratio(250.0, 500.0), 0.8)
        yield Equaliser("low-pass", draw.ratio(2200.0, 4000.0), 0.9)


def _compress(draw: _Draw) -> Iterator[Effect]:
    if draw.chance(0.2, 0.35):
        most = 2.5 if draw.mild else 12.0
        yield Compressor(
            threshold=draw.even(-10.0, 6.0),
            ratio=draw.ratio(1.5, most),
            attack=draw.ratio(0.002, 0.04),
            release=draw.ratio(0.04, 0.4),
        )


def _drive(draw: _Draw) -> Iterator[Effect]:
    if draw.mild:
        if draw.chance(0.0, 0.2):
            yield Drive("tanh", draw.even(4.0, 10.0))
        return
    if draw.chance(0.18, 0.0):
        yield Drive(draw.one("tanh", "tanh", "hard", "asymmetric"), draw.even(6.0, 30.0))
    if draw.chance(0.04, 0.0):
        yield Crush(draw.even(4.0, 10.0), int(draw.rng.integers(1, 5)))


def _move(draw: _Draw) -> Iterator[Effect]:
    if draw.chance(0.12, 0.12):
        mix = draw.even(0.15, 0.35) if draw.mild else draw.even(0.3, 1.0)
        yield Chorus(draw.ratio(0.15, 2.0), draw.ratio(0.0005, 0.002), draw.even(0.005, 0.02), mix)
    if draw.chance(0.08, 0.0):
        yield Tremolo(draw.ratio(2.0, 12.0), draw.even(0.2, 0.9), draw.even(0.0, 6.28))


def _place(draw: _Draw) -> Iterator[Effect]:
    if draw.chance(0.08, 0.06):
        wet = draw.even(0.08, 0.18) if draw.mild else draw.even(0.15, 0.7)
        feedback = draw.even(0.1, 0.3) if draw.mild else draw.even(0.1, 0.6)
        yield Echo(draw.ratio(0.06, 0.45), wet, feedback, draw.ratio(1500.0, 8000.0))
    if draw.chance(0.3, 0.5):
        wet = draw.ratio(0.01, 0.08) if draw.mild else draw.ratio(0.03, 1.5)
        seconds = min(draw.ratio(0.15, 1.6 if draw.mild else 4.0), draw.longest_room)
        yield Reverb(seconds, wet, draw.ratio(1000.0, 6000.0), draw.even(0.0, 0.02), draw.seed)


def _soil(draw: _Draw) -> Iterator[Effect]:
    if draw.chance(0.15, 0.1):
        level = draw.even(-55.0, -42.0) if draw.mild else draw.even(-50.0, -15.0)
        yield Noise(draw.one("hiss", "rumble", "hum", "crackle"), level, draw.seed)


def _level(draw: _Draw) -> Iterator[Effect]:
    if draw.chance(0.12, 0.0):
        evenly = draw.chance(0.6, 0.0)
        yield Level(draw.even(-24.0, 0.0), draw.even(-24.0, 0.0), draw.even(0.0, 0.9), evenly)


_STAGES = (_equalise, _compress, _drive, _move, _place, _soil, _level)
