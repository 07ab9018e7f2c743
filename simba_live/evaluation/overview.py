"""An evaluation at a glance: one picture, with the ceiling, the floor and the aim beside every figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .steering import LEVELS

Figures = Mapping[str, Any]

_COLOURS = {
    "original": "#777777",
    "codec": "#2b6cb0",
    "arranger": "#d9480f",
    "--free": "#2f9e44",
    "floor": "#c9b8a8",
}
_SHARES = {
    "tempo octave-tolerant": ("tempo within 4 %", 0.97),
    "notes found": ("asked notes heard", 0.70),
    "notes right": ("heard notes asked", None),
    "style": ("style recognised", 0.80),
    "drums played": ("drums on", None),
    "drums left out": ("drums off", 0.95),
    "chroma to notes": ("chroma to notes", None),
    "beat confidence": ("beat confidence", None),
    "onset F1": ("onsets, F1", None),
}
"""What the first panel shows, and the arranger's aim."""


def overview(figures: Figures) -> bytes | None:
    """A PNG with a panel for each section that is there; None if there is none.

    Args:
        figures: of the sections, as they go into report.json.
    """
    panels = [draw for wanted, draw in _PANELS if wanted in figures]
    if not panels:
        return None
    rows: list[list[Callable[[Axes, Figures], None]]] = []
    for draw in panels:
        if not rows or len(rows[-1]) == 2:
            rows.append([])
        rows[-1].append(draw)
    figure = Figure(figsize=(15.0, 4.6 * len(rows)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    parts = np.atleast_1d(np.array(figure.subfigures(len(rows), 1), dtype=object))
    for part, row in zip(parts, rows, strict=True):
        for axes, draw in zip(np.atleast_1d(part.subplots(1, len(row))), row, strict=True):
            draw(axes, figures)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _colour(column: str) -> str:
    if "floor" in column or "unchanged" in column:
        return _COLOURS["floor"]
    return next((colour for name, colour in _COLOURS.items() if column.startswith(name)), "#000000")


def _dots(
    axes: Axes, rows: Sequence[str], columns: Mapping[str, Sequence[float]], aims: Sequence[float | None] = ()
) -> None:
    """A row a figure, a dot a column, a bar where the aim is."""
    for index, (name, values) in enumerate(columns.items()):
        known = [
            (value, -row) for row, value in enumerate(values) if value is not None and not np.isnan(value)
        ]
        if known:
            x, y = zip(*known, strict=True)
            axes.scatter(x, y, s=70, color=_colour(name), label=name, zorder=3 + index, alpha=0.9)
    for row, aim in enumerate(aims):
        if aim is not None:
            axes.plot([aim, aim], [-row - 0.35, -row + 0.35], color="black", linewidth=2.5, zorder=2)
    axes.set_yticks([-row for row in range(len(rows))], rows)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower left")


def _pieces(axes: Axes, figures: Figures) -> None:
    columns = {
        way: [those[name].value if name in those else float("nan") for name in _SHARES]
        for way, those in figures["pieces"].items()
    }
    titles, aims = [title for title, _ in _SHARES.values()], [aim for _, aim in _SHARES.values()]
    _dots(axes, titles, columns, aims)
    axes.set_title(f"{figures['settings']} held-out settings (black: the arranger's aim)")


def _codec(axes: Axes, figures: Figures) -> None:
    for name, marker in (("codec on held-out music", "o"), ("codec on other music", "s")):
        if name in figures:
            rows = {int(key): row["si_sdr"] for key, row in figures[name].items() if key.isdigit()}
            axes.plot(list(rows), list(rows.values()), marker=marker, color=_COLOURS["codec"], label=name)
            whole = figures[name]["unquantised"]["si_sdr"]
            axes.axhline(whole, color=_COLOURS["codec"], alpha=0.3, linestyle=":")
    axes.axhline(8.0, color="black", linewidth=2.0, label="aim with all codebooks")
    axes.set_title("codec: SI-SDR in dB by codebooks (dotted: unquantised)")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")


def _controls(axes: Axes, figures: Figures) -> None:
    for way, found in figures["controls"].items():
        for name, style in (("density", "-"), ("brightness", "--")):
            levels = np.array(getattr(found, name).levels)
            label = f"{way}: {'onsets a second' if name == 'density' else 'centroid'}"
            axes.plot(LEVELS, levels / levels[1], style, marker="o", color=_colour(way), label=label)
    axes.set_title("controls at three levels, measured, times that in the middle")
    axes.set_xlabel("asked")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def _changes(axes: Axes, figures: Figures) -> None:
    columns = figures["changes"]
    kinds = list(next(column for name, column in columns.items() if name == "arranger"))
    shares = {
        name: [column[kind].within_a_bar.value if kind in column else float("nan") for kind in kinds]
        for name, column in columns.items()
    }
    _dots(axes, kinds, shares)
    axes.set_title("change in mid-stream heard within a bar")


def _long(axes: Axes, figures: Figures) -> None:
    found = figures["long"]
    axes.plot(range(1, found.last + 1), found.levels, color=_COLOURS["arranger"], label="level, dB")
    axes.set_xlabel("minute")
    axes.set_ylabel("dB")
    axes.set_ylim(-45.0, 0.0)
    axes.legend(fontsize=8, loc="lower left")
    right = axes.twinx()
    numbers = [minute.number for minute in found.minutes]
    ratios = [minute.ratio for minute in found.minutes]
    reach = [
        [max(minute.ratio - minute.ratio_low, 0.0) for minute in found.minutes],
        [max(minute.ratio_high - minute.ratio, 0.0) for minute in found.minutes],
    ]
    right.errorbar(
        numbers, ratios, reach, fmt="o", color=_COLOURS["codec"], label="Frechet, times minute 1's"
    )
    right.axhline(1.25, color="black", linewidth=2.0, label="aim")
    right.set_ylim(0.0, max(2.0, 1.1 * max(ratios)))
    right.legend(fontsize=8, loc="lower right")
    axes.set_title(f"{found.streams} long streams")


def _prompts(axes: Axes, figures: Figures) -> None:
    understood, heard = figures["prompts"]["understood"], figures["prompts"]["heard"]
    rows = {
        "arranger's style": understood.style,
        "tempo": understood.tempo,
        "wanted instruments": understood.wanted,
        "no unwanted ones": understood.unwanted,
        **{f"style heard, {way}": sounding.expected for way, sounding in heard.items()},
    }
    for index, share in enumerate(rows.values()):
        axes.plot([share.low, share.high], [-index, -index], color=_COLOURS["arranger"], linewidth=2.0)
    _dots(axes, list(rows), {"arranger": [share.value for share in rows.values()]}, [0.7])
    axes.set_title("natural prompts (black: aim; bars: 95 % interval)")


_PANELS: tuple[tuple[str, Callable[[Axes, Figures], None]], ...] = (
    ("pieces", _pieces),
    ("codec on held-out music", _codec),
    ("controls", _controls),
    ("changes", _changes),
    ("prompts", _prompts),
    ("long", _long),
)
