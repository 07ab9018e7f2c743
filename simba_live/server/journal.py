"""The event log: every accepted event with the frame it took effect on, to replay a performance by.

A log is JSON lines: a header, then events, recordings and marks in the order of their frames. It is written
by its own thread and flushed at once, so that `kill -9` loses nothing but a mark. Whoever reads one may find
its last line torn.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simba_live.errors import SimbaLiveError
from simba_live.events import Event, event_from_json
from simba_live.outputs import reason

HEADER = frozenset({"model", "device", "checkpoints", "controls", "prompt", "snapshots"})
"""What every log's header holds."""

FORMAT = 1
"""Version of the log's format."""


class LogError(SimbaLiveError):
    """A log that cannot be written or read."""


class Journal:
    """Writes a log. `add`, `recording` and `mark` return at once; the feeder thread calls them.

    Args:
        path: file to write; its folder exists.
        header: what replaying needs to know besides the events.
        failed: called once, from the writing thread, with one line, if the log cannot be written further.

    Raises:
        LogError: the file cannot be made.
    """

    def __init__(self, path: Path, header: dict[str, Any], failed: Callable[[str], None]) -> None:
        self.path = path
        try:
            self._file = path.open("x", encoding="utf-8")
        except OSError as error:
            raise LogError(f"{path} cannot be written ({reason(error)}): choose another folder") from error
        self._failed = failed
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._lines.put({"simba_live_log": FORMAT} | header)
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    def add(self, frame: int, event: Event) -> None:
        """An event took effect on a frame."""
        self._lines.put({"frame": frame, "event": event.to_json()})

    def recording(self, frame: int, name: str | None) -> None:
        """A recording of that name began with a frame; or, with None, ended before it."""
        self._lines.put({"frame": frame, "recording": name})

    def mark(self, frame: int) -> None:
        """So many frames have been played."""
        self._lines.put({"frame": frame})

    def close(self, frame: int) -> None:
        """End the log after so many frames."""
        self.mark(frame)
        self._lines.put(None)
        self._thread.join()

    def _write(self) -> None:
        try:
            with self._file as file:
                while (line := self._lines.get()) is not None:
                    file.write(json.dumps(line) + "\n")
                    file.flush()
        except OSError as error:
            self._failed(f"the log {self.path} is at its end ({reason(error)}): make room and start again")
            while self._lines.get() is not None:
                pass  # Nothing waits for the disk.


@dataclass(frozen=True)
class Log:
    """A log as it was written.

    Attributes:
        header: what it begins with.
        events: (frame, event) in order.
        recordings: (name, first frame, frame after the last) in order.
        num_frames: frames played.
    """

    header: dict[str, Any]
    events: tuple[tuple[int, Event], ...]
    recordings: tuple[tuple[str, int, int], ...]
    num_frames: int


def read_log(path: Path) -> Log:
    """Read a log; a torn last line is left out.

    Raises:
        LogError: missing, no log, of another format, or damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(f"{path} cannot be read ({reason(error)}): name a session's log") from None
    # Every whole line ends with a line break, so the last piece is empty or torn.
    values = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            values.append(json.loads(line))
        except ValueError:
            raise LogError(f"{path} is damaged in line {number}: it is no JSON") from None
    if not values or not isinstance(values[0], dict) or "simba_live_log" not in values[0]:
        raise LogError(f"{path} is no log of a session")
    if values[0]["simba_live_log"] != FORMAT:
        raise LogError(
            f"{path} has format {values[0]['simba_live_log']}, not {FORMAT}: use the version that wrote it"
        )
    if missing := HEADER - values[0].keys():
        raise LogError(f"{path} is damaged in line 1: there is no {', '.join(sorted(missing))}")
    events, recordings, begun = [], [], None
    frame = 0
    for number, value in enumerate(values[1:], 2):
        try:
            before, frame = frame, int(value["frame"])
            if frame < before:
                raise ValueError(f"frame {frame} follows frame {before}")
            if "event" in value:
                events.append((frame, event_from_json(value["event"])))
            elif "recording" in value:
                if begun is not None:
                    recordings.append((*begun, frame))
                begun = None if value["recording"] is None else (str(value["recording"]), frame)
        except (SimbaLiveError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise LogError(f"{path} is damaged in line {number} ({reason(error)})") from None
    if begun is not None:
        recordings.append((*begun, frame))
    return Log(values[0], tuple(events), tuple(recordings), frame)
