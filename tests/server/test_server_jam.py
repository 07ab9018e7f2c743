"""A session that plays with a file: turns on the bar line, a log that replays, and input of all kinds."""

import numpy as np
import pytest
import soundfile

from simba_live.audio import read_audio
from simba_live.audio.files import to_pcm16
from simba_live.engine.performance import Performance
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import Hear, Play, Set
from simba_live.generation import Generator
from simba_live.server.journal import read_log
from simba_live.server.replay import replay, span_of
from simba_live.server.session import Session
from tests.checkpoints import write_checkpoints
from tests.server.stage import wait_until


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"))


def take(folder, seconds=3.0, rate=24000, channels=1, name="take.wav"):
    path = folder / name
    noise = 0.2 * np.random.default_rng(0).standard_normal((round(seconds * rate), channels))
    soundfile.write(path, noise, rate, subtype="FLOAT")
    return path


def open_session(checkpoints, folder, source, **options):
    model, codec = map(str, checkpoints)
    options = {"audio": "null", "lookahead": 0.3, "latency": 0.06} | options
    return Session(
        "lofi", model=model, codec=codec, device="cpu", folder=folder, input=str(source), **options
    )


def jam(session, mode, bars=1, bpm=240.0):
    session.set("bpm", bpm)
    session.set("jam", mode)
    session.set("jam_bars", bars)
    session.listen()
    session.play()


def test_turns_change_on_the_bar_line_and_the_log_replays(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path, take(tmp_path, 8.0)) as session:
        session.call(Set("metre", 4))
        session.start_recording("all")
        jam(session, "trade")
        wait_until(lambda: session.status().frame > 260)
        assert session.status().input == f"file:{tmp_path / 'take.wav'}"
        done = []
        session.stop_recording(done.append)
        wait_until(lambda: done)
    (path,) = (tmp_path / "logs").glob("*.jsonl")
    log = read_log(path)
    heard = [frame for frame, event in log.events if isinstance(event, Hear)]
    assert len(heard) > 10
    start = next(frame for frame, event in log.events if isinstance(event, Play))
    first = log.recordings[0][1]
    sound, _ = read_audio(tmp_path / "recordings" / "all.wav")
    sounding = [bool(frame.any()) for frame in sound[0][: len(sound[0]) // 480 * 480].reshape(-1, 480)]
    # A bar lasts 50 frames. The player has the first, the music the second, and so on; it dies away within
    # the frame on the line.
    wanted = [bar % 2 == 1 or (bar > 0 and over == 0) for bar, over in (divmod(at, 50) for at in range(200))]
    assert sounding[start - first :][:200] == wanted
    performance = Performance(Generator.load(*checkpoints, "cpu").engine)
    blocks = replay(log, performance, tmp_path / "snapshots", span_of(log, "all"))
    again = to_pcm16(np.concatenate(list(blocks), axis=1))
    recorded, _ = soundfile.read(tmp_path / "recordings" / "all.wav", dtype="int16", always_2d=True)
    assert np.array_equal(again, recorded)


def test_continue_goes_on_by_itself_when_the_player_is_silent(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path, take(tmp_path, 0.6), silence=2.0) as session:
        jam(session, "continue")
        wait_until(lambda: session.status().listening)
        wait_until(lambda: session.status().values["listen"] == 0)
        wait_until(lambda: session.status().peak > -100.0)
        assert session.status().input_lost == "it is over"
        assert not session.status().listening


def test_shadow_plays_all_the_time(checkpoints, tmp_path):
    with open_session(checkpoints, tmp_path, take(tmp_path, 3.0)) as session:
        jam(session, "shadow")
        wait_until(lambda: session.status().peak > -100.0)
        wait_until(lambda: session.status().input_lost)
        over = session.status().frame
        wait_until(lambda: session.status().frame > over + 50)
        assert session.status().listening
    (path,) = (tmp_path / "logs").glob("*.jsonl")
    assert any(isinstance(event, Hear) for _, event in read_log(path).events)


def test_whatever_a_driver_brings_the_music_goes_on(checkpoints, tmp_path):
    """Eight channels at 192 kHz: silence, an offset, NaN, noise at full scale, music."""
    path, rate = tmp_path / "take.wav", 192000
    dice, shape = np.random.default_rng(0), (rate // 4, 8)
    parts = [np.zeros(shape), np.ones(shape), np.full(shape, np.nan), dice.choice([-1.0, 1.0], shape)]
    soundfile.write(path, np.concatenate([*parts, 0.2 * dice.standard_normal(shape)]), rate, subtype="FLOAT")
    with open_session(checkpoints, tmp_path, path) as session:
        statuses = []
        jam(session, "shadow")
        wait_until(lambda: statuses.append(session.status()) or statuses[-1].input_lost)
        wait_until(lambda: session.status().peak > -100.0)
        assert any(status.input_clipped for status in statuses)
        levels = [(status.peak, status.rms, status.input_peak, status.input_rms) for status in statuses]
        assert np.isfinite(levels).all()


def test_what_cannot_be_listened_to_ends_the_beginning_in_one_line(checkpoints, tmp_path):
    with pytest.raises(SimbaLiveError, match=r"none\.wav does not exist") as caught:
        open_session(checkpoints, tmp_path, tmp_path / "none.wav")
    assert "\n" not in str(caught.value)
    for wrong in ({"gate": 3.0}, {"silence": -1.0}):
        with pytest.raises(OptionError, match="give a number from"):
            open_session(checkpoints, tmp_path, "null", **wrong)
