"""Where planned frames go: gain and limiter, the output, and, once they are heard, the recording and the log.

Who calls what: the engine thread calls `append` and `replace`, the feeder thread `wait` and `commit`;
`start_recording`, `stop_recording` and `turn` may be called from any thread and take effect with the next
frame that can still be changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from simba_live.audio.level import Audio, Fader, Meter
from simba_live.audio.output import Output
from simba_live.audio.record import Recorder
from simba_live.controls import CONTROLS, NUMBERS
from simba_live.engine.scene import Moment
from simba_live.events import Event, Set

from .journal import Journal
from .plan import Planned, Wish

MARK_FRAMES = 250
"""Frames after which the log says how far it is, if nothing else did."""


Done = Callable[[int | None, str], None]
"""Called with the frame that something took effect on, or with None and the reason why it did not."""


@dataclass(eq=False)
class _Tape:
    """A recording to begin (`recorder` is set), or one to end: `only` that one, or whichever runs."""

    recorder: Recorder | None
    done: Done
    only: Recorder | None = None


@dataclass(frozen=True)
class _Level:
    """How loud a frame ends: gain in dB, whether nothing is heard, and the factor that both come to."""

    gain: float
    mute: int
    factor: float = 1.0


@dataclass(frozen=True)
class _Placed:
    """A frame in the output: the position of its first sample, its sound there, and how loud it ends."""

    planned: Planned
    position: int
    audio: Audio
    level: _Level


class Deck:
    """The end of the line for frames; a `plan.Consumer`.

    Attributes:
        gain: in dB.
        mute: whether nothing is heard.
        quantum: when changes that do not say so themselves take effect.
        meter: level of what goes out.
        recorder: the recording under way, or None.
        heard: the moment of the frame committed last, and when its first sample leaves the device, by
            `time.monotonic`; None before the first.

    Args:
        output: the sink's end.
        journal: the log.
        sample_rate: of frames, in Hz.
        listen: called after each frame by the feeder thread, with it and whether a control of the deck moved.
    """

    def __init__(
        self,
        output: Output,
        journal: Journal,
        sample_rate: int,
        listen: Callable[[Planned, bool], None],
    ) -> None:
        self.gain = NUMBERS["gain"].preset
        self.mute = 0
        self.quantum = str(CONTROLS["quantum"].default)
        self.meter = Meter(sample_rate)
        self.recorder: Recorder | None = None
        self.heard: tuple[Moment, float] | None = None
        self._output, self._journal, self._listen = output, journal, listen
        self._sample_rate = sample_rate
        self._lock = threading.Lock()
        self._placed: list[_Placed] = []  # what is not committed
        self._level = _Level(self.gain, self.mute)  # how loud the frame before those ended
        self._turned: list[Wish] = []
        self._turns: list[tuple[Wish, int]] = []  # with the frame that each takes effect on
        self._tapes: list[_Tape] = []
        # Files are closed elsewhere: the disk may take its time.
        self._closer = ThreadPoolExecutor(1, thread_name_prefix="closer")

    @property
    def slack_seconds(self) -> float:
        """Time until the first frame that is not committed can no longer be changed."""
        with self._lock:
            first = self._placed[0].position if self._placed else self._output.end
            return max(0, first - self._output.fixed) / self._sample_rate

    def wait(self, timeout: float) -> bool:
        """Whether the first frame can no longer be changed, as soon as it cannot or after some seconds."""
        with self._lock:
            position = self._placed[0].position if self._placed else self._output.end
        return self._output.wait(position, timeout)

    def append(self, planned: Planned) -> None:
        """Place a frame behind the others."""
        with self._lock:
            placed = self._faded([planned], self._output.end, self._level_before(len(self._placed)))
            self._output.write(placed[0].audio)
            self._placed += placed

    def replace(self, plan: Sequence[Planned]) -> bool:
        """Take back all frames from the number of the first of these on, and place these instead."""
        with self._lock:
            frame = plan[0].before.frame
            index = next(index for index, one in enumerate(self._placed) if one.planned.before.frame == frame)
            return self._replace(index, plan)

    def take_back(self) -> int:
        """Take back all frames that can still be taken back; how many remain to be committed."""
        with self._lock:
            index = self._first_changeable()
            while index < len(self._placed) and not self._replace(index, []):
                index += 1
            return index

    def turn(self, wish: Wish) -> None:
        """Set gain, mute or quantum with the next frame that can still be changed."""
        with self._lock:
            self._turned.append(wish)

    def start_recording(self, recorder: Recorder, done: Done) -> None:
        """Record from the next frame on; a recording under way ends there."""
        with self._lock:
            self._tapes.append(_Tape(recorder, done))

    def stop_recording(self, done: Done, only: Recorder | None = None) -> None:
        """End the recording (or `only` that one) before the next frame; `done` is called when it is whole."""
        with self._lock:
            self._tapes.append(_Tape(None, done, only))

    def commit(self, planned: Planned) -> None:
        """Let the first frame be heard."""
        frame = planned.before.frame
        with self._lock:
            placed = self._placed.pop(0)
            self._level = placed.level
            turned = [wish for wish, at in self._turns if at == frame]
            self._turns = [(wish, at) for wish, at in self._turns if at != frame]
            tapes, self._tapes = self._tapes, []
        for tape in tapes:
            self._change_tape(tape, frame)
        for wish in turned:
            assert isinstance(wish.event, Set)
            setattr(self, wish.event.control, wish.event.value)
        self.heard = planned.played, self._output.leaves_at(placed.position)
        self.meter.add(placed.audio)
        if self.recorder is not None:
            self.recorder.write(placed.audio)
        for wish in (*turned, *planned.wishes):
            self._journal.add(frame, wish.event)
        if frame % MARK_FRAMES == 0:
            self._journal.mark(frame)
        for wish in turned:
            wish.done(frame, "")
        self._listen(planned, bool(turned))
        self._take_turns(frame + 1)

    def close(self) -> None:
        """Finish the recording; called when no frames come any more."""
        for wish in (*self._turned, *(wish for wish, _ in self._turns)):
            wish.done(None, "the session is over")
        if self.recorder is not None:
            self.recorder.close()
        self._closer.shutdown()

    def _take_turns(self, first: int) -> None:
        """Let what was turned take effect; `first` is the frame that is to be committed next.

        The feeder calls it once a frame, however often something was turned: each time all that is planned is
        made as loud as it is to be anew, which takes 0.7 ms for a second of music.
        """
        with self._lock:
            if not self._turned:
                return
            turned, self._turned = self._turned, []
            before = self._turns
            index = self._first_changeable()
            while True:
                self._turns = [*before, *((wish, first + index) for wish in turned)]
                planned = [placed.planned for placed in self._placed[index:]]
                if not planned or self._replace(index, planned):
                    return
                index += 1

    def _first_changeable(self) -> int:
        """Index of the first frame that can still be changed."""
        fixed = self._output.fixed
        later = (index for index, placed in enumerate(self._placed) if placed.position >= fixed)
        return next(later, len(self._placed))

    def _level_before(self, index: int) -> _Level:
        return self._placed[index - 1].level if index else self._level

    def _replace(self, index: int, plan: Sequence[Planned]) -> bool:
        """Place a plan instead of all frames from an index on; False if they can no longer be changed."""
        position = self._placed[index].position
        placed = self._faded(plan, position, self._level_before(index))
        empty = np.zeros((self._placed[index].audio.shape[0], 0), np.float32)
        if not self._output.rewrite(position, np.concatenate([empty, *(one.audio for one in placed)], 1)):
            return False
        self._placed[index:] = placed
        return True

    def _faded(self, plan: Sequence[Planned], position: int, level: _Level) -> list[_Placed]:
        """Frames as loud as they are to be, from a position on, where the music is at a level."""
        placed = []
        for planned in plan:
            for wish, frame in self._turns:
                if frame == planned.before.frame:
                    level = _turned_to(level, wish.event)
            fader = Fader(level.factor)
            audio = fader.process(planned.audio, level.gain, level.mute)
            level = replace(level, factor=fader.factor)
            placed.append(_Placed(planned, position, audio, level))
            position += audio.shape[-1]
        return placed

    def _change_tape(self, tape: _Tape, frame: int) -> None:
        before = self.recorder
        if tape.only is not None and before is not tape.only:
            return
        self.recorder = tape.recorder
        if before is not None or tape.recorder is not None:
            self._journal.recording(frame, None if tape.recorder is None else tape.recorder.path.name)
        if tape.recorder is not None:
            tape.done(frame, "")
        elif before is None:
            tape.done(None, "nothing is being recorded")
        if before is not None:
            self._closer.submit(self._finish, before, tape, frame)

    def _finish(self, recorder: Recorder, tape: _Tape, frame: int) -> None:
        recorder.close()
        if tape.recorder is None:
            tape.done(frame, "")


def _turned_to(level: _Level, event: Event) -> _Level:
    """A level after a control of the deck moved."""
    assert isinstance(event, Set)
    if event.control == "gain":
        return replace(level, gain=float(event.value or 0.0))
    return replace(level, mute=int(event.value or 0)) if event.control == "mute" else level
