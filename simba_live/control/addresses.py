"""One table of all OSC addresses, made from the live controls and the verbs.

The server, OSCQuery, the client and the README read it: `ADDRESSES` is what a server understands, `REPLIES`
what it sends. Every message is closed by one `/simba/done` or `/simba/fail` (`/simba/sync` by
`/simba/synced`), after what it asked for; of a burst of changes of one control only the newest counts and is
answered.
"""

from __future__ import annotations

from dataclasses import fields

from simba_live.control.grammar import MAX_NAME, PRESS, QUANTUM, Address, Argument
from simba_live.controls import AUTO, LIVE, Choice, Control, Number
from simba_live.errors import OptionError
from simba_live.events import (
    MAX_BARS,
    MAX_PROMPT,
    MAX_WEIGHT,
    Branch,
    Delete,
    Note,
    Panic,
    Play,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)
from simba_live.status import Status

ROOT = "/simba"


class UnknownAddressError(OptionError):
    """There is no such address; its text names the nearest, which takes 0.3 ms to find and only then is."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = path[:MAX_NAME]

    def __str__(self) -> str:
        from difflib import get_close_matches  # few sessions ever need it

        near = get_close_matches(self._path, ADDRESSES, n=1)
        way_out = f"did you mean {near[0]}?" if near else "see `simba-live osc list`"
        return f"there is no address {self._path!r}: {way_out}"


def find(path: str) -> Address:
    """The entry of an address that the server understands.

    Raises:
        UnknownAddressError: there is none.
    """
    address = ADDRESSES.get(path)
    if address is None:
        raise UnknownAddressError(path)
    return address


def _argument_of(control: Control) -> Argument:
    kind = "s"
    minimum = maximum = None
    if isinstance(control, Number):
        kind, minimum, maximum = ("i" if control.integer else "f"), control.minimum, control.maximum
    return Argument(
        name=control.name,
        type=kind,
        minimum=minimum,
        maximum=maximum,
        choices=control.choices if isinstance(control, Choice) else (),
        unit=control.unit if isinstance(control, Number) else "",
        control=control.name,
    )


def _number(name: str, kind: str, lowest: float, highest: float, optional: bool = False) -> Argument:
    return Argument(name=name, type=kind, minimum=lowest, maximum=highest, optional=optional)


def _text(name: str, longest: int, optional: bool = False) -> Argument:
    return Argument(name=name, type="s", maximum=longest, optional=optional)


def _set(control: Control, path: str = "") -> Address:
    return Address(
        path=path or f"{ROOT}/set/{control.name}",
        help=control.help,
        arguments=(_argument_of(control), QUANTUM),
        control=control.name,
        event=Set,
    )


def _get(control: Control) -> Address:
    path = f"{ROOT}/get/{control.name}"
    return Address(path=path, help=f"Ask for {control.name}.", replies=(path,), control=control.name)


def _listen(control: Control) -> Address:
    return Address(
        path=f"{ROOT}/listen/{control.name}",
        help=f"Be told {control.name} now and whenever it changes (1), or no more (0).",
        arguments=(_number("on", "i", 0, 1),),
        replies=(f"{ROOT}/get/{control.name}",),
        control=control.name,
    )


JAM = {f"{ROOT}/jam/listen": "listen", f"{ROOT}/jam/mode": "jam", f"{ROOT}/jam/bars": "jam_bars"}
"""Further addresses that set a control, and which."""

_NAME = _text("name", MAX_NAME)
_ON = _number("on", "i", 0, 1)
_VALUES = tuple(f"{ROOT}/get/{name}" for name in LIVE)
_FIELDS = tuple(field for field in fields(Status) if field.name != "values")

_VERBS = (
    Address(
        path="/simba/prompt", repeats=2, help="Play to these prompts, blended by weight.",
        arguments=(
            _text("text", MAX_PROMPT), _number("weight", "f", 0, MAX_WEIGHT, optional=True), QUANTUM,
        ),
    ),
    Address(
        path="/simba/prompt/weights", repeats=1, help="Blend the prompts there are by other weights.",
        arguments=(_number("weight", "f", 0, MAX_WEIGHT), QUANTUM),
    ),
    Address(
        path="/simba/play", help="Start, or go on from where stop left off.", event=Play,
        arguments=(PRESS, QUANTUM),
    ),
    Address(path="/simba/stop", help="Fade out and wait.", event=Stop, arguments=(PRESS, QUANTUM)),
    Address(
        path="/simba/reset", help="Begin again at the first bar, with an empty past.", event=Reset,
        arguments=(PRESS, QUANTUM),
    ),
    Address(
        path="/simba/panic", help="Silence at once: notes released, past emptied, stopped.", event=Panic,
        arguments=(PRESS,),
    ),
    Address(
        path="/simba/note", help="Hold a MIDI pitch; velocity 0 releases it.", event=Note,
        arguments=(_number("pitch", "i", 0, 127), _number("velocity", "i", 0, 127, optional=True)),
    ),
    Address(
        path="/simba/snapshot/save", help="Keep this moment under a name.", event=Save,
        arguments=(_NAME, QUANTUM),
    ),
    Address(
        path="/simba/snapshot/recall", help="Go back to the moment of that name.", event=Recall,
        arguments=(_NAME, QUANTUM),
    ),
    Address(
        path="/simba/snapshot/delete", help="Forget the moment of that name.", event=Delete,
        arguments=(_NAME, QUANTUM),
    ),
    Address(
        path="/simba/snapshot/list", help="Ask for the names of the snapshots.", arguments=(PRESS,),
        replies=("/simba/snapshot/list",),
    ),
    Address(
        path="/simba/undo", help="Go back to the bar line so many bars ago; else the last one passed.",
        event=Undo, arguments=(_number("bars", "i", 1, MAX_BARS, optional=True), QUANTUM),
    ),
    Address(
        path="/simba/branch", help="Go on from this very moment with another seed; else the next one.",
        event=Branch, arguments=(_number("seed", "i", 0, 2**32 - 1, optional=True), QUANTUM),
    ),
    Address(
        path="/simba/record/start", help="Write the output to a file of that name; else one of the time.",
        arguments=(_text("name", MAX_NAME, optional=True),),
    ),
    Address(path="/simba/record/stop", help="Finish the file.", arguments=(PRESS,)),
    Address(
        path="/simba/midi/learn", arguments=(_text("name", MAX_NAME),),
        help="The next MIDI knob or switch that is moved is for that control or action (play, undo, ...).",
    ),
    Address(path="/simba/get", help="Ask for all controls.", arguments=(PRESS,), replies=_VALUES),
    Address(
        path="/simba/listen", help="Be told all controls now and on every change (1), or no more (0).",
        arguments=(_ON,), replies=_VALUES,
    ),
    Address(
        path="/simba/status", help="Ask how the session stands.", arguments=(PRESS,),
        replies=tuple(f"/simba/status/{field.name}" for field in _FIELDS),
    ),
    Address(
        path="/simba/sync", help="Be told when all that you sent before is done.",
        arguments=(_number("id", "i", -(2**31), 2**31 - 1),), replies=("/simba/synced",),
    ),
    Address(
        path="/simba/version", help="Ask for the version.", arguments=(PRESS,), replies=("/simba/version",),
    ),
    Address(
        path="/simba/notify", arguments=(_ON,), replies=("/simba/startup",),
        help="Be told startup, heartbeat, beat, news and prompts (1), or no more (0).",
    ),
    Address(
        path="/simba/reply", arguments=(_number("port", "i", 0, 65535),),
        help="Have answers sent to that port instead of the one you send from; 0 is that one again.",
    ),
    Address(
        path="/simba/dump", help="Be told every message that anybody sends (1), or no more (0).",
        arguments=(_ON,),
    ),
    Address(path="/simba/quit", help="Fade out and end the server.", arguments=(PRESS,)),
)  # fmt: skip

ADDRESSES: dict[str, Address] = {
    address.path: address
    for address in (
        *_VERBS,
        *(make(control) for make in (_set, _get, _listen) for control in LIVE.values()),
        *(_set(LIVE[name], path) for path, name in JAM.items()),
    )
}
"""What a server understands, by path."""

_FIELD_ARGUMENTS = {
    "bool": "i", "int": "i", "float": "f", "str": "s",
    "tuple[int, ...]": "i", "tuple[str, ...]": "s", "tuple[tuple[str, float], ...]": "sf",
}  # fmt: skip


def _value_reply(control: Control) -> Address:
    return Address(
        path=f"{ROOT}/get/{control.name}",
        help=f"What {control.name} is set to; '{AUTO}' if it is left to the music.",
        arguments=(_argument_of(control),),
        control=control.name,
    )


def _field_reply(name: str, annotation: str) -> Address:
    kinds = _FIELD_ARGUMENTS[annotation]
    return Address(
        path=f"{ROOT}/status/{name}",
        help=f"The session's {name.replace('_', ' ')}.",
        arguments=tuple(Argument(name=name, type=kind) for kind in kinds),
        repeats=len(kinds) if annotation.startswith("tuple") else 0,
    )


_WORD = Argument(name="text", type="s")
_FRAME = Argument(name="frame", type="i")

_ANSWERS = (
    Address(
        path="/simba/done", help="That message is done; the frame of the output from which it can be heard.",
        arguments=(Argument(name="address", type="s"), Argument(name="frame", type="i", optional=True)),
    ),
    Address(
        path="/simba/fail", help="That message was refused, and why.",
        arguments=(Argument(name="address", type="s"), Argument(name="reason", type="s")),
    ),
    Address(
        path="/simba/synced", help="All that you sent before that sync is done.",
        arguments=(_number("id", "i", -(2**31), 2**31 - 1),),
    ),
    Address(
        path="/simba/version", help="Name and version of the server.",
        arguments=(Argument(name="name", type="s"), Argument(name="version", type="s")),
    ),
    Address(
        path="/simba/snapshot/list", help="Names of the snapshots.", repeats=1,
        arguments=(Argument(name="name", type="s"),),
    ),
    Address(path="/simba/startup", help="The server is ready to play (to those notified)."),
    Address(
        path="/simba/heartbeat", help="Once a second, to those notified: milliseconds to make a frame, times "
        "that the output ran dry, seconds of music made ahead, whether it plays.",
        arguments=(
            Argument(name="step_p50", type="f", unit="ms"), Argument(name="step_p99", type="f", unit="ms"),
            Argument(name="underruns", type="i"), Argument(name="plan_seconds", type="f", unit="s"),
            Argument(name="playing", type="i"),
        ),
    ),
    Address(
        path="/simba/beat", help="A beat begins (to those notified): bar and beat, counted from 0.",
        arguments=(
            Argument(name="bar", type="i"), Argument(name="beat", type="i"),
            Argument(name="bpm", type="f", unit="BPM"),
        ),
    ),
    Address(
        path="/simba/news", help="Something happened (to those notified), such as a sink lost.",
        arguments=(Argument(name="kind", type="s"), _WORD, _FRAME),
    ),
    Address(
        path="/simba/dump", help="Somebody sent this message (to those who asked for it).",
        arguments=(Argument(name="from", type="s"), _WORD),
    ),
)  # fmt: skip

REPLIES: dict[str, Address] = {
    address.path: address
    for address in (
        *_ANSWERS,
        *(_value_reply(control) for control in LIVE.values()),
        *(_field_reply(field.name, str(field.type)) for field in _FIELDS),
    )
}
"""What a server sends, by path."""
