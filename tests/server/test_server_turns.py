"""A session that hears codes: its log replays it, turns change on the line, the shared beat is in time."""

import time

import numpy as np
import pytest
import soundfile

from simba_live.audio.files import to_pcm16
from simba_live.engine.performance import Performance
from simba_live.errors import SimbaLiveError
from simba_live.events import Align, Hear, Play, Recall, Save, Set
from simba_live.generation import Generator
from simba_live.server.journal import read_log
from simba_live.server.replay import replay, span_of
from tests.checkpoints import write_checkpoints
from tests.server.stage import PATIENCE, wait_until
from tests.server.test_server_session import only, open_session


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"))


def heard(seed):
    return Hear(np.random.default_rng(seed).integers(0, 64, (3, 5)))


def test_a_session_that_heard_somebody_is_what_its_log_plays(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path, audio=f"file:{tmp_path / 'out.wav'}") as session:
        session.call(Play())
        with pytest.raises(SimbaLiveError, match="the music does not listen"):
            session.call(heard(0))
        session.call(Set("listen", 1))
        wait_until(lambda: session.status().listening)
        for seed in range(4):
            session.call(heard(seed))
        session.call(Save("a"))
        session.call(Set("listen", 0))
        session.call(Align(0.75))
        for control, value in {"bpm": 300.0, "metre": 4, "jam_bars": 1, "jam": "trade"}.items():
            session.set(control, value)
        trading = session.call(Set("listen", 1))
        wait_until(lambda: session.status().turn_bars == 1)
        sent = 0
        while session.status().frame < trading + 200:
            session.send(heard(9))
            sent += 1
            time.sleep(0.05)
        session.call(Recall("a"))
        session.call(Set("listen", 0))
        time.sleep(0.2)
    log = read_log(only(tmp_path, "logs/*.jsonl"))
    hearings = [event for _, event in log.events if isinstance(event, Hear)]
    # In some of the music's turns it was not listened to.
    assert 4 + 2 <= len(hearings) < 4 + sent
    performance = Performance(Generator.load(*map(str, checkpoints), "cpu").engine)
    again = np.concatenate(list(replay(log, performance, tmp_path / "snapshots", span_of(log))), axis=1)
    played, _ = soundfile.read(tmp_path / "out.wav", dtype="int16", always_2d=True)
    assert np.array_equal(played, to_pcm16(again))
    # Bars last 40 frames, every other one is the player's, and its first frame fades.
    quiet = ~played[: len(played) // 480 * 480].reshape(-1, 480).any(1)
    changes = np.flatnonzero(np.diff(quiet)) + 1
    changes = changes[(changes > trading + 45) & (changes < trading + 190)]
    assert len(changes) >= 2
    assert {int(length) for length in np.diff(changes)} <= {39, 41}


def test_where_the_music_is_is_told_with_the_time_at_which_it_is_heard(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path) as session:
        session.call(Play())
        until = time.monotonic() + PATIENCE
        told = []
        while len(told) < 15:
            status = session.status()
            if told and status.underruns != told[-1].underruns:
                told.clear()  # Whoever is late cannot tell the time.
            if not told or status.frame != told[-1].frame:
                told.append(status)
            if time.monotonic() > until:
                pytest.skip("the machine is too busy to play in time")
            time.sleep(0.02)
        place = told[-1].bar * told[-1].beats_per_bar + told[-1].beat
        assert told[-1].heard_beat == pytest.approx(place)
        seconds = np.array([status.heard_at for status in told])
        beats = np.array([status.heard_beat for status in told])
        assert -1.0 < seconds[-1] - time.monotonic() < 0.3
        # The music is a line in time, but for what the null device jitters.
        begins = seconds - beats * 60.0 / 120.0
        assert np.median(np.abs(begins - np.median(begins))) < 0.01
