"""Bass lines: patterns of roots and fifths, steps into the next chord, and the walking bass."""

from __future__ import annotations

from collections.abc import Sequence

from simba_live.music.dice import Dice
from simba_live.music.events import Event, Harmony
from simba_live.music.score import Chord
from simba_live.music.style import Layer
from simba_live.music.theory import nearest, place

_SPAN = 20
"""Semitones from a bass layer's lowest note to the highest that a line uses."""


def bass_note(letter: str, chord: Chord, following: Chord, low: int, scale: Sequence[int], dice: Dice) -> int:
    """A bass pitch in the octave and a half above `low` (see `patterns.play_grid` for the letters)."""
    middle = low + 7
    root = place(chord.bass, low, low + 18, middle)
    if letter in "Rr":
        return root
    if letter == "O":
        return root + 12 if root + 12 <= low + 22 else root
    if letter == "A":
        return step_into(root, chord, following, low, scale, dice)
    tones = chord.pitch_classes
    if letter == "T":
        tone = tones[1]
    elif letter == "S":
        tone = tones[3] if len(tones) > 3 else tones[-1]
    else:
        tone = next((t for t in tones if (t - chord.root) % 12 in (6, 7, 8)), (chord.root + 7) % 12)
    return place(tone, low, low + _SPAN, root + 5)


def step_into(
    current: int, chord: Chord, following: Chord, low: int, scale: Sequence[int], dice: Dice
) -> int:
    """A note that leads to the next root: a step of the scale beside it, or the half step below."""
    target = place(following.bass, low, low + 18, low + 7)
    if following.bass == chord.bass:
        # Nothing to lead to: the fifth sets the root off.
        return place(chord.root + 7, low, low + _SPAN, target - 5)
    above = next(p for p in range(target + 1, target + 4) if p % 12 in scale or p == target + 3)
    below = next(p for p in range(target - 1, target - 4, -1) if p % 12 in scale or p == target - 3)
    options = [pitch for pitch in (below, target - 1, above) if pitch >= low and pitch != current]
    # From where the line is, without passing the target and turning back.
    near = [pitch for pitch in options if (pitch < target) == (current < target)] or options
    return dice.pick(near) if near else target + 1


def lead_on(
    events: list[Event],
    layer: Layer,
    harmony: Harmony,
    scales: tuple[tuple[int, ...], ...],
    chance: float,
    dice: Dice,
) -> list[Event]:
    """Bend the last note before a change of root so that it leads there, or add a short one that does.

    Args:
        events: the line, in order.
        layer: for its register.
        harmony: the bar's chords.
        scales: pitch classes to use over each of them.
        chance: how often a change of root is led to.
        dice: decides.
    """
    for number, (start, end, chord) in enumerate(harmony.spans):
        following = harmony.after(number)
        inside = [event for event in events if start - 0.01 <= event.start < end - 0.01]
        if following.bass == chord.bass or not inside or not dice.chance(chance):
            continue
        last = inside[-1]
        pitch = step_into(last.pitch, chord, following, layer.low, scales[number], dice)
        if len(inside) > 1 and end - 1.01 <= last.start:
            last.pitch = pitch
        elif last.start <= end - 1.49 and end - start >= 2:
            lead = 0.5 if dice.chance(0.6) else 1.0
            last.duration = min(last.duration, end - lead - last.start)
            events.append(Event(end - lead, lead * 0.9, pitch, last.velocity * 0.86))
    events.sort(key=lambda event: event.start)
    return events


def play_walk(
    layer: Layer, harmony: Harmony, scales: tuple[tuple[int, ...], ...], swing: float, dice: Dice
) -> list[Event]:
    """A walking bass: roots where chords change, a step into each, chord and scale notes between."""
    events: list[Event] = []
    low, high = layer.low, layer.low + _SPAN
    for beat in range(harmony.beats):
        span = harmony.at(beat)
        start, end, chord = harmony.spans[span]
        root = place(chord.bass, low, low + 18, low + 8)
        following = harmony.after(span)
        target = place(following.bass, low, low + 18, low + 8)
        before = events[-1].pitch if events else root
        if beat == int(start):
            pitch = root
        elif beat + 1 >= end:
            pitch = step_into(before, chord, following, low, scales[span], dice)
        else:
            pool = chord.pitch_classes if dice.chance(0.65) else scales[span]
            up = target >= before if abs(target - before) > 2 else dice.chance(0.6)
            options = tuple(
                p
                for p in range(low, high + 1)
                if p % 12 in pool and p != before and (p > before) == up and abs(p - before) < 8
            )
            pitch = dice.pick(options) if options else nearest(before + 5, tuple(range(low, high + 1)))
        pitch = min(max(pitch, low), high)
        velocity = layer.velocity * (1.06 if beat % 2 == 1 else 1.0)
        if beat + 1 < harmony.beats and dice.chance(0.12):
            events.append(Event(float(beat), swing * 0.9, pitch, velocity))
            events.append(Event(beat + swing, (1 - swing) * 0.8, pitch, velocity * 0.75))
        else:
            events.append(Event(float(beat), layer.hold, pitch, velocity))
    return events
