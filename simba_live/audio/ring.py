"""The shallow ring between the music and the device: one thread writes, one other reads, neither ever waits.

The feeder alone calls `write`, the device's thread alone calls `read_into`; both may ask for `available`.
Each side moves only its own counter, after the samples are copied, so no lock is needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Ring:
    """Interleaved samples, allocated once.

    Args:
        channels: how many.
        capacity_frames: how many samples a channel it holds.
    """

    def __init__(self, channels: int, capacity_frames: int) -> None:
        self.capacity = capacity_frames
        self._samples = np.zeros((capacity_frames, channels), np.float32)
        self._written = 0
        self._read = 0

    @property
    def available(self) -> int:
        """Samples a channel that can be read."""
        return self._written - self._read

    def write(self, block: NDArray[np.float32]) -> int:
        """Append as much of the block [n, C] as there is room for; how many samples a channel that was."""
        length = min(len(block), self.capacity - self.available)
        start = self._written % self.capacity
        first = min(length, self.capacity - start)
        self._samples[start : start + first] = block[:first]
        self._samples[: length - first] = block[first:length]
        self._written += length
        return length

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Fill the beginning of `out` [n, C] with what there is; how many samples a channel that was."""
        length = min(len(out), self.available)
        start = self._read % self.capacity
        first = min(length, self.capacity - start)
        out[:first] = self._samples[start : start + first]
        out[first:length] = self._samples[: length - first]
        self._read += length
        return length
