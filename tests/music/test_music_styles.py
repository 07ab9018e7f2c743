from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.score import Key, MusicError
from simba_live.music.style import SECTIONS
from simba_live.music.styles import STYLES, find_style
from simba_live.music.theory import SCALES, parse_progression


def bars_of(name, seeds=6, section="drop"):
    for seed in range(seeds):
        arranger = Arranger(Settings(name, seed=seed))
        yield from (arranger.bar(index, section=section) for index in range(4))


def fingerprint(name):
    """Where in the beat the notes fall, which families play, and how fast: one vector of a style."""
    places, families, tempi = np.zeros(12), np.zeros(17), []
    for bar in bars_of(name):
        for note in bar.notes:
            places[int(note.start % 1 * 12 + 0.5) % 12] += 1
        for part in bar.parts:
            families[part.family] += 1
        tempi.append(bar.bpm)
    return np.concatenate(
        [places / places.sum(), families / families.sum(), [np.log2(np.mean(tempi) / 120.0)]]
    )


def test_there_are_many_styles_and_each_explains_itself():
    assert len(STYLES) >= 20
    for name, style in STYLES.items():
        assert style.name == name
        assert len(style.description.split()) >= 15
        assert style.bpm[0] < style.bpm[1]


def test_every_style_has_harmony_for_both_modes_that_can_be_read():
    for style in STYLES.values():
        for mode in ("major", "minor"):
            assert style.scale(mode) in SCALES
            for text in style.progressions[mode]:
                assert parse_progression(text, Key(4, mode), style.metres[0])


def test_no_other_name_belongs_to_two_styles():
    names = Counter(word for style in STYLES.values() for word in (style.name, *style.words))
    assert [name for name, count in names.items() if count > 1] == []


def test_styles_differ_in_rhythm_instruments_or_tempo():
    prints = {name: fingerprint(name) for name in STYLES}
    for one, other in combinations(STYLES, 2):
        assert np.linalg.norm(prints[one] - prints[other]) > 0.08, (one, other)


def test_characteristic_rhythms_are_there():
    def hits(name, pitches):
        return Counter(
            round(note.start * 12) / 12
            for bar in bars_of(name)
            for note in bar.notes
            if note.part == "drums" and note.pitch in pitches
        )

    kicks = hits("house", {36})
    assert all(kicks[beat] >= 18 for beat in (0, 1, 2, 3))
    one_drop = hits("reggae", {36, 37})
    assert one_drop[2] > one_drop[1]
    ride = hits("jazz", {51})
    assert ride[20 / 12] >= 20
    skank = Counter(
        round(note.start % 1 * 4) / 4
        for bar in bars_of("reggae")
        for note in bar.notes
        if note.part == "comp"
    )
    assert skank[0.5] + skank[0.75] > 0.95 * sum(skank.values())


def test_styles_are_found_by_their_other_names():
    assert find_style("DnB").name == "drum and bass"
    assert find_style(" House ").name == "house"
    with pytest.raises(MusicError, match=r"no style 'polkadot'; choose one of: house"):
        find_style("polkadot")


def test_every_style_plays_in_every_section():
    for name in STYLES:
        arranger = Arranger(Settings(name, seed=4))
        for section in SECTIONS:
            assert all(arranger.bar(index, section=section).notes for index in range(8)), (name, section)
