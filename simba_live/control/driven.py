"""What the control surfaces drive: the part of a live session that OSC and other hands need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simba_live.events import Event
from simba_live.status import Status


@dataclass(frozen=True)
class Outcome:
    """What became of an event.

    Attributes:
        frame: output frame on which it took effect; None if it did not.
        reason: why it did not, in one line; empty if it did.
    """

    frame: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class News:
    """Something that clients are told without asking.

    Attributes:
        kind: "set" (a control took another value), "ready", "sink" (lost or back), "record", "snapshots",
            "beat" (a beat line passed), "quit".
        event: the event behind it, where there is one.
        text: one line in words.
        frame: output frame that it belongs to.
    """

    kind: str
    text: str = ""
    event: Event | None = None
    frame: int = 0


Done = Callable[[Outcome], None]
Listener = Callable[[News], None]


class Driven(Protocol):
    """A live session as a control surface sees it; all methods return at once, on any thread."""

    def send(self, event: Event, quantum: str | None = None, done: Done | None = None) -> None:
        """Do something on the next line of `quantum`; None takes the control of that name.

        Args:
            event: what to do.
            quantum: "now", "beat" or "bar".
            done: called once, from another thread, when the event has taken effect or was refused.

        Raises:
            SimbaLiveError: it is refused at once: the session is too busy or over.
        """

    def status(self) -> Status:
        """How the session stands."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with all news, from another thread; the result ends that."""

    def start_recording(self, name: str | None = None, done: Done | None = None) -> None:
        """Write the output to a file of that name in the session's folder; None makes a name of the time.

        Raises:
            SimbaLiveError: the name cannot be used.
        """

    def stop_recording(self, done: Done | None = None) -> None:
        """Finish the file."""

    def quit(self) -> None:
        """Fade out and end the session."""
