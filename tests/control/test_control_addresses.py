"""The table of addresses: complete, made from the controls, and strict in what it reads."""

import dataclasses
import math

import pytest

from simba_live.control.addresses import ADDRESSES, REPLIES, find
from simba_live.controls import LIVE, Choice, Number
from simba_live.errors import OptionError
from simba_live.events import EVENTS
from simba_live.status import Status


def read(path, *values):
    return find(path).read(values)


def test_every_live_control_can_be_set_asked_for_and_listened_to():
    for name, control in LIVE.items():
        for verb in ("set", "get", "listen"):
            assert ADDRESSES[f"/simba/{verb}/{name}"].control == name
        value = ADDRESSES[f"/simba/set/{name}"].arguments[0]
        assert REPLIES[f"/simba/get/{name}"].arguments == (value,)
        assert value.auto == control.auto
        if isinstance(control, Number):
            assert (value.minimum, value.maximum) == (control.minimum, control.maximum)
            assert value.type == ("i" if control.integer else "f")
        if isinstance(control, Choice):
            assert value.choices == control.choices


def test_every_event_has_an_address():
    made = {address.event for address in ADDRESSES.values()} - {None}
    # What is heard and how a shared beat is found are no messages.
    assert made == set(EVENTS.values()) - {EVENTS[name] for name in ("prompt", "hear", "align")}
    assert {"/simba/prompt", "/simba/prompt/weights"} <= ADDRESSES.keys()


def test_entries_are_whole():
    for path, address in (ADDRESSES | REPLIES).items():
        assert address.path == path
        assert path.startswith("/simba")
        assert address.help.endswith(".")
        for argument in address.arguments:
            assert argument.type in ("i", "f", "s")
            assert argument.wanted
        # An argument that may be left out is followed by such arguments only.
        optional = [one.optional for one in address.arguments]
        assert optional == sorted(optional)
    for address in ADDRESSES.values():
        assert set(address.replies) <= REPLIES.keys()


def test_status_is_told_field_by_field():
    told = {path.removeprefix("/simba/status/") for path in REPLIES if path.startswith("/simba/status/")}
    assert told == {field.name for field in dataclasses.fields(Status)} - {"values"}


@pytest.mark.parametrize(
    ("path", "values", "expected"),
    [
        ("/simba/undo", (), ((), None)),
        ("/simba/undo", ("bar",), ((), "bar")),
        ("/simba/undo", (2.0, "bar"), ((2,), "bar")),
        ("/simba/stop", (1.0, "beat"), ((1.0,), "beat")),
        ("/simba/prompt", ("a",), (("a", 1.0), None)),
        ("/simba/prompt", ("a", "b", 2, "c", "bar"), (("a", 1.0, "b", 2.0, "c", 1.0), "bar")),
        ("/simba/prompt", ("bar",), (("bar", 1.0), None)),
        ("/simba/prompt/weights", (1, 0.5, "beat"), ((1.0, 0.5), "beat")),
        ("/simba/set/bpm", ("120.5", "bar"), ((120.5,), "bar")),
        ("/simba/set/bpm", ("auto",), ((None,), None)),
        ("/simba/set/bpm", (None,), ((None,), None)),
        ("/simba/set/mute", (True,), ((1,), None)),
        ("/simba/set/top_k", (42.0,), ((42,), None)),
        ("/simba/set/style", ("bar",), (("bar",), None)),
        ("/simba/snapshot/save", (1.0,), (("1",), None)),
        ("/simba/note", (60.0,), ((60,), None)),
    ],
)
def test_values_are_read_as_pd_max_and_others_send_them(path, values, expected):
    found, quantum = read(path, *values)
    assert (found, quantum) == expected
    assert [type(value) for value in found] == [type(value) for value in expected[0]]


@pytest.mark.parametrize(
    ("path", "values", "reason"),
    [
        ("/simba/undo", (2, "bra"), "quantum is 'bra': give one of now, beat, bar"),
        ("/simba/undo", (2.5,), "bars is 2.5: give a whole number from 1 to 32"),
        ("/simba/undo", (1, "bar", 3), "quantum is"),
        ("/simba/panic", (1.0, 2.0), r"/simba/panic has 2 values: give \[press\]"),
        ("/simba/prompt", (), r"has 0 values: give text \[weight\] ... \[quantum\]"),
        ("/simba/prompt", (1,), "text is 1"),
        ("/simba/prompt", ("a", 1, 2), "text is 2"),
        ("/simba/prompt", ("a", math.nan), "weight is nan: give a number from 0 to 100"),
        ("/simba/prompt", tuple("abcdefghi"), "more than 8 prompts"),
        ("/simba/prompt", ("x" * 64000,), "text is 64000 characters long"),
        ("/simba/prompt/weights", (1,) * 9, "has 9 values: give 8 at most"),
        ("/simba/set/bpm", (math.inf,), "bpm is inf: give a number from 20 to 300 BPM, or 'auto'"),
        ("/simba/set/bpm", (b"x",), "bpm is a bytes"),
        ("/simba/set/bpm", ([1.0],), "bpm is a list"),
        ("/simba/set/bpm", (), r"has 0 values: give bpm \[quantum\]"),
        ("/simba/set/gain", (None,), "gain is None: give a number from -60 to 12 dB"),
        ("/simba/snapshot/save", ("",), "name is '': give a text of 1 to 64 characters"),
        ("/simba/sync", (2**31,), "id is 2147483648"),
        ("/simba/notify", (2,), "on is 2: give a whole number from 0 to 1"),
        ("/simba/plya", (), "there is no address '/simba/plya': did you mean /simba/play?"),
        ("x" * 64000, (), "see `simba-live osc list`"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_short_line(path, values, reason):
    with pytest.raises(OptionError, match=reason) as caught:
        read(path, *values)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
