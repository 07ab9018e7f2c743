"""What `simba-live serve` writes without a screen: log lines for people, JSON lines for programs."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any, Self

from simba_live.control.driven import News
from simba_live.events import Event, Prompt, Set
from simba_live.status import Status

from .screen import clean, clock, position, setting

LINE_SECONDS, JSON_SECONDS = 60.0, 1.0
"""How often the session's status is a log line, and a JSON line."""

SET_SECONDS = 1.0
"""How often the log tells of the controls that were moved: a fader may move a hundred times in that time."""


@dataclass(frozen=True)
class Logged:
    """A log record as it is told.

    Attributes:
        level: logging's number.
        text: the message, and the traceback behind it if there is one.
    """

    level: int
    text: str

    @property
    def urgent(self) -> bool:
        """Whether it should catch the eye."""
        return self.level >= logging.WARNING


Told = News | Logged


def moved_control(told: Told) -> str:
    """The control that somebody moved; empty if it is about something else."""
    return told.event.control if isinstance(told, News) and isinstance(told.event, Set) else ""


def is_beat(told: Told) -> bool:
    """Whether it comes with every beat, too often for people to read."""
    return isinstance(told, News) and told.kind == "beat"


def words(told: Told) -> str:
    """What happened."""
    if told.text or not isinstance(told, News):
        return told.text
    match told.event:
        case Set(control=control, value=value):
            return setting(control, value)
        case Prompt(texts=texts):
            return f"prompt {', '.join(texts)}"
        case Event(name=name):
            return name
    return told.kind


def changes(before: Status, now: Status) -> Iterator[Logged]:
    """What a player should know of the time between two looks and is told by no news."""
    if now.playing != before.playing:
        yield Logged(logging.INFO, "playing" if now.playing else "stopped")
    if now.underruns > before.underruns:
        yield Logged(logging.WARNING, f"the output ran dry ({now.underruns} times in all)")
    if now.listening != before.listening and now.input:
        yield Logged(logging.INFO, "listening" if now.listening else "playing on")
    if now.input_clipped and not before.input_clipped:
        yield Logged(logging.WARNING, f"{now.input} is too loud: turn it down")


class Lines:
    """Log lines: what happens, and once a minute how it goes."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._before = Status()
        self._moved: dict[str, str] = {}
        self._flush_moved = _Every(SET_SECONDS)
        self._summarise = _Every(LINE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write_moved()

    def hear(self, told: Told) -> None:
        """Something happened."""
        if control := moved_control(told):
            self._moved[control] = words(told)
        elif not is_beat(told):
            self._write(words(told), isinstance(told, Logged) and told.urgent)

    def look(self, status: Status) -> None:
        """The session stands so."""
        for change in changes(self._before, status):
            self._write(change.text, change.urgent)
        self._before = status
        if self._moved and self._flush_moved.due():
            self._write_moved()
        if self._summarise.due():
            self._write(_summary(status))

    def _write_moved(self) -> None:
        for text in self._moved.values():
            self._write(text)
        self._moved.clear()

    def _write(self, text: str, urgent: bool = False) -> None:
        _write(
            self._file, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {'WARNING ' if urgent else ''}{clean(text)}"
        )


class JsonLines:
    """JSON lines: all news, what is logged, and once a second the status."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._stand = _Every(JSON_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def hear(self, told: Told) -> None:
        """Something happened."""
        if isinstance(told, News):
            event = told.event.to_json() if told.event else None
            self._object("news", kind=told.kind, text=told.text, frame=told.frame, event=event)
        else:
            self._object("log", level=logging.getLevelName(told.level).lower(), text=told.text)

    def look(self, status: Status) -> None:
        """The session stands so."""
        if self._stand.due():
            self._object("status", **asdict(status))

    def _object(self, kind: str, /, **values: Any) -> None:
        # JSON has no infinities; a level or a time may be one.
        finite = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        _write(self._file, json.dumps({"type": kind, "time": round(time.time(), 3)} | finite))


class _Every:
    """Something to do at once and then every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = -math.inf

    def due(self) -> bool:
        """Whether to do it now; if so, the time begins again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def _write(file: IO[str], line: str) -> None:
    file.write(line + "\n")
    file.flush()


def _summary(status: Status) -> str:
    """How the session stands, in a line."""
    if not status.ready:
        return "warming up"
    parts = (
        f"{'playing' if status.playing else 'stopped'} at {clock(status.seconds)}",
        f"bar {position(status)}",
        status.section,
        status.chord,
        f"{status.bpm:g} BPM",
        f"step {status.step_p50:.1f}, p99 {status.step_p99:.1f} of {status.frame_ms:g} ms",
        f"{status.plan_seconds:.2f} s ahead",
        f"{status.underruns} underruns",
        f"peak {status.peak:.1f} dB",
        f"input peak {status.input_peak:.1f} dB" if status.input else "",
        f"{status.followed_bpm:.1f} BPM by {status.tempo_source}" if status.tempo_source else "",
        f"input lost: {status.input_lost}" if status.input_lost else "",
        f"sound lost: {status.sink_lost}" if status.sink_lost else f"sound to {status.sink}",
        f"recording {status.recording}" if status.recording else "",
        f"{len(status.clients)} clients",
    )
    return ", ".join(part for part in parts if part)
