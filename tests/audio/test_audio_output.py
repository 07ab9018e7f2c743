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


def noise(frames, channels=1):
    shape = (channels, frames * FRAME)
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


def feed(output, audio):
    for start in range(0, audio.shape[1], FRAME):
        assert output.wait(2.0)
        output.write(audio[:, start : start + FRAME])


class HandSink:
    """A sink whose device is the test."""

    def __init__(self, sample_rate=RATE, channels=1, block_seconds=0.005):
        self.name = "hand"
        self.sample_rate, self.channels, self.block_seconds = sample_rate, channels, block_seconds
        self.failed = ""
        self.closed = False
        self.ring = Ring(channels, sample_rate)

    def start(self):
        pass

    def close(self):
        self.closed = True

    def take(self, frames):
        out = np.full((frames, self.channels), 7.0, np.float32)
        return out, self.ring.fill(out)


def line_to(sink, channels=1, latency=0.04):
    return Line(sink, RATE, channels, latency, FRAME / RATE)


def test_the_null_sink_keeps_time():
    # A deeper ring than usual: other tests and programs may keep this thread waiting.
    output = Output("null", RATE, 1, latency_seconds=0.2)
    beginning = time.monotonic()
    feed(output, noise(100))
    lasted = time.monotonic() - beginning
    output.close()
    assert 1.75 <= lasted <= 2.05
    assert output.underruns == 0
    assert (output.sink, output.lost) == ("null", "")
    assert output.queued_seconds == 0.0


def test_no_more_waits_than_the_latency():
    output = Output("null", RATE, 1, latency_seconds=0.1)
    assert output.latency_seconds == pytest.approx(0.1)
    deepest = 0.0
    for _ in range(50):
        assert output.wait(2.0)
        output.write(noise(1))
        deepest = max(deepest, output.queued_seconds)
    output.close(drain=False)
    assert 0.08 < deepest <= 0.1


def test_waiting_ends_when_time_is_up_and_soon_after_room():
    sink = HandSink(block_seconds=0.025)
    output = Output("null", RATE, 1)
    output._change(output._begin(sink)).sink.close()
    while output.wait(0.0):
        output.write(noise(1))
    beginning = time.monotonic()
    assert not output.wait(0.1)
    assert 0.1 <= time.monotonic() - beginning < 0.15
    waited = []

    def take():
        time.sleep(0.05)
        waited.append(time.monotonic())
        sink.take(round(0.025 * RATE))

    device = threading.Thread(target=take)
    device.start()
    assert output.wait(2.0)
    assert time.monotonic() - waited[0] < 0.01
    device.join()
    output.close(drain=False)
    assert sink.closed


@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_a_file_gets_exactly_what_was_written(tmp_path, extension):
    path = tmp_path / f"out.{extension}"
    path.write_bytes(b"older")
    audio = noise(50, channels=2)
    output = Output(f"file:{path}", RATE, 2, latency_seconds=0.2)
    time.sleep(0.1)
    feed(output, audio[:, : 20 * FRAME])
    time.sleep(0.5)
    feed(output, audio[:, 20 * FRAME :])
    output.close()
    assert output.underruns == 1
    recorded, rate = soundfile.read(path, dtype="int16")
    assert rate == RATE
    assert np.array_equal(recorded, np.rint(audio.T * np.float32(32767)).astype(np.int16))


@pytest.mark.parametrize("seed", range(3))
def test_any_bites_give_the_same_samples(seed):
    audio = noise(200, channels=2)
    sizes = np.random.default_rng(seed)
    sink = HandSink(channels=2, block_seconds=0.03)
    line = line_to(sink, channels=2)
    heard, frame = [], 0
    while frame < 200 or line.queued_seconds:
        while not line.patience and frame < 200:
            line.write(audio[:, frame * FRAME : (frame + 1) * FRAME])
            frame += 1
        if frame == 200:
            line.end()
        out, music = sink.take(sizes.integers(1, round(0.03 * RATE)))
        heard.append(out[:music])
    assert np.array_equal(np.concatenate(heard).T, audio)
    assert sink.ring.underruns == 0


@pytest.mark.parametrize(("channels", "wanted"), [(1, 2), (2, 1), (2, 2), (1, 1)])
def test_channels_are_spread_or_averaged(channels, wanted):
    sink = HandSink(channels=wanted)
    line = line_to(sink, channels)
    audio = noise(2, channels)
    line.write(audio)
    out, music = sink.take(2 * FRAME)
    assert music == 2 * FRAME
    expected = audio if channels == wanted else np.repeat(audio.mean(axis=0, keepdims=True), wanted, axis=0)
    assert np.array_equal(out.T, expected)


def test_running_dry_is_counted_once_until_the_ring_has_filled_again():
    sink = HandSink()
    line = line_to(sink)
    assert sink.take(FRAME)[1] == 0
    line.write(noise(1))
    out, music = sink.take(FRAME)
    assert music == 0, "music began with less in the ring than is meant to wait there"
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
    line.end()
    assert sink.take(3 * FRAME)[1] == 2 * FRAME
    assert sink.ring.underruns == 1


def test_a_device_with_large_bites_gets_a_deeper_ring():
    line = line_to(HandSink(block_seconds=0.1))
    assert line.target_seconds == pytest.approx(0.125)
    assert line_to(HandSink(block_seconds=0.01)).target_seconds == 0.04


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_another_rate_holds_back_ten_milliseconds_and_keeps_the_signal(rate):
    sink = HandSink(sample_rate=rate, channels=2)
    line = line_to(sink)
    seconds = 1.0
    wave = 0.5 * np.sin(2 * np.pi * 9000 * np.arange(round(RATE * seconds)) / RATE).astype(np.float32)
    heard, frame = [], 0
    while frame < 50 or line.queued_seconds:
        while not line.patience and frame < 50:
            line.write(wave[None, frame * FRAME : (frame + 1) * FRAME])
            assert line.held_seconds == pytest.approx(0.01, abs=1e-4)
            frame += 1
        if frame == 50 and line.held_seconds > 0.001:
            line.end()
            assert line.held_seconds == pytest.approx(0.0, abs=1e-4)
        out, music = sink.take(round(0.005 * rate))
        heard.append(out[:music])
    assert sink.ring.underruns == 0
    result = np.concatenate(heard)
    assert abs(len(result) - rate * seconds) <= 1
    assert np.array_equal(result[:, 0], result[:, 1])
    middle = slice(rate // 10, -rate // 10)
    turns = 2j * np.pi * 9000 * np.arange(len(result))[middle] / rate
    tone = result[middle, 0]
    phasor = 2 * np.mean(tone * np.exp(-turns))
    assert abs(phasor) == pytest.approx(0.5, abs=1e-4)
    assert abs(np.angle(phasor) + np.pi / 2) < 2 * np.pi * 9000 * 1e-5, "it is late by more than 10 us"
    assert np.abs(tone - (phasor * np.exp(turns)).real).max() < 1e-5


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
        if output.wait(0.1):
            output.write(noise(1))


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


@pytest.mark.parametrize("rate", [RATE, 48000])
def test_it_is_known_when_the_next_sample_will_be_heard(monkeypatch, rate):
    """However the device's bites and the feeder's blocks fall, each sample leaves in its own time."""
    clock = SimpleNamespace(
        now=100.0, monotonic=lambda: clock.now, monotonic_ns=lambda: round(clock.now * 1e9)
    )
    monkeypatch.setattr("simba_live.audio.ring.time", clock)
    sink = HandSink(rate)
    sink.device_seconds = 0.5
    line = line_to(sink)
    told = []
    for _ in range(40):
        while not line.patience:
            told.append(line.leaves_at - len(told) * FRAME / RATE)
            line.write(noise(1))
        sink.take(rate // 200)
        clock.now += 0.005
        # A sample that the device is to take next waits for its next call, and then for the device itself.
        next_call = clock.now + 0.5
        assert line.leaves_at == pytest.approx(next_call + line.queued_seconds + line.held_seconds)
    assert len(told) >= 10
    assert np.ptp(told[4:]) < 1e-6
