"""What the plan is made of: frames, the events that took effect on them, and where the frames go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simba_live.engine.scene import Moment
from simba_live.events import Event

_ORDER = itertools.count()


@dataclass(eq=False)
class Wish:
    """An event on its way to the frame that it takes effect on.

    Attributes:
        event: what to do.
        quantum: "now", "beat" or "bar".
        done: called once, by the feeder thread, when that frame is played: with its number, or with None and
            the reason why it was refused there.
        earliest: first output frame that it may take effect on.
        order: grows with every wish made.
    """

    event: Event
    quantum: str = "now"
    done: Callable[[int | None, str], None] = lambda _frame, _reason: None
    earliest: int = 0
    order: int = field(default_factory=_ORDER.__next__)

    def is_due(self, moment: Moment) -> bool:
        """Whether it takes effect on the frame that `moment` leads to."""
        if moment.frame < self.earliest:
            return False
        # Without music there are no lines to wait for.
        if self.quantum == "now" or not moment.playing:
            return True
        line = moment.scene.position.line
        return line is not None and (self.quantum == "beat" or line == "bar")


@dataclass(frozen=True)
class Planned:
    """A frame of the plan.

    Attributes:
        before: the moment that it was made from, ahead of its events: where to go back to.
        played: the moment with its events.
        after: the moment that it leads to.
        audio: float32 [C, hop_length], before gain and limiter.
        wishes: the events that took effect on it, in order.
        refused: those that could not, and why. A change before them may let them pass after all.
    """

    before: Moment
    played: Moment
    after: Moment
    audio: NDArray[np.float32]
    wishes: tuple[Wish, ...]
    refused: tuple[tuple[Wish, str], ...]


class Consumer(Protocol):
    """Where frames go; the feeder thread alone calls `wait` and `commit`, the engine thread the rest."""

    def append(self, planned: Planned) -> None:
        """Take a frame that may still be replaced."""

    def replace(self, plan: Sequence[Planned]) -> bool:
        """Take these frames instead of all from the number of the first of them on.

        Returns:
            False if that one can no longer be replaced: nothing was.
        """

    def take_back(self) -> int:
        """Give back all frames that can still be replaced; how many remain to be committed."""

    def wait(self, timeout: float) -> bool:
        """Whether the first frame can no longer be replaced, as soon as it cannot or after some seconds."""

    def commit(self, planned: Planned) -> None:
        """Take the first frame for good, without blocking."""

    @property
    def slack_seconds(self) -> float:
        """Time until the first frame can no longer be replaced."""


def from_first_change(plan: list[Planned], first: int, wishes: list[Wish]) -> list[Planned]:
    """The end of a plan, from the first frame that a wish changes, `first` being the earliest allowed."""
    for index, planned in enumerate(plan):
        if planned.before.frame >= first and any(wish.is_due(planned.before) for wish in wishes):
            return plan[index:]
    return []


def wishes_of(plan: Iterable[Planned]) -> list[Wish]:
    """What was to happen on the frames of a plan."""
    return [
        wish for planned in plan for wish in (*planned.wishes, *(refused for refused, _ in planned.refused))
    ]
