"""Band-limited sound sources: waveforms from their harmonics, frequency modulation, shaped noise.

A waveform is a table with several rows, one for each stage of a filter's sweep or of a string's decay. Only
harmonics that fit below half the sample rate are put in, so nothing is folded back. Phases are counted in
2^-32 of a turn and wrap by themselves.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
"""Mono audio, float32 [N]."""

Turns = NDArray[np.uint32]
"""Phases in 2^-32 of a turn, [N]."""

TURN = 1 << 32
_TABLE_BITS = 13
TABLE_SIZE = 1 << _TABLE_BITS
"""Samples of a period; reading the nearest one leaves an error of -70 dB."""

HIGHEST = 0.46
"""Partials lie below this share of the sample rate."""

_INAUDIBLE = 10.0 ** (-55.0 / 20.0)
"""Sidebands smaller than this may lie above half the sample rate."""


def frequency_of(pitch: float) -> float:
    """Hz of a MIDI pitch."""
    return 440.0 * math.exp2((pitch - 69.0) / 12.0)


def turns(
    frequency: float, num_samples: int, sample_rate: int, start: float = 0.0, bend: Audio | None = None
) -> Turns:
    """The phase of an oscillator.

    Args:
        frequency: Hz.
        num_samples: N.
        sample_rate: Hz.
        start: first phase, in turns.
        bend: turns to add, [N].
    """
    step = round(frequency / sample_rate * TURN) % TURN
    phase = np.arange(num_samples, dtype=np.uint32) * np.uint32(step) + np.uint32(start % 1.0 * (TURN - 1))
    if bend is not None:
        phase += (bend.astype(np.float64) * TURN).astype(np.int64).astype(np.uint32)
    return phase


def table(harmonics: NDArray[np.float64], phases: NDArray[np.float64]) -> Audio:
    """Periods with given harmonics, float32 [R, `TABLE_SIZE`].

    Args:
        harmonics: amplitudes of harmonics 1, 2, ..., [R, H].
        phases: of each harmonic, in turns, [H].
    """
    count = harmonics.shape[1]
    spectrum = np.zeros((len(harmonics), TABLE_SIZE // 2 + 1), np.complex64)
    spectrum[:, 1 : count + 1] = harmonics * np.exp(2j * np.pi * (phases - 0.25)) * (TABLE_SIZE / 2)
    return np.fft.irfft(spectrum, axis=1).astype(np.float32, copy=False)


def read_table(rows: Audio, phase: Turns, row: Audio | None = None) -> Audio:
    """A waveform, its timbre moving between the rows.

    Args:
        rows: float32 [R, `TABLE_SIZE`].
        phase: [N].
        row: which row sounds when, 0 to R - 1 and anything between, [N]; the first if None.
    """
    index = (phase >> np.uint32(32 - _TABLE_BITS)).astype(np.intp)
    flat = rows.reshape(-1)
    if row is None or len(rows) == 1:
        return flat.take(index)
    lower = np.minimum(row.astype(np.int32), len(rows) - 2)
    index += lower.astype(np.intp) << _TABLE_BITS
    first = flat.take(index)
    moving: Audio = first + (row - lower) * (flat.take(index + TABLE_SIZE) - first)
    return moving.astype(np.float32, copy=False)


def harmonics_below(frequency: float, sample_rate: int, most: int = 512) -> int:
    """How many harmonics of a frequency fit; at least the first."""
    return max(1, min(most, int(HIGHEST * sample_rate / frequency)))


def largest_index(carrier: float, modulator: float, sample_rate: int) -> float:
    """The largest modulation index whose sidebands beyond half the sample rate stay below -55 dB.

    The n-th sideband of index I is about (I / 2)^n / n! (J. M. Chowning, 1973, gives them as Bessel
    functions, which this bounds).

    Args:
        carrier: Hz.
        modulator: Hz.
        sample_rate: Hz.
    """
    beyond = int((0.5 * sample_rate - carrier) / modulator) + 1
    if beyond < 1:
        return 0.0
    return 2.0 * math.exp((math.log(_INAUDIBLE) + math.lgamma(beyond + 1.0)) / beyond)


def modulated(carrier: Turns, modulator: Turns, index: Audio) -> Audio:
    """A sine whose phase is moved by another's, by `index` radians, [N]."""
    scale = np.float32(2.0 * math.pi / TURN)
    sine: Audio = np.sin(
        carrier.astype(np.float32) * scale + index * np.sin(modulator.astype(np.float32) * scale)
    )
    return sine


def shaped_noise(
    num_samples: int, sample_rate: int, low: float, high: float, rng: np.random.Generator
) -> Audio:
    """Noise between two frequencies, falling off by 12 dB an octave outside them; its rms is 1."""
    size = 1 << max(4, (num_samples - 1).bit_length())
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    hertz = np.maximum(np.fft.rfftfreq(size, 1.0 / sample_rate), 1.0).astype(np.float32)
    spectrum /= (1.0 + (low / hertz) ** 2) * (1.0 + (hertz / high) ** 2)
    noise = np.fft.irfft(spectrum)[:num_samples]
    return (noise / max(float(np.sqrt((noise * noise).mean())), 1e-9)).astype(np.float32)
