"""Long streams go on exactly where they were broken off, and what has become of them is told."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.evaluation import streams
from simba_live.evaluation.batch_generate import BatchPlayer
from simba_live.evaluation.ears import DrumEar, Ears, NoteEar
from simba_live.evaluation.judgement import Listener
from simba_live.evaluation.long_streams import judge_streams
from simba_live.evaluation.metrics import mel_patches
from simba_live.evaluation.recogniser import Recogniser
from simba_live.evaluation.streams import Minute, Stream, play_streams
from simba_live.evaluation.takes import Studio
from tests.checkpoints import make_codec, make_model
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

NOBODY = Recogniser(["a", "b"], *map(np.ones, (1, 1, (1, 1, 1), (1, 1, 1), (1, 1, 2), (1, 1, 2))))
LISTENER = Listener(NOBODY, NOBODY, Ears(NoteEar().eval(), DrumEar().eval(), 0.0, 0.0), RATE, FRAME_RATE)


def studio(folder) -> Studio:
    made = Studio.open(Engine(make_model(), make_codec()), folder)
    made.__dict__["encoder"] = _Encoder()
    return made


class _Encoder:
    def encode(self, texts):
        return np.random.default_rng(len(texts[0])).standard_normal((len(texts), 384)).astype(np.float32)


def test_a_stream_that_was_broken_off_goes_on_to_the_bit(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MINUTE", 2.0)
    sampling = Sampling(guidance=2.0)

    def play_in(folder, last: int) -> list[Minute]:
        room = studio(folder)
        both = [Stream.of(room, "slow", "ambient", 1), Stream.of(room, "for dancing", "house", 2)]
        return list(play_streams(room, both, sampling, last, [1, 3]))

    whole = play_in(tmp_path / "whole", 3)
    play_in(tmp_path / "cut", 2)
    with monkeypatch.context() as patched:
        played = []
        play = streams._Band.play
        patched.setattr(streams._Band, "play", lambda self, *a: played.append(a[0]) or play(self, *a))
        resumed = play_in(tmp_path / "cut", 3)
        assert played == [3, 3]
    for one, other in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(one.codes, other.codes)
        np.testing.assert_array_equal(one.levels, other.levels)
    assert [minute.audio is None for minute in whole] == [False, True, False]
    np.testing.assert_array_equal(whole[2].audio[1], resumed[2].audio[1])
    # What was decoded minute by minute is what the codec makes of it all at once.
    codes = np.concatenate([minute.codes for minute in whole], axis=2)
    audio = make_codec().decode(torch.from_numpy(codes))[:, 0].numpy()
    np.testing.assert_allclose(whole[2].audio[0], audio[0, -2 * RATE :].clip(-1, 1), atol=1e-4)
    # Begun afresh it has the same score and noise, and no past.
    np.testing.assert_array_equal(whole[0].afresh, whole[0].audio)
    room = studio(tmp_path)
    style = room.encoder.encode(["slow"])[0]
    player = BatchPlayer(room.engine.model, sampling, [0])
    player.frame = len(codes[0, 0]) * 2 // 3
    score = Stream.of(room, "slow", "ambient", 1).score.frames(player.frame, player.frame // 2)
    alone = player.play(score.features()[None], style[None, None])
    assert (alone[0] != whole[2].codes[0]).any()
    audio_alone = make_codec().decode(torch.from_numpy(alone))[0, 0].numpy()
    np.testing.assert_allclose(whole[2].afresh[0], audio_alone.clip(-1, 1), atol=1e-4)
    assert whole[0].levels.shape == (2, 2)
    power = np.square(audio[1, RATE : 2 * RATE], dtype=np.float64).mean()
    assert whole[0].levels[1, 1] == pytest.approx(10 * np.log10(power), abs=1e-3)


class _Score:
    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions

    def frames(self, start: int, count: int) -> Conditions:
        return self.conditions[start : start + count]


def minutes_of(audio: list[np.ndarray], codes: np.ndarray, fresh: list[np.ndarray]) -> list[Minute]:
    """Minutes of 12 s."""
    found = []
    for number in range(1, len(audio[0]) // (12 * RATE) + 1):
        whole = slice((number - 1) * 12 * RATE, number * 12 * RATE)
        parts, afresh = ([piece[whole] for piece in pieces] for pieces in (audio, fresh))
        levels = [10 * np.log10(np.square(part.reshape(12, RATE)).mean(axis=1) + 1e-12) for part in parts]
        those = codes[:, :, (number - 1) * 600 : number * 600]
        found.append(Minute(number, np.array(levels), those, parts, afresh))
    return found


def test_what_became_of_streams_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MINUTE", 12.0)
    scores = [scale(36.0, 96.0, 60, drums=True), scale(36.0, 126.0, 64, drums=True)]
    both = [
        Stream("", "house", bpm, _Score(score), None)
        for score, bpm in zip(scores, (96.0, 126.0), strict=True)
    ]
    fresh = [play(score) for score in scores]
    music = [piece.copy() for piece in fresh]
    music[0][24 * RATE :] *= 0.1
    music[1][30 * RATE : 33 * RATE] = 0.0
    codes = np.random.default_rng(0).integers(0, 64, (2, 4, 1800))
    codes[0, :, 1200:] = np.resize(codes[0, :, :40].T, (600, 4)).T
    held_out = mel_patches(np.concatenate([play(scale(24.0, 110.0, 62, drums=True))]), RATE)
    found = judge_streams(minutes_of(music, codes, fresh), both, held_out, LISTENER, make_codec(), 0)
    first, second, third = found.minutes
    assert (found.streams, found.last, len(found.levels)) == (2, 3, 3)
    assert first.ratio == 1.0
    assert (first.level_change, first.spectrum_change) == (0.0, 0.0)
    assert first.tempo.value == second.tempo.value == 1.0
    assert second.level_change < 2.0
    assert third.level_change == pytest.approx(20.0, abs=1.0)
    assert third.ratio > second.ratio
    assert first.afresh == first.frechet
    assert third.afresh < 0.8 * third.frechet
    assert third.ratio_low <= third.ratio <= third.ratio_high
    assert third.spectrum_change > 3.0 > second.spectrum_change
    assert (third.silent.hits, second.silent.hits) == (3, 0)
    assert found.fell_silent.hits == 1
    assert found.stuck.hits == 1
    assert found.repeats > 0.7
    assert first.chroma > 0.8


def test_healthy_streams_are_not_complained_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MINUTE", 12.0)
    score = scale(12.0, 96.0, 60, drums=True)
    stream = Stream("", "house", 96.0, _Score(score), None)
    codes = np.random.default_rng(0).integers(0, 64, (2, 4, 600))
    music = [play(score)] * 2
    minutes = minutes_of(music, codes, music)
    patches = mel_patches(play(score), RATE)
    found = judge_streams(minutes, [stream, replace(stream)], patches, LISTENER, make_codec(), 0)
    assert found.fell_silent.hits == found.stuck.hits == 0
    assert found.minutes[0].frechet == pytest.approx(0.0, abs=30.0)
