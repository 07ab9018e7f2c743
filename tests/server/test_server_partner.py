"""What a session does about a player, and what it shows of them; without an ear."""

import numpy as np
import pytest

from simba_live.control.driven import News
from simba_live.control.fake import FakeDriven
from simba_live.events import Hear, Set
from simba_live.server import partner as room
from simba_live.server.hearing import EarFailed, EarNews, EarOptions, EarReady, Heard, Level, Tune
from simba_live.server.partner import Partner
from simba_live.server.player_clock import PlayerClock

CODES = np.arange(10).reshape(2, 5)


class StillEar:
    """An ear that hears nothing, and what it was told."""

    def __init__(self, options, take):
        self.take, self.attended, self.closed, self.pid = take, [], False, 7

    def attend(self, wanted):
        self.attended.append(wanted)

    def close(self):
        self.closed = True


class Scene:
    def __init__(self, silence_beats=0.0, follow_key=False):
        self.driven, self.told, self.ready = FakeDriven(), [], []
        self.driven.change(bpm=120.0, heard_beat=8.0, heard_at=100.0, listening=True)
        self.partner = Partner(
            self.driven, EarOptions("mic"), silence_beats, follow_key, self.told.append, self.ready.append
        )
        self.ear = self.partner._ear
        self.take = self.ear.take

    def listen(self, on=1, jam="continue"):
        self.driven.send(Set("jam", jam))
        self.driven.send(Set("listen", on))
        self.driven.sent.clear()

    @property
    def sent(self):
        return self.driven.sent


@pytest.fixture(autouse=True)
def _still(monkeypatch):
    monkeypatch.setattr(room, "Ear", StillEar)


def test_what_is_heard_is_sent_with_the_beat_on_which_it_ended():
    scene = Scene()
    scene.take(Heard(CODES, 101.0))
    assert scene.sent == [], "nobody listens"
    scene.listen()
    scene.take(Heard(CODES, 101.0))
    ((event, quantum),) = scene.sent
    assert isinstance(event, Hear)
    assert np.array_equal(event.codes, CODES)
    assert (event.beat, quantum) == (pytest.approx(10.0), "now")
    scene.driven.change(heard_at=0.0)
    scene.take(Heard(CODES, 101.0))
    assert scene.driven.events[-1].beat is None


def test_a_session_that_is_busy_is_left_alone():
    scene = Scene()
    scene.listen()
    scene.driven.busy = "too much"
    scene.take(Heard(CODES, 1.0))
    assert scene.sent == []


def test_the_ear_attends_while_the_control_says_so():
    scene = Scene()
    scene.listen()
    scene.listen(0)
    assert scene.ear.attended == [True, False]
    scene.partner.close()
    assert scene.ear.closed
    scene.listen()
    assert scene.ear.attended == [True, False]


def test_after_silence_the_music_goes_on_by_itself():
    scene = Scene(silence_beats=4.0)
    scene.listen()
    scene.take(Level(silent_seconds=9.0))
    assert scene.sent == [], "who has not begun is waited for"
    scene.take(Heard(CODES, 101.0))
    scene.take(Level(silent_seconds=1.9))
    assert len(scene.sent) == 1
    scene.take(Level(silent_seconds=2.0))
    assert scene.sent[1:] == [(Set("listen", 0), "beat")]
    scene.take(Level(silent_seconds=2.1))
    assert len(scene.sent) == 2


@pytest.mark.parametrize(("beats", "jam"), [(0.0, "continue"), (4.0, "trade"), (4.0, "shadow")])
def test_silence_ends_nothing_else(beats, jam):
    scene = Scene(silence_beats=beats)
    scene.listen(jam=jam)
    scene.take(Heard(CODES, 101.0))
    scene.take(Level(silent_seconds=60.0))
    assert all(isinstance(event, Hear) for event in scene.driven.events)


def test_the_players_key_is_taken_over_where_it_is_open():
    scene = Scene(follow_key=True)
    scene.listen()
    scene.take(Tune(0.0, 1.0, ""))
    scene.take(Tune(0.0, 1.0, "A minor"))
    scene.take(Tune(0.0, 1.0, "A minor"))
    assert scene.sent == [(Set("key", "A minor"), "now")]
    scene.take(Tune(0.0, 1.0, "C major"))
    assert scene.sent[1:] == [(Set("key", "C major"), "now")]
    scene.driven.send(Set("key", "E minor"))
    scene.sent.clear()
    scene.take(Tune(0.0, 1.0, "D minor"))
    assert scene.sent == [], "the performer knows better"


def test_the_key_stays_when_nobody_listens_or_nobody_asked():
    for scene in (Scene(follow_key=True), Scene()):
        scene.driven.change(listening=scene is None)
        scene.take(Tune(0.0, 1.0, "A minor"))
        assert scene.sent == []


def test_the_status_shows_the_input():
    scene = Scene()
    assert scene.partner.shown(scene.driven.status()).input == "mic"
    scene.take(Level("Scarlett", "gone", -3.0, -9.0, True, 0.0, 0.1))
    shown = scene.partner.shown(scene.driven.status())
    assert (shown.input, shown.input_lost, shown.input_clipped) == ("Scarlett", "gone", True)
    assert (shown.input_peak, shown.input_rms, scene.partner.load) == (-3.0, -9.0, 0.1)


def test_news_and_readiness_are_handed_on():
    scene = Scene()
    scene.take(EarReady("mic"))
    scene.take(EarNews("mic is lost"))
    scene.take(EarFailed("no mic"))
    assert scene.told == [News("input", "mic is lost")]
    assert scene.ready == ["", "no mic"]


def test_the_players_beat_is_held_steady_and_forgotten():
    clock = PlayerClock()
    assert clock.read(0.0) is None
    clock.hear(Tune(100.0, 10.0, ""))
    clock.hear(Tune(100.5, 12.0, ""))
    clock.hear(Tune(0.0, 13.0, ""))
    grid = clock.read(13.0)
    assert (grid.bpm, grid.at, grid.lined) == (100.0, 12.0, False)
    assert grid.beat_at(12.6) == pytest.approx(1.0)
    assert clock.read(17.0).beat is None
    assert clock.read(17.0).bpm == 100.0
    assert clock.read(33.0) is None
    clock.hear(Tune(110.0, 34.0, ""))
    assert clock.read(34.0).bpm == 110.0


def test_shadow_is_told_of_a_beat_at_a_time():
    scene = Scene()
    scene.listen(jam="shadow")
    for number in range(1, 11):
        scene.take(Heard(CODES, 100.0 + number))
        assert len(scene.sent) == number // 5, "half a second is 25 frames"
    assert scene.driven.events[0].codes.shape == (2, 25)
    scene.driven.change(bpm=20.0)
    for _ in range(8):
        scene.take(Heard(CODES, 120.0))
    assert scene.driven.events[2].codes.shape == (2, 40)
