"""PortAudio's JACK back end and our own JACK client on a real JACK server without a card."""

import contextlib
import ctypes.util
import importlib.util
import shutil
import threading
import time

import numpy as np
import pytest
import soxr

from simba_live.audio import Output
from simba_live.audio.device import DeviceSink, JackSink
from simba_live.audio.sinks import NullSink
from simba_live.errors import OptionError
from tests.audio.jack_parts import RATE, SERVER_NAME, Server, alone, between_silence, recorder
from tests.waiting import until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs jackd: apt install jackd2"),
    pytest.mark.skipif(not importlib.util.find_spec("jack"), reason="needs pip install JACK-Client"),
    pytest.mark.skipif(not ctypes.util.find_library("jack"), reason="needs libjack"),
    pytest.mark.skipif(not ctypes.util.find_library("portaudio"), reason="needs apt install libportaudio2"),
]

SPECS = {"portaudio": "rec", "jack": "jack:simba"}


@pytest.fixture
def own_server_name(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", SERVER_NAME)
    with alone():
        yield


@pytest.fixture
def server(own_server_name, request):
    server = Server(getattr(request, "param", 1024))
    yield server
    server.stop()


@contextlib.contextmanager
def recorded_output(kind, client, *arguments, **settings):
    """An output whose sound reaches the recorder: PortAudio connects by itself, for JACK we do."""
    output = Output(SPECS[kind], *arguments, **settings)
    if kind == "jack":
        for number in (1, 2):
            client.connect(f"simba:out_{number}", f"rec:in_{number}")
    try:
        yield output
    finally:
        output.close()
        time.sleep(0.2)


def feed(output, audio, frame):
    """Write a frame whenever less than a fifth of a second is left."""
    for start in range(0, audio.shape[1], frame):
        assert output.wait(start - 10 * frame, 2.0)
        output.write(audio[:, start : start + frame])
    assert output.wait(audio.shape[1] - 1, 2.0)


def noise(channels, seconds, rate):
    shape = (channels, round(seconds * rate))
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


@pytest.mark.parametrize("server", [256, 1024], indirect=True)
@pytest.mark.parametrize("kind", SPECS)
def test_what_is_written_arrives_sample_for_sample(server, kind):
    audio = noise(2, 2.0, RATE)
    with recorder() as (client, heard):
        with recorded_output(kind, client, RATE, 2) as output:
            feed(output, audio, 960)
        assert np.array_equal(between_silence(heard()), audio)
    assert output.underruns == 0


@pytest.mark.parametrize("kind", SPECS)
def test_mono_at_the_models_rate_arrives_resampled_on_both_channels(server, kind):
    audio = noise(1, 1.5, 24000)
    resampler = soxr.ResampleStream(24000, RATE, 1, vr=True)
    silence = np.zeros((2400, 1), np.float32)
    expected = between_silence(resampler.resample_chunk(np.concatenate([silence, audio.T, silence])).T)[0]
    with recorder() as (client, heard):
        with recorded_output(kind, client, 24000, 1) as output:
            feed(output, audio, 480)
        left, right = between_silence(heard())
    assert output.underruns == 0
    assert np.array_equal(left, right)
    # Of the filter's ringing before the music only that is heard which a device asks for.
    assert len(audio[0]) * 2 <= len(left) <= len(expected)
    assert np.array_equal(left, expected[-len(left) :])


def test_a_busy_interpreter_does_not_starve_the_device(server):
    audio = noise(2, 4.0, RATE)
    over = threading.Event()

    def hog():
        while not over.is_set():
            pass

    with recorder() as (client, heard):
        with recorded_output("portaudio", client, RATE, 2) as output:
            thread = threading.Thread(target=hog)
            thread.start()
            try:
                feed(output, audio, 960)
            finally:
                over.set()
                thread.join()
        assert output.underruns == 0
        assert np.array_equal(between_silence(heard()), audio)


@contextlib.contextmanager
def playing(output):
    """Silence in frames of 20 ms, fed by a thread; gives the times at which frames were written."""
    over, written = threading.Event(), []

    def feeder():
        while not over.is_set():
            if output.wait(output.end - 4800, 0.1):
                output.write(np.zeros((1, 480), np.float32))
                written.append(time.monotonic())

    thread = threading.Thread(target=feeder)
    thread.start()
    try:
        yield written
    finally:
        over.set()
        thread.join()
        output.close()


@pytest.mark.parametrize(("spec", "name"), [("system", "system"), ("jack", "jack:simba-live")])
def test_when_the_server_dies_the_music_goes_on_and_returns_to_it(server, spec, name, monkeypatch):
    monkeypatch.setattr("simba_live.audio.output.RETRY_SECONDS", 0.3)
    told = []
    output = Output(spec, 24000, 1, notify=lambda *news: told.append(news))
    with playing(output) as written:
        time.sleep(0.5)
        assert (output.sink, output.lost, told) == (name, "", [])
        server.kill()
        died = time.monotonic()
        assert until(lambda: told)
        assert time.monotonic() - died < 0.5
        assert told[0][0] == "sink"
        assert f"{name} is lost" in told[0][1]
        assert output.lost
        time.sleep(1.0)
        assert isinstance(output._line.sink, NullSink)
        server.start()
        assert until(lambda: len(told) == 2)
        assert told[1] == ("sink", f"{name} is back")
        assert (output.sink, output.lost) == (name, "")
        time.sleep(0.5)
        assert output._line.sink.ring.asked_at > time.monotonic() - 0.2
        assert not isinstance(output._line.sink, NullSink)
    assert np.diff(written).max() < 0.5, "the music stood still"


def test_an_unknown_device_names_those_there_are(server):
    with pytest.raises(OptionError, match=r"no audio output 'Scarlett'.*system") as caught:
        DeviceSink("Scarlett", 24000, 1)
    assert "\n" not in str(caught.value)


def test_without_a_server_that_is_one_line(own_server_name):
    with pytest.raises(OptionError, match="there is no JACK server") as caught:
        JackSink("simba", 24000, 1)
    assert "\n" not in str(caught.value)
