import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from simba_live.audio import Output
from simba_live.audio.choice import open_sink
from simba_live.audio.line import Line
from simba_live.audio.ring import Ring
from simba_live.audio.sinks import NullSink
from simba_live.errors import AudioFileError, DeviceError, OptionError
from tests.waiting import until

RATE = 24000
FRAME = 480


def noise(frames, channels=1, seed=0):
    shape = (channels, frames * FRAME)
    return np.random.default_rng(seed).uniform(-0.5, 0.5, shape).astype(np.float32)


class HandSink:
    """A sink whose device is the test."""

    def __init__(self, channels=1, block_seconds=0.005):
        self.name = "hand"
        self.block_seconds, self.device_seconds = block_seconds, 0.0
        self.failed = ""
        self.closed = False
        self.ring = Ring(channels, RATE)

    def start(self):
        pass

    def close(self):
        self.closed = True

    def take(self, samples):
        out = np.full((samples, self.ring.channels), 7.0, np.float32)
        return out, self.ring.fill(out)


def line_to(sink, latency=0.0):
    return Line(sink, RATE, latency)


def test_the_null_sink_keeps_time():
    output = Output("null", RATE, 1)
    beginning = time.monotonic()
    output.write(noise(100))
    assert output.wait(100 * FRAME - 1, 5.0)
    output.close()
    lasted = time.monotonic() - beginning
    assert 1.95 <= lasted <= 2.1
    assert output.underruns == 0
    assert (output.sink, output.lost) == ("null", "")
    assert output.queued_seconds == 0.0


@pytest.mark.parametrize(("latency", "block", "left_alone"), [(0.1, 0.005, 0.1), (0.02, 0.05, 0.055)])
def test_what_the_sink_is_about_to_come_for_is_left_alone(latency, block, left_alone):
    sink = HandSink(block_seconds=block)
    line = line_to(sink, latency)
    assert line.latency_seconds == pytest.approx(left_alone)
    audio = noise(20)
    line.write(audio)
    sink.take(3 * FRAME)
    fixed = 3 * FRAME + round(left_alone * RATE)
    assert (line.position, line.fixed, line.end) == (3 * FRAME, fixed, 20 * FRAME)
    assert not line.rewrite(fixed - 1, noise(1, seed=1))
    assert not line.rewrite(21 * FRAME, noise(1, seed=1))
    assert line.end == 20 * FRAME
    other = noise(2, seed=1)
    assert line.rewrite(fixed, other)
    assert line.end == fixed + 2 * FRAME
    line.finish()
    out, music = sink.take(20 * FRAME)
    assert np.array_equal(out[:music, 0], np.concatenate([audio[0, 3 * FRAME : fixed], other[0]]))


def test_waiting_ends_when_time_is_up_and_soon_after_the_sink_has_come():
    sink = HandSink(block_seconds=0.025)
    output = Output("null", RATE, 1)
    output.write(noise(10))
    output._change(output._begin(sink)).sink.close()
    position = output.fixed
    beginning = time.monotonic()
    assert output.wait(position - 1, 0.1)
    assert time.monotonic() - beginning < 0.01
    assert not output.wait(position, 0.1)
    assert 0.1 <= time.monotonic() - beginning < 0.15
    waited = []

    def take():
        time.sleep(0.05)
        waited.append(time.monotonic())
        sink.take(round(0.025 * RATE))

    device = threading.Thread(target=take)
    device.start()
    assert output.wait(position, 2.0)
    assert time.monotonic() - waited[0] < 0.01
    device.join()
    output.close(drain=False)
    assert sink.closed


@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_a_file_gets_exactly_what_was_written(tmp_path, extension):
    path = tmp_path / f"out.{extension}"
    path.write_bytes(b"older")
    audio = noise(50, channels=2)
    output = Output(f"file:{path}", RATE, 2)
    time.sleep(0.1)
    output.write(audio[:, : 20 * FRAME])
    time.sleep(0.9)
    output.write(audio[:, 20 * FRAME :])
    output.close()
    assert output.underruns == 1
    recorded, rate = soundfile.read(path, dtype="int16")
    assert rate == RATE
    assert np.array_equal(recorded, np.rint(audio.T * np.float32(32768)).astype(np.int16))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_bites_and_changes_what_was_meant_is_heard(seed):
    """A plan that is changed at any moment, anywhere it still can be, and taken in bites of any size."""
    dice = np.random.default_rng(seed)
    sink = HandSink(channels=2, block_seconds=0.03)
    line = line_to(sink)
    meant, heard, changes = noise(10, 2), [], 0
    line.write(meant)
    while line.end < 400 * FRAME:
        more = noise(dice.integers(1, 5), 2, seed=dice.integers(1000))
        if dice.random() < 0.5 and line.fixed < line.end:
            position = int(dice.integers(line.fixed, line.end))
            assert line.rewrite(position, more)
            meant = np.concatenate([meant[:, :position], more], 1)
            changes += 1
        else:
            line.write(more)
            meant = np.concatenate([meant, more], 1)
        while line.queued_seconds > 0.2:
            out, music = sink.take(dice.integers(1, round(0.03 * RATE)))
            heard.append(out[:music])
    line.finish()
    out, music = sink.take(RATE)
    heard.append(out[:music])
    assert np.array_equal(np.concatenate(heard).T, meant)
    assert changes > 20
    assert sink.ring.underruns == 0


def test_running_dry_is_counted_once_until_the_ring_has_filled_again():
    sink = HandSink(block_seconds=0.015)
    line = line_to(sink)
    assert sink.take(FRAME)[1] == 0
    line.write(noise(1))
    out, music = sink.take(FRAME)
    assert music == 0, "music began with less in the ring than the sink may take before more comes"
    assert not out.any()
    line.write(noise(1))
    assert sink.take(2 * FRAME)[1] == 2 * FRAME
    assert sink.ring.underruns == 0
    out, music = sink.take(FRAME)
    assert (music, sink.ring.underruns) == (0, 1)
    assert not out.any()
    sink.take(FRAME)
    assert sink.ring.underruns == 1
    line.write(noise(2))
    line.finish()
    assert sink.take(3 * FRAME)[1] == 2 * FRAME
    assert sink.ring.underruns == 1


def test_another_sink_plays_on_from_where_the_one_before_was():
    first, second = HandSink(), HandSink()
    output = Output("null", RATE, 1)
    output._change(output._begin(first)).sink.close()
    audio = noise(50)
    output.write(audio)
    heard = [first.take(1000)[0] for _ in range(5)]
    fixed, end = output.fixed, output.end
    output._change(output._begin(second))
    assert (output.fixed, output.end) == (fixed, end)
    assert output.rewrite(40 * FRAME, audio[:, 40 * FRAME :])
    heard += [second.take(1000)[0] for _ in range(19)]
    assert np.array_equal(np.concatenate(heard)[:, 0], audio[0])
    output.close(drain=False)


class BreakingSink(NullSink):
    """A device that works until it is told not to."""

    present = True
    made = 0

    def __init__(self, spec, sample_rate, channels):
        super().__init__(sample_rate, channels)
        self.name = "Scarlett 2i2"
        type(self).made += 1
        if not type(self).present:
            raise DeviceError(f"{spec} is busy")
        type(self).last = self


@pytest.fixture
def breaking(monkeypatch):
    class Device(BreakingSink):
        pass

    monkeypatch.setattr("simba_live.audio.output.open_sink", Device)
    monkeypatch.setattr("simba_live.audio.output.RETRY_SECONDS", 0.1)
    return Device


def keep_feeding(output, over):
    while not over.is_set():
        if output.end - output.fixed < 10 * FRAME:
            output.write(noise(1))
        else:
            time.sleep(0.005)


@pytest.fixture
def playing():
    """A function that feeds an output in a thread of its own, until the test ends."""
    over, threads, outputs = threading.Event(), [], []

    def begin(output):
        threads.append(threading.Thread(target=keep_feeding, args=(output, over)))
        outputs.append(output)
        threads[-1].start()
        return output

    yield begin
    over.set()
    for thread in threads:
        thread.join()
    for output in outputs:
        output.close()


def test_a_device_that_goes_is_replaced_at_once_and_comes_back(breaking, playing):
    told = []
    output = playing(Output("default", RATE, 1, notify=lambda *news: told.append(news)))
    assert (output.sink, output.lost) == ("Scarlett 2i2", "")
    breaking.present = False
    breaking.last.failed = "it was unplugged"
    assert until(lambda: output.lost)
    assert until(lambda: len(told) == 1)
    assert told[0][0] == "sink"
    assert "Scarlett 2i2 is lost (it was unplugged)" in told[0][1]
    first = output._line
    assert isinstance(first.sink, NullSink)
    assert output.sink == "Scarlett 2i2"
    assert until(lambda: breaking.made >= 3), "it was looked for only once"
    assert len(told) == 1
    breaking.present = True
    assert until(lambda: not output.lost)
    assert until(lambda: len(told) == 2)
    assert told[1] == ("sink", "Scarlett 2i2 is back")
    assert output._line.sink is breaking.last
    assert first.sink.ring.underruns == 0


def test_a_device_that_stalls_is_replaced(breaking, playing, monkeypatch):
    monkeypatch.setattr("simba_live.audio.line.STALL_SECONDS", 0.3)
    output = playing(Output("default", RATE, 1))
    assert not until(lambda: output.lost, 0.5)
    breaking.present = False
    breaking.last._closing.set()
    assert until(lambda: output.lost)
    assert "has not asked for samples for 0.3 s" in output.lost


def test_a_device_that_is_busy_at_first_is_waited_for(breaking, playing):
    breaking.present = False
    told = []
    output = playing(Output("Scarlett", RATE, 1, notify=lambda *news: told.append(news)))
    assert output.sink == "Scarlett"
    assert "busy" in output.lost
    assert until(lambda: told)
    breaking.present = True
    assert until(lambda: not output.lost)
    assert output.sink == "Scarlett 2i2"


def test_a_full_disk_ends_the_file_and_not_the_music(tmp_path, playing):
    told = []
    path = tmp_path / "out.wav"
    output = playing(Output(f"file:{path}", RATE, 1, notify=lambda *news: told.append(news[1])))
    output._line.sink.failed = "the disk is full"
    assert until(lambda: told)
    assert told == [f"file:{path} is lost (the disk is full): the music goes on unheard"]


@pytest.mark.parametrize(
    ("spec", "failure", "words"),
    [
        ("file:", OptionError, "names no file"),
        ("file:absent/out.wav", AudioFileError, "cannot be written"),
        ("file:out.mp3", AudioFileError, "use .wav or .flac"),
    ],
)
def test_a_sink_that_makes_no_sense_is_told_in_one_line(tmp_path, monkeypatch, spec, failure, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(failure, match=words) as caught:
        open_sink(spec, RATE, 1)
    assert "\n" not in str(caught.value)
    with pytest.raises(failure):
        Output(spec, RATE, 1)


def test_it_is_known_when_a_sample_will_be_heard(monkeypatch):
    """However the device's bites and the blocks fall, each sample leaves in its own time."""
    clock = SimpleNamespace(
        now=100.0, monotonic=lambda: clock.now, monotonic_ns=lambda: round(clock.now * 1e9)
    )
    monkeypatch.setattr("simba_live.audio.ring.time", clock)
    sink = HandSink()
    sink.device_seconds = 0.5
    line = line_to(sink)
    told = []
    line.write(noise(10))
    for _ in range(40):
        if line.queued_seconds < 0.2:
            told.append(line.leaves_at(line.end) - line.end / RATE)
            assert line.leaves_at(line.end - FRAME) == pytest.approx(line.leaves_at(line.end) - FRAME / RATE)
            line.write(noise(1))
        sink.take(RATE // 200)
        clock.now += 0.005
        # A sample that the device is to take next waits for its next call, and then for the device itself.
        next_call = clock.now + 0.5
        assert line.leaves_at(line.position) == pytest.approx(next_call)
        assert line.leaves_at(line.end) == pytest.approx(next_call + line.queued_seconds)
    assert len(told) >= 10
    assert np.ptp(told) < 1e-6
