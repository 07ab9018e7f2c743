"""Devices that are open, in the process that owns them (`host.py`): what playing and listening share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

from simba_live.errors import DeviceError
from simba_live.outputs import reason

from .devices import SUGGESTED_SECONDS, AudioDevice, jack_client


class Opened(Protocol):
    """A device that is open.

    Attributes:
        facts: its name, sample_rate, channels and block_frames, for the process that asked for it.
    """

    facts: dict[str, Any]

    def trouble(self) -> str:
        """Why it has stopped; empty while it runs."""

    def close(self) -> None:
        """Stop; what is to be heard has been heard."""


class PortAudioStream(ABC):
    """A stream of PortAudio; subclasses say what its callback does.

    Args:
        sounddevice: the module.
        kind: name of the stream's class in it.
        device: what to open.
        channels: as many as the stream has.

    Raises:
        DeviceError: it cannot be opened.
    """

    def __init__(self, sounddevice: Any, kind: str, device: AudioDevice, channels: int) -> None:
        self._failure = sounddevice.PortAudioError
        self._name = device.name
        try:
            self._stream = getattr(sounddevice, kind)(
                device=device.index,
                samplerate=device.sample_rate,
                channels=channels,
                dtype="float32",
                latency=SUGGESTED_SECONDS,
                callback=self._call,
            )
        except self._failure as error:
            raise DeviceError(f"{device.name} cannot be opened ({reason(error)})") from error
        self.facts: dict[str, Any] = {"name": device.name, "sample_rate": device.sample_rate}
        self.facts |= {
            "channels": channels,
            "block_frames": round(device.sample_rate * SUGGESTED_SECONDS / 2),
        }

    def trouble(self) -> str:
        """Why it has stopped; see `Opened`."""
        return "" if self._stream.active else "the device has gone"

    def close(self) -> None:
        """Stop; see `Opened`."""
        self._stream.stop()
        self._stream.close()

    def _start(self) -> None:
        try:
            self._stream.start()
        except self._failure as error:
            raise DeviceError(f"{self._name} cannot be started ({reason(error)})") from error

    @abstractmethod
    def _call(self, samples: Any, *_: object) -> None:
        """PortAudio's callback, with samples [n, C] to be filled or read."""


class JackClient(ABC):
    """A client of the running JACK server; subclasses register its ports and say what its callback does.

    Args:
        name: of the client.
        option: flag by which something else than JACK can be chosen.
    """

    def __init__(self, name: str, option: str) -> None:
        self._jack, self._client = jack_client(name, option)
        self._trouble = ""
        self._client.set_process_callback(self._call)
        self._client.set_shutdown_callback(self._shut_down)
        self.facts: dict[str, Any] = {"name": f"jack:{self._client.name}"}
        self.facts |= {"sample_rate": self._client.samplerate, "block_frames": self._client.blocksize}

    def trouble(self) -> str:
        """Why it has stopped; see `Opened`."""
        return self._trouble

    def close(self) -> None:
        """Leave the server; see `Opened`."""
        self._client.deactivate()
        self._client.close()

    def _start(self) -> None:
        try:
            self._client.activate()
            self._connect()
        except self._jack.JackError as error:
            raise DeviceError(f"the JACK server refuses ({reason(error)})") from error

    @abstractmethod
    def _connect(self) -> None:
        """Connect the ports with the server's, which is possible from now on."""

    @abstractmethod
    def _call(self, frames: int) -> None:
        """JACK's callback."""

    def _shut_down(self, *_: object) -> None:
        self._trouble = "the JACK server has gone"
