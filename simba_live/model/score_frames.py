"""Frames of a score as the score model has them: pitches counted from the tonic, and columns to read.

In every key the same tune is the same to the model, so it learns each but once. A frame's written fields are
one row of `WIDTH` categories (see `conditions`): the chord's pitch classes, notes, drums, instruments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simba_live.conditions import DRUMS, INSTRUMENTS, NUM_PITCHES, Conditions, circle, one_hot, scalar

Rows = NDArray[np.uint8]
Array = NDArray[np.float32]

CHORD = slice(0, 12)
NOTES = slice(CHORD.stop, CHORD.stop + NUM_PITCHES)
HITS = slice(NOTES.stop, NOTES.stop + len(DRUMS))
BAND = slice(HITS.stop, HITS.stop + len(INSTRUMENTS))
WIDTH = BAND.stop

_PITCHED = np.arange(12)[:, None]
_SHIFT = np.where(_PITCHED > 6, _PITCHED - 12, _PITCHED)
TURNS: NDArray[np.int64] = np.concatenate(
    [
        (np.arange(12) + _PITCHED) % 12,
        NOTES.start + (np.arange(NUM_PITCHES) + _SHIFT) % NUM_PITCHES,
        np.broadcast_to(np.arange(NOTES.stop, WIDTH), (12, WIDTH - NOTES.stop)),
    ],
    axis=1,
)
"""For each tonic, which place of a row comes to which when pitches are counted from the tonic: [12, WIDTH].

Notes move by at most six semitones; what would fall off one end of the keyboard comes in at the other, so
that nothing is lost on the way there and back.
"""

_SOUNDING = np.array([2, 3], np.uint8)
"""The categories that say that something sounds, plays or begins."""

_GRIDS, _NEAR = (4, 6), 3
"""Parts of a beat that notes tend to begin on, and the frames around such a line that are told apart."""

_BEAT_HARMONICS, _BAR_HARMONICS = 4, 8


def written_rows(conditions: Conditions) -> Rows:
    """The written fields of T frames, [T, WIDTH]."""
    return np.concatenate(
        [conditions.chord, conditions.notes, conditions.drums, conditions.instruments], axis=1
    )


def score_features(
    before: Rows, told: Rows, clock: Conditions, minor: NDArray[np.bool_], frame_rate: float
) -> Array:
    """What the model reads of T frames, [T, NUM_SCORE_FEATURES].

    Args:
        before: what was written in the frame before each, pitches counted from this one's tonic, [T, WIDTH].
        told: what somebody has set in each frame, counted likewise; the rest is free.
        clock: gives tempo, position and density, where these are known.
        minor: whether the key is minor.
        frame_rate: frames a second.
    """
    columns = [
        (before[:, :, None] == _SOUNDING).reshape(len(before), -1),
        one_hot(told, 3),
        minor[:, None],
        ~minor[:, None],
        *scalar(clock.density * 2.0 - 1.0),
        *scalar(np.log2(clock.tempo / 120.0)),
        *circle(clock.beat, _BEAT_HARMONICS),
        *circle(clock.bar, _BAR_HARMONICS),
        _grid(clock, frame_rate),
    ]
    return np.concatenate(columns, axis=1, dtype=np.float32)


def _grid(clock: Conditions, frame_rate: float) -> Array:
    """How many frames it is from the latest line of each grid, and to the next, [T, 2 * grids * _NEAR].

    A frame is 20 ms, which is as near as hands come to the beat: to tell it by the beat's harmonics alone
    would take dozens of them.
    """
    parts = np.array(_GRIDS, np.float32)
    known = np.isfinite(clock.beat) & np.isfinite(clock.tempo)
    line = np.where(known, clock.beat, 0.0)[:, None] * parts % 1.0
    frames = (frame_rate * 60.0 / parts) / np.where(known, clock.tempo, 1.0)[:, None]  # between two lines
    distances = np.concatenate([line * frames, (1.0 - line) * frames], axis=1)[:, :, None]
    near = np.maximum(1.0 - np.abs(distances - np.arange(_NEAR)), 0.0) * known[:, None, None]
    return near.reshape(len(near), -1).astype(np.float32)


NUM_SCORE_FEATURES = score_features(
    *(np.zeros((1, WIDTH), np.uint8),) * 2, Conditions.free(1), np.zeros(1, np.bool_), 50.0
).shape[1]
"""Width of `score_features`."""
