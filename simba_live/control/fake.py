"""A session that plays nothing and remembers everything: what control surfaces are tested against."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from simba_live.control.driven import Done, Listener, News, Outcome
from simba_live.controls import LIVE, Number, Value
from simba_live.errors import SimbaLiveError
from simba_live.events import Delete, Event, Panic, Play, Prompt, Save, Set, Stop, check_name
from simba_live.status import Status


def starting_values() -> dict[str, Value]:
    """What the live controls are set to before anybody has moved one."""
    return {
        name: None if isinstance(control, Number) and control.free_default is not None else control.default
        for name, control in LIVE.items()
    }


class FakeDriven:
    """A `Driven` without music: events take effect at once, each on the next frame, and change `status()`.

    Any thread may call anything. Listeners and `done` are called on the thread that sends, unless outcomes
    are held; a real session calls them on a thread of its own.

    Attributes:
        sent: every event with its quantum, in order.
        refusals: reason by type of event; events of that type are refused later, through `done`.
        busy: reason to refuse everything at once; empty if it is not.
        held: keep outcomes back until `release` is called.
        recordings: names asked for, in order.
        quits: how often `quit` was called.
    """

    def __init__(self, status: Status | None = None) -> None:
        self.sent: list[tuple[Event, str | None]] = []
        self.refusals: dict[type[Event], str] = {}
        self.busy = ""
        self.held = False
        self.recordings: list[str | None] = []
        self.quits = 0
        self._status = status or Status(ready=True, model="fake", device="none", values=starting_values())
        self._listeners: list[Listener] = []
        self._waiting: list[tuple[Done, Outcome]] = []
        self._lock = threading.RLock()

    @property
    def events(self) -> list[Event]:
        """The events without their quanta."""
        return [event for event, _ in self.sent]

    def send(self, event: Event, quantum: str | None = None, done: Done | None = None) -> None:
        """Remember the event and let it take effect.

        Raises:
            SimbaLiveError: the fake was told to be busy.
        """
        with self._lock:
            if self.busy:
                raise SimbaLiveError(self.busy)
            self.sent.append((event, quantum))
            frame = self._status.frame + 1
            reason = self.refusals.get(type(event), "")
            if not reason:
                self.change(frame=frame, **_effect(event, self._status))
        if not reason and isinstance(event, Set | Save | Delete):
            kind = "set" if isinstance(event, Set) else "snapshots"
            self.tell(News(kind, event=event, frame=frame))
        self._finish(done, Outcome(None if reason else frame, reason))

    def status(self) -> Status:
        """How the session stands."""
        return self._status

    def change(self, **values: object) -> None:
        """Change fields of `status()`."""
        with self._lock:
            self._status = replace(self._status, **values)  # type: ignore[arg-type]  # names of its fields

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with all news; the result ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, news: News) -> None:
        """Tell all listeners."""
        for listener in tuple(self._listeners):
            listener(news)

    def start_recording(self, name: str | None = None, done: Done | None = None) -> None:
        """Pretend to record.

        Raises:
            OptionError: the name is no plain name.
        """
        if name is not None:
            check_name(name)
        self.recordings.append(name)
        self.change(recording=f"{name or 'take'}.wav")
        self.tell(News("record", f"recording {self._status.recording}"))
        self._finish(done, Outcome(self._status.frame))

    def stop_recording(self, done: Done | None = None) -> None:
        """Pretend to stop; without a recording the outcome says so."""
        recording = self._status.recording
        self.change(recording="")
        self._finish(done, Outcome(self._status.frame) if recording else Outcome(None, "nothing is recorded"))

    def quit(self) -> None:
        """Count it, and tell."""
        self.quits += 1
        self.tell(News("quit", "the session ends"))

    def release(self) -> None:
        """Deliver the outcomes held back, and hold no more."""
        with self._lock:
            self.held = False
            waiting, self._waiting = self._waiting, []
        for done, outcome in waiting:
            done(outcome)

    def _finish(self, done: Done | None, outcome: Outcome) -> None:
        with self._lock:
            if done is not None and self.held:
                self._waiting.append((done, outcome))
                return
        if done is not None:
            done(outcome)


def _effect(event: Event, status: Status) -> dict[str, object]:
    """The fields of the status that the event changes."""
    match event:
        case Set(control=name, value=value):
            return {"values": status.values | {name: value}}
        case Prompt(texts=texts, weights=weights):
            return {"prompts": tuple(zip(texts, weights, strict=True))}
        case Play():
            return {"playing": True}
        case Stop() | Panic():
            return {"playing": False}
        case Save(snapshot=name):
            return {"snapshots": tuple(sorted({*status.snapshots, name}))}
        case Delete(snapshot=name):
            return {"snapshots": tuple(one for one in status.snapshots if one != name)}
    return {}
