"""A log plays the very samples that were played."""

import random
import threading
import time
from dataclasses import asdict, replace

import numpy as np
import pytest
import soundfile

from simba_live.audio.files import to_pcm16
from simba_live.audio.level import Fader
from simba_live.audio.record import Recorder
from simba_live.controls import Controls
from simba_live.errors import OptionError
from simba_live.events import Delete, Note, Play, Recall, Save, Set
from simba_live.server.deck import Deck
from simba_live.server.journal import Journal, LogError, read_log
from simba_live.server.plan import Wish
from simba_live.server.replay import replay, span_of
from simba_live.server.runner import Runner
from simba_live.server.shelf import SnapshotError, digest_of, write_scene
from tests.server.stage import FAST, PROMPT, make_performance, some_event, wait_until


@pytest.fixture(scope="module")
def performance():
    return make_performance()


class Way:
    """An output that fixes as many frames as the test says, and keeps all that was written."""

    def __init__(self, frame):
        self.audio = np.zeros((1, 0), np.float32)
        self.frame = frame
        self.wanted = 0
        self._lock = threading.Lock()

    @property
    def end(self):
        return self.audio.shape[1]

    @property
    def fixed(self):
        return self.wanted * self.frame

    @property
    def sounds(self):
        """What was fixed, frame by frame."""
        with self._lock:
            fixed = self.audio[:, : self.fixed]
        return [fixed[:, start : start + self.frame] for start in range(0, fixed.shape[1], self.frame)]

    def leaves_at(self, position):
        return position / 24000

    def wait(self, position, timeout):
        if position >= self.fixed:
            time.sleep(0.001)
        return position < self.fixed

    def write(self, audio):
        with self._lock:
            self.audio = np.concatenate([self.audio, audio], 1)

    def rewrite(self, position, audio):
        with self._lock:
            if position < self.fixed:
                return False
            self.audio = np.concatenate([self.audio[:, :position], audio], 1)
            return True


class Evening:
    """A deck and a runner that log to a file, as the engine process has them."""

    def __init__(self, performance, folder, saved=None, **header):
        self.path = folder / "log.jsonl"
        codec = performance.engine.codec
        header = {
            "model": performance.fingerprint,
            "device": "cpu",
            "checkpoints": [None, None],
            "controls": asdict(FAST),
            "prompt": PROMPT.to_json(),
            "snapshots": {},
        } | header
        self.way = Way(codec.hop_length)
        self.journal = Journal(self.path, header, print)
        self.deck = Deck(self.way, self.journal, codec.sample_rate, lambda planned, turned: None)
        self.runner = Runner(performance, performance.begin(FAST, PROMPT, saved), self.deck, lookahead=0.2)

    def __enter__(self):
        self.runner.start()
        return self

    def __exit__(self, *_error):
        self.runner.close()
        self.deck.close()
        self.journal.close(self.runner.num_frames)

    def do(self, event):
        done = threading.Event()
        if isinstance(event, Set) and event.control in ("gain", "mute"):
            self.deck.turn(Wish(event, done=lambda _frame, _reason: done.set()))
        else:
            self.runner.submit(Wish(event, done=lambda _frame, _reason: done.set()))
        while not done.wait(0.002):
            self.take(1)

    def take(self, frames):
        self.way.wanted += frames
        wait_until(lambda: len(self.way.sounds) >= self.way.wanted)


def played_again(performance, path, snapshots=None, recording=None):
    log = read_log(path)
    return list(replay(log, performance, snapshots or path.parent, span_of(log, recording)))


def assert_same(sounds, again):
    assert len(sounds) == len(again)
    for frame, (one, other) in enumerate(zip(sounds, again, strict=True)):
        assert np.array_equal(one, other), f"frame {frame} of {len(sounds)}"


@pytest.mark.parametrize("seed", range(3))
def test_a_random_performance_is_played_again_bit_for_bit(performance, tmp_path, seed):
    dice = random.Random(seed)
    with Evening(performance, tmp_path) as evening:
        evening.do(Play())
        for _ in range(60):
            event = some_event(dice)
            if dice.random() < 0.3:
                event = dice.choice([Set("gain", dice.uniform(-60, 12)), Set("mute", dice.randint(0, 1))])
            if isinstance(event, Set) and event.control in ("gain", "mute"):
                evening.deck.turn(Wish(event))
            else:
                evening.runner.submit(Wish(event, dice.choice(["now", "now", "beat"])))
            evening.way.wanted += dice.randint(0, 4)
            time.sleep(dice.choice([0.0, 0.004]))
        evening.take(20)
    log = read_log(evening.path)
    assert log.num_frames == len(evening.way.sounds) > 60
    assert len(log.events) > 30
    assert max(np.abs(sound).max() for sound in evening.way.sounds) > 0.01
    assert_same(evening.way.sounds, played_again(performance, evening.path))


def test_of_a_recording_exactly_its_frames_are_rendered(performance, tmp_path):
    told = []
    with Evening(performance, tmp_path) as evening:
        rate = performance.engine.codec.sample_rate
        evening.do(Play())
        evening.take(5)
        for name in ("one", "two"):
            recorder = Recorder(tmp_path / f"{name}.wav", rate, 1)
            evening.deck.start_recording(recorder, lambda frame, why: told.append((frame, why)))
            evening.take(12)
            evening.do(Note(60))
        evening.deck.stop_recording(lambda frame, why: told.append((frame, why)))
        evening.take(3)
        wait_until(lambda: len(told) == 3)
        evening.deck.stop_recording(lambda frame, why: told.append((frame, why)))
        evening.take(1)
    assert told[-1] == (None, "nothing is being recorded")
    log = read_log(evening.path)
    assert [(name, first) for name, first, _ in log.recordings] == [
        ("one.wav", told[0][0]),
        ("two.wav", told[1][0]),
    ]
    assert log.recordings[0][2] == log.recordings[1][1]
    assert log.recordings[1][2] == told[2][0]
    for name in ("one", "two.wav"):
        again = np.concatenate(played_again(performance, evening.path, recording=name), axis=1)
        path = tmp_path / f"{name.removesuffix('.wav')}.wav"
        recorded, _ = soundfile.read(path, dtype="int16", always_2d=True)
        assert np.array_equal(recorded, to_pcm16(again))
    with pytest.raises(OptionError, match=r"no recording 'three': it has one.wav, two.wav"):
        span_of(log, "three")


@pytest.fixture
def earlier(performance, tmp_path):
    """Snapshots from before: names to scenes, with their files, and their digests."""
    folder = tmp_path / "snapshots"
    folder.mkdir()
    moment = performance.apply(Play(), performance.begin(replace(FAST, seed=9), PROMPT))
    scenes, digests = {}, {}
    for name in ("a", "b"):
        for _ in range(25):
            _, moment = performance.advance(moment)
        scenes[name] = moment.scene
        write_scene(folder / f"{name}.safetensors", moment.scene, performance.fingerprint)
        digests[name] = digest_of(folder / f"{name}.safetensors")
    return folder, scenes, digests


def test_snapshots_of_earlier_sessions_are_found_again(performance, tmp_path, earlier):
    folder, scenes, digests = earlier
    with Evening(performance, tmp_path, scenes, snapshots=digests) as evening:
        for event in (Play(), Recall("a"), Save("b"), Recall("b"), Delete("b")):
            evening.do(event)
            evening.take(5)
    sounds = evening.way.sounds
    assert_same(sounds, played_again(performance, evening.path, folder))
    # What this session saved and deleted itself is no longer asked for.
    (folder / "b.safetensors").unlink()
    assert_same(sounds, played_again(performance, evening.path, folder))
    write_scene(folder / "a.safetensors", scenes["b"], performance.fingerprint)
    with pytest.raises(SnapshotError, match=r"a\.safetensors is not what the session recalled"):
        played_again(performance, evening.path, folder)
    (folder / "a.safetensors").unlink()
    with pytest.raises(SnapshotError, match=r"a\.safetensors"):
        played_again(performance, evening.path, folder)


@pytest.mark.parametrize(
    ("header", "told"), [({"model": "f" * 64}, "model ffffffffffff"), ({"device": "cuda"}, "give --device")]
)
def test_a_log_of_another_model_or_device_is_refused(performance, tmp_path, header, told):
    with Evening(performance, tmp_path, **header) as evening:
        evening.take(1)
    with pytest.raises(LogError, match=told):
        played_again(performance, evening.path)


def test_the_level_moves_as_it_did(performance, tmp_path):
    """Gain and mute are the output's, not the music's: the frames they were set on count."""
    with Evening(performance, tmp_path) as evening:
        evening.do(Play())
        evening.take(5)
        sent = len(evening.way.sounds)
        evening.do(Set("gain", -12.0))
        evening.take(3)
        evening.do(Set("mute", 1))
        evening.take(3)
    assert not evening.way.sounds[-1].any()
    frames = {event.control: frame for frame, event in read_log(evening.path).events[1:]}
    assert sent <= frames["gain"] <= sent + 3, "the plan, ten frames, was not made quieter"
    plain = replace(read_log(evening.path), events=read_log(evening.path).events[:1])
    raw = list(replay(plain, performance, tmp_path, span_of(plain)))
    fader = Fader()
    for frame, sound in enumerate(evening.way.sounds):
        gain = -12.0 if frame >= frames["gain"] else 0.0
        assert np.array_equal(sound, fader.process(raw[frame], gain, frame >= frames["mute"]))


def test_nothing_played_is_nothing_rendered(performance, tmp_path):
    with Evening(performance, tmp_path) as evening:
        pass
    assert played_again(performance, evening.path) == []


def test_a_fresh_session_starts_from_the_controls_of_the_log(performance, tmp_path):
    with Evening(performance, tmp_path, controls=asdict(Controls(seed=4))) as evening:
        evening.take(1)
    log = read_log(evening.path)
    assert log.header["controls"]["seed"] == 4
