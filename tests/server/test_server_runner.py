"""The plan, its rollback and the feeder, with a consumer that the test drives."""

import random
import threading
import time

import pytest

from simba_live.controls import Controls
from simba_live.engine.performance import Performance
from simba_live.errors import SimbaLiveError
from simba_live.events import (
    Delete,
    Note,
    Play,
    Recall,
    Save,
    Set,
    Undo,
)
from simba_live.server.runner import MAX_TOGETHER, MAX_WAITING
from tests.server.stage import PROMPT, Stage, make_performance, playing, some_hearing, wait_until


@pytest.fixture(scope="module")
def performance():
    return make_performance()


class Gated(Performance):
    """Frames are made while the gate is open."""

    def __init__(self, engine):
        super().__init__(engine)
        self.gate = threading.Event()
        self.gate.set()

    def advance(self, moment):
        assert self.gate.wait(20)
        return super().advance(moment)


@pytest.fixture(scope="module")
def gated():
    return make_performance(Gated)


def test_left_alone_it_plays_what_the_performance_makes(performance):
    with Stage(performance, playing(performance)) as stage:
        stage.hall.take(50)
        stage.fill()
        assert len(stage.runner._plan) == stage.depth
        assert stage.runner.plan_seconds == pytest.approx(0.4)
        stage.assert_played_as_known_from_the_start()
        assert stage.runner.num_frames == 50
        assert stage.runner.current.frame == 49


def test_a_change_acts_on_music_that_was_planned_already(performance):
    with Stage(performance, playing(performance)) as stage:
        stage.take(5)
        stage.do(Set("density", 1.0))
        stage.do(Note(3))
        stage.take(30)
    (first, _), (second, _) = stage.done
    assert 5 <= first <= second <= 7
    stage.assert_played_as_known_from_the_start()


def test_with_time_to_spare_it_acts_on_the_very_next_frame(performance):
    with Stage(performance, playing(performance)) as stage:
        stage.hall.slack_seconds = 10.0
        stage.take(5)
        stage.do(Note(3))
        stage.take(1)
    assert stage.done == [(5, Note(3))]


def test_an_earlier_change_takes_planned_ones_with_it(performance):
    """A bar line that comes sooner, since the tempo went up, is where the waiting event goes."""
    with Stage(performance, playing(performance)) as stage:
        stage.take(3)
        stage.do(Recall("a"), "bar")
        stage.do(Set("density", 0.0), "bar")
        stage.do(Save("a"))
        stage.do(Set("metre", 3))
        stage.take(70)
    frames = {event.name + getattr(event, "control", ""): frame for frame, event in stage.done}
    assert set(frames) == {"recall", "setdensity", "save", "setmetre"}
    assert frames["save"] <= frames["setmetre"] < frames["recall"] == frames["setdensity"] == 30
    stage.assert_played_as_known_from_the_start()


def test_events_that_meet_on_a_frame_keep_their_order(performance):
    """The first waits beyond the plan for a bar, the second in it for a beat; then the bars shorten."""
    moment = performance.apply(Play(), performance.begin(Controls(bpm=300.0, metre=3), PROMPT))
    with Stage(performance, moment, lookahead=0.3) as stage:
        stage.take(42)
        stage.do(Set("density", 0.1), "bar")
        stage.do(Set("density", 0.9), "beat")
        stage.do(Set("metre", 2))
        stage.take(20)
    assert stage.done[1:] == [(50, Set("density", 0.1)), (50, Set("density", 0.9))]
    stage.assert_played_as_known_from_the_start()


@pytest.mark.parametrize(("quantum", "line"), [("bar", 40), ("beat", 30)])
def test_a_quantum_is_its_line_to_the_frame(performance, quantum, line):
    with Stage(performance, playing(performance)) as stage:
        stage.take(24)
        stage.do(Set("section", "drop"), quantum)
        stage.take(30)
    assert stage.done == [(line, Set("section", "drop"))]
    position = stage.hall.planned[line].before.scene.position
    assert position.line == "bar" if quantum == "bar" else position.line in ("bar", "beat")
    stage.assert_played_as_known_from_the_start()


def test_a_line_beyond_the_plan_is_waited_for(performance):
    with Stage(performance, playing(performance), lookahead=0.1) as stage:
        stage.take(22)
        stage.do(Undo(1), "bar")
        assert len(stage.runner._pending) == 1
        stage.take(30)
    assert stage.done == [(40, Undo(1))]
    stage.assert_played_as_known_from_the_start()


def test_without_music_there_is_no_line_to_wait_for(performance):
    with Stage(performance) as stage:
        stage.take(2)
        stage.do(Set("bpm", 200.0), "bar")
        stage.do(Play(), "beat")
        stage.take(10)
    assert [event for _, event in stage.done] == [Set("bpm", 200.0), Play()]
    assert stage.done[-1][0] < 6


def test_the_old_plan_plays_on_while_a_new_one_is_late(gated):
    with Stage(gated, playing(gated)) as stage:
        stage.take(5)
        gated.gate.clear()
        wish = stage.send(Set("density", 1.0))
        stage.hall.take(8)  # Nothing new can have been made.
        assert not stage.answers
        gated.gate.set()
        wait_until(lambda: wish in stage.wishes())
        stage.take(30)
    ((frame, _),) = stage.done
    assert 13 <= frame <= 16
    stage.assert_played_as_known_from_the_start()


def test_a_new_plan_that_comes_too_late_is_made_again_from_further_on(performance):
    with Stage(performance, playing(performance)) as stage:
        refused = []
        stage.hall.in_time = lambda frame: len(refused) == 3 or refused.append(frame)
        stage.take(5)
        stage.do(Note(3))
        stage.do(Set("density", 1.0))
        stage.take(30)
    assert len(refused) == 3
    assert refused == sorted(refused)
    (first, _), (second, _) = stage.done
    assert refused[-1] <= first <= second
    stage.assert_played_as_known_from_the_start()


def test_changes_that_follow_at_once_leave_the_plan_its_reserve(performance):
    """A new plan of three frames is made in up to 90 ms, one more frame in 30: six frames last so long."""
    kept = []
    with Stage(performance, playing(performance)) as stage:
        stage.fill()
        stage.runner.timing.add(0.03)
        change = stage.runner._change

        def noted(submitted):
            plan = list(stage.runner._plan)
            change(submitted)
            if len(plan) < 6:
                kept.append(list(stage.runner._plan)[: len(plan)] == plan)

        stage.runner._change = noted
        for pitch in range(40, 72):
            stage.do(Note(pitch), full=False)
        stage.take(2 * stage.depth)  # By then all have come, however long a reserve the machine wants.
    assert len(stage.done) == 32
    assert kept
    assert all(kept)
    stage.assert_played_as_known_from_the_start()


def test_a_plan_short_of_its_reserve_grows_before_it_takes_a_change(gated):
    """With frames of 30 ms the reserve is six: two are left, and the one that is late makes three."""
    with Stage(gated, playing(gated)) as stage:
        stage.fill()
        stage.runner.timing.add(0.03)
        gated.gate.clear()
        stage.hall.take(stage.depth - 2)
        wish = stage.send(Note(3))
        gated.gate.set()
        wait_until(lambda: wish in stage.wishes())
        stage.take(stage.depth)
    ((frame, _),) = stage.done
    assert frame >= stage.depth + 1 + 3
    stage.assert_played_as_known_from_the_start()


def test_a_plan_played_to_its_end_waits_for_more(gated):
    with Stage(gated, playing(gated)) as stage:
        stage.take(5)
        gated.gate.clear()
        stage.send(Note(3))
        stage.hall.take(stage.depth)
        stage.hall.want(3)
        time.sleep(0.05)
        assert len(stage.hall.planned) == 5 + stage.depth
        gated.gate.set()
        wait_until(lambda: len(stage.hall.planned) == 8 + stage.depth)
        stage.take(2 * stage.depth)  # The change waits until the plan has its reserve again.
    assert len(stage.done) == 1
    stage.assert_played_as_known_from_the_start()


def test_later_events_do_not_overtake_earlier_ones(performance):
    """A note's end must not come before its beginning because there is suddenly more time to make frames."""
    with Stage(performance, playing(performance)) as stage:
        stage.take(5)
        for _ in range(500):
            stage.runner.timing.add(0.009)
        stage.hall.slack_seconds = -0.05  # The first event goes some frames ahead.
        stage.do(Note(3))
        stage.hall.slack_seconds = 10.0
        stage.do(Note(3, 0))
        stage.take(20)
    assert [event for _, event in stage.done] == [Note(3), Note(3, 0)]
    assert stage.runner.current.held == frozenset()
    stage.assert_played_as_known_from_the_start()


def test_without_rollback_a_change_waits_until_the_plan_was_played(performance):
    with Stage(performance, playing(performance), rollback=False) as stage:
        stage.take(5)
        stage.do(Set("density", 1.0))
        stage.take(40)
    assert stage.done == [(5 + stage.depth, Set("density", 1.0))]
    stage.assert_played_as_known_from_the_start()


def test_what_is_refused_is_told_once_and_leaves_the_music_alone(performance):
    with Stage(performance, playing(performance)) as stage:
        stage.take(5)
        refused = stage.do(Recall("nothing"))
        stage.do(Undo(30), "beat")
        stage.take(40)
    ((frame, reason),) = stage.answers[refused]
    assert frame is None
    assert reason == "there is no snapshot 'nothing': there are none yet"
    assert [len(told) for told in stage.answers.values()] == [1, 1]
    assert stage.done == []
    assert all(not planned.wishes for planned in stage.hall.planned)
    stage.assert_played_as_known_from_the_start()


def test_what_was_refused_in_a_plan_that_was_never_played_is_tried_again(performance):
    with Stage(performance, playing(performance)) as stage:
        stage.take(3)
        recall = stage.do(Recall("a"), "bar")
        assert recall in stage.wishes()
        stage.do(Save("a"))
        stage.take(40)
    assert stage.answers[recall] == [(20, "")]
    stage.assert_played_as_known_from_the_start()


def test_a_flood_is_bounded_and_none_of_it_is_lost(gated):
    with Stage(gated, playing(gated)) as stage:
        stage.take(1)
        gated.gate.clear()
        first = stage.send(Note(3))
        wait_until(lambda: not stage.runner._submitted)
        sent = [stage.send(Note(index % 128)) for index in range(MAX_WAITING)]
        with pytest.raises(SimbaLiveError, match="1024 events wait already"):
            stage.send(Note(3))
        gated.gate.set()
        wait_until(lambda: not stage.runner._submitted)
        stage.take(MAX_WAITING // MAX_TOGETHER + stage.depth)  # A change may wait for the plan's reserve.
        wait_until(lambda: len(stage.answers) == MAX_WAITING + 1)
    assert all(len(told) == 1 and told[0][0] is not None for told in stage.answers.values())
    assert [event for _, event in stage.done] == [wish.event for wish in (first, *sent)]
    frames = [frame for frame, _ in stage.done]
    assert max(frames.count(frame) for frame in set(frames)) == MAX_TOGETHER
    stage.assert_played_as_known_from_the_start()


def test_while_the_player_has_the_floor_the_plan_is_short(performance):
    with Stage(performance, playing(performance), lookahead=0.4) as stage:
        stage.take(5)
        stage.do(Set("listen", 1), full=False)
        stage.hall.take(30)
        wait_until(lambda: len(stage.runner._plan) == 10)
        heard = stage.send(some_hearing(random.Random(1)))
        wait_until(lambda: heard in stage.wishes())
        stage.hall.take(10)
        wait_until(lambda: heard in stage.answers)
        assert 35 <= stage.answers[heard][0][0] < 45
        stage.do(Set("listen", 0))
        stage.take(20)
    stage.assert_played_as_known_from_the_start()


def test_what_is_heard_while_the_music_plays_leaves_the_plan_as_it_is(performance):
    moment = performance.apply(
        Set("listen", 1), performance.apply(Set("jam", "shadow"), playing(performance))
    )
    with Stage(performance, moment, lookahead=0.2) as stage:
        stage.take(5)
        plan = list(stage.runner._plan)
        stage.do(some_hearing(random.Random(1)), full=False)
        assert list(stage.runner._plan)[:10] == plan
        stage.hall.take(5)
        stage.hall.slack_seconds = 10.0
        stage.do(Note(3))
        stage.take(20)
    # A note does go back, and takes what was heard before it along.
    assert sorted((frame, event.name) for frame, event in stage.done) == [(10, "note"), (15, "hear")]
    stage.assert_played_as_known_from_the_start()


def test_the_end_of_a_players_turn_is_heard_though_the_plan_is_beyond_it(performance):
    """Bars of 20 frames: the player's turn is the first one."""
    moment = playing(performance)
    for control, value in (("jam_bars", 1), ("jam", "trade"), ("listen", 1)):
        moment = performance.apply(Set(control, value), moment)
    with Stage(performance, moment) as stage:
        stage.hall.take(12)
        wait_until(lambda: stage.runner._tip.frame > 22)
        assert not stage.runner._tip.scene.hears
        heard = stage.send(some_hearing(random.Random(1)))
        wait_until(lambda: heard in stage.wishes())
        stage.hall.take(20)
        wait_until(lambda: heard in stage.answers)
    ((frame, _),) = stage.answers[heard]
    assert frame is not None
    assert 12 <= frame < 20


def test_closing_answers_whatever_was_still_to_come(performance):
    with Stage(performance, playing(performance), lookahead=0.2) as stage:
        stage.take(22)
        in_plan = stage.do(Note(3))
        refused = stage.do(Delete("nothing"))
        waiting = stage.do(Note(4), "bar")
    for wish in (in_plan, refused, waiting):
        assert stage.answers[wish] == [(None, "the session is over")]
    with pytest.raises(SimbaLiveError, match="the session is over"):
        stage.send(Note(5))


class Broken(Performance):
    def advance(self, moment):
        if moment.frame == 30:
            raise RuntimeError("no more")
        return super().advance(moment)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_ends_the_runner_and_is_kept():
    performance = make_performance(Broken)
    with Stage(performance, playing(performance)) as stage:
        stage.hall.want(100)
        wait_until(lambda: stage.runner.failure is not None)
        with pytest.raises(SimbaLiveError):
            stage.send(Note(3))
    assert isinstance(stage.runner.failure, RuntimeError)
