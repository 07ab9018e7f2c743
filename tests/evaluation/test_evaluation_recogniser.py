"""The classifier tells kinds of music apart that it has not heard, and does not listen to loudness."""

import numpy as np
import pytest
import torch

from simba_live.evaluation.recogniser import Recogniser, describe

RATE = 24000
SECONDS = 6.0


def dance(rng: np.random.Generator) -> np.ndarray:
    """Thumps and hats at 120-135 BPM over a minor third that comes off the beat."""
    beat = 60.0 / rng.uniform(120, 135)
    time = np.arange(int(SECONDS * RATE)) / RATE
    thump = np.sin(2 * np.pi * 55 * time) * np.exp(-20 * (time % beat))
    hat = rng.standard_normal(len(time)) * np.exp(-90 * ((time + beat / 2) % beat)) * 0.3
    root = 220.0 * 2 ** (rng.integers(12) / 12)
    stab = sum(np.sin(2 * np.pi * root * r * time) for r in (1.0, 1.189)) * np.exp(
        -8 * ((time + beat / 2) % beat)
    )
    return (0.2 * (thump + hat + 0.4 * stab)).astype(np.float32)


def drone(rng: np.random.Generator) -> np.ndarray:
    """A fifth that swells slowly."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    root = 110.0 * 2 ** (rng.integers(12) / 12)
    swell = 1.0 + 0.5 * np.sin(2 * np.pi * time / rng.uniform(3, 6))
    tone = sum(np.sin(2 * np.pi * root * r * time) / r for r in (1.0, 1.5, 2.0, 3.0))
    return (0.1 * swell * tone).astype(np.float32)


def plucks(rng: np.random.Generator) -> np.ndarray:
    """A broken major chord at 70-110 BPM."""
    beat = 30.0 / rng.uniform(70, 110)
    time = np.arange(int(SECONDS * RATE)) / RATE
    root = 220.0 * 2 ** (rng.integers(12) / 12)
    step = np.array([1.0, 1.26, 1.498, 2.0])[(time / beat).astype(int) % 4]
    return (0.2 * np.sin(2 * np.pi * root * step * time) * np.exp(-5 * (time % beat))).astype(np.float32)


KINDS = {"dance": dance, "drone": drone, "plucks": plucks}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    rng = np.random.default_rng(0)
    names = [name for name in KINDS for _ in range(8)]
    return Recogniser.fit(np.stack([describe(KINDS[name](rng), RATE) for name in names]), names)


def test_unheard_pieces_are_recognised(recogniser: Recogniser) -> None:
    rng = np.random.default_rng(1)
    for name, play in KINDS.items():
        assert [recogniser.recognise(describe(play(rng), RATE)) for _ in range(3)] == [name] * 3


def test_loudness_changes_nothing(recogniser: Recogniser) -> None:
    audio = plucks(np.random.default_rng(2))
    np.testing.assert_allclose(describe(audio, RATE), describe(0.25 * audio, RATE), rtol=1e-3, atol=1e-3)
    assert recogniser.recognise(describe(0.25 * audio, RATE)) == "plucks"


def test_silence_can_be_described(recogniser: Recogniser) -> None:
    description = describe(np.zeros(int(SECONDS * RATE), np.float32), RATE)
    assert np.isfinite(description).all()
    assert recogniser.recognise(description) in KINDS


def test_it_can_be_kept(recogniser: Recogniser) -> None:
    again = Recogniser(recogniser.labels, **recogniser.arrays())
    description = describe(drone(np.random.default_rng(3)), RATE)
    assert again.recognise(description) == recogniser.recognise(description) == "drone"


def test_scores_are_log_probabilities(recogniser: Recogniser) -> None:
    scores = recogniser.scores(describe(dance(np.random.default_rng(4)), RATE))
    assert sum(np.exp(list(scores.values()))) == pytest.approx(1.0, abs=1e-5)
    assert scores["dance"] > np.log(0.5)


def test_it_learns_the_same_from_the_same_seed_and_leaves_the_noise_of_others_alone() -> None:
    rng = np.random.default_rng(5)
    descriptions, labels = rng.standard_normal((20, 5)).astype(np.float32), ["a", "b"] * 10
    state = torch.get_rng_state()
    first, again, other = (Recogniser.fit(descriptions, labels, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    assert not np.array_equal(other.hidden, first.hidden)
