"""A beat that others keep, which the music can follow: Ableton Link's, a MIDI clock's, a player's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Grid:
    """A tempo and where its beats lie, as known at one moment.

    Attributes:
        bpm: beats per minute, above 0. The control bpm's range does not bind it.
        beat: beats since a bar line at time `at`, fractions included; which bar line does not matter, and it
            may be below 0. None where only the tempo is known, or the beat stands still: a MIDI clock that
            was heard from the middle on, or has stopped.
        at: that time in seconds, by `time.monotonic`.
        playing: whether the others play; None if the clock does not say.
        beats_per_bar: the metre; None if the clock does not say. Then `beat` counts from the beginning of a
            bar in every metre, such as the start of the piece.
        lined: whether it is known where the bar lines are; without, only the beats count.
        tolerance: seconds by which `beat` may be wrong, and that are not worth following.
    """

    bpm: float
    beat: float | None
    at: float
    playing: bool | None = None
    beats_per_bar: int | None = None
    lined: bool = True
    tolerance: float = 0.0

    def beat_at(self, time: float) -> float | None:
        """Beats since the same bar line at another time, at this tempo."""
        return None if self.beat is None else self.beat + (time - self.at) * self.bpm / 60.0


class Clock(Protocol):
    """Somebody's beat; whoever implements it says which threads may call it."""

    @property
    def source(self) -> str:
        """Whose it is: "link", "midi" or "player"."""

    def read(self, now: float) -> Grid | None:
        """The grid as known at `now`, by `time.monotonic`; None while there is no beat to follow.

        It returns at once. A clock that has stopped may go on with its last tempo and `playing` False.
        """

    def close(self) -> None:
        """Let go of ports and sockets."""


class Leader(Protocol):
    """Somebody who takes our own player's beat, and gives it to all who share it."""

    def lead(self, bpm: float) -> None:
        """Give everybody this tempo; the beat goes on where it is."""

    def keep(self, grid: Grid) -> None:
        """Be where we are while nobody else is there; with others, leave all as it is."""

    def play(self, playing: bool) -> None:
        """Start or stop all who want to be started and stopped."""
