"""How long frames take to make, over the last ten seconds."""

from __future__ import annotations

from collections import deque

import numpy as np

KEPT = 500
"""Frames remembered."""


class Timing:
    """Times of the latest frames; one thread adds, any may read."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=KEPT)

    def add(self, seconds: float) -> None:
        """One more frame."""
        self._seconds.append(seconds)

    @property
    def slowest(self) -> float:
        """The slowest of them, in seconds; 0 before the first frame."""
        return max(list(self._seconds), default=0.0)

    def percentiles(self) -> tuple[float, float]:
        """Median and 99th percentile in seconds; zeros before the first frame."""
        seconds = list(self._seconds)
        if not seconds:
            return 0.0, 0.0
        median, late = np.percentile(seconds, (50, 99))
        return float(median), float(late)
