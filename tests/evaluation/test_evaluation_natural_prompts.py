"""The held-out list is sound, and readings are right or wrong where it is known."""

import pytest

from simba_live.evaluation.natural_prompts import NaturalPrompt, Reading, Understood, natural_prompts
from simba_live.music.settings import Settings, resolve
from simba_live.music.styles import STYLES


def test_the_list_is_long_varied_and_sound() -> None:
    prompts = natural_prompts()
    assert len(prompts) >= 120
    assert len({prompt.prompt.lower() for prompt in prompts}) == len(prompts)
    for prompt in prompts:
        assert prompt.styles, prompt.prompt
        assert 30 <= prompt.bpm[0] <= prompt.bpm[1] <= 230, prompt.prompt
        assert not set(prompt.wanted) & set(prompt.unwanted), prompt.prompt
    counts = {style: sum(style in prompt.styles for prompt in prompts) for style in STYLES}
    listed = {style for prompt in prompts for style in prompt.styles}
    assert listed <= set(STYLES)
    assert min(counts[style] for style in listed) >= 4
    assert sum(bool(prompt.unwanted) for prompt in prompts) >= 10


def test_a_prompt_that_names_its_style_would_be_too_easy() -> None:
    named = [p.prompt for p in natural_prompts() if any(style in p.prompt.lower() for style in p.styles)]
    assert len(named) <= 5, named


@pytest.mark.parametrize(
    ("bpm", "exact", "octaves"),
    [(90.0, True, True), (45.0, False, True), (180.0, False, True), (120.0, False, False)],
)
def test_a_reading_is_held_against_its_prompt(bpm: float, exact: bool, octaves: bool) -> None:
    prompt = NaturalPrompt("", ("jazz", "blues"), (80, 100), ("piano", "drums"), ("saxophone", "organ"))
    plan = resolve(Settings("jazz", bpm=bpm, instruments=("piano", "saxophone"), only=True))
    reading = Reading.of(prompt, plan)
    assert reading.style_right
    assert reading.tempo_right(octaves=False) == exact
    assert reading.tempo_right(octaves=True) == octaves
    assert reading.missing == ("drums",)
    assert reading.intruding == ("saxophone",)
    other = Reading.of(prompt, resolve(Settings("house", bpm=bpm, drums=True)))
    assert not other.style_right
    assert "drums" not in other.missing


def test_readings_are_counted() -> None:
    wanting = NaturalPrompt("a", ("jazz",), (100, 200), ("piano",), ())
    plain = NaturalPrompt("b", ("house",), (10, 20), (), ())
    plan = resolve(Settings("jazz", bpm=120.0, instruments=("piano",), only=True))
    found = Understood.of([Reading.of(wanting, plan), Reading.of(plain, plan)])
    assert (found.style.hits, found.style.total) == (1, 2)
    assert (found.tempo.hits, found.wanted.hits, found.wanted.total) == (1, 1, 1)
    assert found.unwanted.total == 0
    assert found.by_style["house"].hits == 0
