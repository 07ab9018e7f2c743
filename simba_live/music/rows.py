"""One bar on the frame grid: any of its frames as rows of `Conditions`, for files and live music alike.

Frame f covers the seconds [f / frame_rate, (f + 1) / frame_rate).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from simba_live.conditions import (
    ABSENT,
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DRUM_NONE,
    DRUM_ONSET,
    DRUMS,
    INSTRUMENTS,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    NUM_PROGRAMS,
    PRESENT,
    Conditions,
)
from simba_live.music.score import Bar, Chord

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
        parts = {part.name: part for part in bar.parts}
        self._starts = np.array([note.start for note in bar.notes], np.float64)
        self._durations = np.array([note.duration for note in bar.notes], np.float64)
        self._notes = [(note.pitch, note.part, note.part in drums) for note in bar.notes]
        self._instruments = np.full(len(INSTRUMENTS), ABSENT, np.uint8)
        self._programs = np.full(NUM_PROGRAMS, ABSENT, np.uint8)
        for part in {note.part: parts[note.part] for note in bar.notes}.values():
            self._instruments[part.family] = PRESENT
            if not part.is_drums:
                self._programs[part.program] = PRESENT

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
        rows.programs[:] = self._programs
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
