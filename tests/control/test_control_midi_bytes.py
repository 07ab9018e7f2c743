"""Bytes of a MIDI cable: running status, clocks in between, makers' messages, noise."""

import random

import mido
import pytest
from mido import Message

from simba_live.control.midi_bytes import Decoder

ON, CLOCK = Message("note_on", note=60, velocity=100), Message("clock")


def test_every_message_comes_back_as_it_was_sent():
    sent = [
        Message("note_on", channel=3, note=60, velocity=1),
        Message("note_off", channel=15, note=127, velocity=64),
        Message("polytouch", note=1, value=2),
        Message("control_change", control=64, value=127),
        Message("program_change", program=5),
        Message("aftertouch", value=9),
        Message("pitchwheel", pitch=-8192),
        Message("songpos", pos=16383),
        Message("song_select", song=3),
        Message("quarter_frame", frame_type=2, frame_value=3),
        Message("tune_request"),
        *(Message(kind) for kind in ("clock", "start", "continue", "stop", "active_sensing", "reset")),
    ]
    whole, split = Decoder(), Decoder()
    data = [byte for message in sent for byte in message.bytes()]
    assert whole.feed(data) == sent
    assert [message for byte in data for message in split.feed([byte])] == sent


def test_a_status_may_be_left_out_until_another_comes():
    data = [0x90, 60, 100, 60, 0, 64, 90, 0xB0, 64, 127, 64, 0]
    expected = [(0x90, 60, 100), (0x90, 60, 0), (0x90, 64, 90), (0xB0, 64, 127), (0xB0, 64, 0)]
    assert [tuple(message.bytes()) for message in Decoder().feed(data)] == expected


def test_a_message_for_all_channels_ends_running_status():
    assert Decoder().feed([0x90, 60, 100, 0xF2, 1, 2, 61, 100]) == [ON, Message("songpos", pos=257)]


@pytest.mark.parametrize("place", range(6))
def test_a_clock_may_come_anywhere(place):
    data = [0x90, 60, 100, 60, 0]
    data.insert(place, 0xF8)
    messages = Decoder().feed(data)
    assert [message for message in messages if message != CLOCK] == [ON, ON.copy(velocity=0)]
    assert messages.count(CLOCK) == 1


def test_makers_messages_are_left_out_and_what_follows_is_heard():
    assert Decoder().feed([0xF0, 1, 0xF8, 2, 0xF7, 60, 100, *ON.bytes()]) == [CLOCK, ON]
    assert Decoder().feed([0xF0, 1, 2, *ON.bytes()]) == [ON]


def test_noise_never_raises_and_ends_with_the_next_status():
    dice = random.Random(1)
    decoder = Decoder()
    for message in decoder.feed(dice.randrange(256) for _ in range(20_000)):
        assert isinstance(message, mido.Message)
    assert decoder.feed(ON.bytes())[-1] == ON
