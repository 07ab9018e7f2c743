"""What makes a band play together: swing, habits of timing, fills, stops, dynamics, bass lines."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.bass import step_into
from simba_live.music.dice import Dice
from simba_live.music.drums import fill_beats
from simba_live.music.fills import fill, roll
from simba_live.music.form import Spot, find_spot
from simba_live.music.score import Chord
from simba_live.music.style import CLOSED, OPEN, PEDAL, RIDE, SNARE
from simba_live.music.styles import STYLES
from simba_live.music.touch import loudness

KEEPING_TIME = {CLOSED, PEDAL, OPEN, RIDE, 70, 82}
FILLING = [name for name, style in STYLES.items() if style.fill not in ("none", "light") and any(style.kits)]


@lru_cache
def section(name, called, seeds=(1, 2, 3), **settings):
    """Eight bars of a called section for each seed."""
    return [
        [arranger.bar(index, called) for index in range(8)]
        for arranger in (Arranger(Settings(name, seed=seed, beats_per_bar=4, **settings)) for seed in seeds)
    ]


def drums(bar):
    return [note for note in bar.notes if note.part == "drums"]


@pytest.mark.parametrize("name", FILLING)
def test_a_section_ends_in_a_fill_and_a_phrase_in_a_shorter_one(name):
    def busy(bar, beats):
        hits = [note for note in drums(bar) if note.pitch not in KEEPING_TIME]
        return sum(note.start >= 4 - beats - 0.05 for note in hits)

    played = [bars for bars in section(name, "drop") + section(name, "verse") if drums(bars[7])]
    assert played
    plain = np.mean([busy(bars[place], 2) for bars in played for place in (1, 2, 5, 6)])
    assert np.mean([busy(bars[7], 2) for bars in played]) > plain + 0.5
    # The grid is not merely louder: something else is played.
    for bars in played:
        assert (
            len({tuple((note.pitch, round(note.start, 1)) for note in drums(bars[n])) for n in (5, 7)}) == 2
        )


def test_the_more_important_what_follows_the_longer_the_fill():
    kit = STYLES["disco"].kits[0]
    build, verse = (Spot(20, name, 3, 4, 0) for name in ("build", "verse"))
    assert fill_beats(kit, 4, build, "drop") == 4
    assert fill_beats(kit, 4, verse, "verse") == 2
    assert fill_beats(kit, 4, Spot(20, "verse", 3, 8, 0), "verse") == 1
    assert fill_beats(kit, 4, Spot(20, "verse", 4, 8, 0), "verse") == 0
    assert fill_beats(kit, 4, Spot(20, "ending", 3, 4, 0), "ending") == 0


def test_fills_vary_and_grow_in_length_and_loudness():
    for kind in ("toms", "snare", "clap", "break", "hats", "light", "triplet", "timbales"):
        figures = {
            tuple((event.start, event.pitch) for event in fill(kind, 4, 2, Dice(seed))) for seed in range(40)
        }
        assert len(figures) >= 3
        for seed in range(10):
            counts = [len(fill(kind, 4, length, Dice(seed))) for length in (1, 2, 4)]
            assert counts[0] < counts[1] < counts[2]
            long = fill(kind, 4, 4, Dice(seed))
            assert all(0.0 <= event.start < 4.0 for event in long)
            early, late = ([e.velocity for e in long if lo <= e.start < lo + 2] for lo in (0, 2))
            assert max(late) > max(early)
    assert all(0.0 <= event.start < 2.0 for event in fill("toms", 2, 4, Dice(1)))


def test_a_roll_quickens():
    counts = [len(roll(4, progress, Dice(1))) for progress in (0.0, 0.5, 0.75)]
    assert counts == [4, 8, 16]


def test_builds_stop_before_the_drop_where_the_style_does():
    stopped = {}
    for name in ("trance", "ambient"):
        heard = []
        for seed in range(12):
            bar = Arranger(Settings(name, seed=seed, beats_per_bar=4)).bar(3, "build")
            heard.append(max(note.start + note.duration for note in bar.notes) < 3.1)
        stopped[name] = np.mean(heard)
    assert 0.2 < stopped["trance"] < 0.95
    assert stopped["ambient"] == 0.0


def swing_of(name, pitches, unit):
    """Where off-beats fall in their pair, measured in the notes: 0.5 is straight, 0.67 a triplet."""
    places = [
        (note.start % unit) / unit
        for bars in section(name, "verse") + section(name, "drop")
        for bar in bars
        for note in drums(bar)
        if note.pitch in pitches
    ]
    return float(np.median([place for place in places if 0.35 < place < 0.85]))


@pytest.mark.parametrize(
    ("name", "unit", "low", "high"),
    [
        ("jazz", 1.0, 0.62, 0.72),
        ("blues", 1.0, 0.62, 0.72),
        ("lofi", 0.5, 0.56, 0.64),
        ("hip hop", 0.5, 0.54, 0.62),
        ("house", 0.5, 0.51, 0.57),
        ("techno", 0.5, 0.48, 0.52),
        ("rock", 1.0, 0.47, 0.53),
        ("metal", 0.5, 0.48, 0.52),
    ],
)
def test_swing_is_the_styles(name, unit, low, high):
    pitches = {CLOSED, OPEN, RIDE, 36, 38, 70, 37}
    assert low < swing_of(name, pitches, unit) < high


def spread(name):
    """Standard deviation of onsets about sixteenths or triplets, in milliseconds, on straight beats only."""
    off = [
        (note.start - round(note.start)) * 60_000 / bar.bpm
        for bars in section(name, "verse")
        for bar in bars
        for note in bar.notes
        if note.part in ("comp", "drums", "pad")
        and 0.3 < note.start < 3.7
        and abs(note.start - round(note.start)) < 0.06
    ]
    return float(np.std(off))


def test_hands_are_tight_in_techno_and_loose_in_jazz():
    tight, loose = spread("techno"), spread("jazz")
    assert tight < 1.0
    assert 2.5 < loose < 12.0
    assert spread("ballad") > 6.0


def test_a_lazy_snare_lies_behind_the_kick():
    def late(name, pitches):
        return np.median(
            [
                note.start - round(note.start)
                for bars in section(name, "drop", drums=True)
                for bar in bars
                for note in drums(bar)
                if note.pitch in pitches and abs(note.start - round(note.start)) < 0.06
            ]
        )

    assert late("lofi", {37, SNARE}) - late("lofi", {36}) > 0.012
    assert abs(late("techno", {39, SNARE}) - late("techno", {36})) < 0.002


@pytest.mark.parametrize("name", STYLES)
def test_dynamics_follow_the_form(name):
    style = STYLES[name]

    def level(called, place, beat=0.0):
        return loudness(find_spot(style, place, called, None), beat, 4, style.swell)

    assert np.mean([level("drop", n) for n in range(8)]) > np.mean([level("verse", n) for n in range(8)])
    assert np.mean([level("verse", n) for n in range(8)]) > np.mean([level("break", n) for n in range(4)])
    build = [level("build", n, beat) for n in range(4) for beat in (0.0, 2.0)]
    assert build == sorted(build)
    assert build[-1] > build[0] + 0.05
    ending = [level("ending", n) for n in range(6)]
    assert ending == sorted(ending, reverse=True)
    # A phrase swells to its middle.
    phrase = [level("verse", n, 2.0) for n in range(4)]
    assert max(phrase[1:3]) > max(phrase[0], phrase[3])


def test_velocities_tell_strong_beats_from_weak_ones():
    strong, weak = [], []
    for name in ("rock", "house", "bossa nova", "soul"):
        for bars in section(name, "verse"):
            for bar in bars:
                for note in bar.notes:
                    if note.part == "comp":
                        (strong if note.start < 0.1 else weak).append(note.velocity)
    assert np.mean(strong) > np.mean(weak) + 2


APPROACHING = [name for name, style in STYLES.items() if style.approach >= 0.3]


def led(name, seeds=(1, 2, 3, 4)):
    """Share of changes of root that the bass steps into."""
    found = []
    for seed in seeds:
        arranger = Arranger(Settings(name, seed=seed))
        bars = [arranger.bar(index, "drop") for index in range(17)]
        for before, after in pairwise(bars):
            lines = [[note for note in bar.notes if note.part == "bass"] for bar in (before, after)]
            if (
                before.chords[-1][1].bass != after.chords[0][1].bass
                and all(lines)
                and lines[1][0].start < 0.6
            ):
                found.append(0 < abs(lines[1][0].pitch - lines[0][-1].pitch) <= 2)
    return found


def test_basses_lead_into_new_roots_where_the_style_wants_it():
    shares = {name: np.mean(found) for name in APPROACHING if len(found := led(name)) > 8}
    assert len(shares) > 8
    assert np.mean(list(shares.values())) > 0.5
    assert np.mean(led("jazz")) > 0.75


@pytest.mark.parametrize("current", [30, 36, 43])
@pytest.mark.parametrize("following", range(12))
def test_a_step_into_a_root_is_beside_it(current, following):
    chord = Chord(0, "", 0)
    scale = (0, 2, 4, 5, 7, 9, 11)
    for seed in range(6):
        pitch = step_into(current, chord, Chord(following, "", following), 28, scale, Dice(seed))
        assert 28 <= pitch <= 50
        if following:
            assert min((pitch - following) % 12, (following - pitch) % 12) in (1, 2, 3)
        else:
            assert pitch % 12 == 7


def test_two_pieces_of_a_style_have_grooves_of_their_own():
    for name in FILLING:
        kits = {Arranger(Settings(name, seed=seed, drums=True)).plan.kit for seed in range(24)}
        assert len(kits) >= 6, name


def test_no_fill_in_the_ending_and_none_where_there_is_no_kit():
    bars = section("ambient", "drop", drums=None)
    assert not any(drums(bar) for seed in bars for bar in seed)
    settings = Settings("rock", seed=1)
    endings = [Arranger(settings).bar(index, "ending") for index in range(3)]
    verse = [Arranger(replace(settings, drums=True)).bar(index, "verse") for index in (1, 7)]
    assert all(len(drums(bar)) <= len(drums(verse[1])) for bar in endings)
