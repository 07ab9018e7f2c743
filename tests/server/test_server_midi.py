"""A whole session played from a real MIDI port, over JACK: keys, a knob, a program, and its own clock."""

import importlib.util
import shutil
import time

import pytest

from simba_live.control.midi import Midi
from simba_live.control.midi_fake import FakeMidi
from simba_live.events import Play, Save
from simba_live.server.session import Session
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


def test_a_session_is_played_from_a_real_port(server, tmp_path):
    import rtmidi

    (tmp_path / "midi.toml").write_text('velocity = "density"\n[[knob]]\ncc = 7\ncontrol = "gain"\n')
    with (
        Session("disco", audio="null", folder=tmp_path) as session,
        Midi(session, session.tell, ["jack:virtual"], map_path=tmp_path / "midi.toml"),
    ):
        keys = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="keys")
        keys.open_port(keys.get_ports().index("simba-live:in"))
        session.call(Play())
        session.call(Save("a"))
        for message in ([0x90, 60, 127], [0xB0, 64, 127], [0x80, 60, 0], [0xB0, 7, 0]):
            keys.send_message(message)
        assert until(lambda: session.status().held_notes == (60,))
        assert until(lambda: session.status().values["gain"] == -60.0)
        assert session.status().values["density"] == 1.0
        keys.send_message([0xB0, 64, 0])
        assert until(lambda: session.status().held_notes == ())
        keys.send_message([0xC0, 0])
        assert until(lambda: session.status().values["density"] is None)
        keys.close_port()
        keys.delete()


def test_the_clock_that_is_sent_is_the_beat_that_is_heard(tmp_path):
    system = FakeMidi(out_names=["drums"])
    with (
        Session("techno", audio="null", folder=tmp_path) as session,
        Midi(session, session.tell, output="drums", system=lambda api: system),
    ):
        sent = []
        system.outs[0].sent = sent
        session.set("bpm", 150.0)
        session.call(Play())
        time.sleep(2.5)
        ticks = [data[0] for data in sent]
        status = session.status()
        now = time.monotonic()
        beat = status.heard_beat + (now - status.heard_at) * status.bpm / 60
        began = ticks.index(0xFA)
        assert ticks[began:].count(0xF8) == pytest.approx(24 * beat, abs=4)
