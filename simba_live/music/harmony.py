"""Progressions made richer: secondary dominants, borrowed and passing chords, turnarounds, by name.

Everything here is written in degrees of the major scale, as `theory.parse_chord` reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simba_live.music.dice import Dice
from simba_live.music.score import Chord
from simba_live.music.theory import parse_chord

_DEGREES = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")
_MINOR = ("m", "m7", "m9", "m6", "madd9")
_PLAIN = ("", "maj7", "maj9", "6", "add9")
_PERIOD = 8


@dataclass(frozen=True)
class _Bar:
    """A bar with one chord, and what comes after: the chord as text and read in C, the next one, the mode."""

    text: str
    now: Chord
    following: Chord
    mode: str


def _name(root: int, quality: str) -> str:
    return _DEGREES[root % 12] + quality


def _can_be_tonic(chord: Chord) -> bool:
    return chord.root != 0 and chord.quality in (*_MINOR, *_PLAIN)


def _secondary(bar: _Bar) -> str | None:
    """The dominant of a chord that is not the tonic, just before it."""
    dominant = (bar.following.root + 7) % 12
    # The dominant of a flat degree leads too far away.
    if (
        not _can_be_tonic(bar.following)
        or bar.now.root == dominant
        or bar.following.root not in (2, 4, 5, 7, 9)
    ):
        return None
    return f"{bar.text},{_name(dominant, '7')}"


def _two_five(bar: _Bar) -> str | None:
    """Second and fifth degree of whatever comes next."""
    if bar.following.quality not in (*_MINOR, *_PLAIN) or bar.now.root in (0, bar.following.root):
        return None
    minor = bar.following.quality in _MINOR
    second, fifth = ("m7b5", "7b9") if minor else ("m7", "7")
    return f"{_name(bar.following.root + 2, second)},{_name(bar.following.root + 7, fifth)}"


def _tritone(bar: _Bar) -> str | None:
    """A dominant gives way to the one a tritone off: the bass slides down by a semitone."""
    if bar.now.quality not in ("7", "9", "7b9") or (bar.now.root + 5) % 12 != bar.following.root:
        return None
    return f"{bar.text},{_name(bar.following.root + 1, '7')}"


def _suspended(bar: _Bar) -> str | None:
    """The fourth before the third of the dominant."""
    if bar.text not in ("5", "57"):
        return None
    return "5sus4,5" if bar.text == "5" else "57sus4,57"


def _minor_four(bar: _Bar) -> str | None:
    """The fourth degree turns minor on its way home."""
    if (
        bar.mode != "major"
        or bar.now.root != 5
        or bar.now.quality not in _PLAIN
        or bar.following.root not in (0, 4, 7)
    ):
        return None
    return f"{bar.text},{'4m6' if bar.now.quality in ('maj7', 'maj9', '6') else '4m'}"


def _major_four(bar: _Bar) -> str | None:
    """The fourth degree of a minor key turns major, as in the Dorian mode."""
    if bar.mode != "minor" or bar.now.root != 5 or bar.now.quality not in _MINOR:
        return None
    return f"{bar.text},{'47' if bar.now.quality in ('m7', 'm9') else '4'}"


def _backdoor(bar: _Bar) -> str | None:
    """Home through the minor fourth and the flat seventh degree."""
    if bar.mode != "major" or bar.following.root != 0 or bar.now.root not in (5, 7):
        return None
    return "4m7,b77"


def _flat_six(bar: _Bar) -> str | None:
    """Home from below, over two major chords of the minor key."""
    if bar.mode != "major" or bar.following.root != 0 or bar.now.root not in (5, 7):
        return None
    return "b6,b7"


def _passing(bar: _Bar) -> str | None:
    """A diminished chord between two roots a whole tone apart."""
    if (bar.following.root - bar.now.root) % 12 != 2 or bar.now.root not in (0, 5, 7):
        return None
    return f"{bar.text},{_name(bar.now.root + 1, 'dim7')}"


def _inverted(bar: _Bar) -> str | None:
    """The third in the bass, where it makes a step into the next root."""
    if bar.text == "5" and bar.following.root in (9, 0):
        return "5/7"
    if bar.text == "1" and bar.following.root in (5, 2):
        return "1/3"
    return None


def _turnaround(bar: _Bar) -> str | None:
    """A tonic that only repeats goes away and comes back."""
    if bar.now.root != 0 or bar.following.root != 0:
        return None
    return f"{bar.text},{'57' if bar.mode == 'minor' or bar.now.quality in ('', '7') else '5sus4'}"


_COLOURS: dict[str, Callable[[_Bar], str | None]] = {
    "secondary": _secondary,
    "two-five": _two_five,
    "tritone": _tritone,
    "suspended": _suspended,
    "minor-four": _minor_four,
    "major-four": _major_four,
    "backdoor": _backdoor,
    "flat-six": _flat_six,
    "passing": _passing,
    "inverted": _inverted,
    "turnaround": _turnaround,
}


def enrich(text: str, colours: str, chance: float, mode: str, dice: Dice) -> str:
    """A progression over eight bars, in some of which another chord joins in; the second half has more.

    Args:
        text: a progression in degrees; one of 1, 2 or 4 bars is repeated until it has eight.
        colours: names from the table above, blank-separated; "" leaves the chords as they are.
        chance: how often a bar of the second half that could change does.
        mode: "major" or "minor".
        dice: decides.
    """
    bars = text.split()
    if _PERIOD % len(bars) == 0:
        bars *= _PERIOD // len(bars)
    rules = [_COLOURS[name] for name in colours.split()]
    enriched = []
    for place, bar in enumerate(bars):
        late = place >= len(bars) // 2 or place % 4 == 3
        changed: list[str] = []
        if "," not in bar and dice.chance(chance if late else chance * 0.4):
            now = parse_chord(bar, 0)
            following = parse_chord(bars[(place + 1) % len(bars)].split(",")[0], 0)
            changed = [new for rule in rules if (new := rule(_Bar(bar, now, following, mode))) is not None]
        enriched.append(dice.pick(changed) if changed else bar)
    return " ".join(enriched)
