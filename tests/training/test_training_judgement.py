"""Asked against heard, on pieces that do or do not do what was asked."""

import numpy as np
import pytest

from simba_live.training.judgement import DRUMS, NO_DRUMS, Ask, Figure, Listener, judge, summarise
from simba_live.training.recogniser import Recogniser, describe
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

SECONDS = 8.0


ASKED = scale(SECONDS, 96.0, 60, drums=True)
OTHER = scale(SECONDS, 126.0, 66, drums=False)


@pytest.fixture(scope="module")
def listener() -> Listener:
    described = np.stack([describe(play(asked), RATE) for asked in (ASKED, OTHER) for _ in range(2)])
    return Listener(
        styles=Recogniser.fit(described, ["slow", "slow", "fast", "fast"]),
        drums=Recogniser.fit(described, [DRUMS, DRUMS, NO_DRUMS, NO_DRUMS]),
        sample_rate=RATE,
        frame_rate=FRAME_RATE,
    )


def test_an_ask_is_read_from_conditions() -> None:
    ask = Ask.of(ASKED, FRAME_RATE, "slow", "a scale")
    assert (ask.bpm, ask.key, ask.drums, ask.style, ask.caption) == (96.0, 0, True, "slow", "a scale")
    np.testing.assert_allclose(ask.beats, np.arange(1, len(ask.beats) + 1) * 0.625, atol=1e-3)
    assert len(ask.onsets) == 13
    assert not Ask.of(OTHER, FRAME_RATE, "fast", "").drums


def test_music_that_does_what_was_asked_is_told_from_music_that_does_not(listener: Listener) -> None:
    heard = listener.listen(play(ASKED))
    own = judge(heard, Ask.of(ASKED, FRAME_RATE, "slow", ""))
    other = judge(heard, Ask.of(OTHER, FRAME_RATE, "fast", ""))
    assert own["tempo octave-tolerant"] == own["tempo right"] == own["style"] == own["drums played"] == 1.0
    assert own["beat confidence"] > 0.6
    assert own["beat distance"] < 0.02
    assert own["onset F1"] > 0.95
    assert own["chroma to notes"] > 0.85
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
