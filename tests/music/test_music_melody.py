"""What makes a line a melody, measured over all styles that sing one."""

from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.dice import Dice
from simba_live.music.events import Harmony
from simba_live.music.melody import Motif, Theme
from simba_live.music.phrase import Line, sing, strong_beats
from simba_live.music.score import Chord
from simba_live.music.style import Layer
from simba_live.music.styles import STYLES
from simba_live.music.theory import in_parallel

SINGING = [
    name
    for name, style in STYLES.items()
    if any(layer.role == "lead" and layer.kind == "melody" for layer in style.layers)
]
C, F, G7 = Chord(0, "", 0), Chord(5, "", 5), Chord(7, "7", 7)
SCALE = (0, 2, 4, 5, 7, 9, 11)


@lru_cache
def periods(name, section="drop"):
    """Eight bars of a called section, three seeds: bars and the plan."""
    return [
        (arranger.plan, [arranger.bar(index, section) for index in range(8)])
        for arranger in (Arranger(Settings(name, seed=seed)) for seed in (1, 2, 3))
    ]


def lead(bar):
    return [note for note in bar.notes if note.part == "lead"]


@pytest.mark.parametrize("name", SINGING)
def test_strong_beats_are_chord_notes(name):
    fits = []
    for plan, bars in periods(name):
        for bar in bars:
            for note in lead(bar):
                beat = round(note.start)
                if abs(note.start - beat - plan.style.feel.get("lead", 0.0)) < plan.style.loose and (
                    beat in strong_beats(plan.beats)
                ):
                    fits.append(note.pitch % 12 in bar.chord_at(beat).pitch_classes)
    assert len(fits) > 10
    assert np.mean(fits) > 0.97


@pytest.mark.parametrize("name", SINGING)
def test_lines_move_by_step_more_than_by_leap(name):
    sizes = [
        abs(after.pitch - before.pitch)
        for _, bars in periods(name)
        for before, after in pairwise(note for bar in bars for note in lead(bar))
    ]
    assert np.mean(np.array(sizes) <= 4) > 0.75
    assert np.mean(np.array(sizes) > 7) < 0.06
    assert np.mean(np.array(sizes) == 0) < 0.25
    assert max(sizes) <= 14


def test_the_first_half_asks_and_the_second_answers():
    at_home = defaultdict(list)
    for name in SINGING:
        for plan, bars in periods(name):
            if plan.style.through:
                continue
            for place in (3, 7):
                notes = lead(bars[place])
                if notes and (place == 7 or plan.theme.breathes):
                    last, chord = notes[-1], bars[place].chord_at(plan.beats // 2)
                    assert last.pitch % 12 in chord.pitch_classes
                    if bars[place].key.tonic in chord.pitch_classes:
                        at_home[place].append(last.pitch % 12 == bars[place].key.tonic)
    assert np.mean(at_home[3]) < 0.1
    assert np.mean(at_home[7]) > 0.9


def test_a_melody_and_its_bass_seldom_move_in_parallel():
    moved = together = 0
    for name in SINGING:
        for _, bars in periods(name):
            before = None
            for bar in bars:
                for beat, chord in bar.chords:
                    over = [note for note in lead(bar) if abs(note.start - beat) < 0.1]
                    if not over:
                        before = None
                        continue
                    now = (chord.bass, over[0].pitch)
                    if before is not None and before[0] != now[0]:
                        moved += 1
                        together += in_parallel(*before, *now)
                    before = now
    assert moved > 150
    assert together / moved < 0.05


def test_sections_have_themes_of_their_own_and_return():
    theme = Theme.draw("x-x- x--- ..x- .... xx.x", "", 4, "somewhere", 3)
    verse = [theme.bar(turn, "verse", 0, 4)[0] for turn in range(8)]
    drop = [theme.bar(turn, "drop", 0, 4)[0] for turn in range(8)]
    assert verse != drop
    assert verse == [theme.bar(turn, "verse", 2, 4)[0] for turn in range(8)]
    assert verse != [theme.bar(turn, "verse", 1, 4)[0] for turn in range(8)]
    assert len(set(verse)) < 8
    assert theme.bar(7, "verse", 0, 4)[1] == "full"


def line(events, chord, cadence="", centre=72.0):
    harmony = Harmony(4, ((0.0, 4.0, chord),), chord)
    return Line(Motif(events), harmony, (SCALE,), centre, cadence)


def pitches(*lines, chromatic=0.0):
    sung = sing(Layer("lead", (0,), "melody", low=60, high=84), lines, 0, 0.5, 1.0, chromatic, Dice(1))
    return [[event.pitch for event in bar] for bar in sung]


def test_a_phrase_comes_home_by_step_and_stops_short_of_it_before():
    run = tuple((float(beat), 1.0, beat) for beat in range(4))
    (_, last) = pitches(line(run, G7), line(((0.0, 3.0, 4),), C, "full"))
    assert last[0] % 12 == 0
    (_, last) = pitches(line(run, G7), line(((0.0, 3.0, 0),), C, "half"))
    assert last[0] % 12 in (4, 7)


def test_a_note_held_into_another_chord_fits_it_too():
    harmony = Harmony(4, ((0.0, 2.0, C), (2.0, 4.0, F)), C)
    held = Line(Motif(((0.0, 4.0, 0),)), harmony, (SCALE, SCALE), 71.0)
    ((pitch,),) = pitches(held)
    assert pitch % 12 == 0


def test_chromatic_neighbours_lead_into_chord_notes():
    wave = ((0.0, 1.0, 0), (1.0, 0.5, 1), (1.5, 0.5, 1), (2.0, 2.0, 2))
    ((*_, plain, plain_goal),) = pitches(line(wave, C))
    ((*_, bent, goal),) = pitches(line(wave, C), chromatic=1.0)
    assert goal == plain_goal
    assert abs(goal - bent) == 1
    assert plain % 12 in SCALE


@pytest.mark.parametrize("beats", range(2, 13))
def test_strong_beats_lie_in_the_bar(beats):
    assert strong_beats(beats)[0] == 0
    assert all(0 <= beat < beats for beat in strong_beats(beats))
    assert len(strong_beats(beats)) <= (beats + 1) // 2
