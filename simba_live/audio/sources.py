"""Where sound comes from: one small interface; a file in real time, silence, and devices.

The ear alone calls `read`; everything else is called by `input.Input` only.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from simba_live.errors import AudioFileError, OptionError
from simba_live.outputs import reason

from .device import HEARD_FRAMES, HostedDevice, heard_ring
from .ring import Ring

Audio = NDArray[np.float32]

TICK_SECONDS = 0.01
"""How much a source without a device gives at least at once, and how often a device is looked at."""

FORGIVEN_SECONDS = 1.0
"""A source that is read later than this, after a suspended computer, leaves out what it missed."""

STALL_SECONDS = 1.0
"""A device that has brought nothing for so long is lost."""

FIRST_SECONDS = 3.0
"""The same for the first samples, which a device may be slow to bring."""

MAX_CHANNELS = 2
"""Channels that can be chosen of a device; all of them are averaged, or kept apart for a stereo codec."""


class Source(Protocol):
    """Something to listen to, in its own time.

    Attributes:
        name: what to call it; `open_source` finds it again by that.
        sample_rate: in Hz.
        live: whether it goes on while nobody reads, and may come back after it has stopped.
    """

    name: str
    sample_rate: int
    live: bool

    @property
    def trouble(self) -> str:
        """Why it has stopped; empty while all is well."""

    @property
    def latency_seconds(self) -> float:
        """How old a sample is, about, when it can be read."""

    def read(self, timeout: float) -> Audio:
        """What has come since the last time, [n, C], waiting up to `timeout` seconds if that is nothing."""

    def close(self) -> None:
        """Let go of it."""


class Silence:
    """Nothing to hear, in real time."""

    live = False

    def __init__(self, sample_rate: int = 24000, channels: int = 1) -> None:
        self.name = "null"
        self.sample_rate = sample_rate
        self._channels = channels
        self._begun: float | None = None  # when it was read first
        self._length = 0

    @property
    def trouble(self) -> str:
        """There is none."""
        return ""

    @property
    def latency_seconds(self) -> float:
        """No time passes."""
        return 0.0

    def read(self, timeout: float) -> Audio:
        """See `Source`."""
        return self._next(self._due(timeout))

    def close(self) -> None:
        """There is nothing to let go of."""

    def _next(self, length: int) -> Audio:
        return np.zeros((length, self._channels), np.float32)

    def _due(self, timeout: float) -> int:
        """How many samples have come, by the clock."""
        wanted = TICK_SECONDS - self._late()
        if wanted > 0:
            time.sleep(min(wanted, timeout))
        late = self._late()
        if late > FORGIVEN_SECONDS:
            self._length += round((late - TICK_SECONDS) * self.sample_rate)
            late = TICK_SECONDS
        due = max(0, round(late * self.sample_rate))
        self._length += due
        return due

    def _late(self) -> float:
        now = time.monotonic()
        self._begun = now if self._begun is None else self._begun
        return now - self._begun - self._length / self.sample_rate


class FileSource(Silence):
    """A sound file, heard as if somebody played it now, once.

    Args:
        path: a file that libsndfile knows, of any rate and channel count.
        channels: numbers from 1 of those wanted; none are all.

    Raises:
        AudioFileError: it is missing or no audio.
        OptionError: it does not have such a channel.
    """

    def __init__(self, path: str | Path, channels: tuple[int, ...] = ()) -> None:
        path = Path(path)
        if not path.is_file():
            raise AudioFileError(f"{path} does not exist: name a sound file")
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, OSError, RuntimeError) as error:
            raise AudioFileError(
                f"{path} cannot be read as audio ({reason(error)}): use WAV, FLAC, Ogg or MP3"
            ) from error
        there = self._file.channels
        if channels and max(channels) > there:
            raise OptionError(f"input channel {max(channels)} is not there: {path} has {there}")
        super().__init__(self._file.samplerate, there)
        self.name = f"file:{path}"
        self._chosen = [number - 1 for number in channels] or list(range(there))
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why there is no more to come; see `Source`."""
        return self._trouble

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _next(self, length: int) -> Audio:
        try:
            heard: Audio = self._file.read(length, "float32", always_2d=True)
        except (soundfile.SoundFileError, OSError, RuntimeError) as error:
            self._trouble = f"it cannot be read further ({reason(error)})"
            heard = super()._next(0)
        if len(heard) < length:
            self._trouble = self._trouble or "it is over"
        return heard[:, self._chosen]


class DeviceSource(HostedDevice):
    """A sound card or JACK, listened to; see `HostedDevice`.

    Args:
        kind: "portaudio in" or "jack in".
        spec: which one.
        channels: numbers from 1 of those wanted, at most `MAX_CHANNELS`; none are the first two.
    """

    live = True

    def __init__(self, kind: str, spec: str, channels: tuple[int, ...] = ()) -> None:
        if len(channels) > MAX_CHANNELS:
            raise OptionError(f"there are {len(channels)} input channels: choose {MAX_CHANNELS} at most")
        super().__init__(kind, spec, "--input", channels, Ring.size(MAX_CHANNELS, HEARD_FRAMES))
        self.ring = heard_ring(self.channels, self._memory)
        self._begun = time.monotonic()

    @property
    def trouble(self) -> str:
        """Why it has stopped; see `Source`."""
        if self.failed:
            return self.failed
        brought = self.ring.asked_at
        silent = time.monotonic() - (brought or self._begun)
        if silent > (STALL_SECONDS if brought else FIRST_SECONDS):
            return f"it has brought nothing for {silent:.1f} s"
        return ""

    @property
    def latency_seconds(self) -> float:
        """See `Source`."""
        return max(self.ring.largest_bite / self.sample_rate, self._expected_seconds)

    def read(self, timeout: float) -> Audio:
        """See `Source`."""
        until = time.monotonic() + timeout
        while not self.ring.available and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, TICK_SECONDS))
        return self.ring.take()


def open_source(spec: str, channels: tuple[int, ...] = ()) -> Source:
    """Find the source that a user names.

    Args:
        spec: a sound file, "file:PATH", "null", "jack", "jack:CLIENT", "default", or a device's name, part of
            it or number.
        channels: numbers from 1 of those wanted; none are all of a file, and the first two of a device.

    Raises:
        OptionError: there is no such device or channel; the message names those there are.
        AudioFileError: the file is missing or no audio.
        MissingDependencyError: PortAudio or JACK's library is not installed.
        DeviceError: the device does not work now.
    """
    kind, _, rest = spec.partition(":")
    if spec == "null":
        return Silence()
    if (path := named_file(spec)) is not None:
        return FileSource(path, channels)
    if kind == "jack":
        return DeviceSource("jack in", rest or "simba-ear", channels)
    return DeviceSource("portaudio in", spec, channels)


def named_file(spec: str) -> str | None:
    """The path of the sound file that a user names as a source; None if it is something else.

    Raises:
        OptionError: it says that it is a file, but not which.
    """
    kind, _, rest = spec.partition(":")
    if kind == "file":
        if not rest:
            raise OptionError(f"{spec!r} names no file: say file:PATH.wav")
        return rest
    return spec if Path(spec).is_file() or f".{spec.rpartition('.')[2].lower()}" in ENDINGS else None


ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".opus")
"""What names a sound file and no device."""
