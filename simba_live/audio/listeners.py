"""Devices that are listened to, in the process that owns them (`host.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from simba_live.errors import DeviceError, OptionError
from simba_live.outputs import reason

from .devices import SUGGESTED_SECONDS, find_input, jack_client, portaudio

Record = Callable[[Any], object]


class Listener(Protocol):
    """A device that is open to listen to."""

    facts: dict[str, Any]

    def listen(self, record: Record) -> None:
        """Begin, with `record` to be called on the device's thread with the samples [n, C] that have come."""

    def trouble(self) -> str:
        """Why it has stopped; empty while it runs."""

    def close(self) -> None:
        """Stop."""


class PortAudioListener:
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
        self._failure = sounddevice.PortAudioError
        try:
            self._stream = sounddevice.InputStream(
                device=device.index,
                samplerate=device.sample_rate,
                channels=max(self._chosen) + 1,
                dtype="float32",
                latency=SUGGESTED_SECONDS,
                callback=self._call,
            )
        except self._failure as error:
            raise DeviceError(f"{device.name} cannot be opened ({reason(error)})") from error
        self._name = device.name
        self.facts = {"name": device.name, "sample_rate": device.sample_rate, "channels": len(self._chosen)}
        self.facts["block_frames"] = round(device.sample_rate * SUGGESTED_SECONDS / 2)

    def listen(self, record: Record) -> None:
        """Begin; see `Listener`."""
        self._record = record
        try:
            self._stream.start()
        except self._failure as error:
            raise DeviceError(f"{self._name} cannot be started ({reason(error)})") from error

    def trouble(self) -> str:
        """Why it has stopped; see `Listener`."""
        return "" if self._stream.active else "the device has gone"

    def close(self) -> None:
        """Stop."""
        self._stream.stop()
        self._stream.close()

    def _call(self, heard: Any, *_: object) -> None:
        self._record(heard[:, self._chosen])


class JackListener:
    """A client of a JACK server, with as many ports as are listened to, connected to the server's inputs.

    Args:
        name: of the client.
        channels: numbers from 1 of the server's inputs wanted; none are the first two.
    """

    def __init__(self, name: str, channels: Sequence[int]) -> None:
        self._jack, self._client = jack_client(name, "--input")
        self._trouble = ""
        self._numbers = list(channels) or [1, 2]
        self._ports = [self._client.inports.register(f"in_{number}") for number in self._numbers]
        self._client.set_process_callback(self._call)
        self._client.set_shutdown_callback(self._shut_down)
        self.facts = {"name": f"jack:{self._client.name}", "sample_rate": self._client.samplerate}
        self.facts |= {"channels": len(self._ports), "block_frames": self._client.blocksize}

    def listen(self, record: Record) -> None:
        """Begin; see `Listener`. Where the server lacks an input, its port waits to be connected by hand."""
        self._record = record
        try:
            self._client.activate()
            sources = self._client.get_ports(is_audio=True, is_output=True, is_physical=True)
            for number, port in zip(self._numbers, self._ports, strict=True):
                if number <= len(sources):
                    port.connect(sources[number - 1])
        except self._jack.JackError as error:
            raise DeviceError(f"the JACK server refuses ({reason(error)})") from error

    def trouble(self) -> str:
        """Why it has stopped; see `Listener`."""
        return self._trouble

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()

    def _call(self, _: int) -> None:
        self._record(np.stack([port.get_array() for port in self._ports], 1))

    def _shut_down(self, *_: object) -> None:
        self._trouble = "the JACK server has gone"


LISTENERS: dict[str, Callable[[str, Sequence[int]], Listener]] = {
    "portaudio in": PortAudioListener,
    "jack in": JackListener,
}
