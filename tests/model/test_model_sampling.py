"""Sampling: the right distribution, noise without memory, and guidance as a second row."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from simba_live.conditions import NUM_FEATURES, Conditions
from simba_live.errors import OptionError
from simba_live.model import ModelConfig, TokenModel, build_model
from simba_live.model.sampling import Sampler, sample_frame

LOGITS = np.log(np.array([0.5, 0.25, 0.15, 0.1], np.float32))


def frequencies(sampler: Sampler, logits: np.ndarray = LOGITS, draws: int = 4000) -> np.ndarray:
    codes = [sampler.choose(logits, frame, 0) for frame in range(draws)]
    return np.bincount(codes, minlength=len(logits)) / draws


def test_draws_follow_the_softmax() -> None:
    assert np.abs(frequencies(Sampler()) - [0.5, 0.25, 0.15, 0.1]).max() < 0.03
    hot = np.array([0.5, 0.25, 0.15, 0.1]) ** 0.5
    assert np.abs(frequencies(Sampler(temperature=2.0)) - hot / hot.sum()).max() < 0.03


def test_temperature_zero_takes_the_likeliest() -> None:
    assert frequencies(Sampler(temperature=0.0), draws=20)[0] == 1.0


def test_top_k_keeps_the_likeliest() -> None:
    found = frequencies(Sampler(top_k=2))
    assert np.abs(found - [2 / 3, 1 / 3, 0, 0]).max() < 0.03
    assert found[2] == found[3] == 0
    assert frequencies(Sampler(top_k=100))[3] > 0


def test_top_p_keeps_the_fewest_that_reach_it() -> None:
    found = frequencies(Sampler(top_p=0.7))
    assert np.abs(found - [2 / 3, 1 / 3, 0, 0]).max() < 0.03
    assert found[2] == found[3] == 0
    assert frequencies(Sampler(top_p=0.4))[0] == 1.0
    assert frequencies(Sampler(top_p=0.01))[0] == 1.0


def test_noise_is_a_function_of_seed_session_frame_and_codebook() -> None:
    logits = np.zeros(1024, np.float32)
    sampler = Sampler(seed=3, session=1)
    first = sampler.choose(logits, 10, 2)
    others = [sampler.choose(logits, frame, codebook) for frame, codebook in ((10, 1), (11, 2), (2, 10))]
    assert sampler.choose(logits, 10, 2) == first, "draws in between change nothing"
    assert Sampler(seed=3, session=1).choose(logits, 10, 2) == first
    others += [
        Sampler(seed=seed, session=session).choose(logits, 10, 2) for seed, session in ((4, 1), (3, 2))
    ]
    assert first not in others
    assert Sampler(seed=-1).choose(logits, 0, 0) == Sampler(seed=2**64 - 1).choose(logits, 0, 0)


def test_noise_is_spread_over_all_codes() -> None:
    logits = np.zeros(64, np.float32)
    found = frequencies(Sampler(), logits, draws=6400)
    assert found.min() > 0.5 / 64
    assert found.max() < 1.5 / 64


def test_tensors_and_arrays_give_the_same_code_and_stay_untouched() -> None:
    logits = torch.randn(50)
    kept = logits.clone()
    sampler = Sampler(temperature=1.0, top_k=5, top_p=0.9)
    assert sampler.choose(logits, 1, 0) == sampler.choose(logits.numpy(), 1, 0)
    assert torch.equal(logits, kept)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": -2}, "top-k is -2"),
        ({"top_p": 0.0}, "top-p is 0.0"),
        ({"top_p": 1.5}, "top-p is 1.5"),
    ],
)
def test_senseless_values_are_refused(values: dict[str, float], named: str) -> None:
    with pytest.raises(OptionError, match=named):
        Sampler(**values)


def make_model() -> TokenModel:
    torch.manual_seed(0)
    config = ModelConfig(
        d_model=32, num_layers=2, d_state=8, head_dim=16, num_codebooks=3, codebook_size=20, depth_hidden=16,
        style_dim=12,
    )  # fmt: skip
    model = build_model(config).eval()
    with torch.no_grad():
        model.head.linear.mul_(20.0)
    model.prepare_for_steps()
    return model


def conditions() -> torch.Tensor:
    frames = Conditions.free(6)
    frames.tempo[:] = 90.0
    frames.beat[:] = np.arange(6) / 6
    frames.notes[:, 60] = 3
    return torch.from_numpy(frames.features())[None]


@torch.inference_mode()
def run(model: TokenModel, rows: int, guidance: float, seed: int = 0) -> list[list[int]]:
    state = model.init_state(rows)
    style = torch.ones(1, 1, 12) / 12**0.5
    features = conditions()
    frames = []
    for frame in range(6):
        now = features[:, frame : frame + 1]
        codes, state = sample_frame(model, now, style, state, Sampler(seed=seed), frame, guidance)
        assert codes.shape == (1, 3, 1)
        assert state.codes.tolist() == codes[:, :, 0].tolist() * rows, "both rows hear the codes drawn"
        frames.append(codes.flatten().tolist())
    return frames


def test_guidance_one_is_no_guidance_with_one_row_or_two() -> None:
    model = make_model()
    assert run(model, 1, 1.0) == run(model, 2, 1.0)
    assert run(model, 1, 1.0) != run(model, 1, 1.0, seed=1)


def test_guidance_moves_the_logits_away_from_the_null_row() -> None:
    """The two rows stepped by hand, and guidance zero, which is the null row alone."""
    model = make_model()
    features = conditions()[:, :1]
    style = torch.ones(1, 1, 12) / 12**0.5
    known = Conditions.free(6)
    known.tempo[:] = 90.0
    known.beat[:] = np.arange(6) / 6
    null = torch.from_numpy(known.features())[None, :1]
    with torch.inference_mode():
        rows = []
        for row in ((features, style), (null, torch.zeros_like(style))):
            state = model.init_state(1)
            hidden, _ = model.hidden_step(*row, state.codes[:, :, None], state)
            rows.append(model.code_logits(0, hidden[:, 0], state.codes[:, :0])[0])
        sampler = Sampler(temperature=0.0)
        for guidance in (0.0, 1.0, 3.0, 8.0):
            codes, _ = sample_frame(model, features, style, model.init_state(2), sampler, 0, guidance)
            expected = rows[1] + guidance * (rows[0] - rows[1])
            assert int(codes[0, 0, 0]) == int(expected.argmax())
    assert (rows[0] - rows[1]).abs().max() > 0.1


def test_the_null_row_knows_tempo_and_beat_alone() -> None:
    model = make_model()
    features, style = model.conditioning.with_null(conditions(), torch.ones(1, 1, 12))
    assert features.shape == (2, 6, NUM_FEATURES)
    known = Conditions.free(6)
    known.tempo[:] = 90.0
    known.beat[:] = np.arange(6) / 6
    assert torch.equal(features[1], torch.from_numpy(known.features()))
    assert not style[1].any()


def test_guidance_needs_a_second_row() -> None:
    with pytest.raises(OptionError, match=r"guidance is 3\.0"):
        run(make_model(), 1, 3.0)
