"""What leads to one sink: resampler, channels, and how full its ring is to be.

The feeder alone calls `write` and, when it has stopped, whoever closes calls `end`; the rest may be read from
any thread.
"""

from __future__ import annotations

import time

import numpy as np
import soxr
from numpy.typing import NDArray

from .sinks import Sink

MARGIN_SECONDS = 0.005
"""Time for the feeder to answer a device that has just taken the most it takes at once."""

POLL_SECONDS = 0.001
"""How soon it is seen that a sink took samples: it does not tell, so that one thread less has to wake."""

STALL_SECONDS = 1.0
"""A device that has not asked for samples for so long is lost."""

FIRST_SECONDS = 3.0
"""The same for the first samples, which a device may be slow to ask for."""


class Line:
    """Blocks of music on their way to one sink.

    The rates are matched by soxr's variable-rate mode. soxr's other ways work on large blocks: fed 20 ms at a
    time from 24 to 48 kHz, HQ holds back 4 to 38 ms and hands on nothing or 35 ms at once, MQ likewise; LQ to
    44.1 kHz holds back 0.9 ms but takes 5 dB off 10 kHz. This mode holds back 10.0 ms, always, and hands on
    20 ms for 20; to 44.1 and 48 kHz it passes 10 kHz whole and 11 kHz within 0.4 dB, what it adds lies 120 dB
    below, and 20 ms of mono take 0.03 ms.

    Args:
        sink: not yet started.
        sample_rate: of the music, in Hz.
        channels: of the music.
        latency_seconds: the most that waits in the ring, unless the sink takes larger bites.
        frame_seconds: length of the blocks that will be written.

    Attributes:
        sink: where it leads.

    Raises:
        DeviceError: the sink does not work now.
    """

    def __init__(
        self,
        sink: Sink,
        sample_rate: int,
        channels: int,
        latency_seconds: float,
        frame_seconds: float,
    ) -> None:
        self.sink = sink
        self._latency = latency_seconds
        self._frame = frame_seconds
        self._resampler = None
        if sink.sample_rate != sample_rate:
            self._resampler = soxr.ResampleStream(sample_rate, sink.sample_rate, channels, vr=True)
        self._sample_rate = sample_rate
        self._channels = channels
        self._received = 0
        self._handed_on = 0
        self._begun = time.monotonic()
        sink.start()

    @property
    def target_seconds(self) -> float:
        """The most that waits in the ring."""
        return max(self._latency, self.sink.block_seconds + self._frame + MARGIN_SECONDS)

    @property
    def held_seconds(self) -> float:
        """What the resampler holds back."""
        return self._received / self._sample_rate - self._handed_on / self.sink.sample_rate

    @property
    def queued_seconds(self) -> float:
        """What waits in the ring."""
        return self.sink.ring.available / self.sink.sample_rate

    @property
    def leaves_at(self) -> float:
        """When the next sample written will be heard, by `time.monotonic`."""
        taken_at = self.sink.ring.next_at(self.sink.sample_rate)
        return taken_at + self.held_seconds + self.sink.device_seconds

    @property
    def patience(self) -> float:
        """Seconds until another frame may be wanted, if the sink takes its next bite early; 0 for now."""
        over = self.sink.ring.available - self._enough
        return max(POLL_SECONDS, over / self.sink.sample_rate - self.sink.block_seconds) if over > 0 else 0.0

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

    def write(self, audio: NDArray[np.float32]) -> None:
        """Put a block [C, n] into the ring; what finds no room is dropped."""
        self._put(audio.T, last=False)

    def end(self) -> None:
        """No more music will come: hand on what the resampler holds."""
        if self._resampler and self._received:
            self._put(np.zeros((0, self._channels), np.float32), last=True)
        self.sink.ring.end()

    @property
    def _enough(self) -> int:
        """Samples a channel above which there is no room for another frame."""
        return round((self.target_seconds - self._frame) * self.sink.sample_rate)

    def _put(self, block: NDArray[np.float32], last: bool) -> None:
        self._received += len(block)
        if self._resampler:
            block = self._resampler.resample_chunk(np.ascontiguousarray(block), last)
        self._handed_on += len(block)
        if block.shape[1] > self.sink.channels:
            block = block.mean(axis=1, keepdims=True)
        self.sink.ring.start_at(self._enough)  # A sink may turn out to take larger bites than it said.
        self.sink.ring.write(block)  # One channel spreads over all there are.
