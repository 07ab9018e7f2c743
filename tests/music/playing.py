"""Playing a live arranger frame by frame."""

import numpy as np

from simba_live.conditions import NOTE_ONSET, Conditions
from simba_live.music.arranger import Settings
from simba_live.music.live import Calls

RATE = 50.0
HOUSE = Settings("house", bpm=120.0, beats_per_bar=4, seed=3)


def play(live, settings, position, count, calls=Calls()):  # noqa: B008  (a frozen value)
    """The next frames under the same settings and calls: frames, positions before each, position after."""
    frames, before = [], []
    for _ in range(count):
        before.append(position)
        frames.append(live.frame(settings, position, calls))
        position = frames[-1].position
    return frames, before, position


def rows(frames):
    return Conditions.concatenate([frame.conditions for frame in frames])


def equal(one, other):
    for name, values in one.arrays().items():
        np.testing.assert_array_equal(values, other.arrays()[name], err_msg=name)


def onsets(conditions):
    """(frame, pitch) of every note that begins."""
    return {tuple(cell) for cell in np.argwhere(conditions.notes == NOTE_ONSET).tolist()}
