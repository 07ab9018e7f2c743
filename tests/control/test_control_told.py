"""What clients are told without having asked, with a clock of our own and no socket."""

import pytest

from simba_live.control.driven import News
from simba_live.control.packets import encode
from simba_live.events import Set
from tests.control.room import A, B, Room


@pytest.fixture
def room():
    return Room()


def test_two_clients_hear_each_others_changes_where_they_want(room):
    room.send("/simba/listen/gain", 1, source=B)
    room.send("/simba/notify", 1, source=B)
    room.send("/simba/set/gain", -6.0, source=A)
    room.packets.clear()
    room.now += 1
    room.hear(encode("/simba/set/gain", (-3.0,)), A)
    room.hear(encode("/simba/prompt", ("dub",)), A)
    packets = list(room.packets)
    assert room.told(B) == [("/simba/get/gain", -3.0)]
    room.packets = packets
    assert [path for path, *_ in room.told(A)] == ["/simba/done", "/simba/done"]


def test_values_that_change_without_a_message_are_told(room):
    room.send("/simba/listen", 1)
    room.wait(2.0)
    room.told()
    room.driven.change(values=room.driven.status().values | {"bpm": 87.0})
    room.driven.tell(News("snapshots"))
    room.settle()
    assert room.told() == [("/simba/get/bpm", 87.0)]
    room.driven.change(values=room.driven.status().values | {"bpm": 88.0})
    room.wait(3.0)
    assert room.told() == [("/simba/get/bpm", 88.0)]


def test_a_status_that_lags_behind_does_not_move_a_fader_back(room):
    room.send("/simba/listen/gain", 1)
    room.driven.tell(News("set", event=Set("gain", -9.0)))
    room.settle()
    room.driven.tell(News("record"))
    room.settle()
    assert room.told() == [("/simba/get/gain", -9.0)]


def test_news_go_to_those_who_want_them(room):
    room.driven.change(ready=False, step_p50=4.0, step_p99=9.0, underruns=2, plan_seconds=1.0)
    assert room.send("/simba/notify", 1) == [("/simba/done", "/simba/notify")]
    room.send("/simba/get/bpm", source=B)
    room.told()
    room.driven.change(ready=True, bar=3, beat=3.97, beats_per_bar=4, bpm=120.0)
    for kind, text in (("ready", ""), ("beat", "beat"), ("sink", "unplugged")):
        room.driven.tell(News(kind, text, frame=9))
    room.settle()
    packets = list(room.packets)
    assert room.told(A) == [
        ("/simba/startup",),
        ("/simba/beat", 4, 0, 120.0),
        ("/simba/news", "sink", "unplugged", 9),
    ]
    room.packets = packets
    assert room.told(B) == []
    room.wait(1.0)
    assert room.told() == [("/simba/heartbeat", 4.0, 9.0, 2, 1.0, 0)]
    assert ("/simba/startup",) in room.send("/simba/notify", 1)
    room.send("/simba/notify", 0)
    room.wait(3.0)
    assert room.told() == []


@pytest.mark.parametrize(
    ("bar", "beat", "line", "told"),
    [
        (3, 0.0, "bar", (3, 0)),
        (3, 1.0, "beat", (3, 1)),
        (2, 3.6, "bar", (3, 0)),
        (2, 2.5, "bar", (3, 0)),
        (3, 1.2, "bar", (3, 0)),
        (3, 0.7, "beat", (3, 1)),
        (3, 1.4, "beat", (3, 1)),
    ],
)
def test_a_line_is_named_rightly_by_a_status_from_before_or_after_it(room, bar, beat, line, told):
    room.send("/simba/notify", 1)
    room.told()
    room.driven.change(bar=bar, beat=beat, bpm=90.0)
    room.driven.tell(News("beat", line))
    room.settle()
    assert room.told() == [("/simba/beat", *told, 90.0)]


def test_other_prompts_are_told_with_the_next_heartbeat(room):
    room.send("/simba/notify", 1, source=B)
    room.send("/simba/prompt", "dub", "pads", 0.5)
    room.wait(1.0)
    assert ("/simba/status/prompts", "dub", 1.0, "pads", 0.5) in room.told(B)
    room.wait(2.0)
    assert {path for path, *_ in room.told(B)} == {"/simba/heartbeat"}
