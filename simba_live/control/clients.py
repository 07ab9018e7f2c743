"""Who talks to an OSC server: a bounded number of clients, what each wants to hear, how much it may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simba_live.errors import OptionError

Place = tuple[str, int]
"""Host and port."""

MAX_CLIENTS = 32
"""Clients remembered; a new one takes the place of the one that is silent for longest."""

FORGET_AFTER = 60.0
"""Seconds of silence after which a client is forgotten of which there is nothing to remember."""

FORGET_ANY_AFTER = 6 * 3600.0
"""Seconds of silence after which any client is forgotten."""

MAX_OPEN = 1000
"""Events of one client that are sent and not done yet, and syncs that wait for them."""


class Allowance:
    """So many things a second, and a burst now and then."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._asked = burst, 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed."""
        self._left = min(self._burst, self._left + (now - self._asked) * self._rate)
        self._asked = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(eq=False)
class Client:
    """One program that sends messages.

    Attributes:
        source: where it sends from.
        reply: where it wants its answers.
        heard: when it was last heard, in seconds.
        notify: whether it wants the news.
        dump: whether it wants to see everybody's messages.
        listens: controls whose changes it wants.
        requests: how many messages it may send; changes of controls do not count.
        complaints: how many refusals it is told.
        dumps: how many messages it is shown.
    """

    source: Place
    reply: Place
    heard: float
    notify: bool = False
    dump: bool = False
    listens: set[str] = field(default_factory=set)
    requests: Allowance = field(default_factory=lambda: Allowance(500, 1000))
    complaints: Allowance = field(default_factory=lambda: Allowance(20, 50))
    dumps: Allowance = field(default_factory=lambda: Allowance(200, 400))
    _open: set[int] = field(default_factory=set)
    _syncs: list[tuple[int, set[int]]] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether it has said how it wants to be talked to."""
        return self.notify or self.dump or bool(self.listens) or self.reply != self.source

    def open(self, serial: int) -> None:
        """Remember that event `serial` is under way.

        Raises:
            OptionError: too many are.
        """
        if len(self._open) >= MAX_OPEN:
            raise OptionError(f"{MAX_OPEN} of your messages are not done yet: send fewer")
        self._open.add(serial)

    def close(self, serial: int) -> list[int]:
        """Event `serial` is done: the syncs that waited for nothing else."""
        self._open.discard(serial)
        ready = []
        for number, waiting in self._syncs:
            waiting.discard(serial)
            if not waiting:
                ready.append(number)
        self._syncs = [sync for sync in self._syncs if sync[1]]
        return ready

    def sync(self, number: int) -> bool:
        """Whether nothing is under way; if something is, `close` gives `number` back once that is done.

        Raises:
            OptionError: too many syncs wait.
        """
        if not self._open:
            return True
        if len(self._syncs) >= 64:
            raise OptionError("64 syncs wait: wait for them")
        self._syncs.append((number, set(self._open)))
        return False


class Clients:
    """The clients of one server, by where they send from."""

    def __init__(self) -> None:
        self._clients: dict[Place, Client] = {}

    def at(self, source: Place, now: float) -> Client:
        """The client there; a new one if it was not known."""
        client = self._clients.get(source)
        if client is None:
            self.forget(now)
            if len(self._clients) >= MAX_CLIENTS:
                del self._clients[min(self, key=lambda one: (one.settled, one.heard)).source]
            client = self._clients[source] = Client(source, source, now)
        client.heard = now
        return client

    def forget(self, now: float) -> None:
        """Drop those that have been silent for long."""
        for client in tuple(self):
            if now - client.heard > (FORGET_ANY_AFTER if client.settled else FORGET_AFTER):
                del self._clients[client.source]

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def __len__(self) -> int:
        return len(self._clients)
