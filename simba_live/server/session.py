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

from simba_live.audio.sources import FileSource, named_file
from simba_live.control.clock import Clock
from simba_live.control.driven import Done, News, Outcome
from simba_live.control.driven import Listener as NewsListener
from simba_live.controls import LIVE
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import Event, Prompt, Set, check_name
from simba_live.status import Status

from .hearing import LOWEST_GATE, EarOptions
from .launch import start_engine
from .partner import MAX_SILENCE_BEATS, Partner
from .verbs import Verbs
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


class Session(Verbs):
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
        latency: seconds of music that can no longer be changed, at least: a device adds its largest bite.
        input: what a player is heard by: "default" for the sound card, a device's name, "jack", a sound file
            or "null"; None is nobody.
        input_channels: numbers from 1 of its channels wanted; none are the first two, or all of a file.
        gate: level in dB of full scale under which the player counts as silent.
        silence: in the mode `continue`, beats of silence after which the music goes on; 0 is when told.
        follow: whether the player's tempo and key are found: the key is taken over, the tempo may be followed
            by `player_clock`.
        folder: where snapshots, recordings and logs go; None is the user's own folder for such things.
        rollback: whether a change acts on music that is planned already.
        wait: return when it is ready; without, it may be driven before, and does what it was told when it is.

    Attributes:
        folder: where snapshots, recordings and logs go.
        clients: says which clients there are, for the status.
        midi: says which MIDI inputs are open, for the status.
        followed: says whose tempo is followed, and which it is, for the status.

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
        latency: float = 0.02,
        input: str | None = None,  # noqa: A002  what it is
        input_channels: tuple[int, ...] = (),
        gate: float = -50.0,
        silence: float = 0.0,
        follow: bool = False,
        folder: str | Path | None = None,
        rollback: bool = True,
        wait: bool = True,
    ) -> None:
        for name, value, lowest, highest, unit in (
            ("lookahead", lookahead, 0.1, 30.0, "seconds"),
            ("latency", latency, 0.0, 2.0, "seconds"),
            ("gate", gate, LOWEST_GATE, 0.0, "dB"),
            ("silence", silence, 0.0, MAX_SILENCE_BEATS, "beats"),
        ):
            if not lowest <= value <= highest:
                raise OptionError(f"{name} is {value}: give a number from {lowest:g} to {highest:g} {unit}")
        if input is not None and (path := named_file(input)) is not None:
            # Now, and not when the engine has warmed up.
            FileSource(path, tuple(input_channels)).close()
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
        self.midi: Callable[[], tuple[str, ...]] = tuple
        self.followed: Callable[[], tuple[str, float]] = lambda: ("", 0.0)
        self._tokens = itertools.count(1)
        self._open: dict[int, Done | None] = {}
        self._listeners: list[NewsListener] = []
        self._status = Status()
        self._failure = ""
        self._killed = False
        self._changed = threading.Condition()
        self._over = False
        self._partner: Partner | None = None
        self._waits_for_ear = input is not None
        self._speaking = threading.Lock()
        self._process, self._pipe = start_engine(self._options)
        self._reader = threading.Thread(target=self._read, name="session", daemon=True)
        self._reader.start()
        if input is not None:
            ear = EarOptions(input, tuple(input_channels), gate, model, codec, follow)
            self._partner = Partner(self, ear, silence, follow, self.tell, self._ear_ready)
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
            self._changed.wait_for(lambda: self._is_ready or self._over, READY_SECONDS)
            ready = self._is_ready
        if not ready or self._failure:
            raise SimbaLiveError(
                self._failure or f"the engine was not ready within {READY_SECONDS:g} s: try again"
            )

    def send(self, event: Event, quantum: str | None = None, done: Done | None = None) -> None:
        """See `control.driven.Driven`."""
        if quantum is not None:
            quantum = str(LIVE["quantum"].check(quantum))
        self._ask(lambda token: Ask(token, event, quantum), done)

    def status(self) -> Status:
        """How the session stands."""
        source, bpm = self.followed()
        status = replace(
            self._status, clients=self.clients(), midi=self.midi(), tempo_source=source, followed_bpm=bpm
        )
        return status if self._partner is None else self._partner.shown(status)

    def subscribe(self, listener: NewsListener) -> Callable[[], None]:
        """See `control.driven.Driven`."""
        with self._changed:
            self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            with self._changed:
                self._listeners = [other for other in self._listeners if other is not listener]

        return unsubscribe

    def tell(self, news: News) -> None:
        """Tell all listeners what somebody else than the engine has to say; from any thread."""
        self._spread(news)

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
    def player_clock(self) -> Clock | None:
        """The beat of the player who is heard; None if nobody is."""
        return None if self._partner is None else self._partner.clock

    @property
    def partner(self) -> Partner | None:
        """The player who is heard; None if nobody is."""
        return self._partner

    @property
    def failure(self) -> str:
        """Why the session ended, if nobody ended it; one line, or empty."""
        return self._failure

    def close(self) -> None:
        """Fade out, finish every file and end the engine; one that is not ready yet has nothing to finish."""
        if self._partner is not None:
            self._partner.close()
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
    def _is_ready(self) -> bool:
        return self._status.ready and not self._waits_for_ear

    def _ear_ready(self, failure: str) -> None:
        """The ear hears; or it cannot, and then there is no session."""
        with self._changed:
            self._waits_for_ear = False
            self._failure = self._failure or failure
            self._changed.notify_all()
        if failure:
            self.quit()

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
