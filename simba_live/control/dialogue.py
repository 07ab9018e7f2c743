"""What OSC messages mean: from packets to events, from outcomes and news to answers.

There is no socket and no thread in here: `OscServer` calls everything on its own thread, and what a session
says on other threads comes through `post`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import partial
from itertools import count

from simba_live.control.addresses import ADDRESSES, find
from simba_live.control.answers import MAX_REASON, SETTLE, Answers, Plain
from simba_live.control.clients import Allowance, Client, Clients, Place
from simba_live.control.driven import Done, Driven, News, Outcome
from simba_live.control.grammar import PRESS, Address
from simba_live.control.packets import Message, decode
from simba_live.control.schedule import Newest, Schedule
from simba_live.controls import Value
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import Event, Prompt, Recall, Reset, Set, Undo
from simba_live.status import Status

HEARTBEAT = 1.0
"""Seconds between heartbeats."""

_log = logging.getLogger(__name__)


class Dialogue:
    """One session's talk with all its OSC clients.

    Args:
        driven: the session.
        send: takes a place and a packet for it; must not wait or raise.
        post: takes a function, on any thread, to be called on the server's with the time.
        learn: lets the next MIDI knob be for a control or action; None where there is no MIDI.
    """

    def __init__(
        self,
        driven: Driven,
        send: Callable[[Place, bytes], None],
        post: Callable[[Callable[[float], None]], None],
        learn: Callable[[str, Done], None] | None = None,
    ) -> None:
        self.clients = Clients()
        self._driven = driven
        self._learn = learn
        self._answers = Answers(self.clients, send)
        self._post = post
        self._schedule: Schedule[tuple[Client, Address, tuple[Value, ...], str | None]] = Schedule()
        self._changes: Newest[tuple[Client, str, Event, str | None]] = Newest()
        self._serials = count()
        self._next_beat = 0.0
        self._texts: tuple[str, ...] = ()
        self._texts_until = 0.0
        self._stumbles = Allowance(1, 10)

    def hear(self, packet: bytes, source: Place, now: float, unix_time: float) -> None:
        """Do what a packet says, or refuse it; never raises.

        Args:
            packet: what came.
            source: where it came from.
            now: the time of a clock that never jumps, in seconds.
            unix_time: the same moment as time tags count it, in seconds.
        """
        client = self.clients.at(source, now)
        for message in decode(packet):
            self._guard(client, message.path, now, self._accept, client, message, now, unix_time)

    def tick(self, now: float) -> None:
        """Do what is due."""
        for client, address, values, quantum in self._schedule.due(now):
            self._guard(client, address.path, now, self._perform, client, address, values, quantum, now)
        for change in self._changes.due(now):
            self._guard(change[0], change[1], now, self._drive, *change)
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT
            self.clients.forget(now)
            status = self._driven.status()
            self._answers.changes(status.values, now)
            self._answers.prompts(status.prompts)
            steps = (status.step_p50, status.step_p99, status.underruns, status.plan_seconds)
            self._answers.news("/simba/heartbeat", (*steps, int(status.playing)))

    @property
    def next(self) -> float:
        """When `tick` has something to do."""
        times = (self._schedule.next, self._changes.next, self._next_beat)
        return min(time for time in times if time is not None)

    def tell(self, news: News, now: float) -> None:
        """Pass news on to whom it concerns."""
        if news.kind == "beat":
            self._answers.news("/simba/beat", _line(self._driven.status(), news.text == "bar"))
        elif isinstance(news.event, Set):
            self._answers.change(news.event.control, news.event.value, now)
        else:
            self._answers.changes(self._driven.status().values, now)
            if news.kind == "ready":
                self._answers.news("/simba/startup")
            else:
                self._answers.news("/simba/news", (news.kind, news.text, news.frame))

    def _guard(
        self, client: Client, path: str, now: float, action: Callable[..., None], *arguments: object
    ) -> None:
        """Do something for a client; what goes wrong is told to it, but only so often."""
        try:
            action(*arguments)
        except SimbaLiveError as error:
            if client.complaints.take(now):
                self._answers.fail(client, path, str(error))
        except Exception:  # one bad message must not end the show
            if self._stumbles.take(now):
                _log.exception("message %s failed", path[:MAX_REASON])
            if client.complaints.take(now):
                self._answers.fail(client, path, "something went wrong inside: see the server's log")

    def _accept(self, client: Client, message: Message, now: float, unix_time: float) -> None:
        """Check a message, and do it or let it wait for its time."""
        known = ADDRESSES.get(message.path)
        if (known is None or known.event is not Set) and not client.requests.take(now):
            raise OptionError("too many messages at once: send fewer")
        self._answers.dump(client, message, now)
        if message.problem:
            raise OptionError(message.problem)
        address = find(message.path)
        values, quantum = address.read(message.values)
        if message.at is not None and message.at > unix_time:
            self._schedule.add(now + message.at - unix_time, (client, address, values, quantum), now)
        else:
            self._perform(client, address, values, quantum, now)

    def _perform(
        self, client: Client, address: Address, values: tuple[Value, ...], quantum: str | None, now: float
    ) -> None:
        if PRESS in address.arguments:
            if values and not values[0]:
                self._answers.done(client, address.path)
                return
            values = ()
        event = self._event(address, values, now)
        if isinstance(event, Set | Prompt):
            key = (event.control if isinstance(event, Set) else event.name, quantum)
            if self._changes.offer(key, (client, address.path, event, quantum), now):
                self._drive(client, address.path, event, quantum)
            return
        # Nothing may overtake the changes sent before it.
        for change in self._changes.flush(now):
            self._guard(change[0], change[1], now, self._drive, *change)
        if event is not None:
            self._drive(client, address.path, event, quantum)
        else:
            self._do(client, address, values)

    def _event(self, address: Address, values: tuple[Value, ...], now: float) -> Event | None:
        """The event of a message; None if it makes none."""
        if address.event is Set:
            return Set(address.control, values[0])
        if address.path == "/simba/prompt":
            return Prompt(tuple(map(str, values[::2])), tuple(float(weight or 0) for weight in values[1::2]))
        if address.path == "/simba/prompt/weights":
            return Prompt(self._prompts(now), tuple(float(weight or 0) for weight in values))
        return None if address.event is None else address.event(*values)

    def _prompts(self, now: float) -> tuple[str, ...]:
        """The prompts to weigh: those just sent, for the status may not know them yet, or those that play."""
        texts = self._texts if now < self._texts_until else ()
        texts = texts or tuple(text for text, _ in self._driven.status().prompts)
        if not texts:
            raise OptionError("there is no prompt to weigh: send /simba/prompt first")
        return texts

    def _drive(self, client: Client, path: str, event: Event, quantum: str | None) -> None:
        if isinstance(event, Prompt):
            self._texts, self._texts_until = event.texts, math.inf
        elif isinstance(event, Recall | Undo | Reset):
            self._texts_until = 0.0
        self._begin(client, path, partial(self._driven.send, event, quantum))

    def _begin(self, client: Client, path: str, action: Callable[..., None]) -> None:
        """Start what is answered when it is done."""
        serial = next(self._serials)
        client.open(serial)
        try:
            action(done=lambda outcome: self._post(partial(self._finish, client, path, serial, outcome)))
        except Exception:
            self._close(client, serial)
            raise

    def _finish(self, client: Client, path: str, serial: int, outcome: Outcome, now: float) -> None:
        if path.startswith("/simba/prompt"):
            self._texts_until = 0.0 if outcome.reason else now + SETTLE
        if outcome.reason:
            self._answers.fail(client, path, outcome.reason)
        else:
            self._answers.done(client, path, *(() if outcome.frame is None else (outcome.frame,)))
        self._close(client, serial)

    def _close(self, client: Client, serial: int) -> None:
        for number in client.close(serial):
            self._answers.reply(client, "/simba/synced", (number,))

    def _do(self, client: Client, address: Address, values: tuple[Value, ...]) -> None:
        """What is no event: recording, questions, and how the client wants to be talked to."""
        first = values[0] if values else None
        match address.path.split("/")[2:]:
            case ["record", "start"]:
                name = None if first is None else str(first)
                self._begin(client, address.path, partial(self._driven.start_recording, name))
            case ["record", "stop"]:
                self._begin(client, address.path, self._driven.stop_recording)
            case ["midi", "learn"]:
                if self._learn is None:
                    raise OptionError("no MIDI input is open: start with --midi all")
                self._begin(client, address.path, partial(self._learn, str(first)))
            case ["sync"]:
                number = int(first or 0)
                if client.sync(number):
                    self._answers.reply(client, "/simba/synced", (number,))
            case _:
                self._ask(client, address, first)
                self._answers.done(client, address.path)

    def _ask(self, client: Client, address: Address, first: Value) -> None:
        """What is answered at once."""
        status = self._driven.status()
        values = {address.control: status.values.get(address.control)} if address.control else status.values
        match address.path.split("/")[2:]:
            case ["get", *_]:
                self._answers.values(client, values)
            case ["listen", *_] if first:
                client.listens |= values.keys()
                self._answers.values(client, values)
            case ["listen", *_]:
                client.listens -= values.keys()
            case ["status"]:
                self._answers.status(client, status)
            case ["snapshot", "list"]:
                self._answers.reply(client, address.path, status.snapshots)
            case ["version"]:
                self._answers.reply(client, address.path, ("simba-live", _version()))
            case ["notify"]:
                client.notify = bool(first)
                if client.notify and status.ready:
                    self._answers.reply(client, "/simba/startup")
            case ["reply"]:
                client.reply = (client.source[0], int(first or 0) or client.source[1])
            case ["dump"]:
                client.dump = bool(first)
            case ["quit"]:
                self._driven.quit()


def _line(status: Status, bar_line: bool) -> tuple[Plain, ...]:
    """Bar, beat and tempo of the line just passed; the status may be from a little before or after it."""
    beats = max(1, status.beats_per_bar)
    if bar_line:
        return status.bar + round(status.beat / beats), 0, status.bpm
    bars, beat = divmod(round(status.beat), beats)
    return status.bar + bars, beat, status.bpm


def _version() -> str:
    from importlib.metadata import version

    return version("simba-live")
