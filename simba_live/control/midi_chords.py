"""The chord that somebody holds down, as the control `chord` is told it."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from simba_live.music.score import QUALITIES, Chord

FEWEST = 3
"""Pitch classes that are a chord."""


@cache
def _chords() -> dict[frozenset[int], list[tuple[int, str]]]:
    """Roots and qualities by their pitch classes, the plainer qualities first."""
    found: dict[frozenset[int], list[tuple[int, str]]] = {}
    for quality, intervals in QUALITIES.items():
        for root in range(12):
            classes = frozenset((root + interval) % 12 for interval in intervals)
            found.setdefault(classes, []).append((root, quality))
    return found


def chord_of(pitches: Collection[int]) -> str | None:
    """The name of the chord that these MIDI pitches are, such as "Am7" or "C/E"; None if they are none.

    Of two names that fit, as Am7 and C6, the one whose root is the lowest note.
    """
    classes = frozenset(pitch % 12 for pitch in pitches)
    names = _chords().get(classes, []) if len(classes) >= FEWEST else []
    if not names:
        return None
    bass = min(pitches) % 12
    root, quality = next((name for name in names if name[0] == bass), names[0])
    return str(Chord(root, quality, bass))
