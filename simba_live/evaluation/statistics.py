"""How sure a figure is: intervals for shares, rank correlation for what was asked in steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z = 1.959964
"""Standard deviations of a normal distribution that hold 95 % of it."""


@dataclass(frozen=True)
class Share:
    """How many of how many; `low` and `high` are Wilson's 95 % interval (Wilson 1927)."""

    hits: int
    total: int

    @classmethod
    def of(cls, flags: Sequence[bool] | Sequence[float] | NDArray[np.bool_]) -> Share:
        """Count what is true; what is not defined (NaN) does not count at all."""
        values = np.asarray(flags, np.float64)
        values = values[~np.isnan(values)]
        return cls(int(values.sum()), len(values))

    @property
    def value(self) -> float:
        """The share, 0-1; NaN of nothing."""
        return self.hits / self.total if self.total else float("nan")

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self._interval()[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self._interval()[1]

    def _interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        share, spread = self.value, _Z * _Z / self.total
        centre = share + spread / 2.0
        reach = (share * (1.0 - share) * spread + spread * spread / 4.0) ** 0.5
        return max((centre - reach) / (1.0 + spread), 0.0), min((centre + reach) / (1.0 + spread), 1.0)

    def __str__(self) -> str:
        if not self.total:
            return "-"
        return f"{self.value:.0%} ({self.hits}/{self.total}; {self.low:.0%}-{self.high:.0%})"

    def to_json(self) -> dict[str, float]:
        """For the report's figures."""
        return {
            "value": self.value,
            "hits": self.hits,
            "total": self.total,
            "low": self.low,
            "high": self.high,
        }


def rank_correlation(values: NDArray[np.float64]) -> float:
    """Spearman's, of values [n] with their order: 1 always rising, -1 falling; equal ones share a rank."""
    order = np.arange(len(values), dtype=np.float64)
    ranks = np.array([(values < value).sum() + ((values == value).sum() - 1) / 2.0 for value in values])
    spread = float(ranks.std() * order.std())
    if spread == 0.0:
        return 0.0
    return float(((ranks - ranks.mean()) * (order - order.mean())).mean() / spread)


def bootstrap_interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of a figure drawn again and again."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)
