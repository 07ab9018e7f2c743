"""Whole pieces: the arranger's bars with a beginning and an end."""

from __future__ import annotations

from simba_live.music.arranger import Arranger
from simba_live.music.score import MusicError, Score
from simba_live.music.settings import Settings


def compose(settings: Settings, bars: int) -> Score:
    """Compose a piece of `bars` bars: intro, the style's sections in a size that fits, ending on the tonic.

    Raises:
        MusicError: fewer than one bar, or settings that cannot be followed.
    """
    if bars < 1:
        raise MusicError(f"a piece of {bars} bars cannot be composed; ask for at least 1")
    arranger = Arranger(settings)
    return Score(
        arranger.plan.style.name, tuple(arranger.bar(index, total_bars=bars) for index in range(bars))
    )


def bars_for(settings: Settings, seconds: float) -> int:
    """How many bars come closest to a length in seconds (at least one)."""
    plan = Arranger(settings).plan
    return max(1, round(seconds * plan.bpm / 60.0 / plan.beats))
