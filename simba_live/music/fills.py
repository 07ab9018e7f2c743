"""Drum fills, from a beat to a bar long and growing, and rolls that build."""

from __future__ import annotations

from simba_live.music.dice import Dice
from simba_live.music.events import Event
from simba_live.music.patterns import ACCENTS, hits
from simba_live.music.style import CLAP, CLOSED, HIGH_TOM, KICK, LOW_TOM, MID_TOM, OPEN, PEDAL, SNARE, STICK

Figure = tuple[tuple[int, str], ...]

_FIGURES: dict[str, tuple[Figure, ...]] = {
    # Each figure is written for the last two beats of the bar; a fill of one beat takes its second half.
    "toms": (
        ((SNARE, "xxoo|...."), (HIGH_TOM, "....|xx.."), (LOW_TOM, "....|..xX")),
        ((HIGH_TOM, "x.x.|...."), (MID_TOM, "....|x.x."), (SNARE, ".oo.|.o.X")),
        ((SNARE, "x.xx|.xxX"), (KICK, "x...|x...")),
        ((HIGH_TOM, "xxx.|...."), (MID_TOM, "....|xxx."), (KICK, "...x|...X")),
        ((SNARE, "x...|x..."), (HIGH_TOM, ".xx.|...."), (LOW_TOM, "....|.xxX"), (KICK, "...x|....")),
        ((SNARE, "xoxo|xoxo"), (LOW_TOM, "x...|x..X")),
    ),
    "snare": (
        ((SNARE, "x..x|.xxX"), (KICK, "x...|..x.")),
        ((SNARE, "x.gg|xoxX"), (KICK, "x.x.|....")),
        ((SNARE, "x.x.|x.xX"), (KICK, "x..x|x...")),
        ((SNARE, "ogxg|oxxX"), (OPEN, "....|..x.")),
        ((SNARE, "..xx|..xX"), (KICK, "xx..|xx..")),
    ),
    "clap": (
        ((CLAP, "x..x|..xX"), (OPEN, "..x.|..x."), (KICK, "x...|x...")),
        ((CLAP, "x...|xx.X"), (CLOSED, "x.x.|x.xx"), (KICK, "x..x|....")),
        ((CLAP, "..x.|x.X."), (MID_TOM, "x..x|...x"), (KICK, "x...|x...")),
        ((SNARE, "x.x.|xxxX"), (KICK, "x...|....")),
        ((LOW_TOM, "x..x|..x."), (HIGH_TOM, "..x.|x..X"), (KICK, "x...|x...")),
    ),
    "break": (
        ((SNARE, "x.gx|gx.X"), (KICK, "..x.|..x."), (CLOSED, "x.x.|x.x.")),
        ((SNARE, "xgxg|xxxX"), (KICK, "x...|....")),
        ((SNARE, ".gx.|.xgX"), (KICK, "x..x|x..."), (OPEN, "..x.|....")),
        ((SNARE, "x..x|x..x"), (KICK, ".x..|..x."), (HIGH_TOM, "....|.x.X")),
    ),
    "hats": (
        ((CLOSED, "xoxoxo|xxoxxo"), (SNARE, "x...|...X"), (KICK, "..x.|x...")),
        ((CLOSED, "x.x.|xxxxxxxx"), (SNARE, "x...|..xX"), (KICK, "x...|....")),
        ((CLOSED, "xxx|xxxxxx"), (SNARE, "..x.|...X"), (LOW_TOM, "x...|x.x.")),
    ),
    "light": (
        ((STICK, "x..o|.oxo"), (PEDAL, "..x.|..x.")),
        ((SNARE, "o.go|.gox"), (KICK, "x...|....")),
        ((STICK, "..oo|x.ox"), (SNARE, "....|.g.g")),
        ((SNARE, "..g.|ogox"), (OPEN, "....|..o.")),
    ),
    "triplet": (
        ((SNARE, "xoo|xox"), (KICK, "x..|...")),
        ((SNARE, "x.g|oxX"), (MID_TOM, "..x|..."), (KICK, ".x.|x..")),
        ((SNARE, "x.x|.xX"), (KICK, ".x.|x..")),
        ((HIGH_TOM, "xx.|..."), (MID_TOM, "..x|x.."), (LOW_TOM, "...|.xX")),
    ),
    "timbales": (
        ((65, "x.xx|.xxX"), (66, "..x.|x...")),
        ((63, "x.x.|xx.x"), (64, ".x.x|..xX")),
        ((65, "xx.x|x.x."), (66, "..x.|.x.X")),
        ((65, "x..x|xxxX"), (64, ".x..|....")),
    ),
}
_SOFTEST = 0.86
"""Loudness at the start of a long fill, as a share of its end."""


def fill(kind: str, beats: int, length: int, dice: Dice) -> list[Event]:
    """A fill in the last `length` beats (1, 2 or 4) of a bar, which grows towards the bar line.

    Args:
        kind: a key of the table above.
        beats: the metre.
        length: beats; a fill of four is two figures on end.
        dice: chooses the figures.
    """
    length = min(length, beats)
    events = []
    for number in range(2 if length == 4 else 1):
        figure = dice.pick(_FIGURES[kind])
        begin = beats - length + 2 * number if length == 4 else beats - 2
        for pitch, line in figure:
            for start, letter, gap in hits(line, 0, 2):
                at = begin + start
                if at < max(beats - length, 0) - 0.01:
                    continue
                # What opens the last half of a long fill does not close its first.
                letter = "x" if letter == "X" and begin + 2 < beats else letter
                growth = _SOFTEST + (1.0 - _SOFTEST) * (at - (beats - length)) / length
                events.append(Event(at, min(gap, 0.25), pitch, 94 * ACCENTS[letter] * growth))
    return events


def roll(beats: int, progress: float, dice: Dice) -> list[Event]:
    """A snare roll that quickens over a build; `progress` 0-1 through the section."""
    per_beat = 1 if progress < 0.5 else 2 if progress < 0.75 else 4
    events = []
    for step in range(beats * per_beat):
        loud = 52 + 44 * (progress + step / (beats * per_beat) * 0.25) + 5 * dice.random()
        events.append(Event(step / per_beat, 0.2, SNARE, loud))
    return events
