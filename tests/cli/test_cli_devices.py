import sys
from types import SimpleNamespace

from tests.audio.fake_portaudio import FakePortAudio


class FakePorts(SimpleNamespace):
    def get_ports(self):
        return self.names

    def delete(self):
        pass


FAKE_RTMIDI = SimpleNamespace(
    API_UNIX_JACK=3,
    API_RTMIDI_DUMMY=5,
    get_compiled_api=lambda: [2, 3],
    MidiIn=lambda **_: FakePorts(names=["Launchpad", "Launchpad"]),
    MidiOut=lambda **_: FakePorts(names=["Launchpad", "Synth"]),
)


def test_the_command_shows_what_there_is(simba_live, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakePortAudio())
    monkeypatch.setitem(sys.modules, "rtmidi", FAKE_RTMIDI)
    code, out, _ = simba_live("devices")
    assert code == 0
    for words in (
        "Microphone",
        "Speakers [left]",
        "Core Audio",
        "44100",
        "Launchpad (2)",
        "Synth",
        "--audio",
        "--midi",
    ):
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
