import numpy as np
import pytest

from simba_live.audio import Fader, Meter, limit

RATE = 24000
FRAME = 480


def tone(seconds=1.0, level=0.5, channels=1):
    wave = level * np.sin(2 * np.pi * 440 * np.arange(round(RATE * seconds)) / RATE)
    return np.tile(wave.astype(np.float32), (channels, 1))


def play(fader, audio, settings):
    """Frame by frame, with (gain, mute) of each frame."""
    frames = np.split(audio, audio.shape[1] // FRAME, axis=1)
    return np.concatenate(
        [fader.process(frame, *setting) for frame, setting in zip(frames, settings, strict=True)], axis=1
    )


def test_nothing_asked_is_nothing_done():
    audio = tone(channels=2)
    assert np.array_equal(play(Fader(), audio, [(0.0, 0)] * 50), audio)


@pytest.mark.parametrize("silent", [(0.0, 1), (-60.0, 0), (12.0, 1)])
def test_mute_and_the_lowest_gain_are_silence(silent):
    out = play(Fader(), tone(), [(0.0, 0)] * 10 + [silent] * 40)
    assert not out[:, 11 * FRAME :].any()


def test_a_jump_of_gain_does_not_click():
    settings = [(0.0, 0)] * 10 + [(-60.0, 0)] * 10 + [(6.0, 0)] * 10 + [(0.0, 1)] * 10 + [(0.0, 0)] * 10
    audio = tone(level=0.4)
    out = play(Fader(), audio, settings)
    assert np.abs(np.diff(out)).max() <= 2.05 * np.abs(np.diff(audio)).max()
    assert np.abs(out[:, 21 * FRAME : 30 * FRAME]).max() == pytest.approx(0.4 * 10 ** (6 / 20), rel=1e-3)


def test_a_ramp_ends_on_the_new_gain():
    fader = Fader()
    out = fader.process(np.ones((1, FRAME), np.float32) * np.float32(0.5), -20.0)
    assert (np.diff(out) < 0).all()
    assert out[0, -1] == pytest.approx(0.05)
    assert fader.factor == pytest.approx(0.1)


def test_a_fader_goes_on_from_its_state():
    audio = tone()
    settings = [(float(gain), gain % 7 == 0) for gain in range(-30, 20)]
    whole = play(Fader(), audio, settings)
    fader = Fader()
    half = play(fader, audio[:, : 25 * FRAME], settings[:25])
    rest = play(Fader(fader.factor), audio[:, 25 * FRAME :], settings[25:])
    assert np.array_equal(np.concatenate([half, rest], axis=1), whole)


def test_what_leaves_the_fader_fits_full_scale():
    audio = tone(level=30.0)
    audio[0, 100:103] = np.nan, np.inf, -np.inf
    out = play(Fader(), audio, [(12.0, 0)] * 50)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0


def test_a_quiet_block_is_not_copied():
    audio = tone()
    assert limit(audio) is audio


def test_a_meter_shows_the_last_tenth_of_a_second():
    meter = Meter(RATE)
    assert (meter.peak, meter.rms) == (-120.0, -120.0)
    for frame in np.split(tone(0.2, level=0.5, channels=2), 10, axis=1):
        meter.add(frame)
    assert meter.peak == pytest.approx(-6.02, abs=0.01)
    assert meter.rms == pytest.approx(-9.03, abs=0.01)
    silence = np.zeros((2, FRAME), np.float32)
    for _ in range(4):
        meter.add(silence)
    assert meter.peak == pytest.approx(-6.02, abs=0.01)
    assert meter.rms == pytest.approx(-9.03 - 6.99, abs=0.05)
    meter.add(silence)
    assert (meter.peak, meter.rms) == (-120.0, -120.0)


def test_a_meter_takes_blocks_of_any_length():
    meter = Meter(RATE)
    for length in (0, 1, 7, 5000, 300):
        meter.add(np.full((1, length), 0.1, np.float32))
    assert meter.rms == pytest.approx(-20.0, abs=1e-3)
