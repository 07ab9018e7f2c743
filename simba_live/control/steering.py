"""How the music is brought onto a beat that others keep: a pure function from grid and music heard to events.

A small error is absorbed by playing a little faster or slower for two beats, so that nothing is left out or
played twice; a large one, such as after a start, by a jump. In between nothing happens: every change of tempo
makes the engine plan anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

from simba_live.controls import NUMBERS
from simba_live.events import Align, Event, Set
from simba_live.status import Status

from .clock import Grid

ABSORB_BEATS = 2.0
"""Beats in which a small error is absorbed."""

MOST_STEERED_BEATS = 0.25
"""The largest error that is steered away: by an eighth of the tempo at most."""

TOLERANCE_SECONDS = 0.006
"""An error that is left alone: less than is heard, and than notes are moved by the grid of frames."""

OTHER_TEMPO = 0.01
"""Relative difference at which a tempo is followed before the beats have parted: clocks are seldom exact."""

MAX_READINGS = 10
"""Readings of the same stretch that are averaged: those of a second."""

JUMP_BEATS = 0.1
"""A reading that is so far from what the readings before it promise was taken after a jump."""


@dataclass(frozen=True)
class Heard:
    """Where the music is, to the ear.

    Attributes:
        beat: beats since the first bar line.
        at: when that is heard, by `time.monotonic`; it may be ahead.
        bpm: the tempo from there on.
        beats_per_bar: the metre.
    """

    beat: float
    at: float
    bpm: float
    beats_per_bar: int

    def beat_at(self, time: float) -> float:
        """The beat heard at another time, if the tempo stays."""
        return self.beat + (time - self.at) * self.bpm / 60.0


class Readings:
    """What statuses say of where the music is, with the jitter of their times taken out."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, float]] = deque(maxlen=MAX_READINGS)
        self._bpm = 0.0

    def add(self, status: Status) -> Heard:
        """Where the music is by this status and those before it, as far back as the tempo was the same."""
        speed = status.bpm / 60.0
        if status.bpm != self._bpm:
            self._readings.clear()
            self._bpm = status.bpm
        if not self._readings or self._readings[-1][1] != status.heard_at:
            start = status.heard_beat - status.heard_at * speed
            if self._readings and abs(start - self._start) > JUMP_BEATS:
                self._readings.clear()
            self._readings.append((start, status.heard_at))
        beat = self._start + status.heard_at * speed
        return Heard(beat, status.heard_at, status.bpm, status.beats_per_bar)

    @property
    def _start(self) -> float:
        """The beat at time 0, had the tempo always been this one."""
        return median(start for start, _ in self._readings)


@dataclass(frozen=True)
class Steering:
    """What steering remembers from one look to the next.

    Attributes:
        direction: 1 while the music plays faster to catch up, -1 while it plays slower to fall back, else 0.
        towards: the tempo to return to.
        since: when the last change is heard.
    """

    direction: int = 0
    towards: float = 0.0
    since: float = 0.0


def can_follow(grid: Grid) -> bool:
    """Whether the music can play at this tempo."""
    return NUMBERS["bpm"].minimum <= grid.bpm <= NUMBERS["bpm"].maximum


def error_of(grid: Grid, heard: Heard, time: float) -> float:
    """How many beats the music is behind the grid at a time; below 0 it is ahead, and 0 without a beat.

    To the nearest bar, where it is known which beat is the first of one; or else to the nearest beat.
    """
    barred = grid.lined and grid.beats_per_bar in (None, heard.beats_per_bar)
    period = float(heard.beats_per_bar) if barred else 1.0
    beat = grid.beat_at(time)
    behind = 0.0 if beat is None else beat - heard.beat_at(time)
    return behind - period * round(behind / period)


def steer(grid: Grid, heard: Heard, effect: float, steering: Steering) -> tuple[tuple[Event, ...], Steering]:
    """What to do now for the music to be on the grid.

    Args:
        grid: a beat that `can_follow`.
        heard: where the music is; nothing that was sent earlier is still to take effect.
        effect: when an event that is sent now will be heard, by `time.monotonic`.
        steering: what was returned last; `Steering()` at first.

    Returns:
        events to send at once, to take effect as soon as they can, and what to remember.
    """
    beat_seconds = 60.0 / grid.bpm
    tolerance = max(TOLERANCE_SECONDS, grid.tolerance) / beat_seconds
    error = error_of(grid, heard, effect)
    quiet = effect >= steering.since + beat_seconds
    far = abs(error) > MOST_STEERED_BEATS

    def changed(bpm: float, *more: Event, direction: int = 0) -> tuple[tuple[Event, ...], Steering]:
        tempo = (Set("bpm", bpm),) if bpm != heard.bpm else ()
        return (*tempo, *more), Steering(direction, grid.bpm, effect)

    # Somebody else may have changed the tempo in the meantime.
    absorbing = steering.direction * (heard.bpm - grid.bpm) > 0.0
    if absorbing and not far:
        moved = quiet and _is_other(grid.bpm, steering.towards)
        if not moved and error * steering.direction > 0:
            return (), steering
        if abs(error) <= tolerance:
            return changed(grid.bpm)
    elif not quiet:
        return (), steering
    if abs(error) > tolerance:
        bpm = grid.bpm * (1.0 + error / ABSORB_BEATS)
        if not far and NUMBERS["bpm"].minimum <= bpm <= NUMBERS["bpm"].maximum:
            return changed(bpm, direction=1 if error > 0 else -1)
        return changed(grid.bpm, Align(error))
    if _is_other(grid.bpm, heard.bpm):
        return changed(grid.bpm)
    return (), steering


def _is_other(bpm: float, before: float) -> bool:
    return abs(before / bpm - 1.0) > OTHER_TEMPO
