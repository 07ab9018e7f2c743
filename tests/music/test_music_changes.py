"""Keys, colours and voicings of bars: modulation, borrowed chords, endings."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.changes import Changes, Course
from simba_live.music.composer import compose
from simba_live.music.dice import Dice
from simba_live.music.frames import ConditionStream
from simba_live.music.harmony import enrich
from simba_live.music.live import Calls, LiveArranger, Position
from simba_live.music.score import Chord, Key
from simba_live.music.settings import resolve
from simba_live.music.style import Modulation
from simba_live.music.styles import STYLES
from simba_live.music.theory import in_parallel, parse_progression

BARS = 100


def modulating(name):
    """Settings of a seed that modulates in a style."""
    return next(
        Settings(name, seed=seed) for seed in range(99) if resolve(Settings(name, seed=seed)).modulation
    )


MODULATING = [name for name, style in STYLES.items() if any(style.modulations)]


def test_many_styles_modulate_and_some_never_do():
    assert len(MODULATING) >= 15
    assert "techno" not in MODULATING


@pytest.mark.parametrize("name", MODULATING)
def test_a_modulation_lands_on_a_section_and_its_dominant_comes_before(name):
    arranger = Arranger(modulating(name))
    home = arranger.plan.key
    bars = [arranger.bar(index) for index in range(BARS)]
    changes = [(before, after) for before, after in pairwise(bars) if before.key != after.key]
    assert changes
    for before, after in changes:
        assert before.section != after.section
        door = before.chords[-1][1]
        assert (door.root, door.quality) == ((after.key.tonic + 7) % 12, "7")
    # Home is where most of the music is, and where it starts.
    assert [bar.key for bar in bars[:12]] == [home] * 12
    assert np.mean([bar.key == home for bar in bars]) > 0.6
    # What is played is in the new key: most of it are notes of its scale.
    inside = []
    for bar in bars:
        if bar.key != home:
            steps = (0, 2, 4, 5, 7, 9, 11) if bar.key.mode == "major" else (0, 2, 3, 5, 7, 8, 10)
            scale = {(bar.key.tonic + step) % 12 for step in steps}
            inside += [note.pitch % 12 in scale for note in bar.notes if note.part != "drums"]
    assert np.mean(inside) > 0.85


def test_a_key_that_was_asked_for_is_kept():
    settings = modulating("ballad")
    key = resolve(settings).key
    asked = Arranger(replace(settings, key=key))
    assert {asked.bar(index).key for index in range(BARS)} == {key}
    open_key = Arranger(replace(settings, key=key, modulates=True))
    free = Arranger(settings)
    assert [open_key.bar(index).notes for index in range(60)] == [
        free.bar(index).notes for index in range(60)
    ]
    assert {Arranger(replace(settings, modulates=False)).bar(index).key for index in range(BARS)} == {key}


def test_short_pieces_keep_their_key_and_long_ones_may_rise():
    settings = next(
        Settings("trance", seed=seed)
        for seed in range(99)
        if resolve(Settings("trance", seed=seed)).modulation == Modulation("drop", 2, lift=True)
    )
    assert {bar.key for bar in compose(settings, 40).bars} == {resolve(settings).key}
    keys = [bar.key for bar in compose(settings, 100).bars]
    risen = Key((keys[0].tonic + 2) % 12, keys[0].mode)
    assert keys[-1] == risen
    assert keys == sorted(keys, key=lambda key: key == risen)


def test_a_called_chord_is_at_home_and_a_called_section_stays_where_it_was_met():
    settings = modulating("soul")
    arranger = Arranger(settings)
    away = next(index for index in range(BARS) if arranger.bar(index).key != arranger.plan.key)
    assert arranger.bar(away, chord=Chord.parse("Am")).key == arranger.plan.key
    key = arranger.bar(away).key
    assert {arranger.bar(away + n, "verse", since=away).key for n in range(40)} == {key}
    assert arranger.bar(away, "verse").key == arranger.plan.key


def test_frames_tell_the_key_and_live_is_offline():
    settings = replace(modulating("trance"), bpm=240.0)
    arranger = Arranger(settings)
    stream = ConditionStream(arranger, 50.0)
    away = next(index for index in range(BARS) if arranger.bar(index).key != arranger.plan.key)
    start = int(away * stream.bar_seconds * 50.0) - 30
    keys = stream.frames(start, 90).key
    assert keys[0] == arranger.plan.key.index
    assert keys[-1] == arranger.bar(away).key.index
    live, position = LiveArranger(50.0), Position()
    for frame in range(start + 90):
        made = live.frame(settings, position, Calls())
        position = made.position
        if frame >= start:
            assert made.conditions.key[0] == keys[frame - start]


@pytest.mark.parametrize(
    ("to", "home", "away"),
    [
        (2, Key(11, "major"), Key(1, "major")),
        ("relative", Key(9, "minor"), Key(0, "major")),
        ("relative", Key(0, "major"), Key(9, "minor")),
        ("parallel", Key(4, "minor"), Key(4, "major")),
    ],
)
def test_keys_have_neighbours(to, home, away):
    assert Modulation("break", to).of(home) == away


def test_colours_join_the_second_half_and_leave_the_first_chord_of_each_bar():
    rich = [enrich("1 6m 4 5", "secondary suspended passing", 1.0, "major", Dice(n)) for n in range(40)]
    assert {len(text.split()) for text in rich} == {8}
    added = np.zeros(8)
    for text in rich:
        for place, (bar, plain) in enumerate(zip(text.split(), ["1", "6m", "4", "5"] * 2, strict=True)):
            assert bar.startswith(plain)
            added[place] += bar != plain
    assert added[4:].sum() > 1.5 * added[:4].sum()
    assert enrich("1 6m 4 5", "", 1.0, "major", Dice(1)) == "1 6m 4 5 1 6m 4 5"


@pytest.mark.parametrize(
    ("text", "colour", "mode", "found"),
    [
        ("1 6m 4 5", "secondary", "major", "1,37"),
        ("1maj7 2m7", "two-five", "major", "1maj7"),
        ("2m7 57 1maj7 1maj7", "tritone", "major", "57,b27"),
        ("4 5 1 1", "suspended", "major", "5sus4,5"),
        ("4maj7 1maj7", "minor-four", "major", "4maj7,4m6"),
        ("1m7 4m7", "major-four", "minor", "4m7,47"),
        ("4 5 6m 5 1 1 4 5", "backdoor", "major", "4m7,b77"),
        ("1 4 5 1", "flat-six", "major", "b6,b7"),
        ("4 5 1 1", "passing", "major", "4,#4dim7"),
        ("1 5 6m 4", "inverted", "major", "5/7"),
        ("17 17 47 17", "turnaround", "major", "17,57"),
    ],
)
def test_each_colour_is_heard_where_it_belongs(text, colour, mode, found):
    bars = {bar for n in range(30) for bar in enrich(text, colour, 1.0, mode, Dice(n)).split()}
    assert found in bars
    assert all(parse_progression(bar, Key(3, mode), 4) for bar in bars)


def test_pieces_of_one_style_differ_in_their_harmony():
    for name, style in STYLES.items():
        found = {str(resolve(Settings(name, seed=seed)).progressions) for seed in range(24)}
        assert len(found) >= (18 if style.colours else 4), name


@pytest.mark.parametrize("name", STYLES)
def test_voices_are_led(name):
    steps, widest, parallel, turns = [], [], 0, 0
    for seed in (1, 2, 3):
        settings = Settings(name, seed=seed)
        changes = Changes(resolve(settings))
        layers = [layer for layer in STYLES[name].layers if layer.kind == "pad"]
        for layer in layers:
            before = None
            for index in range(16):
                measure = changes.measure(index, Course("verse"))
                for (_, chord), notes in zip(measure.chords, changes.voicing(layer, measure), strict=True):
                    if before is not None and chord != before[0] and len(notes) == len(before[1]):
                        moved = [abs(a - b) for a, b in zip(notes, before[1], strict=True)]
                        steps.append(np.mean(moved))
                        widest.append(max(moved))
                        turns += 1
                        parallel += in_parallel(before[0].bass, before[1][-1], chord.bass, notes[-1])
                    before = (chord, notes)
    if steps:
        assert np.mean(steps) < 3.0
        assert np.mean(np.array(widest) > 7) < 0.1
        assert parallel / turns < 0.25


def test_an_ending_that_is_called_comes_to_rest_and_stays_there():
    arranger = Arranger(Settings("rock", key=Key(4, "major"), seed=2))
    bars = [arranger.bar(20 + n, "ending", since=20) for n in range(8)]
    assert all(bar.chords[0][1].root == 4 for bar in bars[3:])
    assert max(note.duration for note in bars[3].notes) == pytest.approx(4.0, abs=0.1)
    loud = [np.mean([note.velocity for note in bar.notes if note.part == "comp"]) for bar in bars[3:]]
    assert loud[:4] == sorted(loud[:4], reverse=True)
    assert loud[-1] < 0.75 * loud[0]
    assert any(note.part == "drums" for note in bars[3].notes)
    assert not any(note.part == "drums" for bar in bars[4:] for note in bar.notes)
