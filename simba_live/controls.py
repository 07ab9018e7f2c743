"""What a player can turn: one table with every control's range, unit, default and help.

The command line, and whatever else shows a control to somebody, takes all of that from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from simba_live.errors import OptionError


@dataclass(frozen=True)
class Control:
    """A number that can be set.

    Attributes:
        name: its name in Python; flags write it with dashes.
        default: its value when nobody sets it; None leaves it to the music (style, prompt).
        minimum: lowest value allowed.
        maximum: highest value allowed.
        unit: unit of the value, empty for a plain number.
        help: one sentence on what it does.
        integer: whether only whole numbers count.
        free_default: its default without the arranger, where that is another.
    """

    name: str
    default: float | None
    minimum: float
    maximum: float
    unit: str
    help: str
    integer: bool = False
    free_default: float | None = None

    @property
    def defaults(self) -> str:
        """Both defaults in words, such as "0.9, with --free 1.1"."""
        plain = f"{self.preset:g}"
        return plain if self.free_default is None else f"{plain}, with --free {self.free_default:g}"

    @property
    def preset(self) -> float:
        """The default of a control that has one."""
        assert self.default is not None
        return self.default

    @property
    def range(self) -> str:
        """The range in words, such as "20 to 300 BPM"."""
        lowest, highest = (
            f"{bound:.0f}" if self.integer else f"{bound:g}" for bound in (self.minimum, self.maximum)
        )
        return f"{lowest} to {highest} {self.unit}".rstrip()

    def check(self, value: float) -> float:
        """`value` if it can be used, as an int where the control counts in whole numbers.

        Raises:
            OptionError: it is not a finite number within the range, or not whole where it must be.
        """
        fits = math.isfinite(value) and self.minimum <= value <= self.maximum
        if not fits or (self.integer and value != int(value)):
            kind = "a whole number" if self.integer else "a number"
            raise OptionError(f"{self.name.replace('_', '-')} is {value}: give {kind} from {self.range}")
        return int(value) if self.integer else float(value)

    def parse(self, text: str | float) -> float:
        """A value as written on a command line.

        Raises:
            OptionError: it is no number, or `check` refuses it.
        """
        try:
            return self.check(int(text) if self.integer else float(text))
        except ValueError:
            kind = "a whole number" if self.integer else "a number"
            name = self.name.replace("_", "-")
            raise OptionError(f"{name} is {text!r}: give {kind} from {self.range}") from None


CONTROLS = {
    control.name: control
    for control in (
        Control("seconds", 30.0, 0.1, 21600.0, "seconds", "Length of the new music."),
        Control("seed", 0, 0, 2**32 - 1, "", "The same seed and settings give the same file.", integer=True),
        Control("bpm", None, 20.0, 300.0, "BPM", "Tempo; else the prompt's or the style's."),
        Control(
            "temperature",
            0.9,
            0.05,
            4.0,
            "",
            "How freely the model chooses: low is safe, high is wild.",
            free_default=1.1,
        ),
        Control(
            "top_k",
            100,
            0,
            65536,
            "",
            "Choose among the k likeliest codes only; 0 is all.",
            integer=True,
            free_default=250,
        ),
        Control(
            "top_p", 1.0, 0.01, 1.0, "", "Choose among the likeliest codes of this total probability only."
        ),
        Control(
            "guidance",
            4.0,
            0.0,
            20.0,
            "",
            "How hard prompt and arrangement pull; 1 is plain and fastest.",
            free_default=1.0,
        ),
    )
}
"""Every control by name."""


@dataclass(frozen=True)
class Sampling:
    """How codes are drawn from the model's distribution; each field is the control of that name.

    Raises:
        OptionError: a value is out of its control's range.
    """

    temperature: float = CONTROLS["temperature"].preset
    top_k: int = int(CONTROLS["top_k"].preset)
    top_p: float = CONTROLS["top_p"].preset
    guidance: float = CONTROLS["guidance"].preset
    seed: int = int(CONTROLS["seed"].preset)

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, CONTROLS[field.name].check(getattr(self, field.name)))

    @property
    def guided(self) -> bool:
        """Whether the model must also be asked what it would do unprompted (a second batch row)."""
        return self.guidance != 1.0

    @classmethod
    def preset(cls, free: bool, **chosen: float | None) -> Sampling:
        """The defaults of one way, and what was chosen instead.

        With the arranger a model does best held tightly to it; alone and so held it falls silent.

        Args:
            free: without the arranger.
            chosen: controls by name; None is the default.

        Raises:
            OptionError: a value is out of its control's range.
        """
        values = {}
        for field in fields(cls):
            control = CONTROLS[field.name]
            default = control.free_default if free and control.free_default is not None else control.preset
            value = chosen.get(field.name)
            values[field.name] = control.check(default if value is None else value)
        return cls(**values)  # type: ignore[arg-type]  # whole where the control counts in whole numbers
