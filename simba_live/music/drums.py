"""Drum patterns turned into hits: grids with ghost notes, fills at the ends of phrases, rolls that build."""

from __future__ import annotations

from simba_live.music.patterns import ACCENTS, Dice, Event, hits
from simba_live.music.style import DrumLine, Style

KICK, STICK, SNARE, CLAP, CLOSED, PEDAL, OPEN = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE = 45, 47, 50, 49, 51

_FILLS: dict[str, tuple[tuple[tuple[int, str], ...], ...]] = {
    # Each fill is written for the last two beats of the bar.
    "toms": (
        ((SNARE, "xxoo|...."), (HIGH_TOM, "....|xx.."), (LOW_TOM, "....|..xX")),
        ((HIGH_TOM, "x.x.|...."), (MID_TOM, "....|x.x."), (SNARE, "...o|.o.X")),
        ((SNARE, "x.xx|.xxX"), (KICK, "x...|x...")),
        ((HIGH_TOM, "xxx.|...."), (MID_TOM, "....|xxx."), (KICK, "...x|...X")),
    ),
    "snare": (
        ((SNARE, "x..x|.xxX"), (KICK, "x...|....")),
        ((SNARE, "x.gg|xoxX"), (KICK, "x.x.|....")),
        ((SNARE, "x.x.|x.xX"), (KICK, "x...|x...")),
    ),
    "clap": (
        ((CLAP, "x..x|..xX"), (OPEN, "..x.|..x.")),
        ((CLAP, "x...|xx.X"), (CLOSED, "x.x.|x.xx")),
        ((CLAP, "..x.|x.X."), (MID_TOM, "x..x|....")),
    ),
    "break": (
        ((SNARE, "x.gx|gx.X"), (KICK, "..x.|..x."), (CLOSED, "x.x.|x.x.")),
        ((SNARE, "xgxg|xxxX"), (KICK, "x...|....")),
        ((SNARE, ".gx.|.xgX"), (KICK, "x..x|x..."), (OPEN, "..x.|....")),
    ),
    "hats": (
        ((CLOSED, "xoxoxo|xxoxxo"), (SNARE, "x...|...X"), (KICK, "..x.|....")),
        ((CLOSED, "x.x.|xxxxxxxx"), (SNARE, "x...|..xX")),
    ),
    "light": (
        ((STICK, "x..o|.ox."), (PEDAL, "..x.|..x.")),
        ((SNARE, "o.go|.gox"), (CLOSED, "x.x.|x...")),
    ),
    "triplet": (
        ((SNARE, "xoo|xox"), (KICK, "x..|...")),
        ((SNARE, "x.g|oxX"), (MID_TOM, "..x|...")),
        ((SNARE, "x.x|.xX"), (KICK, ".x.|x..")),
    ),
    "timbales": (
        ((65, "x.xx|.xxX"), (66, "..x.|x...")),
        ((63, "x.x.|xx.x"), (64, ".x.x|..xX")),
    ),
    "none": (((SNARE, "....|...."),),),
}


def fill(kind: str, beats: int, length: int, dice: Dice) -> list[Event]:
    """A fill in the last `length` beats (1 or 2) of a bar; `kind` is a key of the table above."""
    events = []
    for pitch, line in dice.pick(_FILLS[kind]):
        for start, letter, gap in hits(line, 0, 2):
            if start >= 2 - length:
                events.append(Event(beats - 2 + start, min(gap, 0.25), pitch, 92 * ACCENTS[letter]))
    return events


def roll(beats: int, progress: float, dice: Dice) -> list[Event]:
    """A snare roll that quickens over a build; `progress` 0-1 through the section."""
    per_beat = 1 if progress < 0.5 else 2 if progress < 0.75 else 4
    events = []
    for step in range(beats * per_beat):
        loud = 52 + 44 * (progress + step / (beats * per_beat) * 0.25) + 5 * dice.random()
        events.append(Event(step / per_beat, 0.2, SNARE, loud))
    return events


def play_drums(
    style: Style,
    kit: tuple[DrumLine, ...],
    beats: int,
    bar: int,
    fill_beats: int,
    dice: Dice,
) -> list[Event]:
    """One bar of drums.

    Args:
        style: for its swing and its kind of fill.
        kit: the lines that play in this section.
        beats: the metre.
        bar: bar within the section, for patterns of several bars.
        fill_beats: length of the fill at the end of the bar; 0: none.
        dice: decides the "maybe" hits and which fill.
    """
    cut = beats - fill_beats if style.fill != "none" else beats
    events = []
    for line in kit:
        for start, letter, gap in hits(line.line, bar, beats, style.swing, style.swing_unit):
            if letter == "?":
                if not dice.chance(0.45):
                    continue
                letter = "o"
            # Time-keeping cymbals and hats play on through a fill; everything else makes room.
            if start >= cut - 0.01 and line.pitch not in (CLOSED, PEDAL, RIDE, 70, 82):
                continue
            events.append(Event(start, min(gap, 0.25), line.pitch, 88 * ACCENTS[letter]))
    if fill_beats and style.fill != "none":
        events += fill(style.fill, beats, min(fill_beats, 2), dice)
    return events
