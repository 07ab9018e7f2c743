"""What waits for its time: messages with a time tag, and the newest of a burst; bounded, no clock."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from itertools import count
from typing import Generic, TypeVar

from simba_live.errors import OptionError

T = TypeVar("T")

MAX_WAITING = 1000
"""Messages that can wait for their time."""

MAX_AHEAD = 60.0
"""How far ahead a time tag can be, in seconds."""

PAUSE = 0.005
"""Seconds between two changes of the same control: a quarter of a frame, so that nobody hears it."""


class Schedule(Generic[T]):
    """Items by time; those of equal time come out as they went in."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._order = count()

    def add(self, when: float, item: T, now: float) -> None:
        """Let `item` wait.

        Args:
            when: its time, in seconds of the caller's clock.
            item: what to give back then.
            now: the time now.

        Raises:
            OptionError: too far ahead, or too many wait.
        """
        if when - now > MAX_AHEAD:
            raise OptionError(
                f"its time tag is {when - now:.0f} s ahead: send it less than {MAX_AHEAD:.0f} s before"
            )
        if len(self._heap) >= MAX_WAITING:
            raise OptionError(f"{MAX_WAITING} messages wait for their time: send fewer ahead")
        heapq.heappush(self._heap, (when, next(self._order), item))

    def due(self, now: float) -> list[T]:
        """Take out what is due, earliest first."""
        ready = []
        while self._heap and self._heap[0][0] <= now:
            ready.append(heapq.heappop(self._heap)[2])
        return ready

    @property
    def next(self) -> float | None:
        """When the next item is due; None if nothing waits."""
        return self._heap[0][0] if self._heap else None

    def __len__(self) -> int:
        return len(self._heap)


class Newest(Generic[T]):
    """Of items of one key in quick succession, the first at once, then the newest every `PAUSE` seconds."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, T] = {}
        self._free_at: dict[Hashable, float] = {}

    def offer(self, key: Hashable, item: T, now: float) -> bool:
        """Whether `item` may go at once; if not it waits, in the place of what waited before it."""
        if key not in self._waiting and now >= self._free_at.get(key, now):
            self._free_at[key] = now + PAUSE
            return True
        # Taken out first so that it comes after what was offered in between.
        self._waiting.pop(key, None)
        self._waiting[key] = item
        return False

    def due(self, now: float) -> list[T]:
        """Take out what may go now."""
        ready = [key for key in self._waiting if now >= self._free_at[key]]
        return [self._take(key, now) for key in ready]

    def flush(self, now: float) -> list[T]:
        """Take out everything, for what comes after it must not overtake it."""
        return [self._take(key, now) for key in tuple(self._waiting)]

    def _take(self, key: Hashable, now: float) -> T:
        self._free_at[key] = now + PAUSE
        return self._waiting.pop(key)

    @property
    def next(self) -> float | None:
        """When something may go; None if nothing waits."""
        return min((self._free_at[key] for key in self._waiting), default=None)
