"""MIDI ports: which there are, and those wanted kept open while they come and go.

Who calls what: one thread calls `look` and `close`; any may `send`. What comes in is handed over on the
system's own thread, which with JACK is the one that makes sound: `heard` must return at once.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mido import Message

from simba_live.errors import OptionError
from simba_live.outputs import reason

CLIENT, CLOCK, LOOKER = "simba-live", "simba-live clock", "simba-live ports"
"""What we are called as one who listens, who gives the beat, and who only looks; all begin alike."""

ALL, VIRTUAL = "all", "virtual"
"""Every input there is or will be; a port of our own that others connect to."""

JACK = "jack"

Heard = Callable[[Sequence[int]], None]


class Port(Protocol):
    """A port that is open."""

    def send(self, data: Sequence[int]) -> None:
        """Send the bytes of one message; only an output does."""

    def close(self) -> None:
        """Let go of it."""


class MidiSystem(Protocol):
    """A system's MIDI; a name that is None makes a port of our own. OSError: the system refuses."""

    def inputs(self) -> list[str]:
        """Names of all ports that send, no two alike."""

    def outputs(self) -> list[str]:
        """Names of all ports that can be sent to, no two alike."""

    def open_input(self, name: str | None, heard: Heard) -> Port:
        """Have `heard` called with every message of a port."""

    def open_output(self, name: str | None) -> Port:
        """A port to send to."""

    def close(self) -> None:
        """Let go of the system; its ports are closed by then."""


@dataclass(frozen=True)
class Wanted:
    """A port that a user asks for.

    Attributes:
        api: "" for the system's own MIDI, or "jack".
        name: "all", "virtual", or a port's name or part of one.
    """

    api: str
    name: str

    @classmethod
    def read(cls, spec: str) -> Wanted:
        """From what a user writes, such as "Launchkey", "virtual" or "jack:all".

        Raises:
            OptionError: it is empty.
        """
        api, colon, name = spec.partition(":")
        wanted = cls(JACK, name) if colon and api == JACK else cls("", spec)
        if not wanted.name.strip():
            raise OptionError(f"the MIDI port is {spec!r}: give {ALL}, {VIRTUAL} or a part of a port's name")
        return wanted

    def among(self, names: Sequence[str]) -> list[str]:
        """Those meant; never our own."""
        if self.name == VIRTUAL:
            return []
        others = [name for name in names if not name.startswith(CLIENT)]
        if self.name == ALL:
            return others
        wanted = self.name.casefold()
        return (
            [name for name in others if name.casefold() == wanted]
            # ALSA numbers a device anew when it is plugged in again.
            or [name for name in others if _without_number(name) == _without_number(self.name)]
            or [name for name in others if wanted in name.casefold()]
        )


def _without_number(name: str) -> str:
    return re.sub(r" \d+:\d+$", "", name).casefold()


class Ports:
    """Keeps the wanted ports of one direction open.

    Args:
        wanted: the ports that a user asks for.
        opening: opens the port of that name; "virtual" is one of our own.
        names: gives the names of all ports there are.
        came: told when a port has been opened, with its name.
        went: told when an open port is gone.
        failed: told once about each port that cannot be opened, with its name and why.
    """

    def __init__(
        self,
        wanted: Sequence[Wanted],
        opening: Callable[[str], Port],
        names: Callable[[], list[str]],
        came: Callable[[str], None],
        went: Callable[[str], None],
        failed: Callable[[str, str], None],
    ) -> None:
        self._wanted, self._opening, self._names = wanted, opening, names
        self._came, self._went, self._failed = came, went, failed
        self._open: dict[str, Port] = {}
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are open."""
        return tuple(self._open)

    @property
    def there(self) -> tuple[str, ...]:
        """Names of the ports there are that are not our own."""
        return tuple(Wanted("", ALL).among(self._names()))

    @property
    def missing(self) -> tuple[str, ...]:
        """What is wanted by name and is not there."""
        there = self._names()
        plain = (one for one in self._wanted if one.name not in (ALL, VIRTUAL))
        return tuple(one.name for one in plain if not one.among(there))

    def look(self) -> None:
        """Close what has gone, open what has come."""
        there = self._names()
        meant = [name for wanted in self._wanted for name in wanted.among(there)]
        own = any(wanted.name == VIRTUAL for wanted in self._wanted)
        for name in [name for name in self._open if name not in there and name != VIRTUAL]:
            with self._lock:
                port = self._open.pop(name)
            port.close()
            self._went(name)
        self._refused &= set(there) | {VIRTUAL}
        for name in dict.fromkeys([*([VIRTUAL] if own else []), *meant]):
            if name not in self._open and name not in self._refused:
                self._try(name)

    def _try(self, name: str) -> None:
        try:
            port = self._opening(name)
        except OSError as error:
            self._refused.add(name)
            self._failed(name, reason(error))
            return
        with self._lock:
            self._open[name] = port
        self._came(name)

    def send(self, message: Message) -> None:
        """Send a message to all of them; one that refuses is looked after by `look`."""
        with self._lock:
            for port in self._open.values():
                try:
                    port.send(message.bytes())
                except (OSError, RuntimeError, ValueError):
                    continue

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            ports, self._open = self._open, {}
        for port in ports.values():
            port.close()
