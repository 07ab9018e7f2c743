import resource
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile

from simba_live.audio import AudioWriter, Recorder
from simba_live.errors import AudioFileError

RATE = 24000
FRAME = 480


def noise(frames=50, channels=1, seed=0):
    shape = (channels, frames * FRAME)
    return np.random.default_rng(seed).uniform(-1.1, 1.1, shape).astype(np.float32)


def record(recorder, audio):
    for start in range(0, audio.shape[1], FRAME):
        recorder.write(audio[:, start : start + FRAME])
    recorder.close()


def samples(path):
    return soundfile.read(path, dtype="int16", always_2d=True)[0]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_a_recording_has_the_samples_that_a_file_would_have(tmp_path, extension, channels):
    audio = noise(channels=channels)
    record(recorder := Recorder(tmp_path / f"take.{extension}", RATE, channels), audio)
    with AudioWriter(tmp_path / f"file.{extension}", RATE, channels) as writer:
        writer.write(audio)
    assert recorder.path == tmp_path / f"take.{extension}"
    assert recorder.seconds == 1.0
    assert soundfile.info(recorder.path).samplerate == RATE
    assert np.array_equal(samples(recorder.path), samples(tmp_path / f"file.{extension}"))


def test_blocks_may_be_written_over_afterwards(tmp_path):
    block = np.full((1, FRAME), 0.5, np.float32)
    recorder = Recorder(tmp_path / "take.wav", RATE, 1)
    recorder.write(block)
    block[:] = 0.0
    recorder.close()
    assert (samples(recorder.path) == 16384).all()


def test_an_older_take_is_left_alone_unless_it_is_to_be_replaced(tmp_path):
    for name in ("take.wav", "take-2.wav"):
        (tmp_path / name).write_bytes(b"older")
    record(recorder := Recorder(tmp_path / "take.wav", RATE, 1), noise())
    assert recorder.path == tmp_path / "take-3.wav"
    assert (tmp_path / "take.wav").read_bytes() == b"older"
    record(recorder := Recorder(tmp_path / "take.wav", RATE, 1, replace=True), noise())
    assert len(samples(tmp_path / "take.wav")) == 50 * FRAME


def test_a_full_file_goes_on_in_another(tmp_path):
    audio = noise(channels=2)
    record(Recorder(tmp_path / "take.wav", RATE, 2, max_bytes=44 + 4 * 10_001 + 3), audio)
    parts = [samples(tmp_path / name) for name in ("take.wav", "take-2.wav", "take-3.wav")]
    assert [len(part) for part in parts] == [10_001, 10_001, 24_000 - 20_002]
    whole = np.clip(np.rint(audio.T * np.float32(32768)), -32768, 32767)
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_wav_is_whole_while_it_grows(tmp_path):
    recorder = Recorder(tmp_path / "take.wav", RATE, 1)
    assert len(samples(recorder.path)) == 0
    recorder.write(noise())
    until = time.monotonic() + 1.0
    while len(samples(recorder.path)) < 50 * FRAME and time.monotonic() < until:
        time.sleep(0.02)
    assert len(samples(recorder.path)) == 50 * FRAME
    recorder.close()


KILLED = """
import sys, time
import numpy as np
from simba_live.audio import Recorder
recorder = Recorder(sys.argv[1], 24000, 1)
for second in range(1000):
    for frame in range(50):
        recorder.write(np.full((1, 480), (50 * second + frame) / 32768, np.float32))
        time.sleep(0.02)
    print(50 * (second + 1), flush=True)
"""


def test_after_kill_9_all_but_the_last_second_is_there(tmp_path):
    path = tmp_path / "take.wav"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "50\n"
        assert process.stdout.readline() == "100\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    recorded = samples(path)[:, 0]
    assert len(recorded) >= 50 * FRAME
    assert len(recorded) % FRAME == 0
    assert np.array_equal(recorded, np.repeat(np.arange(len(recorded) // FRAME), FRAME))


@pytest.fixture
def small_disk():
    """A limit on file size fails writes as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_001, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_a_full_disk_keeps_what_is_there_and_is_told_once(tmp_path, small_disk, extension):
    told = []
    audio = noise(100)
    recorder = Recorder(tmp_path / f"take.{extension}", RATE, 1, told.append)
    for start in range(0, audio.shape[1], FRAME):
        recorder.write(audio[:, start : start + FRAME])
        if start == 40 * FRAME:
            time.sleep(0.4)
    recorder.close()
    recorder.write(audio)
    assert len(told) == 1
    assert f"take.{extension} ends early (" in told[0]
    assert "\n" not in told[0]
    if extension == "wav":
        kept = samples(recorder.path)
        assert recorder.path.stat().st_size == 44 + 2 * len(kept)
        assert len(kept) == (20_001 - 44) // 2
        assert np.array_equal(kept[:, 0], np.clip(np.rint(audio[0] * 32768), -32768, 32767)[: len(kept)])


def test_a_disk_that_hangs_never_holds_up_the_music(tmp_path, monkeypatch):
    hanging = threading.Event()
    monkeypatch.setattr("simba_live.audio.record.QUEUE_BLOCKS", 100)
    monkeypatch.setattr("simba_live.audio.growing.GrowingWav.write", lambda self, data: hanging.wait())
    told = []
    recorder = Recorder(tmp_path / "take.wav", RATE, 1, told.append)
    recorder.write(np.zeros((1, FRAME), np.float32))
    time.sleep(0.4)
    beginning = time.monotonic()
    for _ in range(1000):
        recorder.write(np.zeros((1, FRAME), np.float32))
    assert time.monotonic() - beginning < 0.5
    assert recorder.seconds <= 2.1
    hanging.set()
    recorder.close()
    assert len(told) == 1
    assert "the disk is too slow" in told[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("take.mp3", "use .wav or .flac"),
        ("absent/take.wav", "cannot be written"),
        ("absent/take.flac", "cannot be written"),
        ("/proc/take.wav", "cannot be written"),
        ("n" * 300 + ".wav", "cannot be written"),
    ],
)
def test_an_unusable_place_is_told_in_one_line(tmp_path, name, words):
    with pytest.raises(AudioFileError, match=words) as caught:
        Recorder(tmp_path / name, RATE, 1)
    assert "\n" not in str(caught.value)
    with pytest.raises(AudioFileError, match=words):
        Recorder(tmp_path / name, RATE, 1, replace=True)
