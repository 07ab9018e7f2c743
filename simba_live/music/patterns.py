"""Patterns turned into notes: grids, held and broken chords, walking bass; pure functions of a bar."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from simba_live.music.score import Chord
from simba_live.music.style import Layer
from simba_live.music.theory import nearest, place

T = TypeVar("T")

ACCENTS = {"X": 1.16, "x": 1.0, "o": 0.78, "g": 0.46}


class Dice:
    """Numbers that depend on nothing but a text: the same on every machine and Python version."""

    def __init__(self, *words: object) -> None:
        text = "/".join(str(word) for word in words)
        self._state = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def random(self) -> float:
        """The next number in [0, 1), by SplitMix64."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.random() * len(options))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability


@dataclass(slots=True)
class Event:
    """A note on its way: beats from the bar line, loudness 0-127 before dynamics."""

    start: float
    duration: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Harmony:
    """The chords of one bar.

    Attributes:
        beats: the bar's length.
        spans: (start, end, chord) in beats.
        upcoming: the first chord of the next bar.
    """

    beats: int
    spans: tuple[tuple[float, float, Chord], ...]
    upcoming: Chord

    def at(self, beat: float) -> int:
        """Index of the span that sounds at a beat (with a little patience for early notes)."""
        for index in range(len(self.spans) - 1, 0, -1):
            if beat >= self.spans[index][0] - 0.01:
                return index
        return 0

    def after(self, index: int) -> Chord:
        """The chord that follows span `index`."""
        return self.spans[index + 1][2] if index + 1 < len(self.spans) else self.upcoming


def swung(time: float, swing: float, unit: float) -> float:
    """A straight time moved to where the swing puts it; the pair's ends stay where they are."""
    pair, inside = divmod(time, unit)
    half = unit / 2
    if inside < half:
        return pair * unit + inside * swing * 2
    return pair * unit + swing * unit + (inside - half) * (1 - swing) * 2


@lru_cache(maxsize=4096)
def _cells(line: str, bar: int, beats: int) -> tuple[str, ...]:
    bars = line.split("/")
    cells = bars[bar % len(bars)].strip().split("|")
    if beats > len(cells):
        last = len(cells) - 1
        # The surplus beats walk back from the last cell, so that the downbeat's figure stays on the downbeat.
        cells += [cells[max(last - (extra % max(last, 1)), 0)] for extra in range(beats - len(cells))]
    return tuple(cells[:beats])


@lru_cache(maxsize=4096)
def hits(
    line: str, bar: int, beats: int, swing: float = 0.5, unit: float = 1.0
) -> tuple[tuple[float, str, float], ...]:
    """The events of one bar of a pattern text.

    Args:
        line: the pattern, see `style`.
        bar: which bar of a longer pattern (taken modulo its length).
        beats: the metre.
        swing: see `swung`; cells of three or six steps are triplets already and stay.
        unit: see `swung`.

    Returns:
        (start, character, beats until the next event or the bar's end), in order.
    """
    events: list[tuple[float, str]] = []
    for beat, cell in enumerate(_cells(line, bar, beats)):
        for step, character in enumerate(cell):
            if character in ".-":
                continue
            time = beat + step / len(cell)
            events.append((time if len(cell) % 3 == 0 else swung(time, swing, unit), character))
    ends = [time for time, _ in events[1:]] + [float(beats)] * bool(events)
    return tuple((time, character, end - time) for (time, character), end in zip(events, ends, strict=True))


def play_grid(
    layer: Layer,
    steps: tuple[tuple[float, str, float], ...],
    harmony: Harmony,
    voicings: tuple[tuple[int, ...], ...],
    dice: Dice,
) -> list[Event]:
    """Play a grid of letters over the bar's chords.

    Letters: R r root in the bass (loud, soft), F fifth, O octave, T third, S seventh, A a step into the next
    chord; C c the whole voicing, U its upper notes, 1-6 its notes from below, ? the voicing or nothing.
    In a layer above the bass range the bass letters sound an octave below it: a pianist's left hand.
    """
    events = []
    for start, letter, gap in steps:
        span = harmony.at(start)
        chord = harmony.spans[span][2]
        soft = letter in "rcg?"
        velocity = layer.velocity * (0.8 if soft else 1.0)
        duration = max(0.08, gap * layer.hold)
        if letter in "RrFOTSA":
            low = layer.low if layer.low <= 40 else layer.low - 12
            pitch = bass_note(letter, chord, harmony.after(span), low, dice)
            events.append(Event(start, duration, pitch, velocity))
            continue
        if letter == "?" and not dice.chance(0.5):
            continue
        notes = voicings[span]
        if letter in "123456":
            place_in = int(letter) - 1
            octaves, index = divmod(place_in, len(notes))
            notes = (min(notes[index] + 12 * octaves, 96),)
        elif letter == "U":
            notes = notes[-2:]
        delay = layer.strum
        for order, pitch in enumerate(notes):
            late = order * delay
            events.append(Event(start + late, max(0.08, duration - late), pitch, velocity - 2.0 * order))
    return events


def bass_note(letter: str, chord: Chord, following: Chord, low: int, dice: Dice) -> int:
    """A bass pitch in the octave and a half above `low` (see `play_grid` for the letters)."""
    middle = low + 7
    root = place(chord.bass, low, low + 18, middle)
    if letter in "Rr":
        return root
    if letter == "O":
        return root + 12 if root + 12 <= low + 22 else root
    if letter == "A":
        target = place(following.bass, low, low + 18, middle)
        return max(low, target + dice.pick((-1, -2, 1, 2) if following.root != chord.root else (-5, 7, -2)))
    tones = chord.pitch_classes
    if letter == "T":
        tone = tones[1]
    elif letter == "S":
        tone = tones[3] if len(tones) > 3 else tones[-1]
    else:
        tone = next((t for t in tones if (t - chord.root) % 12 in (6, 7, 8)), (chord.root + 7) % 12)
    return place(tone, low, low + 20, root + 5)


def play_pad(layer: Layer, harmony: Harmony, voicings: tuple[tuple[int, ...], ...]) -> list[Event]:
    """Hold each chord for its whole length."""
    return [
        Event(start + order * layer.strum, (end - start) * layer.hold, pitch, layer.velocity)
        for (start, end, _), notes in zip(harmony.spans, voicings, strict=True)
        for order, pitch in enumerate(notes)
    ]


ORDERS = ("up", "down", "updown", "octaves", "leap")


def play_arp(
    layer: Layer,
    steps: tuple[tuple[float, str, float], ...],
    harmony: Harmony,
    voicings: tuple[tuple[int, ...], ...],
    order: str,
) -> list[Event]:
    """Break the chords in the rhythm of `steps`, anew with each chord; `order` is one of `ORDERS`."""
    events = []
    count, current = 0, -1
    for start, letter, gap in steps:
        span = harmony.at(start)
        if span != current:
            current, count = span, 0
        notes = list(voicings[span])
        if order == "octaves":
            notes += [notes[0] + 12]
        figure = {
            "up": notes,
            "octaves": notes,
            "down": notes[::-1],
            "updown": notes + notes[-2:0:-1],
            "leap": notes[::2] + notes[1::2],
        }[order]
        velocity = layer.velocity * ACCENTS.get(letter, 1.0)
        events.append(Event(start, max(0.08, gap * layer.hold), figure[count % len(figure)], velocity))
        count += 1
    return events


def play_walk(
    layer: Layer, harmony: Harmony, scales: tuple[tuple[int, ...], ...], swing: float, dice: Dice
) -> list[Event]:
    """A walking bass: roots where chords change, a step into each, chord and scale notes between."""
    events: list[Event] = []
    low, high = layer.low, layer.low + 20
    for beat in range(harmony.beats):
        span = harmony.at(beat)
        start, end, chord = harmony.spans[span]
        root = place(chord.bass, low, low + 18, low + 8)
        target = place(harmony.after(span).bass, low, low + 18, low + 8)
        before = events[-1].pitch if events else root
        if beat == int(start):
            pitch = root
        elif beat + 1 >= end:
            pitch = target + dice.pick((-1, 1, -1, 1, -2, 2, 7 if target + 7 <= high else -5))
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
