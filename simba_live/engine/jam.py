"""Playing with somebody: whose turn it is, and how what they played is taken in.

All of it follows from a scene, so it can be gone back to, saved and replayed like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simba_live.conditions import Conditions
from simba_live.controls import Controls
from simba_live.events import Hear
from simba_live.music.live import Position, Run

HEARD_FRAMES = 16
"""Frames of the player taken in during one frame of the music, which bounds what that costs: so many at once
take as long as playing the frame does, and five take 0.6 of it (9.9, 6.2 and 10.4 ms of one slow core, side
by side). Fewer at once would spread the same frames over more of the music's own, at more time for each."""

MAX_UNHEARD = 12
"""Pieces of so many frames that may wait to be taken in; what is older is never heard."""


def listens(controls: Controls, bar: int, turns_from: int) -> bool:
    """Whether the music waits, silent, for the player in that bar.

    Args:
        controls: where the controls stand.
        bar: number of the bar.
        turns_from: the bar in which the player's first turn begins, or would have begun.
    """
    if not controls.listen or controls.jam == "shadow":
        return False
    return controls.jam == "continue" or (bar >= turns_from and _turn(controls, bar, turns_from)[0] == 0)


def bars_left(controls: Controls, bar: int, turns_from: int) -> int:
    """Bars until the next turn, this one included; 0 without turns. Arguments are those of `listens`."""
    if not _trades(controls):
        return 0
    return turns_from - bar if bar < turns_from else controls.jam_bars - _turn(controls, bar, turns_from)[1]


def begin_turns(before: Controls, after: Controls, bar: int, on_line: bool, turns_from: int) -> int:
    """The bar from which turns are counted when the controls change.

    Nobody loses the floor but on a bar line: turns begin on the next one, unless the music listens already,
    and one of another length goes on until then at least.

    Args:
        before: the controls as they were.
        after: and as they are now.
        bar: number of the bar.
        on_line: whether the next frame is the bar's first.
        turns_from: what it was before.
    """
    if not _trades(after):
        return turns_from
    if not _trades(before):
        return bar if on_line or listens(before, bar, turns_from) else bar + 1
    if bar < turns_from:
        return turns_from
    turn, played = _turn(before, bar, turns_from)
    left = max(after.jam_bars - played, 0 if on_line else 1)
    return bar + left - (turn + 1) * after.jam_bars


def pieces(heard: Hear, position: Position, frame_rate: float) -> Iterator[Hear]:
    """What was heard, in pieces of `HEARD_FRAMES` at most.

    Args:
        heard: all of it.
        position: where the music is, in its run: what was heard ended there if it does not say where.
        frame_rate: frames per second.
    """
    run = position.run
    end = position.bar * run.beats_per_bar + position.beat if heard.beat is None else heard.beat
    frame_beats = run.bpm / 60.0 / frame_rate
    length = heard.codes.shape[1]
    for first in range(0, length, HEARD_FRAMES):
        codes = heard.codes[:, first : first + HEARD_FRAMES]
        yield Hear(codes, end - (length - first - codes.shape[1]) * frame_beats)


def clock_until(beat: float, frames: int, run: Run, frame_rate: float) -> Conditions:
    """The tempo, beat and bar of so many frames that end at a beat since some bar line; all else is free."""
    conditions = Conditions.free(frames)
    beats = beat - np.arange(frames, 0, -1) * (run.bpm / 60.0 / frame_rate)
    conditions.tempo[:] = run.bpm
    # Rounding to float32 must not turn 0.99999999 into 1.
    conditions.beat[:] = np.minimum(beats % 1.0, 0.999999)
    conditions.bar[:] = np.minimum(beats % run.beats_per_bar / run.beats_per_bar, 0.999999)
    return conditions


def _trades(controls: Controls) -> bool:
    return bool(controls.listen) and controls.jam == "trade"


def _turn(controls: Controls, bar: int, turns_from: int) -> tuple[int, int]:
    """Whose turn it is, 0 the player's and 1 the music's, and the bars of it that are over."""
    turns, over = divmod(bar - turns_from, controls.jam_bars)
    return turns % 2, over
