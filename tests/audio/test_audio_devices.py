import subprocess
import sys

import pytest

from simba_live.audio.devices import AudioDevice, audio_devices, find_output, matches
from simba_live.errors import MissingDependencyError, OptionError
from tests.audio.fake_portaudio import FakePortAudio


def device(index, name, host="ALSA", outputs=2, default=False):
    return AudioDevice(index, name, host, 2, outputs, 48000, False, default)


DEVICES = [
    device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)"),
    device(3, "Scarlett 2i2 USB: Audio (hw:1,0)"),
    device(4, "Speakers", "MME"),
    device(5, "default", default=True),
    device(7, "Speakers"),
    device(9, "Speakers (2)"),
]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("default", [5]),
        ("3", [3]),
        ("8", []),
        ("scarlett", [3]),
        ("Scarlett 2i2 USB: Audio (hw:2,0)", [3]),
        ("speakers", [7, 4]),
        ("SPEAKERS (2)", [9]),
        ("audio (hw", [3]),
        ("a", [0, 3, 5, 7, 9, 4]),
        ("vacuum", []),
    ],
)
def test_a_device_is_found_by_number_name_or_part(spec, expected):
    assert [found.index for found in matches(spec, DEVICES)] == expected


@pytest.fixture
def fake_portaudio(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakePortAudio())


@pytest.fixture
def no_portaudio(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)


def test_devices_are_values(fake_portaudio):
    microphone, speakers, _ = audio_devices()
    assert (microphone.inputs, microphone.outputs, microphone.default_input) == (1, 0, False)
    assert speakers == AudioDevice(1, "Speakers [left]", "Core Audio", 0, 2, 44100, False, True)


def test_an_output_is_found_or_those_there_are_are_named(fake_portaudio):
    assert find_output("default").name == "Speakers [left]"
    assert find_output("head").index == 2
    for spec, words in [
        ("Microphone", r"no audio output 'Microphone'.*1 Speakers \[left\], 2 Headphones"),
        ("0", "no audio output '0'"),
        ("s", r"may be Speakers \[left\], Headphones"),
    ]:
        with pytest.raises(OptionError, match=words) as caught:
            find_output(spec)
        assert "\n" not in str(caught.value)


def test_without_any_output_the_way_out_is_named(fake_portaudio, monkeypatch):
    monkeypatch.setattr(FakePortAudio, "query_devices", lambda self: [])
    with pytest.raises(OptionError, match="there is no audio output: play with --audio null"):
        find_output("default")


def test_without_portaudio_that_is_one_line(no_portaudio):
    with pytest.raises(MissingDependencyError, match=r"PortAudio cannot be used.*--audio null") as caught:
        audio_devices()
    assert "\n" not in str(caught.value)


NOTHING_LOADED = """
import sys, threading
import simba_live.audio
assert threading.active_count() == 1
assert not {"sounddevice", "jack", "mido", "torch"} & set(sys.modules)
"""


def test_importing_the_room_loads_no_sound_system():
    subprocess.run([sys.executable, "-c", NOTHING_LOADED], check=True)
