"""Asked against heard, on pieces that do or do not do what was asked."""

import numpy as np
import pytest

from simba_live.evaluation.ear_lessons import EarLesson, teach
from simba_live.evaluation.ears import View
from simba_live.evaluation.judgement import Ask, Figure, Listener, judge, summarise
from simba_live.evaluation.recogniser import Recogniser, describe
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

SECONDS = 8.0


ASKED = scale(SECONDS, 96.0, 60, drums=True)
OTHER = scale(SECONDS, 126.0, 66, drums=False)


@pytest.fixture(scope="module")
def listener() -> Listener:
    pieces = [ASKED, OTHER] * 4
    described = np.stack([describe(play(asked), RATE) for asked in pieces[:4]])
    styles = Recogniser.fit(described, ["slow", "fast", "slow", "fast"])
    lessons = [[EarLesson.of(View.of(play(asked), RATE), asked, FRAME_RATE)] for asked in pieces]
    return Listener(
        styles=styles,
        moments=styles,
        ears=teach(lessons, 60, 0),
        sample_rate=RATE,
        frame_rate=FRAME_RATE,
    )


def test_an_ask_is_read_from_conditions() -> None:
    ask = Ask.of(ASKED, FRAME_RATE, "slow", "a scale")
    assert (ask.bpm, ask.key, ask.drums, ask.style, ask.caption) == (96.0, 0, True, "slow", "a scale")
    assert ask.notes.sum() == len(ask.onsets)
    np.testing.assert_allclose(ask.beats, np.arange(1, len(ask.beats) + 1) * 0.625, atol=1e-3)
    assert len(ask.onsets) == 13
    assert Ask.of(OTHER, FRAME_RATE, "fast", "").drums is False
    few = scale(SECONDS, 96.0, 60, drums=True)
    few.drums[40:] = 1
    assert Ask.of(few, FRAME_RATE, "slow", "").drums is None


def test_music_that_does_what_was_asked_is_told_from_music_that_does_not(listener: Listener) -> None:
    heard = listener.listen(play(ASKED))
    own = judge(heard, Ask.of(ASKED, FRAME_RATE, "slow", ""))
    other = judge(heard, Ask.of(OTHER, FRAME_RATE, "fast", ""))
    assert own["tempo octave-tolerant"] == own["tempo right"] == own["style"] == own["drums played"] == 1.0
    assert own["beat confidence"] > 0.6
    assert own["beat distance"] < 0.02
    assert own["onset F1"] > 0.95
    assert own["chroma to notes"] > 0.85
    assert own["notes met"] / own["notes asked"] > 0.8
    assert other["notes met"] / other["notes asked"] < 0.4
    assert own["chroma to key"] > 0.8
    assert own["in scale"] > 0.9
    assert own["dead"] == own["stuck"] == 0.0
    assert other["tempo octave-tolerant"] == other["style"] == other["drums left out"] == 0.0
    assert other["key found"] == 0.0
    assert np.isnan([own["drums left out"], other["drums played"]]).all()
    assert other["beat distance"] > 0.04
    assert other["chroma to notes"] < 0.4
    assert other["in scale"] < 0.5
    assert other["onset F1"] < 0.7


def test_silence_and_a_held_tone_are_failures(listener: Listener) -> None:
    ask = Ask.of(ASKED, FRAME_RATE, "slow", "")
    silence = judge(listener.listen(np.zeros(round(SECONDS * RATE), np.float32)), ask)
    assert silence["dead"] == 1.0
    assert silence["tempo wrong"] == 1.0
    assert silence["chroma to notes"] == silence["beat confidence"] == silence["onset F1"] == 0.0
    tone = (0.2 * np.sin(2 * np.pi * 440 * np.arange(round(SECONDS * RATE)) / RATE)).astype(np.float32)
    assert judge(listener.listen(tone), ask)["stuck"] == 1.0
    codes = np.random.default_rng(0).integers(0, 9, (2, 400))
    assert not listener.listen(play(ASKED), codes).stuck
    codes[:, 100:260] = 7
    assert listener.listen(play(ASKED), codes).stuck


def test_a_summary_counts_and_leaves_out_what_is_not_defined() -> None:
    summary = summarise(
        [
            {"a": 1.0, "beat distance": 0.1},
            {"a": np.nan, "beat distance": 0.2},
            {"a": 0.0, "beat distance": 0.9},
        ]
    )
    assert summary == {"a": Figure(0.5, 2), "beat distance": Figure(0.2, 3)}


def test_notes_are_counted_over_all_pieces() -> None:
    pieces = [
        {"notes asked": 10.0, "notes met": 9.0, "notes out": 8.0, "notes heard": 20.0, "notes meant": 5.0},
        {"notes asked": 90.0, "notes met": 11.0, "notes out": 22.0, "notes heard": 0.0, "notes meant": 0.0},
    ]
    assert summarise(pieces) == {
        "notes standing out": Figure(0.3, 100),
        "notes found": Figure(0.2, 100),
        "notes right": Figure(0.25, 20),
    }
