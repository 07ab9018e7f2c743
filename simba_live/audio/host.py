"""The process that owns a device, started by `device.HostedDevice`.

It opens the device, says in one line of JSON what it opened or why not, and plays the ring, or fills it,
until its standard input closes. The device's callback copies and counts in an interpreter where nothing else
runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import mmap
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from simba_live.errors import DeviceError, MissingDependencyError, OptionError
from simba_live.outputs import reason

from .device import RING_FRAMES
from .devices import SUGGESTED_SECONDS, find_output, jack_client, portaudio
from .listeners import LISTENERS, Listener
from .ring import Ring

LOOK_SECONDS = 0.05
"""How often the device is looked at."""

MOST_LATENCY_SECONDS = 1.0
"""A device that says it adds more than this does not know."""

Fill = Callable[[Any], object]


class Player(Protocol):
    """A device that is open to play."""

    facts: dict[str, Any]

    def play(self, fill: Fill) -> None:
        """Begin, with `fill` to be called on the device's thread with room [n, C] for samples."""

    def trouble(self) -> str:
        """Why it has stopped; empty while it plays."""

    def close(self) -> None:
        """Stop when everything has been heard."""


class PortAudioPlayer:
    """A stream of PortAudio."""

    def __init__(self, spec: str) -> None:
        sounddevice = portaudio()
        device = find_output(spec)
        self._failure = sounddevice.PortAudioError
        channels = min(2, device.outputs)
        try:
            self._stream = sounddevice.OutputStream(
                device=device.index,
                samplerate=device.sample_rate,
                channels=channels,
                dtype="float32",
                latency=SUGGESTED_SECONDS,
                callback=self._call,
            )
        except self._failure as error:
            raise DeviceError(f"{device.name} cannot be opened ({reason(error)})") from error
        self._name = device.name
        self.facts = {"name": device.name, "sample_rate": device.sample_rate, "channels": channels}
        latency = self._stream.latency
        # With JACK below it, PortAudio tells of a day's latency.
        self.facts["device_seconds"] = latency if 0.0 <= latency < MOST_LATENCY_SECONDS else 0.0
        self.facts["block_frames"] = round(device.sample_rate * SUGGESTED_SECONDS / 2)

    def play(self, fill: Fill) -> None:
        """Begin; see `Player`."""
        self._fill = fill
        try:
            self._stream.start()
        except self._failure as error:
            raise DeviceError(f"{self._name} cannot be started ({reason(error)})") from error

    def trouble(self) -> str:
        """Why it has stopped; see `Player`."""
        return "" if self._stream.active else "the device has gone"

    def close(self) -> None:
        """Stop when everything has been heard."""
        self._stream.stop()
        self._stream.close()

    def _call(self, out: Any, *_: object) -> None:
        self._fill(out)


class JackPlayer:
    """A client of a JACK server."""

    def __init__(self, name: str) -> None:
        self._jack, self._client = jack_client(name, "--audio")
        self._trouble = ""
        self._ports = [self._client.outports.register(f"out_{number}") for number in (1, 2)]
        self._room = np.zeros((self._client.blocksize, 2), np.float32)
        self._client.set_blocksize_callback(self._resize)
        self._client.set_process_callback(self._call)
        self._client.set_shutdown_callback(self._shut_down)
        self.facts = {"name": f"jack:{self._client.name}", "sample_rate": self._client.samplerate}
        self.facts |= {"channels": 2, "block_frames": self._client.blocksize}

    def play(self, fill: Fill) -> None:
        """Begin, connected to the loudspeakers if there are some; see `Player`."""
        self._fill = fill
        try:
            self._client.activate()
            speakers = self._client.get_ports(is_audio=True, is_input=True, is_physical=True)
            for port, speaker in zip(self._ports, speakers, strict=False):
                port.connect(speaker)
                self.facts["device_seconds"] = (
                    _playback_frames(self._jack, speaker) / self.facts["sample_rate"]
                )
        except self._jack.JackError as error:
            raise DeviceError(f"the JACK server refuses ({reason(error)})") from error

    def trouble(self) -> str:
        """Why it has stopped; see `Player`."""
        return self._trouble

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()

    def _call(self, _: int) -> None:
        self._fill(self._room)
        for port, samples in zip(self._ports, self._room.T, strict=True):
            port.get_array()[:] = samples

    def _resize(self, frames: int) -> None:
        self._room = np.zeros((frames, 2), np.float32)

    def _shut_down(self, *_: object) -> None:
        self._trouble = "the JACK server has gone"


def _playback_frames(jack: Any, speaker: Any) -> int:
    """Samples until a loudspeaker's port is heard, which JACK's library tells but its package cannot ask."""
    bounds = (ctypes.c_uint32 * 2)()
    with contextlib.suppress(AttributeError, OSError):  # The package may hide its insides some day.
        address = int(jack._ffi.cast("uintptr_t", speaker._ptr))
        ctypes.CDLL(jack._libname).jack_port_get_latency_range(ctypes.c_void_p(address), 1, bounds)
    return bounds[1]


PLAYERS: dict[str, Callable[[str], Player]] = {"portaudio": PortAudioPlayer, "jack": JackPlayer}


def main(kind: str, spec: str, memory: str, *channels: str) -> None:
    """Play or listen until standard input closes; leave a device that has gone without farewell: it may hang.

    Args:
        kind: key of `PLAYERS` or `LISTENERS`.
        spec: what to open.
        memory: of the ring; a file descriptor, or a name where descriptors are not inherited.
        channels: numbers from 1 of those wanted, at most two; for listeners only.
    """
    say = _own_output()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Whoever started us fades out first, then lets us go.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    gc.disable()
    with contextlib.suppress(AttributeError, OSError):  # Where the system lets us, the device comes first.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    try:
        device = _open(kind, spec, memory, [int(number) for number in channels])
    except Exception as error:
        known = isinstance(error, (OptionError, MissingDependencyError, DeviceError))
        facts = {"error": type(error).__name__ if known else DeviceError.__name__, "text": reason(error)}
        os.write(say, json.dumps(facts).encode() + b"\n")
        sys.exit(1)
    os.write(say, json.dumps(device.facts).encode() + b"\n")
    closing = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(closing,), daemon=True).start()
    while not closing.wait(LOOK_SECONDS):
        if why := device.trouble():
            os.write(say, why.encode())
            os._exit(1)
    device.close()


def _open(kind: str, spec: str, memory: str, channels: list[int]) -> Player | Listener:
    """A device that plays the ring, or fills it."""
    mapped = _memory(memory, Ring.size(2, RING_FRAMES))
    if kind in LISTENERS:
        listener = LISTENERS[kind](spec, channels)
        listener.listen(Ring(listener.facts["channels"], RING_FRAMES, mapped).record)
        return listener
    player = PLAYERS[kind](spec)
    player.play(Ring(player.facts["channels"], RING_FRAMES, mapped).fill)
    return player


def _own_output() -> int:
    """Standard output for ourselves alone: sound libraries print there and to standard error."""
    own = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    return own


def _memory(name: str, size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    return mmap.mmap(int(name), size)


def _wait_for_the_end(closing: threading.Event) -> None:
    sys.stdin.buffer.read()
    closing.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
