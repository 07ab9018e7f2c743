"""Events of all kinds at any time: what was played is what the log plays."""

import random
import threading
import time

import numpy as np
import pytest

from simba_live.events import (
    Align,
    Branch,
    Delete,
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
from tests.server.stage import PROMPT, Stage, make_performance, offline, playing, some_hearing, wait_until


@pytest.fixture(scope="module")
def performance():
    return make_performance()


OTHER = Prompt(("fast techno",), vector=-PROMPT.vector, style="techno")


def some_event(dice):
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


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_whenever_the_log_plays_the_same_samples(performance, seed):
    """Events of all kinds from another thread, while frames are taken at an uneven pace."""
    dice = random.Random(seed)
    sent = []
    with Stage(performance, playing(performance), lookahead=0.3) as stage:
        stop = threading.Event()

        def take():
            pace = random.Random(seed)
            while not stop.is_set():
                stage.hall.slack_seconds = pace.choice([0.0, 0.0, 0.02])
                stage.hall.want(1)
                time.sleep(pace.choice([0.0, 0.002, 0.006]))

        taker = threading.Thread(target=take)
        taker.start()
        for _ in range(60):
            time.sleep(dice.choice([0.0, 0.0, 0.004, 0.03]))
            sent.append(stage.send(some_event(dice), dice.choice(["now", "now", "beat", "bar"])))
        wait_until(lambda: not stage.runner._pending or not stage.runner.current.playing)
        stop.set()
        taker.join()
    assert set(stage.answers) == set(sent)
    assert all(len(told) == 1 for told in stage.answers.values())
    assert len(stage.done) > 20
    assert [frame for frame, _ in stage.done] == sorted(frame for frame, _ in stage.done)
    logged = [(planned.before.frame, wish.event) for planned in stage.hall.planned for wish in planned.wishes]
    assert logged == stage.done
    stage.assert_played_as_known_from_the_start()


def test_the_offline_reference_can_tell(performance):
    with_note = offline(performance, playing(performance), 40, [(3, Note(3))])
    without = offline(performance, playing(performance), 40, [])
    assert np.array_equal(with_note[:3], without[:3])
    assert not np.array_equal(with_note, without)
