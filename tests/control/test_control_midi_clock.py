"""A MIDI clock heard through jitter, stalls, jumps of tempo, starts and stops."""

import random

import pytest
from mido import Message

from simba_live.control.midi_clock import LOST_SECONDS, TICKS, MidiClock


class Sender:
    """Ticks in exact time, that arrive later than they should."""

    def __init__(self, jitter=0.0, seed=1, period=0.0):
        self.clock, self.now = MidiClock(), 1000.0
        self._dice, self._jitter, self._period = random.Random(seed), jitter, period
        self.arrived = 0.0

    def say(self, kind, **values):
        late = self._dice.random() * self._jitter
        self.arrived = max(self.arrived, self.now + late)
        if self._period:
            self.arrived = -(-self.arrived // self._period) * self._period
        self.clock.hear(Message(kind, **values), "cable", self.arrived)

    def tick(self, bpm, beats):
        for _ in range(round(beats * TICKS)):
            self.say("clock")
            self.now += 60 / bpm / TICKS

    def grid(self):
        return self.clock.read(max(self.now, self.arrived))


def off_beat(sender, beat, bpm):
    """Seconds between where the clock is, and where it is taken to be."""
    grid = sender.grid()
    exact = beat + (grid.at - sender.now) * bpm / 60
    return abs(grid.beat - exact) * 60 / bpm


@pytest.mark.parametrize("bpm", [20, 60, 97.3, 120, 240, 300])
@pytest.mark.parametrize("jitter", [0.0, 0.003, 0.008])
def test_tempo_and_beat_are_found_through_jitter(bpm, jitter):
    sender = Sender(jitter)
    sender.say("start")
    sender.tick(bpm, 8)
    grid = sender.grid()
    assert grid.bpm == pytest.approx(bpm, rel=0.006)
    assert off_beat(sender, 8, bpm) < 0.002 + jitter
    assert grid.playing is True
    assert grid.beats_per_bar is None


def test_a_tempo_is_known_within_a_beat():
    sender = Sender(0.003)
    assert sender.grid() is None
    sender.tick(120, 1)
    assert sender.grid().bpm == pytest.approx(120, rel=0.03)


@pytest.mark.parametrize(
    ("before", "after"), [(60, 240), (240, 60), (120, 140), (120, 100), (100, 105), (90, 91)]
)
@pytest.mark.parametrize("seed", range(5))
def test_a_jump_is_followed_within_two_beats(before, after, seed):
    sender = Sender(0.003, seed)
    sender.say("start")
    sender.tick(before, 12)
    sender.tick(after, 2)
    assert sender.grid().bpm == pytest.approx(after, rel=0.02)
    assert off_beat(sender, 14, after) < 0.015
    sender.tick(after, 4)
    assert sender.grid().bpm == pytest.approx(after, rel=0.01)
    assert off_beat(sender, 18, after) < 0.006


def test_a_slow_change_is_followed_all_the_way():
    sender = Sender(0.002)
    sender.say("start")
    sender.tick(100, 4)
    beats = 4.0
    for step in range(160):
        bpm = 100 + step / 4
        sender.tick(bpm, 0.25)
        beats += 0.25
        assert sender.grid().bpm == pytest.approx(bpm, rel=0.04)
        assert off_beat(sender, beats, bpm) < 0.015


@pytest.mark.parametrize("stall", [0.03, 0.1, 0.3, 0.8])
def test_ticks_held_up_and_then_delivered_at_once_change_nothing_for_long(stall):
    sender = Sender(0.001)
    sender.say("start")
    sender.tick(120, 8)
    sender.arrived = sender.now + stall
    sender.tick(120, 3)
    assert sender.grid().bpm == pytest.approx(120, rel=0.02)
    for _ in range(20):
        sender.tick(120, 0.25)
        assert sender.grid().bpm == pytest.approx(120, rel=0.02)
    assert off_beat(sender, 16, 120) < 0.01


@pytest.mark.parametrize("bpm", [80, 120, 180])
@pytest.mark.parametrize("seed", range(4))
def test_a_crowded_machine_that_holds_ticks_up_again_and_again_hears_a_steady_tempo(bpm, seed):
    sender, dice = Sender(0.002, seed), random.Random(seed)
    sender.say("start")
    sender.tick(bpm, 8)
    for _ in range(200):
        sender.arrived = sender.now + dice.choice((0, 0, 0, 0.02, 0.05, 0.15))
        sender.tick(bpm, dice.choice((8, 16, 24)) / TICKS)
        assert sender.grid().bpm == pytest.approx(bpm, rel=0.025)


def test_a_tick_that_was_lost_moves_the_beat_and_not_the_tempo():
    sender = Sender(0.001)
    sender.tick(120, 4)
    sender.now += 60 / 120 / TICKS
    for _ in range(16):
        sender.tick(120, 0.25)
        assert sender.grid().bpm == pytest.approx(120, rel=0.02)


def test_a_shaky_clock_says_how_far_it_can_be_trusted():
    steady, shaky = Sender(0.001), Sender(0.01)
    for sender in (steady, shaky):
        sender.say("start")
        sender.tick(120, 8)
    assert steady.grid().tolerance == 0
    assert 0.003 < shaky.grid().tolerance < 0.02


@pytest.mark.parametrize("bpm", [60, 117, 120, 200])
def test_ticks_that_come_in_the_periods_of_a_sound_server_are_a_steady_tempo(bpm):
    sender = Sender(0.001, period=1024 / 48000)
    sender.say("start")
    sender.tick(bpm, 8)
    for _ in range(32):
        sender.tick(bpm, 1 / 3)
        assert sender.grid().bpm == pytest.approx(bpm, rel=0.03)
    assert off_beat(sender, 8 + 32 / 3, bpm) < 0.025


def test_a_stop_holds_the_place_and_continue_goes_on_from_it():
    sender = Sender()
    sender.say("start")
    sender.tick(120, 6.5)
    sender.say("stop")
    sender.tick(120, 3)
    grid = sender.grid()
    assert (grid.beat, grid.playing, round(grid.bpm)) == (None, False, 120)
    sender.now += 30
    assert sender.grid().playing is False
    sender.say("continue")
    sender.tick(120, 1)
    assert sender.grid().beat == pytest.approx(7.5, abs=0.01)
    assert sender.grid().playing is True


def test_a_start_is_the_first_beat_at_the_tempo_known_before():
    sender = Sender()
    sender.tick(90, 4)
    assert (sender.grid().beat, sender.grid().playing) == (None, None)
    sender.say("start")
    sender.tick(90, 1 / 24)
    grid = sender.grid()
    assert grid.beat == pytest.approx(1 / 24, abs=0.001)
    assert grid.bpm == pytest.approx(90, rel=0.001)


def test_a_song_position_is_where_continue_goes_on():
    sender = Sender()
    sender.say("songpos", pos=33)
    sender.say("continue")
    sender.tick(120, 2)
    assert sender.grid().beat == pytest.approx(33 / 4 + 2, abs=0.01)
    sender.say("songpos", pos=8)
    sender.tick(120, 1)
    assert sender.grid().beat == pytest.approx(3, abs=0.01)


def test_a_clock_that_ends_without_a_stop_is_gone_and_comes_back_without_its_place():
    sender = Sender()
    sender.say("start")
    sender.tick(120, 4)
    sender.now += LOST_SECONDS + 0.1
    assert sender.grid() is None
    sender.tick(140, 2)
    grid = sender.grid()
    assert grid.beat is None
    assert grid.bpm == pytest.approx(140, rel=0.01)


def test_of_two_clocks_the_first_is_followed_until_it_is_gone():
    sender = Sender()
    sender.tick(120, 2)
    for _ in range(200):
        sender.clock.hear(Message("clock"), "other", sender.now)
    assert sender.grid().bpm == pytest.approx(120, rel=0.01)
    for number in range(50):
        sender.clock.hear(Message("clock"), "other", sender.now + 2 + number * 60 / 80 / TICKS)
    assert sender.clock.read(sender.now + 3.5).bpm == pytest.approx(80, rel=0.01)


def test_noise_is_no_tempo():
    dice, clock, now = random.Random(3), MidiClock(), 0.0
    for _ in range(2000):
        now += dice.expovariate(1000)
        clock.hear(Message("clock"), "cable", now)
        assert clock.read(now) is None


def test_other_messages_are_left_alone():
    clock = MidiClock()
    clock.hear(Message("note_on", note=60), "cable", 1.0)
    assert clock.read(1.0) is None
    clock.close()
