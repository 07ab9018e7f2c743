"""The tables of a comparison's report; every number in them comes from the logs."""

from __future__ import annotations

import math
from collections.abc import Callable

from simba_live.evaluation.report import markdown_table

from .music import CHROMA, DEAD, FRECHET, TEMPO
from .plan import Comparison
from .results import (
    STEPS,
    TIME,
    Pair,
    Results,
    SeedRun,
    Spread,
    differences,
    loss,
    over_seeds,
    ratios_to_level,
)
from .runs import WAYS
from .sizes import TITLES

WAY_TITLES = {"arranger": "with the arranger", "free": "free"}

MUSIC_FORMS = {FRECHET: "{:.0f}", TEMPO: "{:.0%}", CHROMA: "{:.2f}", DEAD: "{:.0%}"}


def models_table(plan: Comparison, results: Results) -> str:
    """What was trained, and how fast."""
    titles = [
        "model",
        "codebooks",
        "parameters",
        "width x blocks",
        "channel mixer",
        "learning rate",
        f"ms a step ({plan.clock})",
        "frames a second",
        "steps, equal time",
    ]
    lines = []
    for pair in results.pairs:
        for name, arm in pair.arms.items():
            einfft = arm.config.channel_mixer == "einfft"
            lines.append(
                [
                    TITLES[name],
                    str(pair.num_codebooks),
                    f"{arm.parameters:,}",
                    pair.size,
                    "EinFFT" if einfft else f"MLP of {arm.config.mlp_hidden} units",
                    f"{arm.learning_rate:g}",
                    f"{1000.0 * arm.seconds_per_step:.0f}",
                    f"{plan.batch_size * plan.length / arm.seconds_per_step:.0f}",
                    str(arm.budgets[TIME]),
                ]
            )
    return markdown_table(titles, lines)


def rates_table(results: Results) -> str:
    """The learning rates tried, with what they gave; empty if there was one alone."""
    lines = []
    for name, sweep in results.sweeps.items():
        size, architecture = name.split()
        for rate, score in sweep.scores.items():
            chosen = "chosen" * (float(rate) == sweep.best)
            edge = ", at the edge of what was tried" * (bool(chosen) and sweep.is_at_edge)
            lines.append([f"{TITLES[architecture]}, {size}", rate, form(score, "{:.3f}"), chosen + edge])
    tried = any(len(sweep.scores) > 1 for sweep in results.sweeps.values())
    return markdown_table(["model", "learning rate", "held-out loss", ""], lines) if tried else ""


def loss_table(pair: Pair) -> str:
    """Held-out losses at the end of each budget, and the differences by seed."""
    measures = [(way, first) for way in WAYS for first in (True, False)]
    if pair.num_codebooks == 1:
        measures = [(way, True) for way in WAYS]
    titles = [
        "",
        "steps",
        "minutes",
        *(f"{WAY_TITLES[way]}, {'1st codebook' if first else 'all'}" for way, first in measures),
    ]
    lines = []
    for budget in (STEPS, TIME):
        figures = [end_loss(budget, way, first) for way, first in measures]
        for name, arm in pair.arms.items():
            minutes = Spread(tuple(run.ends[budget].seconds / 60.0 for run in arm.runs))
            lines.append(
                [
                    f"{TITLES[name]}, {budget}",
                    str(arm.budgets[budget]),
                    minutes.told("{:.1f}"),
                    *(over_seeds(arm, figure).told("{:.3f}") for figure in figures),
                ]
            )
        apart = [by_seed(differences(pair, figure), "{:+.3f}") for figure in figures]
        lines.append([f"SiMBA minus Transformer, {budget}, by seed", "", "", *apart])
    return markdown_table(titles, lines)


def convergence_table(results: Results) -> str:
    """What SiMBA spends until a common loss, over what the Transformer does."""
    titles = ["", *(f"{what}, {WAY_TITLES[way]}" for what in ("steps", "time") for way in WAYS)]
    lines = []
    for pair in results.pairs:
        ratios = [ratios_to_level(pair, way, lambda point: float(point.step)) for way in WAYS]
        ratios += [ratios_to_level(pair, way, lambda point: point.seconds) for way in WAYS]
        told = [f"{ratio.told('{:.2f}')} ({by_seed(ratio, '{:.2f}')})" for ratio in ratios]
        lines.append([pair_title(pair), *told])
    return markdown_table(titles, lines)


def music_table(size: str, results: Results) -> str:
    """What codec and models of a size make of the held-out settings."""
    titles = ["", "way", "Frechet distance", "tempo right", "chroma", "dead"]
    lines = [
        [f"codec, {codebooks(int(count))}", "-", *(form(figures[n], f) for n, f in MUSIC_FORMS.items())]
        for count, figures in results.codec.items()
    ]
    for pair in results.pairs:
        for name, arm in pair.arms.items():
            for budget in (STEPS, TIME):
                for way in WAYS:
                    cells = [
                        "-"
                        if figure == CHROMA and way == "free"
                        else over_seeds(arm, heard(budget, way, figure)).told(how)
                        for figure, how in MUSIC_FORMS.items()
                    ]
                    title = f"{TITLES[name]}, {codebooks(pair.num_codebooks)}, {budget}"
                    lines.append([title, WAY_TITLES[way], *cells] if pair.size == size else [])
    return markdown_table(titles, [line for line in lines if line])


def cost_table(pair: Pair) -> str:
    """Milliseconds of a frame and kilobytes of the past, by position."""
    names = [TITLES[name] for name in pair.costs]
    titles = ["frame", *(f"{name}, ms" for name in names), *(f"{name}, kB" for name in names)]
    lines = [
        [
            f"{int(row[0][0]):,}",
            *(f"{milliseconds:.2f}" for _, milliseconds, _ in row),
            *(f"{memory / 1000.0:,.0f}" for _, _, memory in row),
        ]
        for row in zip(*pair.costs.values(), strict=True)
    ]
    return markdown_table(titles, lines)


def pair_title(pair: Pair) -> str:
    """Size and codebooks in words."""
    return f"{pair.size}, {codebooks(pair.num_codebooks)}"


def codebooks(count: int) -> str:
    """A number of codebooks in words."""
    return "1 codebook" if count == 1 else f"{count} codebooks"


def end_loss(budget: str, way: str, first: bool) -> Callable[[SeedRun], float]:
    """The figure of a run that is its held-out loss at the end of a budget."""
    return lambda run: loss(run.ends[budget], way, first)


def heard(budget: str, way: str, name: str) -> Callable[[SeedRun], float]:
    """The figure of a run that its music has."""
    return lambda run: run.music[budget][way][name]


def by_seed(spread: Spread, how: str) -> str:
    """Every value by itself."""
    return ", ".join(form(value, how) for value in spread.values)


def form(value: float | None, how: str) -> str:
    """A figure, or a dash where there is none."""
    return "-" if value is None or math.isnan(value) else how.format(value)
