"""Who plays a piece of the corpus and through what: drawn so that no one sound is all that is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simba_live.music.score import Part, Score

from .effects import Chain, chain

OWN = "own"
"""What the manifest calls voices of our own."""

_ALL_OWN = 1.0 / 3.0
"""Of the pieces with voices of our own the share that has no other."""

_SYNTHETIC = frozenset({4, 5, 16, 17, 18, 38, 39, 50, 51, 62, 63, *range(80, 104)})
"""General MIDI programs that are synthesisers, or as good as: here voices of our own are the real thing."""

_CHANCE = {True: 0.75, False: 0.35}
"""How likely a part of a mixed piece has a voice of our own, by whether its program is synthetic."""


@dataclass(frozen=True)
class Cast:
    """Who plays a piece.

    Attributes:
        soundfont: for the parts that voices of our own do not play.
        own: names of the parts that they do play.
        chain: effects on the whole, if any.
        voice: the players in words, for the manifest.
    """

    soundfont: Path
    own: tuple[str, ...]
    chain: Chain | None
    voice: str


def cast(
    score: Score,
    soundfonts: Sequence[Path],
    own_voices: float,
    effects: float,
    rng: np.random.Generator,
) -> Cast:
    """Who plays a piece; a pure function of the arguments and the generator's state.

    Args:
        score: the piece.
        soundfonts: one of them plays.
        own_voices: share of the pieces in which voices of our own play all parts or some.
        effects: share of the pieces that go through mild effects.
        rng: draws.
    """
    soundfont = soundfonts[int(rng.integers(len(soundfonts)))]
    own: tuple[str, ...] = ()
    place, picky = rng.random(), rng.random(len(score.parts))
    if place < own_voices * _ALL_OWN:
        own = tuple(part.name for part in score.parts)
    elif place < own_voices:
        own = tuple(
            part.name for part, x in zip(score.parts, picky, strict=True) if x < _CHANCE[_synthetic(part)]
        )
        own = own or (score.parts[int(np.argmin(picky))].name,)
    effect_chain = chain(rng, mild=True) if rng.random() < effects else None
    players = ([soundfont.name] if len(own) < len(score.parts) else []) + ([OWN] if own else [])
    return Cast(soundfont, own, effect_chain, " + ".join(players))


def _synthetic(part: Part) -> bool:
    return not part.is_drums and part.program in _SYNTHETIC
