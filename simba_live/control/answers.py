"""What an OSC server says: answers to one client, news to all that want them; 4 kB a packet at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

from simba_live.control.addresses import REPLIES
from simba_live.control.clients import Client, Clients, Place
from simba_live.control.packets import Message, encode_parts
from simba_live.controls import AUTO, Value
from simba_live.status import Status

MAX_REASON = 300
"""Longest reason of a refusal, in characters."""

SETTLE = 1.0
"""Seconds for which a value just told is believed rather than a status that may be older."""

Plain = float | int | str


class Answers:
    """The voice of a server.

    Args:
        clients: whom there is to talk to.
        send: takes a place and a packet for it; must not wait or raise.
    """

    def __init__(self, clients: Clients, send: Callable[[Place, bytes], None]) -> None:
        self._clients = clients
        self._send = send
        self._told: dict[str, tuple[Value, float]] = {}
        self._prompts: tuple[tuple[str, float], ...] = ()

    def reply(self, client: Client, path: str, values: Sequence[Plain] = ()) -> None:
        """Send a client one message."""
        self._write(client.reply, path, values)

    def done(self, client: Client, path: str, *values: Plain) -> None:
        """Its message to `path` is done."""
        self.reply(client, "/simba/done", (path, *values))

    def fail(self, client: Client, path: str, reason: str) -> None:
        """Its message to `path` was refused."""
        self.reply(client, "/simba/fail", (path[:MAX_REASON], " ".join(reason.split())[:MAX_REASON]))

    def values(self, client: Client, values: dict[str, Value]) -> None:
        """What these controls are set to."""
        for name, value in values.items():
            self.reply(client, f"/simba/get/{name}", (_shown(value),))

    def status(self, client: Client, status: Status) -> None:
        """Every field of the status."""
        for field in fields(Status):
            path = f"/simba/status/{field.name}"
            if path in REPLIES:
                self._write(
                    client.reply, path, plain(getattr(status, field.name)), REPLIES[path].repeats or 1
                )

    def dump(self, sender: Client, message: Message, now: float) -> None:
        """Show a message to those who asked to see them all."""
        for client in self._clients:
            if client.dump and client.dumps.take(now):
                values = " ".join(repr(value)[:100] for value in message.values)
                text = f"{message.path[:100]} {values} {message.problem}".strip()[:MAX_REASON]
                self.reply(client, "/simba/dump", (f"{sender.source[0]}:{sender.source[1]}", text))

    def news(self, path: str, values: Sequence[Plain] = (), group: int = 1) -> None:
        """Send a message to all who want news."""
        for place in {client.reply for client in self._clients if client.notify}:
            self._write(place, path, values, group)

    def change(self, name: str, value: Value, now: float) -> None:
        """Tell those who listen to a control that it took another value."""
        self._told[name] = (value, now)
        for place in {client.reply for client in self._clients if name in client.listens}:
            self._write(place, f"/simba/get/{name}", (_shown(value),))

    def changes(self, values: dict[str, Value], now: float) -> None:
        """Tell what has changed without an event of its own, by a recall for one."""
        for name, value in values.items():
            if name not in self._told:
                self._told[name] = (value, 0.0)
            known, since = self._told[name]
            if known != value and now - since > SETTLE:
                self.change(name, value, now)

    def prompts(self, prompts: tuple[tuple[str, float], ...]) -> None:
        """Tell all who want news if these are other prompts than before."""
        if prompts != self._prompts:
            self._prompts = prompts
            self.news("/simba/status/prompts", plain(prompts), 2)

    def _write(self, place: Place, path: str, values: Sequence[Plain], group: int = 1) -> None:
        for packet in encode_parts(path, values, group):
            self._send(place, packet)


def plain(value: object) -> tuple[Plain, ...]:
    """A value as every OSC program takes it: no booleans, and no tuples in tuples."""
    if isinstance(value, tuple):
        return tuple(one for inner in value for one in plain(inner))
    assert isinstance(value, float | int | str)
    return (int(value) if isinstance(value, bool) else value,)


def _shown(value: Value) -> Plain:
    return AUTO if value is None else value
