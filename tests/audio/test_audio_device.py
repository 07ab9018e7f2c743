"""Devices in their own process, with a clock for a sound system."""

import os
import signal
import subprocess
import threading
import time

import numpy as np
import pytest

from simba_live.audio import Output
from simba_live.audio.device import DeviceSink
from simba_live.audio.sinks import NullSink
from simba_live.errors import DeviceError, MissingDependencyError, OptionError
from tests.audio.jack_parts import between_silence
from tests.waiting import until

CLOCK = """
import sys, threading
from pathlib import Path
import numpy as np
from simba_live.audio import host
from simba_live.errors import DeviceError, OptionError

class Clock:
    def __init__(self, spec):
        print("noise of a library")
        if spec == "unknown":
            raise OptionError("there is no audio output 'unknown'")
        if spec == "busy":
            raise DeviceError("busy is busy")
        if spec == "broken":
            raise ZeroDivisionError("two\\nlines")
        self.facts = {"name": spec, "sample_rate": 48000, "channels": 2, "block_frames": 480}
        self.file, self.closing = Path(spec), threading.Event()
        if self.trouble():
            raise DeviceError("it is not there")

    def play(self, fill):
        def run():
            room = np.zeros((480, 2), np.float32)
            with self.file.open("ab") as file:
                while not self.closing.wait(0.01):
                    fill(room)
                    file.write(room.tobytes())
        self.thread = threading.Thread(target=run)
        self.thread.start()

    def trouble(self):
        return "it was unplugged" if self.file.with_suffix(".unplug").exists() else ""

    def close(self):
        self.closing.set()
        self.thread.join()

host.PLAYERS["portaudio"] = Clock
host.main(*sys.argv[3:])
"""


@pytest.fixture
def clock(monkeypatch):
    """Puts a clock into the place of PortAudio; it writes what it plays to the file that it is named by."""
    popen = subprocess.Popen
    monkeypatch.setattr(
        "simba_live.audio.device.subprocess.Popen",
        lambda command, **settings: popen([command[0], "-c", CLOCK, *command[1:]], **settings),
    )
    monkeypatch.setattr("simba_live.audio.output.RETRY_SECONDS", 0.1)


def noise(channels, seconds, rate=48000):
    shape = (channels, round(seconds * rate))
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


def test_the_other_process_plays_what_is_written(clock, tmp_path):
    audio = noise(2, 1.0)
    output = Output(str(tmp_path / "device"), 48000, 2)
    output.write(audio)
    assert output.wait(audio.shape[1] - 1, 5.0)
    output.close()
    played = np.fromfile(tmp_path / "device", np.float32).reshape(-1, 2).T
    assert output.underruns == 0
    assert np.array_equal(between_silence(played), audio)


def test_what_was_written_can_be_changed_until_the_other_process_comes_for_it(clock, tmp_path):
    audio, other = noise(2, 1.0), noise(2, 0.5)[:, ::-1]
    output = Output(str(tmp_path / "device"), 48000, 2)
    output.write(audio)
    assert output.wait(24000, 5.0)
    assert not output.rewrite(20000, other)
    assert output.rewrite(40000, other)
    assert output.wait(output.end - 1, 5.0)
    output.close()
    played = np.fromfile(tmp_path / "device", np.float32).reshape(-1, 2).T
    assert output.underruns == 0
    assert np.array_equal(between_silence(played), np.concatenate([audio[:, :40000], other], 1))


def test_running_dry_is_seen_on_this_side(clock, tmp_path):
    output = Output(str(tmp_path / "device"), 48000, 2)
    output.write(noise(2, 0.2))
    assert until(lambda: output.underruns == 1)
    assert output.queued_seconds == 0.0
    output.close()


@pytest.fixture
def playing(clock, tmp_path):
    """An output that plays silence, and what it has told."""
    told, over = [], threading.Event()
    output = Output(str(tmp_path / "device"), 24000, 1, notify=lambda kind, text: told.append(text))

    def feeder():
        while not over.is_set():
            if output.end - output.fixed < 4800:
                output.write(np.zeros((1, 480), np.float32))
            time.sleep(0.005)

    thread = threading.Thread(target=feeder)
    thread.start()
    time.sleep(0.2)
    yield output, told
    over.set()
    thread.join()
    output.close()


def test_a_device_that_goes_is_replaced_until_it_is_back(playing, tmp_path):
    output, told = playing
    (tmp_path / "device.unplug").touch()
    assert until(lambda: told)
    assert "is lost (it was unplugged)" in told[0]
    (tmp_path / "device.unplug").unlink()
    assert until(lambda: len(told) == 2)
    assert told[1] == f"{output.sink} is back"
    assert not isinstance(output._line.sink, NullSink)


def test_a_device_whose_process_ends_comes_back(playing):
    output, told = playing
    output._line.sink._process.kill()
    assert until(lambda: len(told) == 2)
    assert "its process ended" in told[0]
    assert told[1].endswith("is back")


def test_a_device_that_hangs_is_left_behind(playing):
    output, told = playing
    sink = output._line.sink
    os.kill(sink._process.pid, signal.SIGSTOP)
    assert until(lambda: told)
    assert "has not asked for samples for 1" in told[0]
    assert until(lambda: sink._process.returncode == -signal.SIGKILL)


def test_ctrl_c_leaves_the_device_playing(playing):
    output, told = playing
    process = output._line.sink._process
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process.pid, number)
    time.sleep(0.2)
    assert (process.poll(), told) == (None, [])


def test_the_process_ends_with_ours(clock, tmp_path):
    sink = DeviceSink(str(tmp_path / "device"), 24000, 1)
    assert (sink.sample_rate, sink.channels, sink.name) == (48000, 2, str(tmp_path / "device"))
    assert (sink.ring.channels, sink.device_seconds) == (1, 0.01)
    sink._process.stdin.close()
    assert sink._process.wait(2.0) == 0
    sink.close()


@pytest.mark.parametrize(
    ("spec", "failure", "words"),
    [
        ("unknown", OptionError, "there is no audio output"),
        ("busy", DeviceError, "busy is busy"),
        ("broken", DeviceError, "two lines"),
    ],
)
def test_what_cannot_be_opened_says_why_in_one_line(clock, spec, failure, words):
    with pytest.raises(failure, match=words) as caught:
        DeviceSink(spec, 24000, 1)
    assert "\n" not in str(caught.value)


NO_LIBRARY = """
import sys
sys.modules["sounddevice"] = sys.modules["jack"] = None
import runpy
sys.argv = sys.argv[1:]
runpy.run_module("simba_live.audio.host", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("spec", "words"), [("default", "PortAudio cannot be used"), ("jack", "JACK needs the package")]
)
def test_a_missing_library_ends_the_beginning_in_one_line(monkeypatch, spec, words):
    def without_libraries(command, **settings):
        assert command[1:3] == ["-m", "simba_live.audio.host"]
        return popen([command[0], "-c", NO_LIBRARY, *command[2:]], **settings)

    popen = subprocess.Popen
    monkeypatch.setattr("simba_live.audio.device.subprocess.Popen", without_libraries)
    with pytest.raises(MissingDependencyError, match=words) as caught:
        Output(spec, 24000, 1)
    assert "\n" not in str(caught.value)


def test_a_process_that_says_nothing_is_given_up(monkeypatch):
    popen = subprocess.Popen
    idle = "import sys; sys.stdin.read()"
    monkeypatch.setattr(
        "simba_live.audio.device.subprocess.Popen",
        lambda command, **settings: popen([command[0], "-c", idle], **settings),
    )
    monkeypatch.setattr("simba_live.audio.device.OPEN_SECONDS", 0.2)
    output = Output("default", 24000, 1)
    assert "default does not answer" in output.lost
    output.close()
