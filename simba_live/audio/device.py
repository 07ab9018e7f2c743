"""Devices that sound goes to or comes from: each in a process of its own, which nothing here can hold up.

The other process (`host.py`) opens the device and plays the ring, or fills it, which lies in memory that both
have. A thread here reads what it says: first what it opened, in a line of JSON, and at last why it stopped.

PortAudio sees new devices only when it is initialised anew, aborts the process when a JACK server has gone,
and hangs when a stream of such a server is closed: so a device is reopened in a new process, and the old one
killed. Nor can our interpreter starve the device. Measured with a busy loop in another thread here, on
asynchronous JACK with 256 samples at 48 kHz and no real-time priority: a callback in the same process lost 5
to 8 % of the sound (128 breaks in 20 s on one core, 97 in 8 s on two), one in its own process 42 breaks and 0
to 2; rtmixer's callback in C had none, but dies with PortAudio. Without the busy loop all three had none.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
from typing import Any

from simba_live.errors import DeviceError, MissingDependencyError, OptionError, SimbaLiveError

from .ring import Ring
from .sinks import RING_SECONDS, music_ring

HEARD_FRAMES = 2**18
"""Samples a channel that a ring of what is heard could hold: more than a second at any rate."""

OPEN_SECONDS = 10.0
"""How long a device may take to open."""

CLOSE_SECONDS = 1.0
"""How long it may take to play what it took, before its process is killed."""


_ERRORS: dict[str, type[SimbaLiveError]] = {
    kind.__name__: kind for kind in (OptionError, MissingDependencyError, DeviceError)
}


class HostedDevice:
    """A device that is open in a process of its own.

    Args:
        kind: what opens it, a key of `host.PLAYERS` or `host.LISTENERS`.
        spec: which one.
        option: flag by which a user chooses it.
        numbers: see `host.main`.
        size: of the ring's memory, in bytes.

    Attributes:
        name: what to call it.
        sample_rate: in Hz.
        channels: how many it has.
        device_seconds: what is added between the ring and the ear.
        ring: what it plays or fills, made by subclasses.
        failed: why it stopped by itself; empty while all is well.

    Raises:
        OptionError: there is no such device; the message names those there are.
        MissingDependencyError: PortAudio, JACK's library or the Python package for it is not installed.
        DeviceError: the device does not work now.
    """

    ring: Ring

    def __init__(self, kind: str, spec: str, option: str, numbers: tuple[int, ...], size: int) -> None:
        self.failed = ""
        self._option = option
        self._closing = False
        self._memory, told, descriptors = _shared(size)
        command = [sys.executable, "-m", "simba_live.audio.host", kind, spec, told]
        command += map(str, (size, *numbers))
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=descriptors, bufsize=0
        )
        for descriptor in descriptors:
            os.close(descriptor)
        self._facts: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="device", daemon=True)
        self._reader.start()
        facts = self._opened(spec)
        self.name: str = facts["name"]
        self.sample_rate: int = facts["sample_rate"]
        self.channels: int = facts["channels"]
        self.device_seconds: float = facts.get("device_seconds", 0.0)
        self._expected_seconds: float = facts["block_frames"] / self.sample_rate

    def start(self) -> None:
        """Nothing is left to do: the ring is in use since the device was opened."""

    def close(self) -> None:
        """Let go of the device when what it took has been heard."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        try:
            self._process.wait(0.0 if self.failed else CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _opened(self, spec: str) -> dict[str, Any]:
        """What the process opened."""
        try:
            facts = self._facts.get(timeout=OPEN_SECONDS)
        except queue.Empty:
            self.failed = f"{spec} does not answer: choose another with {self._option}"
            facts = {"error": DeviceError.__name__, "text": self.failed}
        if "error" in facts:
            self.close()
            raise _ERRORS[facts["error"]](facts["text"])
        return facts

    def _read(self) -> None:
        """Hear what the process says until it ends."""
        assert self._process.stdout
        with self._process.stdout as stream:
            line = stream.readline()
            ended = {"error": DeviceError.__name__, "text": "the device's process ended at once"}
            self._facts.put(json.loads(line) if line else ended)
            why = stream.read().decode()
        if not self._closing and not self.failed:
            self.failed = why or "its process ended"


class HostedSink(HostedDevice):
    """A device that plays; see `HostedDevice`.

    Args:
        kind: what opens it.
        spec: which one.
        sample_rate: of the music, in Hz.
        channels: of the music.
    """

    def __init__(self, kind: str, spec: str, sample_rate: int, channels: int) -> None:
        size = Ring.size(channels, round(RING_SECONDS * sample_rate))
        super().__init__(kind, spec, "--audio", (sample_rate, channels), size)
        self.ring = music_ring(sample_rate, channels, self._memory)
        self._music_rate = sample_rate

    @property
    def block_seconds(self) -> float:
        """The most that it took at once, or is expected to."""
        return max(self.ring.largest_bite / self._music_rate, self._expected_seconds)


class DeviceSink(HostedSink):
    """A sound card, or whatever else PortAudio knows; see `HostedSink`.

    Args:
        spec: "default", or a device's name, a part of it, or its number.
        sample_rate: of the music, in Hz.
        channels: of the music.
    """

    def __init__(self, spec: str, sample_rate: int, channels: int) -> None:
        super().__init__("portaudio", spec, sample_rate, channels)


class JackSink(HostedSink):
    """A client of a running JACK or PipeWire server, connected to the server's loudspeakers if it has some.

    Args:
        spec: the client's name.
        sample_rate: of the music, in Hz.
        channels: of the music.
    """

    def __init__(self, spec: str, sample_rate: int, channels: int) -> None:
        super().__init__("jack", spec, sample_rate, channels)


def heard_ring(channels: int, memory: mmap.mmap) -> Ring:
    """A ring for what a device hears on so many channels, at most two; see `Ring`."""
    return Ring(channels, HEARD_FRAMES, memory)


def _shared(size: int) -> tuple[mmap.mmap, str, tuple[int, ...]]:
    """Memory for two processes: here, how the other finds it, and the files that it has to inherit."""
    if sys.platform == "win32":
        name = f"simba-live-{secrets.token_hex(8)}"
        return mmap.mmap(-1, size, tagname=name), name, ()
    if sys.platform == "linux":
        descriptor = os.memfd_create("simba-live")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size)
    return mmap.mmap(descriptor, size), str(descriptor), (descriptor,)
