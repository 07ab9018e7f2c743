"""A session's side of playing with somebody: takes what the ear says, and does what is to be done about it.

Who calls what: the ear's thread calls `_take`, the session's thread `_hear_news`; `shown`, `close` and the
attributes may be used from any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simba_live.control.driven import Driven, News
from simba_live.errors import SimbaLiveError
from simba_live.events import MAX_HEARD, Event, Hear, Set
from simba_live.status import Status

from .ear import Ear
from .hearing import EarFailed, EarNews, EarOptions, EarReady, FromEar, Heard, Level, Tune
from .player_clock import PlayerClock

MAX_SILENCE_BEATS = 64.0
"""Longest silence that can be waited for, in beats."""

SHADOW_FRAMES = 20, 40
"""In `shadow`, the fewest and the most frames that are gathered before the music is told of them."""


class Partner:
    """Somebody who plays, heard by an ear.

    Args:
        driven: the session.
        options: what to listen to, and how.
        silence_beats: in the mode `continue`, the music goes on after so many beats of silence; 0 is when
            told.
        follow_key: whether the music takes over the player's key, where the performer leaves it open.
        tell: takes what people should know.
        ready: called once: with nothing when the ear hears, or with the reason why it cannot.

    Attributes:
        clock: the player's beat, as far as it was asked for.
    """

    def __init__(
        self,
        driven: Driven,
        options: EarOptions,
        silence_beats: float,
        follow_key: bool,
        tell: Callable[[News], None],
        ready: Callable[[str], None],
    ) -> None:
        self.clock = PlayerClock()
        self._driven, self._tell, self._ready = driven, tell, ready
        self._silence_beats, self._follow_key = silence_beats, follow_key
        self._level = Level(source=options.source)
        self._heard = False  # anything since listening began
        self._gathering: list[NDArray[np.int64]] = []
        self._own_key: str | None = None
        self._ear = Ear(options, self._take)
        self._unsubscribe = driven.subscribe(self._hear_news)

    @property
    def load(self) -> float:
        """Processor time that hearing takes, as a share of real time."""
        return self._level.load

    @property
    def pid(self) -> int:
        """Process that listens; 0 if there is none at the moment."""
        return self._ear.pid

    def shown(self, status: Status) -> Status:
        """The session's status with what is known of the input."""
        level = self._level
        return replace(
            status,
            input=level.source,
            input_lost=level.lost,
            input_peak=level.peak,
            input_rms=level.rms,
            input_clipped=level.clipped,
        )

    def close(self) -> None:
        """Listen no more."""
        self._unsubscribe()
        self._ear.close()

    def _take(self, message: FromEar) -> None:
        match message:
            case Heard():
                self._hear(message)
            case Level():
                self._level = message
                self._go_on_after_silence(message)
            case Tune():
                self.clock.hear(message)
                self._take_over_key(message.key)
            case EarNews():
                self._tell(News("input", message.text))
            case EarReady():
                self._ready("")
            case EarFailed():
                self._ready(message.reason)

    def _hear(self, heard: Heard) -> None:
        status = self._driven.status()
        if not (status.ready and status.values.get("listen")):
            return
        self._heard = True
        if status.values.get("jam") == "shadow":
            gathered = self._gathered(heard, status)
            if gathered is None:
                return
            heard = gathered
        beat = None
        if status.heard_at:
            beat = status.heard_beat + (heard.ended - status.heard_at) * status.bpm / 60.0
        self._send(Hear(heard.codes, beat))

    def _gathered(self, heard: Heard, status: Status) -> Heard | None:
        """What was heard since the last time, once that is a beat: each time the music plans anew."""
        self._gathering.append(heard.codes)
        codes = np.concatenate(self._gathering, 1)
        beat_frames = 60_000.0 / max(status.bpm, 1.0) / status.frame_ms
        if codes.shape[1] < min(max(beat_frames, SHADOW_FRAMES[0]), SHADOW_FRAMES[1]):
            return None
        self._gathering.clear()
        return Heard(codes[:, -MAX_HEARD:], heard.ended)

    def _go_on_after_silence(self, level: Level) -> None:
        status = self._driven.status()
        waits = status.values.get("listen") and status.values.get("jam") == "continue"
        if not (waits and self._heard and self._silence_beats):
            return
        if level.silent_seconds * status.bpm / 60.0 >= self._silence_beats:
            self._heard = False
            self._send(Set("listen", 0), "beat")

    def _take_over_key(self, key: str) -> None:
        status = self._driven.status()
        listens = self._follow_key and status.listening
        if key and listens and status.values.get("key") in (None, self._own_key) and key != self._own_key:
            self._own_key = key
            # While the music waits nobody hears the change; else it comes with a new bar.
            self._send(Set("key", key), "bar" if status.values.get("jam") == "shadow" else "now")

    def _hear_news(self, news: News) -> None:
        event = news.event
        if news.kind == "set" and isinstance(event, Set) and event.control == "listen":
            self._heard = False
            self._gathering.clear()
            self._ear.attend(bool(event.value))

    def _send(self, event: Event, quantum: str = "now") -> None:
        with suppress(SimbaLiveError):  # Too busy, or over.
            self._driven.send(event, quantum)
