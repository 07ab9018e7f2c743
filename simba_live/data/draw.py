"""Which piece comes at which place of a corpus: settings drawn so that every control is heard in use."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from simba_live.conditions import INSTRUMENTS
from simba_live.music.arranger import Settings, resolve
from simba_live.music.score import Key
from simba_live.music.styles import STYLES

SHORTEST, LONGEST = 20.0, 40.0
"""Seconds a piece lasts, up to half a bar."""

# How often a piece departs from what its style would do by itself.
_NO_DRUMS, _SOLO, _OTHER_INSTRUMENTS, _OTHER_METRE = 0.15, 0.08, 0.2, 0.06
_STRETCH = 0.12
"""How far a tempo may lie outside its style's range, as a share of the range's ends."""

_LESS_MUSICAL = ("percussive", "sound effects", "drum kit")
_TO_CHOOSE = tuple(name for name in INSTRUMENTS if name not in _LESS_MUSICAL)


@dataclass(frozen=True)
class Draft:
    """A piece before it is written.

    Attributes:
        index: its place in the corpus.
        id: its name there.
        settings: what to compose.
        bars: length.
        seconds: the same, in seconds.
        typical: whether its style chose instruments, drums and metre.
    """

    index: int
    id: str
    settings: Settings
    bars: int
    seconds: float
    typical: bool


def draft(seed: int, index: int, styles: tuple[str, ...]) -> Draft:
    """The settings of piece number `index`: a pure function of the arguments. The styles take turns."""
    rng = np.random.default_rng([seed, index])
    style = STYLES[styles[index % len(styles)]]
    low, high = style.bpm
    bpm = float(round(rng.uniform(low * (1.0 - _STRETCH), high * (1.0 + _STRETCH))))
    key = Key(int(rng.integers(12)), str(rng.choice(style.modes)))

    drums: bool | None = None
    instruments: tuple[str, ...] | None = None
    only = False
    kind = rng.random()
    if kind < _SOLO:
        instruments, only, drums = (str(rng.choice(_TO_CHOOSE)),), True, False
    elif kind < _SOLO + _NO_DRUMS:
        drums = False
    elif kind < _SOLO + _NO_DRUMS + _OTHER_INSTRUMENTS:
        count = int(rng.integers(1, 4))
        instruments = tuple(str(name) for name in rng.choice(_TO_CHOOSE, size=count, replace=False))
    # A waltz in four would be none.
    metre = int(rng.choice([3, 5, 6])) if style.metres[0] == 4 and rng.random() < _OTHER_METRE else None
    typical = drums is None and instruments is None and metre is None

    settings = resolve(
        Settings(
            style=style.name,
            bpm=bpm,
            key=key,
            beats_per_bar=metre,
            seed=int(rng.integers(2**31)),
            drums=drums,
            instruments=instruments,
            only=only,
        )
    )
    bar = settings.beats_per_bar * 60.0 / bpm
    bars = max(4, round(rng.uniform(SHORTEST, LONGEST) / bar))
    slug = re.sub(r"[^a-z0-9]+", "-", style.name.lower()).strip("-")
    return Draft(index, f"{index:06d}-{slug}", settings, bars, bars * bar, typical)
