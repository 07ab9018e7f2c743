"""What leads to one sink: where in the music it is, and what can still be changed.

Positions are samples a channel, counted from the first that was ever written. One thread at a time writes;
the rest may be read from any thread.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from .sinks import Sink

MARGIN_SECONDS = 0.005
"""Music that is left alone beyond the most that the sink takes at once: time to put other music there."""

STALL_SECONDS = 1.0
"""A device that has not asked for samples for so long is lost."""

FIRST_SECONDS = 3.0
"""The same for the first samples, which a device may be slow to ask for."""


class Line:
    """Music on its way to one sink.

    Args:
        sink: not yet started.
        sample_rate: of the music, in Hz.
        latency_seconds: music that is left alone at least, from where the sink is.

    Attributes:
        sink: where it leads.

    Raises:
        DeviceError: the sink does not work now.
    """

    def __init__(self, sink: Sink, sample_rate: int, latency_seconds: float) -> None:
        self.sink = sink
        self._sample_rate = sample_rate
        self._latency = latency_seconds
        self._origin = 0  # position of the ring's first sample
        self._begun = time.monotonic()
        sink.start()

    @property
    def latency_seconds(self) -> float:
        """Music from where the sink is that can no longer be changed."""
        return max(self._latency, self.sink.block_seconds + MARGIN_SECONDS)

    @property
    def position(self) -> int:
        """Of the sample that the sink takes next."""
        return self._origin + self.sink.ring.num_read

    @property
    def end(self) -> int:
        """Position behind the last sample written."""
        return self._origin + self.sink.ring.num_written

    @property
    def fixed(self) -> int:
        """Samples before this position can no longer be changed."""
        return self.position + self._margin

    @property
    def queued_seconds(self) -> float:
        """What was written and not taken."""
        return self.sink.ring.available / self._sample_rate

    @property
    def trouble(self) -> str:
        """Why the sink does not take samples any more; empty if it does."""
        if self.sink.failed:
            return self.sink.failed
        asked = self.sink.ring.asked_at
        silent = time.monotonic() - (asked or self._begun)
        if silent > (STALL_SECONDS if asked else FIRST_SECONDS):
            return f"it has not asked for samples for {silent:.1f} s"
        return ""

    def leaves_at(self, position: int) -> float:
        """When a sample will be heard, or was of late, by `time.monotonic`."""
        ring = self.sink.ring
        return ring.asked_for_at(position - self._origin, self._sample_rate) + self.sink.device_seconds

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append music [C, n]; what finds no room is dropped."""
        self._begin_when_enough()
        self.sink.ring.write(audio.T)

    def rewrite(self, position: int, audio: NDArray[np.float32]) -> bool:
        """Go on with other music [C, n] from a position; False if it can no longer be changed there."""
        self._begin_when_enough()
        return self.sink.ring.rewrite(position - self._origin, audio.T, self._margin)

    def go_on_from(self, before: Line) -> None:
        """Play what another line has not, from where that is; nothing was written here yet."""
        rest = before.sink.ring.rest()
        self._origin = before.end - len(rest)
        self.write(rest.T)

    def finish(self) -> None:
        """No more music will come."""
        self.sink.ring.end()

    @property
    def _margin(self) -> int:
        return round(self.latency_seconds * self._sample_rate)

    def _begin_when_enough(self) -> None:
        """Let music begin once more is there than a sink may take before more comes."""
        self.sink.ring.start_at(self._margin)  # It may turn out to take larger bites than it said.
