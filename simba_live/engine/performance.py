"""A live performance without threads or time: events change a moment, and a moment leads to a frame.

Both are pure functions of values, so playing live, playing ahead, going back and replaying a log give the
same samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.controls import NOT_REWOUND, NUMBERS, Controls
from simba_live.engine.engine import Engine, EngineState
from simba_live.engine.fades import crossfade, ramp
from simba_live.engine.hands import against, conditions_of, touch
from simba_live.engine.jam import MAX_UNHEARD, clock_until, pieces
from simba_live.engine.scene import Moment, Scene, settle
from simba_live.errors import OptionError
from simba_live.events import (
    MAX_BARS,
    Align,
    Branch,
    Delete,
    Event,
    Hear,
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
)
from simba_live.music.live import LiveArranger, LiveFrame, Position

Audio = NDArray[np.float32]

FADE_FRAMES = 10
"""Frames that `Stop` takes to fade out."""

MAX_SNAPSHOTS = 64
"""Snapshots that a performance keeps; each takes some megabytes."""


class Performance:
    """What can be done with moments. It keeps nothing itself but what saves work.

    Attributes:
        engine: model and codec.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._arranger = LiveArranger(engine.codec.frame_rate)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all weights, which with a seed and a log decide every sample: 64 hexadecimal digits."""
        digest = hashlib.sha256()
        score = [] if self.engine.score is None else [self.engine.score.model]
        for part in (self.engine.model, self.engine.codec, *score):
            for name, value in sorted(part.state_dict().items()):
                digest.update(name.encode())
                digest.update(value.detach().float().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @cached_property
    def blank(self) -> EngineState:
        """The engine's state before the first frame; never stepped, only clones of it are.

        The second batch row is always there, so that guidance can be turned up at any time.
        """
        return self.engine.init_state(guided=True)

    def begin(self, controls: Controls, prompt: Prompt, saved: Mapping[str, Scene] | None = None) -> Moment:
        """The moment before anything was played.

        Args:
            controls: where the controls stand.
            prompt: what to play to, with its vector and style.
            saved: snapshots from earlier.

        Raises:
            SimbaLiveError: the settings cannot be followed.
        """
        return Moment(self._opening(controls, prompt), saved=dict(saved or {}))

    def apply(self, event: Event, moment: Moment) -> Moment:
        """The moment after an event, on the same frame.

        Raises:
            SimbaLiveError: it cannot be done; `moment` still stands.
        """
        scene = moment.scene
        match event:
            case Play():
                return replace(moment, playing=True)
            case Stop():
                return replace(moment, playing=False)
            case Reset():
                opening = self._opening(scene.controls, scene.prompt)
                return self._jump(opening, replace(moment, history=(), released={}))
            case Panic():
                moment = self.apply(Reset(), moment)
                return replace(moment, playing=False, level=0, held=frozenset(), struck=frozenset())
            case Set():
                controls = scene.controls.moved(**{event.control: event.value})
                return replace(moment, scene=scene.with_controls(controls))
            case Prompt():
                return replace(moment, scene=scene.with_controls(scene.controls, event))
            case Branch():
                seed = (scene.controls.seed + 1) % (int(NUMBERS["seed"].maximum) + 1)
                return self.apply(Set("seed", seed if event.seed is None else event.seed), moment)
            case Note():
                return touch(event, moment)
            case Save():
                if event.snapshot not in moment.saved and len(moment.saved) >= MAX_SNAPSHOTS:
                    raise OptionError(
                        f"there are {MAX_SNAPSHOTS} snapshots already: delete one to save {event.snapshot!r}"
                    )
                return replace(moment, saved={**moment.saved, event.snapshot: scene})
            case Recall():
                return self._jump(self._find(event.snapshot, moment), moment)
            case Delete():
                self._find(event.snapshot, moment)
                kept = {name: kept for name, kept in moment.saved.items() if name != event.snapshot}
                return replace(moment, saved=kept)
            case Undo():
                return self._undo(event.bars, moment)
            case Align():
                position = self._arranger.shifted(scene.settings, scene.position, event.beats)
                return replace(moment, scene=replace(scene, position=position))
            case Hear():
                return replace(moment, scene=self._heard(event, scene))
        raise OptionError(f"a performance knows no event {event.name!r}")

    def advance(self, moment: Moment) -> tuple[Audio, Moment]:
        """Make the next frame.

        Returns:
            audio float32 [C, hop_length], before gain and limiter, and the moment after it.
        """
        codec = self.engine.codec
        audio = np.zeros((codec.channels, codec.hop_length), np.float32)
        # The decoder goes along with what is heard only where nothing of its own is heard.
        scene = self._take_in(moment.scene, decode=moment.silent)
        history = moment.history
        level = FADE_FRAMES if moment.sounding else 0 if moment.playing else max(moment.level - 1, 0)
        if moment.playing:
            history = _with_bar_line(history, moment.scene)
        if not moment.silent:
            # Music out of nothing has its own beginning; music that goes on in mid-wave is faded in.
            fades = level != moment.level and self.engine.has_past(scene.engine)
            audio, scene = self._play(replace(moment, scene=scene))
            if fades:
                audio = audio * ramp(moment.level / FADE_FRAMES, level / FADE_FRAMES, codec.hop_length)
        elif moment.playing:
            # When the music has waited it begins its notes afresh.
            position = replace(self.score(scene).position, sounding=(), onsets=())
            scene = replace(scene, position=position)
        if moment.left is not None:
            # What would have been heard, had nothing happened, so that no sample jumps.
            audio = crossfade(self.advance(moment.left)[0], audio)
        return audio, replace(
            moment,
            scene=scene,
            frame=moment.frame + 1,
            level=level,
            struck=frozenset(),
            left=None,
            history=history,
        )

    def score(self, scene: Scene) -> LiveFrame:
        """What the arranger writes for the next frame of a scene."""
        return self._arranger.frame(scene.settings, scene.position, scene.calls)

    def _play(self, moment: Moment) -> tuple[Audio, Scene]:
        scene = moment.scene
        written = self.score(scene)
        conditions = conditions_of(moment, written.conditions)
        _, audio, state = self.engine.step(
            conditions,
            scene.prompt.vector,
            scene.engine.clone(),
            scene.controls.sampling,
            against(moment, conditions),
        )
        return audio[0].float().cpu().numpy(), replace(scene, engine=state, position=written.position)

    def _heard(self, event: Hear, scene: Scene) -> Scene:
        """The scene with something to take in."""
        config = self.engine.model.config
        if not scene.hears:
            raise OptionError("the music does not listen: set listen to 1, or wait for your turn")
        if len(event.codes) < config.num_codebooks or event.codes.max() >= config.codebook_size:
            raise OptionError("what was heard is not in the codes of the model: use its own codec")
        position = self._arranger.in_force(scene.settings, scene.position)
        new = pieces(event, position, self._arranger.frame_rate)
        return replace(scene, unheard=(*scene.unheard, *new)[-MAX_UNHEARD:])

    def _take_in(self, scene: Scene, decode: bool) -> Scene:
        """The scene with its next piece of the player heard."""
        if not scene.unheard:
            return scene
        piece, *rest = scene.unheard
        assert piece.beat is not None
        run = self._arranger.in_force(scene.settings, scene.position).run
        clock = clock_until(piece.beat, piece.codes.shape[1], run, self._arranger.frame_rate)
        codes = torch.from_numpy(piece.codes[None, : self.engine.model.config.num_codebooks])
        _, state = self.engine.hear(codes, clock, scene.prompt.vector, scene.engine.clone(), decode)
        return replace(scene, engine=state, unheard=tuple(rest))

    def _opening(self, controls: Controls, prompt: Prompt) -> Scene:
        settings = settle(prompt, controls, None)
        return Scene(self.blank, controls, prompt, settings, Position())

    def _jump(self, scene: Scene, moment: Moment) -> Moment:
        """The same moment with the music of another, which takes over within the next frame."""
        left = moment.left or (moment if moment.level else None)
        current = moment.scene.controls
        kept = {name: getattr(current, name) for name in NOT_REWOUND}
        scene = replace(scene, controls=scene.controls.moved(**kept))
        # Music that was fading out must not use up the beginning of what now waits to be played.
        moment = replace(moment, scene=scene, left=left)
        return moment if moment.sounding else replace(moment, level=0)

    def _undo(self, bars: int, moment: Moment) -> Moment:
        """Back to a bar line; what was played since is no longer there to be undone."""
        past = moment.past
        if bars > len(past):
            there_are = f"only {len(past)}" if past else "none"
            raise OptionError(f"bars to undo are {bars}: {there_are} can be undone yet")
        earlier = past[: len(past) - bars + 1]
        return self._jump(earlier[-1], replace(moment, history=earlier))

    def _find(self, name: str, moment: Moment) -> Scene:
        if name not in moment.saved:
            known = ", ".join(sorted(moment.saved)) or "none yet"
            raise OptionError(f"there is no snapshot {name!r}: there are {known}")
        return moment.saved[name]


def _with_bar_line(history: tuple[Scene, ...], scene: Scene) -> tuple[Scene, ...]:
    """The history with this scene, if it is at a bar line that is not in it yet."""
    known = bool(history) and history[-1].engine is scene.engine and history[-1].position == scene.position
    if scene.position.line != "bar" or known:
        return history
    # One more than can be undone: the latest may be the very bar line that the music is at.
    return (*history, scene)[-MAX_BARS - 1 :]
