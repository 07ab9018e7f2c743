"""Written music on the frame grid: what `Conditions` says of each frame, exactly, offline and live alike.

Frame f covers the seconds [f / frame_rate, (f + 1) / frame_rate). Bars follow each other without a gap from
second 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from simba_live.conditions import (
    ABSENT,
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DENSITY_SCALE,
    DRUM_NONE,
    DRUM_ONSET,
    DRUMS,
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

# Seconds that are computed as a multiple of a frame may fall an ulp short of it.
_TINY = 1e-6


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
        start, end = origin + run * seconds, origin + (run + 1) * seconds
        piece, count, ringing = _bar_frames(bar, start, end, frame_rate, ringing)
        rows.append(piece)
        onsets.append(count)
        run += 1
    if not rows:
        return Conditions.free(0)
    whole = Conditions.concatenate(rows)
    whole.density[:] = _density(np.concatenate(onsets), 0, frame_rate)
    return whole


def _first_frame(seconds: float, frame_rate: float) -> int:
    """The first frame that begins at or after a moment."""
    return ceil(seconds * frame_rate - _TINY)


def _frame_of(seconds: float, frame_rate: float) -> int:
    """The frame a moment falls in."""
    return floor(seconds * frame_rate + _TINY)


@lru_cache(maxsize=1024)
def _chord_row(chord: Chord) -> NDArray[np.uint8]:
    row = np.full(12, CHORD_OUT, np.uint8)
    row[list(chord.pitch_classes)] = CHORD_IN
    row[chord.root] = CHORD_ROOT
    row.setflags(write=False)
    return row


def _bar_frames(
    bar: Bar, start: float, end: float, frame_rate: float, ringing: list[tuple[float, int]]
) -> tuple[Conditions, NDArray[np.float32], list[tuple[float, int]]]:
    """The frames that begin inside one bar.

    Args:
        bar: the bar.
        start: seconds at its bar line.
        end: seconds at the next one.
        frame_rate: frames per second.
        ringing: (end in seconds, pitch) of notes that still sound from the bar before.

    Returns:
        The conditions (density not yet filled), onsets per frame, and the notes that ring on past the bar.
    """
    first, last = _first_frame(start, frame_rate), _first_frame(end, frame_rate)
    length = last - first
    free = Conditions.free(length)
    beat_seconds = 60.0 / bar.bpm
    beats = np.maximum((np.arange(first, last) / frame_rate - start) / beat_seconds, 0.0)
    free.tempo[:] = bar.bpm
    # Rounding to float32 must not turn 0.99999999 into 1.
    free.beat[:] = np.minimum(beats % 1.0, 0.999999)
    free.bar[:] = np.minimum(beats / bar.beats_per_bar, 0.999999)
    free.key[:] = bar.key.index
    for beat, chord in bar.chords:
        free.chord[max(_first_frame(start + beat * beat_seconds, frame_rate) - first, 0) :] = _chord_row(
            chord
        )
    free.notes[:] = NOTE_OFF
    free.drums[:] = DRUM_NONE
    free.instruments[:] = ABSENT
    counts = np.zeros(length, np.float32)
    drum_parts = {part.name for part in bar.parts if part.is_drums}
    families = {part.name: part.family for part in bar.parts}
    still: list[tuple[float, int]] = []
    for until, pitch in ringing:
        free.notes[: max(_first_frame(until, frame_rate) - first, 0), pitch] = NOTE_SUSTAINED
        if until > end:
            still.append((until, pitch))
    sounding: list[tuple[int, int]] = []
    playing: set[int] = set()
    struck: set[tuple[int, str]] = set()
    for note in bar.notes:
        playing.add(families[note.part])
        begin = start + note.start * beat_seconds
        # A bar line seldom falls on a frame; a note on it must not slip into the bar before.
        frame = min(max(_frame_of(begin, frame_rate) - first, 0), length - 1)
        if length == 0:
            continue
        struck.add((frame, note.part))
        if note.part in drum_parts:
            free.drums[frame, DRUM_COLUMNS[note.pitch]] = DRUM_ONSET
            continue
        until = begin + note.duration * beat_seconds
        stop = max(_first_frame(until, frame_rate) - first, frame + 1)
        free.notes[frame:stop, note.pitch] = NOTE_SUSTAINED
        sounding.append((frame, note.pitch))
        if until > end + _TINY:
            still.append((until, note.pitch))
    for frame, pitch in sounding:
        free.notes[frame, pitch] = NOTE_ONSET
    for frame, _ in struck:
        counts[frame] += 1
    free.instruments[:, sorted(playing)] = PRESENT
    return free, counts, still


def _density(counts: NDArray[np.float32], before: int, frame_rate: float) -> NDArray[np.float32]:
    """Density from onsets per frame; the first `before` frames only lend their onsets.

    With `before` 0 the music starts here, and the window grows until it has its full length.
    """
    window = max(round(DENSITY_SECONDS * frame_rate), 1)
    total = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    ends = np.arange(before + 1, len(total))
    starts = np.maximum(ends - window, 0)
    shortest = max(round(_SHORTEST_SECONDS * frame_rate), 1)
    rate = (total[ends] - total[starts]) / (np.maximum(ends - starts, shortest) / frame_rate)
    density: NDArray[np.float32] = np.minimum(rate / DENSITY_SCALE, 1.0).astype(np.float32)
    return density


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
        window = max(round(DENSITY_SECONDS * self.frame_rate), 1)
        lead = max(start - window, 0)
        first_bar = self.bar_at(lead)
        pieces, counts = [], []
        frame, index = _first_frame(first_bar * self.bar_seconds, self.frame_rate), first_bar
        origin = frame
        while frame < start + count:
            conditions, onsets = self._bar(index)
            pieces.append(conditions)
            counts.append(onsets)
            frame += len(conditions)
            index += 1
        whole = Conditions.concatenate(pieces)[start - origin : start - origin + count]
        onset_counts = np.concatenate(counts)[lead - origin : start - origin + count]
        whole.density = _density(onset_counts, start - lead, self.frame_rate)
        return whole

    def bar_at(self, frame: int) -> int:
        """Number of the bar that a frame belongs to."""
        index = int(frame / self.frame_rate / self.bar_seconds)
        while _first_frame((index + 1) * self.bar_seconds, self.frame_rate) <= frame:
            index += 1
        while index > 0 and _first_frame(index * self.bar_seconds, self.frame_rate) > frame:
            index -= 1
        return index

    def _bar(self, index: int) -> tuple[Conditions, NDArray[np.float32]]:
        if index not in self._bars:
            bar = self.arranger.bar(index, total_bars=self.total_bars)
            start, end = index * self.bar_seconds, (index + 1) * self.bar_seconds
            piece, counts, _ = _bar_frames(bar, start, end, self.frame_rate, [])
            # The last bars are kept: a player asks for a frame or two at a time.
            for old in list(self._bars)[:-3]:
                del self._bars[old]
            self._bars[index] = piece, counts
        return self._bars[index]
