"""Effects: they do what their names say, and move nothing in time."""

import numpy as np
import pytest

from simba_live.data.effects import Chain, chain, vary
from simba_live.data.filters import Echo, Equaliser, Reverb, apply_linear
from simba_live.data.shapers import Chorus, Compressor, Crush, Drive, Level, Noise, Tremolo

RATE = 24000
STARTS = (0.2, 0.5, 0.8)
EACH = (
    Equaliser("low-pass", 600.0),
    Equaliser("high-pass", 800.0),
    Equaliser("band-pass", 1000.0),
    Equaliser("peak", 1000.0, 2.0, 10.0),
    Equaliser("low shelf", 300.0, 0.7, 9.0),
    Equaliser("high shelf", 3000.0, 0.7, -12.0),
    Reverb(0.8, 1.0, 3000.0, 0.02, 1),
    Echo(0.13, 0.5, 0.5, 4000.0),
    Drive("tanh", 24.0),
    Drive("hard", 24.0),
    Drive("asymmetric", 24.0),
    Crush(6.0, 4),
    Compressor(-6.0, 8.0, 0.005, 0.1),
    Chorus(1.0, 0.002, 0.01, 1.0),
    Tremolo(5.0, 0.8, 0.0),
    Level(-20.0, 0.0),
    Level(0.0, -20.0, evenly=True),
    Noise("hiss", -30.0, 1),
    Noise("rumble", -30.0, 1),
    Noise("hum", -30.0, 1),
    Noise("crackle", -30.0, 1),
)


def strokes() -> np.ndarray:
    """Three plucked tones with a click, silence before each."""
    audio = np.zeros(round(1.1 * RATE))
    time = np.arange(round(0.15 * RATE)) / RATE
    noise = np.random.default_rng(0).standard_normal(len(time))
    for start in STARTS:
        tone = sum(np.sin(2 * np.pi * f * time) for f in (150.0, 440.0, 1500.0, 4000.0))
        first = round(start * RATE)
        audio[first : first + len(time)] = (0.1 * tone + 0.05 * noise) * np.exp(-time / 0.03)
    return audio.astype(np.float32)


def onset(audio: np.ndarray, start: float) -> float:
    """When the energy first rises to a quarter of its maximum around a start, in seconds."""
    first = round((start - 0.05) * RATE)
    part = audio[first : first + round(0.15 * RATE)].astype(np.float64)
    energy = np.convolve(part**2, np.ones(48) / 48)[: len(part)]
    return (first + int(np.argmax(energy > 0.25 * energy.max()))) / RATE


@pytest.mark.parametrize(
    "effect", EACH, ids=lambda effect: f"{type(effect).__name__} {getattr(effect, 'kind', '')}"
)
def test_each_is_pure_and_moves_nothing(effect):
    audio = strokes()
    before = audio.copy()
    out = Chain((effect,))(audio, RATE)
    np.testing.assert_array_equal(audio, before)
    np.testing.assert_array_equal(Chain((effect,))(audio, RATE), out)
    assert out.dtype == np.float32
    assert out.shape == audio.shape
    assert np.isfinite(out).all()
    assert not np.allclose(out, audio, atol=1e-3)
    for start in STARTS:
        assert abs(onset(out, start) - onset(audio, start)) < 0.005
    if not isinstance(effect, Noise):
        silent = out[: round(STARTS[0] * RATE) - 8]
        assert np.abs(silent).max() < 1e-3 * np.abs(out).max()


@pytest.mark.parametrize(
    "effect", EACH, ids=lambda effect: f"{type(effect).__name__} {getattr(effect, 'kind', '')}"
)
def test_silence_and_next_to_nothing_stay_so(effect):
    for length in (1, 100, 5000):
        assert np.abs(Chain((effect,))(np.zeros(length, np.float32), RATE)).max() < 1e-6


def gain_at(effect: Equaliser, hertz: float) -> float:
    """dB at a frequency."""
    size = RATE  # a place of the transform for each Hz
    return float(20 * np.log10(abs(effect.response(size, RATE)[round(hertz)])))


def test_equalisers_have_the_gains_they_are_asked_for():
    assert gain_at(Equaliser("low-pass", 1000.0), 50.0) == pytest.approx(0.0, abs=0.1)
    assert gain_at(Equaliser("low-pass", 1000.0), 1000.0) == pytest.approx(-3.1, abs=0.2)
    assert gain_at(Equaliser("low-pass", 1000.0), 8000.0) < -36.0
    assert gain_at(Equaliser("high-pass", 1000.0), 100.0) < -36.0
    assert gain_at(Equaliser("band-pass", 1000.0, 2.0), 1000.0) == pytest.approx(0.0, abs=0.1)
    assert gain_at(Equaliser("peak", 1000.0, 1.0, 9.0), 1000.0) == pytest.approx(9.0, abs=0.1)
    assert gain_at(Equaliser("peak", 1000.0, 4.0, 9.0), 100.0) == pytest.approx(0.0, abs=0.3)
    for kind, near, far in (("low shelf", 20.0, 11000.0), ("high shelf", 11900.0, 20.0)):
        assert gain_at(Equaliser(kind, 1000.0, 0.7, -12.0), near) == pytest.approx(-12.0, abs=0.3)
        assert gain_at(Equaliser(kind, 1000.0, 0.7, -12.0), far) == pytest.approx(0.0, abs=0.3)


def test_a_room_decays_in_its_time_and_an_echo_comes_when_it_should():
    click = np.zeros(2 * RATE, np.float32)
    click[0] = 1.0
    room = apply_linear(click, [Reverb(1.0, 0.5, 5000.0, 0.0, 3)], RATE)
    assert room[0] == pytest.approx(1.0, abs=0.1)
    energy = np.cumsum(room[:1:-1].astype(np.float64) ** 2)[::-1]
    decay = 10 * np.log10(energy / energy[0])
    assert -36.0 < decay[round(0.5 * RATE)] < -24.0
    echo = apply_linear(click, [Echo(0.25, 0.5, 0.5, 11000.0)], RATE)
    late = np.abs(echo[100:])
    assert np.argmax(late) + 100 == pytest.approx(0.25 * RATE, abs=5)


def rms(audio: np.ndarray) -> float:
    return float(np.sqrt((audio.astype(np.float64) ** 2).mean()))


@pytest.mark.parametrize("kind", ["tanh", "hard"])
def test_drive_keeps_the_loudness_and_rounds_the_peaks(kind):
    audio = strokes()
    out = Drive(kind, 20.0)(audio, RATE)
    assert rms(out) == pytest.approx(rms(audio), rel=1e-3)
    assert np.abs(out).max() < 0.8 * np.abs(audio).max()


def test_compression_brings_loud_and_soft_together():
    audio = np.sin(2 * np.pi * 300.0 * np.arange(RATE) / RATE).astype(np.float32)
    audio[: RATE // 2] *= 0.1
    out = Compressor(-12.0, 4.0, 0.005, 0.05)(audio, RATE)
    assert rms(out) == pytest.approx(rms(audio), rel=1e-3)
    soft, loud = out[RATE // 4 : RATE // 2], out[-RATE // 4 :]
    # The soft half passes; the loud one lies 15 dB above the threshold and loses three quarters of that.
    assert 20 * np.log10(rms(loud) / rms(soft)) == pytest.approx(20.0 - 11.25, abs=0.7)


def test_chains_differ_and_mild_ones_stay_near():
    audio = strokes()
    spectra = np.abs(np.fft.rfft(audio))
    names = set()
    for seed in range(100):
        mild = chain(np.random.default_rng(seed), mild=True)
        assert mild.effects
        out = mild(audio, RATE)
        assert np.isfinite(out).all()
        likeness = (
            np.abs(np.fft.rfft(out)) @ spectra / np.linalg.norm(spectra) / np.linalg.norm(np.fft.rfft(out))
        )
        assert likeness > 0.9
        names.update(chain(np.random.default_rng(seed)).names)
    assert names == {
        "equaliser", "compressor", "drive", "crush", "chorus", "tremolo", "echo", "reverb", "noise", "level",
    }  # fmt: skip


def test_variations_of_an_excerpt():
    audio = strokes()[: round(0.64 * RATE)]
    outs = [vary(audio, np.random.default_rng(seed), RATE) for seed in range(120)]
    np.testing.assert_array_equal(outs[3], vary(audio, np.random.default_rng(3), RATE))
    levels = []
    for out in outs:
        assert out.dtype == np.float32
        assert out.shape == audio.shape
        assert np.isfinite(out).all()
        assert np.abs(out).max() <= 1.0
        levels.append(20 * np.log10(np.sqrt((out**2).mean()) / np.sqrt((audio**2).mean())))
    assert max(levels) - min(levels) > 20.0
    assert len({out.tobytes() for out in outs}) == len(outs)
    plain = sum(abs(np.corrcoef(out, audio)[0, 1]) > 0.99999 for out in outs)
    assert 10 <= plain <= 45
