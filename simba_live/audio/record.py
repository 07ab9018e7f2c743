"""Recording while the music plays: any length, never in the way, and playable whatever ends the process.

The feeder calls `Recorder.write`, which only puts samples into a bounded queue; the recorder's own thread
writes them to disk and calls `failed`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simba_live.outputs import reason

from .files import to_pcm16
from .growing import MAX_BYTES, open_growing

QUEUE_BLOCKS = 3000
"""Blocks that may wait for a disk that hangs: a minute of frames."""

GATHER_SECONDS = 0.25
"""How long samples are gathered before they are written."""


class Recorder:
    """A sound file that grows while the music plays; samples are rounded as `AudioWriter` does.

    WAV has its header made good several times a second, so the file is whole up to then even after `kill -9`,
    and goes on in NAME-2.wav when it is full. FLAC is complete when it is closed.

    Args:
        path: where the file goes, .wav or .flac; if it exists the recording becomes NAME-2, unless `replace`.
        sample_rate: in Hz.
        channels: how many.
        failed: called once, on the recorder's thread, with the reason in one line if the disk is full, fails
            or hangs for a minute; what was written till then stays, and the rest is dropped.
        replace: write over an existing file.
        max_bytes: size at which WAV goes on in another file.

    Attributes:
        num_samples: how many samples a channel were taken.

    Raises:
        AudioFileError: the place or the format cannot be used.
    """

    def __init__(
        self,
        path: str | Path,
        sample_rate: int,
        channels: int,
        failed: Callable[[str], None] | None = None,
        *,
        replace: bool = False,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.sample_rate = sample_rate
        self.num_samples = 0
        self._failed = failed
        self._stopped = False
        self._overflowed = False
        self._blocks: queue.SimpleQueue[NDArray[np.float32] | None] = queue.SimpleQueue()
        self._file = open_growing(Path(path), sample_rate, channels, replace, max_bytes)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The file that is being written."""
        return self._file.path

    @property
    def seconds(self) -> float:
        """Length of what was taken."""
        return self.num_samples / self.sample_rate

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append a block [C, n]; returns at once. After a failure or `close` the block is dropped."""
        if self._stopped:
            return
        if self._blocks.qsize() >= QUEUE_BLOCKS:
            self._overflowed = self._stopped = True
            self._blocks.put(None)
            return
        self._blocks.put(np.array(audio, np.float32))
        self.num_samples += audio.shape[-1]

    def close(self) -> None:
        """Wait until everything is in the file."""
        self._stopped = True
        self._blocks.put(None)
        self._thread.join()

    def _run(self) -> None:
        why = ""
        try:
            going_on = True
            while going_on:
                blocks, going_on = self._gather()
                if blocks:
                    self._file.write(to_pcm16(np.concatenate(blocks, axis=1)))
            if self._overflowed:
                why = "the disk is too slow"
        except OSError as error:
            self._stopped = True
            why = reason(error)
        try:
            self._file.close()
        except OSError as error:
            why = why or reason(error)
        if why and self._failed:
            self._failed(f"{self.path} ends early ({why}): make room, or record elsewhere")

    def _gather(self) -> tuple[list[NDArray[np.float32]], bool]:
        """The blocks of the next moment, and whether others will follow."""
        blocks: list[NDArray[np.float32]] = []
        until = time.monotonic() + GATHER_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                block = self._blocks.get(timeout=left)
            except queue.Empty:
                break
            if block is None:
                return blocks, False
            blocks.append(block)
        return blocks, True
