"""Which sink a user means."""

from __future__ import annotations

from simba_live.errors import OptionError

from .device import DeviceSink, JackSink
from .sinks import FileSink, NullSink, Sink


def open_sink(spec: str, sample_rate: int, channels: int) -> Sink:
    """Find the sink that a user names.

    Args:
        spec: "null", "file:PATH", "jack", "jack:CLIENT", "default", or a device's name, part of it or number.
        sample_rate: of the music, in Hz.
        channels: of the music.

    Raises:
        OptionError: there is no such device; the message names those there are.
        AudioFileError: the file's place or format cannot be used.
        MissingDependencyError: PortAudio or JACK's library is not installed.
        DeviceError: the device does not work now.
    """
    kind, _, rest = spec.partition(":")
    if spec == "null":
        return NullSink(sample_rate, channels)
    if kind == "file":
        if not rest:
            raise OptionError(f"{spec!r} names no file: say file:PATH.wav")
        return FileSink(rest, sample_rate, channels)
    if kind == "jack":
        return JackSink(rest or "simba-live", sample_rate, channels)
    return DeviceSink(spec, sample_rate, channels)
