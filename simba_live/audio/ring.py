"""The ring between the music and a device: one side writes, the other reads, neither ever waits.

On the way out one thread at a time calls `write` and `rewrite`, and the device's thread alone `fill`; on the
way in the device's thread alone calls `record`, and the ear alone `take`. That thread may be one of another
process on the same memory. The rest may be read from anywhere. Each side moves only its own counters, after
the samples are copied, so no lock is needed. Were a processor to show the other side the counter before the
samples, it would matter only to a ring that is about to run dry.
"""

from __future__ import annotations

import time
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

_WRITTEN, _READ, _START, _ENDING, _PLAYING, _UNDERRUNS, _LARGEST, _ASKED, _LATEST = range(9)
_HEADER_BYTES = 128


class Ring:
    """Interleaved samples, allocated once, with what both sides need to know of each other.

    Args:
        channels: how many.
        capacity_frames: how many samples a channel it holds.
        memory: `Ring.size` bytes, zeros at first, that another process has too; None for its own.
    """

    def __init__(self, channels: int, capacity_frames: int, memory: mmap | None = None) -> None:
        self.capacity = capacity_frames
        self.channels = channels
        buffer = memoryview(memory or bytearray(self.size(channels, capacity_frames)))
        self._counts = buffer[:_HEADER_BYTES].cast("q")
        samples = np.frombuffer(buffer, np.float32, capacity_frames * channels, _HEADER_BYTES)
        self._samples = samples.reshape(capacity_frames, channels)

    @staticmethod
    def size(channels: int, capacity_frames: int) -> int:
        """Bytes of memory for a ring."""
        return _HEADER_BYTES + 4 * channels * capacity_frames

    @property
    def num_written(self) -> int:
        """Samples a channel written since the beginning, those taken back left out."""
        return self._counts[_WRITTEN]

    @property
    def num_read(self) -> int:
        """Samples a channel read since the beginning."""
        return self._counts[_READ]

    @property
    def available(self) -> int:
        """Samples a channel that can be read."""
        return max(0, self._counts[_WRITTEN] - self._counts[_READ])

    @property
    def underruns(self) -> int:
        """Times that it ran dry while music was playing."""
        return self._counts[_UNDERRUNS]

    @property
    def largest_bite(self) -> int:
        """The most samples a channel that were asked for at once."""
        return self._counts[_LARGEST]

    @property
    def asked_at(self) -> float:
        """When the device asked for samples or brought some last, by `time.monotonic`; 0 if never."""
        return self._counts[_ASKED] / 1e9

    def asked_for_at(self, position: int, sample_rate: int) -> float:
        """When the device will ask for a sample, by `time.monotonic`, or did so of late.

        Args:
            position: of the sample, counted from the first written.
            sample_rate: of the ring, in Hz.
        """
        asked, before = self._counts[_ASKED], -1
        while asked != before:  # It may ask while we look.
            waiting = position - self._counts[_READ] + self._counts[_LATEST]
            asked, before = self._counts[_ASKED], asked
        return (asked / 1e9 or time.monotonic()) + waiting / sample_rate

    def start_at(self, frames: int) -> None:
        """Music begins, at first and after the ring ran dry, when more than so many samples a channel wait.

        Until this is called nothing is played; `frames` must be above 0.
        """
        self._counts[_START] = frames

    def end(self) -> None:
        """No more will be written, so running dry is right."""
        self._counts[_ENDING] = 1

    def write(self, block: NDArray[np.float32]) -> int:
        """Append as much of the block [n, C] as there is room for; how many samples a channel that was."""
        length = min(len(block), self.capacity - self.available)
        start = self._counts[_WRITTEN] % self.capacity
        first = min(length, self.capacity - start)
        self._samples[start : start + first] = block[:first]
        self._samples[: length - first] = block[first:length]
        self._counts[_WRITTEN] += length
        return length

    def rewrite(self, position: int, block: NDArray[np.float32], margin: int) -> bool:
        """Take back all that was written from a sample on, and go on with a block [n, C] instead.

        Until that is done, which takes microseconds, the reader finds nothing from there on.

        Args:
            position: of the sample, counted from the first written.
            block: may be empty; what finds no room is lost.
            margin: samples that must lie between the reader and `position`: as many as it reads at once,
                since it may be about to, and as many as it reads in the meantime.

        Returns:
            False if the reader is nearer than that: nothing was changed.
        """
        written = self._counts[_WRITTEN]
        if not self._counts[_READ] + margin <= position <= written:
            return False
        self._counts[_WRITTEN] = position
        if self._counts[_READ] > position:  # It took more at once than ever before.
            self._counts[_WRITTEN] = written
            return False
        self.write(block)
        return True

    def rest(self) -> NDArray[np.float32]:
        """What waits to be read, [n, C]; it stays there."""
        waiting = np.arange(self._counts[_READ], self._counts[_WRITTEN]) % self.capacity
        return self._samples[waiting]

    def fill(self, out: NDArray[np.float32]) -> int:
        """Music into the beginning of `out` [n, C], silence into the rest.

        Returns:
            how many samples a channel are music.
        """
        counts = self._counts
        counts[_LATEST] = len(out)
        if len(out) > counts[_LARGEST]:
            counts[_LARGEST] = len(out)
        if not counts[_PLAYING]:
            full = counts[_START] and self.available > counts[_START]
            counts[_PLAYING] = 1 if full or counts[_ENDING] else 0
        music = self._read_into(out) if counts[_PLAYING] else 0
        if music < len(out):
            out[music:] = 0.0
            if counts[_PLAYING] and not counts[_ENDING]:
                counts[_PLAYING] = 0
                counts[_UNDERRUNS] += 1
        counts[_ASKED] = time.monotonic_ns()
        return music

    def record(self, block: NDArray[np.float32]) -> None:
        """Append what a device has heard [n, C]; what finds no room is lost."""
        self._counts[_LARGEST] = max(self._counts[_LARGEST], len(block))
        self.write(block)
        self._counts[_ASKED] = time.monotonic_ns()

    def take(self) -> NDArray[np.float32]:
        """All that waits, [n, C]."""
        heard = np.empty((self.available, self.channels), np.float32)
        self._read_into(heard)
        return heard

    def _read_into(self, out: NDArray[np.float32]) -> int:
        length = min(len(out), self.available)
        start = self._counts[_READ] % self.capacity
        first = min(length, self.capacity - start)
        out[:first] = self._samples[start : start + first]
        out[first:length] = self._samples[: length - first]
        self._counts[_READ] += length
        return length
