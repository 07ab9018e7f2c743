"""Tempo, beat and key of sound whose tempo, beat and key are known."""

import numpy as np
import pytest

from simba_live.server import analysis
from simba_live.server.analysis import Analyst, find_beat, find_key
from simba_live.server.hearing import Tune
from tests.server.stage import wait_until

RATE = 24000


def strokes(bpm, seconds=12.0, first=0.25):
    """Short noises on the beat."""
    dice, audio = np.random.default_rng(0), np.zeros(round(seconds * RATE), np.float32)
    for at in np.arange(first, seconds - 0.1, 60.0 / bpm):
        start = round(at * RATE)
        audio[start : start + 1200] += dice.standard_normal(1200) * np.exp(-np.arange(1200) / 200) * 0.3
    return audio


def chords(roots, minor):
    """A second of each triad."""
    seconds = np.arange(RATE) / RATE
    parts = []
    for root, small in zip(roots, minor, strict=True):
        pitches = [48 + root, 48 + root + (3 if small else 4), 55 + root]
        hertz = [440.0 * 2 ** ((pitch - 69) / 12) for pitch in pitches]
        parts.append(sum(np.sin(2 * np.pi * k * f * seconds) / k for f in hertz for k in (1, 2, 3)))
    return (0.05 * np.concatenate(parts * 3)).astype(np.float32)


@pytest.mark.parametrize("bpm", [80.0, 100.0, 127.0])
def test_the_beat_of_strokes(bpm):
    found, beat = find_beat(strokes(bpm), RATE)
    assert found == pytest.approx(bpm, rel=0.01)
    off = (beat - 0.25) % (60.0 / bpm)
    assert min(off, 60.0 / bpm - off) < 0.03


def test_no_beat_is_not_guessed():
    assert find_beat(np.zeros(12 * RATE, np.float32), RATE)[0] == 0.0
    dice = np.random.default_rng(1)
    free = np.zeros(12 * RATE, np.float32)
    for start in dice.integers(0, 11 * RATE, 14):
        free[start : start + 1200] += dice.standard_normal(1200) * 0.3
    assert find_beat(free, RATE)[0] == 0.0


@pytest.mark.parametrize(
    ("roots", "minor", "key"),
    [((0, 5, 7, 0), (0, 0, 0, 0), "C major"), ((9, 2, 4, 9), (1, 1, 0, 1), "A minor")],
)
def test_the_key_of_chords(roots, minor, key):
    assert find_key(chords(roots, minor), RATE) == key


def test_noise_and_silence_have_no_key():
    assert find_key(np.zeros(6 * RATE, np.float32), RATE) == ""


def test_an_analyst_tells_what_it_hears(monkeypatch):
    monkeypatch.setattr(analysis, "EVERY_SECONDS", 0.05)
    said = []
    analyst = Analyst(RATE, said.append)
    audio = strokes(100.0)
    for start in range(0, len(audio), 480):
        analyst.push(audio[None, start : start + 480], 50.0 + (start + 480) / RATE)
    wait_until(lambda: said)
    (tune, *_) = said
    assert isinstance(tune, Tune)
    off = (tune.beat_at - 50.25) % 0.6
    assert tune.bpm == pytest.approx(100.0, rel=0.01)
    assert min(off, 0.6 - off) < 0.03
