"""Tempo, beat and onsets of click tracks, where the truth is known."""

import numpy as np
import pytest

from simba_live.audio import rhythm

RATE = 24000


def clicks(times: np.ndarray, seconds: float = 12.0, hiss: float = 1e-3) -> np.ndarray:
    rng = np.random.default_rng(1)
    audio = hiss * rng.standard_normal(int(seconds * RATE))
    burst = 0.3 * rng.standard_normal(900) * np.exp(-np.arange(900) / 200)
    for time in times:
        start = round(time * RATE)
        part = audio[start : start + 900]
        part += burst[: len(part)]
    return audio.astype(np.float32)


@pytest.mark.parametrize("bpm", [70.0, 77.3, 92.0, 108.6, 124.0, 139.0])
@pytest.mark.parametrize("hiss", [1e-3, 0.02])
def test_the_tempo_of_clicks_is_found_within_a_percent(bpm: float, hiss: float) -> None:
    found = rhythm.estimate_tempo(clicks(np.arange(0.2, 12.0, 60.0 / bpm), hiss=hiss), RATE)
    assert found.bpm == pytest.approx(bpm, rel=0.01)
    assert found.confidence > 0.6


@pytest.mark.parametrize("bpm", [48.0, 61.0, 168.0, 190.0])
def test_beyond_the_usual_range_at_most_the_octave_is_wrong(bpm: float) -> None:
    found = rhythm.estimate_tempo(clicks(np.arange(0.1, 12.0, 60.0 / bpm)), RATE)
    assert rhythm.judge_tempo(found.bpm, bpm) in rhythm.OCTAVE_TOLERANT


def test_what_has_no_pulse_has_no_confidence() -> None:
    rng = np.random.default_rng(2)
    scattered = np.sort(rng.uniform(0.0, 12.0, 40))
    assert rhythm.estimate_tempo(clicks(scattered), RATE).confidence < 0.3
    hiss = (0.1 * rng.standard_normal(12 * RATE)).astype(np.float32)
    assert rhythm.estimate_tempo(hiss, RATE).confidence < 0.2
    assert rhythm.estimate_tempo(np.zeros(12 * RATE, np.float32), RATE).confidence == 0.0
    assert np.isnan(rhythm.estimate_tempo(np.zeros(12 * RATE, np.float32), RATE).bpm)


def test_verdicts_tell_octaves_from_errors() -> None:
    found = {
        120.0: "right",
        124.0: "right",
        126.0: "wrong",
        60.0: "x1/2",
        245.0: "x2",
        180.0: "x3/2",
        80.0: "x2/3",
    }
    found |= {360.0: "x3", 40.0: "x1/3", 100.0: "wrong", float("nan"): "wrong"}
    for bpm, verdict in found.items():
        assert rhythm.judge_tempo(bpm, 120.0) == verdict
    assert {"right", "x2", "x1/2", "x3", "x1/3"} == set(rhythm.OCTAVE_TOLERANT)


def test_onsets_are_found_to_a_few_milliseconds() -> None:
    times = np.sort(np.arange(0.3, 11.5, 0.25) + np.random.default_rng(3).uniform(-0.05, 0.05, 45))
    found = rhythm.onset_times(clicks(times), RATE)
    assert len(found) == len(times)
    assert np.abs(found - times).max() < 0.006


def test_distances_go_to_the_nearest() -> None:
    found = np.array([1.0, 2.0])
    np.testing.assert_allclose(rhythm.distances(np.array([0.5, 1.4, 1.6, 9.0]), found), [0.5, 0.4, 0.4, 7.0])
    assert np.isinf(rhythm.distances(np.array([1.0]), np.array([]))).all()
