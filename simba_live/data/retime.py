"""Conditions moved to another frame rate, for codecs whose frames are not those of the corpus."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simba_live.conditions import DRUM_NONE, DRUM_ONSET, NOTE_ONSET, NOTE_SUSTAINED, Conditions


def retime(conditions: Conditions, frame_rate: float, new_rate: float, num_frames: int) -> Conditions:
    """The same music on another grid of frames.

    Held values come from the old frame that a new frame starts in; positions in the beat and the bar go on
    between old frames; an onset falls in the one new frame that its old frame starts in, so that none is lost
    or doubled.

    Args:
        conditions: T frames at `frame_rate`.
        frame_rate: frames a second they have.
        new_rate: frames a second they get.
        num_frames: how many to return; what lies after the end repeats the last frame without its onsets.
    """
    if frame_rate == new_rate and num_frames == len(conditions):
        return conditions
    old = np.arange(num_frames) * (frame_rate / new_rate)
    index = np.minimum(np.floor(old + 1e-9).astype(np.int64), len(conditions) - 1)
    late = (old - index) / frame_rate
    held: dict[str, Any] = {name: values[index] for name, values in conditions.arrays().items()}
    new = Conditions(**held)

    notes, drums = new.notes.copy(), new.drums.copy()
    notes[notes == NOTE_ONSET] = NOTE_SUSTAINED
    drums[drums == DRUM_ONSET] = DRUM_NONE
    target = np.ceil(np.arange(len(conditions)) * (new_rate / frame_rate) - 1e-9).astype(np.int64)
    for values, source, onset in (
        (notes, conditions.notes, NOTE_ONSET),
        (drums, conditions.drums, DRUM_ONSET),
    ):
        frames, columns = np.nonzero(source == onset)
        inside = target[frames] < num_frames
        values[target[frames[inside]], columns[inside]] = onset
    beats = late * new.tempo / 60.0
    beat, bar = (new.beat + beats) % 1.0, new.bar + beats * _bars_per_beat(conditions)[index]
    new.notes, new.drums = notes, drums
    new.beat, new.bar = beat.astype(np.float32), (bar % 1.0).astype(np.float32)
    return new


def _bars_per_beat(conditions: Conditions) -> NDArray[np.float64]:
    """For every frame the share of a bar that a beat takes, from how both positions move; NaN if unknown."""
    beat = np.diff(conditions.beat.astype(np.float64), append=np.nan) % 1.0
    bar = np.diff(conditions.bar.astype(np.float64), append=np.nan) % 1.0
    share = np.divide(bar, beat, out=np.full(len(beat), np.nan), where=beat > 1e-6)
    known = share[np.isfinite(share)]
    rounded = 1.0 / np.round(1.0 / np.median(known)) if len(known) and np.median(known) > 0 else np.nan
    return np.full(len(beat), rounded)
