"""An evaluation at a glance: one picture, with the ceiling, the floor and the aim beside every figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .report import MEASURES, SHARE
from .statistics import Share
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
    "notes standing out": ("asked notes heard", 0.70),
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
    axes: Axes,
    rows: Sequence[str],
    columns: Mapping[str, Sequence[float | Share]],
    aims: Sequence[float | None] = (),
) -> None:
    """A row a figure, a dot a column with the interval of a share, a bar where the aim is."""
    middle = (len(columns) - 1) / 2.0
    for index, (name, values) in enumerate(columns.items()):
        colour, label = _colour(name), name
        for row, value in enumerate(values):
            height = -row - 0.11 * (index - middle)
            if isinstance(value, Share):
                axes.plot([value.low, value.high], [height, height], color=colour, linewidth=1.5)
            number = value.value if isinstance(value, Share) else value
            if not np.isnan(number):
                axes.scatter([number], [height], s=40, color=colour, label=label, zorder=3)
                label = "_"  # in the legend once
    for row, aim in enumerate(aims):
        if aim is not None:
            axes.plot([aim, aim], [-row - 0.42, -row + 0.42], color="black", linewidth=2.5, zorder=2)
    axes.set_yticks([-row for row in range(len(rows))], list(rows))
    axes.set_ylim(-len(rows) + 0.5, 0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(alpha=0.3)


def _legend(axes: Axes) -> None:
    """Below the panel and its label, where it hides nothing."""
    below = -0.15 if axes.get_xlabel() else -0.08
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, below), handlelength=3.0)


def _pieces(axes: Axes, figures: Figures) -> None:
    columns = {way: [_piece(those, name) for name in _SHARES] for way, those in figures["pieces"].items()}
    titles, aims = [title for title, _ in _SHARES.values()], [aim for _, aim in _SHARES.values()]
    _dots(axes, titles, columns, aims)
    _legend(axes)
    axes.set_title(f"{figures['settings']} held-out settings (black: the arranger's aim)")


def _piece(those: Mapping[str, Any], name: str) -> float | Share:
    """A figure of the pieces' table, a share with its interval."""
    if name not in those:
        return float("nan")
    value, pieces = float(those[name].value), int(those[name].pieces)
    counted = MEASURES[name][1] == SHARE and not np.isnan(value)
    return Share(round(value * pieces), pieces) if counted else value


def _codec(axes: Axes, figures: Figures) -> None:
    for name, marker in (("codec on held-out music", "o"), ("codec on other music", "s")):
        if name in figures:
            rows = {int(key): row["si_sdr"] for key, row in figures[name].items() if key.isdigit()}
            axes.plot(list(rows), list(rows.values()), marker=marker, color=_COLOURS["codec"], label=name)
            whole = figures[name]["unquantised"]["si_sdr"]
            axes.axhline(whole, color=_COLOURS["codec"], alpha=0.3, linestyle=":")
    axes.axhline(8.0, color="black", linewidth=2.0, label="aim with all codebooks")
    axes.set_title("codec: SI-SDR in dB by codebooks (dotted: unquantised)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    _legend(axes)


def _controls(axes: Axes, figures: Figures) -> None:
    for way, found in figures["controls"].items():
        for name, style in (("density", "-"), ("brightness", "--")):
            levels = np.array(getattr(found, name).levels)
            label = f"{way}: {'onsets a second' if name == 'density' else 'centroid'}"
            axes.plot(LEVELS, levels / levels[1], style, marker="o", color=_colour(way), label=label)
    axes.set_title("density and brightness asked, and measured as times the middle")
    axes.set_xticks(LEVELS)
    axes.grid(alpha=0.3)
    _legend(axes)


def _changes(axes: Axes, figures: Figures) -> None:
    columns = figures["changes"]
    kinds = list(next(column for name, column in columns.items() if name == "arranger"))
    shares = {
        name: [column[kind].within_a_bar if kind in column else float("nan") for kind in kinds]
        for name, column in columns.items()
    }
    _dots(axes, kinds, shares)
    axes.set_title("change in mid-stream heard within a bar")
    _legend(axes)


def _long(axes: Axes, figures: Figures) -> None:
    found = figures["long"]
    later = found.minutes
    ratios = [minute.ratio for minute in later]
    reach = [
        [max(minute.ratio - minute.ratio_low, 0.0) for minute in later],
        [max(minute.ratio_high - minute.ratio, 0.0) for minute in later],
    ]
    numbers = [minute.number for minute in later]
    axes.errorbar(numbers, ratios, reach, fmt="o", color=_COLOURS["arranger"], label="Frechet distance")
    afresh = [minute.afresh / later[0].frechet for minute in later]
    axes.plot(
        numbers, afresh, "o", color=_COLOURS["arranger"], mfc="none", markersize=10, label="begun afresh"
    )
    for name, marker, colour, label in (
        ("chroma", "s--", "#555555", "chroma to notes"),
        ("onsets", "^--", "#aaaaaa", "onsets"),
    ):
        values = np.array([getattr(minute, name) for minute in later])
        axes.plot(numbers, values / values[0], marker, color=colour, label=label)
    axes.axhline(1.25, color="black", linewidth=2.0, label="aim of the Frechet distance")
    axes.set_ylim(0.0, max(2.0, 1.1 * max(ratios)))
    axes.set_xlabel("minute")
    level = axes.twinx()
    level.plot(range(1, found.last + 1), found.levels, color=_COLOURS["codec"], alpha=0.6)
    level.set_ylabel("level, dB (blue line)")
    level.set_ylim(-60.0, 0.0)
    axes.set_title(f"{found.streams} long streams, times minute 1")
    axes.grid(alpha=0.3)
    _legend(axes)


def _prompts(axes: Axes, figures: Figures) -> None:
    understood, heard = figures["prompts"]["understood"], figures["prompts"]["heard"]
    rows = {
        "arranger's style": understood.style,
        "tempo": understood.tempo,
        "wanted instruments": understood.wanted,
        "no unwanted ones": understood.unwanted,
        **{f"style heard, {way}": sounding.expected for way, sounding in heard.items()},
    }
    _dots(axes, list(rows), {"arranger": list(rows.values())}, [0.7])
    axes.set_title("natural prompts (black: aim)")


_PANELS: tuple[tuple[str, Callable[[Axes, Figures], None]], ...] = (
    ("pieces", _pieces),
    ("codec on held-out music", _codec),
    ("controls", _controls),
    ("changes", _changes),
    ("prompts", _prompts),
    ("long", _long),
)
