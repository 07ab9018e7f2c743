"""Written music on the frame grid: what `Conditions` says of each frame, exactly, offline and live alike.

Bars follow each other without a gap from second 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simba_live.conditions import DENSITY_SCALE, NOTE_SUSTAINED, Conditions
from simba_live.music.arranger import Arranger
from simba_live.music.rows import BarRows, Span, first_frame
from simba_live.music.score import Bar

DENSITY_SECONDS = 1.5
"""Density counts the onsets of this many seconds up to and including a frame (fewer at the very start).

Notes that one part strikes together, a chord or a kick with its cymbal, count as one onset: that is what is
heard as busy.
"""
_SHORTEST_SECONDS = 0.5


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
