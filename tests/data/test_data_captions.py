"""Captions: many, different, and true."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simba_live.data.captions import captions
from simba_live.data.draw import LONGEST, SHORTEST, draft
from simba_live.data.style_words import STYLE_WORDS
from simba_live.data.words import KINDS, METRES, PROGRAMS
from simba_live.music.composer import compose
from simba_live.music.instruments import program_name
from simba_live.music.score import Key, Score
from simba_live.music.styles import STYLES

NAMES = tuple(STYLES)
INDICES = range(2 * len(NAMES))


def composed(index: int) -> tuple[Score, list[str]]:
    plan = draft(7, index, NAMES)
    score = compose(plan.settings, plan.bars)
    return score, captions(score, np.random.default_rng([7, index]), plan.typical)


@pytest.fixture(scope="module")
def corpus() -> list[tuple[Score, list[str]]]:
    return [composed(index) for index in INDICES]


def test_every_style_and_metre_has_words():
    assert set(STYLE_WORDS) == set(STYLES)
    assert len(PROGRAMS) == 128
    assert {beats for style in STYLES.values() for beats in style.metres} <= set(METRES)


def test_many_and_different(corpus):
    for _, texts in corpus:
        assert len(texts) >= 10
        assert len(set(texts)) == len(texts)
        assert all(text == " ".join(text.split()) and text for text in texts)
        assert min(map(len, texts)) < 25
        assert max(map(len, texts)) > 60


def test_stated_tempo_key_and_metre_are_right(corpus):
    stated = 0
    for score, texts in corpus:
        for text in texts:
            for number in re.findall(r"(\d+(?:\.\d+)?) (?:bpm|BPM|beats per minute)|tempo (\d+)", text):
                assert float(number[0] or number[1]) == score.bpm
                stated += 1
            for key in re.findall(r"\b([A-G](?:#|b| sharp| flat)? (?:major|minor))\b", text):
                assert Key.parse(key) == score.key
                stated += 1
            for beats, words in METRES.items():
                if any(re.search(rf"\b{re.escape(word)}(?!\w)", text) for word in words):
                    assert beats == score.beats_per_bar or text.startswith(
                        STYLES[score.style].description[:20]
                    )
                    stated += 1
    assert stated > 5 * len(corpus)


def test_stated_drums_and_solos_are_right(corpus):
    silent = 0
    for score, texts in corpus:
        sounding = {note.part for bar in score.bars for note in bar.notes}
        drums = any(part.is_drums and part.name in sounding for part in score.parts)
        pitched = {part.program for part in score.parts if not part.is_drums and part.name in sounding}
        for text in texts:
            without = re.search(r"no drums|without drums|without percussion|drumless", text)
            assert not (drums and without), (score.style, text)
            if not drums:
                silent += 1
                assert not re.search(
                    r"(with|steady|and) (a )?drum(?!less)|percussion\b(?<!out percussion)", text
                ), text
            if solo := re.match(r"solo (.+?)(,|$)", text):
                assert not drums
                assert solo.group(1) in {name for p in pitched for name in (PROGRAMS[p], program_name(p))}
                assert len(pitched) == 1
    assert silent > 20


def test_named_instruments_sound(corpus):
    for score, texts in corpus:
        sounding = {note.part for bar in score.bars for note in bar.notes}
        pitched = {part.program for part in score.parts if not part.is_drums and part.name in sounding}
        allowed = {name for p in pitched for name in (PROGRAMS[p], program_name(p))} | {
            "drums",
            "nothing else",
        }
        for text in texts:
            if played := re.search(
                r"played by (?:a \w+ of |solo |only )?(.+?), (?:with|no|steady|drum)", text
            ):
                for name in re.split(r", | and (?!lead synth)", played.group(1).removesuffix(" alone")):
                    assert name in allowed, (text, allowed)


def test_what_is_said_to_be_missing_does_not_sound(corpus):
    said = dict.fromkeys((*KINDS, "drums"), 0)
    for score, texts in corpus:
        sounding = {note.part for bar in score.bars for note in bar.notes}
        drums = any(part.is_drums and part.name in sounding for part in score.parts)
        pitched = {part.program for part in score.parts if not part.is_drums and part.name in sounding}
        for text in texts:
            for found in re.finditer(r"\b(?:no|without|without any) (\w+)(?: or (\w+))?(?=,|;|$)", text):
                for kind in filter(None, found.groups()):
                    if kind in said:
                        said[kind] += 1
                        assert not (drums if kind == "drums" else KINDS[kind] & pitched), (score.style, text)
    assert min(said.values()) > 3, said


def test_duos_and_trios_are_as_many_and_the_course_is_the_pieces(corpus):
    counted = told = 0
    for score, texts in corpus:
        sounding = {note.part for bar in score.bars for note in bar.notes}
        parts = [part for part in score.parts if part.name in sounding]
        sections = [bar.section for bar in score.bars]
        follows = set(pairwise(sections))
        for text in texts:
            if found := re.search(r"\ba (duo|trio|quartet) of", text):
                counted += 1
                assert not any(part.is_drums for part in parts)
                assert len({part.program for part in parts}) == ["", "", "duo", "trio", "quartet"].index(
                    found.group(1)
                )
            for words, true in (
                ("builds up to a drop", ("build", "drop") in follows),
                ("with a break in it", "break" in sections),
                ("begins with a short intro", sections[0] == "intro"),
                ("comes to an end", sections[-1] == "ending"),
            ):
                if words in text:
                    told += 1
                    assert true, (text, sections)
    assert counted > 3
    assert told > 10


def test_captions_speak_of_moods_uses_places_and_times(corpus):
    for kind in ("moods", "uses", "places", "eras"):
        pieces = sum(
            any(word in text for text in texts for word in getattr(STYLE_WORDS[score.style], kind))
            for score, texts in corpus
        )
        assert pieces > 0.9 * len(corpus), kind


def test_the_same_piece_has_the_same_captions():
    assert composed(3)[1] == composed(3)[1]
    score, _ = composed(3)
    assert captions(score, np.random.default_rng(1)) != captions(score, np.random.default_rng(2))


def test_drafts_depend_on_seed_and_place_alone():
    assert draft(1, 40, NAMES) == draft(1, 40, NAMES)
    assert draft(1, 40, NAMES).settings != draft(2, 40, NAMES).settings
    assert [draft(1, i, NAMES).settings.style for i in range(len(NAMES))] == list(NAMES)


def test_drafts_vary_what_a_player_may_vary():
    plans = [draft(5, index, NAMES) for index in range(20 * len(NAMES))]
    settings = [plan.settings for plan in plans]
    for plan in plans:
        bar = plan.seconds / plan.bars
        assert SHORTEST - bar <= plan.seconds <= LONGEST + bar or plan.bars == 4
    assert {setting.key.tonic for setting in settings} == set(range(12))
    share = len(plans)
    assert 0.10 < sum(setting.drums is False for setting in settings) / share < 0.2
    assert 0.09 < sum(setting.only for setting in settings) / share < 0.2
    assert 0.4 < sum(plan.typical for plan in plans) / share < 0.6
    assert any(setting.without for setting in settings)
    outside = [not STYLES[s.style].bpm[0] <= s.bpm <= STYLES[s.style].bpm[1] for s in settings]
    assert 0.2 < np.mean(outside) < 0.8


def test_a_piece_without_a_typical_cast_is_not_described_as_one():
    plan = draft(7, 0, NAMES)
    score = compose(replace(plan.settings, drums=False, instruments=("harp",), only=True), 4)
    texts = captions(score, np.random.default_rng(0), typical=False)
    assert not any(STYLES[score.style].description[:20] in text for text in texts)
    assert any("harp" in text for text in texts)
