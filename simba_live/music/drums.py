"""One bar of drums: grids with ghost notes, and the fill that ends it."""

from __future__ import annotations

from simba_live.music.dice import Dice
from simba_live.music.events import Event
from simba_live.music.fills import fill, roll
from simba_live.music.form import Spot
from simba_live.music.patterns import ACCENTS, hits
from simba_live.music.style import (
    CLAP,
    CRASH,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    MID_TOM,
    SNARE,
    STICK,
    DrumLine,
    Style,
)

_MAKE_ROOM = frozenset({KICK, STICK, SNARE, CLAP, LOW_TOM, MID_TOM, HIGH_TOM})
"""What falls silent under a fill; cymbals, hats and hand percussion play on."""


def play_drums(
    style: Style, kit: tuple[DrumLine, ...], beats: int, spot: Spot, following: str, dice: Dice
) -> list[Event]:
    """One bar of drums.

    Args:
        style: for its swing and its kind of fill.
        kit: the lines that play in this section.
        beats: the metre.
        spot: where the bar is.
        following: the section of the next bar.
        dice: decides the "maybe" hits and which fill.
    """
    rolling = style.rolls and spot.section == "build"
    length = 0 if rolling or style.fill == "none" else fill_beats(kit, beats, spot, following)
    cut = beats - length
    events = []
    for line in kit:
        for start, letter, gap in hits(line.line, spot.place, beats, style.swing, style.swing_unit):
            if letter == "?":
                if not dice.chance(0.45):
                    continue
                letter = "o"
            if start >= cut - 0.01 and line.pitch in _MAKE_ROOM:
                continue
            events.append(Event(start, min(gap, 0.25), line.pitch, 88 * ACCENTS[letter]))
    if rolling:
        events = [event for event in events if event.pitch not in (SNARE, CLAP)]
        events += roll(beats, spot.progress, dice)
    if length:
        events += fill(style.fill, beats, length, dice)
    if style.crash and spot.place == 0 and spot.section in ("verse", "drop") and spot.index > 0 and kit:
        events.append(Event(0.0, 0.25, CRASH, 92 if spot.section == "drop" else 76))
    return events


def fill_beats(kit: tuple[DrumLine, ...], beats: int, spot: Spot, following: str) -> int:
    """How long a fill ends the bar: none inside a phrase, longer the more important what follows."""
    if spot.section in ("intro", "ending") or not any(
        line.pitch in (KICK, STICK, SNARE, CLAP) for line in kit
    ):
        return 0
    if spot.left == 0:
        return min(4 if following == "drop" and spot.section != "drop" else 2, beats)
    return 1 if spot.place % 4 == 3 else 0
