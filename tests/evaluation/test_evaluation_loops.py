"""A stream with a known loop is found out, and one that only follows its score is not."""

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.evaluation.loops import repeats_in_codes, repeats_in_sound
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 64, (4, 1000))
ENDLESS = scale(20.0, 97.0, 60, drums=False)
"""Fourteen notes of 0.62 s, so it repeats after 8.7 s."""


def test_codes_that_never_return_are_free() -> None:
    assert repeats_in_codes(CODES, ENDLESS, FRAME_RATE).likeness < 0.05


@pytest.mark.parametrize("period", [20, 65, 173])
def test_a_loop_that_the_score_does_not_have_is_found(period: int) -> None:
    looping = CODES.copy()
    looping[:, 200:] = np.resize(CODES[:, 200 : 200 + period].T, (800, 4)).T
    loop = repeats_in_codes(looping, ENDLESS, FRAME_RATE)
    assert loop.likeness > 0.7
    assert loop.period * FRAME_RATE / period == pytest.approx(round(loop.period * FRAME_RATE / period))


def test_a_loop_of_the_score_itself_is_no_fault() -> None:
    period = 100
    score = Conditions.free(1000)
    score.notes[:] = np.resize(RNG.integers(1, 4, (period, 128)), (1000, 128))
    codes = np.resize(CODES[:, :period].T, (1000, 4)).T
    assert repeats_in_codes(codes, score, FRAME_RATE).likeness < 0.05
    assert repeats_in_codes(codes, ENDLESS, FRAME_RATE).likeness > 0.95


def test_standing_still_is_a_loop() -> None:
    assert repeats_in_codes(np.full((4, 1000), 7), ENDLESS, FRAME_RATE).likeness == 1.0


def test_a_loop_in_sound_is_found() -> None:
    followed = play(ENDLESS)
    assert repeats_in_sound(followed, RATE, ENDLESS, FRAME_RATE).likeness < 0.8
    looping = np.resize(followed[: 3 * RATE], len(followed))
    loop = repeats_in_sound(looping, RATE, ENDLESS, FRAME_RATE)
    assert loop.likeness > 0.95
    assert loop.period % 3.0 == pytest.approx(0.0, abs=1e-6)
