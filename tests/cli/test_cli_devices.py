import sys
from types import SimpleNamespace

from tests.audio.fake_portaudio import FakePortAudio


class FakeMido(SimpleNamespace):
    def get_input_names(self):
        return ["Launchpad"]

    def get_output_names(self):
        return ["Launchpad", "Synth"]


def test_the_command_shows_what_there_is(simba_live, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakePortAudio())
    monkeypatch.setitem(sys.modules, "mido", FakeMido())
    code, out, _ = simba_live("devices")
    assert code == 0
    for words in ("Microphone", "Speakers [left]", "Core Audio", "44100", "Launchpad", "Synth", "--audio"):
        assert words in out
    chosen = next(line for line in out.splitlines() if "Speakers" in line)
    assert chosen.split()[0] == "1"
    assert chosen.split()[-1] == "out"


def test_the_command_says_what_is_missing(simba_live, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    code, out, _ = simba_live("devices")
    assert code == 0
    assert "no audio devices: PortAudio cannot be used" in out
    assert "pip install 'simba-live[midi]'" in out
    assert "--audio" in out
