"""Sound files that grow block by block and are worth playing at any moment, for recordings made live."""

from __future__ import annotations

import struct
from io import FileIO
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from simba_live.errors import AudioFileError
from simba_live.outputs import reason

from .files import output_format

MAX_BYTES = 2**32 - 2**16
"""Longest WAV file: its sizes are 32 bit numbers."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class GrowingFile(Protocol):
    """A sound file in the making."""

    path: Path

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append samples [n, C].

        Raises:
            OSError: the disk is full or fails; what was there stays playable.
        """

    def close(self) -> None:
        """Finish the file."""


def open_growing(
    path: Path, sample_rate: int, channels: int, replace: bool = False, max_bytes: int = MAX_BYTES
) -> GrowingFile:
    """Begin a file, .wav or .flac.

    Args:
        path: where it goes; if it exists the file becomes NAME-2, NAME-3 and so on, unless `replace`.
        sample_rate: in Hz.
        channels: how many.
        replace: write over an existing file.
        max_bytes: size at which WAV goes on in another file.

    Raises:
        AudioFileError: the place or the format cannot be used.
    """
    try:
        if output_format(path) == "wav":
            return GrowingWav(path, sample_rate, channels, replace, max_bytes)
        return GrowingFlac(path, sample_rate, channels, replace)
    except (OSError, soundfile.SoundFileError) as error:
        raise AudioFileError(f"{path} cannot be written ({reason(error)}): choose another place") from error


class GrowingWav:
    """16 bit WAV whose header is made good after every block, so that it is whole whenever the process ends.

    A file that is full goes on in NAME-2.wav.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, replace: bool, max_bytes: int) -> None:
        self._sample_rate = sample_rate
        self._channels = channels
        self._frame = 2 * channels
        self._largest = (max_bytes - _HEADER.size) // self._frame * self._frame
        self._asked_for = path
        self._begin(path if replace else _create(path))

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append samples [n, C]; see `GrowingFile`."""
        data = memoryview(np.ascontiguousarray(samples, "<i2").tobytes())
        while data:
            part = data[: self._largest - self._length]
            self._append(part)
            data = data[len(part) :]
            if data:
                self.close()
                self._begin(_create(self._asked_for))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _begin(self, path: Path) -> None:
        self.path = path
        self._file: FileIO = self.path.open("wb", buffering=0)
        self._length = 0
        self._write_header()

    def _append(self, data: memoryview) -> None:
        """Samples first, then the header that counts them; of a block that does not fit, what does."""
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        finally:
            self._length += written // self._frame * self._frame
            self._write_header()
            if written % self._frame:
                self._file.truncate()

    def _write_header(self) -> None:
        """Leaves the file's position behind the last whole sample."""
        rest = _HEADER.size - 8
        self._file.seek(0)
        self._file.write(
            _HEADER.pack(
                *(b"RIFF", rest + self._length, b"WAVE", b"fmt ", 16, 1, self._channels, self._sample_rate),
                *(self._sample_rate * self._frame, self._frame, 16, b"data", self._length),
            )
        )
        self._file.seek(_HEADER.size + self._length)


class GrowingFlac:
    """16 bit FLAC; its header learns the length when it is closed."""

    def __init__(self, path: Path, sample_rate: int, channels: int, replace: bool) -> None:
        self.path = path if replace else _create(path)
        self._file = soundfile.SoundFile(
            self.path, "w", sample_rate, channels, subtype="PCM_16", format="FLAC"
        )

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append samples [n, C]; see `GrowingFile`."""
        try:
            self._file.write(np.ascontiguousarray(samples))
        except (soundfile.SoundFileError, AssertionError) as error:
            # soundfile asserts that everything was written: a short count is a full disk.
            raise OSError(reason(error)) from error

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _create(path: Path) -> Path:
    """Create an empty file of that name, or else NAME-2, NAME-3...; nobody else can have it then."""
    number = 1
    while True:
        name = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            name.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return name
