"""Keeps a session on a beat that others keep, and tells them when its own player moves the tempo.

Who calls what: the follower's own thread looks at clock and session and sends events. The session's thread
tells it of news and outcomes. `followed` may be read from any thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Self

from simba_live.errors import SimbaLiveError
from simba_live.events import Align, Event, Play, Set, Stop
from simba_live.status import Status

from .clock import Clock, Grid, Leader
from .driven import Driven, News, Outcome
from .steering import Heard, Readings, Steering, can_follow, steer

LOOK_SECONDS = 0.02
"""How often clock and session are looked at: a frame."""

FIRST_DELAY_SECONDS = 0.1
"""From sending an event to hearing it, until that has been seen."""

MOST_DELAY_SECONDS = 0.5
"""The most that is believed."""

PATIENCE_SECONDS = 1.0
"""How long the effect of an event is waited for; a session that is too busy for it may have it again."""

LATE_BEATS = 0.5
"""Who is told so late to start does not wait for the next bar line."""

SAME_TEMPO = 1e-3
"""Relative difference of tempos that does not matter while nothing plays."""

OWN_TEMPOS = 256
"""Tempos set here that are remembered: going back to one of them is not the player's wish for everybody."""


class Follower:
    """Steers a session by a clock, from `start` to `close`.

    The tempo follows as long as there is a grid; without one it stays where it is. While music plays its
    beats and bar lines are brought onto the grid's. It starts and stops when the grid does, but the session's
    own player may start and stop it in between. Where there is a leader, it is given the tempo that a player
    sets here; without one, the clock's tempo takes over again.

    Args:
        driven: the session.
        clock: whose beat to follow.
        leader: who is told what the session's own player does; None for nobody.
    """

    def __init__(self, driven: Driven, clock: Clock, leader: Leader | None = None) -> None:
        self._driven, self._clock, self._leader = driven, clock, leader
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._grid: Grid | None = None
        self._readings = Readings()
        self._steering = Steering()
        self._own: deque[float] = deque(maxlen=OWN_TEMPOS)
        self._wanted: float | None = None  # a tempo that the session's player has set
        self._open = 0  # events without an outcome
        self._looked_at = 0.0
        self._sent_at = 0.0
        self._effect_frame = 0  # the first frame that heard the last of them
        self._delay = FIRST_DELAY_SECONDS
        self._started: bool | None = None  # what the grid said of playing
        self._played: bool | None = None  # what the session did
        self._waiting = False  # for the bar line to start on
        self._status = Status()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._unsubscribe = driven.subscribe(self._hear)

    @property
    def followed(self) -> tuple[str, float]:
        """Whose beat is followed, and its tempo; "" and 0 while there is none."""
        grid = self._grid
        return ("", 0.0) if grid is None else (self._clock.source, grid.bpm)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Follow no more; the tempo stays. The clock is the caller's to close."""
        self._over.set()
        self._unsubscribe()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def look(self, now: float) -> None:
        """Look once at clock and session, and do what is to be done; the thread calls it.

        Args:
            now: by `time.monotonic`.

        Raises:
            SimbaLiveError: the session is too busy or over.
        """
        status = self._driven.status()
        if not status.ready:
            return
        self._looked_at = now
        before, self._status = self._status, status
        heard = self._readings.add(status) if status.playing and status.heard_at else None
        self._lead(status, heard, before)
        grid = self._clock.read(now)
        self._grid = grid if grid is not None and can_follow(grid) else None
        if not self._settled(now, status):
            return
        if self._grid is None:
            self._let_go(status)
            return
        self._start_and_stop(self._grid, status, now)
        if heard is not None:
            effect = max(now + self._delay, heard.at)
            events, self._steering = steer(self._grid, heard, effect, self._steering)
            self._send(*events)
        elif not status.playing and abs(status.bpm / self._grid.bpm - 1.0) > SAME_TEMPO:
            self._send(Set("bpm", self._grid.bpm))

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self.look(time.monotonic())
            except SimbaLiveError:
                continue  # Too busy, which passes, or over.

    def _let_go(self, status: Status) -> None:
        """The beat is lost: play on at its last tempo, not at the one that was to catch up with it."""
        if self._steering.direction and status.bpm != self._steering.towards:
            self._send(Set("bpm", self._steering.towards))
        self._steering, self._started, self._waiting = Steering(), None, False

    def _start_and_stop(self, grid: Grid, status: Status, now: float) -> None:
        """Start and stop with the grid, and let it know if the player did so here."""
        moved = self._played is not None and status.playing != self._played
        self._played = status.playing
        if grid.playing is None:
            return
        if grid.playing != self._started:
            # One who joins others that wait may go on playing.
            joining, self._started = self._started is None, grid.playing
            self._waiting = grid.playing
            if status.playing and not grid.playing and not joining:
                self._send(Stop())
        elif moved and status.playing != grid.playing and self._leader is not None:
            self._started = status.playing
            self._leader.play(status.playing)
        self._waiting = self._waiting and not status.playing
        if self._waiting:
            self._start_on_line(grid, status, now)

    def _start_on_line(self, grid: Grid, status: Status, now: float) -> None:
        """Start so that the first beat is heard on a bar line, or at once if one has only just passed."""
        if grid.beat is not None and grid.lined:
            beats_per_bar = status.beats_per_bar
            beat = grid.beat_at(now + self._delay)
            assert beat is not None
            if beat % beats_per_bar > LATE_BEATS:
                return
            over = status.heard_beat % beats_per_bar
            if over:
                self._send(Align(-over if 2 * over < beats_per_bar else beats_per_bar - over))
        self._send(Play())

    def _lead(self, status: Status, heard: Heard | None, before: Status) -> None:
        """Tell the leader of a new tempo, and where we are as long as it is alone."""
        if self._leader is None:
            return
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._leader.lead(wanted)
        elif self._grid is None and status.frame != before.frame:
            beat, at = (None, 0.0) if heard is None else (heard.beat, heard.at)
            self._leader.keep(Grid(status.bpm, beat, at, status.playing, status.beats_per_bar))

    def _settled(self, now: float, status: Status) -> bool:
        """Whether the status shows the effect of all that was sent."""
        with self._lock:
            shown = not self._open and status.frame >= self._effect_frame
            if not shown and now - self._sent_at > PATIENCE_SECONDS:
                self._open, self._effect_frame, shown = 0, 0, True
            return shown

    def _send(self, *events: Event) -> None:
        sent_at = self._looked_at

        def done(outcome: Outcome) -> None:
            self._took_effect(outcome, sent_at)

        for event in events:
            with self._lock:
                self._open += 1
                self._sent_at = sent_at
                if isinstance(event, Set):
                    assert isinstance(event.value, float)
                    self._own.append(event.value)
            try:
                self._driven.send(event, "now", done)
            except SimbaLiveError:
                with self._lock:
                    self._open = max(0, self._open - 1)
                raise

    def _took_effect(self, outcome: Outcome, sent_at: float) -> None:
        status = self._status
        with self._lock:
            self._open = max(0, self._open - 1)
            if outcome.frame is None:
                return
            self._effect_frame = max(self._effect_frame, outcome.frame)
            if status.heard_at:
                heard_at = status.heard_at + (outcome.frame - status.frame) * status.frame_ms / 1000
                delay = min(max(heard_at - sent_at, 0.0), MOST_DELAY_SECONDS)
                self._delay = (self._delay + delay) / 2

    def _hear(self, news: News) -> None:
        event = news.event
        if news.kind != "set" or not isinstance(event, Set) or event.control != "bpm":
            return
        with self._lock:
            if isinstance(event.value, float) and event.value not in self._own:
                self._wanted = event.value
