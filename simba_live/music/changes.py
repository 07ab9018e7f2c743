"""The changes: which key a bar is in, its chords, and how they are voiced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simba_live.music.events import Harmony
from simba_live.music.form import Spot, find_spot
from simba_live.music.score import Chord, Key
from simba_live.music.settings import Plan
from simba_live.music.style import Layer
from simba_live.music.theory import lead_voices, local_scale, parse_chord, parse_progression

Chords = tuple[tuple[float, Chord], ...]

_REMEMBERED = 256
"""How many progressions and voicings are remembered, in their few forms."""

_MEASURES = 32
"""How many bars are remembered; a stream of hours needs no more than the latest."""

_SHORTEST_PIECE = 48
"""Bars from which on a piece that ends may leave its key; a stream always may."""


@dataclass(frozen=True)
class Course:
    """What decides about form and harmony beside the plan; see `Arranger.bar` for the fields."""

    section: str | None = None
    total_bars: int | None = None
    since: int = 0
    chord: Chord | None = None


@dataclass(frozen=True)
class Measure:
    """A bar before anything plays in it.

    Attributes:
        spot: where it is.
        key: its key.
        text: the progression its chords come from; "" if they come from none.
        number: which bar of that progression it is.
        harmony: its chords.
        scales: for each of them, the pitch classes to play over it.
    """

    spot: Spot
    key: Key
    text: str
    number: int
    harmony: Harmony
    scales: tuple[tuple[int, ...], ...]

    @property
    def chords(self) -> Chords:
        """The chords as `Bar` has them."""
        return tuple((start, chord) for start, _, chord in self.harmony.spans)


class Changes:
    """Key, chords and voicings of every bar of a piece; pure functions, remembered within bounds."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._table = lru_cache(maxsize=_REMEMBERED)(self._read)
        self._chains = lru_cache(maxsize=_REMEMBERED)(self._chain)
        self.measure = lru_cache(maxsize=_MEASURES)(self._measure)

    def key(self, index: int, course: Course) -> Key:
        """The key of bar `index`: home, or where the piece's modulation leads.

        A section that is called stays in the key it was met in; a chord that is called is heard at home.
        """
        plan = self.plan
        modulation = plan.modulation
        short = course.total_bars is not None and course.total_bars < _SHORTEST_PIECE
        if modulation is None or short or course.chord is not None:
            return plan.key
        if course.section is not None:
            index = min(index, course.since)
        spot = find_spot(plan.style, index, None, course.total_bars)
        if modulation.lift:
            # For good, from the last such section of the round on: every other round, or once in a piece.
            begun = spot.section == modulation.section or modulation.section in spot.behind
            raised = begun and modulation.section not in spot.ahead
            often = modulation.section in spot.behind if course.total_bars else spot.round % 2 == 1
            return modulation.of(plan.key) if raised and often else plan.key
        return modulation.of(plan.key) if spot.section == modulation.section else plan.key

    def tonic(self, key: Key) -> Chord:
        """The chord to come to rest on: a tonic that the piece has already heard, if there is one."""
        for bar in self._table(self.plan.progressions[key.mode][0], key):
            for _, chord in bar:
                if chord.root == key.tonic:
                    return Chord(chord.root, chord.quality, chord.root)
        return parse_chord("1m" if key.mode == "minor" else "1", key.tonic)

    def voicing(self, layer: Layer, measure: Measure) -> tuple[tuple[int, ...], ...]:
        """How a layer lays out the bar's chords, each led from the chord before it in the progression."""
        if not measure.text:
            chords = tuple(chord for _, chord in measure.chords)
            return lead_voices(chords, layer.voicing, layer.low, layer.high)
        chains = self._chains(measure.text, measure.key, layer.voicing, layer.low, layer.high)
        return chains[measure.number]

    def _read(self, text: str, key: Key) -> tuple[Chords, ...]:
        return parse_progression(text, key, self.plan.beats)

    def _chain(
        self, text: str, key: Key, voicing: str, low: int, high: int
    ) -> tuple[tuple[tuple[int, ...], ...], ...]:
        table = self._table(text, key)
        chords = tuple(chord for bar in table for _, chord in bar)
        voiced = lead_voices(chords, voicing, low, high, round_and_round=True)
        bars, done = [], 0
        for bar in table:
            bars.append(voiced[done : done + len(bar)])
            done += len(bar)
        return tuple(bars)

    def _measure(self, index: int, course: Course) -> Measure:
        """Bar `index` of the piece, or of what has been called."""
        plan = self.plan
        spot = find_spot(plan.style, index, course.section, course.total_bars, course.since)
        key = self.key(index, course)
        text, number, chords = self._chords(index, spot, key, course)
        ends = [start for start, _ in chords[1:]] + [float(plan.beats)]
        spans = tuple((start, end, chord) for (start, chord), end in zip(chords, ends, strict=True))
        harmony = Harmony(plan.beats, spans, self._upcoming(index, course))
        scale = plan.style.scale(key.mode)
        scales = tuple(local_scale(key.tonic, scale, chord) for _, chord in chords)
        return Measure(spot, key, text, number, harmony, scales)

    def _chords(self, index: int, spot: Spot, key: Key, course: Course) -> tuple[str, int, Chords]:
        """The progression of a bar (none if it is told its chords), its number there, and its chords."""
        if course.chord is not None:
            return "", 0, ((0.0, course.chord),)
        if spot.final:
            return "", 0, ((0.0, self.tonic(key)),)
        style, beats = self.plan.style, self.plan.beats
        verse, drop, rest = self.plan.progressions[key.mode]
        text = {"drop": drop, "break": rest}.get(spot.section, verse)
        table = self._table(text, key)
        number = spot.index if style.through else spot.turn if len(table) % 4 == 0 else spot.place
        number %= len(table)
        # The bar before the last one turns to the cadence, where the style has one.
        cadence = style.cadence.get(key.mode)
        if spot.left == 1 and spot.section == "ending" and cadence:
            return "", 0, ((0.0, parse_chord(cadence, key.tonic)),)
        coming = self.key(index + 1, course)
        if coming != key:
            # The new key's dominant opens the door.
            door = parse_chord("57", coming.tonic)
            return "", 0, (table[number][0], (float((beats + 1) // 2), door))
        return text, number, table[number]

    def _upcoming(self, index: int, course: Course) -> Chord:
        """The first chord of the next bar."""
        if course.chord is not None:
            return course.chord
        plan = self.plan
        if course.total_bars is not None and index + 1 >= course.total_bars:
            return self.tonic(self.key(index, course))
        spot = find_spot(plan.style, index + 1, course.section, course.total_bars, course.since)
        return self._chords(index + 1, spot, self.key(index + 1, course), course)[2][0][1]
