"""Events of all kinds at any time: what was played is what the log plays."""

import random
import threading
import time

import numpy as np
import pytest

from simba_live.events import Note
from tests.server.stage import Stage, make_performance, offline, playing, some_event, wait_until


@pytest.fixture(scope="module")
def performance():
    return make_performance()


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
