import dataclasses

import numpy as np
import pytest
import torch

from simba_live.conditions import NOTE_OFF, NOTE_ONSET, Conditions
from simba_live.controls import Sampling
from simba_live.engine import engine as engine_module
from simba_live.engine.engine import Engine
from simba_live.errors import CheckpointError
from tests.checkpoints import CAUSAL, LATE, SIMBA, TRANSFORMER, make_codec, make_model

FRAMES = 30
STYLE = np.random.default_rng(3).standard_normal(384).astype(np.float32) / 20
ENGINES = {
    "simba": (SIMBA, CAUSAL),
    "transformer": (TRANSFORMER, CAUSAL),
    "simba, codec that looks ahead": (SIMBA, LATE),
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    model, codec = ENGINES[request.param]
    return Engine(make_model(model), make_codec(codec))


def conditions(frames=FRAMES):
    made = Conditions.free(frames)
    made.tempo[:] = 100
    made.beat[:] = np.arange(frames) / 30 % 1
    made.bar[:] = np.arange(frames) / 120 % 1
    made.notes[:] = NOTE_OFF
    made.notes[::6, 60] = NOTE_ONSET
    return made


def play(engine, cuts, state=None, sampling=None, frames=FRAMES):
    sampling = sampling or Sampling(temperature=1.0, guidance=1.0)
    state = engine.init_state(sampling.guided) if state is None else state
    whole, codes, audio, at = conditions(frames), [], [], 0
    for count in cuts:
        some, sound, state = engine.step(whole[at : at + count], STYLE, state, sampling)
        codes.append(some)
        audio.append(sound)
        at += count
    return torch.cat(codes, 2), torch.cat(audio, 2), state


def test_shapes_and_counter(engine):
    codes, audio, state = play(engine, [FRAMES])
    assert codes.shape == (1, engine.model.config.num_codebooks, FRAMES)
    assert audio.shape == (1, 1, FRAMES * engine.codec.hop_length)
    assert int(state.frame) == FRAMES
    assert len(codes.unique()) > 5


@pytest.mark.parametrize("cuts", [[1] * FRAMES, [7, 23], [25, 5], [2] * 15])
@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_a_stream_does_not_depend_on_how_it_is_cut(engine, cuts, guidance):
    sampling = Sampling(temperature=1.0, guidance=guidance)
    codes, audio, _ = play(engine, [FRAMES], sampling=sampling)
    other_codes, other_audio, _ = play(engine, cuts, sampling=sampling)
    assert torch.equal(codes, other_codes)
    torch.testing.assert_close(audio, other_audio, rtol=0, atol=1e-5)


def test_audio_is_the_codes_decoded_late(engine):
    codes, audio, _ = play(engine, [11, 19])
    late = engine.latency * engine.codec.hop_length
    whole = engine.codec.decode(codes)
    torch.testing.assert_close(audio[..., late:], whole[..., : audio.shape[2] - late], rtol=0, atol=1e-5)
    assert not audio[..., :late].any()


def test_a_snapshot_plays_again_bit_for_bit(engine):
    _, _, state = play(engine, [10])
    snapshot = state.clone()
    first = play(engine, [13, 7], state)[:2]
    again = play(engine, [13, 7], snapshot.clone())[:2]
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    branched = play(engine, [13, 7], snapshot, Sampling(temperature=1.0, guidance=1.0, seed=9))[0]
    assert not torch.equal(first[0], branched)


def test_a_snapshot_survives_being_written_out(engine):
    _, _, state = play(engine, [10])
    stored = {name: tensor.clone() for name, tensor in state.tensors()}
    restored = engine.init_state()
    with torch.inference_mode():
        restored.load_tensors(stored)
    assert torch.equal(play(engine, [20], state)[1], play(engine, [20], restored)[1])


def test_two_streams_share_an_engine(engine):
    alone = play(engine, [5] * 6)[0]
    one, two = engine.init_state(), engine.init_state()
    whole, codes = conditions(), []
    for at in range(0, FRAMES, 5):
        some, _, one = engine.step(whole[at : at + 5], STYLE, one, Sampling(temperature=1.0, guidance=1.0))
        _, _, two = engine.step(
            whole[at : at + 5], -STYLE, two, Sampling(temperature=1.0, guidance=1.0, seed=4)
        )
        codes.append(some)
    assert torch.equal(torch.cat(codes, 2), alone)


def test_seed_style_conditions_and_guidance_all_matter(engine):
    plain = play(engine, [FRAMES])[0]
    assert not torch.equal(
        plain, play(engine, [FRAMES], sampling=Sampling(temperature=1.0, guidance=1.0, seed=1))[0]
    )
    assert not torch.equal(plain, play(engine, [FRAMES], sampling=Sampling(temperature=1.0, guidance=4.0))[0])
    other = engine.step(conditions(), -STYLE, engine.init_state(), Sampling(temperature=1.0, guidance=1.0))[0]
    assert not torch.equal(plain, other)
    freed = engine.step(
        Conditions.free(FRAMES), STYLE, engine.init_state(), Sampling(temperature=1.0, guidance=1.0)
    )[0]
    assert not torch.equal(plain, freed)


@pytest.mark.parametrize("guided", [False, True])
def test_absorbing_equals_encoding_and_teacher_forcing(engine, guided, monkeypatch):
    """In parts of 7 frames, against the whole recording at once."""
    monkeypatch.setattr(engine_module, "ABSORB_FRAMES", 7)
    codec, model = engine.codec, engine.model
    audio = 0.3 * torch.randn(1, 1, 24 * codec.hop_length, generator=torch.Generator().manual_seed(5))
    codes, rebuilt, state = engine.absorb(audio, STYLE, engine.init_state(guided))
    padded = torch.nn.functional.pad(audio, (0, codec.encoder_latency * codec.hop_length))
    expected = codec.encode(padded)[:, : model.config.num_codebooks, :24]
    assert torch.equal(codes, expected)
    late = codec.latency * codec.hop_length
    decoded = codec.decode(codes)
    torch.testing.assert_close(
        rebuilt[..., late:], decoded[..., : rebuilt.shape[2] - late], rtol=0, atol=1e-5
    )

    styles = torch.from_numpy(np.stack([STYLE, np.zeros_like(STYLE)]))[:, None][: 1 + guided]
    features = torch.zeros(1 + guided, 24, model.config.num_features)
    _, forced = model(codes.expand(1 + guided, -1, -1), features, styles)
    for (name, value), (_, other) in zip(state.model.tensors(), forced.tensors(), strict=True):
        if value.is_floating_point():
            torch.testing.assert_close(value, other, rtol=1e-4, atol=1e-4, msg=name)
        else:
            assert torch.equal(value, other), name


def test_a_model_for_another_codec_is_refused():
    with pytest.raises(CheckpointError, match="64 codes a codebook"):
        Engine(
            make_model(TRANSFORMER.__class__(**{**TRANSFORMER.to_dict(), "codebook_size": 128})), make_codec()
        )
    with pytest.raises(CheckpointError, match="50 frames a second"):
        Engine(make_model(SIMBA.__class__(**{**SIMBA.to_dict(), "frame_rate": 75.0})), make_codec())
    with pytest.raises(CheckpointError, match="4 codebooks"):
        Engine(make_model(SIMBA.__class__(**{**SIMBA.to_dict(), "num_codebooks": 5})), make_codec())


def test_a_model_that_reads_other_conditions_is_refused():
    with pytest.raises(CheckpointError, match="512 features of a frame, this version tells 768: train"):
        Engine(make_model(dataclasses.replace(SIMBA, num_features=512)), make_codec())


def test_a_model_of_another_codecs_codes_is_refused():
    codec = make_codec()
    ours = dataclasses.replace(SIMBA, codec=codec.fingerprint())
    assert Engine(make_model(ours), codec).latency == 0
    with pytest.raises(CheckpointError, match=f"codec 0123456789abcdef, not of {codec.fingerprint()}"):
        Engine(make_model(dataclasses.replace(SIMBA, codec="0123456789abcdef")), codec)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("guided", [False, True])
def test_on_a_gpu_a_snapshot_plays_again_bit_for_bit(guided):
    engine = Engine(make_model().cuda(), make_codec().cuda())
    sampling = Sampling(temperature=1.0, guidance=2.0 if guided else 1.0)
    audio = 0.3 * torch.randn(1, 1, 24 * engine.codec.hop_length, generator=torch.Generator().manual_seed(5))
    _, _, state = engine.absorb(audio, STYLE, engine.init_state(guided))
    _, _, state = play(engine, [10], state, sampling)
    snapshot = state.clone()
    first = play(engine, [13, 7], state, sampling)
    again = play(engine, [13, 7], snapshot, sampling)
    assert first[1].is_cuda
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert first[1].isfinite().all()
