"""The default model and codec step by step: prepared as they are played, against the plain modules."""

import numpy as np
import pytest
import torch

from simba_live.conditions import NOTE_OFF, NOTE_ONSET, Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.engine.jam import HEARD_FRAMES
from simba_live.modules.prepared import PREPARED_FRAMES
from simba_live.paths import DEFAULT_CODEC, DEFAULT_MODEL

FRAMES = 40


@pytest.fixture(scope="module")
def engine():
    return Engine.load(DEFAULT_MODEL, DEFAULT_CODEC)


def play(engine, state, sampling, start=0, count=FRAMES):
    conditions = Conditions.free(FRAMES)
    conditions.tempo[:] = 100
    conditions.beat[:] = np.arange(FRAMES) / 30 % 1
    conditions.notes[:] = NOTE_OFF
    conditions.notes[::6, 60] = NOTE_ONSET
    style = np.random.default_rng(3).standard_normal(384).astype(np.float32) / 20
    codes, audio = [], []
    for at in range(start, start + count):
        some, sound, state = engine.step(conditions[at : at + 1], style, state, sampling)
        codes.append(some)
        audio.append(sound)
    return torch.cat(codes, 2), torch.cat(audio, 2), state


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_the_prepared_frame_is_the_plain_one(engine, guidance):
    sampling = Sampling(guidance=guidance)
    codes, audio, state = play(engine, engine.init_state(True), sampling)
    plain = Engine(engine.model, engine.codec, engine.score.model)
    plain.model._plan = plain.codec._plan = None
    plain_codes, plain_audio, plain_state = play(plain, plain.init_state(True), sampling)
    engine.model.prepare_for_steps()
    engine.codec.prepare_for_steps()
    assert torch.equal(codes, plain_codes)
    torch.testing.assert_close(audio, plain_audio, rtol=0, atol=1e-5)
    for (name, leaf), (_, other) in zip(state.tensors(), plain_state.tensors(), strict=True):
        torch.testing.assert_close(leaf, other, rtol=1e-4, atol=1e-4, msg=name)


@pytest.mark.parametrize("frames", [2, 5, HEARD_FRAMES, PREPARED_FRAMES, PREPARED_FRAMES + 1])
def test_frames_heard_at_once_are_those_heard_one_by_one(engine, frames):
    """Between frames that are played, so that a past is met and left behind."""
    codes = torch.randint(0, 1024, (1, engine.model.config.num_codebooks, frames))
    clock = Conditions.free(frames)
    clock.beat[:] = np.arange(frames) / 30 % 1
    style = np.random.default_rng(3).standard_normal(384).astype(np.float32) / 20
    states = [play(engine, engine.init_state(True), Sampling(guidance=4.0), 0, 8)[2] for _ in range(2)]
    audio, once = engine.hear(codes, clock, style, states[0])
    parts, single = [], states[1]
    for at in range(frames):
        sound, single = engine.hear(codes[:, :, at : at + 1], clock[at : at + 1], style, single)
        parts.append(sound)
    torch.testing.assert_close(audio, torch.cat(parts, 2), rtol=0, atol=1e-5)
    for (name, leaf), (_, other) in zip(once.tensors(), single.tensors(), strict=True):
        torch.testing.assert_close(leaf, other, rtol=1e-4, atol=1e-4, msg=name)


def test_from_every_snapshot_of_a_stream_the_rest_plays_again_bit_for_bit(engine):
    sampling = Sampling(guidance=4.0)
    state = engine.init_state(True)
    snapshots, codes, audio = [], [], []
    for at in range(FRAMES):
        snapshots.append(state.clone())
        some, sound, state = play(engine, state, sampling, at, 1)
        codes.append(some)
        audio.append(sound)
    codes, audio = torch.cat(codes, 2), torch.cat(audio, 2)
    hop = engine.codec.hop_length
    for at in (30, 3, 17, 0, 30):
        again, sound, _ = play(engine, snapshots[at].clone(), sampling, at, FRAMES - at)
        assert torch.equal(again, codes[:, :, at:])
        assert torch.equal(sound, audio[:, :, at * hop :])
