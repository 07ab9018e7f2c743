"""The development list of natural prompts, and how what is made of a prompt is judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simba_live.music.settings import Plan

_FILE = Path(__file__).parent / "development_prompts.json"

_SYNTHS = {38, 39, 50, 51, 54, 55, 62, 63, *range(80, 104)}
PLAYERS = {
    "piano": {0, 1, 2, 3},
    "electric piano": {4, 5},
    "bells": {8, 9, 10, 11, 12, 13, 14, 15, 98, 108, 112},
    "organ": {16, 17, 18, 19, 20},
    "accordion": {21, 23},
    "harmonica": {22},
    "guitar": set(range(24, 32)),
    "bass": {*range(32, 40), 43, 58, 87},
    "double bass": {32, 43},
    "strings": {*range(40, 46), *range(48, 52), 110},
    "fiddle": {40, 110},
    "brass": set(range(56, 64)),
    "saxophone": set(range(64, 68)),
    "whistle": {72, 74, 78},
    "synth": _SYNTHS,
}
"""General MIDI programs by which a listener would say that such a player is there."""


@dataclass(frozen=True)
class Case:
    """A prompt and what a listener would accept.

    Attributes:
        prompt: as somebody might type it.
        kind: what it speaks of, such as "mood" or "typo".
        styles: the styles that would be right.
        bpm: lowest and highest tempo.
        wanted: players that must be there, keys of `PLAYERS` or "drums".
        unwanted: players that must not.
        unseen: whether it is of the half that nothing is tuned on.
    """

    prompt: str
    kind: str
    styles: tuple[str, ...]
    bpm: tuple[float, float]
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    unseen: bool = False


def development_prompts() -> list[Case]:
    """All of them, in the order of the file."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    return [
        Case(**{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()})
        for entry in entries
    ]


def tempo_is_right(case: Case, plan: Plan) -> bool:
    """Whether the plan's tempo, or in compound time its dotted beat, is in the range; octaves forgiven."""
    beat = plan.bpm / (3 if plan.beats in (6, 9) else 1)
    low, high = case.bpm
    return any(low * 0.99 <= beat * octave <= high * 1.01 for octave in (0.5, 1, 2, 3))


def players(plan: Plan) -> set[str]:
    """Who plays in a plan, by the words of `PLAYERS`, and "drums"."""
    programs = {voice.part.program for voice in plan.voices}
    found = {name for name, members in PLAYERS.items() if programs & members}
    return found | ({"drums"} if plan.kit else set())


def players_are_right(case: Case, plan: Plan) -> bool:
    """Whether all that are wanted play and none that is not."""
    there = players(plan)
    return set(case.wanted) <= there and not set(case.unwanted) & there


def share(hits: Iterable[bool]) -> float:
    """How many of them are true, 0 to 1."""
    found = list(hits)
    return sum(found) / len(found)
