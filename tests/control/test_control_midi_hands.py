"""Keys, pedals, knobs and programs to events: what a performer expects, and what a broken cable does."""

import random

import pytest
from mido import Message

from simba_live.control.fake import FakeDriven
from simba_live.control.midi_chords import chord_of
from simba_live.control.midi_hands import LEARN_SECONDS, Hands, check_target, snapshot_of
from simba_live.control.midi_map import Dial, Knob, MidiMap
from simba_live.errors import OptionError
from simba_live.events import Note, Panic, Recall, Set, Undo


class Desk:
    """Hands, the session that they play, and a clock that the test moves."""

    def __init__(self, midi_map=None):
        self.driven, self.told, self.kept = FakeDriven(), [], []
        self.hands = Hands(
            self.driven, midi_map or MidiMap(), lambda news: self.told.append(news.text), self.kept.append
        )
        self.now = 100.0

    def hear(self, kind, port="keys", later=0.1, **values):
        self.now += later
        self.hands.tick(self.now)
        self.hands.hear(Message(kind, **values), port, self.now)

    def on(self, note, velocity=100, **more):
        self.hear("note_on", note=note, velocity=velocity, **more)

    def off(self, note, **more):
        self.hear("note_off", note=note, **more)

    def turn(self, control, value, **more):
        self.hear("control_change", control=control, value=value, **more)

    def wait(self, seconds):
        until = self.now + seconds
        while self.hands.next is not None and self.hands.next <= until:
            self.now = max(self.now, self.hands.next)
            self.hands.tick(self.now)
        self.now = until

    @property
    def events(self):
        return self.driven.events

    @property
    def held(self):
        """Pitches that the session was left holding."""
        sounding = {event.pitch: event.velocity for event in self.events if isinstance(event, Note)}
        return {pitch for pitch, velocity in sounding.items() if velocity}


@pytest.fixture
def desk():
    return Desk()


def test_keys_are_notes_with_their_velocity(desk):
    desk.on(60, 1)
    desk.on(127, 127)
    desk.on(60, 0)
    desk.off(127)
    assert desk.events == [Note(60, 1), Note(127, 127), Note(60, 0), Note(127, 0)]


def test_notes_come_in_the_order_that_they_were_played(desk):
    for pitch in range(40, 60):
        desk.on(pitch, later=0)
    assert desk.events == [Note(pitch, 100) for pitch in range(40, 60)]


def test_the_pedal_holds_what_the_fingers_let_go_of(desk):
    desk.on(60)
    desk.turn(64, 127)
    desk.off(60)
    desk.on(64)
    desk.off(64)
    assert desk.held == {60, 64}
    desk.on(60)
    desk.turn(64, 63)
    assert desk.held == {60}
    desk.off(60)
    assert desk.held == set()


def test_a_pedal_is_of_its_channel_and_port(desk):
    desk.turn(64, 127, channel=1)
    desk.on(60)
    desk.off(60)
    assert desk.held == set()
    desk.on(62, channel=1, port="other")
    desk.off(62, channel=1, port="other")
    assert desk.held == set()


def test_a_pitch_held_twice_ends_with_the_last(desk):
    desk.on(60)
    desk.on(60, channel=5)
    desk.off(60)
    assert desk.held == {60}
    desk.off(60, channel=5)
    assert desk.held == set()


def test_a_release_of_what_was_never_struck_says_nothing(desk):
    desk.off(60)
    desk.on(60, 0)
    assert desk.events == []


@pytest.mark.parametrize("control", [123, 124, 127])
def test_all_notes_off_lets_go_of_a_channel_pedal_and_all(desk, control):
    desk.on(60)
    desk.turn(64, 127)
    desk.on(62)
    desk.off(62)
    desk.on(65, channel=1)
    desk.turn(control, 0)
    assert desk.held == {65}


def test_a_port_that_goes_lets_go_of_its_keys_alone(desk):
    desk.on(60)
    desk.turn(64, 127)
    desk.off(60)
    desk.on(62)
    desk.on(65, port="other")
    desk.hands.release("keys", desk.now)
    assert desk.held == {65}
    desk.on(60)
    desk.off(60)
    assert desk.held == {65}


def test_a_panic_button_is_one_panic_however_many_channels_it_speaks_on(desk):
    desk.on(60)
    for channel in range(16):
        desk.turn(120, 0, channel=channel, later=0.001)
        desk.turn(123, 0, channel=channel, later=0.001)
    assert [event for event in desk.events if isinstance(event, Panic)] == [Panic()]
    desk.turn(120, 0, later=2.0)
    assert desk.events.count(Panic()) == 2


def test_after_a_panic_keys_play_anew(desk):
    desk.turn(64, 127)
    desk.on(60)
    desk.turn(120, 0)
    desk.on(62)
    desk.off(62)
    assert desk.events[-2:] == [Note(62), Note(62, 0)]


@pytest.mark.parametrize(
    ("pitches", "name"),
    [
        ((60, 64, 67), "C"),
        ((57, 60, 64, 67), "Am7"),
        ((48, 64, 67, 69), "C6"),
        ((52, 60, 67), "C/E"),
        ((36, 60, 72, 76, 79), "C"),
        ((60, 64), None),
        ((60, 72, 84), None),
        ((60, 61, 62), None),
    ],
)
def test_keys_that_are_a_chord_are_known_by_name(pitches, name):
    assert chord_of(pitches) == name
    if name:
        Set("chord", name)


def test_a_chord_that_is_held_leads_the_band_until_a_bar_after_it_was_let_go_of(desk):
    desk.driven.change(bpm=120.0, beats_per_bar=4)
    chord = (57, 60, 64, 67)
    for pitch in chord:
        desk.on(pitch, later=0.01)
    for pitch in chord:
        desk.off(pitch, later=0.01)
    desk.wait(1.8)
    leads = [event for event in desk.events if isinstance(event, Set)]
    assert leads == [Set("chord", "Am"), Set("chord", "Am7")]
    for pitch in (60, 64, 67):
        desk.on(pitch)
        desk.off(pitch)
    desk.wait(1.9)
    assert desk.driven.status().values["chord"] == "Am7"
    desk.wait(0.2)
    assert desk.driven.status().values["chord"] is None


def test_a_map_may_leave_the_band_its_chords():
    desk = Desk(MidiMap(chords=False))
    for pitch in (60, 64, 67):
        desk.on(pitch)
    assert not [event for event in desk.events if isinstance(event, Set)]


def test_channels_that_are_not_wanted_are_not_heard():
    desk = Desk(MidiMap(channels=frozenset({2})))
    desk.on(60)
    desk.on(61, channel=1)
    assert desk.held == {61}


def test_velocity_moves_a_control_before_its_note():
    desk = Desk(MidiMap(velocity=Dial("density", 0.2, 1.0)))
    desk.on(60, 127)
    assert desk.events == [Set("density", 1.0), Note(60, 127)]


def test_a_knob_moves_its_control_at_most_every_5_ms_and_ends_where_it_stands():
    desk = Desk(MidiMap((Knob(74, Dial("brightness")),)))
    for value in range(128):
        desk.turn(74, value, later=0.001)
    desk.wait(0.1)
    assert desk.events[0] == Set("brightness", 0.0)
    assert desk.events[-1] == Set("brightness", 1.0)
    assert 20 <= len(desk.events) <= 30


def test_a_switch_that_is_held_and_one_that_takes_turns():
    desk = Desk(MidiMap((Knob(64, Dial("listen")), Knob(65, Dial("jam"), toggle=True))))
    desk.turn(64, 127)
    desk.turn(64, 0)
    assert desk.events == [Set("listen", 1), Set("listen", 0)]
    for value in (127, 0, 127, 127, 0, 70, 0):
        desk.turn(65, value)
    assert [event.value for event in desk.events[2:]] == ["trade", "shadow", "continue"]


def test_an_action_is_done_once_a_press_after_the_knobs_moved_before():
    desk = Desk(MidiMap((Knob(20, "undo", quantum="bar"), Knob(7, Dial("gain")))))
    desk.turn(7, 0)
    desk.turn(7, 127, later=0.001)
    for value in (1, 63, 64, 127, 20, 0, 80):
        desk.turn(20, value, later=0.001)
    assert desk.driven.sent[1:] == [(Set("gain", 12.0), None), (Undo(), "bar"), (Undo(), "bar")]


def test_programs_recall_by_map_by_number_or_by_order():
    names = ("02 verse", "1 intro", "x", "y")
    assert [snapshot_of(program, names) for program in range(5)] == ["1 intro", "02 verse", "x", "y", None]
    desk = Desk(MidiMap(programs={7: "end"}))
    desk.driven.change(snapshots=("a", "b"))
    for program in (1, 7, 5):
        desk.hear("program_change", program=program)
    assert desk.events == [Recall("b"), Recall("end")]
    assert desk.told == ["program 6 recalls nothing: save a snapshot for it first"]


def test_what_is_refused_later_is_told(desk):
    desk.driven.change(snapshots=("a",))
    desk.driven.refusals[Recall] = "there is no such snapshot"
    desk.hear("program_change", program=0)
    assert desk.told == ["there is no such snapshot"]


def test_the_next_knob_is_learned_and_does_nothing_yet(desk):
    outcomes = []
    desk.hands.learn("brightness", outcomes.append, desk.now)
    desk.turn(98, 5)
    desk.turn(74, 0)
    assert outcomes == []
    desk.turn(74, 30, channel=3)
    assert [outcome.reason for outcome in outcomes] == [""]
    assert desk.events == []
    desk.turn(74, 127, channel=3)
    assert desk.events == [Set("brightness", 1.0)]
    desk.turn(74, 0)
    assert len(desk.events) == 1
    assert [(knob.number, knob.channel, knob.target) for knob in desk.kept] == [(74, 4, "brightness")]
    assert desk.told[-1] == "control change 74 on channel 4 is for brightness now"


def test_a_switch_learned_for_an_action_acts_from_its_next_press_on(desk):
    desk.hands.learn("undo", lambda outcome: None, desk.now)
    for value in (127, 0, 127, 0):
        desk.turn(64, value)
    assert desk.events == [Undo()]


def test_learning_ends_when_no_knob_comes_or_another_is_asked_for(desk):
    outcomes = []
    desk.hands.learn("gain", outcomes.append, desk.now)
    desk.hands.learn("mute", outcomes.append, desk.now)
    assert outcomes.pop().reason == "something else is learned now"
    desk.wait(LEARN_SECONDS + 1)
    assert outcomes.pop().reason.startswith("no knob was moved within 60 s")
    desk.turn(74, 127)
    assert desk.kept == []


@pytest.mark.parametrize(
    ("name", "words"), [("volume", "nothing called 'volume' to learn"), ("key", "list of")]
)
def test_what_no_knob_can_be_for_is_refused(name, words):
    with pytest.raises(OptionError, match=words):
        check_target(name)


def test_a_thousand_events_a_second_are_thinned_and_end_as_they_were_left(desk):
    dice = random.Random(2)
    fingers = set()
    for _ in range(10_000):
        pitch = dice.randrange(128)
        if pitch in fingers:
            desk.off(pitch, later=0.001)
        else:
            desk.on(pitch, later=0.001)
        fingers ^= {pitch}
        desk.hands.tick(desk.now)
    sent = len(desk.events)
    desk.wait(5.0)
    assert desk.held == fingers
    assert sent < 10 * 500 + 300


def test_a_session_that_is_busy_is_asked_again_until_every_key_is_let_go_of(desk):
    desk.on(60)
    desk.driven.busy = "too busy"
    desk.off(60)
    desk.on(62)
    desk.wait(0.2)
    assert desk.held == {60}
    desk.driven.busy = ""
    desk.wait(0.2)
    assert desk.held == {62}
    assert desk.told[0] == "too busy"


def test_messages_that_mean_nothing_here_are_left_alone(desk):
    for message in (
        Message("pitchwheel", pitch=100),
        Message("aftertouch", value=3),
        Message("polytouch", note=1, value=3),
        Message("songpos", pos=3),
        Message("active_sensing"),
        Message("control_change", control=1, value=64),
    ):
        desk.hands.hear(message, "keys", desk.now)
    assert desk.events == []


def test_a_reset_lets_go_of_everything(desk):
    desk.on(60)
    desk.hear("reset")
    assert desk.held == set()
