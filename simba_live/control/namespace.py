"""The OSC address space as OSCQuery describes it: values in, JSON values out, without network.

Written after the OSCQuery proposal (https://github.com/Vidvox/OSCQueryProposal), without its optional
streaming. What a client can send is writable, what it can ask for readable. What the server only ever says on
its own (such as `/simba/fail`) is there with its types and no access.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote

from simba_live.control.addresses import ADDRESSES, JAM, REPLIES, ROOT
from simba_live.control.grammar import QUANTUM, Address, Argument
from simba_live.controls import AUTO, LIVE, Value
from simba_live.status import Status

SUPPORTED = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "EXTENDED_TYPE", "UNIT", "OVERLOADS")
"""The optional attributes that are told here."""

UNSUPPORTED = ("TAGS", "CRITICAL", "CLIPMODE", "HTML")
"""The other optional attributes of the proposal."""

READABLE, WRITABLE = 1, 2

PATHS = tuple(sorted(ADDRESSES.keys() | REPLIES.keys()))
"""Every address that is described: all that the server understands, and all that it sends."""

_REQUIRED = ("FULL_PATH", "CONTENTS", "TYPE")
_UNITS = {"BPM": "time.bpm", "dB": "gain.db", "ms": "time.ms", "s": "time.second"}
"""The proposal's names of our units."""

_INT_MAX = 2**31 - 1
_version = cache(version)


@dataclass(frozen=True)
class Answer:
    """What an HTTP client gets.

    Attributes:
        code: HTTP status code: 204 for what cannot be told of this address, 400 for an attribute that no
            OSCQuery server knows, 404 for an address that there is not.
        body: JSON values; None if there is nothing to say.
    """

    code: int
    body: dict[str, Any] | None = None


def answer(target: str, status: Status, host: dict[str, Any]) -> Answer:
    """What there is to say to the request of `target`, such as "/simba/set/gain?VALUE".

    Args:
        target: path and attribute, as they come over HTTP.
        status: how the session stands.
        host: what the attribute HOST_INFO is to say, whatever the path.
    """
    path, _, query = target.partition("#")[0].partition("?")
    attribute = unquote(query).partition("=")[0]
    if attribute == "HOST_INFO":
        return Answer(200, host)
    path = "/" + unquote(path).strip("/")
    if path not in _CHILDREN:
        return Answer(404)
    if attribute in UNSUPPORTED:
        return Answer(204)
    if attribute not in ("", *_REQUIRED, *SUPPORTED):
        return Answer(400)
    node = describe(path, _values(status))
    if attribute == "VALUE" and not node["ACCESS"] & READABLE:
        return Answer(204)
    if not attribute:
        return Answer(200, node)
    return Answer(200, {attribute: node[attribute]} if attribute in node else {})


def host_info(name: str, ip: str, port: int) -> dict[str, Any]:
    """What a client should know of the whole server.

    Args:
        name: of the server, for people.
        ip: where OSC messages can be sent to.
        port: the same, the UDP port.
    """
    missing = (*UNSUPPORTED, "LISTEN", "PATH_CHANGED", "PATH_RENAMED", "PATH_ADDED", "PATH_REMOVED")
    return {
        "NAME": name,
        "OSC_IP": ip,
        "OSC_PORT": port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": dict.fromkeys(SUPPORTED, True) | dict.fromkeys(missing, False),
    }


def describe(path: str, values: dict[str, tuple[Value, ...]]) -> dict[str, Any]:
    """One address and all below it.

    Args:
        path: one of `PATHS`, or what some of them begin with.
        values: what the readable ones are at.
    """
    node: dict[str, Any] = {"FULL_PATH": path, "ACCESS": 0}
    entry = _ENTRIES.get(path)
    if entry is not None:
        node |= _method(entry, values.get(path))
    if children := _CHILDREN[path]:
        node["CONTENTS"] = {child.rpartition("/")[2]: describe(child, values) for child in children}
    return node


def _method(entry: Address, value: tuple[Value, ...] | None) -> dict[str, Any]:
    """What there is to say of an address that is no mere container."""
    forms = list(_forms(entry))
    plain = forms[0]
    if entry.repeats and value:
        plain = plain * (len(value) // len(plain))
    asked = entry.path in REPLIES and entry is REPLIES[entry.path]
    readable = READABLE if value is not None else 0
    node = {"ACCESS": readable | (0 if asked else WRITABLE), "DESCRIPTION": entry.help} | _shape(plain)
    if value:
        node["VALUE"] = list(value)
    if not asked and len(forms) > 1:
        node["OVERLOADS"] = [_shape(form) for form in forms[1:]]
    return node


def _forms(entry: Address) -> Iterator[list[Argument]]:
    """Everything that may be sent; at first what a page should offer.

    That is a button where nothing must be sent, else all arguments but the quantum. Of a group that repeats
    it is what must be there, for such groups are mostly sent plainly and once.
    """
    plain = [one for one in entry.arguments if one is not QUANTUM]
    required = sum(not one.optional for one in plain)
    offered = len(plain) if required and not entry.repeats else required
    for count in (offered, *(count for count in range(required, len(plain) + 1) if count != offered)):
        for form in (plain[:count], *_autos(plain[:count])):
            yield form
            if QUANTUM in entry.arguments:
                yield [*form, QUANTUM]


def _autos(form: Sequence[Argument]) -> Iterator[list[Argument]]:
    """The same with "auto", for a number that can be left to the music."""
    if len(form) == 1 and form[0].auto and form[0].type != "s":
        yield [replace(form[0], type="s", choices=(AUTO,), control="", unit="")]


def _shape(form: Sequence[Argument]) -> dict[str, Any]:
    """Types of the arguments, and for each what can be said of it."""
    if not form:
        return {"TYPE": "N"}
    said: dict[str, list[Any]] = {
        "RANGE": [_range(one) for one in form],
        "UNIT": [_UNITS.get(one.unit) for one in form],
        "EXTENDED_TYPE": [one.name for one in form],
    }
    return {"TYPE": "".join(one.type for one in form)} | {
        name: items for name, items in said.items() if any(item is not None for item in items)
    }


def _range(one: Argument) -> dict[str, Any] | None:
    if one.choices:
        return {"VALS": [*one.choices, AUTO] if one.auto else list(one.choices)}
    if one.type == "s" or one.minimum is None or one.maximum is None:
        return None
    if one.type == "i":
        # An OSC integer has 32 bits with a sign.
        return {"MIN": int(one.minimum), "MAX": min(int(one.maximum), _INT_MAX)}
    return {"MIN": float(one.minimum), "MAX": float(one.maximum)}


def _values(status: Status) -> dict[str, tuple[Value, ...]]:
    """What every readable address is at; empty if it has no value that its type can say."""
    values: dict[str, tuple[Value, ...]] = {
        f"{ROOT}/prompt/weights": tuple(weight for _, weight in status.prompts),
        f"{ROOT}/snapshot/list": status.snapshots,
        f"{ROOT}/version": ("simba-live", _version("simba-live")),
    }
    for name, control in LIVE.items():
        value = status.values.get(name)
        if value is None and control.auto and _ENTRIES[f"{ROOT}/get/{name}"].arguments[0].type == "s":
            value = AUTO
        values[f"{ROOT}/set/{name}"] = values[f"{ROOT}/get/{name}"] = () if value is None else (value,)
    values |= {path: values[f"{ROOT}/set/{name}"] for path, name in JAM.items()}
    for field in fields(Status):
        if (path := f"{ROOT}/status/{field.name}") in REPLIES:
            values[path] = tuple(_plain(getattr(status, field.name)))
    return values


def _plain(value: object) -> Iterator[Value]:
    """Values as OSC has them: no booleans, no tuples in tuples; what is not finite is left out."""
    if isinstance(value, tuple):
        for one in value:
            yield from _plain(one)
    elif isinstance(value, int):
        yield int(value)
    elif isinstance(value, str) or (isinstance(value, float) and math.isfinite(value)):
        yield value


def _entry(path: str) -> Address:
    """The more telling entry of an address: what it takes, unless it takes nothing and answers there."""
    taken = ADDRESSES.get(path)
    if taken is None or (path in REPLIES and all(one.optional for one in taken.arguments)):
        return REPLIES[path]
    return taken


_ENTRIES = {path: _entry(path) for path in PATHS}


def _children() -> dict[str, list[str]]:
    """What is right below every address and container, from the root."""
    children: dict[str, list[str]] = {"/": []}
    for path in PATHS:
        above = "/"
        for name in path[1:].split("/"):
            below = f"{above.rstrip('/')}/{name}"
            if below not in children:
                children[below] = []
                children[above].append(below)
            above = below
    return children


_CHILDREN = _children()
