"""Asked against heard, on pieces that do or do not do what was asked."""

import numpy as np
import pytest

from simba_live.conditions import DRUM_NONE, DRUM_ONSET, NOTE_OFF, NOTE_ONSET, NOTE_SUSTAINED, Conditions
from simba_live.training import judgement
from simba_live.training.judgement import DRUMS, NO_DRUMS, Ask, Listener, judge, summarise
from simba_live.training.recogniser import Recogniser, describe

RATE, FRAME_RATE = 24000, 50.0
SECONDS = 8.0
SCALE = [0, 2, 4, 5, 7, 9, 11, 12]


def conditions(bpm: float, tonic: int, drums: bool) -> Conditions:
    """A scale up and down from `tonic`, a note a beat."""
    asked = Conditions.free(round(SECONDS * FRAME_RATE))
    beats = np.arange(len(asked)) / FRAME_RATE * bpm / 60.0
    asked.tempo[:] = bpm
    asked.beat[:] = beats % 1.0
    asked.key[:] = tonic % 12
    asked.notes[:] = NOTE_OFF
    asked.drums[:] = DRUM_NONE
    index = beats.astype(int)
    pitch = tonic + np.array(SCALE + SCALE[-2:0:-1])[index % 14]
    asked.notes[np.arange(len(asked)), pitch] = NOTE_SUSTAINED
    first = np.flatnonzero(np.diff(index, prepend=-1))
    asked.notes[first, pitch[first]] = NOTE_ONSET
    if drums:
        asked.drums[first, 0] = DRUM_ONSET
    return asked


def play(asked: Conditions) -> np.ndarray:
    """Decaying tones for the notes, bursts of noise for the drums."""
    audio = np.zeros(round(SECONDS * RATE))
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    for frame, pitch in np.argwhere(asked.notes == NOTE_ONSET):
        frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * k * frequency * time) / k for k in (1, 2, 3)) * np.exp(-6 * time)
        part = audio[frame * 480 : frame * 480 + RATE]
        part += 0.2 * tone[: len(part)]
    for frame, _ in np.argwhere(asked.drums == DRUM_ONSET):
        part = audio[frame * 480 : frame * 480 + 1200]
        part += (0.4 * rng.standard_normal(1200) * np.exp(-np.arange(1200) / 300))[: len(part)]
    return audio.astype(np.float32)


ASKED = conditions(96.0, 60, drums=True)
OTHER = conditions(126.0, 66, drums=False)


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
    assert own["tempo octave-tolerant"] == own["tempo right"] == own["style"] == own["drums"] == 1.0
    assert own["beat confidence"] > 0.6
    assert own["beat distance"] < 0.02
    assert own["onset F1"] > 0.95
    assert own["chroma to notes"] > 0.85
    assert own["chroma to key"] > 0.8
    assert own["in scale"] > 0.9
    assert own["dead"] == own["stuck"] == 0.0
    assert other["tempo octave-tolerant"] == other["style"] == other["drums"] == other["key found"] == 0.0
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
    assert summary == {"pieces": 3.0, "a": 0.5, "beat distance": 0.2}
    assert judgement.STUCK_SECONDS == 3.0
