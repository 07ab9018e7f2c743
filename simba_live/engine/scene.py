"""Moments of a live performance as values: what a snapshot keeps, and what a control change does to it.

Nothing here is ever changed in place, so a snapshot, an undo step or a branch is one more reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from simba_live.controls import Controls
from simba_live.engine.engine import EngineState
from simba_live.engine.jam import bars_left, begin_turns, listens
from simba_live.events import MAX_BARS, Hear, Prompt
from simba_live.music.live import Calls, Position
from simba_live.music.prompt import Understanding, understand
from simba_live.music.score import Chord, Key
from simba_live.music.settings import Settings, resolve
from simba_live.music.styles import find_style

_KEPT = {"bpm": "bpm", "key": "key", "metre": "beats_per_bar"}
"""Controls whose settings music under way keeps while they are open, and those settings."""

_ARRANGING = (*_KEPT, "seed", "style", "drums")
"""Live controls that change what the arranger is asked for."""


@dataclass(frozen=True)
class Scene:
    """All that decides how the music goes on: what a snapshot keeps.

    Attributes:
        engine: the model's and the codec's past; never stepped, only clones of it are.
        controls: what the performer has set.
        prompt: what is played to.
        settings: what the arranger is asked for, with tempo, key and metre decided.
        position: where the arrangement is.
        turns_from: the bar from which the turns of `trade` are counted, the first being the player's.
        unheard: what the player has played and the engine has yet to take in, oldest first.
    """

    engine: EngineState
    controls: Controls
    prompt: Prompt
    settings: Settings
    position: Position
    turns_from: int = 0
    unheard: tuple[Hear, ...] = ()

    @property
    def listens(self) -> bool:
        """Whether the music waits, silent, for the player."""
        return listens(self.controls, self.position.bar, self.turns_from)

    @property
    def hears(self) -> bool:
        """Whether what the player plays is taken in."""
        return self.listens or bool(self.controls.listen and self.controls.jam == "shadow")

    @property
    def turn_bars(self) -> int:
        """Bars until the other one's turn, this one included; 0 without turns."""
        return bars_left(self.controls, self.position.bar, self.turns_from)

    @property
    def calls(self) -> Calls:
        """What the performer has called for, over the arrangement's form."""
        chord = self.controls.chord
        return Calls(
            self.controls.section, None if chord is None else Chord.parse(chord), self.controls.density
        )

    @property
    def key_asked(self) -> bool:
        """Whether the key is what the performer wants, by control or by word, and not just the style's."""
        return self.controls.key is not None or _understand(self.prompt.heaviest).key is not None

    def with_controls(self, controls: Controls, prompt: Prompt | None = None) -> Scene:
        """The same moment under other controls, or to another prompt.

        Raises:
            MusicError: they cannot be followed.
        """
        on_line = self.position.line == "bar"
        turns_from = begin_turns(self.controls, controls, self.position.bar, on_line, self.turns_from)
        scene = replace(self, controls=controls, turns_from=turns_from)
        scene.calls  # noqa: B018  a chord that cannot be read is told now
        arranged = (prompt or self.prompt) is not self.prompt or any(
            getattr(controls, name) != getattr(self.controls, name) for name in _ARRANGING
        )
        if not arranged:
            return scene
        prompt = prompt or self.prompt
        # Music that has not begun is still open; music under way keeps its tempo, key and metre where it can,
        # but for a control that was handed back to it.
        before = None
        if self.position != Position():
            released = {
                setting: None
                for control, setting in _KEPT.items()
                if getattr(self.controls, control) is not None and getattr(controls, control) is None
            }
            before = replace(self.settings, **released)  # type: ignore[arg-type]  # None is open in all of them
        return replace(scene, prompt=prompt, settings=settle(prompt, controls, before))


@dataclass(frozen=True)
class Moment:
    """A performance between two frames.

    Attributes:
        scene: how the music goes on.
        frame: output frames so far, silence included.
        playing: whether the music runs, be it on the player's turn (or else fades out, or waits).
        level: how far it is faded in, 0 to `FADE_FRAMES`.
        held: MIDI pitches that are held.
        struck: those struck since the last frame.
        released: those let go of late, and the number of the first frame without them.
        left: the moment just left behind, which turns into this one during the next frame; None if there is
            none, or nothing sounded.
        history: scenes at the latest bar lines, oldest first.
        saved: snapshots by name.
    """

    scene: Scene
    frame: int = 0
    playing: bool = False
    level: int = 0
    held: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()
    released: Mapping[int, int] = field(default_factory=dict)
    left: Moment | None = None
    history: tuple[Scene, ...] = ()
    saved: Mapping[str, Scene] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """Whether nothing sounds."""
        return self.level == 0 and not self.sounding

    @property
    def sounding(self) -> bool:
        """Whether it is to sound: the music runs, and it is its turn."""
        return self.playing and not self.scene.listens

    @property
    def past(self) -> tuple[Scene, ...]:
        """The bar lines that can be gone back to, oldest first.

        One that was passed less than a beat ago is not past yet, so that undoing can be repeated.
        """
        just_passed = bool(self.history) and _is_within_a_beat(self.history[-1], self.scene)
        return (self.history[:-1] if just_passed else self.history)[-MAX_BARS:]


def _is_within_a_beat(line: Scene, now: Scene) -> bool:
    """Whether a scene is on the first beat of the very bar that begins with another."""
    since = int(now.engine.frame) - int(line.engine.frame)
    return since >= 0 and now.position.bar == line.position.bar and now.position.beat < 1.0


def settle(prompt: Prompt, controls: Controls, before: Settings | None) -> Settings:
    """What the arranger is asked for: controls, words, the music under way, then the style.

    Args:
        prompt: with its style found.
        controls: what was set.
        before: the settings of music under way, whose tempo (where it suits the new style), key and metre go
            on; fields that are None are open.

    Raises:
        MusicError: the settings cannot be followed.
    """
    style = find_style(controls.style or prompt.style)
    asked = replace(_understand(prompt.heaviest), style=style.name).settings(seed=controls.seed)
    bpm, key, beats = asked.bpm, asked.key, asked.beats_per_bar
    # The style's own key may be left for a while; one that was asked for may not.
    key_is_open = asked.key is None and controls.key is None
    if before is not None:
        if bpm is None and before.bpm is not None and style.bpm[0] <= before.bpm <= style.bpm[1]:
            bpm = before.bpm
        key = key or before.key
        if beats is None and before.beats_per_bar in style.metres:
            beats = before.beats_per_bar
    asked = replace(
        asked,
        bpm=bpm if controls.bpm is None else controls.bpm,
        key=key if controls.key is None else Key.parse(controls.key),
        beats_per_bar=beats if controls.metre is None else controls.metre,
        drums=asked.drums if controls.drums is None else bool(controls.drums),
        modulates=key_is_open or None,
    )
    plan = resolve(asked)
    return replace(asked, bpm=plan.bpm, key=plan.key, beats_per_bar=plan.beats)


@lru_cache(maxsize=64)
def _understand(text: str) -> Understanding:
    return understand(text)
