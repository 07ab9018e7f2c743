"""Where committed frames go: gain and limiter, the output, the recording and the log.

Who calls what: the feeder thread calls `wait` and `commit`; `start_recording`, `stop_recording` and `turn`
may be called from any thread and take effect with the next frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from simba_live.audio.level import Fader, Meter
from simba_live.audio.output import Output
from simba_live.audio.record import Recorder
from simba_live.controls import CONTROLS, NUMBERS
from simba_live.engine.scene import Moment
from simba_live.events import Set

from .journal import Journal
from .runner import Planned, Wish

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


class Deck:
    """The end of the line for frames; a `runner.Consumer`.

    Attributes:
        gain: in dB.
        mute: whether nothing is heard.
        quantum: when changes that do not say so themselves take effect.
        meter: level of what goes out.
        recorder: the recording under way, or None.
        heard: the moment of the frame let out last, and when its first sample leaves the device, by
            `time.monotonic`; None before the first.

    Args:
        output: the sink's end.
        journal: the log.
        sample_rate: of frames, in Hz.
        frame_seconds: length of a frame.
        listen: called after each frame by the feeder thread, with it and whether a control of the deck moved.
    """

    def __init__(
        self,
        output: Output,
        journal: Journal,
        sample_rate: int,
        frame_seconds: float,
        listen: Callable[[Planned, bool], None],
    ) -> None:
        self.gain = NUMBERS["gain"].preset
        self.mute = 0
        self.quantum = str(CONTROLS["quantum"].default)
        self.meter = Meter(sample_rate)
        self.recorder: Recorder | None = None
        self.heard: tuple[Moment, float] | None = None
        self._output, self._journal, self._listen = output, journal, listen
        self._frame_seconds = frame_seconds
        self._fader = Fader()
        self._lock = threading.Lock()
        self._turned: list[Wish] = []
        self._tapes: list[_Tape] = []
        # Files are closed elsewhere: the disk may take its time.
        self._closer = ThreadPoolExecutor(1, thread_name_prefix="closer")

    @property
    def slack_seconds(self) -> float:
        """Time until another frame will be wanted."""
        room_from = self._output.latency_seconds - self._frame_seconds
        return max(0.0, self._output.queued_seconds - room_from)

    def wait(self, timeout: float) -> bool:
        """Whether another frame is wanted, as soon as it is or after `timeout` seconds."""
        return self._output.wait(timeout)

    def turn(self, wish: Wish) -> None:
        """Set gain, mute or quantum with the next frame."""
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
        """Let a frame be heard."""
        frame = planned.before.frame
        with self._lock:
            turned, self._turned = self._turned, []
            tapes, self._tapes = self._tapes, []
        for tape in tapes:
            self._change_tape(tape, frame)
        for wish in turned:
            assert isinstance(wish.event, Set)
            setattr(self, wish.event.control, wish.event.value)
        audio = self._fader.process(planned.audio, self.gain, self.mute)
        self.heard = planned.played, self._output.leaves_at
        self._output.write(audio)
        self.meter.add(audio)
        if self.recorder is not None:
            self.recorder.write(audio)
        for wish in (*turned, *planned.wishes):
            self._journal.add(frame, wish.event)
        if frame % MARK_FRAMES == 0:
            self._journal.mark(frame)
        for wish in turned:
            wish.done(frame, "")
        self._listen(planned, bool(turned))

    def close(self) -> None:
        """Finish the recording; called when no frames come any more."""
        if self.recorder is not None:
            self.recorder.close()
        self._closer.shutdown()

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
