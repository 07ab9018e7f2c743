"""The music's rate and channels become the device's, however much that asks for at a time."""

import numpy as np
import pytest

from simba_live.audio.outlet import Outlet
from simba_live.audio.ring import Ring

RATE = 24000


def ring_of(audio):
    """A ring with music [C, n], which is all there is."""
    ring = Ring(len(audio), RATE * 2)
    ring.write(audio.T)
    ring.end()
    return ring


def played(outlet, samples, channels, bites):
    """What a device gets that asks for so many samples each time."""
    heard = []
    while sum(map(len, heard)) < samples:
        room = np.full((next(bites), channels), 7.0, np.float32)
        outlet.fill(room)
        heard.append(room)
    return np.concatenate(heard)[:samples]


def some_bites(seed, most):
    dice = np.random.default_rng(seed)
    while True:
        yield int(dice.integers(1, most))


@pytest.mark.parametrize(("channels", "wanted"), [(1, 2), (2, 1), (2, 2), (1, 1)])
def test_channels_are_spread_or_averaged(channels, wanted):
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (channels, 5000)).astype(np.float32)
    outlet = Outlet(ring_of(audio), RATE, RATE)
    assert outlet.held_seconds == 0.0
    expected = audio if channels == wanted else np.repeat(audio.mean(axis=0, keepdims=True), wanted, axis=0)
    assert np.array_equal(played(outlet, 5000, wanted, some_bites(0, 700)).T, expected)


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_another_rate_holds_back_ten_milliseconds_and_keeps_the_signal(rate):
    wave = 0.5 * np.sin(2 * np.pi * 9000 * np.arange(RATE) / RATE).astype(np.float32)
    outlet = Outlet(ring_of(wave[None]), RATE, rate)
    assert outlet.held_seconds == pytest.approx(0.01)
    result = played(outlet, rate, 2, some_bites(rate, rate // 50))
    assert np.array_equal(result[:, 0], result[:, 1])
    middle = slice(rate // 10, -rate // 10)
    turns = 2j * np.pi * 9000 * np.arange(len(result))[middle] / rate
    tone = result[middle, 0]
    phasor = 2 * np.mean(tone * np.exp(-turns))
    assert abs(phasor) == pytest.approx(0.5, abs=1e-4)
    assert abs(np.angle(phasor) + np.pi / 2) < 2 * np.pi * 9000 * 1e-5, "it is late by more than 10 us"
    assert np.abs(tone - (phasor * np.exp(turns)).real).max() < 1e-5


def test_what_is_taken_stays_within_a_sample_of_what_is_played():
    ring = ring_of(np.zeros((1, RATE), np.float32))
    outlet = Outlet(ring, RATE, 44100)
    played(outlet, 441, 1, iter([441]))
    before = ring.num_read
    assert before == pytest.approx(441 / 44100 * RATE + outlet.held_seconds * RATE, abs=2)
    for bites in range(1, 60):
        played(outlet, 256, 1, iter([256]))
        assert ring.num_read - before == pytest.approx(bites * 256 * RATE / 44100, abs=2)


def test_silence_where_no_music_is():
    ring = Ring(1, 1000)
    outlet = Outlet(ring, RATE, 48000)
    assert not played(outlet, 500, 2, iter([500])).any()
    assert ring.underruns == 0
