"""Phrases: motifs brought together with chords, as the smoothest line through all their bars.

Each note may choose among a few pitches near what its motif asks for: chord notes on strong beats and where a
note is held, the scale between. Of all lines that this allows, the one is sung that departs least from the
motifs, moves by step, shuns fifths and octaves in parallel with the bass, and ends where its cadence wants it
(dynamic programming over the notes).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from simba_live.music.dice import Dice
from simba_live.music.events import Event, Harmony
from simba_live.music.melody import Motif
from simba_live.music.patterns import swung
from simba_live.music.style import Layer
from simba_live.music.theory import in_parallel, nearest, pitches_in

ARCH = (0, 1, 2, 1, 2, 4, 3, 0)
"""The rise and fall of a period's eight bars, in scale steps or so."""

_STRONG = {3: (0,), 4: (0, 2), 5: (0, 3), 6: (0, 3), 7: (0, 3, 5), 9: (0, 3, 6), 12: (0, 3, 6, 9)}
_MOVES = (0.55, 0.0, 0.0, 0.2, 0.3, 0.6, 1.3, 0.9, 1.5, 1.7, 2.4, 3.0, 1.8)
"""What a melodic interval costs, by semitones; more than an octave costs 4."""

_BENT = 0.22
_OFF_CHORD = 0.45
_EMPTY = {0: 0.5, 7: 0.3}
_PARALLEL = 1.5
_LONG = 0.9


@dataclass(frozen=True)
class Line:
    """One bar to be sung.

    Attributes:
        motif: what to sing.
        harmony: the bar's chords.
        scales: pitch classes to use over each of them.
        centre: MIDI pitch about which to sing.
        cadence: how the bar's last note ends the phrase: "full" at home, "half" away from it, "" not at all.
    """

    motif: Motif
    harmony: Harmony
    scales: tuple[tuple[int, ...], ...]
    centre: float
    cadence: str = ""


@dataclass(slots=True)
class _Sung:
    """A note whose pitch is still open: its bar and motif event, its chord's bass, and pitches with costs."""

    bar: int
    start: float
    duration: float
    offset: int
    bass: int
    options: list[tuple[int, float]]
    anchored: bool


def strong_beats(beats: int) -> tuple[int, ...]:
    """The beats of a bar that a melody leans on."""
    return _STRONG.get(beats, (0, 2, 4, 6, 8)[: (beats + 1) // 2])


def sing(
    layer: Layer,
    lines: tuple[Line, ...],
    tonic: int,
    swing: float,
    unit: float,
    chromatic: float,
    dice: Dice,
) -> tuple[tuple[Event, ...], ...]:
    """A phrase of some bars.

    Args:
        layer: range, loudness and hold.
        lines: its bars.
        tonic: pitch class of the key.
        swing: see `patterns.swung`.
        unit: see `patterns.swung`.
        chromatic: how often a short note before a chord note is a half step from it.
        dice: decides that.

    Returns:
        The notes of each bar.
    """
    notes = [note for number, line in enumerate(lines) for note in _open_notes(layer, number, line, tonic)]
    pitches = _smoothest(notes)
    for index in range(1, len(notes) - 1):
        here, after = notes[index], notes[index + 1]
        short = here.duration <= 0.5 and not here.anchored and here.bar == after.bar
        if short and after.anchored and dice.chance(chromatic):
            side = 1 if pitches[index - 1] > pitches[index + 1] else -1
            if pitches[index + 1] + side != pitches[index - 1]:
                pitches[index] = pitches[index + 1] + side
    sung: list[list[Event]] = [[] for _ in lines]
    for note, pitch in zip(notes, pitches, strict=True):
        triplet = note.start % 1 > 0.01 and abs(note.start * 3 - round(note.start * 3)) < 0.01
        begin = note.start if triplet else swung(note.start, swing, unit)
        accent = 1.06 if note.start == 0 else 1.0 if note.start % 1 < 0.01 else 0.9
        # A voice gives more as it rises.
        loud = layer.velocity * accent + 0.5 * (pitch - lines[note.bar].centre)
        sung[note.bar].append(Event(begin, max(0.1, note.duration * layer.hold), pitch, loud))
    return tuple(tuple(bar) for bar in sung)


def _open_notes(layer: Layer, number: int, line: Line, tonic: int) -> list[_Sung]:
    """The notes of one bar with the pitches that each may take."""
    found = []
    strong = strong_beats(line.harmony.beats)
    ladders = [pitches_in(scale, layer.low, layer.high) for scale in line.scales]
    spans = line.harmony.spans
    for count, (start, duration, offset) in enumerate(line.motif.events):
        span = line.harmony.at(start)
        chord = spans[span][2]
        ladder = ladders[span]
        tones = pitches_in(chord.pitch_classes, layer.low, layer.high)
        anchor = ladder.index(nearest(line.centre, tuple(tone for tone in tones if tone in ladder) or ladder))
        top = len(ladder) - 1
        rung = anchor + offset
        # Reflect at the ends of the range instead of sticking to them.
        rung = abs(rung) if rung < 0 else 2 * top - rung if rung > top else rung
        wanted = ladder[max(0, min(rung, top))]
        on_beat = start % 1 < 0.01
        anchored = (on_beat and round(start) in strong) or duration >= _LONG
        if line.cadence and count == len(line.motif.events) - 1:
            pool, anchored = _goals(line, chord.pitch_classes, tonic, layer), True
        else:
            pool = tones if anchored else ladder
        reach = 9 if anchored else 5
        near = [pitch for pitch in pool if abs(pitch - wanted) <= reach] or [nearest(wanted, pool)]
        held = _harmony_at_end(line, start + duration - 0.3, span)
        options = []
        for pitch in near:
            cost = _BENT * abs(pitch - wanted)
            if on_beat and pitch not in tones:
                cost += _OFF_CHORD
            if anchored and not line.cadence:
                # Thirds and sevenths say more over a bass than its own note or its fifth.
                cost += _EMPTY.get((pitch - chord.bass) % 12, 0.0)
            if held is not None and pitch % 12 not in held:
                cost += _OFF_CHORD
            options.append((pitch, cost))
        found.append(_Sung(number, start, duration, offset, chord.bass, options, anchored))
    return found


def _harmony_at_end(line: Line, moment: float, span: int) -> tuple[int, ...] | None:
    """Pitch classes of the chord that a note from another span is still held in; None if there is none."""
    later = line.harmony.at(moment)
    return line.harmony.spans[later][2].pitch_classes if later > span else None


def _goals(line: Line, chord: tuple[int, ...], tonic: int, layer: Layer) -> tuple[int, ...]:
    """Where a phrase may end: on the tonic, or on a note that asks for more."""
    if line.cadence == "full":
        classes = (tonic,) if tonic in chord else chord[:2]
    else:
        classes = tuple(tone for tone in chord[:3] if tone != tonic)
    return pitches_in(classes, layer.low, layer.high)


def _smoothest(notes: list[_Sung]) -> list[int]:
    """The cheapest line through all notes' options."""
    if not notes:
        return []
    costs = [cost for _, cost in notes[0].options]
    ways: list[list[int]] = []
    for before, note in pairwise(notes):
        repeats = before.offset == note.offset and before.bar == note.bar
        turned = before.bass != note.bass
        # After a rest a leap is free to be larger.
        scale = 0.6 if note.bar != before.bar and note.start > 0.9 else 1.0
        way, totals = [], []
        for pitch, own in note.options:
            best, best_index = 1e9, 0
            for index, (other, _) in enumerate(before.options):
                size = abs(pitch - other)
                move = (0.0 if repeats else _MOVES[0]) if size == 0 else _MOVES[size] if size <= 12 else 4.0
                total = costs[index] + scale * move
                if turned and in_parallel(before.bass, other, note.bass, pitch):
                    total += _PARALLEL
                if total < best:
                    best, best_index = total, index
            way.append(best_index)
            totals.append(best + own)
        ways.append(way)
        costs = totals
    index = costs.index(min(costs))
    pitches = [notes[-1].options[index][0]]
    for note, way in zip(notes[-2::-1], ways[::-1], strict=True):
        index = way[index]
        pitches.append(note.options[index][0])
    return pitches[::-1]
