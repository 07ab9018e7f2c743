"""Whether music is stuck on a loop: it repeats itself where its score does not.

A score repeats too, so a period counts only over the frames in which the score, so long ago, was another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.spectra import Array, log_mel
from simba_live.conditions import Conditions

SHORTEST, LONGEST = 0.2, 30.0
"""Periods that are looked for, in seconds."""

_LEAST = 0.2
"""Share of the frames in which the score must differ for a period to say anything."""


@dataclass(frozen=True)
class Loop:
    """The period that most looks like being stuck.

    Attributes:
        likeness: how much of the music repeats with it although the score does not: 0 none, 1 all.
        period: in seconds; NaN if the score itself repeats with every period.
    """

    likeness: float
    period: float


def repeats_in_codes(codes: NDArray[np.integer], score: Conditions, frame_rate: float) -> Loop:
    """Share of frames whose codes [K, T] are all equal to those a period ago."""
    music = _numbered(codes.T)
    return _most(np.equal, music, _score(score), frame_rate)


def repeats_in_sound(audio: Array, sample_rate: int, score: Conditions, frame_rate: float) -> Loop:
    """Mean correlation of the log-mel spectrum [N] with itself a period ago, tenths of seconds compared."""
    mel = log_mel(audio, sample_rate, bands=40, window=4096, hop=sample_rate // 10)[:-1]
    mel = mel - mel.mean(axis=0)
    mel = mel / np.maximum(np.linalg.norm(mel, axis=1, keepdims=True), 1e-6)
    tenth = round(frame_rate / 10.0)
    frames = _score(score)
    tenths = _numbered(frames[: len(frames) // tenth * tenth].reshape(-1, tenth))
    length = min(len(mel), len(tenths))
    return _most(lambda now, then: (now * then).sum(axis=1), mel[:length], tenths[:length], 10.0)


def _most(
    alike: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    music: NDArray[Any],
    score: NDArray[np.int64],
    rate: float,
) -> Loop:
    best = Loop(0.0, float("nan"))
    last = min(round(LONGEST * rate), len(music) // 2)
    for lag in range(max(round(SHORTEST * rate), 1), last + 1):
        other = score[lag:] != score[:-lag]
        if other.mean() >= _LEAST:
            likeness = float(np.mean(alike(music[lag:], music[:-lag])[other]))
            if likeness > best.likeness:
                best = Loop(likeness, lag / rate)
    return best


def _score(score: Conditions) -> NDArray[np.int64]:
    """A number for each frame, equal where the same notes and drums are asked, [T]."""
    return _numbered(np.concatenate([score.notes, score.drums], axis=1))


def _numbered(rows: NDArray[np.generic]) -> NDArray[np.int64]:
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1], np.int64).reshape(-1)
