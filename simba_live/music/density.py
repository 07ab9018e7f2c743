"""How much of the band plays: a full bar thinned to the voices that carry the music best."""

from __future__ import annotations

from dataclasses import replace

from simba_live.music.score import Bar, Note
from simba_live.music.settings import Plan
from simba_live.music.style import CLAP, CLOSED, KICK, OPEN, PEDAL, RIDE, SNARE, STICK

_DRUM_VOICES = {
    **dict.fromkeys((35, KICK), "kick"),
    **dict.fromkeys((STICK, SNARE, CLAP, 40), "backbeat"),
    **dict.fromkeys((CLOSED, PEDAL, OPEN, RIDE), "cymbals"),
}
_BAND = (
    "kick", "bass", "backbeat", "comp", "cymbals", "pad", "lead", "riff", "arp", "counter", "percussion",
)  # fmt: skip
"""The order in which voices come in as the music gets denser: drums and bass carry a band."""

_ENSEMBLE = ("comp", "pad", "bass", "lead", "riff", "arp", "counter")
"""The same without drums, where the chords carry the rest."""


def thin(bar: Bar, plan: Plan, density: float) -> Bar:
    """The notes of the first voices of a full bar.

    Voices enter in one order for the whole piece, so that a bar has every note of a thinner one, and the same
    voices play on from bar to bar. A bar in which all of them rest takes voices until one sounds.

    Args:
        bar: a bar in which everything plays.
        plan: the piece it belongs to.
        density: share of the voices, 0 (the first alone) to 1 (all).
    """
    order = _voices(plan)
    count = 1 + round(density * (len(order) - 1))
    rank = {name: place for place, name in enumerate(order)}
    # Fills borrow drums that the kit may lack: they are percussion.
    ranks = [rank.get(_voice(note), len(order) - 1) for note in bar.notes]
    if ranks:
        count = max(count, min(ranks) + 1)
    notes = tuple(note for note, place in zip(bar.notes, ranks, strict=True) if place < count)
    names = {note.part for note in notes}
    return replace(bar, notes=notes, parts=tuple(part for part in bar.parts if part.name in names))


def _voices(plan: Plan) -> list[str]:
    """The piece's voices, in the order of their entrances."""
    names = [voice.part.name for voice in plan.voices]
    names += [_DRUM_VOICES.get(line.pitch, "percussion") for line in plan.kit]
    order = _BAND if plan.kit else _ENSEMBLE
    # A further lead is called "lead 5".
    return sorted(dict.fromkeys(names), key=lambda name: order.index(name.split()[0]))


def _voice(note: Note) -> str:
    return _DRUM_VOICES.get(note.pitch, "percussion") if note.part == "drums" else note.part
