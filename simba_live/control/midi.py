"""MIDI to a session and back: ports, the thread that does what comes in, the clock that goes out.

Who calls what: any thread may call `learn`, `inputs` and `clock.read`. What a port hears is only put into a
queue, on whatever thread the system calls from; one thread of our own reads it and drives the session, a
second looks which ports there are.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mido import Message

from simba_live.control.driven import Done, Driven, News
from simba_live.control.midi_bytes import Decoder
from simba_live.control.midi_clock import MidiClock
from simba_live.control.midi_clock_out import ClockOut
from simba_live.control.midi_hands import Hands, check_target
from simba_live.control.midi_map import Knob, MidiMap, append_knob, read_map
from simba_live.control.midi_ports import CLIENT, VIRTUAL, MidiSystem, Port, Ports, Wanted
from simba_live.control.midi_rtmidi import RtMidi
from simba_live.errors import OptionError

LOOK_SECONDS = 0.25
"""How often is looked which ports there are; a device plugged out and in again takes longer."""

CLOSE_SECONDS = 3.0
"""Longest that letting go of the ports may take."""

MAX_UNREAD = 10_000
"""Messages that may wait to be read. Of more, all are dropped, and every key is let go of."""

_log = logging.getLogger(__name__)

_Heard = tuple[float, str, Sequence[int]]
"""When, which port, and the bytes."""


class Midi:
    """Drives a session from MIDI, and gives others its beat; also a context manager.

    Args:
        driven: the session.
        tell: takes news for people, on any thread.
        inputs: ports to listen to: "all", "virtual" for one of our own, or names or parts of them; each with
            "jack:" before it for those of JACK.
        output: port that gets our clock, in the same way; empty is none.
        map_path: file of the map; what is learned is added to it. If there is none it will be made.
        system: makes the MIDI system of a name ("" is the machine's own, or "jack").

    Attributes:
        clock: the MIDI clock that comes in.

    Raises:
        SimbaLiveError: a port's name or the map cannot be used.
    """

    def __init__(
        self,
        driven: Driven,
        tell: Callable[[News], None],
        inputs: Sequence[str] = (),
        output: str = "",
        map_path: Path | None = None,
        system: Callable[[str], MidiSystem] = RtMidi,
    ) -> None:
        self.clock = MidiClock()
        self._tell, self._map_path, self._system = tell, map_path, system
        self._ins = [Wanted.read(spec) for spec in inputs]
        self._outs = [Wanted.read(output)] if output else []
        read = read_map(map_path) if map_path is not None and map_path.exists() else MidiMap()
        self._hands = Hands(driven, read, tell, self._keep)
        self._status = driven.status
        self._inbox: queue.SimpleQueue[_Heard | Callable[[float], None] | None] = queue.SimpleQueue()
        self._decoders: dict[str, Decoder] = {}
        self._flooded = False
        self._systems: list[MidiSystem] = []
        self._in_ports: list[Ports] = []
        self._out_ports: list[Ports] = []
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._clock_out: ClockOut | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that are open."""
        names = (name for ports in self._in_ports for name in ports.names)
        return tuple(CLIENT if name == VIRTUAL else name for name in names)

    def learn(self, target: str, done: Done) -> None:
        """Let the next knob that is moved be the one for a control or action.

        Args:
            target: name of a live control or of an action such as "undo".
            done: called once, from another thread, when a knob was found or none was.

        Raises:
            OptionError: there is no such control or action, or no MIDI input is wanted.
        """
        check_target(target)
        if not self._ins:
            raise OptionError("no MIDI input is open: start with --midi all")
        self._inbox.put(partial(self._hands.learn, target, done))

    def start(self) -> Midi:
        """Open the ports there are and begin to listen; those that are missing are waited for.

        Raises:
            MissingDependencyError: this machine has no MIDI.
        """
        for api in dict.fromkeys(wanted.api for wanted in (*self._ins, *self._outs)):
            self._begin(self._system(api), api)
        for ports in (*self._in_ports, *self._out_ports):
            ports.look()
        self._name_missing()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._run, "midi"), (self._watch, "midi ports"))
        ]
        for thread in self._threads:
            thread.start()
        if self._outs:
            self._clock_out = ClockOut(self._status, self._send)
            self._clock_out.start()
        return self

    def close(self) -> None:
        """Let go of all keys and ports; does nothing if it is not running."""
        threads, self._threads = self._threads, []
        if self._clock_out is not None:
            self._clock_out.close()
            self._clock_out = None
        self._closing.set()
        for ports in self._in_ports:
            for name in ports.names:
                self._inbox.put(partial(self._hands.release, name))
        self._inbox.put(None)
        # A sound server that hangs must not hold up the end.
        ending = threading.Thread(target=self._let_go, args=(threads,), name="midi end", daemon=True)
        ending.start()
        ending.join(CLOSE_SECONDS)

    def _let_go(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.join()
        for ports in (*self._in_ports, *self._out_ports):
            ports.close()
        for system in self._systems:
            system.close()
        self._in_ports, self._out_ports, self._systems = [], [], []

    def __enter__(self) -> Midi:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, system: MidiSystem, api: str) -> None:
        self._systems.append(system)

        def open_input(name: str) -> Port:
            return system.open_input(None if name == VIRTUAL else name, partial(self._hear, name))

        def open_output(name: str) -> Port:
            return system.open_output(None if name == VIRTUAL else name)

        for wanted, keep, opening, names in (
            (self._ins, self._in_ports, open_input, system.inputs),
            (self._outs, self._out_ports, open_output, system.outputs),
        ):
            mine = [one for one in wanted if one.api == api]
            if mine:
                keep.append(Ports(mine, opening, names, self._came, self._went, self._refused))

    def _hear(self, name: str, data: Sequence[int]) -> None:
        """Something has come in; on the system's thread, which must not wait."""
        if self._inbox.qsize() < MAX_UNREAD:
            self._inbox.put((time.monotonic(), name, data))
        else:
            self._flooded = True

    def _run(self) -> None:
        while True:
            due = self._hands.next
            try:
                item = self._inbox.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
            except queue.Empty:
                item = _nothing
            if item is None:
                return
            try:
                self._do(item)
                self._hands.tick(time.monotonic())
            except Exception:  # one bad message must not end the show
                _log.exception("a MIDI message failed")

    def _do(self, item: _Heard | Callable[[float], None]) -> None:
        now = time.monotonic()
        if callable(item):
            item(now)
            return
        at, name, data = item
        for message in self._decoders.setdefault(name, Decoder()).feed(data):
            self.clock.hear(message, name, at)
            self._hands.hear(message, name, now)
        if self._flooded and self._inbox.empty():
            self._flooded = False
            self._news("more MIDI came than can be read: all keys are let go of")
            for port in self._decoders:
                self._hands.release(port, now)

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            for ports in (*self._in_ports, *self._out_ports):
                try:
                    ports.look()
                except Exception:  # drivers have many ways to say that something has gone
                    _log.debug("the MIDI ports cannot be looked at", exc_info=True)

    def _came(self, name: str) -> None:
        self._news(
            f"MIDI port {CLIENT} is open for others" if name == VIRTUAL else f"MIDI port {name} is open"
        )

    def _went(self, name: str) -> None:
        self._inbox.put(partial(self._hands.release, name))
        self._news(f"MIDI port {name} is gone: waiting for it")

    def _refused(self, name: str, why: str) -> None:
        self._news(
            f"MIDI port {name} cannot be opened ({why}): close what else uses it, and plug it in again"
        )

    def _name_missing(self) -> None:
        """Say which ports are waited for, and what there is instead."""
        for ports in (*self._in_ports, *self._out_ports):
            there = ", ".join(ports.there) or "none"
            for name in ports.missing:
                self._news(f"no MIDI port is called {name[:64]!r}: waiting for it; there are {there}")

    def _send(self, message: Message) -> None:
        for ports in self._out_ports:
            ports.send(message)

    def _keep(self, knob: Knob) -> None:
        if self._map_path is None:
            return
        try:
            append_knob(self._map_path, knob)
        except OptionError as error:
            self._news(f"{error}: it is learned until the end of the session")

    def _news(self, text: str) -> None:
        self._tell(News("midi", text))


def _nothing(_now: float) -> None:
    """What there is to do when only time has passed."""
