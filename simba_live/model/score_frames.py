"""Frames of a score as the score model has them: pitches counted from the tonic, and columns to read.

In every key the same tune is the same to the model, so it learns each but once. A frame's written fields are
one row of `WIDTH` categories (see `conditions`): the chord's pitch classes, drums, notes, instruments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simba_live.conditions import (
    DRUM_ONSET,
    DRUMS,
    INSTRUMENTS,
    NOTE_ONSET,
    NUM_PITCHES,
    Conditions,
    circle,
    one_hot,
    scalar,
)

Rows = NDArray[np.uint8]
Marks = NDArray[np.bool_]
Array = NDArray[np.float32]

CHORD = slice(0, 12)
HITS = slice(CHORD.stop, CHORD.stop + len(DRUMS))
NOTES = slice(HITS.stop, HITS.stop + NUM_PITCHES)
BAND = slice(NOTES.stop, NOTES.stop + len(INSTRUMENTS))
WIDTH = BAND.stop

ONSETS = slice(HITS.start, NOTES.stop)
"""What can begin: drums, then pitches."""

NUM_ONSETS = ONSETS.stop - ONSETS.start

_BEGINS = np.repeat(np.array([DRUM_ONSET, NOTE_ONSET], np.uint8), [len(DRUMS), NUM_PITCHES])

_PITCHED = np.arange(12)[:, None]
_SHIFT = np.where(_PITCHED > 6, _PITCHED - 12, _PITCHED)
TURNS: NDArray[np.int64] = np.concatenate(
    [
        (np.arange(12) + _PITCHED) % 12,
        np.broadcast_to(np.arange(HITS.start, HITS.stop), (12, len(DRUMS))),
        NOTES.start + (np.arange(NUM_PITCHES) + _SHIFT) % NUM_PITCHES,
        np.broadcast_to(np.arange(BAND.start, BAND.stop), (12, len(INSTRUMENTS))),
    ],
    axis=1,
)
"""For each tonic, which place of a row comes to which when pitches are counted from the tonic: [12, WIDTH].

Notes move by at most six semitones; what would fall off one end of the keyboard comes in at the other, so
that nothing is lost on the way there and back.
"""

MEMORY = 256
"""Frames that are looked back on, for what a bar ago was struck and how long a note has sounded."""

SLIPS = (-1, 0, 1)
"""Frames around the one of a bar ago that are looked at: hands are not exact."""

SHORTEST = 1 / 8
"""Of a bar: whoever goes on by more of it in a frame has jumped."""

AGES = 48
"""Steps in which a note's age is told apart, a sixth of an octave each."""

_YOUNGEST = 1 / 16
"""Age in beats of the first of these steps."""

_GRIDS, _NEAR = (4, 6), 3
"""Parts of a beat that notes tend to begin on, and the frames around such a line that are told apart."""

_BEAT_HARMONICS, _BAR_HARMONICS = 4, 8


def written_rows(conditions: Conditions) -> Rows:
    """The written fields of T frames, [T, WIDTH]."""
    return np.concatenate(
        [conditions.chord, conditions.drums, conditions.notes, conditions.instruments], axis=1
    )


def begun(rows: Rows) -> Marks:
    """What begins in some frames, [..., WIDTH] to [..., NUM_ONSETS]."""
    marks: Marks = rows[..., ONSETS] == _BEGINS
    return marks


def bar_length(before: NDArray[np.float32], now: NDArray[np.float32]) -> NDArray[np.int64]:
    """Frames in a bar, from the positions in it of two frames that follow each other; 0 where unknown.

    Bars longer than what is remembered count as unknown, and so does a jump.
    """
    with np.errstate(invalid="ignore"):
        step = (now - before) % 1.0
        known = (step > 1.0 / (MEMORY - max(SLIPS))) & (step < SHORTEST)
    return np.where(known, np.round(1.0 / np.where(known, step, 1.0)), 0).astype(np.int64)


def age_steps(
    frames: NDArray[np.generic], tempo: NDArray[np.float32], frame_rate: float
) -> NDArray[np.int64]:
    """Which of the `AGES` steps notes are in that have sounded for so many frames at so many BPM."""
    with np.errstate(divide="ignore"):
        octaves = np.log2(
            frames.astype(np.float64)
            * np.where(np.isnan(tempo), 120.0, tempo)
            / (60.0 * frame_rate * _YOUNGEST)
        )
    return np.clip(np.round(6.0 * octaves), 0, AGES - 1).astype(np.int64)


def score_features(
    before: Rows, again: Marks, told: Rows, clock: Conditions, minor: Marks, frame_rate: float
) -> Array:
    """What the model reads of T frames, [T, NUM_SCORE_FEATURES].

    Args:
        before: what was written in the frame before each, pitches counted from this one's tonic, [T, WIDTH].
        again: what was struck a bar ago, likewise, in each of the frames `SLIPS`, [T, 3, NUM_ONSETS].
        told: what somebody has set in each frame, likewise; the rest is free.
        clock: gives tempo, position and density, where these are known.
        minor: whether the key is minor, [T].
        frame_rate: frames a second.
    """
    columns = [
        before >= 2,  # in every category the values from 2 on say that something sounds, plays or begins
        before == 3,
        again.reshape(len(again), -1),
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
    np.zeros((1, WIDTH), np.uint8),
    np.zeros((1, len(SLIPS), NUM_ONSETS), np.bool_),
    np.zeros((1, WIDTH), np.uint8),
    Conditions.free(1),
    np.zeros(1, np.bool_),
    50.0,
).shape[1]
"""Width of `score_features`."""
