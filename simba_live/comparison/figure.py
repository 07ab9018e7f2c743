"""The picture of a comparison: losses, music and cost of both architectures, to be read at a page's width."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .music import CHROMA, FRECHET
from .plan import Comparison
from .results import STEPS, TIME, Pair, Results, Spread, loss, over_seeds
from .runs import WAYS, Point
from .sizes import SIMBA, TITLES, TRANSFORMER, WHOLE
from .tables import WAY_TITLES, codebooks, heard

COLOURS = {SIMBA: "#1668b0", TRANSFORMER: "#d9650b", WHOLE: "#8a8a8a"}
LINES = ("-", "--", ":", "-.")
"""By number of codebooks."""

SHOWN_FROM = 0.12
"""Share of a curve that is left out of the picture's height: in the beginning every loss falls steeply."""


def draw(plan: Comparison, results: Results, size: str) -> bytes:
    """A PNG, two panels wide, of the models of a size."""
    pairs = [pair for pair in results.pairs if pair.size == size]
    heard = bool(results.codec)
    rows = 4 if heard else 3
    figure = Figure(figsize=(9.0, 2.75 * rows + 0.7), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, 2)
    for row, way in zip(grid, WAYS, strict=False):
        _losses(row[0], pairs, way, STEPS)
        _losses(row[1], pairs, way, TIME)
        row[1].sharey(row[0])
        row[1].set_xlabel(f"minutes of training ({plan.clock} time)")
    if heard:
        _bars(grid[2][0], pairs, results, FRECHET, "Frechet distance to held-out music\n(lower is nearer)")
        _bars(grid[2][1], pairs, results, CHROMA, "chroma cosine to the asked notes\n(higher is nearer)")
    _costs(grid[-1][0], pairs, 1, 1.0, "milliseconds a frame")
    grid[-1][0].set_ylim(bottom=0.0)
    _costs(grid[-1][1], pairs, 2, 1e-3, "memory of the past, kB")
    grid[-1][1].set_yscale("log")
    figure.suptitle(
        f"SiMBA and a Transformer of as many parameters ({_millions(pairs)}), {size}, "
        f"{plan.seeds} seed{'s' * (plan.seeds > 1)} each\n"
        "lines: at a constant learning rate, mean, lowest and highest; dots: after it has fallen",
        fontsize=10,
    )
    handles, labels = grid[0][0].get_legend_handles_labels()
    handles.append(Line2D([], [], color=COLOURS[WHOLE], marker="."))
    labels.append("Transformer that forgets nothing")
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.xaxis.label.set_size(9)
        axes.yaxis.label.set_size(9)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _losses(axes: Axes, pairs: list[Pair], way: str, budget: str) -> None:
    """The first codebook's held-out loss against steps or minutes."""
    tops, bottoms = [], []
    for pair, line in zip(pairs, LINES, strict=False):
        for name, arm in pair.arms.items():
            curves = [run.curve for run in arm.runs]
            x = [
                sum(_spent(point, budget) for point in points) / len(points)
                for points in zip(*curves, strict=True)
            ]
            values = [
                [loss(point, way, first=True) for point in points] for points in zip(*curves, strict=True)
            ]
            mean = [sum(those) / len(those) for those in values]
            label = f"{TITLES[name]}, {codebooks(pair.num_codebooks)}"
            axes.plot(x, mean, line, color=COLOURS[name], linewidth=1.4, label=label)
            axes.fill_between(
                x, [min(v) for v in values], [max(v) for v in values], color=COLOURS[name], alpha=0.18, lw=0
            )
            ends = [run.ends[budget] for run in arm.runs]
            final = [loss(end, way, first=True) for end in ends]
            axes.plot(
                [_spent(end, budget) for end in ends],
                final,
                "o",
                color=COLOURS[name],
                markersize=4,
                markerfacecolor=COLOURS[name] if line == LINES[0] else "white",
            )
            tops.append(mean[min(len(mean) - 1, max(1, int(SHOWN_FROM * len(mean))))])
            bottoms.append(min(min(final), min(mean)))
    room = 0.06 * (max(tops) - min(bottoms))
    axes.set_ylim(min(bottoms) - room, max(tops) + room)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("steps")
    axes.set_ylabel(f"held-out loss, 1st codebook,\n{WAY_TITLES[way]}, nats")
    axes.grid(alpha=0.25, linewidth=0.6)


def _spent(point: Point, budget: str) -> float:
    return float(point.step) if budget == STEPS else point.seconds / 60.0


def _bars(axes: Axes, pairs: list[Pair], results: Results, figure: str, title: str) -> None:
    """A figure of the music, mean with lowest and highest, and what the codec alone reaches."""
    ways = ["arranger"] if figure == CHROMA else list(WAYS)
    width = 0.8 / (2 * len(pairs))
    for column, way in enumerate(ways):
        place = 0
        for pair, line in zip(pairs, LINES, strict=False):
            for name, arm in pair.arms.items():
                x = column + (place - len(pairs) + 0.5) * width
                _bar(axes, x, 0.9 * width, over_seeds(arm, heard(STEPS, way, figure)), name, line)
                place += 1
            left = column + (place - 2 - len(pairs)) * width
            ceiling = results.codec[str(pair.num_codebooks)][figure]
            axes.plot([left, left + 2 * width], [ceiling, ceiling], color="black", linewidth=1.2)
    axes.set_xticks(range(len(ways)), [WAY_TITLES[way] for way in ways])
    axes.set_xlim(-0.5, len(ways) - 0.5)
    axes.set_ylabel(title)
    axes.set_xlabel("black: the held-out music itself through the codec")


def _bar(axes: Axes, x: float, width: float, spread: Spread, name: str, line: str) -> None:
    """The mean, with lines to the lowest and the highest."""
    axes.bar(
        x,
        spread.mean,
        width,
        color=COLOURS[name] if line == LINES[0] else "white",
        edgecolor=COLOURS[name],
        linestyle=line,
        yerr=[[spread.mean - min(spread.values)], [max(spread.values) - spread.mean]],
        ecolor="#333333",
        capsize=2,
    )


def _costs(axes: Axes, pairs: list[Pair], column: int, unit: float, title: str) -> None:
    """Milliseconds or memory against the position."""
    for pair, line in zip(pairs, LINES, strict=False):
        for name, rows in pair.costs.items():
            axes.plot(
                [row[0] for row in rows],
                [unit * row[column] for row in rows],
                line,
                marker=".",
                color=COLOURS[name],
                linewidth=1.4,
            )
    axes.set_xscale("log")
    axes.set_xlabel("frames into the stream")
    axes.set_ylabel(title)
    axes.grid(alpha=0.25, linewidth=0.6)


def _millions(pairs: list[Pair]) -> str:
    return " and ".join(f"{pair.arms[SIMBA].parameters / 1e6:.2g}" for pair in pairs) + " million"
