"""The ears learn to hear notes and drums in synthesised music, where the score is known."""

import numpy as np
import pytest

from simba_live.evaluation.ear_lessons import EarLesson, teach
from simba_live.evaluation.ears import HIGHEST_NOTE, LOWEST_NOTE, Ears, View, onsets_in
from simba_live.evaluation.note_onsets import Matches, asked_notes, match, standing_out
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

PITCHES = HIGHEST_NOTE - LOWEST_NOTE + 1


def lesson(tonic: int, bpm: float, drums: bool) -> EarLesson:
    score = scale(6.0, bpm, tonic, drums)
    return EarLesson.of(View.of(play(score), RATE), score, FRAME_RATE)


@pytest.fixture(scope="module")
def ears() -> Ears:
    rng = np.random.default_rng(0)
    pieces = [[lesson(int(rng.integers(52, 76)), rng.uniform(80, 200), bool(n % 2))] for n in range(16)]
    return teach(pieces, steps=70, seed=0)


def test_unheard_notes_are_heard_where_they_begin(ears: Ears) -> None:
    for tonic, bpm in ((57, 110.0), (63, 170.0), (70, 90.0)):
        known = lesson(tonic, bpm, drums=False)
        own = match(ears.note_onsets(known.view), known.notes)
        assert own.met / own.asked > 0.8
        assert own.meant / own.heard > 0.6
        assert standing_out(ears.note_strengths(known.view), known.notes) / own.asked > 0.8
        elsewhere = lesson(tonic + 6, 139.0, drums=False).notes
        other = match(ears.note_onsets(known.view), elsewhere)
        assert other.met / other.asked < 0.4
        assert standing_out(ears.note_strengths(known.view), elsewhere) / other.asked < 0.4


def test_noise_stands_out_by_chance() -> None:
    rng = np.random.default_rng(0)
    asked = rng.random((2000, 40)) < 0.01
    found = standing_out(rng.standard_normal(asked.shape).astype(np.float32), asked)
    assert 0.03 < found / asked.sum() < 0.08
    always = np.ones((30, 1), bool)
    assert standing_out(rng.standard_normal(always.shape).astype(np.float32), always) == 0


def test_drums_are_heard(ears: Ears) -> None:
    for drums in (True, False):
        assert [ears.hears_drums(lesson(pitch, 123.0, drums).view) for pitch in (55, 61, 68)] == [drums] * 3


def test_loudness_changes_nothing(ears: Ears) -> None:
    audio = play(scale(6.0, 100.0, 60, drums=True))
    loud, soft = (View.of(audio * np.float32(gain), RATE) for gain in (1.0, 0.1))
    np.testing.assert_array_equal(ears.note_onsets(loud), ears.note_onsets(soft))


def test_ears_can_be_kept(ears: Ears) -> None:
    again = Ears.from_arrays(ears.arrays())
    view = lesson(60, 100.0, drums=True).view
    np.testing.assert_array_equal(again.note_onsets(view), ears.note_onsets(view))
    assert again.hears_drums(view) == ears.hears_drums(view)
    with pytest.raises(KeyError):
        Ears.from_arrays({key: value for key, value in ears.arrays().items() if key != "levels"})


def test_silence_is_silent(ears: Ears) -> None:
    assert not ears.note_onsets(View.of(np.zeros(3 * RATE, np.float32), RATE)).any()


def test_asked_notes_lie_where_the_score_has_them() -> None:
    score = scale(4.0, 120.0, 60, drums=True)
    asked = asked_notes(score, FRAME_RATE)
    assert asked.shape == (200, PITCHES)
    frames, pitches = np.nonzero(asked)
    np.testing.assert_array_equal(frames, np.arange(0, 200, 25))
    np.testing.assert_array_equal(pitches + LOWEST_NOTE, [60, 62, 64, 65, 67, 69, 71, 72])
    low = scale(4.0, 120.0, LOWEST_NOTE - 12, drums=False)
    assert asked_notes(low, FRAME_RATE).sum() == 1  # the scale's last note alone is high enough


def test_onsets_are_met_within_two_frames_and_at_their_pitch() -> None:
    asked = np.zeros((100, PITCHES), np.bool_)
    asked[[20, 50, 80], [5, 6, 7]] = True
    heard = np.zeros_like(asked)
    heard[[22, 53, 80], [5, 6, 8]] = True  # in time, too late, beside the pitch
    assert match(heard, asked) == Matches(asked=3, met=1, heard=3, meant=1)
    assert match(asked[:90], asked) == Matches(asked=3, met=3, heard=3, meant=3)


def test_only_peaks_count() -> None:
    strength = np.full((50, 1), -5.0, np.float32)
    strength[10:15, 0] = [0.0, 1.0, 3.0, 2.0, 1.0]
    strength[30, 0] = 0.4
    assert np.flatnonzero(onsets_in(strength, 0.5)).tolist() == [12]
