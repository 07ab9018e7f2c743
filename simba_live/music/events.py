"""What patterns and melodies are made of: notes on their way, and the chords under them."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.music.score import Chord


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
