"""Devices that are listened to, in the process that owns them (`host.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from simba_live.errors import OptionError

from .devices import find_input, portaudio
from .opened import JackClient, Opened, PortAudioStream

Record = Callable[[Any], object]


class Listener(Opened, Protocol):
    """A device that is open to listen to."""

    def listen(self, record: Record) -> None:
        """Begin, with `record` to be called on the device's thread with the samples [n, C] that have come."""


class PortAudioListener(PortAudioStream):
    """A stream of PortAudio.

    Args:
        spec: "default", or a device's name, a part of it, or its number.
        channels: numbers from 1 of those wanted; none are the first two.
    """

    def __init__(self, spec: str, channels: Sequence[int]) -> None:
        sounddevice = portaudio()
        device = find_input(spec)
        self._chosen = [number - 1 for number in channels] or list(range(min(2, device.inputs)))
        if max(self._chosen) >= device.inputs:
            raise OptionError(
                f"input channel {max(self._chosen) + 1} is not there: {device.name} has {device.inputs}"
            )
        super().__init__(sounddevice, "InputStream", device, max(self._chosen) + 1)
        self.facts["channels"] = len(self._chosen)

    def listen(self, record: Record) -> None:
        """Begin; see `Listener`."""
        self._record = record
        self._start()

    def _call(self, samples: Any, *_: object) -> None:
        self._record(samples[:, self._chosen])


class JackListener(JackClient):
    """A client of a JACK server, with as many ports as are listened to, connected to the server's inputs.

    Args:
        name: of the client.
        channels: numbers from 1 of the server's inputs wanted; none are the first two.
    """

    def __init__(self, name: str, channels: Sequence[int]) -> None:
        super().__init__(name, "--input")
        self._numbers = list(channels) or [1, 2]
        self._ports = [self._client.inports.register(f"in_{number}") for number in self._numbers]
        self.facts["channels"] = len(self._ports)

    def listen(self, record: Record) -> None:
        """Begin; see `Listener`. Where the server lacks an input, its port waits to be connected by hand."""
        self._record = record
        self._start()

    def _connect(self) -> None:
        sources = self._client.get_ports(is_audio=True, is_output=True, is_physical=True)
        for number, port in zip(self._numbers, self._ports, strict=True):
            if number <= len(sources):
                port.connect(sources[number - 1])

    def _call(self, _: int) -> None:
        self._record(np.stack([port.get_array() for port in self._ports], 1))


LISTENERS: dict[str, Callable[[str, Sequence[int]], Listener]] = {
    "portaudio in": PortAudioListener,
    "jack in": JackListener,
}
