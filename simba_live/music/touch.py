"""The players' touch: dynamics from the form down to the beat, and the timing of hands."""

from __future__ import annotations

from math import pi, sin

from simba_live.music.changes import Measure
from simba_live.music.dice import Dice
from simba_live.music.events import Event
from simba_live.music.form import Spot
from simba_live.music.phrase import strong_beats
from simba_live.music.score import Bar, Note, Part
from simba_live.music.settings import Plan
from simba_live.music.style import CLAP, CLOSED, OPEN, PEDAL, RIDE, SNARE, STICK

_LEVELS = {"intro": 0.84, "verse": 0.9, "build": 0.92, "drop": 1.0, "break": 0.8, "ending": 0.84}
_BUILDS_UP, _DIES_AWAY = 0.12, 0.12
_DOWNBEAT, _STRONG, _OFF_BEAT = 0.05, 0.025, -0.03
_FAINTEST = 0.45
_HANDS = {
    **dict.fromkeys((STICK, SNARE, 40, CLAP), "snare"),
    **dict.fromkeys((CLOSED, PEDAL, OPEN, RIDE), "hats"),
}


def finish(plan: Plan, index: int, measure: Measure, played: list[tuple[Part, list[Event]]]) -> Bar:
    """Events become notes: dynamics, human timing, clean overlaps."""
    beats, style, spot = plan.beats, plan.style, measure.spot
    strong = strong_beats(beats)
    notes: list[Note] = []
    for part, events in played:
        dice = Dice(style.name, plan.settings.seed, index, part.name, "hand")
        # A chord's notes, and a player's whole hand, move together.
        shifts: dict[float, float] = {}
        until: dict[int, int] = {}
        placed: list[list[float]] = []
        drag = style.feel.get(part.name, 0.0)
        for event in sorted(events, key=lambda event: (event.start, event.pitch)):
            if event.start not in shifts:
                # Two dice: small slips are common, large ones rare.
                shifts[event.start] = (dice.random() + dice.random() - 1.0) * style.loose
            late = drag if not part.is_drums else style.feel.get(_HANDS.get(event.pitch, ""), 0.0)
            start = min(max(event.start + shifts[event.start] + late, 0.0), beats - 0.05)
            level = loudness(spot, event.start, beats, style.swell)
            if not part.is_drums:
                level *= 1.0 + _accent(event.start, strong)
            velocity = event.velocity * level * (0.95 + 0.1 * dice.random())
            if event.pitch in until:
                earlier = placed[until[event.pitch]]
                if start - earlier[0] < 0.02:
                    continue
                earlier[1] = min(earlier[1], start - earlier[0])
            until[event.pitch] = len(placed)
            placed.append([start, min(event.duration, beats - start), event.pitch, velocity])
        notes += [
            Note(start, duration, int(pitch), int(min(max(velocity, 1), 127)), part.name)
            for start, duration, pitch, velocity in placed
        ]
    notes.sort(key=lambda note: (note.start, note.part, note.pitch))
    parts = tuple(part for part, _ in played)
    return Bar(index, spot.section, beats, plan.bpm, measure.key, measure.chords, parts, tuple(notes))


def loudness(spot: Spot, beat: float, beats: int, swell: float) -> float:
    """How loud the band is at a moment: by section, growing in a build, swelling over each phrase.

    Args:
        spot: the bar.
        beat: position in it.
        beats: its length.
        swell: how much louder a phrase's middle is than its ends, as a share.
    """
    level = _LEVELS[spot.section]
    if spot.section == "build":
        level += _BUILDS_UP * (spot.place + beat / beats) / spot.length
    elif spot.section == "ending":
        level -= _DIES_AWAY * spot.progress
    else:
        level *= 1.0 + swell * (sin(pi * (spot.turn % 4 + beat / beats) / 4) - 0.5)
    return max(level - 0.1 * spot.rested, _FAINTEST)


def _accent(start: float, strong: tuple[int, ...]) -> float:
    if start < 0.01:
        return _DOWNBEAT
    if start % 1 < 0.01:
        return _STRONG if round(start) in strong else 0.0
    return _OFF_BEAT
