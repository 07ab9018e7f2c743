"""A real ear process: what it hears, and how it ends."""

import os
import signal
import threading

import numpy as np
import pytest
import soundfile

from simba_live.codec.encodec import Codec
from simba_live.server import ear as room
from simba_live.server.ear import Ear
from simba_live.server.hearing import EarFailed, EarNews, EarOptions, EarReady, Heard, Level
from simba_live.server.launch import start_ear
from tests.checkpoints import write_checkpoints
from tests.server.stage import wait_until


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def take(tmp_path_factory):
    """A second of noise at the codec's rate."""
    path = tmp_path_factory.mktemp("takes") / "take.wav"
    noise = 0.2 * np.random.default_rng(0).standard_normal(24000)
    soundfile.write(path, noise, 24000, subtype="FLOAT")
    return path


class Listener:
    """An ear, and what it has said."""

    def __init__(self, checkpoints, source, **settings):
        self.said = []
        model, codec = map(str, checkpoints)
        self.ear = Ear(EarOptions(str(source), model=model, codec=codec, **settings), self.said.append)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.ear.close()

    def all(self, kind):
        return [message for message in self.said if isinstance(message, kind)]

    def ready(self):
        wait_until(lambda: self.all(EarReady))


def test_a_file_is_heard_as_codes_once_somebody_wants_it(checkpoints, take):
    with Listener(checkpoints, take, gate=-120.0) as listener:
        listener.ready()
        wait_until(lambda: len(listener.all(Level)) > 2)
        assert not listener.all(Heard)
        listener.ear.attend(True)
        wait_until(lambda: listener.all(EarNews))
        assert listener.all(EarNews)[0].text == f"file:{take}: it is over"
        wait_until(lambda: sum(heard.codes.shape[1] for heard in listener.all(Heard)) >= 45)
        codes = np.concatenate([heard.codes for heard in listener.all(Heard)], 1)
        codec = Codec.load(checkpoints[1])
        assert codes.shape[0] == 3, "as many codebooks as the model reads"
        assert codes.max() < codec.codebook_size
        ends = [heard.ended for heard in listener.all(Heard)]
        assert np.diff(ends) == pytest.approx(0.1, abs=0.03)
        wait_until(lambda: listener.all(Level)[-1].lost == "it is over")


def test_what_cannot_be_listened_to_is_one_line(checkpoints, tmp_path):
    with Listener(checkpoints, tmp_path / "none.wav") as listener:
        wait_until(lambda: listener.all(EarFailed))
        assert "none.wav does not exist" in listener.all(EarFailed)[0].reason
        assert not listener.all(EarReady)


def test_an_ear_that_is_killed_is_started_again_and_attends(checkpoints, monkeypatch):
    monkeypatch.setattr(room, "RESTART_SECONDS", 0.1)
    with Listener(checkpoints, "null", gate=-120.0) as listener:
        listener.ready()
        listener.ear.attend(True)
        os.kill(listener.ear.pid, signal.SIGKILL)
        wait_until(lambda: len(listener.all(EarReady)) == 2)
        assert listener.all(EarNews)[0].text == "the ear is lost (it ended with code -9): it is started again"
        count = len(listener.said)
        wait_until(lambda: len(listener.said) > count + 2)


def test_it_ends_when_it_is_told(checkpoints):
    listener = Listener(checkpoints, "null")
    listener.ready()
    pid = listener.ear.pid
    listener.ear.close()
    assert listener.ear.pid == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not any(thread.name == "ear" for thread in threading.enumerate())


def test_it_ends_with_the_session(checkpoints):
    model, codec = map(str, checkpoints)
    process, pipe = start_ear(EarOptions("null", model=model, codec=codec))
    assert isinstance(pipe.recv(), EarReady)
    pipe.close()
    assert process.wait(5.0) == 0
