"""Figures for how near one sound is to another, to the notes asked for, or to music at all.

Audio is mono float [N] at any rate, 0 dB a full-scale sine. Every figure is a pure function of its arguments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.keys import KEY_PROFILES
from simba_live.audio.spectra import Array, chroma, log_mel, magnitudes
from simba_live.conditions import NOTE_ONSET, NOTE_SUSTAINED

CHROMA_SECONDS = 0.5
"""Chroma is compared over windows of this length, so that decays and smeared attacks do not count."""


def log_mel_distance(found: Array, wanted: Array, sample_rate: int) -> float:
    """Mean absolute difference of the log-mel spectra in dB (80 bands, 43 ms windows, floored at -80 dB).

    Misleading alone: noise with the right envelope scores well. Read it beside `si_sdr` and chroma.
    """
    difference = log_mel(found, sample_rate) - log_mel(wanted, sample_rate)
    return float(np.abs(difference).mean())


def multi_resolution_stft_distance(found: Array, wanted: Array) -> float:
    """Spectral convergence plus log-magnitude distance, mean of three windows (Yamamoto et al. 2020)."""
    total = 0.0
    for window in (512, 1024, 2048):
        a = magnitudes(found, window, window // 4)
        b = magnitudes(wanted, window, window // 4)
        convergence = np.linalg.norm(a - b) / max(float(np.linalg.norm(b)), 1e-6)
        total += float(convergence) + float(np.abs(np.log(a + 1e-5) - np.log(b + 1e-5)).mean())
    return total / 3.0


def si_sdr(found: Array, wanted: Array) -> float:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019), -80 to 80.

    NaN if `wanted` is silent.
    """
    a = found.astype(np.float64) - found.mean()
    b = wanted.astype(np.float64) - wanted.mean()
    energy = float(b @ b)
    if energy < 1e-9:
        return float("nan")
    target = b * (float(a @ b) / energy)
    noise = a - target
    ratio = (float(target @ target) + 1e-12) / (float(noise @ noise) + 1e-12)
    return float(np.clip(10.0 * np.log10(ratio), -80.0, 80.0))


def windowed_chroma(audio: Array, sample_rate: int) -> Array:
    """Pitch classes averaged over windows of `CHROMA_SECONDS`, [windows, 12]."""
    step = CHROMA_SECONDS / 5.0
    return _average(chroma(audio, sample_rate, step)[:-1], 5)


def note_chroma(notes: NDArray[np.uint8], frame_rate: float) -> Array:
    """Pitch classes of asked notes over the same windows, [windows, 12]; how loud a note is does not count.

    Args:
        notes: `Conditions.notes`, [T, 128].
        frame_rate: frames per second.
    """
    sounding = ((notes == NOTE_SUSTAINED) | (notes == NOTE_ONSET)).astype(np.float32)
    classes = np.stack([sounding[:, k::12].sum(axis=1) for k in range(12)], axis=1)
    return _average(classes, round(CHROMA_SECONDS * frame_rate))


def _average(values: Array, length: int) -> Array:
    windows = len(values) // length
    return np.asarray(values[: windows * length].reshape(windows, length, -1).mean(axis=1), np.float32)


def chroma_cosine(found: Array, wanted: Array) -> float:
    """Mean cosine of two chroma sequences [windows, 12], over the windows in which `wanted` has a note.

    A window of `found` without any pitch counts as 0. NaN where `wanted` has no notes at all.
    """
    windows = min(len(found), len(wanted))
    found, wanted = found[:windows], wanted[:windows]
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted, axis=1)
    asked = wanted.any(axis=1)
    if not asked.any():
        return float("nan")
    cosines = (found * wanted).sum(axis=1) / np.maximum(lengths, 1e-9)
    return float(cosines[asked].mean())


_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))


def key_cosine(found: Array, key: int) -> float:
    """Cosine of a piece's whole chroma (from [windows, 12]) to the asked key's profile; 0 without pitch."""
    total = found.sum(axis=0)
    profile = KEY_PROFILES[key]
    return float(total @ profile / max(float(np.linalg.norm(total) * np.linalg.norm(profile)), 1e-9))


def in_scale(found: Array, key: int) -> float:
    """Share of the chroma (from [windows, 12]) on the key's (natural) scale, 0-1; 7/12 = 0.58 by chance."""
    total = found.sum(axis=0)
    scale = (np.array(_SCALES[key // 12]) + key) % 12
    return float(total[scale].sum() / max(float(total.sum()), 1e-9))


def mel_patches(audio: Array, sample_rate: int, bands: int = 32, seconds: float = 1.0) -> NDArray[np.float64]:
    """For `frechet_distance`: each patch's mean, deviation and movement by mel band, [patches, 3 * bands]."""
    hop = sample_rate // 100
    mel = log_mel(audio, sample_rate, bands, window=2 ** round(np.log2(0.04 * sample_rate)), hop=hop)[:-1]
    length = round(seconds * sample_rate / hop)
    patches = mel[: len(mel) // length * length].reshape(-1, length, bands)
    movement = np.abs(np.diff(patches, axis=1)).mean(axis=1)
    return np.concatenate([patches.mean(axis=1), patches.std(axis=1), movement], axis=1).astype(np.float64)


def frechet_distance(
    found: NDArray[np.float64], wanted: NDArray[np.float64], shrinkage: float = 0.05
) -> float:
    """Frechet distance of two sets of vectors [n, D], [m, D] taken as Gaussians; 0 for equal sets.

    The covariances are drawn towards their diagonals by `shrinkage`, which keeps small sets from looking
    singular. It still grows as sets shrink: compare only figures from sets of equal size.
    """

    def moments(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        covariance = np.cov(vectors, rowvar=False)
        return vectors.mean(axis=0), (1.0 - shrinkage) * covariance + shrinkage * np.diag(np.diag(covariance))

    mean_a, cov_a = moments(found)
    mean_b, cov_b = moments(wanted)
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.linalg.eigvalsh(root @ cov_b @ root)
    trace = np.trace(cov_a) + np.trace(cov_b) - 2.0 * np.sqrt(np.maximum(cross, 0.0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + max(float(trace), 0.0))


SILENT_DB = -50.0
"""RMS level below which two seconds count as silence; the corpus plays at about -18."""


def is_dead(audio: Array, sample_rate: int) -> bool:
    """Whether any two seconds (the end too) are silent, or a sample is not a number."""
    if not np.isfinite(audio).all():
        return True
    half = sample_rate // 2
    power = (audio[: len(audio) // half * half].reshape(-1, half).astype(np.float64) ** 2).mean(axis=1)
    if len(power) < 4:
        return bool(10.0 * np.log10((audio.astype(np.float64) ** 2).mean() + 1e-12) < SILENT_DB)
    loudness = np.convolve(power, np.full(4, 0.25), mode="valid")
    return bool((10.0 * np.log10(loudness + 1e-12) < SILENT_DB).any())


def stuck_seconds(audio: Array, sample_rate: int) -> float:
    """The longest stretch in which the spectrum stands still: under half a dB of movement in 0.1 s."""
    mel = log_mel(audio, sample_rate, 40, window=4096, hop=sample_rate // 10)
    movement = np.abs(np.diff(mel, axis=0)).mean(axis=1)
    return longest_run(movement < 0.5) / 10.0


def looping_frames(codes: NDArray[np.integer], longest_period: int = 10) -> int:
    """The longest stretch of code columns [K, T] that repeats exactly with a period of so few frames."""
    longest = 0
    for period in range(1, min(longest_period, codes.shape[1] - 1) + 1):
        same = (codes[:, period:] == codes[:, :-period]).all(axis=0)
        longest = max(longest, longest_run(same))
    return longest


def longest_run(flags: NDArray[np.bool_]) -> int:
    """Length of the longest run of True in [T]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))
