"""Devices that play, in the process that owns them (`host.py`)."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .devices import find_output, portaudio
from .opened import JackClient, Opened, PortAudioStream

MOST_LATENCY_SECONDS = 1.0
"""A device that says it adds more than this does not know."""

Fill = Callable[[Any], object]


class Player(Opened, Protocol):
    """A device that is open to play; its facts tell also its latency, `device_seconds`, if it is known."""

    def play(self, fill: Fill) -> None:
        """Begin, with `fill` to be called on the device's thread with room [n, C] for samples."""


class PortAudioPlayer(PortAudioStream):
    """A stream of PortAudio.

    Args:
        spec: "default", or a device's name, a part of it, or its number.
    """

    def __init__(self, spec: str) -> None:
        sounddevice = portaudio()
        device = find_output(spec)
        super().__init__(sounddevice, "OutputStream", device, min(2, device.outputs))
        latency = self._stream.latency
        # With JACK below it, PortAudio tells of a day's latency.
        self.facts["device_seconds"] = latency if 0.0 <= latency < MOST_LATENCY_SECONDS else 0.0

    def play(self, fill: Fill) -> None:
        """Begin; see `Player`."""
        self._fill = fill
        self._start()

    def _call(self, samples: Any, *_: object) -> None:
        self._fill(samples)


class JackPlayer(JackClient):
    """A client of a JACK server, connected to the loudspeakers if there are some.

    Args:
        name: of the client.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, "--audio")
        self._ports = [self._client.outports.register(f"out_{number}") for number in (1, 2)]
        self._room = np.zeros((self._client.blocksize, 2), np.float32)
        self._client.set_blocksize_callback(self._resize)
        self.facts["channels"] = len(self._ports)

    def play(self, fill: Fill) -> None:
        """Begin; see `Player`."""
        self._fill = fill
        self._start()

    def _connect(self) -> None:
        speakers = self._client.get_ports(is_audio=True, is_input=True, is_physical=True)
        for port, speaker in zip(self._ports, speakers, strict=False):
            port.connect(speaker)
            self.facts["device_seconds"] = _playback_frames(self._jack, speaker) / self.facts["sample_rate"]

    def _call(self, _: int) -> None:
        self._fill(self._room)
        for port, samples in zip(self._ports, self._room.T, strict=True):
            port.get_array()[:] = samples

    def _resize(self, frames: int) -> None:
        self._room = np.zeros((frames, 2), np.float32)


def _playback_frames(jack: Any, speaker: Any) -> int:
    """Samples until a loudspeaker's port is heard, which JACK's library tells but its package cannot ask."""
    bounds = (ctypes.c_uint32 * 2)()
    with contextlib.suppress(AttributeError, OSError):  # The package may hide its insides some day.
        address = int(jack._ffi.cast("uintptr_t", speaker._ptr))
        ctypes.CDLL(jack._libname).jack_port_get_latency_range(ctypes.c_void_p(address), 1, bounds)
    return bounds[1]


PLAYERS: dict[str, Callable[[str], Player]] = {"portaudio": PortAudioPlayer, "jack": JackPlayer}
