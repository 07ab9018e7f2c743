"""What a comparison found, and the statistics that its report tells: means, spreads, pairs by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simba_live.model import ModelConfig

from .runs import Point
from .sizes import SIMBA, TRANSFORMER

STEPS, TIME = "equal steps", "equal time"
"""The two budgets."""

Costs = dict[str, list[list[float]]]
"""Position, milliseconds a frame and bytes of the past, by model."""


@dataclass(frozen=True)
class SeedRun:
    """One run.

    Attributes:
        curve: held-out measures on the way, at the constant learning rate.
        ends: those at the end of each budget, after the learning rate has fallen.
        music: figures of the music that the model of each budget plays, by way; empty if none was heard.
    """

    curve: list[Point]
    ends: dict[str, Point]
    music: dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Arm:
    """One architecture of a pair: what it is, and its runs by seed."""

    config: ModelConfig
    parameters: int
    learning_rate: float
    seconds_per_step: float
    budgets: dict[str, int]
    runs: list[SeedRun]


@dataclass(frozen=True)
class Pair:
    """SiMBA and Transformer of a size with so many codebooks."""

    size: str
    num_codebooks: int
    arms: dict[str, Arm]
    costs: Costs


@dataclass(frozen=True)
class Sweep:
    """Held-out losses of the learning rates tried; None where there was but one and nothing was tried."""

    scores: dict[str, float | None]

    @property
    def best(self) -> float:
        """The rate with the lowest loss; a loss that is not a number never wins."""
        known = {
            rate: score for rate, score in self.scores.items() if score is not None and np.isfinite(score)
        }
        return float(min(known or self.scores, key=lambda rate: known.get(rate, 0.0)))

    @property
    def is_at_edge(self) -> bool:
        """Whether a rate beyond those tried might have been better still."""
        rates = [float(rate) for rate in self.scores]
        return len(rates) > 1 and self.best in (min(rates), max(rates))


@dataclass(frozen=True)
class Results:
    """Everything.

    Attributes:
        pairs: by size and number of codebooks.
        sweeps: learning rates tried, by size and architecture.
        codec: figures of the held-out music through so many codebooks; empty if none was heard.
    """

    pairs: list[Pair]
    sweeps: dict[str, Sweep]
    codec: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Spread:
    """A figure over the seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Of the values."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        """Standard deviation of the values (n - 1), NaN of one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else float("nan")

    def told(self, form: str) -> str:
        """As "mean ± deviation"."""
        mean = form.format(self.mean)
        return (
            mean if np.isnan(self.deviation) else f"{mean} ± {form.replace('+', '').format(self.deviation)}"
        )


def loss(point: Point, way: str, first: bool) -> float:
    """Held-out cross-entropy in nats: of the first codebook, or the mean over all."""
    values = [value for name, value in point.losses.items() if name.startswith(f"{way} ")]
    return point.losses[f"{way} 1"] if first else float(np.mean(values))


def over_seeds(arm: Arm, figure: Callable[[SeedRun], float]) -> Spread:
    """A figure of every run."""
    return Spread(tuple(figure(run) for run in arm.runs))


def differences(pair: Pair, figure: Callable[[SeedRun], float]) -> Spread:
    """SiMBA's figure minus the Transformer's, seed by seed: the two saw the same data in the same order."""
    ours, theirs = (over_seeds(pair.arms[name], figure).values for name in (SIMBA, TRANSFORMER))
    return Spread(tuple(a - b for a, b in zip(ours, theirs, strict=True)))


def ratios_to_level(pair: Pair, way: str, axis: Callable[[Point], float]) -> Spread:
    """What SiMBA needs over what the Transformer needs to come to the same loss, seed by seed.

    The level is the higher of the two losses of the first codebook where their curves end, so both reach it.

    Args:
        pair: both.
        way: "arranger" or "free".
        axis: what is spent: steps or seconds.
    """
    ratios = []
    for runs in zip(*(pair.arms[name].runs for name in (SIMBA, TRANSFORMER)), strict=True):
        curves = [
            ([axis(point) for point in run.curve], [loss(point, way, first=True) for point in run.curve])
            for run in runs
        ]
        level = max(min(losses) for _, losses in curves)
        ours, theirs = (reached(spent, losses, level) for spent, losses in curves)
        ratios.append(ours / theirs)
    return Spread(tuple(ratios))


def reached(spent: Sequence[float], losses: Sequence[float], level: float) -> float:
    """What has been spent when a curve first comes down to a level, between two points in proportion.

    NaN if it never does; the first point's, if it is below the level already.
    """
    for index, value in enumerate(losses):
        if value <= level:
            if index == 0:
                return spent[0]
            above = losses[index - 1]
            share = (above - level) / (above - value)
            return spent[index - 1] + share * (spent[index] - spent[index - 1])
    return float("nan")


LOWER, HIGHER, MIXED, ALONE = "lower", "higher", "mixed", "alone"


def verdict(difference: Spread) -> str:
    """Whether SiMBA's figure is lower, or higher, than the Transformer's with every seed."""
    if len(difference.values) < 2:
        return ALONE
    if all(value < 0.0 for value in difference.values):
        return LOWER
    return HIGHER if all(value > 0.0 for value in difference.values) else MIXED
