"""OSC 1.0 packets to messages and back, strictly and in bounded time.

python-osc reads a float that was cut off as 0.0, writes a log line for every type it does not know and
follows bundles as deep as they go; what comes from outside must not be able to do that, so this room reads
it itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_DEPTH = 8
"""Bundles within bundles."""

MAX_VALUES = 64
"""Values of one message."""

MAX_REPLY = 4000
"""Largest message that is sent, in bytes; Max takes no more than 4 kB."""

MAX_REPLY_TEXT = 1000
"""Longest text that is sent, in bytes."""

NTP_TO_UNIX = 2208988800
"""Seconds from 1900, where OSC counts from, to 1970."""

_BUNDLE = b"#bundle\0"
_IMMEDIATELY = 1
_CONSTANTS: dict[str, object] = {"T": True, "F": False, "N": None}
_FIXED = {"i": ">i", "f": ">f", "h": ">q", "d": ">d"}


class PacketError(ValueError):
    """A packet is no OSC; the text says why."""


@dataclass(frozen=True)
class Message:
    """One message of a packet.

    Attributes:
        path: its address; "?" if that could not be read.
        values: numbers, texts, bytes, booleans or None.
        at: Unix time in seconds at which it is meant to act; None is at once.
        problem: why it could not be read; empty if it could.
    """

    path: str
    values: tuple[object, ...] = ()
    at: float | None = None
    problem: str = ""


def decode(packet: bytes, at: float | None = None, depth: int = 0) -> Iterator[Message]:
    """The messages of a packet in order; what cannot be read is a message with a problem.

    Args:
        packet: what came in one datagram.
        at: time of the bundle around it.
        depth: bundles around it.
    """
    if not packet.startswith(_BUNDLE):
        yield _decode_message(packet, at)
        return
    if depth == MAX_DEPTH:
        yield Message("?", problem=f"bundles are nested more than {MAX_DEPTH} deep: nest them less")
        return
    if len(packet) < 16:
        yield Message("?", problem="the bundle is cut short: send the whole of it")
        return
    (tag,) = struct.unpack_from(">Q", packet, 8)
    at = _later(at, _unix_time(tag))
    position = 16
    while position < len(packet):
        size = struct.unpack_from(">i", packet, position)[0] if position + 4 <= len(packet) else -1
        position += 4
        if size <= 0 or size % 4 or position + size > len(packet):
            yield Message("?", problem="the bundle is cut short: send the whole of it")
            return
        yield from decode(packet[position : position + size], at, depth + 1)
        position += size


def _unix_time(tag: int) -> float | None:
    if tag <= _IMMEDIATELY:
        return None
    seconds = tag / 2**32
    # OSC's seconds begin anew in 2036; what seems to be before 1968 is after that.
    return seconds - NTP_TO_UNIX + (2**32 if seconds < 2**31 else 0)


def _later(outer: float | None, inner: float | None) -> float | None:
    return max((one for one in (outer, inner) if one is not None), default=None)


def _decode_message(packet: bytes, at: float | None) -> Message:
    path = "?"
    try:
        path, position = _text(packet, 0)
        if not path.startswith("/"):
            raise PacketError("it is no OSC message: begin it with an address such as /simba/play")
        if position == len(packet):
            return Message(path, (), at)
        tags, position = _text(packet, position)
        if not tags.startswith(","):
            raise PacketError("it has no type tags: send OSC 1.0")
        if len(tags) > 1 + MAX_VALUES:
            raise PacketError(f"it has {len(tags) - 1} values: send {MAX_VALUES} at most")
        values = []
        for tag in tags[1:]:
            value, position = _value(tag, packet, position)
            values.append(value)
        if position != len(packet):
            raise PacketError("there is more in it than its type tags say: send one message a packet")
    except UnicodeDecodeError:
        return Message(path, problem="a text is no UTF-8: send UTF-8 or plain ASCII")
    except (PacketError, struct.error) as error:
        return Message(path, problem=str(error) if isinstance(error, PacketError) else _CUT)
    return Message(path, tuple(values), at)


_CUT = "the message is cut short: send the whole of it"


def _text(packet: bytes, position: int) -> tuple[str, int]:
    end = packet.find(b"\0", position)
    following = (end // 4 + 1) * 4
    if end < 0 or following > len(packet):
        raise PacketError(_CUT)
    return packet[position:end].decode("utf-8"), following


def _value(tag: str, packet: bytes, position: int) -> tuple[object, int]:
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], position
    if tag in ("s", "S"):
        return _text(packet, position)
    if tag == "b":
        (size,) = struct.unpack_from(">i", packet, position)
        following = position + 4 + (size + 3) // 4 * 4
        if size < 0 or following > len(packet):
            raise PacketError(_CUT)
        return packet[position + 4 : position + 4 + size], following
    if tag not in _FIXED:
        raise PacketError(f"type {tag!r} cannot be used: send numbers and texts")
    (value,) = struct.unpack_from(_FIXED[tag], packet, position)
    if tag == "f" and value % 1:
        # To the digits that 32 bits hold: 0.9 comes as 0.9, and 0.01 is not below a range from 0.01.
        value = float(f"{value:.7g}")
    return value, position + struct.calcsize(_FIXED[tag])


def encode(path: str, values: Sequence[float | int | str] = ()) -> bytes:
    """One message; a whole number of more than 32 bits goes as text, which every program can read."""
    tags, data = ",", b""
    for value in values:
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            value = str(value)
        if isinstance(value, str):
            tags, data = tags + "s", data + _padded(value)
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        else:
            tags, data = tags + "f", data + struct.pack(">f", value)
    return _padded(path) + _padded(tags) + data


def encode_parts(path: str, values: Sequence[float | int | str], group: int = 1) -> Iterator[bytes]:
    """As few messages as hold all values, none above `MAX_REPLY` bytes; longer texts are cut.

    Args:
        path: the address.
        values: the values; those of one group stay together.
        group: values in a group.
    """
    part: list[float | int | str] = []
    size = 0
    for start in range(0, len(values), group):
        these = [_clip(value) if isinstance(value, str) else value for value in values[start : start + group]]
        length = sum(len(value.encode()) + 6 if isinstance(value, str) else 6 for value in these)
        if part and size + length > MAX_REPLY - 100 - len(path):
            yield encode(path, part)
            part, size = [], 0
        part += these
        size += length
    yield encode(path, part)


def _clip(text: str) -> str:
    return text.encode("utf-8", "replace")[:MAX_REPLY_TEXT].decode("utf-8", "ignore")


def _padded(text: str) -> bytes:
    data = text.replace("\0", " ").encode("utf-8", "replace")
    return data + bytes(4 - len(data) % 4)
