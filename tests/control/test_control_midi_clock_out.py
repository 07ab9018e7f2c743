"""Our beat as a MIDI clock: on the beats that are heard, through starts, stops and jumps."""

import threading
import time

import pytest

from simba_live.control.midi_clock import MidiClock
from simba_live.control.midi_clock_out import ClockOut, Ticker
from simba_live.status import Status


class Music:
    """A session in exact time, whose status is told ten times a second, and what a ticker makes of it."""

    def __init__(self, bpm=120.0):
        self.bpm, self.beat, self.playing, self.now = bpm, 0.0, False, 50.0
        self.ticker, self.sent, self.clock = Ticker(), [], MidiClock()
        self._told = self._status()
        self._tell_at = 0.0

    def _status(self):
        # What was committed last is heard a little later.
        ahead = 0.04
        beat = self.beat + ahead * self.bpm / 60 if self.playing else self.beat
        return Status(
            ready=True, playing=self.playing, bpm=self.bpm, heard_beat=beat, heard_at=self.now + ahead
        )

    def run(self, seconds, step=0.0005):
        until = self.now + seconds
        due = 0.0
        while self.now < until:
            if self.now >= self._tell_at:
                self._told, self._tell_at = self._status(), self.now + 0.1
                due = 0.0
            if self.now >= due:
                messages, due = self.ticker.due(self._told, self.now)
                for message in messages:
                    self.sent.append(message.type)
                    self.clock.hear(message, "out", self.now)
            self.now += step
            if self.playing:
                self.beat += step * self.bpm / 60

    def play(self, playing=True):
        self.playing, self._tell_at = playing, 0.0

    @property
    def heard(self):
        return self.clock.read(self.now)


def test_whoever_listens_hears_our_beats():
    music = Music()
    music.run(1.0)
    assert set(music.sent) == {"clock"}
    assert music.heard.bpm == pytest.approx(120, rel=0.01)
    music.play()
    music.run(4.0)
    assert music.sent.count("start") == 1
    assert music.heard.beat == pytest.approx(music.beat, abs=0.02)
    assert music.heard.playing is True
    music.bpm = 90.0
    music.run(6.0)
    assert music.heard.bpm == pytest.approx(90, rel=0.01)
    assert music.heard.beat == pytest.approx(music.beat, abs=0.02)
    assert music.sent.count("start") + music.sent.count("continue") == 1


def test_stop_and_play_go_on_at_the_same_place():
    music = Music()
    music.play()
    music.run(3.3)
    music.play(False)
    music.run(2.0)
    assert music.heard.playing is False
    assert music.sent.count("stop") == 1
    music.play()
    music.run(3.0)
    assert music.sent.count("continue") == 1
    assert music.heard.beat == pytest.approx(music.beat, abs=0.02)


@pytest.mark.parametrize("beat", [0.0, 3.1, 400.7])
def test_a_jump_of_the_music_is_told(beat):
    music = Music(100.0)
    music.play()
    music.run(4.0)
    music.beat = beat
    music.run(3.0)
    assert music.sent.count("stop") == 1
    assert music.heard.beat == pytest.approx(music.beat, abs=0.02)


def test_music_of_hours_counts_anew():
    music = Music()
    music.beat = 16384 / 4 * 3 + 5.0
    music.play()
    music.run(2.0)
    assert music.heard.beat == pytest.approx(music.beat - 16384 / 4 * 3, abs=0.02)


def test_a_late_look_never_sends_a_burst():
    ticker = Ticker()
    resting = Status(ready=True, bpm=120.0)
    ticker.due(resting, 1.0)
    assert len(ticker.due(resting, 60.0)[0]) == 1
    playing = Status(ready=True, playing=True, bpm=120.0, heard_beat=0.0, heard_at=60.0)
    ticker.due(playing, 60.0)
    assert len(ticker.due(playing, 90.0)[0]) <= 9


def test_before_it_is_ready_nothing_is_sent():
    assert Ticker().due(Status(), 1.0)[0] == []


def test_the_thread_ticks_in_time_and_ends_with_a_stop():
    sent, over = [], threading.Event()
    began = time.monotonic()
    status = Status(ready=True, playing=True, bpm=150.0, heard_beat=0.0, heard_at=began)

    def send(message):
        sent.append((message.type, time.monotonic() - began))
        if len(sent) == 40:
            over.set()

    out = ClockOut(lambda: status, send)
    out.start()
    assert over.wait(5.0)
    out.close()
    assert (sent[0][0], sent[-1][0]) == ("start", "stop")
    late = sorted(at - number * 60 / 150 / 24 for number, (_, at) in enumerate(sent[1:-1]))
    assert late[len(late) // 2] < 0.05
    assert late[0] > -0.002


def test_a_port_that_fails_does_not_end_the_thread(caplog):
    heard = []

    def send(message):
        heard.append(message)
        raise OSError("gone")

    out = ClockOut(lambda: Status(ready=True, bpm=120.0), send)
    out.start()
    time.sleep(0.05)
    out.close()
    assert heard
    assert "the MIDI clock stumbled" in caplog.text
