"""Voices of our own: in tune, on time, without clicks, and nothing folded back."""

import dataclasses

import numpy as np
import pytest

from simba_live.data.envelopes import Envelope, Movement
from simba_live.data.kit import draw_drum
from simba_live.data.oscillators import (
    frequency_of,
    largest_index,
    modulated,
    read_table,
    shaped_noise,
    table,
    turns,
)
from simba_live.data.patches import draw_voice
from simba_live.data.strings import String
from simba_live.data.synth import register
from simba_live.data.voices import Wave

RATE = 24000


def spectrum(audio: np.ndarray, size: int = 1 << 17) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and power; the window's sidelobes are below -90 dB."""
    power = np.abs(np.fft.rfft(audio * np.blackman(len(audio)), size)) ** 2
    return np.fft.rfftfreq(size, 1.0 / RATE), power


@pytest.mark.parametrize("program", range(128))
def test_every_program_is_in_tune_and_on_time(program):
    rng = np.random.default_rng(program)
    voice = draw_voice(program, rng)
    pitch = register(program) + int(rng.integers(-12, 13))
    note = voice.note(pitch, 96, 0.9, RATE)
    assert note.dtype == np.float32
    assert np.isfinite(note).all()

    frequencies, power = spectrum(note[: round(0.9 * RATE)])
    near = np.abs(1200.0 * np.log2(np.maximum(frequencies, 1.0) / frequency_of(pitch))) < 60.0
    assert power[near].max() > 1e-3 * power.max()
    heard = (frequencies[near] * power[near]).sum() / power[near].sum()
    assert abs(1200.0 * np.log2(heard / frequency_of(pitch))) < 10.0

    size = np.abs(note)
    assert np.argmax(size > 0.03 * size.max()) / RATE < 0.010
    # It begins and ends in silence, or it would click.
    assert size[0] < 0.35 * size.max()
    assert size[-1] < 0.01 * size.max()


def test_a_voice_is_a_pure_function_and_patches_differ():
    one, two = (draw_voice(81, np.random.default_rng(seed)) for seed in (1, 2))
    assert one == draw_voice(81, np.random.default_rng(1))
    assert one != two
    np.testing.assert_array_equal(one.note(60, 90, 0.3, RATE), one.note(60, 90, 0.3, RATE))


def test_harder_notes_are_brighter():
    for program in (0, 33, 81, 61):
        voice = draw_voice(program, np.random.default_rng(4))
        centroids = []
        for velocity in (30, 120):
            frequencies, power = spectrum(voice.note(50, velocity, 0.3, RATE)[:7200])
            amplitude = np.sqrt(power)
            centroids.append((frequencies * amplitude).sum() / amplitude.sum())
        assert centroids[1] > 1.05 * centroids[0]


@pytest.mark.parametrize("shape", ["saw", "square", "pulse", "triangle"])
@pytest.mark.parametrize("pitch", [84, 96, 105, 108])
def test_nothing_of_a_high_note_is_folded_back(shape, pitch):
    voice = Wave(
        shape=shape, width=0.3, cutoff=20000.0, tracking=1.0, envelope=Envelope(0.003, 1.0, 1.0, 0.01)
    )
    frequencies, power = spectrum(voice.note(pitch, 127, 1.0, RATE)[2400:21600])
    frequency = frequency_of(pitch)
    order = np.round(frequencies / frequency)
    between = (np.abs(frequencies - order * frequency) > 40.0) | (order == 0)
    assert 10 * np.log10(power[between].max() / power.max()) < -50.0


def test_strings_are_not_folded_back_either():
    frequencies, power = spectrum(
        String(slope=0.0, cutoff=9000.0, pick=0.0).note(100, 127, 0.8, RATE)[1200:18000]
    )
    frequency = frequency_of(100)
    order = np.round(frequencies / frequency)
    between = (np.abs(frequencies - order * frequency) > 60.0) | (order == 0)
    assert 10 * np.log10(power[between].max() / power.max()) < -50.0


def test_frequency_modulation_stays_below_half_the_rate():
    rng = np.random.default_rng(0)
    for _ in range(40):
        carrier, modulator = rng.uniform(200.0, 9000.0), rng.uniform(100.0, 9000.0)
        index = min(largest_index(carrier, modulator, RATE), 6.0)
        # Eight times the rate shows what would have been folded.
        fast, length = 8 * RATE, RATE
        sound = modulated(
            turns(carrier, length, fast), turns(modulator, length, fast), np.full(length, index, np.float32)
        )
        power = np.abs(np.fft.rfft(sound * np.blackman(length))) ** 2
        above = np.fft.rfftfreq(length, 1.0 / fast) > 0.5 * RATE + 100.0
        assert 10 * np.log10(power[above].max() / power.max()) < -49.0


def test_strings_die_as_karplus_and_strong_s_do():
    """Their loop's fundamental and a high harmonic both fall, the high one sooner."""
    string = String(seconds=3.0, damping=1.0, slope=0.0, cutoff=9000.0, pick=0.0)
    note = string.note(60, 100, 2.0, RATE)

    def harmonic(number: int, start: float) -> float:
        part = note[round(start * RATE) : round((start + 0.2) * RATE)]
        wave = np.exp(-2j * np.pi * number * frequency_of(60) * np.arange(len(part)) / RATE)
        return float(20 * np.log10(abs((part * np.hanning(len(part))) @ wave)))

    assert harmonic(1, 0.1) - harmonic(1, 1.1) == pytest.approx(20.0, abs=1.5)
    assert harmonic(6, 0.1) - harmonic(6, 0.6) > 2 * (harmonic(1, 0.1) - harmonic(1, 0.6))


def test_a_filter_opens_and_closes():
    sweep = Envelope(0.002, 0.1, 0.0, 0.05)
    voice = Wave(cutoff=300.0, sweep=4.0, sweep_envelope=sweep, envelope=Envelope(0.002, 1.0, 1.0, 0.05))
    note = voice.note(45, 100, 0.8, RATE)
    levels = []
    for start in (0.01, 0.6):
        frequencies, power = spectrum(note[round(start * RATE) : round((start + 0.1) * RATE)])
        levels.append(10 * np.log10(power[frequencies > 1500.0].sum() / power.sum()))
    assert levels[0] > levels[1] + 15.0


def test_vibrato_swings_around_the_note():
    plain = Wave(shape="triangle", envelope=Envelope(0.003, 1.0, 1.0, 0.05))
    swinging = dataclasses.replace(plain, vibrato=Movement(50.0, 5.0, 0.05))
    spread = []
    for voice in (plain, swinging):
        frequencies, power = spectrum(voice.note(69, 100, 1.0, RATE)[2400:21600])
        near = np.abs(frequencies - 440.0) < 40.0
        mean = (frequencies[near] * power[near]).sum() / power[near].sum()
        assert mean == pytest.approx(440.0, abs=1.5)
        spread.append(np.sqrt(((frequencies[near] - mean) ** 2 * power[near]).sum() / power[near].sum()))
    assert spread[1] > 3 * spread[0]


def test_tables_and_noise_are_what_they_say():
    rows = table(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2))
    phase = turns(100.0, 2400, RATE)
    time = np.arange(2400) / RATE
    np.testing.assert_allclose(read_table(rows, phase), np.sin(2 * np.pi * 100.0 * time), atol=1e-3)
    half = read_table(rows, phase, np.full(2400, 0.5, np.float32))
    both = 0.5 * np.sin(2 * np.pi * 100.0 * time) + 0.5 * np.sin(2 * np.pi * 200.0 * time)
    np.testing.assert_allclose(half, both, atol=2e-3)
    noise = shaped_noise(RATE, RATE, 2000.0, 4000.0, np.random.default_rng(0))
    assert (noise**2).mean() == pytest.approx(1.0, rel=1e-3)
    frequencies, power = spectrum(noise)
    assert power[(frequencies > 2000) & (frequencies < 4000)].mean() > 20 * power[frequencies < 500].mean()


@pytest.mark.parametrize("pitch", range(27, 88))
def test_every_drum_is_struck_at_once_and_ends(pitch):
    for kit in (1, 2):
        drum = draw_drum(pitch, kit)
        hit = drum.hit(RATE)
        assert np.isfinite(hit).all()
        size = np.abs(hit)
        assert size.max() == pytest.approx(10 ** (drum.level / 20), rel=1e-3)
        assert np.argmax(size > 0.1 * size.max()) / RATE < 0.005
        assert size[-1] < 0.001 * size.max()
        assert len(hit) < 6 * RATE
    np.testing.assert_array_equal(draw_drum(pitch, 1).hit(RATE), draw_drum(pitch, 1).hit(RATE))
    assert draw_drum(pitch, 1) != draw_drum(pitch, 2)


def test_drums_lie_where_their_names_say():
    def centre(pitch: int, kit: int) -> float:
        frequencies, power = spectrum(draw_drum(pitch, kit).hit(RATE)[: 1 << 15])
        return float((frequencies * power).sum() / power.sum())

    for kit in range(5):
        assert centre(36, kit) < 150.0 < centre(38, kit)
        assert centre(45, kit) < centre(50, kit) < 700.0
        assert centre(42, kit) > 4500.0 < centre(46, kit)
        open_hat, closed_hat = draw_drum(46, kit), draw_drum(42, kit)
        assert open_hat.noise_seconds > 2 * closed_hat.noise_seconds
