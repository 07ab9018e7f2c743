"""What an OSC address takes: its arguments with type and range, and how a message's values are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simba_live.controls import AUTO, LIVE, QUANTA, Control, Number, Value
from simba_live.errors import OptionError
from simba_live.events import MAX_PROMPTS, Event

MAX_NAME = 64
"""Longest name of a snapshot or recording, in characters."""


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One value of a message.

    Attributes:
        name: what it is.
        type: OSC type tag: "i", "f" or "s"; numbers are taken as any of the three.
        optional: whether it may be left out.
        minimum: lowest value of a number.
        maximum: highest value of a number, longest text in characters.
        choices: the words it can be; empty for any text.
        unit: unit of a number.
        control: the live control that it is a value of; empty if none.
    """

    name: str
    type: str
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    control: str = ""

    @property
    def auto(self) -> bool:
        """Whether it can be "auto", which leaves the control to the music."""
        return bool(self.control) and LIVE[self.control].auto

    @property
    def wanted(self) -> str:
        """What to give, in words."""
        if self.control:
            return LIVE[self.control].wanted + (f", or '{AUTO}'" if self.auto else "")
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.type == "s":
            return "a text" if self.maximum is None else f"a text of 1 to {self.maximum:g} characters"
        kind = "a whole number" if self.type == "i" else "a number"
        if self.minimum is None or self.maximum is None:
            return kind
        return f"{kind} from {self.minimum:.10g} to {self.maximum:.10g} {self.unit}".rstrip()

    def read(self, value: object) -> Value:
        """`value` as it came over OSC or was typed, in the argument's own type; None is "auto".

        Raises:
            OptionError: it cannot be used.
        """
        if value is not None and not isinstance(value, float | int | str):
            raise OptionError(f"{self.name} is a {type(value).__name__}: give {self.wanted}")
        if isinstance(value, bool):
            value = int(value)
        if self.control:
            return _read_control(LIVE[self.control], value)
        return self._read_text(value) if self.type == "s" else self._read_number(value)

    def _read_text(self, value: Value) -> str:
        # Pd and Max send a name such as 1 as a number.
        text = f"{value:g}" if isinstance(value, float | int) else (value or "")
        fits = text in self.choices if self.choices else 1 <= len(text) <= (self.maximum or math.inf)
        if not fits:
            shown = repr(text) if len(text) <= MAX_NAME else f"{len(text)} characters long"
            raise OptionError(f"{self.name} is {shown}: give {self.wanted}")
        return text

    def _read_number(self, value: Value) -> float:
        lowest = -math.inf if self.minimum is None else self.minimum
        highest = math.inf if self.maximum is None else self.maximum
        try:
            number = math.nan if value is None else float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and lowest <= number <= highest) or (self.type == "i" and number % 1):
            shown = repr(value[:MAX_NAME]) if isinstance(value, str) else value
            raise OptionError(f"{self.name} is {shown}: give {self.wanted}")
        return int(number) if self.type == "i" else number


def _read_control(control: Control, value: Value) -> Value:
    if isinstance(control, Number) and isinstance(value, str):
        return control.parse(value)
    return control.read(value)


QUANTUM = Argument(name="quantum", type="s", optional=True, choices=QUANTA)
"""When a change takes effect; always the last argument."""

PRESS = Argument(name="press", type="f", optional=True)
"""What a button sends along; 0 is its release and does nothing."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a message goes, and what it means.

    Attributes:
        path: the address itself.
        help: one sentence on what it does, or what it tells.
        arguments: its values in order.
        repeats: so many of the first arguments are a group that comes up to `MAX_PROMPTS` times; 0 is once.
        replies: addresses of what comes back before the closing `/simba/done`.
        control: the control that it sets, gets or listens to; empty if none.
        event: the event that its values make; None if it makes none or needs more than its values.
    """

    path: str
    help: str
    arguments: tuple[Argument, ...] = ()
    repeats: int = 0
    replies: tuple[str, ...] = ()
    control: str = ""
    event: type[Event] | None = None

    @property
    def usage(self) -> str:
        """Its arguments in words, such as "name [quantum]"."""
        shown = [f"[{one.name}]" if one.optional else one.name for one in self.arguments]
        if self.repeats:
            shown.insert(self.repeats, "...")
        return " ".join(shown)

    def read(self, values: Sequence[object]) -> tuple[tuple[Value, ...], str | None]:
        """The values of a message, and its quantum if it names one.

        Raises:
            OptionError: too many or too few, or one that cannot be used.
        """
        rest, quantum = list(values), None
        plain = [one for one in self.arguments if one is not QUANTUM]
        needed = sum(not one.optional for one in plain)
        if not needed:  # a button that was built from OSCQuery may send nil
            rest = [value for value in rest if value is not None]
        if len(plain) < len(self.arguments) and len(rest) > needed:
            if rest[-1] in QUANTA:
                quantum = str(rest.pop())
            elif len(rest) > len(plain) and not self.repeats:
                QUANTUM.read(rest[-1])
        if len(rest) < needed:
            raise OptionError(f"{self.path} has {len(rest)} values: give {self.usage}")
        if self.repeats:
            return self._read_groups(rest, plain), quantum
        if len(rest) > len(plain):
            raise OptionError(f"{self.path} has {len(values)} values: give {self.usage or 'none'}")
        return tuple(one.read(value) for one, value in zip(plain, rest, strict=False)), quantum

    def _read_groups(self, values: list[object], group: Sequence[Argument]) -> tuple[Value, ...]:
        """Groups of a value, or of a text and an optional number (1 if it is left out), in one flat tuple."""
        if len(group) == 1:
            if len(values) > MAX_PROMPTS:
                raise OptionError(f"{self.path} has {len(values)} values: give {MAX_PROMPTS} at most")
            return tuple(group[0].read(value) for value in values)
        text, weight = group
        read: list[Value] = []
        for value in values:
            if not isinstance(value, str) and len(read) % 2:
                read.append(weight.read(value))
                continue
            if not isinstance(value, str):
                raise OptionError(f"{text.name} is {_shown(value)}: give {text.wanted}, then its weight")
            if len(read) % 2:
                read.append(1.0)
            if len(read) >= 2 * MAX_PROMPTS:
                raise OptionError(f"there are more than {MAX_PROMPTS} prompts: give 1 to {MAX_PROMPTS}")
            read.append(text.read(value))
        return tuple(read if len(read) % 2 == 0 else [*read, 1.0])


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else type(value).__name__
