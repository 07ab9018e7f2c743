"""Everything that plays, put together: what the engine process does with a session's messages.

Who calls what: one thread calls `start`, `handle` and `close`. `tell` is called from many threads.
"""

from __future__ import annotations

import gc
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from simba_live.audio.output import Output
from simba_live.audio.record import Recorder
from simba_live.control.driven import News
from simba_live.controls import NOT_REWOUND, Controls, Value
from simba_live.engine.performance import Performance
from simba_live.engine.scene import Scene
from simba_live.engine.words import read_prompt
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import (
    Branch,
    Delete,
    Event,
    Hear,
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
from simba_live.generation import Generator
from simba_live.model.text import Encoder, load_text_encoder
from simba_live.music.live import LiveArranger
from simba_live.outputs import reason
from simba_live.paths import DEFAULT_MODEL
from simba_live.status import Status

from .deck import Deck
from .journal import Journal
from .plan import Planned, Wish
from .runner import Runner
from .shelf import Shelf
from .wire import Answer, Ask, FromEngine, Options, Ready, Record

WARM_UP_FRAMES = 25
"""Frames made before "ready": the first ones are slow."""

QUANTISED = (Set, Prompt, Recall, Undo, Branch, Reset)
"""Events that follow the control `quantum`; hands, starts and stops act at once unless they say otherwise."""

FADE_SECONDS = 1.0
"""Longest that the end may wait for the music to have faded out."""


class Player:
    """A session's engine.

    Args:
        options: how it is set up.
        tell: takes what the session is to know; must not block.

    Raises:
        SimbaLiveError: it cannot be set up.
    """

    def __init__(self, options: Options, tell: Callable[[FromEngine], None]) -> None:
        self._options, self._tell = options, tell
        generator = Generator.load(options.model, options.codec, options.device)
        engine = generator.engine
        self._encoder: Encoder = load_text_encoder(engine.model.config.text_encoder)
        self._performance = Performance(engine)
        codec = engine.codec
        self._frame_seconds = 1.0 / codec.frame_rate
        self._sample_rate, self._channels = codec.sample_rate, codec.channels
        self._arranger = LiveArranger(codec.frame_rate)
        controls = Controls(free=int(options.free), seed=options.seed)
        prompt = read_prompt(Prompt((options.prompt,)), self._encoder)
        for name in ("snapshots", "recordings", "logs"):
            make_folder(options.folder / name)
        self._shelf = Shelf(options.folder / "snapshots", self._performance.fingerprint, self._warn)
        saved, left_alone = self._shelf.load(self._performance.blank)
        for line in left_alone:
            self._warn(line)
        moment = self._performance.begin(controls, prompt, saved)
        timings = self._warm_up(controls, prompt)
        # Before the log: an unknown device must not leave one behind.
        self._output = Output(
            options.audio,
            codec.sample_rate,
            codec.channels,
            options.latency,
            self._news,
        )
        started = datetime.now().strftime("%Y-%m-%d %H-%M-%S")
        self.journal = Journal(
            _unused(options.folder / "logs", started, ".jsonl"),
            {
                "model": self._performance.fingerprint,
                "checkpoints": [options.model, options.codec],
                "controls": asdict(controls),
                "prompt": prompt.to_json(),
                "device": engine.device.type,
                "snapshots": {name: self._shelf.digest(name) for name in saved},
                "started": started,
            },
            self._warn,
        )
        self._quantum = controls.quantum
        self._told: dict[str, Value] = asdict(controls)
        self._deck = Deck(self._output, self.journal, codec.sample_rate, self._committed)
        self.runner = Runner(
            self._performance, moment, self._deck, options.lookahead, rollback=options.rollback
        )
        for seconds in timings:
            self.runner.timing.add(seconds)

    def start(self) -> None:
        """Begin to play silence, and say that everything is ready."""
        # What exists by now stays; the collector need not look at it again while the music plays.
        gc.collect()
        gc.freeze()
        self.runner.start()
        self._tell(Ready(self.status()))

    def handle(self, message: Ask | Record) -> None:
        """Do what the session asks; the answer follows when it has taken effect, or was refused."""

        def done(frame: int | None, why: str) -> None:
            self._tell(Answer(message.token, frame, why))

        try:
            if isinstance(message, Record):
                self._record(message.name, done)
            else:
                self._do(message.event, message.quantum, done)
        except SimbaLiveError as error:
            done(None, str(error))
        except Exception as error:  # The music must not stop because of a message.
            traceback.print_exc()
            done(None, f"the engine could not do it: {error!r}")

    def status(self) -> Status:
        """How things stand."""
        deck = self._deck
        # Tempo, place and time must be of one moment, for whoever follows them.
        moment, heard_at = deck.heard or (self.runner.current, 0.0)
        scene = moment.scene
        median, late = self.runner.timing.percentiles()
        written = self._arranger.frame(scene.settings, scene.position, scene.calls)
        free = bool(scene.controls.free)
        bar = written.bar
        recorder = deck.recorder
        return Status(
            ready=True,
            playing=moment.playing,
            model=Path(self._options.model or DEFAULT_MODEL).name,
            device=str(self._performance.engine.device),
            frame=moment.frame,
            seconds=moment.frame * self._frame_seconds,
            bpm=bar.bpm,
            bar=scene.position.bar,
            beat=scene.position.beat,
            beats_per_bar=bar.beats_per_bar,
            section="" if free else bar.section,
            chord="" if free else str(bar.chord_at(scene.position.beat)),
            key="" if free and not scene.key_asked else str(bar.key),
            style=scene.settings.style,
            prompts=tuple(zip(scene.prompt.texts, scene.prompt.weights, strict=True)),
            values=dict(self._told),
            held_notes=tuple(sorted(moment.held)),
            snapshots=tuple(sorted(moment.saved)),
            undo_bars=len(moment.past),
            step_p50=1000 * median,
            step_p99=1000 * late,
            frame_ms=1000 * self._frame_seconds,
            plan_seconds=self.runner.plan_seconds,
            committed_seconds=min(self._output.queued_seconds, self._output.latency_seconds),
            underruns=self._output.underruns,
            peak=deck.meter.peak,
            rms=deck.meter.rms,
            sink=self._output.sink,
            sink_lost=self._output.lost,
            recording="" if recorder is None else str(recorder.path),
            recorded_seconds=0.0 if recorder is None else recorder.seconds,
            heard_beat=self._heard_beat(scene),
            heard_at=heard_at,
            listening=scene.hears,
            turn_bars=scene.turn_bars,
        )

    def close(self) -> None:
        """Fade out, finish every file, and let go of the sound card."""
        with suppress(SimbaLiveError):  # Too busy to fade out, or over by itself.
            self.runner.submit(Wish(Stop()))
            until = time.monotonic() + FADE_SECONDS
            while not self.runner.current.silent and self.runner.failure is None and time.monotonic() < until:
                time.sleep(0.01)
        self.runner.close()
        self._output.close()
        self._deck.close()
        self.journal.close(self.runner.num_frames)
        self._shelf.close()

    def _do(self, event: Event, quantum: str | None, done: Callable[[int | None, str], None]) -> None:
        if isinstance(event, Set) and event.control in NOT_REWOUND:
            if event.control == "quantum":
                self._quantum = str(event.value)  # What comes right behind it follows it already.
            self._deck.turn(Wish(event, done=done))
            return
        if isinstance(event, Hear) and not self.runner.current.scene.hears:
            # Told here, it does not cost the plan.
            raise OptionError("the music does not listen: set listen to 1, or wait for your turn")
        if isinstance(event, Prompt):
            event = read_prompt(event, self._encoder)
        if quantum is None:
            quantum = self._quantum if isinstance(event, QUANTISED) else "now"
        self.runner.submit(Wish(event, quantum, done))

    def _heard_beat(self, scene: Scene) -> float:
        """Where the music is at the first sample of a scene's next frame, in beats since bar 0."""
        position = self._arranger.in_force(scene.settings, scene.position)
        run = position.run
        # A decoder that looks ahead lets out what was played so many frames earlier.
        late = self._performance.engine.latency * self._frame_seconds * run.bpm / 60.0
        return position.bar * run.beats_per_bar + position.beat - late

    def _record(self, name: str | None, done: Callable[[int | None, str], None]) -> None:
        if name is None:
            self._deck.stop_recording(done)
            return
        recorder: list[Recorder] = []

        def failed(why: str) -> None:
            self._news("record", why)
            self._deck.stop_recording(lambda _frame, _reason: None, recorder[0])

        path = self._options.folder / "recordings" / f"{check_name(name)}.wav"
        recorder.append(Recorder(path, self._sample_rate, self._channels, failed))
        self._deck.start_recording(recorder[0], done)

    def _committed(self, planned: Planned, turned: bool) -> None:
        """Tell what a frame that is about to be heard has brought; the feeder thread calls it."""
        moment = planned.played
        line = moment.scene.position.line
        if moment.playing and line is not None:
            self._news("beat", line, frame=moment.frame)
        for wish in planned.wishes:
            event = wish.event
            if isinstance(event, Save | Delete):
                # What counts is what the frame leaves: one name may have been saved and deleted on it.
                self._shelf.put(event.snapshot, moment.saved.get(event.snapshot))
                self._news("snapshots", ", ".join(sorted(moment.saved)), event, moment.frame)
        if turned or planned.wishes:
            self._tell_changes(moment.scene.controls, moment.frame)

    def _tell_changes(self, controls: Controls, frame: int) -> None:
        values: dict[str, Any] = asdict(controls)
        values |= {"gain": self._deck.gain, "mute": self._deck.mute, "quantum": self._deck.quantum}
        for name, value in values.items():
            if self._told[name] != value:
                self._told[name] = value
                self._news("set", "", Set(name, value), frame)

    def _news(self, kind: str, text: str = "", event: Event | None = None, frame: int = 0) -> None:
        self._tell(News(kind, text, event, frame))

    def _warn(self, text: str) -> None:
        self._news("warning", text)

    def _warm_up(self, controls: Controls, prompt: Prompt) -> list[float]:
        """Play a little that nobody hears; seconds that each frame took."""
        moment = self._performance.apply(Play(), self._performance.begin(controls, prompt))
        seconds = []
        for _ in range(WARM_UP_FRAMES):
            started = time.perf_counter()
            _, moment = self._performance.advance(moment)
            seconds.append(time.perf_counter() - started)
        return seconds[WARM_UP_FRAMES // 2 :]


def make_folder(folder: Path) -> None:
    """Make a folder where there is none.

    Raises:
        OptionError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(
            f"the folder {folder} cannot be used ({reason(error)}): choose --data-dir"
        ) from error


def _unused(folder: Path, name: str, ending: str) -> Path:
    """A path that does not exist: NAME, or NAME-2, NAME-3..."""
    path, number = folder / f"{name}{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}{ending}"
    return path
