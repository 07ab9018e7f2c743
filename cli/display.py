"""How `simba-live serve` tells what goes on: a screen, log lines, or JSON lines.

`show` runs on one thread and writes everything itself. Other threads (the session's news, logging) only
append to a bounded deque, so that a slow terminal never holds up the music.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live

from simba_live.control.driven import Driven
from simba_live.status import Status

from .lines import JsonLines, Lines, Logged, Told, changes, is_beat, moved_control, words
from .screen import Message, Page, Peak

TICK = 1 / 8
"""Seconds between two looks at the session."""

BACKLOG = 1000
"""What is told between two looks at most; of more the newest."""

KEPT = 60
"""Messages that the screen remembers."""


def show(
    driven: Driven,
    stop: threading.Event,
    way: str = "screen",
    listening: str = "",
    console: Console | None = None,
) -> None:
    """Tell what goes on until `stop` is set; should the terminal or pipe go away, silently.

    Args:
        driven: the session.
        stop: set by somebody else when the session ends.
        way: "screen" (on a terminal; elsewhere lines), "lines" or "json": each line an object whose `type` is
            "status" with the fields of `Status`, "news" with those of `News`, or "log".
        listening: where clients can reach the session, such as "127.0.0.1:9000".
        console: where to; None is standard output.
    """
    console = console or Console()
    told: deque[Told] = deque(maxlen=BACKLOG)
    if listening:
        told.append(Logged(logging.INFO, f"listening to OSC on {listening}"))
    handler = _Handler(told)
    ours, everybody = logging.getLogger("simba_live"), logging.getLogger()
    level = ours.level
    ours.setLevel(logging.INFO)
    everybody.addHandler(handler)
    unsubscribe = driven.subscribe(told.append)
    try:
        _tell(driven, stop, told, _face(way, listening, console))
    except OSError:
        # The music goes on; what standard output still holds can be written nowhere, not even at exit.
        if console.file is sys.stdout:
            sys.stdout = None
        stop.wait()
    finally:
        unsubscribe()
        everybody.removeHandler(handler)
        ours.setLevel(level)


class _Face(Protocol):
    """One way of telling; as a context it may take the terminal and gives it back."""

    def hear(self, told: Told) -> None:
        """Something happened."""

    def look(self, status: Status) -> None:
        """The session stands so."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def _tell(driven: Driven, stop: threading.Event, told: deque[Told], face: _Face) -> None:
    with face:
        over = False
        while not over:
            over = stop.is_set()
            for _ in range(len(told)):
                face.hear(told.popleft())
            face.look(driven.status())
            stop.wait(TICK)


class _Handler(logging.Handler):
    """Hands log records over to the thread that writes."""

    def __init__(self, told: deque[Told]) -> None:
        super().__init__()
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._told.append(Logged(record.levelno, self.format(record)))
        except Exception:
            self.handleError(record)


def _face(way: str, listening: str, console: Console) -> _Face:
    if way == "json":
        return JsonLines(console.file)
    if way == "lines" or not console.is_terminal or console.is_dumb_terminal:
        return Lines(console.file)
    return _Screen(console, listening)


class _Screen:
    """One page that stays where it is."""

    def __init__(self, console: Console, listening: str) -> None:
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._listening = listening
        self._messages: dict[object, Message] = {}
        self._before = Status()
        self._peak = Peak()
        self._looked = time.monotonic()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def hear(self, told: Told) -> None:
        """A message; of a control that moves on and on there is only one, the newest."""
        if is_beat(told):
            return
        key = moved_control(told) or object()
        self._messages.pop(key, None)
        urgent = isinstance(told, Logged) and told.urgent
        self._messages[key] = Message(time.strftime("%H:%M:%S"), words(told), urgent)
        if len(self._messages) > KEPT:
            del self._messages[next(iter(self._messages))]

    def look(self, status: Status) -> None:
        """Draw the page anew."""
        for change in changes(self._before, status):
            self.hear(change)
        now = time.monotonic()
        self._peak = self._peak.after(status.peak, now - self._looked)
        self._before, self._looked = status, now
        page = Page(status, tuple(self._messages.values()), self._peak, self._listening)
        self._live.update(page, refresh=True)
