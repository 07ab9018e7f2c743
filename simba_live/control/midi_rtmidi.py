"""The real MIDI system, by python-rtmidi.

mido's own ports would open two new clients for every look at what there is; here the same two stay. One
thread uses a system, except that ports may be sent to from any.

A JACK server that ends takes its MIDI along for the rest of the session: rtmidi does not tell, and closing
what was left of it once there is a server again ends the process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simba_live.control.midi_ports import CLIENT, CLOCK, JACK, LOOKER, Heard, Port
from simba_live.errors import MissingDependencyError
from simba_live.outputs import reason


class RtMidi:
    """The system's own MIDI, or JACK's.

    Args:
        api: "" or "jack".

    Raises:
        MissingDependencyError: python-rtmidi is not installed, or the system has no such MIDI.
    """

    def __init__(self, api: str = "") -> None:
        try:
            import rtmidi
        except ImportError as error:
            raise MissingDependencyError(
                "MIDI needs the package python-rtmidi: pip install 'simba-live[midi]'"
            ) from error
        others = (rtmidi.API_UNIX_JACK, rtmidi.API_RTMIDI_DUMMY)
        compiled = rtmidi.get_compiled_api()
        apis = [one for one in compiled if (one == others[0] if api == JACK else one not in others)]
        self._rtmidi = rtmidi
        try:
            if not apis:
                raise OSError("it was left out of python-rtmidi")
            self._api = apis[0]
            # Kept for all looks: systems count clients, and JACK makes room for each in its graph.
            self._ears = self._client(rtmidi.MidiIn, LOOKER)
            self._mouth = self._client(rtmidi.MidiOut, LOOKER)
        except (OSError, RuntimeError) as error:
            lack, way = ("JACK server", "start one") if api == JACK else ("MIDI", "with JACK write jack:all")
            raise MissingDependencyError(f"this system has no {lack} ({reason(error)}): {way}") from error

    def _client(self, kind: Any, name: str) -> Any:
        return kind(rtapi=self._api, name=name)

    def inputs(self) -> list[str]:
        """See `MidiSystem`."""
        return _told_apart(self._ears.get_ports())

    def outputs(self) -> list[str]:
        """See `MidiSystem`."""
        return _told_apart(self._mouth.get_ports())

    def open_input(self, name: str | None, heard: Heard) -> Port:
        """See `MidiSystem`."""
        port = self._client(self._rtmidi.MidiIn, CLIENT)
        # Before it is open, or what comes meanwhile would wait in a queue.
        port.set_callback(lambda event, _: heard(event[0]))
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        return self._open(port, name, "in", self.inputs())

    def open_output(self, name: str | None) -> Port:
        """See `MidiSystem`."""
        return self._open(self._client(self._rtmidi.MidiOut, CLOCK), name, "out", self.outputs())

    def _open(self, port: Any, name: str | None, own: str, names: list[str]) -> Port:
        try:
            if name is None:
                port.open_virtual_port(own)
            else:
                port.open_port(names.index(name), own)
        except (OSError, RuntimeError, ValueError) as error:
            port.delete()
            raise OSError(reason(error)) from error
        return _RtMidiPort(port)

    def close(self) -> None:
        """See `MidiSystem`."""
        self._ears.delete()
        self._mouth.delete()


class _RtMidiPort:
    def __init__(self, port: Any) -> None:
        self._port = port

    def send(self, data: Sequence[int]) -> None:
        """Send the bytes of one message."""
        self._port.send_message(data)

    def close(self) -> None:
        """Let go of it."""
        self._port.close_port()
        self._port.delete()


def _told_apart(names: Sequence[str | None]) -> list[str]:
    """The names of a system's ports: of two alike the second is "NAME (2)"."""
    counts: Counter[str] = Counter()
    shown = []
    for name in names:
        name = name or "?"
        counts[name] += 1
        shown.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return shown


@dataclass(frozen=True)
class MidiPort:
    """A MIDI port.

    Attributes:
        name: what to call it.
        direction: "in" if it sends to us, "out" if we can send to it.
    """

    name: str
    direction: str


def midi_ports() -> tuple[MidiPort, ...]:
    """All MIDI ports of the system.

    Raises:
        MissingDependencyError: rtmidi is not installed, or the system has no MIDI.
    """
    system = RtMidi()
    try:
        ins = [MidiPort(name, "in") for name in system.inputs()]
        return (*ins, *(MidiPort(name, "out") for name in system.outputs()))
    finally:
        system.close()
