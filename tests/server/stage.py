"""For tests of the live core: a consumer that takes a frame when told, and the same music offline."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

import numpy as np

from simba_live.controls import Controls
from simba_live.engine.engine import Engine
from simba_live.engine.performance import Performance
from simba_live.events import (
    Align,
    Branch,
    Delete,
    Hear,
    Note,
    Panic,
    Play,
    Prompt,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)
from simba_live.server.plan import Wish
from simba_live.server.runner import Runner
from tests.checkpoints import make_codec, make_model

PROMPT = Prompt(("warm lofi piano",), vector=np.full(384, 0.05, np.float32), style="lofi")
OTHER = Prompt(("fast techno",), vector=-PROMPT.vector, style="techno")
FAST = Controls(bpm=300.0, metre=2)
"""Bars of 20 frames, beats of 10."""

PATIENCE = 20.0
"""Seconds after which a test that waits has failed."""


def make_performance(kind=Performance):
    return kind(Engine(make_model(), make_codec()))


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.001)


class Hall:
    """A runner's consumer that wants as many frames as the test says.

    A frame can be replaced until it is taken. `in_time` is asked for the number of the first frame of each
    new plan.
    """

    def __init__(self):
        self.planned = []
        self.placed = []
        self.slack_seconds = 0.0
        self.in_time = lambda frame: True
        self._wanted = 0
        self._changed = threading.Condition()

    def wait(self, timeout):
        with self._changed:
            return self._changed.wait_for(lambda: len(self.planned) < self._wanted, timeout)

    def append(self, planned):
        with self._changed:
            assert not self.placed or planned.before is self.placed[-1].after
            self.placed.append(planned)

    def replace(self, plan):
        with self._changed:
            first = plan[0].before.frame
            if not self.in_time(first):
                return False
            numbers = [planned.before.frame for planned in self.placed]
            self.placed[numbers.index(first) :] = plan
            return True

    def take_back(self):
        with self._changed:
            self.placed.clear()
            return 0

    def commit(self, planned):
        with self._changed:
            assert self.placed.pop(0) is planned
            self.planned.append(planned)
            self._changed.notify_all()

    def want(self, frames):
        """Take so many more, whenever they come."""
        with self._changed:
            self._wanted += frames
            self._changed.notify_all()

    def take(self, frames):
        """Take so many more now."""
        self.want(frames)
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.planned) >= self._wanted, PATIENCE)

    @property
    def sounds(self):
        return [planned.audio for planned in self.planned]


class Stage:
    """A runner that plays to a hall, and what became of every event: (frame, event) or (None, reason)."""

    def __init__(self, performance, moment=None, lookahead=0.4, rollback=True):
        self.performance, self.hall = performance, Hall()
        self.moment = performance.begin(FAST, PROMPT) if moment is None else moment
        self.runner = Runner(performance, self.moment, self.hall, lookahead, rollback)
        self.depth = round(lookahead * performance.engine.codec.frame_rate)
        self.done = []
        self.answers = defaultdict(list)

    def __enter__(self):
        self.runner.start()
        return self

    def __exit__(self, *_error):
        self.runner.close()

    def send(self, event, quantum="now"):
        def done(frame, reason):
            self.answers[wish].append((frame, reason))
            if frame is not None:
                self.done.append((frame, event))

        wish = Wish(event, quantum, done)
        self.runner.submit(wish)
        return wish

    def do(self, event, quantum="now", full=True):
        """Send an event, and wait until the plan has it and is full again."""
        wish = self.send(event, quantum)
        wait_until(lambda: wish in self.runner._pending or wish in self.wishes())
        if full:
            self.fill()
        return wish

    def fill(self):
        wait_until(lambda: len(self.runner._plan) >= self.depth)

    def wishes(self):
        return [
            wish
            for planned in list(self.runner._plan)
            for wish in (*planned.wishes, *(refused for refused, _ in planned.refused))
        ]

    def take(self, frames):
        """Let frames be played, with the plan full again after each."""
        for _ in range(frames):
            self.hall.take(1)
            self.fill()

    def assert_played_as_known_from_the_start(self):
        played = self.hall.sounds
        expected = offline(self.performance, self.moment, len(played), self.done)
        for frame, (sound, wanted) in enumerate(zip(played, expected, strict=True)):
            assert np.array_equal(sound, wanted), f"frame {frame} of {len(played)}"


def offline(performance, moment, frames, events):
    """The same without plan or threads: events are (frame, event), in order."""
    sounds = []
    for frame in range(frames):
        for at, event in events:
            if at == frame:
                moment = performance.apply(event, moment)
        sound, moment = performance.advance(moment)
        sounds.append(sound)
    return sounds


def playing(performance):
    return performance.apply(Play(), performance.begin(FAST, PROMPT))


def some_hearing(dice):
    codes = np.random.default_rng(dice.randint(0, 9)).integers(0, 64, (3, dice.randint(1, 12)))
    return Hear(codes, dice.choice([None, dice.uniform(0, 50)]))


def some_event(dice):
    """Anything a performer may do, nonsense included."""
    return dice.choice(
        [
            Play(),
            Play(),
            Stop(),
            Reset(),
            Panic(),
            Save(dice.choice("ab")),
            Recall(dice.choice("ab")),
            Recall(dice.choice("ab")),
            Delete(dice.choice("ab")),
            Undo(dice.randint(1, 3)),
            Branch(),
            Branch(dice.randint(0, 9)),
            Note(dice.randint(0, 9)),
            Note(dice.randint(0, 9), 0),
            Set("density", dice.random()),
            Set("bpm", dice.choice([None, 150.0, 300.0])),
            Set("metre", dice.choice([None, 2, 3])),
            Set("section", dice.choice([None, "drop", "break"])),
            Set("chord", dice.choice([None, "Am7", "C/G", "nonsense"])),
            Set("free", dice.randint(0, 1)),
            Set("guidance", dice.choice([1.0, 4.0])),
            Set("brightness", dice.choice([None, 0.5])),
            Set("listen", dice.randint(0, 1)),
            Set("listen", 1),
            Set("jam", dice.choice(["continue", "trade", "shadow"])),
            Set("jam_bars", dice.randint(1, 2)),
            some_hearing(dice),
            some_hearing(dice),
            Align(dice.uniform(-2, 2)),
            PROMPT,
            OTHER,
        ]
    )
