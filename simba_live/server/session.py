"""A live session: `with Session() as s: s.prompt("dub techno"); s.play()`.

The engine runs in a process of its own, so nothing that this process does can make the music stop. Measured
under load (a busy loop in this interpreter, another process on one of two cores): see `README.md`.

Who calls what: any thread may call any method. One thread of the session's own reads what the engine says and
calls listeners and `done` functions, which must be quick.
"""

from __future__ import annotations

import itertools
import logging
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from simba_live.control.driven import Done, News, Outcome
from simba_live.control.driven import Listener as NewsListener
from simba_live.controls import LIVE, Value
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import (
    Branch,
    Delete,
    Event,
    Note,
    Panic,
    Play,
    Prompt,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
    check_name,
)
from simba_live.status import Status

from .launch import start_engine
from .wire import Answer, Ask, Failed, FromEngine, Leave, Options, Ready, Record, ToEngine

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

DEFAULT_PROMPT = "warm lofi piano, 80 bpm"
"""Played until another prompt comes; every status says so."""

READY_SECONDS = 120.0
"""Longest that an engine may take to warm up: a large model on a slow disk."""

LEAVE_SECONDS = 5.0
"""Longest that an engine may take to end."""

SPEAK_SECONDS = 1.0
"""Longest that a message may wait for others to be sent: an engine that hangs reads none."""

MAX_OPEN = 1024
"""Events whose outcome may be open at a time."""


class Session:
    """A model that is kept playing, and can be rewound.

    Args:
        prompt: what to play at first.
        free: without the arranger.
        seed: of the music.
        model: folder, or name of a model that ships; None is the default one.
        codec: folder, or name of an EnCodec on the Hugging Face hub; None is the default one.
        device: `cpu`, `cuda`, or `auto` for the GPU if there is one.
        audio: "default" for the sound card, a device's name, "jack", "null" or "file:PATH".
        lookahead: seconds to plan ahead.
        latency: seconds of music that can no longer be changed.
        folder: where snapshots, recordings and logs go; None is the user's own folder for such things.
        rollback: whether a change acts on music that is planned already.
        wait: return when it is ready; without, it may be driven before, and does what it was told when it is.

    Attributes:
        folder: where snapshots, recordings and logs go.
        clients: says which clients there are, for the status.

    Raises:
        SimbaLiveError: the session cannot be set up; one line says why.
    """

    def __init__(
        self,
        prompt: str = DEFAULT_PROMPT,
        *,
        free: bool = False,
        seed: int = 0,
        model: str | None = None,
        codec: str | None = None,
        device: str = "auto",
        audio: str = "default",
        lookahead: float = 1.0,
        latency: float = 0.04,
        folder: str | Path | None = None,
        rollback: bool = True,
        wait: bool = True,
    ) -> None:
        for name, value, lowest, highest in (
            ("lookahead", lookahead, 0.1, 30.0),
            ("latency", latency, 0.02, 2.0),
        ):
            if not lowest <= value <= highest:
                raise OptionError(f"{name} is {value}: give a number from {lowest:g} to {highest:g} seconds")
        self.folder = default_folder() if folder is None else Path(folder).expanduser().resolve()
        checked = Prompt((prompt,)), Set("seed", seed)
        self._options = Options(
            checked[0].heaviest,
            free,
            seed,
            model,
            codec,
            device,
            audio,
            lookahead,
            latency,
            self.folder,
            rollback,
        )
        self.clients: Callable[[], tuple[str, ...]] = tuple
        self._tokens = itertools.count(1)
        self._open: dict[int, Done | None] = {}
        self._listeners: list[NewsListener] = []
        self._status = Status()
        self._failure = ""
        self._killed = False
        self._changed = threading.Condition()
        self._over = False
        self._speaking = threading.Lock()
        self._process, self._pipe = start_engine(self._options)
        self._reader = threading.Thread(target=self._read, name="session", daemon=True)
        self._reader.start()
        if wait:
            try:
                self.wait_until_ready()
            except BaseException:  # Ctrl-C, too, must not leave an engine behind that nobody holds.
                self.close()
                raise

    def wait_until_ready(self) -> None:
        """Wait for the engine to have warmed up.

        Raises:
            SimbaLiveError: it cannot be set up; one line says why.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._status.ready or self._over, READY_SECONDS)
            ready = self._status.ready
        if not ready:
            raise SimbaLiveError(
                self._failure or f"the engine was not ready within {READY_SECONDS:g} s: try again"
            )

    def prompt(self, *texts: str, weights: tuple[float, ...] = (), quantum: str | None = None) -> None:
        """Play to one prompt, or to several blended by weight; takes effect as `quantum` says."""
        self.send(Prompt(texts, weights), quantum)

    def set(self, control: str, value: Value, quantum: str | None = None) -> None:
        """Move a live control; "auto" or None leaves it to the music."""
        self.send(Set(control, value), quantum)

    def play(self) -> None:
        """Start, or go on."""
        self.send(Play())

    def stop(self) -> None:
        """Fade out and wait."""
        self.send(Stop())

    def reset(self, quantum: str | None = None) -> None:
        """Begin again."""
        self.send(Reset(), quantum)

    def panic(self) -> None:
        """Silence at once."""
        self.send(Panic())

    def note(self, pitch: int, velocity: int = 100) -> None:
        """Hold a MIDI pitch; velocity 0 releases it."""
        self.send(Note(pitch, velocity))

    def snapshot(self, name: str, quantum: str | None = None) -> None:
        """Keep this moment, here and on disk."""
        self.send(Save(name), quantum)

    def recall(self, name: str, quantum: str | None = None) -> None:
        """Go back to a kept moment."""
        self.send(Recall(name), quantum)

    def delete(self, name: str) -> None:
        """Forget a kept moment."""
        self.send(Delete(name))

    def undo(self, bars: int = 1, quantum: str | None = None) -> None:
        """Go back to the bar line that many bars ago."""
        self.send(Undo(bars), quantum)

    def branch(self, seed: int | None = None, quantum: str | None = None) -> None:
        """Go on from here with another seed."""
        self.send(Branch(seed), quantum)

    def send(self, event: Event, quantum: str | None = None, done: Done | None = None) -> None:
        """See `control.driven.Driven`."""
        if quantum is not None:
            quantum = str(LIVE["quantum"].check(quantum))
        self._ask(lambda token: Ask(token, event, quantum), done)

    def call(self, event: Event, quantum: str | None = None, timeout: float = 30.0) -> int:
        """Send an event and wait until it has taken effect.

        Returns:
            the output frame.

        Raises:
            SimbaLiveError: it was refused, or did not take effect within `timeout` seconds.
        """
        return _wait(lambda done: self.send(event, quantum, done), timeout)

    def status(self) -> Status:
        """How the session stands."""
        return replace(self._status, clients=self.clients())

    def subscribe(self, listener: NewsListener) -> Callable[[], None]:
        """See `control.driven.Driven`."""
        with self._changed:
            self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            with self._changed:
                self._listeners = [other for other in self._listeners if other is not listener]

        return unsubscribe

    def start_recording(self, name: str | None = None, done: Done | None = None) -> None:
        """Write the output to a WAV file of that name in `folder`/recordings; None makes a name of the time.

        Raises:
            OptionError: the name cannot be used.
        """
        name = datetime.now().strftime("%Y-%m-%d %H-%M-%S") if name is None else check_name(name)
        self._ask(lambda token: Record(token, name), done)

    def stop_recording(self, done: Done | None = None) -> None:
        """Finish the file."""
        self._ask(lambda token: Record(token, None), done)

    def quit(self) -> None:
        """Fade out and end the session, without waiting for it."""
        with suppress(SimbaLiveError):
            self._tell(Leave())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the session is over; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._over, timeout)

    @property
    def engine_pid(self) -> int:
        """Process that plays."""
        return self._process.pid

    @property
    def failure(self) -> str:
        """Why the session ended, if nobody ended it; one line, or empty."""
        return self._failure

    def close(self) -> None:
        """Fade out, finish every file and end the engine; one that is not ready yet has nothing to finish."""
        if self._status.ready:
            self.quit()
            try:
                self._process.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                self._failure = f"the engine did not end within {LEAVE_SECONDS:g} s and was killed"
        self._killed = self._process.poll() is None
        self._process.kill()
        if threading.current_thread() is not self._reader:
            self._reader.join()
        self._pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _ask(self, message: Callable[[int], ToEngine], done: Done | None) -> None:
        token = next(self._tokens)
        with self._changed:
            if self._over:
                raise SimbaLiveError(self._epitaph)
            if len(self._open) >= MAX_OPEN:
                raise SimbaLiveError(f"{MAX_OPEN} events wait already: send fewer")
            self._open[token] = done
        try:
            self._tell(message(token))
        except SimbaLiveError:
            with self._changed:
                unanswered = token in self._open
                self._open.pop(token, None)
            if unanswered:  # Or else the reader has told `done` so.
                raise

    def _tell(self, message: ToEngine) -> None:
        if not self._speaking.acquire(timeout=SPEAK_SECONDS):
            raise SimbaLiveError("the engine does not listen at the moment: try again")
        try:
            self._pipe.send(message)
        except OSError:
            raise SimbaLiveError(self._epitaph) from None
        finally:
            self._speaking.release()

    @property
    def _epitaph(self) -> str:
        return f"the session is over: {self._failure or 'start it again'}"

    def _read(self) -> None:
        try:
            while True:
                self._hear(self._pipe.recv())
        except (EOFError, OSError):
            pass
        code = self._process.wait()
        with self._changed:
            if code and not self._failure and not self._killed:
                self._failure = f"the engine ended with code {code}: start it again"
            self._over = True
            self._status = replace(self._status, ready=False, playing=False)
            self._changed.notify_all()
        for token in list(self._open):
            self._hear(Answer(token, None, "the session is over"))
        self._spread(News("quit", self._failure))

    def _hear(self, message: FromEngine) -> None:
        match message:
            case Status():
                self._status = message
            case Ready():
                with self._changed:
                    self._status = message.status
                    self._changed.notify_all()
                self._spread(News("ready"))
            case Answer():
                with self._changed:
                    done = self._open.pop(message.token, None)
                if done is not None:
                    _call(done, Outcome(message.frame, message.reason))
            case News():
                if message.kind == "set" and isinstance(message.event, Set):
                    values = {**self._status.values, message.event.control: message.event.value}
                    self._status = replace(self._status, values=values)
                self._spread(message)
            case Failed():
                self._failure = message.reason

    def _spread(self, news: News) -> None:
        for listener in self._listeners:
            _call(listener, news)


def default_folder() -> Path:
    """The user's own folder for what a session keeps."""
    from platformdirs import user_data_path

    return user_data_path("simba-live", appauthor=False)


def _call(listener: Callable[[T], None], what: T) -> None:
    """Tell somebody something; what goes wrong there is theirs, and must not end the session."""
    try:
        listener(what)
    except Exception:
        _LOG.exception("a listener of the session failed")


def _wait(start: Callable[[Done], None], timeout: float) -> int:
    over = threading.Event()
    outcomes: list[Outcome] = []

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        over.set()

    start(done)
    if not over.wait(timeout):
        raise SimbaLiveError(f"no effect within {timeout:g} s: wait longer, or choose another quantum")
    if outcomes[0].frame is None:
        raise SimbaLiveError(outcomes[0].reason)
    return outcomes[0].frame
