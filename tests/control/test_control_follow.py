"""Following a shared beat, in simulated time: how close, how soon, and how seldom anything is changed."""

import pytest

from simba_live.control.follow import Follower
from simba_live.events import Align, Play, Set, Stop
from simba_live.status import Status
from tests.control.simulated_music import SharedBeat, SimulatedMusic, follow, wrong

HEARABLE = 0.02


def tempos(music):
    return [event.value for _, event in music.sent if isinstance(event, Set)]


def jumps(music):
    return [event.beats for _, event in music.sent if isinstance(event, Align)]


@pytest.mark.parametrize("bpm", [40.0, 77.3, 120.0, 240.0])
@pytest.mark.parametrize("behind", [0.02, -0.1, 0.24, 0.7, -1.6, 1.97])
def test_it_comes_onto_the_beat_within_two_bars_and_stays(bpm, behind):
    music = SimulatedMusic(bpm=bpm, jitter=0.003)
    beat = SharedBeat(bpm, -music.beat + behind)
    beat.at = music.now + music.ahead
    follower = Follower(music, beat)
    follow(follower, music, 8 * 60 / bpm + 0.5)
    count = len(music.sent)
    worst = []
    follow(follower, music, 30.0, lambda now: worst.append(abs(wrong(music, beat, now))))
    assert max(worst) < HEARABLE
    assert count <= 6
    assert len(music.sent) == count, "a quiet grid must cause nothing"
    assert bool(jumps(music)) == (abs(behind) > 0.25)
    assert music.bpm == bpm


@pytest.mark.parametrize(("before", "after"), [(100.0, 120.0), (120.0, 100.0), (60.0, 240.0), (240.0, 60.0)])
def test_a_tempo_that_jumps_is_followed_within_two_bars(before, after):
    music, beat = SimulatedMusic(bpm=before), SharedBeat(before)
    follower = Follower(music, beat)
    follow(follower, music, 10.0)
    assert abs(wrong(music, beat, music.now)) < HEARABLE
    beat.change(music.now, after)
    follow(follower, music, 8 * 60 / after)
    worst = []
    follow(follower, music, 10.0, lambda now: worst.append(abs(wrong(music, beat, now))))
    assert max(worst) < HEARABLE
    assert music.bpm == after


def test_a_tempo_that_glides_is_followed_at_no_more_than_a_change_a_beat():
    music, beat = SimulatedMusic(bpm=100.0), SharedBeat(100.0)
    follower = Follower(music, beat)
    follow(follower, music, 10.0)
    worst, before = [], len(music.sent)
    for step in range(1000):
        beat.change(music.now, 100.0 + 40.0 * step / 1000)
        follow(follower, music, 0.02, lambda now: worst.append(abs(wrong(music, beat, now))))
    assert max(worst) < 0.06
    assert len(music.sent) - before <= 20 * 140 / 60


def test_a_device_whose_clock_is_wrong_is_held_on_the_beat_with_few_changes():
    music, beat = SimulatedMusic(drift=2e-4, jitter=0.005), SharedBeat()
    follower = Follower(music, beat)
    follow(follower, music, 10.0)
    before, worst = len(music.sent), []
    follow(follower, music, 600.0, lambda now: worst.append(abs(wrong(music, beat, now))))
    assert max(worst) < HEARABLE
    assert len(music.sent) - before <= 2 * (600 * 2e-4 / 0.004 + 1)


def test_without_bar_lines_the_nearest_beat_counts():
    music, beat = SimulatedMusic(), SharedBeat(beat=2.1, lined=False)
    beat.at = music.now + music.ahead
    follow(Follower(music, beat), music, 5.0)
    assert not jumps(music)
    assert abs(wrong(music, beat, music.now, 1.0)) < HEARABLE


def test_a_tempo_without_a_beat_is_followed_alone():
    music, beat = SimulatedMusic(), SharedBeat(97.0, beat=None)
    beat.beat_at = lambda now: None
    follow(Follower(music, beat), music, 5.0)
    assert tempos(music) == [97.0]
    assert not jumps(music)


def test_while_nothing_plays_the_tempo_is_ready():
    music, beat = SimulatedMusic(playing=False), SharedBeat(90.0)
    follow(Follower(music, beat), music, 3.0)
    assert [event for _, event in music.sent] == [Set("bpm", 90.0)]


def test_a_tempo_out_of_range_is_not_followed():
    music, beat = SimulatedMusic(), SharedBeat(500.0)
    follower = Follower(music, beat)
    follow(follower, music, 3.0)
    assert not music.sent
    assert follower.followed == ("", 0.0)


def test_at_the_limit_of_tempos_it_jumps_instead_of_playing_faster():
    music, beat = SimulatedMusic(bpm=300.0), SharedBeat(300.0, 0.1)
    beat.at = music.now + music.ahead
    follow(Follower(music, beat), music, 5.0)
    assert len(jumps(music)) == 1
    assert abs(wrong(music, beat, music.now)) < HEARABLE


def test_a_beat_lost_while_it_catches_up_leaves_its_tempo():
    music, beat = SimulatedMusic(), SharedBeat(beat=0.2)
    beat.at = music.now + music.ahead
    follower = Follower(music, beat)
    follow(follower, music, 0.5)
    assert music.bpm > 120.0
    beat.there = False
    follow(follower, music, 1.0)
    assert music.bpm == 120.0
    assert follower.followed == ("", 0.0)


def test_a_session_that_refuses_is_asked_again_no_more_than_once_a_beat():
    music, beat = SimulatedMusic(refuse="no"), SharedBeat(130.0)
    follow(Follower(music, beat), music, 10.0)
    looks = {at for at, _ in music.sent}
    assert 5 <= len(looks) <= 10 * 130 / 60 + 1


def test_it_follows_whose_beat_and_which_tempo():
    music, beat = SimulatedMusic(), SharedBeat(130.0)
    follower = Follower(music, beat)
    follow(follower, music, 0.1)
    assert follower.followed == ("link", 130.0)


def test_a_start_is_heard_on_the_bar_line():
    music, beat = SimulatedMusic(playing=False, beat=2.7), SharedBeat(beat=1.6, playing=False)
    beat.at = music.now
    follower = Follower(music, beat)
    follow(follower, music, 1.0)
    assert not music.sent
    beat.change(music.now, playing=True)
    follow(follower, music, 3.0)
    assert abs(wrong(music, beat, music.now)) < HEARABLE
    begun = next(at for at, before, _ in music.history if before != 2.7 and at > music.now - 3)
    assert beat.beat_at(begun) % 4 == pytest.approx(0.0, abs=0.1)
    assert [type(event) for _, event in music.sent[:2]] == [Align, Play]


def test_a_start_that_has_just_happened_is_followed_at_once():
    music, beat = SimulatedMusic(playing=False), SharedBeat(playing=None)
    follower = Follower(music, beat)
    follow(follower, music, 1.0)
    beat.beat, beat.at = 0.0, music.now - 0.05
    beat.fields["playing"] = True
    follow(follower, music, 0.2)
    assert isinstance(music.sent[0][1], Play)
    follow(follower, music, 3.0)
    assert abs(wrong(music, beat, music.now)) < HEARABLE


def test_it_stops_with_the_others_but_may_play_on_beside_those_who_never_began():
    music, beat = SimulatedMusic(), SharedBeat(playing=False)
    follower = Follower(music, beat)
    follow(follower, music, 2.0)
    assert music.playing
    beat.change(music.now, playing=True)
    follow(follower, music, 2.0)
    beat.change(music.now, playing=False)
    follow(follower, music, 1.0)
    assert isinstance(music.sent[-1][1], Stop)


class Band:
    def __init__(self, beat):
        self.beat, self.led, self.kept, self.played = beat, [], [], []

    def lead(self, bpm):
        self.led.append(bpm)

    def keep(self, grid):
        self.kept.append(grid)

    def play(self, playing):
        self.played.append(playing)


def test_the_players_own_tempo_goes_to_everybody_and_ours_does_not():
    music, beat = SimulatedMusic(), SharedBeat(beat=0.2)
    beat.at = music.now + music.ahead
    band = Band(beat)
    follower = Follower(music, beat, band)
    follow(follower, music, 5.0)
    assert tempos(music)
    assert not band.led
    music.turn(133.0)
    follow(follower, music, 0.5, lambda now: band.led and beat.change(now, band.led[0]))
    assert band.led == [133.0]
    follow(follower, music, 5.0)
    assert music.bpm == 133.0
    assert abs(wrong(music, beat, music.now)) < HEARABLE
    # Going back to a tempo that was steered to is nobody's wish.
    music.turn(tempos(music)[0])
    follow(follower, music, 5.0)
    assert len(band.led) == 1


def test_without_a_leader_the_clocks_tempo_takes_over_again():
    music, beat = SimulatedMusic(), SharedBeat()
    follower = Follower(music, beat)
    follow(follower, music, 5.0)
    music.turn(133.0)
    follow(follower, music, 5.0)
    assert music.bpm == 120.0
    assert abs(wrong(music, beat, music.now)) < HEARABLE


def test_the_players_own_start_and_stop_go_to_everybody():
    music, beat = SimulatedMusic(playing=False), SharedBeat(playing=False)
    band = Band(beat)
    follower = Follower(music, beat, band)
    follow(follower, music, 1.0)
    music.playing = True
    follow(follower, music, 0.3)
    assert band.played == [True]
    beat.change(music.now, playing=True)
    follow(follower, music, 3.0)
    music.playing = False
    follow(follower, music, 0.3)
    assert band.played == [True, False]


def test_alone_it_gives_the_leader_our_own_beat():
    music, beat = SimulatedMusic(bpm=101.0), SharedBeat()
    beat.there = False
    band = Band(beat)
    follow(Follower(music, beat, band), music, 1.0)
    grid = band.kept[-1]
    assert not band.led
    assert (grid.bpm, grid.playing, grid.beats_per_bar) == (101.0, True, 4)
    assert grid.beat_at(music.now) == pytest.approx(music.heard(music.now), abs=1e-6)
    assert not music.sent


def test_a_session_that_is_not_ready_is_left_alone():
    music = SimulatedMusic()
    music._status = Status()
    Follower(music, SharedBeat(90.0)).look(100.0)
    assert not music.sent


def test_others_who_disagree_change_no_more_than_a_tempo_a_beat_and_are_followed_in_the_end():
    music, beat = SimulatedMusic(), SharedBeat()
    follower = Follower(music, beat)
    follow(follower, music, 5.0)
    before = len(music.sent)
    for number in range(200):
        beat.change(music.now, (100.0, 140.0)[number % 2], by=(0.3, -0.3)[number % 2])
        follow(follower, music, 0.05)
    assert len({at for at, _ in music.sent[before:]}) <= 10 * 140 / 60 + 1
    follow(follower, music, 8 * 60 / beat.bpm)
    worst = []
    follow(follower, music, 10.0, lambda now: worst.append(abs(wrong(music, beat, now))))
    assert max(worst) < HEARABLE
