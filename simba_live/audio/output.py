"""The way out: music lies in a ring that a sink drains, and may be changed there until the sink comes for it.

So nothing here has to be in time for the sink but whoever makes the music, and it plays what was planned
while everything else stands still. A watch thread puts the null sink in the place of one that failed, brings
the device back, and calls `notify`. Everything else may be called from any thread.
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

POLL_SECONDS = 0.001
"""How soon it is seen that a sink took samples."""

WATCH_SECONDS = 0.05
"""How often the device is looked at."""

RETRY_SECONDS = 2.0
"""How often a lost device is looked for."""

DRAIN_SECONDS = 1.0
"""How long closing waits for the device to take the rest."""

Notify = Callable[[str, str], None]


class Output:
    """A sink that cannot be lost: when a device fails the music goes on unheard until it is back.

    Positions are samples a channel, counted from the first that was ever written.

    Args:
        spec: see `open_sink`.
        sample_rate: of the music, in Hz.
        channels: of the music, 1 or 2; one is spread over a device's two.
        latency_seconds: music that is left alone at least, from where the sink is; more where the device
            takes large bites.
        notify: called with a kind ("sink") and one line, from the watch thread.

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
        latency_seconds: float = 0.0,
        notify: Notify | None = None,
    ) -> None:
        self.sink = spec
        self.lost = ""
        self._sample_rate = sample_rate
        self._channels = channels
        self._latency = latency_seconds
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
        return self._line.queued_seconds

    @property
    def latency_seconds(self) -> float:
        """Music, from where the device is, that can no longer be changed."""
        return self._line.latency_seconds

    @property
    def end(self) -> int:
        """Position behind the last sample written."""
        return self._line.end

    @property
    def fixed(self) -> int:
        """Samples before this position can no longer be changed."""
        return self._line.fixed

    def leaves_at(self, position: int) -> float:
        """When a sample will be heard, or was of late, by `time.monotonic`."""
        return self._line.leaves_at(position)

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append music [C, n]; returns at once. What finds no room in `sinks.RING_SECONDS` is dropped."""
        with self._guard:
            self._line.write(audio)

    def rewrite(self, position: int, audio: NDArray[np.float32]) -> bool:
        """Take back all music from a position on and go on with other music; returns at once.

        Args:
            position: where.
            audio: [C, n]; may be empty.

        Returns:
            False if the music can no longer be changed there: it is as it was.
        """
        with self._guard:
            return self._line.rewrite(position, audio)

    def wait(self, position: int, timeout: float) -> bool:
        """Wait until the sample at a position can no longer be changed.

        Args:
            position: of the sample.
            timeout: in seconds.

        Returns:
            False if it still could be after that time.
        """
        until = time.monotonic() + timeout
        while (early := position - self.fixed) >= 0:
            left = until - time.monotonic()
            if left <= 0:
                return False
            # The sink does not tell when it takes samples, so that one thread less has to wake.
            time.sleep(
                min(left, max(POLL_SECONDS, early / self._sample_rate - self._line.sink.block_seconds))
            )
        return True

    def close(self, drain: bool = True) -> None:
        """Let go of the device; no more is written.

        Args:
            drain: first wait until the device has taken all that was written.
        """
        self._closing.set()
        self._watcher.join(DRAIN_SECONDS)  # A device that hangs must not keep us.
        line = self._line
        if drain:
            line.finish()
            until = time.monotonic() + DRAIN_SECONDS
            while line.queued_seconds and not line.trouble and time.monotonic() < until:
                time.sleep(0.005)
            # The last bite, and then what the device holds.
            time.sleep(min(line.sink.block_seconds + line.sink.device_seconds, DRAIN_SECONDS))
        line.sink.close()

    def _begin(self, sink: Sink) -> Line:
        """A line to a sink that has started.

        Raises:
            DeviceError: the sink does not work now.
        """
        try:
            return Line(sink, self._sample_rate, self._latency)
        except DeviceError:
            sink.close()
            raise

    def _change(self, line: Line) -> Line:
        """Play on through another line; the one before."""
        with self._guard:
            line.go_on_from(self._line)
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
