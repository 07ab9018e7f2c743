"""Ableton Link: the beat that programs on one network share.

Who calls what: one thread at a time; a `Follower` calls all but `close`, which comes after it. Link's own
threads live in its library.

Link itself is under the GPL, version 2 or later, and so is its package for Python: it is no part of this one,
is asked for by the extra `link`, and imported only where a `LinkClock` is made.
"""

from __future__ import annotations

import time
from typing import Any

from simba_live.errors import MissingDependencyError

from .clock import Grid

EVERY_METRE = 27720.0
"""Beats after which all metres of 2 to 12 beats begin a bar at once: its phase is a phase of each of them."""

SAME_TEMPO = 1e-4
"""Relative difference of tempos that is none: Link keeps whole microseconds a beat."""

SAME_BEAT = 0.01
"""Beats by which Link's timeline may part from ours before it is set again, while nobody else is there."""


class LinkClock:
    """The beat of a Link session: a `Clock` and a `Leader`.

    Alone in a session, it has no beat to give: it takes ours, so that whoever joins finds it there.

    Args:
        bpm: tempo until there is another.

    Raises:
        MissingDependencyError: Link's package is not installed.
    """

    source = "link"

    def __init__(self, bpm: float = 120.0) -> None:
        try:
            import link
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                "Ableton Link needs the package LinkPython-extern: pip install 'simba-live[link]'"
            ) from error
        self._link: Any = link.Link(bpm)
        self._link.startStopSyncEnabled = True
        self._link.enabled = True

    @property
    def peers(self) -> int:
        """Others in the session."""
        return int(self._link.numPeers())

    def read(self, now: float) -> Grid | None:
        """The session's grid; None while nobody else is there. See `Clock`."""
        if not self.peers:
            return None
        state = self._link.captureSessionState()
        micros = self._micros(now)
        # A start may be announced ahead of its time.
        playing = bool(state.isPlaying()) and state.timeForIsPlaying() <= micros
        return Grid(_told(state.tempo()), state.phaseAtTime(micros, EVERY_METRE), now, playing)

    def lead(self, bpm: float) -> None:
        """Give everybody this tempo; see `Leader`."""
        state = self._link.captureSessionState()
        state.setTempo(bpm, self._micros(time.monotonic()))
        self._link.commitSessionState(state)

    def keep(self, grid: Grid) -> None:
        """Be where we are while nobody else is there; see `Leader`."""
        if self.peers:
            return
        state = self._link.captureSessionState()
        now = time.monotonic()
        micros = self._micros(now)
        beat = grid.beat_at(now)
        off = 0.0 if beat is None else (beat - state.phaseAtTime(micros, EVERY_METRE)) % EVERY_METRE
        moved = min(off, EVERY_METRE - off) > SAME_BEAT
        faster = abs(state.tempo() / grid.bpm - 1.0) > SAME_TEMPO
        started = grid.playing is not None and bool(state.isPlaying()) != grid.playing
        if not (moved or faster or started):
            return
        if faster:
            state.setTempo(grid.bpm, micros)
        if moved:
            state.requestBeatAtTime(beat, micros, EVERY_METRE)
        if started:
            state.setIsPlaying(grid.playing, micros)
        self._link.commitSessionState(state)

    def play(self, playing: bool) -> None:
        """Start or stop all who want to be started and stopped; see `Leader`."""
        state = self._link.captureSessionState()
        state.setIsPlaying(playing, self._micros(time.monotonic()))
        self._link.commitSessionState(state)

    def close(self) -> None:
        """Leave the session."""
        self._link.enabled = False

    def _micros(self, at: float) -> int:
        """Link's own time in microseconds at a time by `time.monotonic`."""
        return int(self._link.clock().micros()) + round(1e6 * (at - time.monotonic()))


def _told(bpm: float) -> float:
    """The tempo that somebody has set, of which Link keeps whole microseconds a beat."""
    told = round(bpm, 2)
    return told if abs(60e6 / told - 60e6 / bpm) < 1.0 else bpm
