"""What messages do and what is answered, with a clock of our own and no socket."""

import math

import pytest

from simba_live.control.addresses import ADDRESSES, REPLIES
from simba_live.control.driven import Outcome
from simba_live.control.fake import FakeDriven
from simba_live.control.packets import decode, encode
from simba_live.controls import LIVE, Choice, Number
from simba_live.errors import SimbaLiveError
from simba_live.events import Branch, Note, Panic, Play, Prompt, Recall, Reset, Save, Set, Stop, Undo
from tests.control.room import A, B, Room


@pytest.fixture
def room():
    return Room()


@pytest.mark.parametrize(
    ("message", "event", "quantum"),
    [
        (("/simba/play",), Play(), None),
        (("/simba/play", 1.0), Play(), None),
        (("/simba/stop", "bar"), Stop(), "bar"),
        (("/simba/reset", 1, "beat"), Reset(), "beat"),
        (("/simba/panic",), Panic(), None),
        (("/simba/note", 60.0), Note(60), None),
        (("/simba/note", 60, 0), Note(60, 0), None),
        (("/simba/snapshot/save", "a"), Save("a"), None),
        (("/simba/snapshot/save", 1.0), Save("1"), None),
        (("/simba/snapshot/recall", "a", "bar"), Recall("a"), "bar"),
        (("/simba/undo",), Undo(1), None),
        (("/simba/undo", 3.0, "now"), Undo(3), "now"),
        (("/simba/branch",), Branch(None), None),
        (("/simba/branch", 7, "bar"), Branch(7), "bar"),
        (("/simba/set/bpm", 120), Set("bpm", 120.0), None),
        (("/simba/set/bpm", "auto", "bar"), Set("bpm", None), "bar"),
        (("/simba/set/top_k", 50.0), Set("top_k", 50), None),
        (("/simba/set/quantum", "beat"), Set("quantum", "beat"), None),
    ],
)
def test_a_message_becomes_its_event(room, message, event, quantum):
    assert room.send(*message) == [("/simba/done", message[0], 1)]
    assert room.driven.sent == [(event, quantum)]


def test_a_released_button_does_nothing(room):
    assert room.send("/simba/panic", 0.0) == [("/simba/done", "/simba/panic")]
    assert room.driven.sent == []


def test_every_live_control_is_set_got_and_listened_to(room):
    for name, control in LIVE.items():
        value = (
            control.maximum
            if isinstance(control, Number)
            else control.choices[-1]
            if isinstance(control, Choice)
            else "A minor"
        )
        assert room.send(f"/simba/listen/{name}", 1)[-1] == ("/simba/done", f"/simba/listen/{name}")
        answers = room.send(f"/simba/set/{name}", value)
        shown = str(int(value)) if name == "seed" else value
        assert (f"/simba/get/{name}", shown) in answers
        assert room.driven.status().values[name] == value
        assert room.send(f"/simba/get/{name}")[0] == (f"/simba/get/{name}", shown)
        assert room.send(f"/simba/listen/{name}", 0) == [("/simba/done", f"/simba/listen/{name}")]
        if control.auto:
            room.now += 1
            assert room.send(f"/simba/set/{name}", "auto")[0][0] == "/simba/done"
            assert room.send(f"/simba/get/{name}")[0] == (f"/simba/get/{name}", "auto")


def test_every_address_answers_and_only_with_what_the_table_says(room):
    room.driven.change(prompts=(("a", 1.0),))
    examples = {"f": 1.0, "i": 1, "s": "a"} | {
        name: control.choices[-1] for name, control in LIVE.items() if isinstance(control, Choice)
    }
    for path, address in ADDRESSES.items():
        room.now += 1.0
        values = [
            examples.get(one.name, one.minimum if one.control and one.minimum else examples[one.type])
            for one in address.arguments
            if not one.optional
        ]
        room.hear(encode(path, values))
        answers = room.told()
        paths = {answer[0] for answer in answers}
        assert paths <= REPLIES.keys()
        assert set(address.replies) - {"/simba/startup"} <= paths
        closed = ("/simba/synced", 1) if path == "/simba/sync" else ("/simba/done", path)
        if path == "/simba/midi/learn":
            closed = ("/simba/fail", path)  # without a MIDI input
        assert closed in [answer[:2] for answer in answers]


def test_prompts_are_blended_and_weighed_anew(room):
    room.send("/simba/prompt", "dub", 2.0, "techno")
    room.now += 1
    room.send("/simba/prompt/weights", 0.25, 0.75, "bar")
    first, second = room.driven.events
    assert (first.texts, first.weights) == (("dub", "techno"), (2.0, 1.0))
    assert (second.texts, second.weights) == (("dub", "techno"), (0.25, 0.75))
    assert room.driven.sent[1][1] == "bar"
    room.now += 1
    (refused,) = room.send("/simba/prompt/weights", 1.0)
    assert refused[:2] == ("/simba/fail", "/simba/prompt/weights")
    assert "1 weights for 2 prompts" in refused[2]


def test_weights_go_to_the_prompt_that_is_on_its_way(room):
    assert "send /simba/prompt first" in room.send("/simba/prompt/weights", 1.0)[0][2]
    room.driven.change(prompts=(("old", 1.0),))
    room.driven.held = True
    room.send("/simba/prompt", "new", "bar")
    room.driven.change(prompts=(("old", 1.0),))
    room.wait(5.0)
    room.send("/simba/prompt/weights", 0.5)
    assert room.driven.events[-1].texts == ("new",)


def test_of_a_burst_of_changes_the_newest_counts(room):
    for value in range(1000):
        room.hear(encode("/simba/set/gain", (-value / 32,)))
    assert len(room.driven.sent) == 1
    room.wait(1.0)
    assert room.driven.events == [Set("gain", 0.0), Set("gain", -999 / 32)]
    assert room.told().count(("/simba/done", "/simba/set/gain", 2)) == 1


def test_nothing_overtakes_the_changes_before_it(room):
    for seed in (1, 2, 3):
        room.hear(encode("/simba/set/seed", (seed,)))
    room.hear(encode("/simba/snapshot/save", ("a",)))
    assert room.driven.events == [Set("seed", 1), Set("seed", 3), Save("a")]


def test_refusals_name_the_address_and_the_reason(room):
    assert room.send("/simba/set/bpm", 5.0) == [
        ("/simba/fail", "/simba/set/bpm", "bpm is 5.0: give a number from 20 to 300 BPM, or 'auto'")
    ]
    assert "'../x'" in room.send("/simba/snapshot/save", "../x")[0][2]
    assert "name is" in room.send("/simba/record/start", "/etc/passwd")[0][2]
    room.driven.refusals[Undo] = "there are no bars to undo"
    assert room.send("/simba/undo") == [("/simba/fail", "/simba/undo", "there are no bars to undo")]
    room.driven.busy = "the session is over"
    assert room.send("/simba/play") == [("/simba/fail", "/simba/play", "the session is over")]
    assert room.send("/simba/sync", 3) == [("/simba/synced", 3)]


@pytest.mark.parametrize(
    "message",
    [
        ("/simba/set/gain", math.nan),
        ("/simba/set/gain", math.inf),
        ("/simba/set/gain", "loud"),
        ("/simba/set/key", "x" * 64000),
        ("/simba/prompt", "x" * 64000),
        ("/simba/prompt", *["x"] * 60),
        ("/simba/nothing", 1.0),
        ("/" + "x" * 60000,),
        ("/simba/note", 128),
        ("/simba/snapshot/recall", "..\\x"),
        ("/simba/reply", 70000),
        ("/simba/sync",),
        ("/simba/quit", 1.0, 2.0),
    ],
)
def test_bad_messages_are_refused_once_and_briefly(room, message):
    (refused,) = room.send(*message)
    assert refused[0] == "/simba/fail"
    assert refused[1] == message[0][:300]
    assert 5 < len(refused[2]) <= 300
    assert room.driven.sent == []
    assert all(len(packet) < 1000 for _, packet in room.packets)


def test_refusals_and_requests_are_limited_per_client(room):
    for _ in range(5000):
        room.hear(encode("/simba/nothing"))
        room.hear(encode("/simba/note", (60,)))
        room.hear(b"\xff" * 20)
    told = room.told(A)
    assert sum(path == "/simba/fail" for path, *_ in told) <= 60
    assert len(room.driven.sent) <= 1000
    assert room.send("/simba/get/bpm", source=B)[0] == ("/simba/get/bpm", "auto")
    room.wait(5.0)
    assert room.send("/simba/get/bpm")[0] == ("/simba/get/bpm", "auto")


def test_what_breaks_inside_is_told_and_survived(room, monkeypatch, caplog):
    monkeypatch.setattr(room.driven, "send", lambda *_, done: 1 / 0)
    assert "went wrong inside" in room.send("/simba/play")[0][2]
    assert "ZeroDivisionError" in caplog.text
    assert room.send("/simba/sync", 1) == [("/simba/synced", 1)]


def test_time_tags_are_kept(room):
    room.hear(room.bundled(0.5, ("/simba/play",), ("/simba/set/bpm", 99.0)))
    assert room.driven.sent == []
    assert room.dialogue.next == pytest.approx(100.5, abs=1e-3)
    room.wait(0.49)
    assert room.driven.sent == []
    room.wait(0.02)
    assert room.driven.events == [Play(), Set("bpm", 99.0)]
    room.hear(room.bundled(-3600.0, ("/simba/stop",)))
    assert room.driven.events[-1] == Stop()


def test_far_and_many_time_tags_are_refused(room):
    room.hear(room.bundled(86400.0, ("/simba/play",)))
    ((path, address, reason),) = room.told()
    assert (path, address) == ("/simba/fail", "/simba/play")
    assert "86400 s ahead" in reason
    for _ in range(30):
        room.hear(room.bundled(30.0, *[("/simba/set/gain", -1.0)] * 60))
    assert "1000 messages wait for their time" in room.told()[-1][2]
    room.wait(1.0)
    room.hear(room.bundled(1.0, ("/simba/set/bpm", 5000.0)))
    assert "bpm is 5000.0" in room.told()[-1][2]
    room.wait(31.0)
    assert room.driven.status().values["gain"] == -1.0


def test_sync_waits_for_outcomes(room):
    room.driven.held = True
    assert room.send("/simba/snapshot/recall", "a", "bar") == []
    assert room.send("/simba/sync", 5) == []
    assert room.send("/simba/sync", 6, source=B) == [("/simba/synced", 6)]
    room.driven.release()
    room.settle()
    assert room.told() == [("/simba/done", "/simba/snapshot/recall", 1), ("/simba/synced", 5)]


def test_answers_go_to_the_port_asked_for(room):
    assert room.send("/simba/reply", 7000) == []
    room.hear(encode("/simba/get/bpm"))
    assert {place for place, _ in room.packets} == {("127.0.0.1", 7000)}
    assert room.send("/simba/reply", 0) == [("/simba/done", "/simba/reply")]


def test_dump_shows_what_everybody_sends(room):
    room.send("/simba/dump", 1, source=B)
    room.told()
    room.hear(encode("/simba/set/bpm", (120.0, "bar")), A)
    room.hear(b"\xff\xff", A)
    assert room.told(B) == [
        ("/simba/dump", "127.0.0.1:5001", "/simba/set/bpm 120.0 'bar'"),
        ("/simba/dump", "127.0.0.1:5001", "?  the message is cut short: send the whole of it"),
    ]


def test_no_boolean_and_nothing_else_that_pd_rejects_is_sent(room):
    room.driven.change(playing=True, prompts=(("x" * 1000, 1.0),) * 8, held_notes=(60, 64))
    for path in ("/simba/status", "/simba/get", "/simba/version", "/simba/snapshot/list"):
        room.hear(encode(path))
    for _, packet in room.packets:
        assert len(packet) < 4096
        for message in decode(packet):
            assert {type(value) for value in message.values} <= {int, float, str}
    assert ("/simba/status/held_notes", 60, 64) in room.told()


def test_recording_is_answered_when_it_is_done(room):
    room.driven.held = True
    assert room.send("/simba/record/start", "take 1") == []
    assert room.driven.recordings == ["take 1"]
    room.driven.release()
    room.settle()
    assert ("/simba/done", "/simba/record/start", 0) in room.told()
    room.send("/simba/record/stop")
    assert room.send("/simba/record/stop") == [("/simba/fail", "/simba/record/stop", "nothing is recorded")]


def test_quit_reaches_the_session(room):
    assert room.send("/simba/quit") == [("/simba/done", "/simba/quit")]
    assert room.driven.quits == 1


def test_the_fake_refuses_when_told_to():
    driven = FakeDriven()
    outcomes = []
    driven.refusals[Play] = "no"
    driven.send(Play(), done=outcomes.append)
    assert outcomes == [Outcome(None, "no")]
    assert not driven.status().playing
    driven.busy = "busy"
    with pytest.raises(SimbaLiveError, match="busy"):
        driven.send(Prompt(("a",)))
