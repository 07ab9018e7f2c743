"""What a client plays on a real JACK server without a card is heard, by JACK and by PortAudio."""

import contextlib
import ctypes.util
import importlib.util
import shutil

import numpy as np
import pytest

from simba_live.audio.input import Input
from simba_live.audio.sources import DeviceSource
from simba_live.errors import OptionError
from tests.audio.jack_parts import RATE, SERVER_NAME, Server, alone, between_silence
from tests.waiting import until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs jackd: apt install jackd2"),
    pytest.mark.skipif(not importlib.util.find_spec("jack"), reason="needs pip install JACK-Client"),
    pytest.mark.skipif(not ctypes.util.find_library("jack"), reason="needs libjack"),
    pytest.mark.skipif(not ctypes.util.find_library("portaudio"), reason="needs apt install libportaudio2"),
]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", SERVER_NAME)
    with alone():
        server = Server(1024)
        yield server
        server.stop()


@contextlib.contextmanager
def player(sound):
    """A client "player" with two outputs that plays [2, N] when told; gives it and what tells it."""
    import jack

    client = jack.Client("player", no_start_server=True)
    ports = [client.outports.register(f"out_{number}") for number in (1, 2)]
    place = [-1]

    def call(frames):
        start = place[0]
        for port, channel in zip(ports, sound, strict=True):
            room = port.get_array()
            room[:] = 0.0
            if 0 <= start < sound.shape[1]:
                part = channel[start : start + frames]
                room[: len(part)] = part
        if start >= 0:
            place[0] += frames

    client.set_process_callback(call)
    client.activate()
    try:
        yield client, lambda: place.__setitem__(0, 0)
    finally:
        client.deactivate()
        client.close()


def noise(seconds):
    return np.random.default_rng(0).uniform(-0.5, 0.5, (2, round(seconds * RATE))).astype(np.float32)


def hear(source, length):
    """What was heard, [C, n], once so much has sounded; a server on a busy machine takes its time."""
    parts = [np.zeros((0, source.channels), np.float32)]

    def enough():
        parts.append(source.read(0.02))
        return sum(np.count_nonzero(part[:, 0]) for part in parts) >= length

    until(enough, 30.0)
    return between_silence(np.concatenate(parts).T)


@pytest.mark.parametrize("kind", ["jack in", "portaudio in"])
def test_what_is_played_is_heard_sample_for_sample(server, kind):
    sound = noise(1.0)
    name = "ear" if kind == "jack in" else "player"
    with player(sound) as (client, begin), contextlib.closing(DeviceSource(kind, name)) as source:
        assert source.sample_rate == RATE
        if kind == "jack in":
            for number in (1, 2):
                client.connect(f"player:out_{number}", f"ear:in_{number}")
        assert until(lambda: len(source.read(0.02)))
        begin()
        assert np.array_equal(hear(source, sound.shape[1]), sound)
        assert source.trouble == ""


def test_one_channel_can_be_chosen(server):
    sound = noise(0.5)
    with player(sound) as (client, begin):
        source = DeviceSource("jack in", "ear", (2,))
        assert source.channels == 1
        client.connect("player:out_2", "ear:in_2")
        begin()
        assert np.array_equal(hear(source, sound.shape[1]), sound[1:])
        source.close()


def test_when_the_server_dies_there_is_silence_until_it_is_back(server, monkeypatch):
    monkeypatch.setattr("simba_live.audio.input.RETRY_SECONDS", 0.3)
    told = []
    heard = Input("jack", notify=told.append)
    assert (heard.name, heard.lost) == ("jack:simba-ear", "")
    assert until(lambda: len(heard.read(0.02)[0]))
    server.kill()
    assert until(lambda: heard.read(0.02) and heard.lost)
    assert told[0].startswith("jack:simba-ear is lost (")
    assert until(lambda: len(heard.read(0.02)[0]))
    server.start()
    assert until(lambda: heard.read(0.02) and not heard.lost)
    assert told[1:] == ["jack:simba-ear is back"]
    heard.close()


def test_an_input_that_is_not_there_names_those_there_are(server):
    with pytest.raises(OptionError, match=r"no audio input 'Scarlett'.*system") as caught:
        Input("Scarlett")
    assert "\n" not in str(caught.value)
    with pytest.raises(OptionError, match="input channel 9 is not there: system has 2"):
        Input("system", (9,))
