import time
from dataclasses import fields

import numpy as np
import pytest

from simba_live.conditions import (
    ABSENT,
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DRUM_NONE,
    DRUM_ONSET,
    DRUMS,
    INSTRUMENTS,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    PRESENT,
    Conditions,
)
from simba_live.music.arranger import Arranger, Settings
from simba_live.music.frames import ConditionStream, score_conditions
from simba_live.music.score import Bar, Chord, Key, Note, Part

KEYS, KIT = Part("keys", 0), Part("drums", 0, is_drums=True)


def bar_of(*notes, index=0, bpm=120.0, beats=4, parts=(KEYS, KIT), chords=None):
    chords = chords or ((0.0, Chord(9, "m", 9)),)
    return Bar(index, "verse", beats, bpm, Key(9, "minor"), chords, parts, tuple(notes))


def equal(one, other):
    for field in fields(Conditions):
        np.testing.assert_array_equal(
            getattr(one, field.name), getattr(other, field.name), err_msg=field.name
        )


def test_notes_fall_on_their_frames():
    conditions = score_conditions(
        [
            bar_of(
                Note(0.0, 1.0, 60, 90, "keys"),
                Note(1.0, 0.5, 60, 90, "keys"),
                Note(2.05, 0.01, 64, 90, "keys"),
            )
        ],
        50.0,
    )
    assert len(conditions) == 100
    # A beat is 25 frames; the second note begins where the first one ends.
    line = conditions.notes[:, 60]
    assert line[0] == NOTE_ONSET
    assert (line[1:25] == NOTE_SUSTAINED).all()
    assert line[25] == NOTE_ONSET
    assert (line[26:38] == NOTE_SUSTAINED).all()
    assert (line[38:] == NOTE_OFF).all()
    # However short, a note has its onset: 2.05 beats are 1.025 s, in frame 51.
    assert np.flatnonzero(conditions.notes[:, 64] != NOTE_OFF).tolist() == [51]
    assert (np.delete(conditions.notes, [60, 64], axis=1) == NOTE_OFF).all()


def test_an_onset_wins_over_another_parts_sustain():
    strings = Part("strings", 48)
    bar = bar_of(Note(0.0, 4.0, 60, 90, "strings"), Note(1.0, 1.0, 60, 90, "keys"), parts=(strings, KEYS))
    line = score_conditions([bar], 50.0).notes[:, 60]
    assert np.flatnonzero(line == NOTE_ONSET).tolist() == [0, 25]
    assert (line[50:] == NOTE_SUSTAINED).all()


def test_notes_ring_on_into_the_next_bar():
    bars = [bar_of(Note(3.0, 2.0, 60, 90, "keys")), bar_of(index=1)]
    line = score_conditions(bars, 50.0).notes[:, 60]
    assert line[75] == NOTE_ONSET
    assert (line[76:125] == NOTE_SUSTAINED).all()
    assert (line[125:] == NOTE_OFF).all()


def test_drums_and_instruments():
    first = bar_of(
        Note(0.0, 0.2, 36, 90, "drums"), Note(1.0, 0.2, 38, 90, "drums"), Note(0.5, 1.0, 60, 90, "keys")
    )
    second = bar_of(Note(0.0, 1.0, 60, 90, "keys"), index=1)
    conditions = score_conditions([first, second], 50.0)
    assert np.argwhere(conditions.drums == DRUM_ONSET).tolist() == [
        [0, DRUMS.index("kick")],
        [25, DRUMS.index("snare")],
    ]
    assert ((conditions.drums == DRUM_NONE) | (conditions.drums == DRUM_ONSET)).all()
    assert (conditions.notes[:, 36] == NOTE_OFF).all()
    kit, piano = INSTRUMENTS.index("drum kit"), INSTRUMENTS.index("piano")
    assert (conditions.instruments[:100, kit] == PRESENT).all()
    # The kit is still a part of the second bar, but nobody plays it.
    assert (conditions.instruments[100:, kit] == ABSENT).all()
    assert (conditions.instruments[:, piano] == PRESENT).all()
    assert (np.delete(conditions.instruments, [kit, piano], axis=1) == ABSENT).all()
    # Of programs the pitched parts' alone are told: the kit has none.
    assert np.argwhere(conditions.programs[0] == PRESENT).tolist() == [[KEYS.program]]
    assert (conditions.programs == conditions.programs[0]).all()
    assert (np.delete(conditions.programs, KEYS.program, axis=1) == ABSENT).all()


def test_clock_key_and_chords():
    chords = ((0.0, Chord(9, "m", 9)), (2.0, Chord(5, "maj7", 5)))
    conditions = score_conditions([bar_of(chords=chords), bar_of(index=1, bpm=90.0, beats=3)], 50.0)
    assert len(conditions) == 200
    assert conditions.beat[[0, 5, 30, 99]] == pytest.approx([0.0, 0.2, 0.2, 24 / 25], abs=1e-6)
    assert conditions.bar[[0, 50, 99]] == pytest.approx([0.0, 0.5, 0.99], abs=1e-6)
    assert conditions.bar[[100, 150]] == pytest.approx([0.0, 0.5], abs=1e-6)
    assert set(conditions.tempo[:100]) == {120.0}
    assert set(conditions.tempo[100:]) == {90.0}
    assert (conditions.key == 21).all()
    assert conditions.chord[0].tolist() == [
        {9: CHORD_ROOT, 0: CHORD_IN, 4: CHORD_IN}.get(pitch, CHORD_OUT) for pitch in range(12)
    ]
    assert np.flatnonzero(conditions.chord[:100, 5] == CHORD_ROOT).tolist() == list(range(50, 100))


def test_density_counts_strokes_in_the_last_second_and_a_half():
    strokes = [Note(beat / 4, 0.1, pitch, 90, "keys") for beat in range(16) for pitch in (60, 64, 67)]
    density = score_conditions([bar_of(*strokes), bar_of(index=1)], 50.0).density
    # Eight strokes a second, however many notes each has.
    assert density[99] == pytest.approx(8 / 16, abs=0.05)
    assert density[-1] == 0.0
    assert (np.diff(density[100:]) <= 0).all()


@pytest.mark.parametrize("name", ["house", "jazz", "folk", "ambient", "drum and bass"])
@pytest.mark.parametrize("frame_rate", [50.0, 75.0])
def test_the_stream_equals_the_whole(name, frame_rate):
    settings = Settings(name, seed=9, bpm=101.3)
    arranger = Arranger(settings)
    whole = score_conditions([arranger.bar(index) for index in range(16)], frame_rate)
    live = ConditionStream(Arranger(settings), frame_rate)
    equal(live.frames(0, len(whole)), whole)
    rng = np.random.default_rng(3)
    taken = []
    while live.position < len(whole):
        taken.append(live.take(int(min(rng.integers(1, 90), len(whole) - live.position))))
    equal(Conditions.concatenate(taken), whole)
    for start in rng.integers(0, len(whole) - 60, 12):
        equal(live.frames(int(start), 60), whole[int(start) : int(start) + 60])
    assert len(live.frames(7, 0)) == 0


def test_every_field_but_brightness_is_known():
    arranger = Arranger(Settings("funk", seed=1))
    conditions = score_conditions([arranger.bar(index) for index in range(8)], 50.0)
    for name in ("tempo", "beat", "bar", "density"):
        values = getattr(conditions, name)
        assert np.isfinite(values).all()
    for name in ("beat", "bar", "density"):
        values = getattr(conditions, name)
        assert values.min() >= 0.0
        assert values.max() <= 1.0
    assert conditions.beat.max() < 1.0
    for name in ("chord", "notes", "drums", "instruments"):
        assert getattr(conditions, name).min() > 0
    assert (conditions.key >= 0).all()
    assert np.isnan(conditions.brightness).all()


def test_onsets_on_frames_agree_with_the_notes():
    arranger = Arranger(Settings("disco", seed=6))
    bars = [arranger.bar(index) for index in range(8)]
    conditions = score_conditions(bars, 50.0)
    expected = set()
    for bar in bars:
        drums = {part.name for part in bar.parts if part.is_drums}
        for note in bar.notes:
            if note.part not in drums:
                seconds = bar.index * bar.seconds + note.start * 60.0 / bar.bpm
                frame = max(int(seconds * 50.0 + 1e-6), int(np.ceil(bar.index * bar.seconds * 50.0 - 1e-6)))
                expected.add((frame, note.pitch))
    assert {tuple(place) for place in np.argwhere(conditions.notes == NOTE_ONSET).tolist()} == expected


def test_no_bars_are_no_frames_and_thirty_seconds_are_quick():
    assert len(score_conditions([], 50.0)) == 0
    arranger = Arranger(Settings("metal", seed=1, bpm=160.0))
    bars = [arranger.bar(index) for index in range(20)]
    spent = []
    for _ in range(5):
        start = time.process_time()
        conditions = score_conditions(bars, 50.0)
        spent.append(time.process_time() - start)
    assert len(conditions) == 1500
    assert min(spent) < 0.03
