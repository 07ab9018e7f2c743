from dataclasses import replace

import numpy as np
import pytest

from simba_live.conditions import (
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DRUM_ONSET,
    DRUMS,
    NOTE_ONSET,
)
from simba_live.music.arranger import Arranger, Settings
from simba_live.music.frames import ConditionStream
from simba_live.music.live import Calls, LiveArranger, Position
from simba_live.music.score import QUALITIES, Chord, Key
from simba_live.music.styles import STYLES
from tests.music.playing import HOUSE, RATE, equal, onsets, play, rows


def test_a_called_chord_is_the_whole_harmony_until_it_is_released():
    live, chord = LiveArranger(RATE), Chord.parse("Ebm7/Gb")
    settings = replace(HOUSE, key=Key(9, "minor"))
    _, _, position = play(live, settings, Position(), 1230)
    held, before, position = play(live, settings, position, 300, Calls(chord=chord))
    conditions = rows(held)
    expected = [
        {3: CHORD_ROOT, 6: CHORD_IN, 10: CHORD_IN, 1: CHORD_IN}.get(pitch, CHORD_OUT) for pitch in range(12)
    ]
    assert (conditions.chord == expected).all()
    assert (conditions.key == 21).all()
    # In the middle of the bar, what is held is struck anew with the new chord, at once.
    assert before[0].beat == pytest.approx(1.2)
    assert {pitch % 12 for frame, pitch in onsets(conditions) if frame == 0} <= {3, 6, 10, 1}
    bass, comp = set(), set()
    for frame in held:
        for note in frame.bar.notes:
            if note.part in ("comp", "pad"):
                comp.add(note.pitch % 12)
            elif note.part == "bass" and note.start < 0.1:
                bass.add(note.pitch % 12)
    assert comp
    assert comp <= {3, 6, 10, 1}
    assert bass <= {6}
    released, _, _ = play(live, settings, position, 400)
    stream = ConditionStream(Arranger(settings), RATE).frames(1530, 400)
    np.testing.assert_array_equal(rows(released).chord, stream.chord)
    # By the next bar everything is as if nothing had been called.
    equal(rows(released)[200:], stream[200:])


@pytest.mark.parametrize("name", STYLES)
def test_every_style_can_play_any_chord(name):
    arranger = Arranger(Settings(name, seed=2))
    for number, quality in enumerate(QUALITIES):
        chord = Chord(number % 12, quality, (number + 3) % 12)
        bar = arranger.bar(number, "drop", chord=chord)
        assert bar.chords == ((0.0, chord),)
        voiced = {note.pitch % 12 for note in bar.notes if note.part == "pad"}
        # Power chords bring their own fifth.
        assert voiced <= {*chord.pitch_classes, (chord.root + 7) % 12}


def test_a_called_section_begins_at_its_own_first_bar():
    live, arranger = LiveArranger(RATE), Arranger(HOUSE)
    _, _, position = play(live, HOUSE, Position(), 1300)
    assert (position.bar, position.line) == (13, "bar")
    frames, _, _ = play(live, HOUSE, position, 1700, Calls(section="drop"))
    for bar in range(17):
        first = frames[bar * 100]
        assert first.bar == arranger.bar(13 + bar, "drop", since=13)
        assert first.bar.section == "drop"
    # House opens its sections with a cymbal.
    assert frames[0].conditions.drums[0, DRUMS.index("cymbal")] == DRUM_ONSET
    assert frames[100].conditions.drums[0, DRUMS.index("cymbal")] != DRUM_ONSET
    assert arranger.bar(13, "drop").notes != arranger.bar(13, "drop", since=13).notes


@pytest.mark.parametrize(("frames_in", "begins"), [(0, 6), (49, 6), (50, 7), (99, 7)])
def test_a_section_called_within_a_bar_begins_at_the_nearest_bar_line(frames_in, begins):
    live, arranger = LiveArranger(RATE), Arranger(HOUSE)
    _, _, position = play(live, HOUSE, Position(), 600 + frames_in)
    frames, _, after = play(live, HOUSE, position, 101, Calls(section="break"))
    assert after.section_bar == begins
    assert frames[0].bar == arranger.bar(6, "break", since=begins)
    assert frames[-1].bar == arranger.bar(7, "break", since=begins)
    # Released and called again it begins anew; calling what plays changes nothing.
    _, _, free = play(live, HOUSE, after, 300)
    assert (free.section, frames[-1].bar.section) == (None, "break")
    _, _, again = play(live, HOUSE, free, 1, Calls(section="break"))
    assert again.section_bar > begins


def test_a_released_section_leaves_no_trace():
    live = LiveArranger(RATE)
    _, _, position = play(live, HOUSE, Position(), 420)
    _, _, position = play(live, HOUSE, position, 333, Calls(section="drop", density=0.9))
    frames, _, _ = play(live, HOUSE, position, 400)
    stream = ConditionStream(Arranger(HOUSE), RATE).frames(753, 400)
    equal(rows(frames)[125:], stream[125:])


def test_density_turned_up_is_heard_at_once_and_only_adds():
    live = LiveArranger(RATE)
    _, _, position = play(live, HOUSE, Position(), 410)
    counts = []
    for density in (0.0, 0.25, 0.5, 0.75, 1.0):
        frames, _, _ = play(live, HOUSE, position, 390, Calls(density=density))
        conditions = rows(frames)
        counts.append((conditions.notes[90:] == NOTE_ONSET).sum() + (conditions.drums == DRUM_ONSET).sum())
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] / 4
    full, _, _ = play(live, HOUSE, position, 1, Calls(density=1.0))
    assert (full[0].conditions.notes[0] == NOTE_ONSET).any()


@pytest.mark.parametrize(
    ("frames_in", "beats", "beat", "to_line"),
    [(30, 3, 1.2, 45), (80, 3, 2.2, 20), (75, 3, 2.0, 25), (80, 2, 1.2, 20), (80, 7, 3.2, 95)],
)
def test_another_metre_keeps_the_pulse(frames_in, beats, beat, to_line):
    live = LiveArranger(RATE)
    _, _, position = play(live, HOUSE, Position(), 400 + frames_in)
    frames, before, _ = play(live, replace(HOUSE, beats_per_bar=beats), position, 300)
    assert frames[0].conditions.bar[0] == pytest.approx(beat / beats, abs=1e-6)
    assert frames[0].conditions.beat[0] == pytest.approx(beat % 1.0, abs=1e-6)
    lines = [number for number, place in enumerate(before) if place.line == "bar"]
    assert lines == list(range(to_line, 300, beats * 25))
    assert before[to_line].bar == 5
    assert frames[to_line].bar.beats_per_bar == beats


def test_another_key_or_style_is_heard_within_the_bar():
    live = LiveArranger(RATE)
    _, _, position = play(live, HOUSE, Position(), 830)
    for other in (replace(HOUSE, key=Key(1, "major")), replace(HOUSE, style="jazz")):
        frames, _, _ = play(live, other, position, 170)
        assert [frame.bar for frame in frames[::70]] == [
            Arranger(other).bar(8 + (30 + offset) // 100) for offset in (0, 70, 140)
        ]
        assert frames[0].conditions.key[0] == Arranger(other).plan.key.index
        assert frames[0].conditions.bar[0] == pytest.approx(0.3)
