"""A picture of a piece of audio: waveform, mel spectrogram and codes, one below the other."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simba_live.errors import OptionError
from simba_live.outputs import reason, reserve

PICTURES = ("png", "pdf", "svg", "jpg")
"""Extensions of the pictures that can be written."""

_WINDOW = 2048
_BANDS = 96
_COLUMNS = 1500
"""Spectra and waveform extremes across the picture at most: a long piece is thinned, not slowed down."""


def mel_filters(sample_rate: int, window: int = _WINDOW, bands: int = _BANDS) -> NDArray[np.float32]:
    """Triangles of equal width on the mel scale (O'Shaughnessy's), each with its top at 1.

    Args:
        sample_rate: in Hz.
        window: length of the Fourier transform, in samples.
        bands: how many, from 30 Hz to half the sample rate.

    Returns:
        [bands, window // 2 + 1].
    """
    lowest, highest = (2595.0 * np.log10(1.0 + hertz / 700.0) for hertz in (30.0, sample_rate / 2))
    edges = 700.0 * (10.0 ** (np.linspace(lowest, highest, bands + 2) / 2595.0) - 1.0)
    bins = np.arange(window // 2 + 1) * sample_rate / window
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def mel_spectrogram(audio: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Mel spectrogram of one channel [N], in dB below its loudest point (80 at most): [bands, columns]."""
    hop = max(_WINDOW // 4, -(-len(audio) // _COLUMNS))
    padded = np.pad(audio, (_WINDOW // 2, _WINDOW))
    starts = np.arange(0, max(len(audio), 1), hop)
    hann = np.hanning(_WINDOW).astype(np.float32)
    filters = mel_filters(sample_rate)
    power: NDArray[np.float32] = np.concatenate(
        [
            np.abs(np.fft.rfft(padded[some[:, None] + np.arange(_WINDOW)] * hann)) ** 2 @ filters.T
            for some in np.array_split(starts, -(-len(starts) // 64))
        ]
    )
    decibels = 10.0 * np.log10(np.maximum(power, 1e-10))
    below: NDArray[np.float32] = np.maximum(decibels - decibels.max(), -80.0).astype(np.float32)
    return below.T


def check_picture(path: str | Path) -> None:
    """Complain now about a path that `plot` could not write to.

    Raises:
        OptionError: unknown extension, a folder, or a missing or unwritable folder.
    """
    path = Path(path)
    if path.suffix.lower().lstrip(".") not in PICTURES:
        raise OptionError(f"{path} does not end in a known picture format: use .{' or .'.join(PICTURES)}")
    reserve(path, OptionError).unlink()


def plot(
    path: str | Path,
    audio: NDArray[np.float32],
    sample_rate: int,
    codes: NDArray[np.integer],
    title: str = "",
) -> None:
    """Draw waveform, mel spectrogram and codes into a picture file.

    Args:
        path: ends in one of `PICTURES`.
        audio: [C, N]; channels are averaged.
        sample_rate: in Hz.
        codes: [K, T], spread over the same length of time.
        title: one line above the panels.

    Raises:
        OptionError: the file cannot be written.
    """
    path = Path(path)
    check_picture(path)
    mono = audio.mean(axis=0, dtype=np.float32)
    seconds = len(mono) / sample_rate
    figure = Figure(figsize=(12, 8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    waveform, mel, tokens = figure.subplots(3, 1, sharex=True, height_ratios=(1.0, 1.6, 0.9))
    if title:
        line = " ".join(title.split())
        figure.suptitle(line if len(line) <= 110 else f"{line[:109]}…", fontsize=11, parse_math=False)

    low, high = _extremes(mono)
    times = np.linspace(0.0, seconds, len(low))
    waveform.fill_between(times, low, high, linewidth=0.4, color="#20639b", edgecolor="#20639b")
    waveform.set(ylim=(-1.0, 1.0), ylabel="amplitude")

    image = mel.imshow(
        mel_spectrogram(mono, sample_rate),
        origin="lower",
        aspect="auto",
        extent=(0.0, seconds, 0.0, _BANDS),
        cmap="magma",
        vmin=-80.0,
        vmax=0.0,
    )
    ticks = [hertz for hertz in (100, 300, 1000, 3000, 10000) if hertz < sample_rate / 2]
    peaks = mel_filters(sample_rate).argmax(axis=1) * sample_rate / _WINDOW
    mel.set_yticks(np.interp(ticks, peaks, np.arange(_BANDS) + 0.5), [f"{hertz:,}" for hertz in ticks])
    mel.set_ylabel("frequency (Hz, mel)")
    figure.colorbar(image, ax=mel, label="dB", pad=0.01)

    num_codebooks = codes.shape[0]
    tokens.imshow(
        codes[:, :: -(-codes.shape[1] // 6000)],
        aspect="auto",
        extent=(0.0, seconds, num_codebooks + 0.5, 0.5),
        cmap="twilight",
        interpolation="nearest",
    )
    tokens.set(ylabel="codebook", xlabel="time (s)", yticks=range(1, num_codebooks + 1), xlim=(0.0, seconds))
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    """Write the figure whole, or not at all."""
    temporary = reserve(path, OptionError)
    try:
        with warnings.catch_warnings():
            # A title may hold letters that the font lacks; they become boxes, which is all there is to say.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(temporary, format=path.suffix.lstrip(".").lower())
        temporary.replace(path.resolve())
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({reason(error)}): choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def _extremes(audio: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest sample in each of at most `_COLUMNS` equal stretches."""
    stretches = np.array_split(audio, min(_COLUMNS, max(len(audio), 1)))
    low, high = ([extreme(stretch) for stretch in stretches] for extreme in (np.min, np.max))
    return np.array(low, np.float32), np.array(high, np.float32)
