"""Packets: python-osc's are read and ours are read by it; whatever else comes is told apart, quickly."""

import random
import struct
import time

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from simba_live.control.packets import MAX_DEPTH, MAX_REPLY, MAX_VALUES, decode, encode, encode_parts


def message(path, *values):
    builder = OscMessageBuilder(path)
    for value in values:
        builder.add_arg(value)
    return builder.build()


def bundle(at, *contents):
    builder = OscBundleBuilder(at)
    for content in contents:
        builder.add_content(content)
    return builder.build()


def nested(depth):
    packet = message("/simba/play").dgram
    for _ in range(depth):
        packet = b"#bundle\0" + struct.pack(">Qi", 1, len(packet)) + packet
    return packet


def test_what_python_osc_builds_is_read():
    values = (1, -2.5, "dub techno", "Ünïcode", "", True, False, b"blob!")
    (read,) = decode(message("/simba/prompt", *values).dgram)
    assert (read.path, read.values, read.at, read.problem) == ("/simba/prompt", values, None, "")
    (read,) = decode(message("/simba/play").dgram)
    assert read.values == ()


def test_python_osc_reads_what_we_build():
    read = OscMessage(encode("/simba/get/key", ("A minor", 3, -0.5, 2**32 - 1, "ü")))
    assert read.address == "/simba/get/key"
    assert read.params == ["A minor", 3, -0.5, "4294967295", "ü"]


@pytest.mark.parametrize("value", [0.9, 0.01, 119.95, -12.3, 16777213.0, 3e-5])
def test_a_short_decimal_comes_back_as_it_was_meant(value):
    (read,) = decode(message("/a", value).dgram)
    assert read.values == (value,)


def test_bundles_give_their_time_to_what_is_in_them():
    inner = bundle(2000000000.5, message("/b", 1.0))
    packet = bundle(2000000000.25, message("/a"), inner, message("/c")).dgram
    assert [(one.path, one.at) for one in decode(packet)] == [
        ("/a", 2000000000.25),
        ("/b", 2000000000.5),
        ("/c", 2000000000.25),
    ]
    assert [one.at for one in decode(bundle(IMMEDIATELY, message("/a")).dgram)] == [None]


def test_seconds_go_on_after_2036():
    tag = struct.pack(">II", 100, 0)
    (read,) = decode(b"#bundle\0" + tag + struct.pack(">i", 4) + b"/a\0\0")
    assert read.at == 2**32 - 2208988800 + 100


def test_depth_of_bundles_is_bounded():
    assert [one.path for one in decode(nested(MAX_DEPTH))] == ["/simba/play"]
    for depth in (MAX_DEPTH + 1, 100, 3000):
        (read,) = decode(nested(depth))
        assert "nested more than" in read.problem


@pytest.mark.parametrize(
    ("packet", "problem"),
    [
        (b"", "cut short"),
        (b"/simba/play", "cut short"),
        (b"hello\0\0\0", "begin it with an address"),
        (b"/a\0\0f\0\0\0", "no type tags"),
        (b"/a\0\0,f\0\0", "cut short"),
        (b"/a\0\0,f\0\0\0\0", "cut short"),
        (b"/a\0\0,s\0\0abcd", "cut short"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xff", "cut short"),
        (b"/a\0\0,b\0\0\x7f\xff\xff\xff", "cut short"),
        (b"/a\0\0,s\0\0\xff\xfe\0\0", "no UTF-8"),
        (b"/\xff\0\0,\0\0\0", "no UTF-8"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\1", r"type '\['"),
        (b"/a\0\0,\0\0\0abcd", "more in it"),
        (message("/a", *[1] * (MAX_VALUES + 1)).dgram, "send 64 at most"),
        (b"#bundle\0", "cut short"),
        (b"#bundle\0" + bytes(7) + b"\1" + b"\0\0\0", "cut short"),
        (b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", -4), "cut short"),
        (b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", 2**31 - 1), "cut short"),
    ],
)
def test_what_is_no_osc_is_told(packet, problem):
    import re

    (read,) = decode(packet)
    assert re.search(problem, read.problem)
    assert not read.values


def test_messages_before_a_cut_are_kept():
    whole = bundle(IMMEDIATELY, message("/a", 1), message("/b", 2)).dgram
    first, second = decode(whole[:-4])
    assert (first.path, first.values) == ("/a", (1,))
    assert second.problem


def test_noise_never_raises():
    chance = random.Random(1)
    good = bundle(5.0, message("/simba/prompt", "dub", 1.0), message("/simba/note", 60, 100)).dgram
    for _ in range(5000):
        packet = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        for read in decode(bytes(packet[: chance.randrange(len(packet) + 1)])):
            assert read.problem or read.path.startswith("/")


def test_the_worst_packet_costs_little():
    hostile = (
        message("/a", *[1.0] * 13000).dgram,
        message("/a", "x" * 65000).dgram,
        b"/" + b"\xc3\xa9" * 32000 + b"\0\0\0",
        bundle(IMMEDIATELY, *[message("/a")] * 5000).dgram,
        nested(3000),
    )
    for packet in hostile:
        began = time.perf_counter()
        list(decode(packet))
        assert time.perf_counter() - began < 0.25


def test_replies_stay_below_4_kb_and_keep_groups_together():
    values = [one for number in range(8) for one in (f"{number}" + "x" * 2000, number / 8)]
    parts = [OscMessage(packet) for packet in encode_parts("/simba/status/prompts", values, 2)]
    assert len(parts) > 1
    together = [value for part in parts for value in part.params]
    assert [value[0] for value in together[::2]] == list("01234567")
    assert together[1::2] == [number / 8 for number in range(8)]
    for part in parts:
        assert part.size <= MAX_REPLY
        assert len(part.params) % 2 == 0
    names = [f"snapshot {number}" for number in range(1000)]
    parts = [OscMessage(packet) for packet in encode_parts("/simba/snapshot/list", names)]
    assert [value for part in parts for value in part.params] == names
    assert all(part.size <= MAX_REPLY for part in parts)
    assert [OscMessage(packet).params for packet in encode_parts("/a", ())] == [[]]
