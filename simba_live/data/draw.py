"""Which piece comes at which place of a corpus: settings drawn so that every control is heard in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from simba_live.music.instruments import TABLE
from simba_live.music.score import Key
from simba_live.music.settings import Settings, resolve
from simba_live.music.styles import STYLES

SHORTEST, LONGEST = 20.0, 40.0
"""Seconds a piece lasts, up to half a bar."""

_STRETCH = 0.12
"""How far a tempo may lie outside its style's range, as a share of the range's ends."""

# How often a piece departs from what its style would do by itself.
_SOLO, _FEW, _NO_DRUMS, _NO_BASS, _OTHER_INSTRUMENTS, _OTHER_METRE = 0.08, 0.06, 0.14, 0.04, 0.2, 0.06

_CHORDS = tuple(instrument.name for instrument in TABLE if instrument.chords)
_LINES = tuple(instrument.name for instrument in TABLE if not instrument.chords and not instrument.bass)
_BASSES = tuple(instrument.name for instrument in TABLE if instrument.bass)


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

    # A waltz in four would be none, so only what is in four by nature changes its metre.
    metre = int(rng.choice([3, 5, 6])) if style.metres[0] == 4 and rng.random() < _OTHER_METRE else None
    changes = _departure(rng)
    settings = Settings(
        style=style.name, bpm=bpm, key=key, beats_per_bar=metre, seed=int(rng.integers(2**31)), **changes
    )
    plan = resolve(settings)
    bar = plan.beats * 60.0 / plan.bpm
    bars = max(4, round(rng.uniform(SHORTEST, LONGEST) / bar))
    slug = re.sub(r"[^a-z0-9]+", "-", style.name).strip("-")
    typical = metre is None and not changes
    return Draft(index, f"{index:06d}-{slug}", settings, bars, bars * bar, typical)


def _departure(rng: np.random.Generator) -> dict[str, Any]:
    """Settings that a player might ask for against the style's habits; mostly none."""

    def some(names: tuple[str, ...], count: int = 1) -> tuple[str, ...]:
        return tuple(str(name) for name in rng.choice(names, size=count, replace=False))

    kind = rng.random() - _SOLO
    if kind < 0:
        # A lone melody is rarer than one player with chords.
        return {"instruments": some(_CHORDS if rng.random() < 0.75 else _LINES), "only": True}
    kind -= _FEW
    if kind < 0:
        players = some(_CHORDS) + (some(_LINES) if rng.random() < 0.6 else some(_BASSES))
        return {"instruments": players + (("drums",) if rng.random() < 0.4 else ()), "only": True}
    kind -= _NO_DRUMS
    if kind < 0:
        return {"drums": False}
    kind -= _NO_BASS
    if kind < 0:
        return {"without": ("bass",)}
    if kind < _OTHER_INSTRUMENTS:
        return {"instruments": some(_CHORDS + _LINES, int(rng.integers(1, 3)))}
    return {}
