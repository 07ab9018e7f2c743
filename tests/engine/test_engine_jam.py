"""Whose turn it is, and what becomes of what was heard, as plain values."""

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.controls import Controls
from simba_live.engine.jam import HEARD_FRAMES, bars_left, begin_turns, clock_until, listens, pieces
from simba_live.events import MAX_HEARD, Hear
from simba_live.music.live import Position, Run

TRADE = Controls(listen=1, jam="trade", jam_bars=2)


def turns(controls, turns_from, bars=12):
    """A letter a bar: player or music."""
    return "".join("p" if listens(controls, bar, turns_from) else "m" for bar in range(bars))


def test_who_has_the_floor():
    assert turns(Controls(), 0) == "m" * 12
    assert turns(Controls(jam="trade"), 0) == "m" * 12
    assert turns(Controls(listen=1), 5) == "p" * 12
    assert turns(Controls(listen=1, jam="shadow"), 0) == "m" * 12
    assert turns(TRADE, 0) == "ppmmppmmppmm"
    assert turns(TRADE, 3) == "mmmppmmppmmp"
    assert turns(Controls(listen=1, jam="trade", jam_bars=1), -2) == "pm" * 6


@pytest.mark.parametrize("turns_from", [-5, 0, 3])
def test_bars_left_are_those_until_the_turn_changes(turns_from):
    for bar in range(max(turns_from, 0) + 9):
        left = bars_left(TRADE, bar, turns_from)
        now = listens(TRADE, bar, turns_from)
        assert left >= 1
        assert all(listens(TRADE, bar + ahead, turns_from) == now for ahead in range(left))
        assert listens(TRADE, bar + left, turns_from) != now
    assert bars_left(Controls(listen=1), 3, 0) == 0


def test_turns_begin_on_the_next_bar_line():
    assert begin_turns(Controls(), TRADE, 6, False, 0) == 7
    assert begin_turns(Controls(), TRADE, 6, True, 0) == 6
    assert begin_turns(Controls(listen=1, jam="shadow"), TRADE, 6, False, 0) == 7
    # Who waits for the player already goes on waiting.
    assert begin_turns(Controls(listen=1), TRADE, 6, False, 0) == 6
    # Without turns nothing is counted; nor does another control count.
    assert begin_turns(TRADE, Controls(jam="trade"), 6, False, 3) == 3
    assert begin_turns(TRADE, TRADE.moved(density=0.5), 6, False, 3) == 3


@pytest.mark.parametrize("on_line", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_turn_of_another_length_changes_over_on_a_bar_line_only(length, on_line):
    for bar in range(20):
        for turns_from in range(-3, 24):
            after = TRADE.moved(jam_bars=length)
            new = begin_turns(TRADE, after, bar, on_line, turns_from)
            before = listens(TRADE, bar, turns_from)
            left = bars_left(after, bar, new)
            if not on_line:
                assert listens(after, bar, new) == before
            elif listens(after, bar, new) != before:
                assert left == length
            assert left <= max(length, turns_from - bar)


def heard(frames, beat=None):
    return Hear(np.arange(2 * frames).reshape(2, frames) % 64, beat)


@pytest.mark.parametrize("frames", [1, HEARD_FRAMES, HEARD_FRAMES + 1, MAX_HEARD])
@pytest.mark.parametrize("beat", [None, 7.25])
def test_what_was_heard_falls_into_pieces_that_follow_each_other(frames, beat):
    position = Position(bar=3, beat=1.5, run=Run(120.0, 4, 1, 0.5, False), frames=9)
    whole = heard(frames, beat)
    parts = list(pieces(whole, position, 50.0))
    assert np.array_equal(np.concatenate([part.codes for part in parts], axis=1), whole.codes)
    assert all(part.codes.shape[1] == HEARD_FRAMES for part in parts[:-1])
    assert parts[-1].beat == (13.5 if beat is None else beat)
    clocks = [clock_until(part.beat, part.codes.shape[1], position.run, 50.0) for part in parts]
    at_once = clock_until(parts[-1].beat, frames, position.run, 50.0)
    for name, values in Conditions.concatenate(clocks).arrays().items():
        np.testing.assert_allclose(values, at_once.arrays()[name], atol=1e-5, err_msg=name)


def test_the_clock_of_what_was_heard_ends_where_it_ended():
    clock = clock_until(8.0, 50, Run(120.0, 4, 0, 0.0, True), 50.0)
    assert set(clock.tempo) == {120.0}
    np.testing.assert_allclose(clock.beat[[0, 1, 25, 49]], [0.0, 0.04, 0.0, 0.96], atol=1e-6)
    np.testing.assert_allclose(clock.bar[[0, 25, 49]], [0.5, 0.75, 0.99], atol=1e-6)
    free = Conditions.free(50)
    for name in ("key", "chord", "notes", "drums", "instruments", "density", "brightness"):
        np.testing.assert_array_equal(clock.arrays()[name], free.arrays()[name])
