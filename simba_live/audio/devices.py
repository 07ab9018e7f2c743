"""Which audio devices there are, as values; nothing is loaded before it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from simba_live.errors import MissingDependencyError, OptionError
from simba_live.outputs import reason

SUGGESTED_SECONDS = 0.02
"""What PortAudio is asked to keep in a device: its own "low" is 9 ms with ALSA, too tight for Python."""


@dataclass(frozen=True)
class AudioDevice:
    """A device as PortAudio sees it.

    Attributes:
        index: its number, until devices come or go.
        name: what to call it.
        host: the sound system that it belongs to, such as "ALSA" or "Core Audio".
        inputs: channels that can be recorded.
        outputs: channels that can be played.
        sample_rate: in Hz, its own.
        default_input: sound is recorded from it when nothing else is asked for.
        default_output: sound goes to it when nothing else is asked for.
    """

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    sample_rate: int
    default_input: bool
    default_output: bool


def portaudio() -> Any:
    """The sounddevice module, which brings PortAudio up when it is imported.

    Raises:
        MissingDependencyError: PortAudio is not installed, or the package for it.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            f"PortAudio cannot be used ({reason(error)}): pip install sounddevice, and on Linux apt install "
            "libportaudio2; or play with --audio null, jack or file:PATH"
        ) from error
    return sounddevice


def audio_devices() -> tuple[AudioDevice, ...]:
    """All audio devices.

    Raises:
        MissingDependencyError: PortAudio is not installed.
    """
    sounddevice = portaudio()
    hosts = [host["name"] for host in sounddevice.query_hostapis()]
    default_input, default_output = sounddevice.default.device
    return tuple(
        AudioDevice(
            index=device["index"],
            name=device["name"],
            host=hosts[device["hostapi"]],
            inputs=device["max_input_channels"],
            outputs=device["max_output_channels"],
            sample_rate=round(device["default_samplerate"]),
            default_input=device["index"] == default_input,
            default_output=device["index"] == default_output,
        )
        for device in sounddevice.query_devices()
    )


def find_output(spec: str) -> AudioDevice:
    """The output that a user names.

    Args:
        spec: "default", or a device's name, a part of it, or its number.

    Raises:
        OptionError: there is no such output, or several; the message names those there are.
        MissingDependencyError: PortAudio is not installed.
    """
    devices = [device for device in audio_devices() if device.outputs]
    if not devices:
        raise OptionError("there is no audio output: play with --audio null, jack or file:PATH")
    return _only(spec, matches(spec, devices), devices, "output")


def find_input(spec: str) -> AudioDevice:
    """The input that a user names; arguments and errors as of `find_output`."""
    devices = [device for device in audio_devices() if device.inputs]
    if not devices:
        raise OptionError("there is no audio input: listen with --input jack or to a sound file")
    return _only(spec, matches(spec, devices, "input"), devices, "input")


def matches(spec: str, devices: list[AudioDevice], way: str = "output") -> list[AudioDevice]:
    """Those that a user may mean; of one device under several sound systems, the default's first.

    Args:
        spec: "default", or a device's name, a part of it, or its number.
        devices: to choose from.
        way: "output" or "input", whose default counts.
    """
    defaults = [device for device in devices if getattr(device, f"default_{way}")]
    if spec == "default":
        return defaults or devices[:1]
    if spec.isdecimal():
        return [device for device in devices if device.index == int(spec)]
    hosts = {device.host for device in defaults}
    devices = sorted(devices, key=lambda device: device.host not in hosts)
    wanted = spec.casefold()
    return (
        [device for device in devices if device.name.casefold() == wanted]
        # ALSA numbers the cards anew when one is plugged in again.
        or [device for device in devices if _without_number(device.name) == _without_number(spec)]
        or [device for device in devices if wanted in device.name.casefold()]
    )


def _only(spec: str, found: list[AudioDevice], devices: list[AudioDevice], way: str) -> AudioDevice:
    """The one that was found, or the reason why there is not one."""
    if len({device.name for device in found}) == 1:
        return found[0]
    if found:
        several = ", ".join(device.name for device in found)
        raise OptionError(f"audio {way} {spec!r} may be {several}: say more of its name, or its number")
    known = ", ".join(f"{device.index} {device.name}" for device in devices)
    others = "default, null, jack, file:PATH"
    raise OptionError(f"there is no audio {way} {spec!r}: use {others} or one of {known}")


def jack_client(name: str, option: str) -> tuple[Any, Any]:
    """The jack module, and a client of the running JACK server.

    Args:
        name: of the client.
        option: flag by which something else than JACK can be chosen.

    Raises:
        MissingDependencyError: JACK's library or the package for it is not installed.
        OptionError: no server runs.
    """
    try:
        import jack
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "JACK needs the package JACK-Client: pip install 'simba-live[jack]'"
        ) from error
    except OSError as error:
        raise MissingDependencyError("JACK's library is missing: install jackd2 or pipewire-jack") from error
    try:
        return jack, jack.Client(name, no_start_server=True)
    except jack.JackOpenError as error:
        raise OptionError(f"there is no JACK server: start one, or use another {option}") from error


def _without_number(name: str) -> str:
    return re.sub(r" \(hw:\d+,\d+\)$", "", name).casefold()
