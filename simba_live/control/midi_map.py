"""What a MIDI controller's knobs, switches, keys and programs do: a map, read from a TOML file or learned.

    channels = [1, 10]                  # heard; without, all of them
    chords = false                      # chords that are held do not lead the band; without, they do
    velocity = "density"                # or { control = "gain", low = -12, high = 0 }

    [programs]                          # program 1 is a device's first
    1 = "intro"

    [[knob]]
    cc = 74
    control = "brightness"              # or action = "undo"
    low = 0.2

What is learned is added at the end of the file, so that nothing else in it changes.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simba_live.controls import LIVE, QUANTA, Choice, Number, Value
from simba_live.errors import OptionError
from simba_live.events import Branch, Event, Panic, Play, Reset, Stop, Undo, check_name
from simba_live.outputs import reason

ACTIONS: dict[str, Callable[[], Event]] = {
    "play": Play, "stop": Stop, "reset": Reset, "panic": Panic, "undo": Undo, "branch": Branch,
}  # fmt: skip
"""What a switch can do besides moving a control."""

HIGHEST = 127
"""Where a knob's way ends."""

LAST_CONTROLLER = 119
"""The numbers above it are commands such as "all notes off"."""


@dataclass(frozen=True)
class Dial:
    """A control as a knob sees it.

    Attributes:
        control: name of a live control.
        low: its value at the knob's lower end; None is the control's own lowest.
        high: its value at the upper end, which may be the lower one.
        values: what to choose from instead, each on its part of the knob's way.

    Raises:
        OptionError: no such control, or it cannot take these values.
    """

    control: str
    low: float | None = None
    high: float | None = None
    values: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        control = LIVE.get(self.control)
        if control is None:
            raise OptionError(f"there is no control {self.control[:64]!r}: use one of {', '.join(LIVE)}")
        if isinstance(control, Choice) and not self.values:
            object.__setattr__(self, "values", control.choices)
        if isinstance(control, Number):
            for end, preset in (("low", control.minimum), ("high", control.maximum)):
                given = getattr(self, end)
                object.__setattr__(self, end, control.check(preset if given is None else given))
        elif not self.values:
            raise OptionError(f"{self.control} is no number: give its knob a list of values to choose from")
        object.__setattr__(self, "values", tuple(control.read(value) for value in self.values))

    def at(self, position: int) -> Value:
        """The control's value at a position of the knob from 0 to 127."""
        if self.values:
            return self.values[position * len(self.values) // (HIGHEST + 1)]
        assert self.low is not None
        assert self.high is not None
        value = self.low + (self.high - self.low) * position / HIGHEST
        control = LIVE[self.control]
        # Half-way is up, as a switch wants it.
        return math.floor(value + 0.5) if isinstance(control, Number) and control.integer else value


@dataclass(frozen=True)
class Knob:
    """A knob, fader, pedal or switch: a control change.

    Attributes:
        number: of the control change, 0 to 119.
        does: the control that it moves, or the name of an action.
        channel: MIDI channel, 1 to 16; None is any.
        toggle: whether each press takes the next value, the release none; actions act on each press anyway.
        quantum: when it takes effect; None takes the control of that name.
        learned: whether it was learned: then it has taken the place of what the knob did before.

    Raises:
        OptionError: one of them cannot be used.
    """

    number: int
    does: Dial | str
    channel: int | None = None
    toggle: bool = False
    quantum: str | None = None
    learned: bool = False

    def __post_init__(self) -> None:
        _whole("cc", self.number, 0, LAST_CONTROLLER)
        if self.channel is not None:
            _whole("channel", self.channel, 1, 16)
        if isinstance(self.does, str) and self.does not in ACTIONS:
            raise OptionError(f"there is no action {self.does[:64]!r}: use one of {', '.join(ACTIONS)}")
        if self.quantum is not None and self.quantum not in QUANTA:
            raise OptionError(f"quantum is {self.quantum!r}: give one of {', '.join(QUANTA)}")

    @property
    def target(self) -> str:
        """Name of the control or action."""
        return self.does if isinstance(self.does, str) else self.does.control

    def hears(self, number: int, channel: int) -> bool:
        """Whether a control change on a channel from 1 to 16 is of this knob."""
        return number == self.number and self.channel in (None, channel)


@dataclass(frozen=True)
class MidiMap:
    """What everything does.

    Attributes:
        knobs: all of them; one may do several things.
        velocity: what the strength of a stroke moves; None is nothing.
        programs: name of the snapshot by program number from 0.
        channels: those heard, 1 to 16.
        chords: whether chords that are held lead the band.
    """

    knobs: tuple[Knob, ...] = ()
    velocity: Dial | None = None
    programs: Mapping[int, str] = field(default_factory=dict)
    channels: frozenset[int] = frozenset(range(1, 17))
    chords: bool = True

    def learn(self, knob: Knob) -> MidiMap:
        """The same with this knob for its target alone, and doing nothing else."""
        others = (
            other
            for other in self.knobs
            if other.target != knob.target and not other.hears(knob.number, knob.channel or 1)
        )
        return replace(self, knobs=(*others, knob))


def knob_for(target: str, number: int, channel: int) -> Knob:
    """A knob that moves a control over its whole range, or does an action.

    Raises:
        OptionError: there is no such control or action, or the control has too many values for a knob.
    """
    return Knob(number, target if target in ACTIONS else dial_for(target), channel, learned=True)


def dial_for(control: str) -> Dial:
    """The whole range of a control.

    Raises:
        OptionError: no such control or action, or one that needs a list of values.
    """
    if control not in LIVE:
        known = ", ".join((*LIVE, *ACTIONS))
        raise OptionError(f"there is nothing called {control[:64]!r} to learn: use one of {known}")
    return Dial(control)


def read_map(path: Path) -> MidiMap:
    """Read a map.

    Raises:
        OptionError: the file is missing, no TOML, or has something that cannot be used.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"the MIDI map {path} cannot be read ({reason(error)}): name another") from None
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"the MIDI map {path} is no TOML ({reason(error)}): mend it there") from None
    try:
        return _map(values)
    except OptionError as error:
        raise OptionError(f"the MIDI map {path}: {error}") from None


def append_knob(path: Path, knob: Knob) -> None:
    """Add what was learned to the end of a map's file, which is made if there is none.

    Raises:
        OptionError: the file cannot be written, or is no map.
    """
    values: dict[str, Any] = {"cc": knob.number, "channel": knob.channel}
    values["action" if isinstance(knob.does, str) else "control"] = knob.target
    values["learned"] = True
    # JSON writes whole numbers, plain texts and truth as TOML does.
    block = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items() if value is not None)
    try:
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        block = ("" if not old else "\n" if old.endswith("\n") else "\n\n") + "[[knob]]\n" + block
        _map(tomllib.loads(old + block))
        with path.open("a", encoding="utf-8") as file:
            file.write(block)
    except (OSError, ValueError, OptionError) as error:
        raise OptionError(f"the MIDI map {path} cannot be added to ({reason(error)})") from None


def _map(values: Mapping[str, Any]) -> MidiMap:
    _known("the map", values, "channels", "chords", "velocity", "programs", "knob")
    channels = _list("channels", values.get("channels", [*range(1, 17)]))
    velocity = values.get("velocity")
    if isinstance(velocity, str):
        velocity = {"control": velocity}
    programs = _table("programs", values.get("programs", {}))
    read = MidiMap(
        velocity=None if velocity is None else _dial(_table("velocity", velocity)),
        programs={_program(number) - 1: check_name(str(name)) for number, name in programs.items()},
        channels=frozenset(_whole("channel", channel, 1, 16) for channel in channels),
        chords=_truth("chords", values.get("chords", True)),
    )
    for place, entry in enumerate(_list("knob", values.get("knob", [])), 1):
        try:
            knob = _knob(_table("knob", entry))
        except OptionError as error:
            raise OptionError(f"knob {place}: {error}") from None
        read = read.learn(knob) if knob.learned else replace(read, knobs=(*read.knobs, knob))
    return read


def _knob(values: Mapping[str, Any]) -> Knob:
    own = ("cc", "channel", "action", "toggle", "quantum", "learned")
    _known("it", values, *own, "control", "low", "high", "values")
    if ("control" in values) == ("action" in values):
        raise OptionError("it has to have either a control or an action")
    if "action" in values:
        does: Dial | str = str(values["action"])
    else:
        does = _dial({name: value for name, value in values.items() if name not in own})
    return Knob(
        number=_whole("cc", values.get("cc"), 0, LAST_CONTROLLER),
        does=does,
        channel=values.get("channel"),
        toggle=_truth("toggle", values.get("toggle", False)),
        quantum=values.get("quantum"),
        learned=_truth("learned", values.get("learned", False)),
    )


def _dial(values: Mapping[str, Any]) -> Dial:
    _known("it", values, "control", "low", "high", "values")
    chosen = _list("values", values.get("values", []))
    return Dial(str(values.get("control")), values.get("low"), values.get("high"), tuple(chosen))


def _known(what: str, values: Mapping[str, Any], *names: str) -> None:
    for name in values:
        if name not in names:
            raise OptionError(f"{what} has {name[:64]!r}: use {', '.join(names)}")


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise OptionError(f"{name} is {value!r}: give a table")
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise OptionError(f"{name} is {value!r}: give a list")
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise OptionError(f"{name} is {value!r}: give true or false")
    return value


def _program(number: str) -> int:
    return _whole("program", int(number) if number.isdecimal() else number, 1, 128)


def _whole(name: str, value: Any, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise OptionError(f"{name} is {value!r}: give a whole number from {lowest} to {highest}")
    return value
