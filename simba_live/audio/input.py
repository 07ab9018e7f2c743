"""The way in: a source that cannot be lost; while a device is gone there is silence, until it is back.

The ear's thread alone calls `read` and `close`. A thread of our own looks for a device that was lost; it
calls `notify`, as `read` does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from simba_live.errors import DeviceError, SimbaLiveError

from .sources import Audio, Silence, Source, open_source

RETRY_SECONDS = 2.0
"""How often a lost device is looked for."""


class Input:
    """A source, or silence in its place.

    Args:
        spec: see `open_source`.
        channels: numbers from 1 of those wanted; see `open_source`.
        notify: called with one line when the source is lost, over, or back.

    Attributes:
        name: of what is listened to.
        lost: why nothing comes from it at the moment; empty if it does.

    Raises:
        SimbaLiveError: see `open_source`; a device that only does not work now is lost, and looked for.
    """

    def __init__(
        self, spec: str, channels: tuple[int, ...] = (), notify: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._channels = channels
        self._notify = notify
        self._closing = threading.Event()
        self._source: Source = Silence()
        self._found: Source | None = None
        self._finder: threading.Thread | None = None
        self.name = spec
        self.lost = ""
        try:
            self._source = open_source(spec, channels)
            self.name = self._source.name
        except DeviceError as error:
            self._miss(str(error))

    @property
    def live(self) -> bool:
        """Whether the source goes on while nobody reads; a file waits."""
        return self._source.live

    @property
    def latency_seconds(self) -> float:
        """How old a sample is, about, when it can be read."""
        return self._source.latency_seconds

    def read(self, timeout: float) -> tuple[Audio, int]:
        """What has come since the last time, waiting up to `timeout` seconds if that is nothing.

        Returns:
            samples [n, C] as the source has them, and their rate in Hz.
        """
        if self._found is not None:
            self._source.close()
            self._source, self._found = self._found, None
            self.name, self.lost = self._source.name, ""
            self._notify(f"{self.name} is back")
        heard, sample_rate = self._source.read(timeout), self._source.sample_rate
        if not self.lost and (why := self._source.trouble):
            self._lose(why)
        return heard, sample_rate

    def close(self) -> None:
        """Let go of the source."""
        self._closing.set()
        if self._finder is not None:
            self._finder.join()
        for source in (self._source, self._found):
            if source is not None:
                source.close()

    def _lose(self, why: str) -> None:
        gone, self._source = self._source, Silence()
        if gone.live:
            self._miss(why, gone)
        else:
            self.lost = why
            self._notify(f"{self.name}: {why}")
            gone.close()

    def _miss(self, why: str, gone: Source | None = None) -> None:
        self.lost = why
        self._notify(f"{self.name} is lost ({why}): nothing is heard until it is back")
        self._finder = threading.Thread(target=self._find, args=(gone,), name="input", daemon=True)
        self._finder.start()

    def _find(self, gone: Source | None) -> None:
        if gone is not None:
            gone.close()  # It may take its time.
        while not self._closing.wait(RETRY_SECONDS):
            try:
                self._found = open_source(self.name, self._channels)
            except SimbaLiveError:
                continue  # Not back yet.
            return
