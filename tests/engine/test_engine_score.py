"""Free music with a score model: it writes what is left free, live and offline, and can be gone back in."""

import dataclasses

import numpy as np
import pytest
import torch

from simba_live.conditions import FREE, NOTE_OFF, NOTE_SUSTAINED, Conditions
from simba_live.controls import Controls, Sampling
from simba_live.engine.engine import Engine
from simba_live.engine.performance import Performance
from simba_live.errors import CheckpointError
from simba_live.events import Note, Play, Prompt, Recall, Save, Undo
from simba_live.model import save_model
from simba_live.model.checkpoint import SCORE
from simba_live.server.shelf import read_scene, write_scene
from tests.checkpoints import make_codec, make_model, make_score, write_checkpoints

PROMPT = Prompt(("warm lofi piano",), vector=np.full(384, 0.05, np.float32), style="lofi")
FREE_PLAY = Controls(bpm=300.0, metre=2, free=1)
SAMPLING = Sampling(guidance=1.0)


@pytest.fixture(scope="module")
def engine():
    return Engine(make_model(), make_codec(), make_score())


@pytest.fixture(scope="module")
def performance(engine):
    return Performance(engine)


@pytest.fixture
def playing(performance):
    return performance.apply(Play(), performance.begin(FREE_PLAY, PROMPT))


@pytest.fixture
def read(engine, monkeypatch):
    """What the token model reads: the conditions of every frame from now on."""
    seen = []
    with_score = engine.with_score

    def spy(*arguments):
        seen.append(with_score(*arguments))
        return seen[-1]

    monkeypatch.setattr(engine, "with_score", spy)
    return seen


def clock(frames):
    conditions = Conditions.free(frames)
    conditions.tempo[:] = 120.0
    conditions.beat[:] = np.arange(frames) / 25 % 1
    conditions.bar[:] = np.arange(frames) / 100 % 1
    return conditions


def run(performance, moment, frames):
    sounds = []
    for _ in range(frames):
        sound, moment = performance.advance(moment)
        sounds.append(sound)
    return np.stack(sounds), moment


def test_what_is_free_is_written_before_the_model_reads_it(engine, read):
    given = clock(30)
    engine.step(given, PROMPT.vector, engine.init_state(), SAMPLING)
    (seen,) = read
    for name in ("chord", "notes", "drums", "instruments"):
        assert (getattr(seen, name) != FREE).all()
        assert not getattr(given, name).any(), "what was asked for is not changed"
    assert (seen.notes == NOTE_SUSTAINED).any()


def test_codes_do_not_depend_on_how_a_stream_is_cut(engine):
    whole, _, _ = engine.step(clock(30), PROMPT.vector, engine.init_state(), SAMPLING)
    state, parts = engine.init_state(), []
    for start in range(0, 30, 7):
        codes, _, state = engine.step(clock(30)[start : start + 7], PROMPT.vector, state, SAMPLING)
        parts.append(codes)
    assert torch.equal(torch.cat(parts, 2), whole)


def test_the_arrangers_music_is_left_as_it_is(engine):
    plain = Engine(engine.model, engine.codec)
    conditions = clock(20)
    conditions.notes[:] = NOTE_OFF
    conditions.notes[::6, 60] = NOTE_SUSTAINED
    codes = [some.step(conditions, PROMPT.vector, some.init_state(), SAMPLING)[0] for some in (engine, plain)]
    assert torch.equal(*codes)


def test_without_a_score_model_all_is_as_before(engine):
    plain = Engine(engine.model, engine.codec)
    state = plain.init_state()
    assert state.score is None
    assert not any(name.startswith("score") for name, _ in state.clone().tensors())
    codes, _, state = plain.step(clock(10), PROMPT.vector, state, SAMPLING)
    written, _, _ = engine.step(clock(10), PROMPT.vector, engine.init_state(), SAMPLING)
    assert not torch.equal(codes, written)
    assert Performance(plain).fingerprint != Performance(engine).fingerprint


def test_going_back_plays_the_same_score_again(performance, playing):
    _, moment = run(performance, playing, 33)
    saved = performance.apply(Save("a"), moment)
    first, later = run(performance, saved, 45)
    again, _ = run(performance, performance.apply(Recall("a"), later), 45)
    assert np.array_equal(first[1:], again[1:])
    undone, _ = run(performance, performance.apply(Undo(1), later), 30)
    twice, _ = run(performance, performance.apply(Undo(1), later), 30)
    assert np.array_equal(undone, twice)


def test_a_snapshot_on_disk_plays_on(performance, playing, tmp_path):
    _, moment = run(performance, playing, 20)
    write_scene(tmp_path / "a.safetensors", moment.scene, "m")
    scene = read_scene(tmp_path / "a.safetensors", performance.blank, "m")
    first, _ = run(performance, moment, 20)
    again, _ = run(performance, dataclasses.replace(moment, scene=scene), 20)
    assert np.array_equal(first, again)


def test_hands_are_heeded(performance, playing, read):
    moment = performance.apply(Note(61, 100), playing)
    _, moment = run(performance, moment, 3)
    assert [int(seen.notes[0, 61]) for seen in read] == [3, 2, 2]
    read.clear()
    run(performance, performance.apply(Note(61, 0), moment), 2)
    assert all(seen.notes[0, 61] == NOTE_OFF for seen in read)


def test_a_model_folder_with_a_score(tmp_path):
    model, codec = write_checkpoints(tmp_path)
    assert Engine.load(model, codec).score is None
    save_model(make_score(), model / SCORE)
    assert Engine.load(model, codec).score is not None
    other = make_score()
    other.config = dataclasses.replace(other.config, frame_rate=75.0)
    save_model(other, model / SCORE)
    with pytest.raises(CheckpointError, match="frame_rate 75"):
        Engine.load(model, codec)
