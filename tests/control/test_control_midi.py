"""MIDI ports that come and go, what they say reaching the session, learning by OSC, and the way back."""

import subprocess
import sys
import threading
import time

import pytest

from simba_live.control import midi
from simba_live.control.fake import FakeDriven
from simba_live.control.midi import MAX_UNREAD, Midi
from simba_live.control.midi_fake import FakeMidi
from simba_live.control.midi_ports import Wanted
from simba_live.control.midi_rtmidi import RtMidi, midi_ports
from simba_live.control.osc import OscServer
from simba_live.control.osc_client import OscClient
from simba_live.errors import MissingDependencyError, OptionError
from simba_live.events import Note, Set


def wait_for(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


class Desk:
    """A session, a MIDI system, and `Midi` between them."""

    def __init__(self, inputs=("all",), names=("keys",), **more):
        self.driven, self.system, self.told = FakeDriven(), FakeMidi(names, more.pop("out_names", ())), []
        self.midi = Midi(
            self.driven,
            lambda news: self.told.append(news.text),
            inputs,
            system=lambda api: self.system,
            **more,
        )

    def __enter__(self):
        self.midi.start()
        return self

    def __exit__(self, *_):
        self.midi.close()

    def play(self, name, *data):
        self.system.play(name, data)

    def heard(self, *events):
        wait_for(lambda: self.driven.events == list(events))


def test_what_a_port_says_reaches_the_session_in_order():
    with Desk() as desk:
        desk.play("keys", 0x90, 60, 100)
        desk.play("keys", 62, 90)
        desk.play("keys", 0x80, 60, 0)
        desk.heard(Note(60, 100), Note(62, 90), Note(60, 0))
        assert desk.midi.inputs == ("keys",)
        assert desk.told == ["MIDI port keys is open"]


def test_a_device_that_is_unplugged_lets_go_and_plays_on_when_it_is_back():
    with Desk(inputs=["Key"], names=["Keys 20:0", "Pads 24:0"]) as desk:
        desk.play("Keys 20:0", 0x90, 60, 100)
        desk.system.names = ["Pads 24:0"]
        desk.heard(Note(60, 100), Note(60, 0))
        assert desk.midi.inputs == ()
        assert not desk.system.opened[0].open
        desk.system.names = ["Keys 28:0", "Pads 24:0"]
        wait_for(lambda: desk.midi.inputs == ("Keys 28:0",))
        desk.play("Keys 28:0", 0x90, 64, 100)
        desk.heard(Note(60, 100), Note(60, 0), Note(64, 100))
        assert "MIDI port Keys 20:0 is gone: waiting for it" in desk.told


def test_a_port_that_is_not_there_is_waited_for_and_said_so():
    with Desk(inputs=["Keys", "virtual"], names=["Pads"]) as desk:
        assert desk.told == [
            "MIDI port simba-live is open for others",
            "no MIDI port is called 'Keys': waiting for it; there are Pads",
        ]
        assert desk.midi.inputs == ("simba-live",)
        desk.system.names.append("My Keys")
        wait_for(lambda: "My Keys" in desk.midi.inputs)


def test_a_port_that_is_busy_is_said_once_and_tried_again_when_it_is_back():
    desk = Desk()
    desk.system.refused = {"keys"}
    with desk:
        time.sleep(0.6)
        busy = "MIDI port keys cannot be opened (busy): close what else uses it, and plug it in again"
        assert desk.told == [busy]
        desk.system.names, desk.system.refused = [], set()
        time.sleep(0.6)
        desk.system.names = ["keys"]
        wait_for(lambda: desk.midi.inputs == ("keys",))


def test_our_own_ports_are_never_heard():
    with Desk(names=["simba-live:out", "keys"]) as desk:
        assert desk.midi.inputs == ("keys",)


def test_the_end_lets_go_of_keys_and_ports():
    with Desk() as desk:
        desk.play("keys", 0x90, 60, 100)
        desk.heard(Note(60, 100))
    assert desk.driven.events[-1] == Note(60, 0)
    assert not desk.system.opened[0].open
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("midi")]


def test_a_system_that_hangs_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(midi, "CLOSE_SECONDS", 0.2)
    hanging = threading.Event()
    with Desk() as desk:
        desk.system.close = lambda: hanging.wait(10)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    hanging.set()


def test_more_than_can_be_read_lets_go_of_all_keys(monkeypatch):
    release = threading.Event()
    with Desk() as desk:
        send = desk.driven.send
        monkeypatch.setattr(desk.driven, "send", lambda *given: (release.wait(5), send(*given)))
        desk.play("keys", 0x90, 60, 100)
        for _ in range(MAX_UNREAD + 10):
            desk.play("keys", 0x90, 61, 100)
        release.set()
        wait_for(lambda: Note(61, 0) in desk.driven.events)
        assert desk.told[-1].startswith("more MIDI came than can be read")
        assert Note(60, 0) in desk.driven.events


def test_a_clock_that_comes_in_can_be_followed():
    with Desk() as desk:
        desk.play("keys", 0xFA)
        for _ in range(40):
            desk.play("keys", 0xF8)
            time.sleep(0.01)
        wait_for(lambda: desk.midi.clock.read(time.monotonic()) is not None)
        assert desk.midi.clock.read(time.monotonic()).playing is True


def test_the_session_s_beat_goes_out():
    with Desk(inputs=(), names=(), output="Drum", out_names=["Drum machine"]) as desk:
        desk.driven.change(bpm=120.0, heard_beat=0.0, heard_at=time.monotonic(), playing=True)
        wait_for(lambda: len(desk.system.outs[0].sent) > 20)
        sent = [data[0] for data in desk.system.outs[0].sent]
        assert 0xFA in sent
        assert sent.count(0xF8) > 15
    assert desk.system.outs[0].sent[-1][0] == 0xFC


def test_a_knob_is_learned_by_osc_kept_in_the_file_and_known_the_next_time(tmp_path):
    path = tmp_path / "midi.toml"
    with Desk(map_path=path) as desk, OscServer(desk.driven, port=0, learn=desk.midi.learn) as server:
        with OscClient(port=server.port) as client:
            client.send("/simba/midi/learn", "volume")
            answer = list(client.answers("/simba/midi/learn", 5.0))[-1]
            assert answer.path == "/simba/fail"
            assert "nothing called 'volume' to learn" in answer.values[1]
            client.send("/simba/midi/learn", "density")
            wait_for(lambda: "move a knob or press a switch for density" in desk.told)
            desk.play("keys", 0xB2, 21, 30)
            assert list(client.answers("/simba/midi/learn", 5.0))[-1].path == "/simba/done"
        desk.play("keys", 0xB2, 21, 127)
        desk.heard(Set("density", 1.0))
    with Desk(map_path=path) as desk:
        desk.play("keys", 0xB2, 21, 0)
        desk.heard(Set("density", 0.0))


def test_a_map_that_cannot_be_written_is_learned_for_now(tmp_path):
    done = []
    with Desk(map_path=tmp_path / "no" / "midi.toml") as desk:
        desk.midi.learn("undo", done.append)
        desk.play("keys", 0xB0, 64, 127)
        wait_for(lambda: done)
        assert not done[0].reason
        assert desk.told[-1].endswith("it is learned until the end of the session")


def test_without_midi_learning_says_how_to_get_it():
    with OscServer(FakeDriven(), port=0) as server, OscClient(port=server.port) as client:
        client.send("/simba/midi/learn", "density")
        assert "--midi all" in list(client.answers("/simba/midi/learn", 5.0))[-1].values[1]
    with pytest.raises(OptionError, match="--midi all"):
        Midi(FakeDriven(), print, output="x").learn("density", print)


@pytest.mark.parametrize(
    ("spec", "api", "found"),
    [
        ("all", "", ["Keys MIDI 1 20:0", "Keys MIDI 2 20:1", "Pads 24:0"]),
        ("keys", "", ["Keys MIDI 1 20:0", "Keys MIDI 2 20:1"]),
        ("Keys MIDI 2 99:1", "", ["Keys MIDI 2 20:1"]),
        ("pads 24:0", "", ["Pads 24:0"]),
        ("virtual", "", []),
        ("jack:all", "jack", ["Keys MIDI 1 20:0", "Keys MIDI 2 20:1", "Pads 24:0"]),
    ],
)
def test_ports_are_meant_by_name_or_part_of_it(spec, api, found):
    names = ["Keys MIDI 1 20:0", "Keys MIDI 2 20:1", "simba-live:in 128:0", "Pads 24:0"]
    wanted = Wanted.read(spec)
    assert (wanted.api, wanted.among(names)) == (api, found)


def test_a_port_without_a_name_is_refused():
    for spec in ("", " ", "jack:"):
        with pytest.raises(OptionError, match="the MIDI port is"):
            Wanted.read(spec)


def test_without_rtmidi_that_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    for make in (RtMidi, midi_ports):
        with pytest.raises(MissingDependencyError, match=r"pip install 'simba-live\[midi\]'") as caught:
            make()
        assert "\n" not in str(caught.value)


def test_importing_the_room_opens_nothing():
    code = "import sys, threading, simba_live.control.midi\nassert threading.active_count() == 1\n"
    code += 'assert not {"rtmidi", "torch"} & set(sys.modules)'
    subprocess.run([sys.executable, "-c", code], check=True)
