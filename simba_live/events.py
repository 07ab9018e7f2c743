"""What a performer does, as values: each event is checked when it is made and can be written to a log."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from simba_live.controls import LIVE, NUMBERS, Value
from simba_live.errors import OptionError

MAX_PROMPTS = 8
"""Prompts that can be blended."""

MAX_PROMPT = 1000
"""Longest prompt in characters; the text encoder would not read further."""

MAX_WEIGHT = 100.0
"""Largest weight of a prompt."""

MAX_BARS = 32
"""Bars that can be undone."""

MAX_HEARD = 100
"""Frames of audio that can be heard in one event."""

_MAX_CODE = 2**16 - 1

_NAME = re.compile(r"[^\W_][\w .+-]{0,63}")


@dataclass(frozen=True)
class Event:
    """Something a performer does; `name` is its type in a log."""

    name: ClassVar[str] = ""

    def to_json(self) -> dict[str, Any]:
        """The event as JSON values; `event_from_json` is the way back."""
        return {"type": self.name} | {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True)
class Set(Event):
    """Move a live control; a value of None leaves it to the music.

    Raises:
        OptionError: no such control, or a value out of its range.
    """

    name: ClassVar[str] = "set"
    control: str
    value: Value

    def __post_init__(self) -> None:
        if self.control not in LIVE:
            raise OptionError(f"there is no control {self.control[:64]!r}: use one of {', '.join(LIVE)}")
        object.__setattr__(self, "value", LIVE[self.control].read(self.value))


@dataclass(frozen=True, eq=False)
class Prompt(Event):
    """Play to these prompts, blended by weight.

    Attributes:
        texts: 1 to `MAX_PROMPTS` prompts, blanks tidied.
        weights: 0 or more, one a text, and not all 0.
        vector: float32 [S], the blend as the model reads it; empty until somebody has encoded it.
        style: name of the style that the heaviest prompt comes nearest to; empty until then.

    Raises:
        OptionError: a text or weight cannot be used.
    """

    name: ClassVar[str] = "prompt"
    texts: tuple[str, ...]
    weights: tuple[float, ...] = ()
    vector: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    style: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.texts) <= MAX_PROMPTS:
            raise OptionError(f"there are {len(self.texts)} prompts: give 1 to {MAX_PROMPTS}")
        object.__setattr__(self, "texts", tuple(tidy_prompt(text) for text in self.texts))
        weights = tuple(float(weight) for weight in self.weights) or (1.0,) * len(self.texts)
        if len(weights) != len(self.texts):
            raise OptionError(
                f"there are {len(weights)} weights for {len(self.texts)} prompts: give one each"
            )
        for weight in weights:
            if not (math.isfinite(weight) and 0 <= weight <= MAX_WEIGHT):
                raise OptionError(f"weight is {weight}: give a number from 0 to {MAX_WEIGHT:g}")
        if not any(weights):
            raise OptionError("all weights are 0: give at least one prompt some weight")
        object.__setattr__(self, "weights", weights)

    @property
    def heaviest(self) -> str:
        """The text of most weight, the first of equals."""
        return self.texts[self.weights.index(max(self.weights))]


@dataclass(frozen=True)
class Play(Event):
    """Start, or go on from where `Stop` left off."""

    name: ClassVar[str] = "play"


@dataclass(frozen=True)
class Stop(Event):
    """Fade out and wait."""

    name: ClassVar[str] = "stop"


@dataclass(frozen=True)
class Reset(Event):
    """Begin again at the first bar, with an empty past; whether it plays stays as it is."""

    name: ClassVar[str] = "reset"


@dataclass(frozen=True)
class Panic(Event):
    """Silence at once: every held note released, the past emptied, stopped."""

    name: ClassVar[str] = "panic"


@dataclass(frozen=True)
class _Named(Event):
    snapshot: str

    def __post_init__(self) -> None:
        check_name(self.snapshot)


@dataclass(frozen=True)
class Save(_Named):
    """Keep this moment under a name.

    Raises:
        OptionError: the name is no plain name.
    """

    name: ClassVar[str] = "save"


@dataclass(frozen=True)
class Recall(_Named):
    """Go back to the moment of that name.

    Raises:
        OptionError: the name is no plain name.
    """

    name: ClassVar[str] = "recall"


@dataclass(frozen=True)
class Delete(_Named):
    """Forget the moment of that name.

    Raises:
        OptionError: the name is no plain name.
    """

    name: ClassVar[str] = "delete"


@dataclass(frozen=True)
class Undo(Event):
    """Go back to the bar line `bars` bars ago and play on from there; 1 is the last one passed.

    A line passed less than a beat ago does not count, so that undoing can be repeated.

    Raises:
        OptionError: not a whole number from 1 to `MAX_BARS`.
    """

    name: ClassVar[str] = "undo"
    bars: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "bars", _whole("bars", self.bars, 1, MAX_BARS))


@dataclass(frozen=True)
class Branch(Event):
    """Go on from this very moment with another seed; None is the next one.

    Raises:
        OptionError: no such seed.
    """

    name: ClassVar[str] = "branch"
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.seed is not None:
            object.__setattr__(self, "seed", int(NUMBERS["seed"].check(self.seed)))


@dataclass(frozen=True)
class Note(Event):
    """Hold a MIDI pitch, or release it with velocity 0.

    Raises:
        OptionError: pitch or velocity is not a whole number from 0 to 127.
    """

    name: ClassVar[str] = "note"
    pitch: int
    velocity: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "pitch", _whole("pitch", self.pitch, 0, 127))
        object.__setattr__(self, "velocity", _whole("velocity", self.velocity, 0, 127))


@dataclass(frozen=True)
class Align(Event):
    """Put the music so many beats ahead, or back: to a shared beat that is far off.

    Small errors are steered by `Set("bpm", ...)` instead, so that no onset is played twice or left out.

    Raises:
        OptionError: not a number of beats within the longest bar.
    """

    name: ClassVar[str] = "align"
    beats: float

    def __post_init__(self) -> None:
        farthest = NUMBERS["metre"].maximum
        if isinstance(self.beats, bool) or not (math.isfinite(self.beats) and abs(self.beats) <= farthest):
            raise OptionError(f"beats are {self.beats}: give a number from -{farthest:g} to {farthest:g}")
        object.__setattr__(self, "beats", float(self.beats))


@dataclass(frozen=True, eq=False)
class Hear(Event):
    """Take what a player has just played for the music's own past.

    Attributes:
        codes: int64 [K, n], the codec's codes of n frames, 1 to `MAX_HEARD`.
        beat: where the music was when the last of them ended, as `Status.heard_beat` counts: in beats since
            some bar line. None is where the music is on the frame that the event acts on.

    Raises:
        OptionError: no such codes, or no such beat.
    """

    name: ClassVar[str] = "hear"
    codes: NDArray[np.int64]
    beat: float | None = None

    def __post_init__(self) -> None:
        codes = np.array(self.codes)  # a copy: nobody else may change it
        if codes.ndim != 2 or not codes.shape[0] or not 1 <= codes.shape[1] <= MAX_HEARD:
            raise OptionError(f"codes are {list(codes.shape)}: give codebooks by 1 to {MAX_HEARD} frames")
        if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() > _MAX_CODE:
            raise OptionError(f"codes are not whole numbers from 0 to {_MAX_CODE}: give those of the codec")
        if self.beat is not None and not math.isfinite(self.beat):
            raise OptionError(f"beat is {self.beat}: give beats since a bar line")
        object.__setattr__(self, "codes", codes.astype(np.int64))

    def to_json(self) -> dict[str, Any]:
        """The event as JSON values, the codes as two bytes each."""
        codes = base64.b64encode(self.codes.astype("<u2").tobytes()).decode()
        return {"type": self.name, "codes": codes, "codebooks": len(self.codes), "beat": self.beat}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read the fields that `to_json` wrote, without the type.

        Raises:
            OptionError: they are not those of an event.
        """
        try:
            codes = np.frombuffer(base64.b64decode(values["codes"], validate=True), "<u2")
            return cls(codes.reshape(int(values["codebooks"]), -1), values["beat"])
        except (KeyError, TypeError, ValueError) as error:
            raise OptionError(f"this is nothing that was heard: {error!r}") from None


EVENTS: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        Set, Prompt, Play, Stop, Reset, Panic, Save, Recall, Delete, Undo, Branch, Note, Align, Hear,
    )
}  # fmt: skip
"""Every event by its type in a log."""


def event_from_json(values: Mapping[str, Any]) -> Event:
    """Read what `Event.to_json` wrote.

    Raises:
        OptionError: an unknown type, a missing or unknown field, or a value that cannot be used.
    """
    kind = EVENTS.get(str(values.get("type")))
    if kind is None:
        raise OptionError(f"there is no event {str(values.get('type'))[:64]!r}")
    given = {name: value for name, value in values.items() if name != "type"}
    if kind is Hear:
        return Hear.from_json(given)
    if given.keys() != {field.name for field in fields(kind)}:
        raise OptionError(f"event {kind.name} has the fields {', '.join(given) or 'none'}: not its own")
    if kind is Prompt:
        given["texts"], given["weights"] = tuple(given["texts"]), tuple(given["weights"])
        given["vector"] = np.frombuffer(base64.b64decode(given["vector"]), "<f4").astype(np.float32)
    return kind(**given)


def check_name(name: str) -> str:
    """A name of a snapshot or recording: one plain file name without its ending.

    Raises:
        OptionError: it could leave its folder, is empty or too long, or has odd characters.
    """
    if not _NAME.fullmatch(name) or name.endswith((".", " ")):
        raise OptionError(
            f"name is {name[:64]!r}: use 1 to 64 letters, digits, blanks, . + - _, a letter or digit first"
        )
    return name


def tidy_prompt(text: str) -> str:
    """A prompt with its blanks tidied and bytes that are no text replaced.

    Raises:
        OptionError: it is empty or longer than `MAX_PROMPT`.
    """
    prompt = " ".join(text.encode("utf-8", "replace").decode().split())
    if not prompt:
        raise OptionError("the prompt is empty: say what to play, such as 'warm lofi piano, 80 bpm'")
    if len(prompt) > MAX_PROMPT:
        raise OptionError(f"the prompt has {len(prompt)} characters: use {MAX_PROMPT} at most")
    return prompt


def _whole(name: str, value: float, lowest: int, highest: int) -> int:
    if isinstance(value, bool) or not (math.isfinite(value) and lowest <= value <= highest) or value % 1:
        raise OptionError(f"{name} is {value}: give a whole number from {lowest} to {highest}")
    return int(value)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return base64.b64encode(np.ascontiguousarray(value, "<f4").tobytes()).decode()
    return list(value) if isinstance(value, tuple) else value
