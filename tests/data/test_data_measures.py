"""Brightness, and conditions on another grid of frames."""

import numpy as np
import pytest

from simba_live.conditions import DRUM_NONE, DRUM_ONSET, NOTE_OFF, NOTE_ONSET, NOTE_SUSTAINED, Conditions
from simba_live.data.brightness import DARKEST, OCTAVES, brightness
from simba_live.data.retime import retime

RATE, FRAMES = 24000, 100


def tone(pitch: float, level: float = 0.1) -> np.ndarray:
    return (level * np.sin(2 * np.pi * pitch * np.arange(2 * RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("pitch", [500.0, 1000.0, 4000.0])
@pytest.mark.parametrize("level", [0.5, 0.005])
def test_a_tone_is_as_bright_as_its_pitch(pitch, level):
    values = brightness(tone(pitch, level), RATE, 50.0, FRAMES)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values[10:90], np.log2(pitch / DARKEST) / OCTAVES, atol=0.02)


def test_the_scale_ends_at_both_ends():
    assert brightness(tone(60.0), RATE, 50.0, FRAMES)[50] < 0.05
    noise = np.diff(np.random.default_rng(0).standard_normal(2 * RATE + 2), 2).astype(np.float32)
    assert 0.9 < brightness(0.1 * noise, RATE, 50.0, FRAMES)[50] <= 1.0


def test_silence_has_no_brightness():
    assert np.isnan(brightness(np.zeros(2 * RATE, np.float32), RATE, 50.0, FRAMES)).all()
    assert len(brightness(np.zeros(10, np.float32), RATE, 75.0, 7)) == 7


def test_a_change_is_smoothed_over_half_a_second():
    audio = np.concatenate([tone(500.0)[:RATE], tone(4000.0)[:RATE]])
    values = brightness(audio, RATE, 50.0, FRAMES)
    assert values[30] < 0.25
    assert values[70] > 0.75
    assert 0.3 < values[50] < 0.7
    assert (np.diff(values[30:70]) > -0.02).all()


def grid(seconds: float, rate: float) -> Conditions:
    conditions = Conditions.free(round(seconds * rate))
    beats = np.arange(len(conditions)) / rate * 2.0
    conditions.tempo[:] = 120.0
    conditions.beat[:] = beats % 1.0
    conditions.bar[:] = beats / 3.0 % 1.0
    conditions.notes[:] = NOTE_OFF
    conditions.drums[:] = DRUM_NONE
    conditions.notes[10:60, 64] = NOTE_SUSTAINED
    conditions.notes[[10, 31], 64] = NOTE_ONSET
    conditions.drums[::5, 0] = DRUM_ONSET
    return conditions


@pytest.mark.parametrize("rate", [75.0, 100.0, 40.0, 25.0])
def test_onsets_and_phases_survive_another_rate(rate):
    old = grid(4.0, 50.0)
    frames = round(4.0 * rate)
    new = retime(old, 50.0, rate, frames)
    assert len(new) == frames
    assert np.sum(new.notes == NOTE_ONSET) == 2
    if rate >= 40.0:
        assert np.sum(new.drums[:, 0] == DRUM_ONSET) == np.sum(old.drums[:, 0] == DRUM_ONSET)
    first = np.flatnonzero(new.notes[:, 64] == NOTE_ONSET)[0]
    assert abs(first / rate - 0.2) <= 1.0 / rate
    assert abs(np.mean(new.notes[:, 64] != NOTE_OFF) - np.mean(old.notes[:, 64] != NOTE_OFF)) < 0.02
    beats = np.arange(frames) / rate * 2.0
    wrapped = (new.beat - beats + 0.5) % 1.0 - 0.5
    np.testing.assert_allclose(wrapped, 0.0, atol=1e-3)
    wrapped = (new.bar - beats / 3.0 + 0.5) % 1.0 - 0.5
    np.testing.assert_allclose(wrapped, 0.0, atol=1e-3)


def test_the_same_rate_changes_nothing():
    old = grid(2.0, 50.0)
    assert retime(old, 50.0, 50.0, 100) is old
    assert len(retime(old, 50.0, 50.0, 103)) == 103


def test_free_stays_free():
    new = retime(Conditions.free(50), 50.0, 75.0, 75)
    np.testing.assert_array_equal(new.features(), Conditions.free(75).features())
