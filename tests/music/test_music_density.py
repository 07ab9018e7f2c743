from itertools import pairwise

import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.score import MusicError
from simba_live.music.styles import STYLES

SECTIONS = ("intro", "verse", "build", "drop", "break", "ending")


@pytest.mark.parametrize("name", STYLES)
def test_a_denser_bar_has_every_note_of_a_thinner_one(name):
    for seed in (1, 2):
        arranger = Arranger(Settings(name, seed=seed))
        for index, section in enumerate(SECTIONS):
            bars = [arranger.bar(index + 3, section, density=step / 10) for step in range(11)]
            for thin, dense in pairwise(bars):
                assert set(thin.notes) <= set(dense.notes)
            assert len(bars[0].parts) == 1
            assert 0 < len(bars[0].notes) < len(bars[-1].notes)
            for bar in bars:
                assert {part.name for part in bar.parts} == {note.part for note in bar.notes}


@pytest.mark.parametrize("name", STYLES)
def test_density_1_is_everything_whatever_the_section(name):
    arranger = Arranger(Settings(name, seed=4))
    families = {part for index in range(64) for part in arranger.bar(index).parts}
    # Over the bars of a section everybody has something to play, also those who only answer.
    for section in SECTIONS:
        heard = {part for index in range(8) for part in arranger.bar(index, section, density=1.0).parts}
        assert heard >= families
        for index in range(8):
            full, usual = (len(arranger.bar(index, section, density=d).notes) for d in (1.0, None))
            assert full >= usual


@pytest.mark.parametrize("name", STYLES)
def test_no_bar_falls_silent(name):
    arranger = Arranger(Settings(name, seed=6))
    for section in (None, *SECTIONS):
        assert all(arranger.bar(index, section, density=0.0).notes for index in range(16))


def test_drums_and_bass_enter_before_the_tune_and_chords_carry_music_without_drums():
    def heard(settings, density):
        bar = Arranger(settings).bar(9, "verse", density=density)
        return {part.name for part in bar.parts}

    assert heard(Settings("house", seed=1), 0.0) == {"drums"}
    assert heard(Settings("house", seed=1), 0.15) == {"drums", "bass"}
    assert heard(Settings("house", seed=1), 0.5) >= {"drums", "bass", "comp"}
    assert heard(Settings("music box", seed=1), 0.0) == {"comp"}


def test_the_same_voices_play_on_from_bar_to_bar():
    arranger = Arranger(Settings("rock", seed=3))
    heard = [{part.name for part in arranger.bar(i, "verse", density=0.4).parts} for i in range(8)]
    assert all(names == heard[0] for names in heard)


@pytest.mark.parametrize("density", [-0.1, 1.1, float("nan")])
def test_a_density_out_of_range_is_refused(density):
    with pytest.raises(MusicError, match=f"density is {density:g}"):
        Arranger(Settings("house")).bar(0, density=density)
