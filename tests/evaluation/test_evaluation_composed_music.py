"""The measures are right on music that was really composed and played, where every fact is known."""

import os

import numpy as np
import pytest

from simba_live.audio import rhythm
from simba_live.data.render import find_soundfont, render
from simba_live.errors import MissingDependencyError
from simba_live.evaluation import metrics
from simba_live.evaluation.judgement import Ask, Heard, judge, summarise
from simba_live.music.composer import compose
from simba_live.music.frames import score_conditions
from simba_live.music.settings import Settings

RATE, FRAME_RATE = 24000, 50.0

ASKED = [
    ("house", 124.0, True), ("lofi", 78.0, True), ("bossa nova", 132.0, True), ("waltz", 160.0, False),
    ("ballad", 70.0, True), ("funk", 104.0, True), ("folk", 112.0, False), ("synthwave", 96.0, True),
]  # fmt: skip


@pytest.fixture(scope="module")
def music() -> list[tuple[Ask, Heard]]:
    """Ten seconds of each style, from the fourth second on, with what was asked and what is heard."""
    try:
        import fluidsynth  # noqa: F401  (only whether it can be imported)

        soundfont = find_soundfont()
    except (ImportError, MissingDependencyError) as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have FluidSynth and a soundfont: {error}")
        pytest.skip(f"needs FluidSynth and a soundfont: {error}")
    pairs = []
    for seed, (style, bpm, drums) in enumerate(ASKED):
        score = compose(Settings(style, bpm=bpm, drums=drums, seed=seed), 12)
        asked = score_conditions(score.bars, FRAME_RATE)[200:700]
        audio = render(score, RATE, soundfont, seed)[4 * RATE : 14 * RATE]
        ask = Ask.of(asked, FRAME_RATE, style, "")
        heard = Heard(
            tempo=rhythm.estimate_tempo(audio, RATE),
            onsets=rhythm.onset_times(audio, RATE),
            chroma=metrics.windowed_chroma(audio, RATE),
            style="",
            notes=np.zeros(np.shape(ask.notes), bool),
            strengths=np.zeros(np.shape(ask.notes), np.float32),
            drums=False,
            dead=metrics.is_dead(audio, RATE),
            stuck=metrics.stuck_seconds(audio, RATE) > 3.0,
            patches=metrics.mel_patches(audio, RATE),
        )
        pairs.append((ask, heard))
    return pairs


@pytest.mark.integration
def test_composed_music_is_heard_to_do_what_was_composed(music: list[tuple[Ask, Heard]]) -> None:
    own = summarise([judge(heard, ask) for ask, heard in music])
    others = [ask for ask, _ in music[3:] + music[:3]]
    other = summarise([judge(heard, ask) for ask, (_, heard) in zip(others, music, strict=True)])
    assert own["tempo octave-tolerant"].value >= 0.75  # a fast waltz passes for two thirds of its tempo
    assert own["tempo octave-tolerant"].value >= other["tempo octave-tolerant"].value + 0.5
    assert own["beat confidence"].value > 0.3
    assert own["beat distance"].value < 0.02
    assert own["onset F1"].value > 0.75 > other["onset F1"].value + 0.1
    assert own["chroma to notes"].value > 0.85 > other["chroma to notes"].value + 0.3
    assert own["chroma to key"].value > other["chroma to key"].value + 0.1
    assert own["in scale"].value > 0.85 > other["in scale"].value + 0.1
    assert own["dead"].value == own["stuck"].value == 0.0


@pytest.mark.integration
def test_music_is_nearer_to_music_than_to_hiss(music: list[tuple[Ask, Heard]]) -> None:
    halves = [np.concatenate([heard.patches for _, heard in music[start::2]]) for start in (0, 1)]
    hiss = (0.1 * np.random.default_rng(0).standard_normal(40 * RATE)).astype(np.float32)
    noise = metrics.mel_patches(hiss, RATE)
    assert 3.0 * metrics.frechet_distance(*halves) < metrics.frechet_distance(noise, halves[0])
