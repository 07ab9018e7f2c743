"""A whole session through real sound servers: what the engine made is what comes out."""

import ctypes.util
import importlib.util
import os
import shutil
import signal
import time

import numpy as np
import pytest
import soundfile

from simba_live.events import Play, Stop
from simba_live.server.session import Session
from tests.audio.jack_parts import SERVER_NAME, Server, alone, between_silence, recorder
from tests.waiting import until

RATE = 24000

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs jackd: apt install jackd2"),
    pytest.mark.skipif(not importlib.util.find_spec("jack"), reason="needs pip install JACK-Client"),
    pytest.mark.skipif(not ctypes.util.find_library("portaudio"), reason="needs apt install libportaudio2"),
]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", SERVER_NAME)
    with alone():
        server = Server(period=256, rate=RATE)
        yield server
        server.stop()


@pytest.mark.parametrize("audio", ["rec", "jack:simba"], ids=["portaudio", "jack"])
def test_what_the_engine_made_comes_out_sample_for_sample(server, audio, tmp_path):
    with recorder() as (client, heard):
        # Changed late: this is about samples, on machines that may be busy with other tests.
        with Session("disco", audio=audio, folder=tmp_path, latency=0.2) as session:
            if audio.startswith("jack:"):
                client.connect("simba:out_1", "rec:in_1")
            session.start_recording("take")
            session.call(Play())
            time.sleep(3.0)
            session.set("bpm", 140.0)
            session.snapshot("a")
            time.sleep(1.0)
            session.undo()
            time.sleep(1.0)
            session.call(Stop())
            time.sleep(0.5)
            status = session.status()
        out = between_silence(heard())[0]
    assert status.underruns == 0
    assert not status.sink_lost
    assert_heard(out, tmp_path / "recordings" / "take.wav")


def test_an_engine_that_stands_still_is_not_heard(server, tmp_path):
    """The device reads a second of plan; only what makes more of it was stopped."""
    with recorder() as (client, heard), Session("disco", audio="jack:simba", folder=tmp_path) as session:
        client.connect("simba:out_1", "rec:in_1")
        session.start_recording("take")
        session.call(Play())
        for _ in range(3):
            play_on(session)
            os.kill(session.engine_pid, signal.SIGSTOP)
            time.sleep(0.6)
            os.kill(session.engine_pid, signal.SIGCONT)
        play_on(session)
        session.call(Stop())
        time.sleep(0.5)
        assert session.status().underruns == 0
        out = between_silence(heard())[0]
    assert_heard(out, tmp_path / "recordings" / "take.wav")


def play_on(session):
    """More than a second, so that no status of before is left, and until the plan is whole."""
    frame = session.status().frame
    assert until(lambda: session.status().frame > frame + 60)
    assert until(lambda: session.status().plan_seconds > 0.9)


def assert_heard(out, path):
    """That a recording's samples came out, one behind the other."""
    recorded = soundfile.read(path, dtype="int16")[0]
    whole = np.rint(out * np.float32(32768.0)).astype(np.int16)
    # The faintest end of the fade may round to nothing in the file.
    recorded = between_silence(recorded[None])[0]
    assert len(recorded) > 4.5 * RATE
    start = int(np.flatnonzero(whole)[0])
    assert np.array_equal(whole[start : start + len(recorded)], recorded)
