"""The way out: music goes into a shallow ring that a sink drains, whatever happens to the sink.

The feeder thread alone calls `write` and `wait`. A watch thread puts the null sink in the place of one that
failed, and brings the device back; it calls `notify`. Everything else may be read from any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simba_live.errors import DeviceError, SimbaLiveError

from .choice import open_sink
from .line import Line
from .sinks import FileSink, NullSink, Sink

WATCH_SECONDS = 0.05
"""How often the device is looked at."""

RETRY_SECONDS = 2.0
"""How often a lost device is looked for."""

DRAIN_SECONDS = 1.0
"""How long closing waits for the device to take the rest."""

Notify = Callable[[str, str], None]


class Output:
    """A sink that cannot be lost: when a device fails the music goes on unheard until it is back.

    Args:
        spec: see `open_sink`.
        sample_rate: of the music, in Hz.
        channels: of the music, 1 or 2; one is spread over a device's two.
        latency_seconds: the most that waits in the ring; more where the device takes large bites.
        notify: called with a kind ("sink") and one line, from the watch thread.
        frame_seconds: length of the blocks that will be written.

    Attributes:
        sink: name of what the sound is meant to go to.
        lost: why it goes nowhere at the moment; empty if it goes there.

    Raises:
        OptionError: there is no such device; the message names those there are.
        AudioFileError: the file's place or format cannot be used.
        MissingDependencyError: PortAudio or JACK's library is not installed.
    """

    def __init__(
        self,
        spec: str,
        sample_rate: int,
        channels: int,
        latency_seconds: float = 0.04,
        notify: Notify | None = None,
        frame_seconds: float = 0.02,
    ) -> None:
        self.sink = spec
        self.lost = ""
        self._sample_rate = sample_rate
        self._channels = channels
        self._latency = latency_seconds
        self._frame = frame_seconds
        self._notify = notify
        self._closing = threading.Event()
        self._returns = True
        self._guard = threading.Lock()
        self._past_underruns = 0
        try:
            self._line = self._begin(open_sink(spec, sample_rate, channels))
            self.sink = self._line.sink.name
        except DeviceError as error:
            self.lost = str(error)
            self._line = self._begin(NullSink(sample_rate, channels))
        self._watcher = threading.Thread(target=self._watch, name="output watch", daemon=True)
        self._watcher.start()

    @property
    def underruns(self) -> int:
        """Times that the ring ran dry while music was playing."""
        return self._past_underruns + self._line.sink.ring.underruns

    @property
    def queued_seconds(self) -> float:
        """Music that was written and has not reached the device."""
        line = self._line
        return line.queued_seconds + line.held_seconds

    @property
    def latency_seconds(self) -> float:
        """From `write` to the device at most: the ring and, where rates differ, the resampler's 10 ms."""
        line = self._line
        return line.target_seconds + line.held_seconds

    @property
    def leaves_at(self) -> float:
        """When the next sample written will be heard, by `time.monotonic`."""
        return self._line.leaves_at

    def write(self, audio: NDArray[np.float32]) -> None:
        """Send a block [C, n] out; returns at once. What finds no room is dropped: `wait` first."""
        with self._guard:
            self._line.write(audio)

    def wait(self, timeout: float) -> bool:
        """Wait until another block is wanted: until there is room for one within the latency.

        Args:
            timeout: in seconds.

        Returns:
            False if none was wanted in that time.
        """
        until = time.monotonic() + timeout
        while patience := self._line.patience:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, patience))
        return True

    def close(self, drain: bool = True) -> None:
        """Let go of the device; the feeder has stopped.

        Args:
            drain: first wait until the device has taken all that was written.
        """
        self._closing.set()
        self._watcher.join(DRAIN_SECONDS)  # A device that hangs must not keep us.
        line = self._line
        if drain:
            line.end()
            until = time.monotonic() + DRAIN_SECONDS
            while line.queued_seconds and not line.trouble and time.monotonic() < until:
                time.sleep(0.005)
        line.sink.close()

    def _begin(self, sink: Sink) -> Line:
        """A line to a sink that has started.

        Raises:
            DeviceError: the sink does not work now.
        """
        try:
            return Line(sink, self._sample_rate, self._channels, self._latency, self._frame)
        except DeviceError:
            sink.close()
            raise

    def _change(self, line: Line) -> Line:
        """Send what comes next to another line; the one before."""
        with self._guard:
            before, self._line = self._line, line
            self._past_underruns += before.sink.ring.underruns
        return before

    def _watch(self) -> None:
        if self.lost:
            self._tell_lost()
        tried = time.monotonic()
        while not self._closing.wait(WATCH_SECONDS):
            trouble = self._line.trouble
            if trouble and not self.lost:
                self.lost = trouble
                before = self._change(self._begin(NullSink(self._sample_rate, self._channels)))
                self._returns = not isinstance(before.sink, FileSink)
                self._tell_lost()
                before.sink.close()
                tried = time.monotonic()
            elif self.lost and self._returns and time.monotonic() - tried > RETRY_SECONDS:
                self._reopen()
                tried = time.monotonic()

    def _reopen(self) -> None:
        try:
            line = self._begin(open_sink(self.sink, self._sample_rate, self._channels))
        except SimbaLiveError:
            return  # Not back yet.
        if self._closing.is_set():
            line.sink.close()
            return
        self._change(line).sink.close()
        self.sink, self.lost = line.sink.name, ""
        self._tell(f"{self.sink} is back")

    def _tell_lost(self) -> None:
        until = " until it is back" if self._returns else ""
        self._tell(f"{self.sink} is lost ({self.lost}): the music goes on unheard{until}")

    def _tell(self, text: str) -> None:
        if self._notify:
            self._notify("sink", text)
