"""The beat of somebody who plays, as a clock: what the ear makes of their sound, held steady.

The ear's thread calls `hear`; `read` may be called from any thread.
"""

from __future__ import annotations

from simba_live.control.clock import Grid

from .hearing import Tune

STEADY = 0.01
"""Relative difference of tempos that is taken for the same one, measured a little differently."""

TRUSTED_SECONDS = 20.0
"""How long a tempo counts after it was heard last: a player who pauses still has one."""

PHASE_SECONDS = 4.0
"""How long their beats are known after they were heard last: later they have drifted away."""

TOLERANCE_SECONDS = 0.03
"""By how much a beat that was found in sound may be wrong."""


class PlayerClock:
    """A `control.clock.Clock` of what a player plays; its bar lines are not known."""

    source = "player"

    def __init__(self) -> None:
        self._tune: Tune | None = None

    def hear(self, tune: Tune) -> None:
        """What they play now; a tempo of 0 is not sure, and changes nothing."""
        if not tune.bpm:
            return
        before = self._tune
        if before is not None and abs(tune.bpm / before.bpm - 1.0) < STEADY:
            tune = Tune(before.bpm, tune.beat_at, tune.key)
        self._tune = tune

    def read(self, now: float) -> Grid | None:
        """The player's beat; see `Clock`."""
        tune = self._tune
        if tune is None or now - tune.beat_at > TRUSTED_SECONDS:
            return None
        beat = 0.0 if now - tune.beat_at < PHASE_SECONDS else None
        return Grid(tune.bpm, beat, tune.beat_at, lined=False, tolerance=TOLERANCE_SECONDS)

    def close(self) -> None:
        """There is nothing to let go of."""
