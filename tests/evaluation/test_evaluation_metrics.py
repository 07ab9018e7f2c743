"""The metrics say what is known of signals whose answer is known."""

from itertools import pairwise

import numpy as np
import pytest

from simba_live.audio import keys
from simba_live.audio.spectra import log_mel, magnitudes
from simba_live.conditions import NOTE_ONSET, NOTE_SUSTAINED
from simba_live.evaluation import metrics

RATE = 24000


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (level * samples).astype(np.float32)


def tones(pitches: list[int], seconds: float) -> np.ndarray:
    """Notes with six falling overtones."""
    time = np.arange(int(seconds * RATE)) / RATE
    audio = np.zeros(len(time))
    for pitch in pitches:
        for overtone in range(1, 7):
            frequency = 440.0 * 2.0 ** ((pitch - 69) / 12) * overtone
            audio += np.sin(2 * np.pi * frequency * time + pitch * overtone) / overtone
    return (0.05 * audio).astype(np.float32)


def roll(chords: list[list[int]], seconds: float) -> np.ndarray:
    frames = round(seconds * 50)
    notes = np.ones((len(chords) * frames, 128), np.uint8)
    for index, pitches in enumerate(chords):
        notes[index * frames : (index + 1) * frames, pitches] = NOTE_SUSTAINED
        notes[index * frames, pitches] = NOTE_ONSET
    return notes


CHORDS = [[60, 64, 67], [57, 60, 64], [53, 57, 60], [55, 59, 62]]  # C Am F G
TUNE = np.concatenate([tones(chord, 1.0) for chord in CHORDS])


def test_a_full_scale_sine_reads_0_db() -> None:
    time = np.arange(RATE) / RATE
    sine = np.sin(2 * np.pi * 1000.0 * time).astype(np.float32)
    assert magnitudes(sine, 1024, 240)[50].max() == pytest.approx(1.0, abs=0.15)
    assert log_mel(sine, RATE)[50].max() == pytest.approx(0.0, abs=2.5)
    assert log_mel(0 * sine, RATE).max() == -80.0


@pytest.mark.parametrize("ratio", [-10.0, 0.0, 6.0, 20.0])
def test_si_sdr_is_the_ratio_that_was_mixed(ratio: float) -> None:
    disturbed = TUNE + noise(4.0, level=float(TUNE.std()) * 10 ** (-ratio / 20))
    assert metrics.si_sdr(disturbed, TUNE) == pytest.approx(ratio, abs=0.2)
    assert metrics.si_sdr(0.3 * disturbed, TUNE) == pytest.approx(ratio, abs=0.2)


def test_si_sdr_of_silence_is_not_a_number() -> None:
    assert np.isnan(metrics.si_sdr(TUNE, 0 * TUNE))


def test_log_mel_distance_is_the_gain_in_db() -> None:
    hiss = noise(3.0)
    assert metrics.log_mel_distance(hiss, hiss, RATE) == 0.0
    assert metrics.log_mel_distance(0.5 * hiss, hiss, RATE) == pytest.approx(6.02, abs=0.02)


def test_spectral_distances_grow_with_the_disturbance() -> None:
    steps = [TUNE + noise(4.0, level) for level in (0.0, 0.003, 0.01, 0.03)]
    stft = [metrics.multi_resolution_stft_distance(audio, TUNE) for audio in steps]
    mel = [metrics.log_mel_distance(audio, TUNE, RATE) for audio in steps]
    assert stft[0] == mel[0] == 0.0
    assert all(a < b for a, b in pairwise(stft))
    assert all(a < b for a, b in pairwise(mel))


def test_chroma_agrees_with_the_notes_played_and_not_with_others() -> None:
    found = metrics.windowed_chroma(TUNE, RATE)
    own = metrics.note_chroma(roll(CHORDS, 1.0), 50.0)
    other = metrics.note_chroma(roll([[61, 66, 70]] * 4, 1.0), 50.0)
    assert found.shape == own.shape == (8, 12)
    assert metrics.chroma_cosine(found, own) > 0.93
    assert metrics.chroma_cosine(found, other) < 0.15
    assert metrics.chroma_cosine(metrics.windowed_chroma(noise(4.0), RATE), own) < 0.4
    assert metrics.chroma_cosine(0 * found, own) == 0.0
    assert np.isnan(metrics.chroma_cosine(found, 0 * own))


def test_chroma_survives_drums_and_hiss() -> None:
    own = metrics.note_chroma(roll(CHORDS, 1.0), 50.0)
    bursts = noise(4.0, 0.3) * np.exp(-(np.arange(4 * RATE) % (RATE // 4)) / 1500).astype(np.float32)
    assert metrics.chroma_cosine(metrics.windowed_chroma(TUNE + bursts, RATE), own) > 0.85


@pytest.mark.parametrize(("shift", "key"), [(0, 0), (5, 5), (-3, 9)])
def test_the_key_is_found_and_its_profile_fits_best(shift: int, key: int) -> None:
    # A full cadence and scale fragments around the tonic.
    chords = [[60, 64, 67], [65, 69, 72], [67, 71, 74], [60, 64, 67, 72]]
    audio = np.concatenate([tones([pitch + shift for pitch in chord], 1.0) for chord in chords])
    found = metrics.windowed_chroma(audio, RATE)
    assert keys.estimate_key(found) == key
    assert metrics.key_cosine(found, key) > 0.8 > metrics.key_cosine(found, (key + 6) % 12) + 0.2
    assert metrics.in_scale(found, key) > 0.95
    assert metrics.in_scale(found, (key + 6) % 12) < 0.5
    assert metrics.in_scale(found, 12 + (key + 9) % 12) > 0.95  # the relative minor has the same notes


def test_frechet_distance_is_zero_at_home_and_known_for_shifted_sets() -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((4000, 5))
    assert metrics.frechet_distance(a, a) == pytest.approx(0.0, abs=1e-6)
    assert metrics.frechet_distance(a + 3.0, a) == pytest.approx(45.0, rel=1e-6)
    # Standard deviations 1 and 2 in five directions: five times (2 - 1) squared.
    assert metrics.frechet_distance(2.0 * rng.standard_normal((4000, 5)), a) == pytest.approx(5.0, rel=0.1)


def test_frechet_distance_puts_hiss_farther_from_music_than_music() -> None:
    patches = metrics.mel_patches(np.tile(TUNE, 3), RATE)
    assert patches.shape == (12, 96)
    lower = metrics.mel_patches(np.tile(TUNE, 3) + noise(12.0, 0.001), RATE)
    hiss = metrics.mel_patches(noise(12.0), RATE)
    assert metrics.frechet_distance(lower, patches) < 0.5 * metrics.frechet_distance(hiss, patches)


def test_dead_output_is_noticed() -> None:
    rest = TUNE.copy()
    rest[RATE : 2 * RATE] = 0.0
    assert not metrics.is_dead(rest, RATE)
    rest[RATE : int(3.6 * RATE)] = 1e-4
    assert metrics.is_dead(rest, RATE)
    assert metrics.is_dead(np.full(RATE, np.nan, np.float32), RATE)
    assert metrics.is_dead(np.zeros(RATE, np.float32), RATE)


def test_a_spectrum_that_stands_still_is_noticed() -> None:
    assert metrics.stuck_seconds(tones([60, 64], 5.0), RATE) > 3.0
    assert metrics.stuck_seconds(TUNE, RATE) < 1.0


def test_looping_codes_are_noticed() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 1024, (4, 400))
    assert metrics.looping_frames(codes) < 3
    codes[:, 100:300] = np.tile(codes[:, 100:103], 67)[:, :200]
    assert 190 <= metrics.looping_frames(codes) <= 200
    codes[:, :] = 5
    assert metrics.looping_frames(codes) == 399
