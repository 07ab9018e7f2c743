import json
import math
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from simba_live.conditions import (
    CHORD_IN,
    CHORD_ROOT,
    DRUM_ONSET,
    DRUMS,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
)
from simba_live.music.arranger import Arranger, Settings
from simba_live.music.frames import ConditionStream
from simba_live.music.live import Calls, LiveArranger, Position, Run
from simba_live.music.rows import DRUM_COLUMNS
from simba_live.music.score import QUALITIES, Chord, Key, MusicError
from simba_live.music.styles import STYLES
from tests.music.playing import HOUSE, RATE, equal, onsets, play, rows


@pytest.mark.parametrize(
    ("name", "bpm", "beats", "frame_rate"),
    [
        ("house", None, None, 50.0),
        ("jazz", 101.3, 3, 50.0),
        ("folk", 87.77, 5, 75.0),
        ("metal", 299.9, 2, 50.0),
        ("ambient", 20.0, 12, 50.0),
        ("drum and bass", 174.0, 7, 75.0),
    ],
)
def test_left_alone_it_is_the_condition_stream(name, bpm, beats, frame_rate):
    settings = Settings(name, bpm=bpm, beats_per_bar=beats, seed=5)
    stream = ConditionStream(Arranger(settings), frame_rate)
    frames, before, _ = play(LiveArranger(frame_rate), settings, Position(), 2500)
    equal(rows(frames), stream.frames(0, 2500))
    assert [position.bar for position in before] == [stream.bar_at(frame) for frame in range(2500)]
    for frame in (0, 1234, 2499):
        assert frames[frame].bar == Arranger(settings).bar(before[frame].bar)


@pytest.mark.parametrize(("bpm", "beats"), [(119.7, 4), (133.3, 3), (87.77, 5)])
def test_it_does_not_drift_in_a_hundred_thousand_frames(bpm, beats):
    settings = replace(HOUSE, bpm=bpm, beats_per_bar=beats)
    stream = ConditionStream(Arranger(settings), RATE)
    # A session of 33 minutes is stepped through for one tempo; for all, it is also joined late.
    position = Position()
    if bpm == 119.7:
        live, window = LiveArranger(RATE), []
        for frame in range(100_000):
            exact = Fraction(frame) * Fraction(bpm) / 60 / Fraction(RATE)
            assert abs(position.bar * beats + position.beat - exact) < 1e-6
            made = live.frame(settings, position, Calls())
            if frame % 10_000 >= 9_950:
                window.append(made)
                if len(window) == 50:
                    equal(rows(window), stream.frames(frame - 49, 50))
                    window = []
            position = made.position
    # 55 hours on: what is not known of the time before, onsets and sounding notes, takes a bar to come right.
    start = 9_999_000
    late = Position(bar=stream.bar_at(start), line=None, run=Run(bpm, beats), frames=start, onsets=(0,) * 75)
    frames, before, _ = play(LiveArranger(RATE), settings, late, 1000)
    settled = slice(400, 1000)
    equal(rows(frames)[settled], stream.frames(start, 1000)[settled])
    for offset in (400, 999):
        exact = Fraction(start + offset) * Fraction(bpm) / 60 / Fraction(RATE)
        assert abs(before[offset].bar * beats + before[offset].beat - exact) < 1e-6


def test_bar_and_beat_lines_are_where_they_should_be():
    _, before, _ = play(LiveArranger(RATE), HOUSE, Position(), 400)
    lines = {frame: position.line for frame, position in enumerate(before) if position.line}
    assert lines == {frame: "bar" if frame % 100 == 0 else "beat" for frame in range(0, 400, 25)}
    # 113 BPM: lines fall between frames, and the first frame after one is on it.
    _, before, _ = play(LiveArranger(RATE), replace(HOUSE, bpm=113.0), Position(), 400)
    beats = [math.ceil(beat * 60 / 113 * RATE - 1e-6) for beat in range(16)]
    assert [frame for frame, position in enumerate(before) if position.line] == beats
    assert [frame for frame, position in enumerate(before) if position.line == "bar"] == beats[::4]


@pytest.mark.parametrize("frames_a_beat", range(11, 140, 8))
def test_a_beat_that_rounding_puts_beside_its_frame_is_on_it(frames_a_beat):
    settings = replace(HOUSE, bpm=60.0 * RATE / frames_a_beat, beats_per_bar=7)
    _, before, _ = play(LiveArranger(RATE), settings, Position(), 12 * frames_a_beat)
    on_beats = before[::frames_a_beat]
    assert [place for place in before if place.line] == on_beats
    # Never an ulp before it: whoever asks for the whole beats gets the right ones.
    assert [int(place.beat) for place in on_beats] == [number % 7 for number in range(12)]
    assert [place.bar for place in on_beats] == [number // 7 for number in range(12)]


def random_changes(seed, count):
    """Settings and calls that change every so often, at any moment."""
    rng = np.random.default_rng(seed)
    settings, calls = HOUSE, Calls()
    for _ in range(count):
        if rng.random() < 0.08:
            settings = Settings(
                str(rng.choice(list(STYLES))) if rng.random() < 0.3 else settings.style,
                bpm=None if rng.random() < 0.2 else float(rng.uniform(40.0, 240.0)),
                key=Key(int(rng.integers(12)), str(rng.choice(["major", "minor"]))),
                beats_per_bar=None if rng.random() < 0.2 else int(rng.integers(2, 13)),
                seed=int(rng.integers(3)),
                drums=[None, True, False][rng.integers(3)],
            )
        if rng.random() < 0.08:
            quality = str(rng.choice(list(QUALITIES)))
            calls = Calls(
                section=[None, "drop", "break", "build", "intro"][rng.integers(5)],
                chord=Chord(int(rng.integers(12)), quality, int(rng.integers(12)))
                if rng.random() < 0.5
                else None,
                density=float(rng.random()) if rng.random() < 0.5 else None,
            )
        yield settings, calls


def test_whatever_changes_every_frame_makes_sense():
    live, position = LiveArranger(RATE), Position()
    sounding: set[int] = set()
    for settings, calls in random_changes(1, 3000):
        frame = live.frame(settings, position, calls)
        conditions, after = frame.conditions, frame.position
        assert len(conditions) == 1
        notes = conditions.notes[0]
        # No note sounds that has not begun.
        assert set(np.flatnonzero(notes == NOTE_SUSTAINED)) <= sounding
        sounding = set(np.flatnonzero(notes != NOTE_OFF))
        plan = Arranger(settings).plan
        assert conditions.tempo[0] == np.float32(plan.bpm)
        assert (frame.bar.bpm, frame.bar.beats_per_bar, frame.bar.key) == (plan.bpm, plan.beats, plan.key)
        assert conditions.key[0] == plan.key.index
        assert 0.0 <= conditions.beat[0] < 1.0
        assert 0.0 <= conditions.bar[0] < 1.0
        assert 0.0 <= conditions.density[0] <= 1.0
        if calls.chord is not None:
            assert conditions.chord[0, calls.chord.root] == CHORD_ROOT
            assert frame.bar.chord_at(position.beat) == calls.chord
        if calls.section is not None:
            assert frame.bar.section == calls.section
        # Time goes on, a frame at a time, and a new bar begins at its beginning.
        step = plan.bpm / 60.0 / RATE
        assert after.bar - position.bar in (0, 1)
        assert (after.bar > position.bar) == (after.line == "bar")
        assert 0.0 <= after.beat < (step + 1e-6 if after.line == "bar" else plan.beats)
        assert len(after.onsets) <= 75
        position = after


def test_a_frame_depends_on_nothing_but_its_arguments():
    live, position = LiveArranger(RATE), Position()
    asked, made = [], []
    for settings, calls in random_changes(2, 600):
        asked.append((settings, position, calls))
        made.append(live.frame(*asked[-1]))
        position = made[-1].position
    for index in np.random.default_rng(0).permutation(600)[:200]:
        for arranger in (live, LiveArranger(RATE)) if index % 10 == 0 else (live,):
            again = arranger.frame(*asked[index])
            equal(again.conditions, made[index].conditions)
            assert (again.position, again.bar) == (made[index].position, made[index].bar)
        # Whoever got a frame may write into it.
        again.conditions.notes[:] = NOTE_ONSET
        again.conditions.chord[:] = CHORD_IN


def test_a_position_survives_being_stored():
    live, position = LiveArranger(RATE), Position()
    for settings, calls in random_changes(3, 400):
        position = live.frame(settings, position, calls).position
        stored = json.dumps(position.to_json())
        assert len(stored) < 2000
        assert Position.from_json(json.loads(stored)) == position
    assert Position.from_json(Position().to_json()) == Position()
    good = position.to_json()
    broken = ({"bar": "x"}, {"bar": -1}, {"bar": math.inf}, {"beat": math.nan}, {"run": None}, {"onsets": 3})
    for wrong in ({}, *(good | part for part in broken)):
        with pytest.raises(MusicError, match="no position"):
            Position.from_json(wrong)


def test_tempo_moves_smoothly_and_no_note_is_lost_or_doubled():
    live, position = LiveArranger(RATE), Position()
    frames, before = [], []
    tempos = [100.0 + 40.0 * math.sin(frame / 70.0) for frame in range(3000)]
    for bpm in tempos:
        before.append(position)
        frames.append(live.frame(replace(HOUSE, bpm=bpm), position, Calls()))
        position = frames[-1].position
    passed = sum(bpm / 60.0 / RATE for bpm in tempos)
    assert position.bar * 4 + position.beat == pytest.approx(passed, abs=1e-6)
    assert {frame.bar.bpm for frame in frames} == set(tempos)
    conditions = rows(frames)
    steps = np.diff(conditions.beat) % 1.0
    np.testing.assert_allclose(steps, np.array(tempos[:-1]) / 60.0 / RATE, atol=1e-5)
    notes, drums = set(), set()
    for index in range(position.bar):
        inside = [number for number, place in enumerate(before) if place.bar == index]
        beats = [before[number].beat for number in inside]
        for note in Arranger(HOUSE).bar(index).notes:
            frame = inside[max(int(np.searchsorted(beats, note.start + 1e-9, "right")) - 1, 0)]
            if note.part == "drums":
                drums.add((frame, DRUM_COLUMNS[note.pitch]))
            else:
                notes.add((frame, note.pitch))
    complete = before.index(next(place for place in before if place.bar == position.bar))
    assert notes == onsets(conditions[:complete])
    assert drums == {tuple(cell) for cell in np.argwhere(conditions.drums[:complete] == DRUM_ONSET).tolist()}


@pytest.mark.parametrize("jump", [(200.0, 60.0), (60.0, 200.0), (90.0, 91.0)])
@pytest.mark.parametrize("frames_after_line", [-1, 0, 1])
def test_a_tempo_that_jumps_near_a_bar_line_keeps_the_downbeat(jump, frames_after_line):
    fast, slow = (replace(HOUSE, bpm=bpm) for bpm in jump)
    live = LiveArranger(RATE)
    _, before, _ = play(live, fast, Position(), 1300)
    line = next(i for i, p in enumerate(before) if p.line == "bar" and p.bar == 5)
    kicks = []
    for number in range(line - 5, line + 6):
        if number == line - 5:
            position = before[number]
        made = live.frame(fast if number < line + frames_after_line else slow, position, Calls())
        kicks.append(int(made.conditions.drums[0, DRUMS.index("kick")] == DRUM_ONSET))
        position = made.position
    assert sum(kicks) == 1


@pytest.mark.parametrize(
    ("settings", "calls", "message"),
    [
        (Settings("polkadot"), Calls(), "no style 'polkadot'"),
        (Settings("house", bpm=float("nan")), Calls(), "nan bpm is out of range"),
        (Settings("house", bpm=301.0), Calls(), "301 bpm is out of range"),
        (Settings("house", beats_per_bar=13), Calls(), "13 beats in a bar"),
        (Settings("house"), Calls(section="bridge"), "no section 'bridge'"),
        (Settings("house"), Calls(density=2.0), "density is 2"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(settings, calls, message):
    with pytest.raises(MusicError, match=message) as caught:
        LiveArranger(RATE).frame(settings, Position(), calls)
    assert "\n" not in str(caught.value)


def test_a_frame_is_cheap():
    live, position = LiveArranger(RATE), Position()
    spent, new_bars = [], []
    for _ in range(4000):
        begin = time.process_time_ns()
        after = live.frame(HOUSE, position, Calls()).position
        (new_bars if position.line == "bar" else spent).append(time.process_time_ns() - begin)
        position = after
    assert np.median(spent) < 150_000
    assert np.median(new_bars) < 5_000_000


@pytest.mark.parametrize("beats", [0.5, -0.5, 3.9, -3.9, 1e-9, 4.0])
def test_a_shifted_position_is_there_and_goes_on_in_time(beats):
    live = LiveArranger(RATE)
    _, _, position = play(live, HOUSE, Position(), 733)
    here = 4 * position.bar + position.beat
    shifted = live.shifted(HOUSE, position, beats)
    assert 4 * shifted.bar + shifted.beat == pytest.approx(here + beats)
    frames, before, _ = play(live, HOUSE, shifted, 300)
    places = [4 * one.bar + one.beat for one in before]
    np.testing.assert_allclose(places, here + beats + np.arange(300) * 0.04, atol=1e-6)
    clock = rows(frames)
    np.testing.assert_allclose(clock.bar, np.array(places) % 4 / 4, atol=1e-5)
    # Every line is passed once, by the first frame that begins on or after it.
    for index in range(1, 300):
        passed = math.floor(places[index] + 1e-6) > math.floor(places[index - 1] + 1e-6)
        assert (before[index].line is not None) == passed
        assert (before[index].line == "bar") == (passed and math.floor(places[index] + 1e-6) % 4 == 0)


def test_a_shift_onto_a_line_plays_what_is_on_it():
    live = LiveArranger(RATE)
    whole, before, _ = play(live, HOUSE, Position(), 900)
    shifted = live.shifted(HOUSE, before[733], 4.0 - before[733].beat)
    assert (shifted.bar, shifted.beat, shifted.line) == (before[733].bar + 1, 0.0, "bar")
    line = next(index for index in range(733, 900) if before[index].line == "bar")
    again, _, _ = play(live, HOUSE, replace(shifted, sounding=before[line].sounding), 100)
    np.testing.assert_array_equal(rows(again).drums, rows(whole[line : line + 100]).drums)


def test_before_the_beginning_there_is_a_later_bar():
    live = LiveArranger(RATE)
    early = live.shifted(HOUSE, Position(), -0.5)
    assert (early.bar, early.beat, early.line) == (0, 3.5, None)
    assert live.shifted(HOUSE, Position(), -9.0).bar == 0
    assert live.shifted(HOUSE, Position(), 0.0).line == "bar"
