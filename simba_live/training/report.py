"""An evaluation written down: figures as Markdown and JSON, some of the pieces as pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from simba_live.data.manifest import write_beside
from simba_live.errors import OptionError

CODEC_COLUMNS = {
    "si_sdr": ("SI-SDR, dB", "{:.1f}"),
    "log_mel": ("log-mel, dB", "{:.2f}"),
    "stft": ("multi-res. STFT", "{:.2f}"),
    "chroma": ("chroma cosine", "{:.3f}"),
    "tempo_kept": ("tempo kept", "{:.0%}"),
    "perplexity": ("perplexity", "{:.0f}"),
    "used": ("codes used", "{:.0%}"),
}
"""What the codec's table shows: title and format by figure."""


def codec_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The codec's figures by number of codebooks, as a Markdown table."""
    titles = ["codebooks", *(title for title, _ in CODEC_COLUMNS.values())]
    lines = [
        [name, *(_show(figures.get(key), form) for key, (_, form) in CODEC_COLUMNS.items())]
        for name, figures in rows.items()
    ]
    return markdown_table(titles, lines)


def markdown_table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned for whoever reads it as text."""
    rows = [list(titles), *(list(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    padded = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([padded[0], rule, *padded[1:]])


def _show(value: float | None, form: str) -> str:
    return "-" if value is None or math.isnan(value) else form.format(value)


def make_folder(folder: Path) -> None:
    """Make the report's folder, before anything is computed.

    Raises:
        OptionError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_beside(folder / "report.md", b"not finished yet\n")
    except OSError as error:
        raise OptionError(
            f"--output {folder}: cannot be written ({error.strerror}); name another folder"
        ) from None


def write_report(folder: Path, text: str, figures: Mapping[str, object]) -> None:
    """Write report.md and report.json.

    Raises:
        OptionError: the disk is full or not writable.
    """
    try:
        write_beside(folder / "report.json", (json.dumps(_plain(figures), indent=2) + "\n").encode())
        write_beside(folder / "report.md", (text + "\n").encode())
    except OSError as error:
        raise OptionError(
            f"--output {folder}: cannot be written ({error.strerror}); name another folder"
        ) from None


def _plain(value: object) -> object:
    """NaN and infinity have no place in JSON: they become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if abs(value) < float("inf") else None
    return value
