"""Of the notes that were asked, which are heard to begin at that very pitch, within 50 ms.

Measured twice: by what is heard without a hint (`match`, a transcription), and by whether an asked onset
stands out from the other moments of its pitch (`standing_out`), which is easier: pitch and time are given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.spectra import Array
from simba_live.conditions import NOTE_ONSET, Conditions

from .ears import FRAME_RATE, HIGHEST_NOTE, LOWEST_NOTE, REACH, widened

BY_CHANCE = 0.05
"""Share of a pitch's other moments that stand out."""


@dataclass(frozen=True)
class Matches:
    """Counts of onsets.

    Attributes:
        asked: notes that were asked, of the pitches that are listened for.
        met: those of them that are heard.
        heard: onsets that are heard.
        meant: those of them that were asked.
    """

    asked: int
    met: int
    heard: int
    meant: int


def asked_notes(score: Conditions, frame_rate: float) -> NDArray[np.bool_]:
    """Onsets of a score in the ears' frames, [T, pitches]."""
    frames, pitches = np.nonzero(score.notes[:, LOWEST_NOTE : HIGHEST_NOTE + 1] == NOTE_ONSET)
    asked = np.zeros((round(len(score) / frame_rate * FRAME_RATE), HIGHEST_NOTE - LOWEST_NOTE + 1), np.bool_)
    places = ((frames + 0.5) / frame_rate * FRAME_RATE).astype(np.int64)
    inside = places < len(asked)
    asked[places[inside], pitches[inside]] = True
    return asked


def match(heard: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Matches:
    """Compare onsets heard and asked, both [T, pitches]."""
    length = min(len(heard), len(asked))
    heard, asked = heard[:length], asked[:length]
    return Matches(
        asked=int(asked.sum()),
        met=int((asked & widened(heard, REACH)).sum()),
        heard=int(heard.sum()),
        meant=int((heard & widened(asked, REACH)).sum()),
    )


def standing_out(strengths: Array, asked: NDArray[np.bool_]) -> int:
    """How many of the asked onsets are stronger than all but `BY_CHANCE` of their pitch's other moments.

    Args:
        strengths: of onsets as heard, [T, pitches].
        asked: onsets, [T, pitches].
    """
    length = min(len(strengths), len(asked))
    asked, strongest = asked[:length], widened(strengths[:length], REACH)
    elsewhere = ~widened(asked, 2 * REACH)
    found = 0
    for pitch in np.flatnonzero(asked.any(axis=0) & elsewhere.any(axis=0)):
        level = np.quantile(strongest[elsewhere[:, pitch], pitch], 1.0 - BY_CHANCE)
        found += int((strongest[asked[:, pitch], pitch] > level).sum())
    return found
