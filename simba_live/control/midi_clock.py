"""A MIDI clock as a beat to follow: 24 ticks a beat, of which some come late, and a song position.

Who calls what: `hear` is called by the thread that reads MIDI, `read` by any.

The tempo is a line through the arrival times of the ticks of the last beats, so that jitter cancels. Where
ticks part from that line for good, the tempo has jumped, and the line begins anew there.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from mido import Message

from simba_live.control.clock import Grid

TICKS = 24
"""Ticks in a beat."""

TICKS_PER_STEP = 6
"""Ticks in a sixteenth, which song positions count."""

WINDOW = 48
"""Ticks that a line is drawn through at most."""

FEWEST = 12
"""Ticks that it needs: half a beat."""

RUN = 6
"""So many ticks on one side of the line, far from it, and on a line of their own, are a jump of tempo."""

LONG_RUN = 24
"""So many that are far from it, and stay so, have moved for good."""

SMALL = 0.03
"""A relative change of tempo that is believed only when it has been heard for a beat."""

FAR, FAR_NOISES = 0.004, 3.0
"""What far is: seconds, or this many times the usual jitter where that is more."""

STEADY = 0.015
"""Largest relative error of the tempo that a line may have to be believed."""

SLOWEST, FASTEST = 15.0, 400.0
"""Tempos that a clock can mean, in BPM; others are noise."""

LOST_SECONDS = 1.0
"""A clock that has not ticked for so long is gone."""


@dataclass(frozen=True)
class Line:
    """When ticks come.

    Attributes:
        tick: number of a tick.
        time: when it came, in seconds.
        interval: seconds from one tick to the next.
    """

    tick: float
    time: float
    interval: float

    def time_of(self, tick: float) -> float:
        """When a tick comes."""
        return self.time + (tick - self.tick) * self.interval

    def tick_at(self, time: float) -> float:
        """How many ticks have come by a time, fractions included."""
        return self.tick + (time - self.time) / self.interval

    @property
    def bpm(self) -> float:
        """The tempo."""
        return 60.0 / (TICKS * self.interval)


class Pulse:
    """Finds tempo and phase of ticks that come more or less in time.

    Attributes:
        line: what is believed at the moment; None if nothing can be said yet.
    """

    def __init__(self) -> None:
        self.line: Line | None = None
        self._ticks: deque[tuple[int, float, float]] = deque(maxlen=WINDOW)
        """Number, time of arrival, and that time as it counts: strays count less."""
        self._fit: Line | None = None
        self._noise = 0.001
        self._run: deque[tuple[int, float, float]] = deque(maxlen=LONG_RUN)

    @property
    def tolerance(self) -> float:
        """Seconds by which the beat may be wrong; 0 if that is too little to be heard."""
        return 2 * self._noise if 2 * self._noise > 0.003 else 0.0

    def add(self, tick: int, time: float) -> None:
        """A tick has come."""
        counted = time
        if self._fit is not None:
            off = time - self._fit.time_of(tick)
            # Ticks can be late, and never early.
            earliest = -0.25 * self._fit.interval
            kept = max(min(off, max(0.002, 1.5 * self._noise), -earliest), earliest)
            counted = time - off + kept
            self._noise = math.sqrt(self._noise**2 + (kept**2 - self._noise**2) / 48)
            if self._run and (off > 0) != (self._run[-1][2] > 0):
                self._run.clear()
            self._run.append((tick, time, off))
            if moved := self._moved():
                self._begin_with(moved)
                return
        self._ticks.append((tick, time, counted))
        self._draw()

    def start(self, tick: int, time: float) -> None:
        """The first tick of a start has come: the phase is known, and the tempo stays until it is seen."""
        if self.line is not None:
            self.line = Line(tick, time, self.line.interval)
        self._begin_with([(tick, time)])

    def _moved(self) -> list[tuple[int, float]]:
        """The ticks of another tempo or phase, if there are; those that a stall held up are none."""
        assert self._fit is not None
        far = max(FAR, FAR_NOISES * self._noise)
        run = [(tick, time) for tick, time, _ in self._run]
        offs = [off for _, _, off in self._run]
        if len(run) >= RUN and abs(sum(offs[-RUN:])) > RUN * far:
            line, scatter = draw(run[-RUN:])
            growing = line is not None and (line.interval > self._fit.interval) == (offs[-1] > 0)
            if growing and scatter < far / 2:
                return run[-RUN:]
        return run if len(run) == LONG_RUN and min(map(abs, offs)) > far else []

    def _begin_with(self, ticks: list[tuple[int, float]]) -> None:
        self._ticks.clear()
        self._ticks.extend((tick, time, time) for tick, time in ticks)
        self._run.clear()
        self._fit = None
        self._draw()

    def _draw(self) -> None:
        """Draw the line anew, and believe it if it can be."""
        count = len(self._ticks)
        if count < 4:
            return
        self._fit, scatter = draw([(tick, counted) for tick, _, counted in self._ticks])
        if self._fit is None or count < FEWEST:
            return
        # How well a slope is known grows with the length of the line, and with the number of ticks on it.
        doubt = max(scatter, 0.0003) / math.sqrt(count**3 / 12)
        if (
            scatter <= max(0.003, 2 * self._noise)
            and doubt <= STEADY * self._fit.interval
            and SLOWEST <= self._fit.bpm <= FASTEST
            and (
                count >= LONG_RUN
                or self.line is None
                or abs(self._fit.interval / self.line.interval - 1) > SMALL
            )
        ):
            self.line = self._fit


def draw(ticks: Sequence[tuple[int, float]]) -> tuple[Line | None, float]:
    """The line through ticks (number, time) that is nearest to all, and how far they lie from it, in seconds.

    There is none if they come backwards or all at once.
    """
    count = len(ticks)
    middle = sum(tick for tick, _ in ticks) / count
    centre = sum(time for _, time in ticks) / count
    spread = sum((tick - middle) ** 2 for tick, _ in ticks)
    interval = sum((tick - middle) * (time - centre) for tick, time in ticks) / spread
    if interval <= 0:
        return None, math.inf
    line = Line(middle, centre, interval)
    return line, math.sqrt(sum((time - line.time_of(tick)) ** 2 for tick, time in ticks) / count)


class MidiClock:
    """The clock that comes in over MIDI; a `Clock`."""

    source = "midi"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._port = ""
        self._heard = -math.inf
        self._pulse = Pulse()
        self._tick = -1
        self._playing: bool | None = None
        self._begins: int | None = None  # the song's tick that the next one is, after a start
        self._stopped_at = 0  # the song's tick that a start goes on from
        self._offset: int | None = None  # from our number of a tick to the song's, if that is known

    def hear(self, message: Message, port: str, at: float) -> None:
        """Take a message that came from a port; those that are no clock's are left alone.

        Args:
            message: any message.
            port: where it came from; while one port ticks, others are not listened to.
            at: when it came, by `time.monotonic`.
        """
        if message.type not in ("clock", "start", "continue", "stop", "songpos"):
            return
        with self._lock:
            if at - self._heard > LOST_SECONDS:
                self._port = port
                if message.type == "clock" and self._begins is None:
                    self._pulse, self._offset = Pulse(), None
            elif port != self._port:
                return
            match message.type:
                case "clock":
                    self._count(at)
                case "start":
                    self._begins, self._stopped_at = 0, 0
                case "continue":
                    self._begins = self._stopped_at
                case "songpos":
                    self._stopped_at = message.pos * TICKS_PER_STEP
                    if self._playing or self._begins is not None:
                        self._begins = self._stopped_at
                case "stop":
                    if self._playing and self._offset is not None:
                        self._stopped_at = self._tick + 1 + self._offset
                    self._playing, self._begins = False, None
            if message.type != "songpos":
                self._heard = at

    def _count(self, at: float) -> None:
        self._tick += 1
        if self._begins is None:
            self._pulse.add(self._tick, at)
            return
        self._offset = self._begins - self._tick
        self._begins, self._playing = None, True
        self._pulse.start(self._tick, at)

    def read(self, now: float) -> Grid | None:
        """The grid; None while there is no tempo yet, or the ticks have ceased without a stop."""
        with self._lock:
            line, stopped = self._pulse.line, self._playing is False
            if line is None or (now - self._heard > LOST_SECONDS and not stopped):
                return None
            beat = None
            if self._offset is not None and not stopped:
                beat = (line.tick_at(now) + self._offset) / TICKS
            return Grid(line.bpm, beat, now, self._playing, tolerance=self._pulse.tolerance)

    def close(self) -> None:
        """Nothing to let go of: the ports are `Midi`'s."""
