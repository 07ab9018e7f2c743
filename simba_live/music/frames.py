"""Written music on the frame grid: what `Conditions` says of each frame, exactly, offline and live alike.

Frame f covers the seconds [f / frame_rate, (f + 1) / frame_rate). Bars follow each other without a gap from
second 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simba_live.conditions import (
    ABSENT,
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DENSITY_SCALE,
    DRUM_NONE,
    DRUM_ONSET,
    DRUMS,
    INSTRUMENTS,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    PRESENT,
    Conditions,
)
from simba_live.music.arranger import Arranger
from simba_live.music.score import Bar, Chord

DENSITY_SECONDS = 1.5
"""Density counts the onsets of this many seconds up to and including a frame (fewer at the very start).

Notes that one part strikes together, a chord or a kick with its cymbal, count as one onset: that is what is
heard as busy.
"""
_SHORTEST_SECONDS = 0.5

_DRUM_NAMES = {
    "kick": (35, 36),
    "snare": (37, 38, 40),
    "clap": (39,),
    "closed hat": (42, 44),
    "open hat": (46,),
    "tom": (41, 43, 45, 47, 48, 50),
    "cymbal": (49, 51, 52, 53, 55, 57, 59),
}
DRUM_COLUMNS: dict[int, int] = {
    pitch: next(
        (DRUMS.index(name) for name, pitches in _DRUM_NAMES.items() if pitch in pitches), len(DRUMS) - 1
    )
    for pitch in range(128)
}
"""Column of `Conditions.drums` by General MIDI drum pitch; whatever has no name of its own is percussion."""

TINY = 1e-6
"""Part of a frame that does not count: seconds that are a multiple of a frame may fall an ulp short of it."""


def score_conditions(bars: Sequence[Bar], frame_rate: float) -> Conditions:
    """The conditions of consecutive bars.

    Args:
        bars: bars that follow each other from second 0; each may have its own tempo and metre.
        frame_rate: frames per second.

    Returns:
        Conditions of every frame that begins before the last bar line. Everything is known (nothing is free)
        but `brightness`, which only audio can tell.
    """
    rows: list[Conditions] = []
    onsets: list[NDArray[np.float32]] = []
    ringing: list[tuple[float, int]] = []
    # Bars of one length are placed by multiplication: sums would drift away from what a live stream computes.
    origin, run, seconds = 0.0, 0, 0.0
    for bar in bars:
        if bar.seconds != seconds:
            origin, run, seconds = origin + run * seconds, 0, bar.seconds
        span = Span.between(origin + run * seconds, origin + (run + 1) * seconds, bar.bpm, frame_rate)
        written = BarRows(bar)
        piece, counts = written.rows(span, span.first, span.last, frame_rate)
        for until, pitch in ringing:
            line = piece.notes[: max(first_frame(until, frame_rate) - span.first, 0), pitch]
            np.maximum(line, NOTE_SUSTAINED, out=line)
        ringing = [ring for ring in ringing if ring[0] > span.end] + written.ringing(span)
        rows.append(piece)
        onsets.append(counts)
        run += 1
    if not rows:
        return Conditions.free(0)
    whole = Conditions.concatenate(rows)
    whole.density[:] = _density(np.concatenate(onsets), 0, frame_rate)
    return whole


def first_frame(seconds: float, frame_rate: float) -> int:
    """The first frame that begins at or after a moment."""
    return ceil(seconds * frame_rate - TINY)


@lru_cache(maxsize=1024)
def _chord_row(chord: Chord) -> NDArray[np.uint8]:
    row = np.full(12, CHORD_OUT, np.uint8)
    row[list(chord.pitch_classes)] = CHORD_IN
    row[chord.root] = CHORD_ROOT
    row.setflags(write=False)
    return row


@dataclass(frozen=True)
class Span:
    """Where a bar lies in time.

    Attributes:
        start: seconds at its bar line, frame 0 being at 0.
        end: seconds at the next one.
        bpm: beats per minute.
        first: its first frame.
        last: the frame after its last one.
    """

    start: float
    end: float
    bpm: float
    first: int
    last: int

    @classmethod
    def between(cls, start: float, end: float, bpm: float, frame_rate: float) -> Span:
        """The span of the frames that begin between two bar lines."""
        return cls(start, end, bpm, first_frame(start, frame_rate), first_frame(end, frame_rate))


class BarRows:
    """One bar, ready to be laid on the frame grid: from some of its frames to the rows of `Conditions`."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        drums = {part.name for part in bar.parts if part.is_drums}
        families = {part.name: part.family for part in bar.parts}
        self._starts = np.array([note.start for note in bar.notes], np.float64)
        self._durations = np.array([note.duration for note in bar.notes], np.float64)
        self._notes = [(note.pitch, note.part, note.part in drums) for note in bar.notes]
        self._instruments = np.full(len(INSTRUMENTS), ABSENT, np.uint8)
        self._instruments[[families[note.part] for note in bar.notes]] = PRESENT

    def rows(
        self,
        span: Span,
        low: int,
        high: int,
        frame_rate: float,
        sounding: Collection[int] | None = None,
    ) -> tuple[Conditions, NDArray[np.float32]]:
        """The frames `low` to `high`, which all belong to the bar.

        Args:
            span: where the bar lies in time.
            low: first frame.
            high: the frame after the last one.
            frame_rate: frames per second.
            sounding: pitches that sounded in the frame before `low`; a note that should have begun by then
                and is not among them begins at `low`. None takes it that all did.

        Returns:
            The conditions (density not yet filled) and the onsets in each frame.
        """
        rows = Conditions.free(high - low)
        beat_seconds = 60.0 / span.bpm
        beats = np.maximum((np.arange(low, high) / frame_rate - span.start) / beat_seconds, 0.0)
        rows.tempo[:] = span.bpm
        # Rounding to float32 must not turn 0.99999999 into 1.
        rows.beat[:] = np.minimum(beats % 1.0, 0.999999)
        rows.bar[:] = np.minimum(beats / self.bar.beats_per_bar, 0.999999)
        rows.key[:] = self.bar.key.index
        for beat, chord in self.bar.chords:
            begin = first_frame(span.start + beat * beat_seconds, frame_rate)
            rows.chord[max(begin - low, 0) :] = _chord_row(chord)
        rows.notes[:] = NOTE_OFF
        rows.drums[:] = DRUM_NONE
        rows.instruments[:] = self._instruments
        begins = span.start + self._starts * beat_seconds
        # A bar line seldom falls on a frame; a note on it must not slip into the bar before.
        onsets = np.minimum(np.maximum(np.floor(begins * frame_rate + TINY), span.first), span.last - 1)
        stops = np.ceil((begins + self._durations * beat_seconds) * frame_rate - TINY)
        struck: set[tuple[int, str]] = set()
        onset_cells: list[tuple[int, int]] = []
        for index in np.flatnonzero((onsets < high) & (np.maximum(stops, onsets + 1) > low)):
            pitch, part, is_drum = self._notes[index]
            onset = int(onsets[index]) - low
            if is_drum:
                if onset >= 0:
                    rows.drums[onset, DRUM_COLUMNS[pitch]] = DRUM_ONSET
                    struck.add((onset, part))
                continue
            rows.notes[max(onset, 0) : max(int(stops[index]) - low, onset + 1), pitch] = NOTE_SUSTAINED
            if onset < 0 and sounding is not None and pitch not in sounding:
                onset = 0
            if onset >= 0:
                onset_cells.append((onset, pitch))
                struck.add((onset, part))
        for onset, pitch in onset_cells:
            rows.notes[onset, pitch] = NOTE_ONSET
        counts = np.zeros(high - low, np.float32)
        for onset, _ in struck:
            counts[onset] += 1
        return rows, counts

    def ringing(self, span: Span) -> list[tuple[float, int]]:
        """The notes that ring on past the bar: (end in seconds, pitch)."""
        beat_seconds = 60.0 / span.bpm
        ends = span.start + self._starts * beat_seconds + self._durations * beat_seconds
        return [
            (until, pitch)
            for until, (pitch, _, is_drum) in zip(ends.tolist(), self._notes, strict=True)
            if not is_drum and until > span.end + TINY
        ]


def density_window(frame_rate: float) -> int:
    """Frames whose onsets density counts."""
    return max(round(DENSITY_SECONDS * frame_rate), 1)


def density_of(onsets: ArrayLike, frames: ArrayLike, frame_rate: float) -> NDArray[np.float64]:
    """Density of so many onsets in so many frames."""
    shortest = max(round(_SHORTEST_SECONDS * frame_rate), 1)
    rate = np.asarray(onsets, np.float64) / (np.maximum(frames, shortest) / frame_rate)
    return np.minimum(rate / DENSITY_SCALE, 1.0)


def _density(counts: NDArray[np.float32], before: int, frame_rate: float) -> NDArray[np.float64]:
    """Density from onsets per frame; the first `before` frames only lend their onsets.

    With `before` 0 the music starts here, and the window grows until it has its full length.
    """
    total = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    ends = np.arange(before + 1, len(total))
    starts = np.maximum(ends - density_window(frame_rate), 0)
    return density_of(total[ends] - total[starts], ends - starts, frame_rate)


class ConditionStream:
    """The conditions of an endless arrangement, frame by frame.

    `frames` is a pure function of its start; the stream remembers only where `take` is. Tempo and metre are
    those of the arranger, so a bar's place in time is known without the bars before it.
    """

    def __init__(self, arranger: Arranger, frame_rate: float, total_bars: int | None = None) -> None:
        """Stream `arranger` at `frame_rate` frames per second; `total_bars` as in `Arranger.bar`."""
        self.arranger = arranger
        self.frame_rate = frame_rate
        self.total_bars = total_bars
        self.position = 0
        self._bars: dict[int, tuple[Conditions, NDArray[np.float32]]] = {}

    @property
    def bar_seconds(self) -> float:
        """Length of each bar."""
        return self.arranger.plan.beats * 60.0 / self.arranger.plan.bpm

    def take(self, count: int) -> Conditions:
        """The next `count` frames."""
        taken = self.frames(self.position, count)
        self.position += count
        return taken

    def frames(self, start: int, count: int) -> Conditions:
        """Frames `start` to `start + count` of the arrangement."""
        if count <= 0:
            return Conditions.free(0)
        lead = max(start - density_window(self.frame_rate), 0)
        first_bar = self.bar_at(lead)
        pieces, counts = [], []
        frame, index = first_frame(first_bar * self.bar_seconds, self.frame_rate), first_bar
        origin = frame
        while frame < start + count:
            conditions, onsets = self._bar(index)
            pieces.append(conditions)
            counts.append(onsets)
            frame += len(conditions)
            index += 1
        whole = Conditions.concatenate(pieces)[start - origin : start - origin + count]
        onset_counts = np.concatenate(counts)[lead - origin : start - origin + count]
        whole.density = _density(onset_counts, start - lead, self.frame_rate).astype(np.float32)
        return whole

    def bar_at(self, frame: int) -> int:
        """Number of the bar that a frame belongs to."""
        index = int(frame / self.frame_rate / self.bar_seconds)
        while first_frame((index + 1) * self.bar_seconds, self.frame_rate) <= frame:
            index += 1
        while index > 0 and first_frame(index * self.bar_seconds, self.frame_rate) > frame:
            index -= 1
        return index

    def _bar(self, index: int) -> tuple[Conditions, NDArray[np.float32]]:
        if index not in self._bars:
            bar = self.arranger.bar(index, total_bars=self.total_bars)
            start, end = index * self.bar_seconds, (index + 1) * self.bar_seconds
            span = Span.between(start, end, bar.bpm, self.frame_rate)
            # The last bars are kept: a player asks for a frame or two at a time.
            for old in list(self._bars)[:-3]:
                del self._bars[old]
            self._bars[index] = BarRows(bar).rows(span, span.first, span.last, self.frame_rate)
        return self._bars[index]
