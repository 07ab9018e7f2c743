"""The process that owns a device, started by `device.DeviceSink`.

It opens the device, says in one line of JSON what it opened or why not, and plays the ring until its standard
input closes. The device's callback copies and counts in an interpreter where nothing else runs.
"""

from __future__ import annotations

import contextlib
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

from simba_live.errors import MissingDependencyError, OptionError
from simba_live.outputs import reason

from .device import RING_FRAMES
from .devices import find_output, portaudio
from .ring import Ring
from .sinks import SinkError

LOOK_SECONDS = 0.05
"""How often the device is looked at."""

SUGGESTED_SECONDS = 0.02
"""What PortAudio is asked to keep in the device: its own "low" is 9 ms with ALSA, too tight for Python."""

Fill = Callable[[Any], object]


class Player(Protocol):
    """A device that is open."""

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
            raise SinkError(f"{device.name} cannot be opened ({reason(error)})") from error
        self._name = device.name
        self.facts = {"name": device.name, "sample_rate": device.sample_rate, "channels": channels}
        self.facts["block_frames"] = round(device.sample_rate * SUGGESTED_SECONDS / 2)

    def play(self, fill: Fill) -> None:
        """Begin; see `Player`."""
        self._fill = fill
        try:
            self._stream.start()
        except self._failure as error:
            raise SinkError(f"{self._name} cannot be started ({reason(error)})") from error

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
        try:
            import jack
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                "JACK needs the package JACK-Client: pip install 'simba-live[jack]'"
            ) from error
        except OSError as error:
            raise MissingDependencyError(
                "JACK's library is missing: install jackd2 or pipewire-jack"
            ) from error
        try:
            self._client = jack.Client(name, no_start_server=True)
        except jack.JackOpenError as error:
            raise OptionError("there is no JACK server: start one, or use another --audio") from error
        self._jack = jack
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
        except self._jack.JackError as error:
            raise SinkError(f"the JACK server refuses ({reason(error)})") from error

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


PLAYERS: dict[str, Callable[[str], Player]] = {"portaudio": PortAudioPlayer, "jack": JackPlayer}


def main(kind: str, spec: str, memory: str) -> None:
    """Play until standard input closes; from a device that has gone, leave without farewell, which may hang.

    Args:
        kind: key of `PLAYERS`.
        spec: what to open.
        memory: of the ring; a file descriptor, or a name where descriptors are not inherited.
    """
    say = _own_output()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Whoever started us fades out first, then lets us go.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    gc.disable()
    with contextlib.suppress(AttributeError, OSError):  # Where the system lets us, the device comes first.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    try:
        player = _open(kind, spec, memory)
    except Exception as error:
        known = isinstance(error, (OptionError, MissingDependencyError, SinkError))
        facts = {"error": type(error).__name__ if known else "SinkError", "text": reason(error)}
        os.write(say, json.dumps(facts).encode() + b"\n")
        sys.exit(1)
    os.write(say, json.dumps(player.facts).encode() + b"\n")
    closing = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(closing,), daemon=True).start()
    while not closing.wait(LOOK_SECONDS):
        if why := player.trouble():
            os.write(say, why.encode())
            os._exit(1)
    player.close()


def _open(kind: str, spec: str, memory: str) -> Player:
    """A device that plays the ring."""
    player = PLAYERS[kind](spec)
    ring = Ring(player.facts["channels"], RING_FRAMES, _memory(memory, Ring.size(2, RING_FRAMES)))
    player.play(ring.fill)
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
