"""An evaluation written down: figures as Markdown and JSON, some of the pieces as pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path

from simba_live.data.manifest import write_beside
from simba_live.errors import OptionError

from .judgement import Figure
from .statistics import Share

CODEC_COLUMNS = {
    "si_sdr": ("SI-SDR, dB", "{:.1f}"),
    "log_mel": ("log-mel, dB", "{:.2f}"),
    "stft": ("multi-res. STFT", "{:.2f}"),
    "chroma": ("chroma cosine", "{:.3f}"),
    "tempo_kept": ("tempo kept", "{:.0%}"),
    "perplexity": ("perplexity", "{:.0f}"),
    "used": ("codes used", "{:.0%}"),
    "visqol": ("ViSQOL, 1-5", "{:.2f}"),
}
"""What the codec's table shows: title and format by figure."""


SHARE, SHARE_ALONE, SCORE, SECONDS, DISTANCE = "counted share", "share", "score", "seconds", "distance"
FRECHET = "frechet"

MEASURES = {
    "tempo octave-tolerant": ("tempo right within 4 %, octaves forgiven", SHARE),
    "tempo right": ("- exactly the one asked", SHARE),
    "tempo x2": ("- twice it", SHARE),
    "tempo x1/2": ("- half of it", SHARE),
    "tempo x3": ("- three times it", SHARE),
    "tempo x1/3": ("- a third of it", SHARE),
    "tempo x3/2": ("tempo 3/2 of it (wrong)", SHARE),
    "tempo x2/3": ("tempo 2/3 of it (wrong)", SHARE),
    "tempo wrong": ("any other tempo (wrong)", SHARE),
    "beat confidence": ("beat confidence, 0-1", SCORE),
    "confidence of original": ("- as share of held-out music's", SHARE_ALONE),
    "beat distance": ("asked beat to nearest onset, median ms", SECONDS),
    "onset F1": ("asked onsets met within 50 ms, F1", SCORE),
    "chroma to notes": ("chroma cosine to the asked notes", SCORE),
    "chroma to notes, of codec": ("- as share of the codec's", SHARE_ALONE),
    "notes standing out": ("asked note onsets that stand out at their pitch (5% by chance)", SHARE),
    "notes found": ("- transcribed without a hint (recall)", SHARE),
    "notes right": ("- and how much of the transcript was asked (precision)", SHARE),
    "chroma to key": ("chroma cosine to the asked key", SCORE),
    "in scale": ("share of chroma in the asked scale", SCORE),
    "key found": ("key heard is the one asked", SHARE),
    "style": ("style heard is the one asked", SHARE),
    "style named": ("- where the prompt names it", SHARE),
    "drums played": ("drums heard where asked for", SHARE),
    "drums left out": ("no drums heard where none asked for", SHARE),
    "dead": ("dead (2 s of silence, broken samples)", SHARE),
    "stuck": ("stuck (stands still for 3 s)", SHARE),
    FRECHET: ("Frechet distance of log-mel patches", DISTANCE),
}
"""What the table of pieces shows: title and kind, by the names of `judgement.judge`."""


NOTES = """\
- arranger: the prompt and the piece's own notes, chords, drums, instruments, key and beat.
- --free: prompt, tempo, beat and key alone.
- codec: the piece itself through the codec; so it also shows how good the measures are.
- shuffled: the same output, judged by another piece's setting.
- style, notes and drums: heard by a listener who learnt from train renders, also through the codec.
- asked notes: those of MIDI pitch 48 to 96, within 50 ms. An onset stands out if its pitch is heard to begin
  there more surely than in 95 % of the moments in which it is not asked to; a transcript has no hint.
- drums: excerpts with one or two drum hits are not asked.
- Frechet distance: to the originals; in the column of the originals, that of as much train music."""


@dataclass(frozen=True)
class Aim:
    """Something that the model is to reach.

    Attributes:
        what: in words, with the figure that is wanted.
        figure: what was measured, in words.
        met: whether it was reached; None if there was nothing to measure.
    """

    what: str
    figure: str
    met: bool | None


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        title: heading.
        text: Markdown.
        figures: for report.json.
        aims: what is to be reached here.
    """

    title: str
    text: str
    figures: Mapping[str, object]
    aims: Sequence[Aim] = field(default_factory=tuple)


def aims_table(sections: Sequence[Section]) -> str:
    """What is to be reached and what was, as a Markdown table."""
    words = {True: "yes", False: "NO", None: "-"}
    lines = [[aim.what, aim.figure, words[aim.met]] for section in sections for aim in section.aims]
    return markdown_table(["aim", "measured", "reached"], lines)


def pieces_table(columns: Mapping[str, Mapping[str, Figure]]) -> str:
    """The figures of every way of making the pieces, as a Markdown table; a share comes with its count."""
    lines = [
        [title, *(_figure(figures.get(name), kind) for figures in columns.values())]
        for name, (title, kind) in MEASURES.items()
    ]
    return markdown_table(["", *columns], lines)


def _figure(figure: Figure | None, kind: str) -> str:
    if figure is None or math.isnan(figure.value):
        return "-"
    if kind == SHARE:
        return f"{figure.value:.0%} ({round(figure.value * figure.pieces)}/{figure.pieces})"
    if kind == SHARE_ALONE:
        return f"{figure.value:.0%}"
    if kind == SECONDS:
        return f"{1000.0 * figure.value:.0f}"
    return f"{figure.value:.0f}" if kind == DISTANCE else f"{figure.value:.2f}"


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


def write_report(
    folder: Path, text: str, figures: Mapping[str, object], picture: bytes | None = None
) -> None:
    """Write report.md, report.json and, if there is a picture, report.png.

    What does not fit into JSON is made to: NaN becomes null, dataclasses objects.

    Raises:
        OptionError: the disk is full or not writable.
    """
    try:
        if picture is not None:
            write_beside(folder / "report.png", picture)
        write_beside(folder / "report.json", (json.dumps(_plain(figures), indent=2) + "\n").encode())
        write_beside(folder / "report.md", (text + "\n").encode())
    except OSError as error:
        raise OptionError(
            f"--output {folder}: cannot be written ({error.strerror}); name another folder"
        ) from None


def _plain(value: object) -> object:
    """NaN and infinity have no place in JSON: they become null."""
    if isinstance(value, Share):
        return _plain(value.to_json())
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if abs(value) < float("inf") else None
    return value
