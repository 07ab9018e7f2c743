"""Sound files: read whole, written block by block beside their final place and put there only when complete.

Samples are written as 16 bit PCM, rounded without dither: equal samples give equal bytes, which random dither
would spoil, and the codec's own noise lies far above the rounding error.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from simba_live.errors import AudioFileError
from simba_live.outputs import reason, reserve

Audio = NDArray[np.float32]

FORMATS = {"wav": "WAV", "flac": "FLAC"}
"""File formats that can be written, by extension, with libsndfile's names for them."""

FULL_SCALE = 32768.0
"""What a 16-bit sample is divided by when it is read, so what it is multiplied by when it is written."""


def read_audio(path: str | Path) -> tuple[Audio, int]:
    """Read a whole sound file of any rate and channel count.

    Args:
        path: a file that libsndfile knows: WAV, FLAC, Ogg, MP3, AIFF...

    Returns:
        samples float32 [C, N], full scale at 1, and the sample rate in Hz.

    Raises:
        AudioFileError: missing, a folder, not audio, without samples, or with samples that are no numbers.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise AudioFileError(f"{path} is a folder: name a sound file")
        if not path.exists():
            raise AudioFileError(f"{path} does not exist: name a sound file")
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        why = reason(error)
        raise AudioFileError(f"{path} cannot be read as audio ({why}): use WAV, FLAC, Ogg or MP3") from error
    if len(samples) == 0:
        raise AudioFileError(f"{path} has no samples: use a file with sound in it")
    broken = len(samples) - int(np.isfinite(samples).all(axis=1).sum())
    if broken:
        raise AudioFileError(f"{path} has {broken} samples that are NaN or infinite: export it again")
    return np.ascontiguousarray(samples.T), int(sample_rate)


def convert(audio: Audio, sample_rate: int, new_rate: int, channels: int) -> Audio:
    """Change rate and channel count.

    Going to fewer channels averages them all; going from one to several repeats it.

    Args:
        audio: [C, N] at `sample_rate` Hz.
        sample_rate: what it has, in Hz.
        new_rate: what it gets, in Hz.
        channels: how many channels it gets.

    Returns:
        [channels, round(N * new_rate / sample_rate)], give or take one sample.
    """
    if audio.shape[0] != channels:
        audio = np.repeat(audio.mean(axis=0, keepdims=True, dtype=np.float32), channels, axis=0)
    if sample_rate != new_rate:
        audio = soxr.resample(audio.T, sample_rate, new_rate).T
    return np.ascontiguousarray(audio, np.float32)


def to_pcm16(audio: Audio) -> NDArray[np.int16]:
    """Samples [C, n] as they are written: 16 bit [n, C], rounded; beyond full scale they are clipped."""
    steps = np.clip(np.rint(audio * np.float32(FULL_SCALE)), -FULL_SCALE, FULL_SCALE - 1.0)
    return np.ascontiguousarray(steps.astype(np.int16).T)


def output_format(path: str | Path, name: str | None = None) -> str:
    """The format to write `path` in: `name` if given, else by extension; a key of `FORMATS`.

    Raises:
        AudioFileError: neither says a format that can be written.
    """
    wanted = (name or Path(path).suffix.lstrip(".")).lower()
    if wanted in FORMATS:
        return wanted
    known = " or ".join(FORMATS)
    if name:
        raise AudioFileError(f"format {name!r} cannot be written: use {known}")
    raise AudioFileError(
        f"{path} does not end in a known format: use .{known.replace(' or ', ' or .')}, or --format"
    )


class AudioWriter:
    """A sound file in the making; a context manager that leaves a whole file behind, or none.

    Blocks go to a hidden file in the same folder, which takes the final name at the end. When the `with` body
    raises (Ctrl-C included) that file is removed, and what had the final name before is untouched.

    Args:
        path: where the file goes; an existing file there is replaced at the end.
        sample_rate: in Hz.
        channels: how many.
        file_format: "wav" or "flac"; None goes by the extension.

    Raises:
        AudioFileError: the place or the format cannot be used.
    """

    def __init__(
        self, path: str | Path, sample_rate: int, channels: int = 1, file_format: str | None = None
    ) -> None:
        self.path = Path(path)
        self.sample_rate = sample_rate
        self.num_samples = 0
        self._temporary = reserve(self.path, AudioFileError)
        try:
            container = FORMATS[output_format(self.path, file_format)]
            self._file = soundfile.SoundFile(
                self._temporary, "w", sample_rate, channels, subtype="PCM_16", format=container
            )
        except BaseException as error:
            self._temporary.unlink(missing_ok=True)
            if isinstance(error, soundfile.SoundFileError):
                raise self._failure(error) from error
            raise

    def write(self, audio: Audio) -> None:
        """Append a block [C, n] of samples; what lies beyond full scale is clipped (see `level.limit`).

        Raises:
            AudioFileError: the disk is full or fails.
        """
        try:
            self._file.write(to_pcm16(audio))
        except (soundfile.SoundFileError, AssertionError, OSError) as error:
            # soundfile asserts that everything was written: a short count is a full disk.
            raise self._failure(error) from error
        self.num_samples += audio.shape[-1]

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            AudioFileError: the disk is full or fails.
        """
        try:
            self._file.close()
            # libsndfile says nothing when the last bytes found no room, so look at what arrived.
            written = soundfile.info(self._temporary).frames
            if written != self.num_samples:
                raise OSError(f"{written} of {self.num_samples} samples arrived")
            self._temporary.replace(self.path.resolve())
        except (soundfile.SoundFileError, OSError) as error:
            raise self._failure(error) from error

    def discard(self) -> None:
        """Drop everything written so far."""
        try:
            self._file.close()
        except (soundfile.SoundFileError, OSError):
            pass  # It is thrown away either way.
        finally:
            self._temporary.unlink(missing_ok=True)

    def _failure(self, error: BaseException) -> AudioFileError:
        """The disk's complaint in one line."""
        free = shutil.disk_usage(self.path.parent).free
        if free < 2**20:
            return AudioFileError(
                f"{self.path} cannot be written, the disk is full ({free} bytes left): make room"
            )
        return AudioFileError(f"{self.path} cannot be written ({reason(error)}): choose another place")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.discard()
            return
        try:
            self.close()
        except BaseException:
            self.discard()
            raise


def check_writable(path: str | Path, file_format: str | None = None) -> None:
    """Complain now about a place or format that `AudioWriter` would refuse later.

    Raises:
        AudioFileError: as `AudioWriter` would.
    """
    reserve(Path(path), AudioFileError).unlink()
    output_format(path, file_format)
