"""What a player can turn: one table with every control's range, unit, default and help.

The command line, OSC and whatever else shows a control to somebody take all of that from here.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Self

from simba_live.errors import OptionError

Value = float | int | str | None
"""What a control can be set to; None leaves it to the music (prompt, style)."""

AUTO = "auto"
"""How a performer writes None."""

MAX_TEXT = 100
"""Longest text of a control, in characters."""

SECTIONS = ("intro", "verse", "build", "drop", "break", "ending")
"""Names of the sections. "drop" is the fullest one: the chorus of a song."""

QUANTA = ("now", "beat", "bar")
"""When a change takes effect: at once, or on the next beat or bar line."""

JAMS = ("continue", "trade", "shadow")
"""What becomes of a player who is heard: gone on from, answered in turns, or followed all the time."""


@dataclass(frozen=True, kw_only=True)
class Control(ABC):
    """Something that can be set.

    Attributes:
        name: its name in Python and OSC; flags write it with dashes.
        default: its value when nobody sets it; None leaves it to the music (prompt, style).
        help: one sentence on what it does.
        live: whether it can be moved while the music plays.
    """

    name: str
    default: Value
    help: str
    live: bool = False

    @property
    def auto(self) -> bool:
        """Whether it can be left to the music."""
        return self.default is None

    @property
    @abstractmethod
    def range(self) -> str:
        """What it can be, in words, such as "20 to 300 BPM"."""

    @property
    @abstractmethod
    def wanted(self) -> str:
        """What to give, in words, such as "a number from 20 to 300 BPM"."""

    @abstractmethod
    def check(self, value: Value) -> Value:
        """`value` if it can be used, in the control's own type.

        Raises:
            OptionError: it cannot.
        """

    def read(self, value: Value) -> Value:
        """What a performer sends: as `check`, and "auto" where it can be left to the music.

        Raises:
            OptionError: it cannot be used.
        """
        if self.auto and value in (None, AUTO):
            return None
        return self.check(value)

    def refuse(self, value: Value) -> OptionError:
        """The one line about a value of no use."""
        shown = repr(value[:MAX_TEXT]) if isinstance(value, str) else value
        auto = f", or '{AUTO}'" if self.auto and self.live else ""
        return OptionError(f"{self.name.replace('_', '-')} is {shown}: give {self.wanted}{auto}")


@dataclass(frozen=True, kw_only=True)
class Number(Control):
    """A control that measures or counts.

    Attributes:
        minimum: lowest value allowed.
        maximum: highest value allowed.
        unit: unit of the value, empty for a plain number.
        integer: whether only whole numbers count.
        free_default: its default without the arranger, where that is another.
    """

    minimum: float
    maximum: float
    unit: str = ""
    integer: bool = False
    free_default: float | None = None

    @property
    def auto(self) -> bool:
        """Whether it can be left to the music, or to the way of playing."""
        return self.default is None or self.free_default is not None

    @property
    def defaults(self) -> str:
        """Both defaults in words, such as "4, with --free 3"."""
        plain = f"{self.preset:g}"
        return plain if self.free_default is None else f"{plain}, with --free {self.free_default:g}"

    @property
    def preset(self) -> float:
        """The default of a control that has one."""
        assert isinstance(self.default, float | int)
        return self.default

    @property
    def range(self) -> str:
        """The range in words."""
        lowest, highest = (
            f"{bound:.0f}" if self.integer else f"{bound:g}" for bound in (self.minimum, self.maximum)
        )
        return f"{lowest} to {highest} {self.unit}".rstrip()

    @property
    def wanted(self) -> str:
        """What to give, in words."""
        return f"{'a whole number' if self.integer else 'a number'} from {self.range}"

    def check(self, value: Value) -> float:
        """A finite number within the range; where the control counts, whole and an int."""
        if value is None or isinstance(value, str | bool):
            raise self.refuse(value)
        fits = math.isfinite(value) and self.minimum <= value <= self.maximum
        if not fits or (self.integer and value != int(value)):
            raise self.refuse(value)
        return int(value) if self.integer else float(value)

    def parse(self, text: str | float) -> float | None:
        """A value as written on a command line, where "auto" leaves it open as in `read`.

        Raises:
            OptionError: it is no number, or `check` refuses it.
        """
        if self.live and self.auto and text == AUTO:
            return None
        try:
            return self.check(int(text) if self.integer else float(text))
        except ValueError:
            raise self.refuse(text) from None


@dataclass(frozen=True, kw_only=True)
class Choice(Control):
    """A control that is one of a few words."""

    choices: tuple[str, ...]

    @property
    def range(self) -> str:
        """The words."""
        return ", ".join(self.choices)

    @property
    def wanted(self) -> str:
        """What to give, in words."""
        return f"one of {self.range}"

    def check(self, value: Value) -> str:
        """One of the words."""
        if value not in self.choices:
            raise self.refuse(value)
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Text(Control):
    """A control that is written, such as a key; whoever plays it says whether it can be read.

    Attributes:
        example: what it may look like.
    """

    example: str

    @property
    def range(self) -> str:
        """An example."""
        return f"such as '{self.example}'"

    @property
    def wanted(self) -> str:
        """What to give, in words."""
        return f"text {self.range}"

    def check(self, value: Value) -> str:
        """Some printable text, blanks tidied."""
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text or len(text) > MAX_TEXT or not text.isprintable():
            raise self.refuse(value)
        return text


def _switch(name: str, default: int | None, text: str) -> Number:
    """A control that is on (1) or off (0)."""
    return Number(name=name, default=default, help=text, live=True, minimum=0, maximum=1, integer=True)


_NUMBERS = (
    Number(
        name="seconds", default=30.0, minimum=0.1, maximum=21600.0, unit="seconds",
        help="Length of the new music.",
    ),
    Number(
        name="seed", default=0, minimum=0, maximum=2**32 - 1, integer=True, live=True,
        help="The same seed and settings give the same music.",
    ),
    Number(
        name="bpm", default=None, minimum=20.0, maximum=300.0, unit="BPM", live=True,
        help="Tempo; else the prompt's or the style's.",
    ),
    Number(
        name="temperature", default=0.7, minimum=0.05, maximum=4.0, free_default=0.9, live=True,
        help="How freely the model chooses: low is safe, high is wild.",
    ),
    Number(
        name="top_k", default=100, minimum=0, maximum=65536, integer=True, live=True,
        help="Choose among the k likeliest codes only; 0 is all.",
    ),
    Number(
        name="top_p", default=1.0, minimum=0.01, maximum=1.0, live=True,
        help="Choose among the likeliest codes of this total probability only.",
    ),
    Number(
        name="guidance", default=4.0, minimum=0.0, maximum=20.0, free_default=3.0, live=True,
        help="How hard prompt and arrangement pull; 1 is plain and fastest.",
    ),
    Number(
        name="metre", default=None, minimum=2, maximum=12, integer=True, unit="beats in a bar", live=True,
        help="Beats in a bar; else the prompt's or the style's.",
    ),
    Number(
        name="density", default=None, minimum=0.0, maximum=1.0, live=True,
        help="How much plays: 0 is one voice, 1 all of them; else the form says.",
    ),
    Number(
        name="brightness", default=None, minimum=0.0, maximum=1.0, live=True,
        help="Tone colour, from dark to bright; else the model's.",
    ),
    _switch("drums", None, "Drums on (1) or off (0); else the prompt or the style says."),
    _switch("free", 0, "1 is without the arranger: the model alone finds the notes."),
    Number(
        name="gain", default=0.0, minimum=-60.0, maximum=12.0, unit="dB", live=True,
        help="Loudness of the output; the lowest value is silence.",
    ),
    _switch("mute", 0, "1 silences the output; the music goes on unheard."),
    _switch("listen", 0, "1 hears the player, as `jam` says; 0 only plays."),
    Number(
        name="jam_bars", default=4, minimum=1, maximum=32, integer=True, unit="bars", live=True,
        help="Length of a turn of `trade`.",
    ),
)  # fmt: skip

_WORDS = (
    Text(
        name="key", default=None, live=True, example="A minor",
        help="Key; else the prompt's or the style's.",
    ),
    Text(
        name="style", default=None, live=True, example="lofi",
        help="The arranger's style; else the nearest to the heaviest prompt.",
    ),
    Text(
        name="chord", default=None, live=True, example="Am7",
        help="Chord held from now on; else the arranger's progression.",
    ),
    Choice(
        name="section", default=None, live=True, choices=SECTIONS,
        help="Section held from now on; else the form says.",
    ),
    Choice(
        name="quantum", default="now", live=True, choices=QUANTA,
        help="When changes that do not say so themselves take effect.",
    ),
    Choice(
        name="jam", default="continue", live=True, choices=JAMS,
        help="While `listen` is 1: continue waits and listens, trade takes turns, shadow listens and plays.",
    ),
)  # fmt: skip

NUMBERS: dict[str, Number] = {control.name: control for control in _NUMBERS}
"""Every control that is a number, by name."""

CONTROLS: dict[str, Control] = {control.name: control for control in (*_NUMBERS, *_WORDS)}
"""Every control by name."""

LIVE: dict[str, Control] = {name: control for name, control in CONTROLS.items() if control.live}
"""The controls that can be moved while the music plays, by name: the fields of `Controls`."""

NOT_REWOUND = ("gain", "mute", "quantum")
"""Live controls of the session, not of the music: they act behind the plan, and going back leaves them."""


@dataclass(frozen=True)
class Controls:
    """What a performer has set; each field is the live control of that name, None leaves it to the music."""

    seed: int = 0
    bpm: float | None = None
    temperature: float | None = None
    top_k: int = 100
    top_p: float = 1.0
    guidance: float | None = None
    metre: int | None = None
    density: float | None = None
    brightness: float | None = None
    drums: int | None = None
    free: int = 0
    gain: float = 0.0
    mute: int = 0
    listen: int = 0
    jam_bars: int = 4
    key: str | None = None
    style: str | None = None
    chord: str | None = None
    section: str | None = None
    quantum: str = "now"
    jam: str = "continue"

    def moved(self, **values: Value) -> Self:
        """The same with some of them set to values that `Control.read` has let through."""
        return replace(self, **values)  # type: ignore[arg-type]  # each is of its control's own type

    @property
    def sampling(self) -> Sampling:
        """How codes are drawn: what is left open is the preset of the way of playing."""
        return Sampling.preset(
            bool(self.free),
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            guidance=self.guidance,
            seed=self.seed,
        )


@dataclass(frozen=True)
class Sampling:
    """How codes are drawn from the model's distribution; each field is the control of that name.

    Raises:
        OptionError: a value is out of its control's range.
    """

    temperature: float = NUMBERS["temperature"].preset
    top_k: int = int(NUMBERS["top_k"].preset)
    top_p: float = NUMBERS["top_p"].preset
    guidance: float = NUMBERS["guidance"].preset
    seed: int = int(NUMBERS["seed"].preset)

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, NUMBERS[field.name].check(getattr(self, field.name)))

    @property
    def guided(self) -> bool:
        """Whether the model must also be asked what it would do unprompted (a second batch row)."""
        return self.guidance != 1.0

    @classmethod
    def preset(cls, free: bool, **chosen: float | None) -> Sampling:
        """The defaults of one way, and what was chosen instead.

        With the arranger a model does best held tightly to it: of 128 excerpts 98 have the style asked at
        temperature 0.7, 97 at 0.9, and of the asked notes one in a hundred more stands out. Without it 82
        and 87 have the style. There guidance leads the score model too, and more of it is more of the
        prompt's style, until what that writes is nothing it has learned: of 52 excerpts 29, 35 and 31 have
        the style asked at guidance 2, 3 and 4; beat confidence 0.32, 0.29, 0.27.

        Args:
            free: without the arranger.
            chosen: controls by name; None is the default.

        Raises:
            OptionError: a value is out of its control's range.
        """
        values = {}
        for field in fields(cls):
            control = NUMBERS[field.name]
            default = control.free_default if free and control.free_default is not None else control.preset
            value = chosen.get(field.name)
            values[field.name] = control.check(default if value is None else value)
        return cls(**values)  # type: ignore[arg-type]  # whole where the control counts in whole numbers
