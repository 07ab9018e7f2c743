"""What is done to sound before it is heard, on all that a driver may bring."""

import numpy as np
import pytest

from simba_live.audio.inlet import HOLD_SECONDS, Inlet

RATE, FRAME = 24000, 480


def sine(rate=RATE, seconds=1.0, hertz=440.0, level=0.5, channels=1):
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def heard(inlet, sound, rate=RATE, block=317):
    """What comes out when the sound [n, C] goes in bit by bit."""
    parts = [inlet.push(sound[start : start + block], rate) for start in range(0, len(sound), block)]
    return np.concatenate(parts, 1)


def inlet(**settings):
    return Inlet(RATE, 1, FRAME, **settings)


def loudest_hertz(audio, rate=RATE):
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return np.argmax(spectrum) * rate / len(audio)


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000, 192000])
def test_any_rate_and_number_of_channels_becomes_the_codecs(rate, channels):
    sound = heard(inlet(), sine(rate, 2.0, channels=channels), rate)
    assert sound.shape[0] == 1
    assert sound.shape[1] % FRAME == 0
    assert sound.shape[1] / RATE == pytest.approx(2.0, abs=0.08)
    settled = sound[0, RATE // 2 : RATE * 3 // 2]
    assert loudest_hertz(settled) == pytest.approx(440.0, abs=1.5)
    assert np.abs(settled).max() == pytest.approx(0.5, abs=0.02)


def test_what_the_codec_cannot_have_is_filtered_away():
    sound = heard(inlet(), sine(192000, 1.0, hertz=30000.0), 192000)
    assert np.abs(sound[0, RATE // 2 :]).max() < 0.001


def test_a_stereo_codec_gets_both_sides():
    both = np.concatenate([sine(level=0.5), sine(level=0.25)], 1)
    sound = heard(Inlet(RATE, 2, FRAME), both)[:, RATE // 2 :]
    assert np.abs(sound).max(axis=1) == pytest.approx([0.5, 0.25], abs=0.01)
    assert heard(Inlet(RATE, 2, FRAME), sine()).shape[0] == 2


def test_samples_that_are_no_numbers_become_silence():
    broken = sine(seconds=1.0)
    broken[1000:1200:3], broken[1001:1200:3], broken[1002:1200:3] = np.nan, np.inf, -np.inf
    broken[5000] = 3e38
    sound = heard(inlet(), broken)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 2.0
    settled = sound[:, 12000:]
    assert np.allclose(settled, heard(inlet(), sine(seconds=1.0))[:, 12000:], atol=1e-3)


def test_nothing_but_nan_is_silence():
    quiet = inlet()
    sound = heard(quiet, np.full((RATE, 2), np.nan, np.float32))
    assert not sound.any()
    assert quiet.silent_seconds > 0.5


@pytest.mark.parametrize("offset", [0.2, -1.0, 1.0])
def test_an_offset_is_taken_away(offset):
    plain, shifted = inlet(), inlet()
    sound = heard(shifted, sine(level=0.1, seconds=2.0) * 0.5 + np.float32(offset))
    assert abs(sound[0, RATE:].mean()) < 1e-3
    alone = heard(plain, np.full((2 * RATE, 1), offset, np.float32))
    assert plain.silent_seconds > 1.0
    assert not alone[:, RATE:].any()


def test_digital_silence_is_exactly_silence():
    quiet = inlet()
    assert not heard(quiet, np.zeros((RATE, 1), np.float32)).any()
    assert quiet.silent_seconds == pytest.approx(1.0, abs=0.05)
    assert (quiet.peak, quiet.clipped) == (-120.0, False)


def test_noise_at_full_scale_is_told_and_stays_finite():
    loud = inlet()
    sound = heard(loud, np.random.default_rng(0).uniform(-1.0, 1.0, (RATE, 1)).astype(np.float32) * 1.5)
    assert loud.clipped
    assert np.isfinite(sound).all()
    assert loud.peak > -1.0
    heard(loud, sine(seconds=2.0))
    assert not loud.clipped


def test_the_gate_closes_over_noise_and_opens_for_the_stroke():
    gate = inlet(gate_db=-40.0)
    hiss = np.random.default_rng(0).normal(0.0, 0.001, (RATE, 1)).astype(np.float32)
    assert not heard(gate, hiss).any()
    stroke = sine(seconds=0.5, hertz=1000.0)
    sound = heard(gate, np.concatenate([stroke, hiss]))
    begun = np.flatnonzero(sound[0])[0]
    opening = sound[0, begun : begun + 240]
    assert np.abs(opening[96:]).max() > 0.45, "open after four milliseconds"
    assert np.abs(np.diff(sound[0], prepend=0.0)).max() < 0.2, "without a click"
    sounding = np.flatnonzero(sound[0])[-1] / RATE
    assert sounding == pytest.approx(0.5 + HOLD_SECONDS, abs=0.1)
    assert not inlet(gate_db=-120.0).silent_seconds
    assert heard(inlet(gate_db=-120.0), hiss).any()


def test_a_source_that_changes_its_shape_goes_on():
    changing = inlet()
    heard(changing, sine(48000, 0.5, channels=2), 48000)
    sound = heard(changing, sine(44100, 1.0, channels=1), 44100)
    assert loudest_hertz(sound[0, 4800:]) == pytest.approx(440.0, abs=2.0)


def test_it_knows_what_it_holds_back():
    plain, slow = inlet(), inlet()
    plain.push(sine()[:700], RATE)
    assert plain.held_seconds == pytest.approx(220 / RATE)
    heard(slow, sine(48000), 48000)
    assert 0.0 <= slow.held_seconds < 0.04
