"""A session with a real engine process, into the null sink: driven, killed, ended and started again."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile

from simba_live.audio import read_audio
from simba_live.audio.files import to_pcm16
from simba_live.engine.performance import Performance
from simba_live.errors import AudioFileError, OptionError, SimbaLiveError
from simba_live.events import Note, Play, Recall, Save, Set
from simba_live.generation import Generator
from simba_live.server import launch
from simba_live.server.journal import read_log
from simba_live.server.replay import replay, span_of
from simba_live.server.session import MAX_OPEN, Session
from tests.checkpoints import TRANSFORMER, write_checkpoints
from tests.server.stage import PATIENCE, wait_until


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"))


def open_session(checkpoints, folder, **options):
    model, codec = map(str, checkpoints)
    options = {"audio": "null", "lookahead": 0.3, "latency": 0.06} | options
    return Session("lofi, 120 bpm", model=model, codec=codec, device="cpu", folder=folder, **options)


@pytest.fixture(scope="module")
def session(checkpoints, tmp_path_factory):
    """One for all the tests that do it no harm."""
    with open_session(checkpoints, tmp_path_factory.mktemp("session")) as session:
        yield session


class Ears:
    """What a session says."""

    def __init__(self, session):
        self.news = []
        session.subscribe(self.news.append)

    def texts(self, kind):
        return [news.text for news in self.news if news.kind == kind]


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
        return stat.read().rsplit(")", 1)[1].split()[0] == "Z"


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def test_a_session_is_played_and_rewound(session):
    ears = Ears(session)
    assert session.call(Play()) >= 0
    wait_until(lambda: session.status().playing)
    frame = session.call(Save("a"))
    wait_until(lambda: session.status().snapshots == ("a",))
    session.set("density", 0.5)
    session.note(60)
    wait_until(lambda: session.status().held_notes == (60,))
    assert session.status().values["density"] == 0.5
    assert session.call(Recall("a")) > frame
    wait_until(lambda: session.status().values["density"] is None)
    assert session.status().held_notes == (60,)
    session.panic()
    wait_until(lambda: not session.status().playing and not session.status().held_notes)
    session.delete("a")
    wait_until(lambda: session.status().snapshots == ())
    assert ears.texts("snapshots") == ["a", ""]
    # One name kept and forgotten in one breath, mostly on one frame.
    for _ in range(5):
        session.snapshot("b")
        session.delete("b")
    assert session.call(Note(60, 0)) > 0
    assert session.status().snapshots == ()
    moved = [(news.event.control, news.event.value) for news in ears.news if news.kind == "set"]
    assert moved == [("density", 0.5), ("density", None)]
    status = session.status()
    assert status.ready
    assert status.device == "cpu"
    assert status.sink == "null"
    assert status.bpm == 120.0
    assert status.step_p99 > 0


def test_a_quantum_counts_for_what_comes_right_behind_it(session):
    """The control is moved with the next frame, but who sends both at once means both."""
    session.set("bpm", 300.0)
    session.set("metre", 2)
    session.call(Play())
    frames = []
    done = threading.Event()
    for _ in range(2):
        session.set("quantum", "bar")
        session.send(Set("section", "drop"), done=lambda outcome: frames.append(outcome.frame))
        session.set("quantum", "now")
        session.send(Set("section", None), done=lambda outcome: done.set())
        assert done.wait(PATIENCE)
        done.clear()
        time.sleep(0.05)
    wait_until(lambda: len(frames) == 2)
    beat = session.call(Set("brightness", 0.5), "beat")
    bar = session.call(Set("brightness", None), "bar")
    assert (frames[0] - bar) % 20 == 0
    assert (frames[1] - bar) % 20 == 0
    assert (beat - bar) % 10 == 0
    session.panic()


def test_what_cannot_be_done_is_told_and_the_music_goes_on(session):
    with pytest.raises(SimbaLiveError, match="there is no snapshot 'nothing'"):
        session.call(Recall("nothing"))
    with pytest.raises(OptionError, match="density is 3"):
        session.set("density", 3)
    with pytest.raises(OptionError, match="quantum is 'soon'"):
        session.send(Play(), "soon")
    with pytest.raises(OptionError, match=r"name is '\.\./a'"):
        session.start_recording("../a")
    with pytest.raises(SimbaLiveError, match="'H sharp' is not a key"):
        session.call(Set("key", "H sharp"))
    session.call(Play())
    session.call(Set("top_p", 1.0), "bar")
    with pytest.raises(SimbaLiveError, match=r"no effect within 0\.05 s"):
        session.call(Set("top_p", 0.5), "bar", timeout=0.05)
    assert session.call(Note(60, 0)) > 0
    session.panic()


def test_a_flood_is_refused_before_it_piles_up(session):
    answered, refused = [], []
    for index in range(4 * MAX_OPEN):
        try:
            session.send(Note(index % 128), done=answered.append)
        except SimbaLiveError as error:
            refused.append(str(error))
    wait_until(lambda: len(answered) + len(refused) == 4 * MAX_OPEN)
    assert set(refused) <= {f"{MAX_OPEN} events wait already: send fewer"}
    assert session.call(Play()) > 0
    session.panic()


def test_a_listener_that_fails_ends_nothing(session, caplog):
    def fail(_what):
        raise ValueError("mine")

    unsubscribe = session.subscribe(fail)
    with caplog.at_level(logging.ERROR):
        session.send(Set("brightness", 0.25), done=fail)
        session.call(Note(60, 0))
        wait_until(lambda: caplog.text.count("a listener of the session failed") >= 2)
    unsubscribe()
    assert session.call(Set("brightness", None)) > 0


def test_live_is_what_its_log_plays(checkpoints, tmp_path):
    """A file sink, a recording and the replay in another process agree to the sample."""
    with open_session(checkpoints, tmp_path, audio=f"file:{tmp_path / 'out.wav'}") as session:
        session.start_recording("take 1")
        session.call(Play())
        session.call(Save("a"))
        session.prompt("dub techno", "solo piano", weights=(1.0, 0.5))
        session.set("gain", -6.0)
        session.call(Set("density", 1.0), "beat")
        session.call(Recall("a"), "beat")
        session.branch()
        over = threading.Event()
        session.stop_recording(lambda _outcome: over.set())
        assert over.wait(PATIENCE)
        recording = tmp_path / "recordings" / "take 1.wav"
        assert recording.exists()
    assert session.failure == ""
    log = read_log(only(tmp_path, "logs/*.jsonl"))
    assert [event.name for _, event in log.events][-1] == "stop"
    performance = Performance(Generator.load(*map(str, checkpoints), "cpu").engine)
    for path, span in ((tmp_path / "out.wav", span_of(log)), (recording, span_of(log, "take 1"))):
        played, _ = soundfile.read(path, dtype="int16", always_2d=True)
        again = np.concatenate(list(replay(log, performance, tmp_path / "snapshots", span)), axis=1)
        assert again.any()
        assert np.array_equal(played, to_pcm16(again)), path


def test_snapshots_survive_and_those_of_other_models_are_left_alone(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path) as session:
        session.call(Play())
        session.set("bpm", 90.0)
        session.call(Save("a"))
        session.snapshot("b")  # On its way when the session ends.
    other = write_checkpoints(tmp_path / "other", model=TRANSFORMER)
    news = []

    class Listening(Session):
        def _spread(self, told):
            news.append(told)
            super()._spread(told)

    with Listening(
        model=str(other[0]), codec=str(other[1]), audio="null", device="cpu", folder=tmp_path
    ) as session:
        assert session.status().snapshots == ()
    told = [item.text for item in news if item.kind == "warning"]
    assert len(told) == 2
    assert "a.safetensors was saved with another model: left alone" in told[0]
    with open_session(checkpoints, tmp_path) as session:
        assert session.status().snapshots == ("a", "b")
        session.call(Recall("a"))
        wait_until(lambda: session.status().values["bpm"] == 90.0)
        assert not session.status().playing


def test_an_engine_that_is_killed_is_told_in_one_line(checkpoints, tmp_path):
    session = open_session(checkpoints, tmp_path)
    ears, outcomes = Ears(session), []
    session.call(Play())
    session.send(Set("density", 0.5), "bar", done=outcomes.append)
    log = only(tmp_path, "logs/*.jsonl")
    wait_until(lambda: read_log(log).events)
    os.kill(session.engine_pid, signal.SIGKILL)
    assert session.wait(PATIENCE)
    assert session.failure == "the engine ended with code -9: start it again"
    wait_until(lambda: ears.texts("quit") == [session.failure])
    assert [(outcome.frame, outcome.reason) for outcome in outcomes] == [(None, "the session is over")]
    with pytest.raises(SimbaLiveError, match=r"^the session is over: the engine ended with code -9"):
        session.play()
    assert not session.status().ready
    session.close()
    session.close()
    assert read_log(log).events[0][1] == Play()


SCRIPT = """
import sys, time
from simba_live import Session
session = Session("lofi", model={0!r}, codec={1!r}, device="cpu", audio="null", folder={2!r})
session.play()
session.start_recording("take")
print(session.engine_pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("victim", ["session", "engine told by the system"])
def test_whoever_is_ended_the_engine_ends_in_order(checkpoints, tmp_path, victim):
    script = SCRIPT.format(*map(str, checkpoints), str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        try:
            engine = int(process.stdout.readline())
            recording = tmp_path / "recordings" / "take.wav"
            wait_until(lambda: recording.exists() and recording.stat().st_size > 20_000)
            if victim == "session":
                process.kill()
            else:
                os.kill(engine, signal.SIGTERM)
            started = time.monotonic()
            wait_until(lambda: gone(engine))
            assert time.monotonic() - started < 2.0
        finally:
            process.kill()
    log = read_log(only(tmp_path, "logs/*.jsonl"))
    assert log.events[-1][1].name == "stop"
    ((_, first, end),) = log.recordings
    assert end == log.num_frames
    samples, rate = read_audio(recording)
    assert samples.shape[1] == (end - first) * rate // 50
    assert not samples[:, -480:].any(), "it did not fade out"


def test_an_engine_that_dies_before_it_connects_is_not_waited_for(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setattr(launch.sys, "executable", "/bin/false")
    started = time.monotonic()
    with pytest.raises(SimbaLiveError, match="the engine ended with code 1 before it began"):
        open_session(checkpoints, tmp_path)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"audio": "file:"}, "names no file"),
        ({"audio": "file:/no/such/folder/a.wav"}, "/no/such/folder"),
        ({"model": "/no/model"}, "/no/model"),
    ],
)
def test_what_cannot_be_set_up_is_told_in_one_line_and_leaves_nothing(tmp_path, options, told):
    """With the default model, whose files are sure to be there."""
    with pytest.raises(SimbaLiveError, match=told) as error:
        Session(**{"audio": "null", "folder": tmp_path, "device": "cpu"} | options)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.glob("logs/*"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lookahead": 0.0}, "lookahead is 0.0"),
        ({"latency": float("nan")}, "latency is nan"),
        ({"prompt": " "}, "prompt is empty"),
        ({"seed": -1}, "seed is -1"),
        ({"input": "missing.wav"}, "missing.wav does not exist"),
        ({"input": "file:"}, "names no file"),
        ({"input": __file__}, "cannot be read as audio"),
    ],
)
def test_options_are_checked_before_anything_starts(monkeypatch, options, told):
    monkeypatch.setattr("simba_live.server.session.start_engine", lambda *_: pytest.fail("it was started"))
    with pytest.raises((OptionError, AudioFileError), match=told):
        Session(**options)


def test_one_that_is_not_ready_is_closed_at_once(checkpoints, tmp_path):
    session = open_session(checkpoints, tmp_path, wait=False)
    pid = session.engine_pid
    outcomes = []
    session.send(Play(), done=outcomes.append)
    started = time.monotonic()
    session.close()
    assert time.monotonic() - started < 2
    assert gone(pid)
    assert session.failure == ""
    assert [outcome.frame for outcome in outcomes] == [None]


def test_the_log_says_what_a_replay_needs(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path, seed=7, free=True):
        pass
    header = json.loads(only(tmp_path, "logs/*.jsonl").read_text().splitlines()[0])
    assert header["controls"]["seed"] == 7
    assert header["controls"]["free"] == 1
    assert header["device"] == "cpu"
    assert len(header["model"]) == 64
    assert header["checkpoints"] == [str(path) for path in checkpoints]
