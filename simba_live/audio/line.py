"""One sink with what leads to it: resampler, channels and ring.

The feeder alone calls `write`; the sink's thread alone calls `fill`, which copies and counts; the rest may be
read from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import soxr
from numpy.typing import NDArray

from .ring import Ring
from .sinks import Sink

RING_SECONDS = 2.0
"""What the ring could hold; how full it gets is the target's business."""

MARGIN_SECONDS = 0.005
"""Time for the feeder to answer a device that has just taken the most it takes at once."""

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
        taken: called on the sink's thread whenever it has asked for samples.

    Attributes:
        sink: where it leads.
        underruns: times that the ring ran dry while music was playing.
        ending: no more music will come, so running dry is right.
    """

    def __init__(
        self,
        sink: Sink,
        sample_rate: int,
        channels: int,
        latency_seconds: float,
        frame_seconds: float,
        taken: Callable[[], None],
    ) -> None:
        self.sink = sink
        self.underruns = 0
        self.ending = False
        self._latency = latency_seconds
        self._frame = frame_seconds
        self._taken = taken
        self._ring = Ring(sink.channels, round(RING_SECONDS * sink.sample_rate))
        self._resampler = None
        if sink.sample_rate != sample_rate:
            self._resampler = soxr.ResampleStream(sample_rate, sink.sample_rate, channels, vr=True)
        self._sample_rate = sample_rate
        self._channels = channels
        self._received = 0
        self._handed_on = 0
        self._playing = False
        self._patience = FIRST_SECONDS
        self._asked = 0.0

    def start(self) -> None:
        """Let the sink begin to take samples.

        Raises:
            SinkError: it does not work now.
        """
        self._asked = time.monotonic()
        self.sink.start(self.fill)

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
        return self._ring.available / self.sink.sample_rate

    @property
    def wants_more(self) -> bool:
        """Whether there is room for another frame below the target."""
        return self._ring.available <= round((self.target_seconds - self._frame) * self.sink.sample_rate)

    @property
    def trouble(self) -> str:
        """Why the sink does not take samples any more; empty if it does."""
        if self.sink.failed:
            return self.sink.failed
        silent = time.monotonic() - self._asked
        return f"it has not asked for samples for {silent:.1f} s" if silent > self._patience else ""

    def write(self, audio: NDArray[np.float32]) -> None:
        """Put a block [C, n] into the ring; what finds no room is dropped."""
        self._put(audio.T, last=False)

    def end(self) -> None:
        """No more music will come: hand on what the resampler holds."""
        if self._resampler and self._received:
            self._put(np.zeros((0, self._channels), np.float32), last=True)
        self.ending = True

    def fill(self, out: NDArray[np.float32]) -> int:
        """Samples for the sink: music into the beginning of `out` [n, C], silence into the rest.

        Music begins, at first and after it ran dry, when the ring is as full as it is meant to be.

        Returns:
            how many samples a channel are music.
        """
        self._asked = time.monotonic()
        self._patience = STALL_SECONDS
        self._playing = self._playing or self.ending or not self.wants_more
        music = self._ring.read_into(out) if self._playing else 0
        if music < len(out):
            out[music:] = 0.0
            if self._playing and not self.ending:
                self._playing = False
                self.underruns += 1
        self._taken()
        return music

    def _put(self, block: NDArray[np.float32], last: bool) -> None:
        self._received += len(block)
        if self._resampler:
            block = self._resampler.resample_chunk(np.ascontiguousarray(block), last)
        self._handed_on += len(block)
        if block.shape[1] > self.sink.channels:
            block = block.mean(axis=1, keepdims=True)
        self._ring.write(block)  # One channel spreads over all there are.
