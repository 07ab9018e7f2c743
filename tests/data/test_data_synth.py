"""Whole pieces on voices of our own: on time, as loud as a soundfont, pure; and who plays what."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from simba_live.conditions import NOTE_ONSET
from simba_live.data.cast import OWN, cast
from simba_live.data.loudness import CEILING, loudness
from simba_live.data.render import render
from simba_live.data.synth import play
from simba_live.music.frames import score_conditions
from simba_live.music.score import Bar, Chord, Key, Note, Part, Score

RATE = 24000
FONTS = (Path("One.sf2"), Path("Two.sf2"))


def one_part(part: Part, *notes: Note) -> Score:
    chords = ((0.0, Chord(0, "", 0)),)
    return Score("lofi", (Bar(0, "verse", 4, 120.0, Key(0, "major"), chords, (part,), notes),))


@pytest.mark.parametrize("program", range(0, 128, 4))
def test_notes_begin_in_the_frame_that_says_so(program):
    starts = (0.5, 1.37, 2.71)
    part = Part("x", program)
    score = one_part(part, *(Note(start, 0.3, 60, 100, "x") for start in starts))
    audio = play(score, {"x"}, RATE, program, round(2.0 * RATE))
    marked = np.flatnonzero((score_conditions(score.bars, 50.0).notes == NOTE_ONSET).any(axis=1))
    for start, frame in zip(starts, marked, strict=True):
        first = round(0.5 * start * RATE)
        before, after = audio[first - 240 : first - 2], audio[first : first + 2400]
        # What rings on from the note before is below what comes.
        assert np.abs(before).max() < 0.8 * np.abs(after).max()
        rise = np.argmax(np.abs(after) > max(0.05 * np.abs(after).max(), 1.2 * np.abs(before).max())) / RATE
        assert rise < 0.010
        assert abs(0.5 * start + rise - frame / 50.0) < 0.020 + 0.010


def test_drums_begin_when_they_should():
    part = Part("kit", 0, is_drums=True)
    for pitch in (36, 38, 39, 42, 46, 49, 51, 54, 56, 62, 75):
        audio = play(one_part(part, Note(1.0, 0.1, pitch, 100, "kit")), {"kit"}, RATE, 3, RATE)
        first = round(0.5 * RATE)
        assert not audio[:first].any()
        assert np.argmax(np.abs(audio[first:]) > 0.2 * np.abs(audio).max()) / RATE < 0.005


def test_the_same_every_time_and_each_part_for_itself(score):
    length = round(score.seconds * RATE)
    whole = play(score, {"keys", "bass", "drums"}, RATE, 7, length)
    np.testing.assert_array_equal(play(score, {"keys", "bass", "drums"}, RATE, 7, length), whole)
    assert not np.array_equal(play(score, {"keys", "bass", "drums"}, RATE, 8, length), whole)
    parts = sum(play(score, {name}, RATE, 7, length) for name in ("keys", "bass", "drums"))
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    assert not play(score, (), RATE, 7, length).any()


def test_levels_follow_velocity_and_the_part():
    def peak(velocity: int, level: int) -> float:
        score = one_part(Part("x", 80, level=level), Note(0.0, 1.0, 60, velocity, "x"))
        return float(np.sqrt((play(score, {"x"}, RATE, 2, RATE) ** 2).mean()))

    assert 20 * np.log10(peak(120, 100) / peak(60, 100)) == pytest.approx(12.0, abs=1.5)
    assert 20 * np.log10(peak(100, 127) / peak(100, 64)) == pytest.approx(11.9, abs=0.1)


def test_length_loudness_and_peak_without_any_soundfont(score, monkeypatch):
    monkeypatch.setattr("simba_live.data.soundfonts.SOUNDFONT_FOLDERS", ())
    audio = render(score, RATE, own={"keys", "bass", "drums"})
    assert audio.dtype == np.float32
    assert audio.shape == (round(4.8 * RATE),)
    assert loudness(audio, RATE) == pytest.approx(-18.0, abs=0.5)
    assert np.abs(audio).max() <= CEILING * (1 + 1e-6)


@pytest.mark.integration
def test_own_voices_are_about_as_loud_as_a_soundfont(soundfont, monkeypatch):
    monkeypatch.setattr("simba_live.data.render.normalise", lambda audio, rate: audio)
    for program in range(0, 120, 5):  # the last family is noises, which vary by 30 dB among themselves
        pitch = 40 if program // 8 == 4 else 64
        score = one_part(Part("x", program), Note(0.0, 2.0, pitch, 100, "x"))
        font, own = (loudness(render(score, RATE, soundfont, 1, own=names), RATE) for names in ((), ("x",)))
        assert own - font < 10.0, program
    kit = Part("x", 0, is_drums=True)
    for pitch in (36, 38, 42, 45, 49, 64, 70):
        score = one_part(kit, *(Note(beat, 0.1, pitch, 100, "x") for beat in range(4)))
        font, own = (loudness(render(score, RATE, soundfont, 1, own=names), RATE) for names in ((), ("x",)))
        assert abs(own - font) < 10.0, pitch


@pytest.mark.integration
def test_a_mixed_piece_has_both(score, soundfont):
    whole, mixed, own = (
        render(score, RATE, soundfont, 1, own=names) for names in ((), ("bass",), ("keys", "bass", "drums"))
    )
    assert not np.array_equal(whole, mixed)
    assert not np.array_equal(own, mixed)
    np.testing.assert_array_equal(render(score, RATE, soundfont, 1, own=("bass",)), mixed)


def test_shares_of_the_players(score):
    rngs = [np.random.default_rng([1, index, 3]) for index in range(2000)]
    casts = [cast(score, FONTS, 0.25, 0.3, rng) for rng in rngs]
    assert casts[5] == cast(score, FONTS, 0.25, 0.3, np.random.default_rng([1, 5, 3]))
    share = {name: np.mean([c.voice == name for c in casts]) for name in {c.voice for c in casts}}
    assert set(share) == {"own", "One.sf2", "Two.sf2", "One.sf2 + own", "Two.sf2 + own"}
    assert sum(s for name, s in share.items() if name.endswith(OWN)) == pytest.approx(0.25, abs=0.03)
    assert share["own"] > 0.06
    assert share["One.sf2"] == pytest.approx(share["Two.sf2"], abs=0.05)
    assert np.mean([c.chain is not None for c in casts]) == pytest.approx(0.3, abs=0.03)
    # What is mixed differs from piece to piece.
    assert len({c.own for c in casts}) == 8


def test_nobody_plays_what_was_not_asked_for(score):
    for index in range(200):
        plain = cast(score, FONTS[:1], 0.0, 0.0, np.random.default_rng(index))
        assert (plain.voice, plain.own, plain.chain) == ("One.sf2", (), None)
    synth = dataclasses.replace(score.bars[0].parts[0], program=81)
    bars = tuple(dataclasses.replace(bar, parts=(synth, *bar.parts[1:])) for bar in score.bars)
    casts = [cast(Score("lofi", bars), FONTS, 1.0, 0.0, np.random.default_rng(i)) for i in range(400)]
    count = {name: sum(name in c.own for c in casts) for name in ("keys", "bass")}
    assert count["keys"] > 1.2 * count["bass"]
