"""Real MIDI ports, by rtmidi over a JACK server without a card: notes, a flood, a clock, a device gone."""

import importlib.util
import random
import shutil
import time

import pytest

from simba_live.control.fake import FakeDriven
from simba_live.control.midi import Midi
from simba_live.errors import MissingDependencyError
from simba_live.events import Note
from tests.audio.jack_parts import SERVER_NAME, Server, alone
from tests.waiting import until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs jackd: apt install jackd2"),
    pytest.mark.skipif(not importlib.util.find_spec("rtmidi"), reason="needs pip install python-rtmidi"),
]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", SERVER_NAME)
    with alone():
        server = Server(period=256)
        yield server
        server.stop()


class Device:
    """A MIDI device of another program."""

    def __init__(self, name="keys", to=None):
        import rtmidi

        self._port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        if to is None:
            self._port.open_virtual_port("midi")
        else:
            self._port.open_port(self._port.get_ports().index(to))

    def play_until_heard(self, driven):
        """A cable is laid between two periods of the server: only then is something heard."""
        while not driven.events:
            self.send(0x90, 1, 1)
            self.send(0x80, 1, 0)
            time.sleep(0.05)
        time.sleep(0.3)
        driven.sent.clear()

    def send(self, *data):
        self._port.send_message(data)

    def unplug(self):
        self._port.close_port()
        self._port.delete()


def test_notes_from_a_real_port_arrive_at_once_and_in_order(server):
    driven = FakeDriven()
    with Midi(driven, lambda news: None, ["jack:virtual"]) as midi:
        assert midi.inputs == ("simba-live",)
        device = Device(to="simba-live:in")
        device.play_until_heard(driven)
        times = []
        for pitch in range(40, 80):
            sent = time.monotonic()
            device.send(0x90, pitch, 100)
            assert until(lambda: len(driven.events) > len(times), 2.0)
            times.append(time.monotonic() - sent)
            time.sleep(0.005)
        assert driven.events == [Note(pitch) for pitch in range(40, 80)]
        assert sorted(times)[20] < 0.04
        device.unplug()


def test_a_thousand_events_a_second_leave_no_key_behind(server):
    driven = FakeDriven()
    with Midi(driven, lambda news: None, ["jack:virtual"]):
        device, dice, fingers = Device(to="simba-live:in"), random.Random(4), set()
        device.play_until_heard(driven)
        began = time.monotonic()
        for number in range(3000):
            pitch = dice.randrange(128)
            device.send(0x80 if pitch in fingers else 0x90, pitch, 100)
            fingers ^= {pitch}
            time.sleep(max(0.0, began + number / 1000 - time.monotonic()))
        for pitch in tuple(fingers):
            device.send(0x80, pitch, 0)

        def held():
            newest = {event.pitch: event.velocity for event in tuple(driven.events)}
            return [pitch for pitch, velocity in newest.items() if velocity]

        assert until(lambda: not held(), 5.0)
        assert len(driven.events) > 1000
        device.unplug()


def test_a_device_is_heard_when_it_comes_and_let_go_of_when_it_goes(server):
    driven, told = FakeDriven(), []
    with Midi(driven, lambda news: told.append(news.text), ["jack:keys"]) as midi:
        assert midi.inputs == ()
        for _ in range(2):
            device = Device()
            assert until(lambda: len(midi.inputs) == 1)
            device.play_until_heard(driven)
            device.send(0x90, 60, 100)
            assert until(lambda: driven.events[-1:] == [Note(60)])
            device.unplug()
            assert until(lambda: driven.events[-1:] == [Note(60, 0)])
            assert until(lambda: midi.inputs == ())
            driven.sent.clear()
    assert len([line for line in told if line.endswith("is gone: waiting for it")]) == 2


def test_a_real_clock_is_heard_and_ours_is_heard_by_others(server):
    driven = FakeDriven()
    driven.change(bpm=132.0)
    with (
        Midi(driven, lambda news: None, output="jack:virtual"),
        Midi(FakeDriven(), lambda news: None, ["jack:virtual"]) as follower,
    ):
        connect("simba-live clock:out", "simba-live:in")
        assert until(lambda: follower.clock.read(time.monotonic()))
        began = time.monotonic() + 0.3
        driven.change(playing=True, heard_at=began)
        time.sleep(3.0)
        grid = follower.clock.read(time.monotonic())
        assert grid.playing is True
        assert grid.bpm == pytest.approx(132, rel=0.02)
        assert grid.beat == pytest.approx((grid.at - began) * 132 / 60, abs=0.07)


def connect(source, target):
    """Lay a cable between two MIDI ports."""
    jack = pytest.importorskip("jack", reason="needs pip install JACK-Client")
    client = jack.Client("cable", no_start_server=True)
    sinks = [port.name for port in client.get_ports(is_midi=True, is_input=True) if port.name == target]
    client.connect(source, sinks[0])
    client.close()


def test_without_a_jack_server_one_line_says_so(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "simba-live-nowhere")
    with pytest.raises(MissingDependencyError, match="this system has no JACK server") as caught:
        Midi(FakeDriven(), lambda news: None, ["jack:all"]).start()
    assert "\n" not in str(caught.value)
