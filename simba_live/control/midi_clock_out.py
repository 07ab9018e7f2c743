"""Our beat as a MIDI clock for others: 24 ticks a beat, on the beats as they are heard.

Who calls what: `ClockOut` has a thread of its own, which alone asks for the status and sends. `Ticker` knows
no thread.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable

from mido import Message

from simba_live.control.midi_clock import TICKS, TICKS_PER_STEP
from simba_live.status import Status

LONGEST_WAIT = 0.02
"""Seconds after which the status is looked at again."""

MAX_BEHIND = 6
"""Ticks that can be caught up with; further off, the position is told anew."""

STEPS = 16384
"""Song positions that there are; longer music begins to count anew."""

_log = logging.getLogger(__name__)


class Ticker:
    """What is to be sent, from one status to the next."""

    def __init__(self) -> None:
        self._playing = False
        self._tick = 0
        """The tick of the music that was sent last; while nothing plays, any."""
        self._free_at = -math.inf

    def due(self, status: Status, now: float) -> tuple[list[Message], float]:
        """What to send now, and when to ask again at the latest; times by `time.monotonic`, in seconds."""
        if not status.ready or status.bpm <= 0:
            return [], now + LONGEST_WAIT
        interval = 60.0 / (status.bpm * TICKS)
        if not status.playing:
            return self._idle(interval, now)
        position = status.heard_beat * TICKS + (now - status.heard_at) / interval
        messages = []
        if not self._playing:
            messages = self._begin(position)
        elif not -MAX_BEHIND <= math.floor(position) - self._tick <= MAX_BEHIND:
            messages = [Message("stop"), *self._begin(position)]
        while self._tick + 1 <= position:
            self._tick += 1
            messages.append(Message("clock"))
        return messages, now + min(LONGEST_WAIT, (self._tick + 1 - position) * interval)

    def _begin(self, position: float) -> list[Message]:
        """Tell where the music goes on: from the next sixteenth, whose tick follows on time.

        A beginning that was just missed is still one, for not everybody knows song positions.
        """
        step = 0 if position <= MAX_BEHIND else math.ceil(position / TICKS_PER_STEP)
        self._playing, self._tick = True, step * TICKS_PER_STEP - 1
        if step == 0:
            return [Message("start")]
        return [Message("songpos", pos=step % STEPS), Message("continue")]

    def _idle(self, interval: float, now: float) -> tuple[list[Message], float]:
        """Ticks go on without music, so that the others know the tempo."""
        messages = [Message("stop")] if self._playing else []
        self._playing = False
        if now >= self._free_at:
            # Never in a burst, however long nobody asked.
            self._free_at = max(self._free_at, now - interval) + interval
            messages.append(Message("clock"))
        return messages, min(now + LONGEST_WAIT, self._free_at)


class ClockOut:
    """Sends a session's beat until `close`.

    Args:
        status: says how the session stands.
        send: takes a message; must not wait.
    """

    def __init__(self, status: Callable[[], Status], send: Callable[[Message], None]) -> None:
        self._status, self._send = status, send
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi clock", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def close(self) -> None:
        """Stop those who listen, and end."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        ticker = Ticker()
        until = 0.0
        while not self._over.wait(max(0.0, until - time.monotonic())):
            try:
                messages, until = ticker.due(self._status(), time.monotonic())
                for message in messages:
                    self._send(message)
            except Exception:  # the music must stay playable whatever goes wrong here
                _log.exception("the MIDI clock stumbled")
                until = time.monotonic() + 1.0
        with contextlib.suppress(Exception):  # a port that has gone needs no farewell
            self._send(Message("stop"))
