"""Melodies: motifs drawn once per piece, then repeated, sequenced, inverted and brought to a close."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.music.patterns import Dice, Event, Harmony, swung
from simba_live.music.style import Layer
from simba_live.music.theory import nearest, pitches_in

_STEPS = (-2, -1, -1, -1, 1, 1, 1, 2, 0, 3, -3, 2, -2)
_ARCH = (0, 1, 2, 1, 2, 4, 3, 0)
_PLANS = ("abac", "aabc", "abcd", "aaab", "abab", "acab")


@dataclass(frozen=True)
class Motif:
    """One bar of melody without harmony: (start, duration, scale steps from the anchor), straight time."""

    events: tuple[tuple[float, float, int], ...]

    def inverted(self) -> Motif:
        """Upside down."""
        return Motif(tuple((start, duration, -offset) for start, duration, offset in self.events))

    def shifted(self, steps: int) -> Motif:
        """Sequenced: the same figure some scale steps away."""
        return Motif(tuple((start, duration, offset + steps) for start, duration, offset in self.events))

    def stretched(self, beats: int) -> Motif:
        """Twice as slow: what fits of it in the bar."""
        return Motif(tuple((s * 2, min(d * 2, beats - s * 2), o) for s, d, o in self.events if s * 2 < beats))

    def closing(self, beats: int) -> Motif:
        """Its beginning, then one long note that comes to rest."""
        turn = beats // 2 if beats > 2 else 1
        head = tuple(event for event in self.events if event[0] < turn - 0.01)[:4]
        head = tuple((s, min(d, turn - s), o) for s, d, o in head)
        return Motif((*head, (float(turn), beats - turn - 0.25, 0)))


def draw_motif(cells: str, beats: int, dice: Dice) -> Motif:
    """A motif whose beats are drawn from a style's cells; it has at least two notes."""
    vocabulary = cells.split()
    spoken = [cell for cell in vocabulary if "x" in cell]
    # A figure that returns within the bar makes it a motif and not a chain of accidents.
    first, second = dice.pick(spoken), dice.pick(vocabulary)
    chosen = [first, second] + [dice.pick(vocabulary) for _ in range(beats - 2)]
    if beats >= 4 and dice.chance(0.45):
        chosen[2] = first
    if sum(cell.count("x") for cell in chosen) < 2:
        chosen[1] = dice.pick(spoken)
    starts: list[list[float]] = []
    sounding = False
    for beat, cell in enumerate(chosen):
        for step, character in enumerate(cell):
            length = 1 / len(cell)
            if character == "x":
                starts.append([beat + step * length, length])
                sounding = True
            elif character == "-" and sounding:
                starts[-1][1] += length
            else:
                sounding = False
    events, offset, leap = [], dice.pick((0, 0, 1, 2)), 0
    for start, duration in starts:
        events.append((start, duration, offset))
        # After a leap the line turns back by a step.
        step = dice.pick(_STEPS) if abs(leap) < 2 else (-1 if leap > 0 else 1)
        if abs(offset + step) > 5:
            step = -step
        offset, leap = offset + step, step
    return Motif(tuple(events))


@dataclass(frozen=True)
class Theme:
    """The motifs of a piece by letter, and the order they come in."""

    motifs: dict[str, Motif]
    plan: str
    riff: tuple[Motif, ...]

    @classmethod
    def draw(cls, cells: str, riff_cells: str, beats: int, *seed: object) -> Theme:
        """Draw a theme from a style's rhythms; `seed` names the piece."""
        motifs = {letter: draw_motif(cells, beats, Dice(*seed, "motif", letter, beats)) for letter in "abcd"}
        dice = Dice(*seed, "theme", beats)
        riff = tuple(draw_motif(riff_cells or cells, beats, Dice(*seed, "riff", n, beats)) for n in range(2))
        if dice.chance(0.5):
            riff = riff[:1]
        return cls(motifs, dice.pick(_PLANS), riff)

    def bar(self, place: int, section: str, visit: int, beats: int) -> Motif:
        """The motif of bar `place` of a section; `visit` counts how often the section came before."""
        spot = place % 8
        motif = self.motifs[self.plan[spot % 4]]
        if section == "break":
            motif = self.motifs["a"].stretched(beats)
            return motif.inverted() if spot % 2 else motif
        if spot == 7:
            return self.motifs["b"].closing(beats)
        if spot == 3 and self.plan[3] in "cd":
            return motif.closing(beats)
        if spot in (4, 5) and visit % 2 == 1:
            motif = motif.inverted()
        elif spot >= 4:
            motif = motif.shifted(2 if spot < 6 else 1)
        return motif


def sing(
    layer: Layer,
    motif: Motif,
    place: int,
    lift: float,
    harmony: Harmony,
    scales: tuple[tuple[int, ...], ...],
    swing: float,
    unit: float,
) -> list[Event]:
    """Fit a motif to the bar's chords: chord notes on the beats, the scale between, an arch over eight bars.

    Args:
        layer: range, loudness and hold.
        motif: what to sing.
        place: bar within the section; sets the height of the arch.
        lift: semitones to raise the whole line by.
        harmony: the bar's chords.
        scales: pitch classes to use over each of them.
        swing: see `patterns.swung`.
        unit: see `patterns.swung`.
    """
    events: list[Event] = []
    # A written range is shared by the line's own rise and fall; the anchor stays in its lower middle.
    centre = layer.low + (layer.high - layer.low) * 0.42 + _ARCH[place % 8] * 0.8 + lift
    closing = place % 8 in (3, 7)
    for count, (start, duration, offset) in enumerate(motif.events):
        span = harmony.at(start)
        chord = harmony.spans[span][2]
        ladder = pitches_in(scales[span], layer.low, layer.high)
        tones = pitches_in(chord.pitch_classes, layer.low, layer.high)
        anchor = ladder.index(nearest(centre, tuple(tone for tone in tones if tone in ladder) or ladder))
        rung = anchor + offset
        top = len(ladder) - 1
        # Reflect at the ends of the range instead of sticking to them.
        rung = abs(rung) if rung < 0 else 2 * top - rung if rung > top else rung
        pitch = ladder[max(0, min(rung, top))]
        long = duration >= 0.9
        if start % 1 < 0.01 or long:
            pitch = nearest(pitch, tones)
        if closing and count == len(motif.events) - 1 and long:
            pitch = nearest(pitch, pitches_in((chord.root, chord.pitch_classes[1]), layer.low, layer.high))
        begin = (
            swung(start, swing, unit) if abs(start * 3 - round(start * 3)) > 0.01 or start % 1 == 0 else start
        )
        velocity = layer.velocity * (1.06 if start == 0 else 1.0 if start % 1 < 0.01 else 0.9)
        events.append(Event(begin, max(0.1, duration * layer.hold), pitch, velocity))
    return events
