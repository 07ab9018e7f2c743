"""Mel spectrograms side by side: what was composed, what the codec keeps, what the model makes of it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simba_live.audio.spectra import FLOOR_DB, Array, log_mel


def spectrogram_grid(
    columns: Mapping[str, Sequence[Array]], titles: Sequence[str], sample_rate: int
) -> bytes:
    """A PNG: a row a piece, a column a way of making it.

    Args:
        columns: audio [N] of each piece by the column's heading.
        titles: one a piece.
        sample_rate: Hz.
    """
    figure = Figure(figsize=(4.2 * len(columns), 2.1 * len(titles) + 0.4), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(titles), len(columns), squeeze=False, sharex=True, sharey=True)
    for column, (heading, pieces) in enumerate(columns.items()):
        grid[0][column].set_title(heading, fontsize=10)
        for row, audio in enumerate(pieces):
            mel = log_mel(audio, sample_rate, bands=96, window=2048, hop=sample_rate // 60)
            grid[row][column].imshow(
                mel.T,
                origin="lower",
                aspect="auto",
                extent=(0.0, len(audio) / sample_rate, 0, 96),
                cmap="magma",
                vmin=FLOOR_DB,
                vmax=-10.0,
            )
            grid[row][column].set_yticks([])
    for row, title in enumerate(titles):
        grid[row][0].set_ylabel(_short(title), fontsize=7)
    for axes in grid[-1]:
        axes.set_xlabel("seconds", fontsize=8)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _short(title: str) -> str:
    """Two lines of a caption, without what matplotlib would take for mathematics."""
    words, lines = title.replace("$", "").split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 34:
            if len(lines) == 2:
                return "\n".join(lines) + "…"
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
