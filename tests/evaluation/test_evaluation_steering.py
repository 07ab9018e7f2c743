"""Controls whose effect is known rise, fall or do nothing."""

import numpy as np
import pytest

from simba_live.evaluation.statistics import Share
from simba_live.evaluation.steering import Steered, centroid
from tests.training.small_corpus import RATE


def test_what_rises_is_told_from_what_does_not() -> None:
    steered = Steered.of(np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 8.0], [3.0, 2.0, 1.0], [1.0, np.nan, 2.0]]))
    assert steered.rising == Share(2, 3)
    assert steered.correlation == pytest.approx(1 / 3)
    assert steered.levels == (2.0, 2.0, 3.0)
    nothing = Steered.of(np.full((2, 3), np.nan))
    assert nothing.rising == Share(0, 0)


def test_the_centroid_of_a_tone_is_its_pitch() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 1500 * np.arange(2 * RATE) / RATE).astype(np.float32)
    assert centroid(tone, RATE) == pytest.approx(1500.0, rel=0.03)
    assert np.isnan(centroid(np.zeros(2 * RATE, np.float32), RATE))
