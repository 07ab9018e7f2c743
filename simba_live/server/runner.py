"""Playing ahead and changing one's mind: the plan, its rollback, and the feeder that commits it.

The plan lies where the device reads it, so it is heard while everything here stands still. A frame can be
taken back until the device is about to come for it; from then on it is committed, which the feeder sees to:
it is logged, recorded and told of.

Who calls what: `submit`, `close` and the properties may be used from any thread. The engine thread alone
makes frames, and alone adds to the plan or cuts it; the feeder thread alone takes frames off it. Whoever
holds `_lock` only moves references, and samples into the output.

A change never leaves the output without music: the old plan stays playable until enough frames of the new one
exist to replace it from the change on.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from simba_live.engine.performance import Performance
from simba_live.engine.scene import Moment, Scene
from simba_live.errors import SimbaLiveError
from simba_live.events import MAX_BARS, Hear

from .plan import Consumer, Planned, Wish, from_first_change, wishes_of
from .timing import Timing

MAX_WAITING = 1024
"""Events that may wait for their frame; a performer's hands are slower."""

MAX_TOGETHER = 32
"""Events that take effect on one frame; the others wait for the next, so that a flood cannot hold it up."""

MIN_FORK_FRAMES, MAX_FORK_FRAMES = 3, 8
"""Frames that a new plan is meant to have, and most that it has, when it replaces the old one: for a moment
they are all the music that there is."""

WAITING_SECONDS = 0.2
"""Seconds to plan ahead while the player has the floor: silence needs no safety, and each hearing cuts it."""

SHADOW_SECONDS = 0.4
"""The same while the music plays and hears: what was heard acts from the plan's end on."""

SPARE_STATES = 16
"""States alive at most beside the plan, a new one and the bars to undo: being made, played, saved."""

MARGIN_SECONDS = 0.003
"""Time allowed, beyond what frames usually take, for a new plan to be there in time."""


class Runner:
    """Keeps a performance ahead of its output.

    Args:
        performance: what is played.
        moment: where it begins.
        consumer: takes what is played.
        lookahead: seconds to plan ahead.
        rollback: whether a change acts on the plan; without, it waits until the plan has been played.
    """

    def __init__(
        self,
        performance: Performance,
        moment: Moment,
        consumer: Consumer,
        lookahead: float = 1.0,
        rollback: bool = True,
    ) -> None:
        self.timing = Timing()
        self._performance = performance
        self._consumer = consumer
        self._frame_seconds = 1.0 / performance.engine.codec.frame_rate
        self._depth = max(2, round(lookahead / self._frame_seconds))
        self._rollback = rollback
        performance.blank.provide(self._depth + MAX_FORK_FRAMES + MAX_BARS + SPARE_STATES)
        self._lock = threading.Condition()
        self._plan: deque[Planned] = deque()
        self._head = moment.frame  # the frame that will be committed next
        self._tip = moment  # where the plan ends
        self._current = moment
        self._pending: list[Wish] = []  # those that no frame of the plan has taken up yet
        self._submitted: list[Wish] = []
        self._earliest = moment.frame  # where wishes were let in last: later ones must not overtake them
        self._running = False
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in (("engine", self._make), ("feeder", self._feed))
        ]

    def start(self) -> None:
        """Begin to plan and to feed."""
        self._running = True
        for thread in self._threads:
            thread.start()

    def submit(self, wish: Wish) -> None:
        """Let something happen as soon as its quantum allows.

        Raises:
            SimbaLiveError: too many events wait already, or the runner does not run.
        """
        with self._lock:
            if not self._running:
                raise SimbaLiveError("the session is over: start it again")
            if len(self._pending) + len(self._submitted) >= MAX_WAITING:
                raise SimbaLiveError(f"{MAX_WAITING} events wait already: send fewer")
            self._submitted.append(wish)
            self._lock.notify_all()

    @property
    def current(self) -> Moment:
        """The moment whose frame was committed last."""
        return self._current

    @property
    def num_frames(self) -> int:
        """Frames played, if it began with none."""
        return self._head

    @property
    def plan_seconds(self) -> float:
        """Music made ahead."""
        return len(self._plan) * self._frame_seconds

    @property
    def failure(self) -> BaseException | None:
        """What ended the runner, if it was not `close`."""
        return self._failure

    def close(self) -> None:
        """Stop planning and feeding; what can no longer be taken back still sounds."""
        with self._lock:
            self._running = False
            self._lock.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for _ in range(self._consumer.take_back()):
            self._commit()
        for wish in (*wishes_of(self._plan), *self._pending, *self._submitted):
            wish.done(None, "the session is over")
        self._plan.clear()
        self._pending, self._submitted = [], []

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            with self._lock:
                self._failure, self._running = error, False
                self._lock.notify_all()
            raise

    def _feed(self) -> None:
        while self._running:
            if not self._consumer.wait(0.05):
                continue
            with self._lock:
                if not self._plan:
                    self._lock.wait(0.01)
                    continue
            self._commit()

    def _commit(self) -> None:
        """Let the first frame of the plan be heard."""
        with self._lock:
            planned = self._plan.popleft()
            self._head += 1
            self._lock.notify_all()
        self._consumer.commit(planned)
        self._current = planned.played
        for wish in planned.wishes:
            wish.done(planned.before.frame, "")
        for wish, why in planned.refused:
            wish.done(None, why)

    def _make(self) -> None:
        while True:
            with self._lock:
                while (
                    self._running and not self._submitted and len(self._plan) >= self._wanted(self._tip.scene)
                ):
                    self._lock.wait()
                if not self._running:
                    return
                submitted, self._submitted = self._submitted, []
            if submitted:
                self._change(submitted)
            else:
                planned = self._next(self._tip, self._pending)
                with self._lock:
                    self._plan.append(planned)
                    self._consumer.append(planned)
                    self._tip = planned.after
                    self._lock.notify_all()

    def _wanted(self, scene: Scene) -> int:
        """Frames that a plan is to have that ends with a scene."""
        if not scene.hears:
            return self._depth
        seconds = WAITING_SECONDS if scene.listens else SHADOW_SECONDS
        return min(self._depth, max(2, round(seconds / self._frame_seconds)))

    def _change(self, submitted: list[Wish]) -> None:
        """Take up new wishes: go back to the first frame that they change, and plan anew from there."""
        submitted = self._without_patient(submitted)
        if not submitted:
            return
        count = self._fork_frames()
        median, _ = self.timing.percentiles()
        first = self._earliest = max(self._earliest, self._first_changeable(count * median))
        for wish in submitted:
            wish.earliest = first
        with self._lock:
            first = max(first, self._head)
            plan = list(self._plan)
        dropped = from_first_change(plan, first, submitted)
        base = dropped[0].before if dropped else self._tip
        wishes = [*wishes_of(dropped), *self._pending, *submitted]
        wishes.sort(key=lambda wish: wish.order)
        if not dropped:
            self._pending = wishes
            return
        fork = self._fork(base, wishes, count)
        with self._lock:
            if self._head <= base.frame and self._consumer.replace(fork):
                while self._plan and self._plan[-1].before.frame >= base.frame:
                    self._plan.pop()
                self._plan.extend(fork)
                self._tip, self._pending = fork[-1].after, wishes
            else:
                # The output was quicker and plays on from the old plan: aim as far ahead as the slowest
                # frames would need.
                self._submitted[:0] = submitted
                self._earliest = self._first_changeable(count * self.timing.slowest)
            self._lock.notify_all()

    def _fork(self, base: Moment, wishes: list[Wish], count: int) -> list[Planned]:
        """The beginning of a new plan from a moment on.

        It is as long as the time allows until the device comes for the old one, so that there is as much
        music as can be when it takes over: some `count` frames where a change is to be heard at once. If
        frames take longer than was thought, as many will do as the slowest need.
        """
        fork: list[Planned] = []
        moment = base
        fewest = self._fewest_frames()
        _, late = self.timing.percentiles()
        while True:
            fork.append(self._next(moment, wishes))
            moment = fork[-1].after
            if _is_free(moment) and len(fork) < self._wanted(moment.scene):
                continue
            with self._lock:
                frames = base.frame - self._head
                hurried = len(fork) >= count and bool(self._submitted)
            left = self._consumer.slack_seconds + frames * self._frame_seconds - MARGIN_SECONDS
            if len(fork) >= min(MAX_FORK_FRAMES, self._depth) or (
                len(fork) >= fewest and (hurried or left < late)
            ):
                return fork

    def _without_patient(self, submitted: list[Wish]) -> list[Wish]:
        """Let what is heard while the music plays act from the plan's end on; returns all other wishes.

        It comes every beat, and making the plan anew for it took longer than the plan lasted. Not so at the
        end of a player's turn: the plan is in the music's own already, which hears nothing.
        """
        if self._tip.scene.listens or not self._tip.scene.hears:
            return submitted
        patient = [wish for wish in submitted if isinstance(wish.event, Hear)]
        for wish in patient:
            wish.earliest = self._tip.frame + self._missing()
        self._pending = sorted([*self._pending, *patient], key=lambda wish: wish.order)
        return [wish for wish in submitted if not isinstance(wish.event, Hear)]

    def _missing(self) -> int:
        """Frames that the plan lacks to last while new ones are made in vain, or to be as long as wanted."""
        needed = (self._fork_frames() + 1) * self.timing.slowest - self._consumer.slack_seconds
        return max(
            0, min(math.ceil(needed / self._frame_seconds), self._wanted(self._tip.scene)) - len(self._plan)
        )

    def _first_changeable(self, seconds: float) -> int:
        """The first frame that is still in the plan after some seconds of making new ones.

        A plan without a reserve is left as it is, and grows until it has one: were it made anew for each of
        several changes that follow each other at once, it would become ever shorter, and a change may itself
        take longer than a frame, as hearing does.
        """
        with self._lock:
            if not self._rollback:
                return self._tip.frame
            if missing := self._missing():
                return self._tip.frame + missing
            late = seconds + MARGIN_SECONDS - self._consumer.slack_seconds
            return self._head + max(0, math.ceil(late / self._frame_seconds))

    def _fork_frames(self) -> int:
        """Frames that a new plan is to have when it replaces the old."""
        return min(max(MIN_FORK_FRAMES, self._fewest_frames()), self._depth)

    def _fewest_frames(self) -> int:
        """Frames without which it may not.

        They last half as long again as the slowest frame of late took, so that a crowded machine answers
        later rather than run dry.
        """
        needed = math.ceil(1.5 * self.timing.slowest / self._frame_seconds)
        return min(max(1, needed), MAX_FORK_FRAMES, self._depth)

    def _next(self, moment: Moment, wishes: list[Wish]) -> Planned:
        """Make the frame that a moment leads to, taking what is due on it from `wishes`."""
        started = time.perf_counter()
        before, taken, refused = moment, [], []
        for wish in [wish for wish in wishes if wish.is_due(before)][:MAX_TOGETHER]:
            wishes.remove(wish)
            try:
                moment = self._performance.apply(wish.event, moment)
                taken.append(wish)
            except SimbaLiveError as error:
                refused.append((wish, str(error)))
        audio, after = self._performance.advance(moment)
        if not _is_free(moment):
            self.timing.add(time.perf_counter() - started)
        return Planned(before, moment, after, audio, tuple(taken), tuple(refused))


def _is_free(moment: Moment) -> bool:
    """Whether the frame that a moment leads to takes no time to make: nothing sounds, nothing is heard."""
    return moment.silent and not moment.scene.unheard
