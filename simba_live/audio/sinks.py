"""Where sound goes: one small interface, and the two sinks that need no sound system.

A sink empties its ring on a thread of its own, or in a process of its own, whenever it can take samples,
which copies and counts and does nothing more. Everything else is called by
`output.Output` only.
"""

from __future__ import annotations

import threading
import time
from mmap import mmap
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .record import Recorder
from .ring import Ring

RING_SECONDS = 33.0
"""What a ring could hold: as much as may be planned ahead, and a new plan's first frames."""

TICK_SECONDS = 0.005
"""What the null sink takes at once."""

MOST_SECONDS = 0.02
"""What it takes at most at once when it comes late, in an interpreter that is busy."""

FORGIVEN_SECONDS = 1.0
"""A null sink that comes later than this, after a suspended computer, does not run after the time it lost."""


class Sink(Protocol):
    """Something that takes sound in its own time.

    Attributes:
        name: what to call it, such as "null" or a device's name; `open_sink` finds it again by that.
        ring: what it plays: music at the music's own rate, on its channels.
        device_seconds: what is added between the ring and the ear.
        failed: why it stopped by itself; empty while all is well.
    """

    name: str
    ring: Ring
    device_seconds: float
    failed: str

    @property
    def block_seconds(self) -> float:
        """The most that it takes at once."""

    def start(self) -> None:
        """Begin to empty the ring.

        Raises:
            DeviceError: it does not work now.
        """

    def close(self) -> None:
        """Let go of it, when what it took has been heard."""


def music_ring(sample_rate: int, channels: int, memory: mmap | None = None) -> Ring:
    """A ring for music of that rate in Hz and so many channels; see `Ring`."""
    return Ring(channels, round(RING_SECONDS * sample_rate), memory)


class NullSink:
    """A real-time clock without a device: counts against the monotonic clock, so it never drifts.

    Args:
        sample_rate: in Hz.
        channels: how many.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.name = "null"
        self.ring = music_ring(sample_rate, channels)
        self.sample_rate = sample_rate
        self.channels = channels
        self.device_seconds = 0.0
        self.failed = ""
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def block_seconds(self) -> float:
        """The most that it took at once."""
        return max(TICK_SECONDS, self.ring.largest_bite / self.sample_rate)

    def start(self) -> None:
        """Begin to empty the ring in real time."""
        self._thread = threading.Thread(target=self._run, name="null sink", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the clock."""
        self._closing.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        tick, most = round(TICK_SECONDS * self.sample_rate), round(MOST_SECONDS * self.sample_rate)
        room = np.zeros((most, self.channels), np.float32)
        beginning, length = time.monotonic(), 0
        while not self._closing.is_set():
            late = time.monotonic() - beginning - length / self.sample_rate
            if late > FORGIVEN_SECONDS:
                beginning, length, late = time.monotonic(), 0, 0.0
            block = room[: min(most, max(tick, round(late * self.sample_rate)))]
            self._hear(block[: self.ring.fill(block)])
            length += len(block)
            # Never two bites in a row when it is late: whoever fills the ring must have a chance.
            self._closing.wait(max(beginning + length / self.sample_rate - time.monotonic(), 0.001))

    def _hear(self, music: NDArray[np.float32]) -> None:
        """Nobody listens."""


class FileSink(NullSink):
    """Writes to a file in real time exactly the music that was sent, without the silence of a start or a gap.

    Args:
        path: .wav or .flac; replaced if it exists.
        sample_rate: in Hz.
        channels: how many.

    Raises:
        AudioFileError: the place or the format cannot be used.
    """

    def __init__(self, path: str | Path, sample_rate: int, channels: int) -> None:
        super().__init__(sample_rate, channels)
        self.name = f"file:{path}"
        self._recorder = Recorder(path, sample_rate, channels, self._stop, replace=True)

    def close(self) -> None:
        """Finish the file."""
        super().close()
        self._recorder.close()

    def _hear(self, music: NDArray[np.float32]) -> None:
        self._recorder.write(music.T)

    def _stop(self, why: str) -> None:
        self.failed = why
