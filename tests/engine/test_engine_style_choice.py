"""Free text lands in the right style, with the right players and tempo."""

from collections import Counter

import numpy as np
import pytest
from safetensors import safe_open

from simba_live.controls import Controls
from simba_live.engine.scene import settle
from simba_live.engine.style_choice import HEAD, nearest_style
from simba_live.engine.words import read_prompt
from simba_live.events import Prompt
from simba_live.model.text import TextEncoder
from simba_live.music.prompt import understand
from simba_live.music.prompt_keywords import STYLE_KEYWORDS
from simba_live.music.settings import resolve
from simba_live.music.styles import STYLES
from simba_live.training.style_head import digest, examples, learn
from tests.engine.natural_prompts import development_prompts, players_are_right, share, tempo_is_right

SEEDS = range(2)


@pytest.fixture(scope="module")
def encoder():
    return TextEncoder()


@pytest.fixture(scope="module")
def heard(encoder):
    """The unseen half, each case with its style and its plans by seed."""
    cases = [case for case in development_prompts() if case.unseen]
    encoder.encode([text for case in cases for text in (case.prompt, understand(case.prompt).wish)])
    read = [(case, read_prompt(Prompt((case.prompt,)), encoder)) for case in cases]
    return [
        (case, prompt.style, [resolve(settle(prompt, Controls(seed=seed), None)) for seed in SEEDS])
        for case, prompt in read
    ]


def test_the_list_is_long_and_known_to_nobody_twice():
    cases = development_prompts()
    assert len(cases) >= 300
    assert max(Counter(case.prompt for case in cases).values()) == 1
    assert {name for case in cases if case.unseen for name in case.styles} == set(STYLES)
    assert {name for case in cases for name in case.styles} <= set(STYLES)


def test_unseen_prompts_land_in_the_right_style(heard):
    assert share(style in case.styles for case, style, _ in heard) > 0.82


def test_unseen_prompts_have_the_right_tempo(heard):
    assert share(tempo_is_right(case, plan) for case, _, plans in heard for plan in plans) > 0.92


def test_unseen_prompts_have_the_right_players(heard):
    asked = [(case, plans) for case, _, plans in heard if case.wanted or case.unwanted]
    assert len(asked) > 35
    assert share(players_are_right(case, plan) for case, plans in asked for plan in plans) > 0.93


@pytest.mark.parametrize("style", STYLES)
def test_a_style_that_is_ruled_out_is_not_chosen(style, encoder):
    like_it = ", ".join([word for word in STYLE_KEYWORDS[style] if understand(word).style is None][:5])
    assert nearest_style(understand(like_it), encoder.encode) == style
    told = understand(f"{like_it}, anything but {style}")
    assert told.style is None
    assert nearest_style(told, encoder.encode) != style


def test_a_tempo_weighs(encoder):
    prompts = {bpm: understand(f"electronic, {bpm} bpm") for bpm in (100, 174)}
    chosen = {bpm: STYLES[nearest_style(told, encoder.encode)] for bpm, told in prompts.items()}
    assert chosen[174].name == "drum and bass"
    assert chosen[100].bpm[0] <= 105


def test_a_first_prompt_encodes_no_more_than_itself_and_the_probe(encoder):
    asked = []

    def encode(texts):
        asked.extend(texts)
        return encoder.encode(texts)

    nearest_style(understand("walking through wet leaves"), encode)
    assert len(asked) == 2


def test_another_encoder_goes_by_the_descriptions():
    words = sorted({word for style in STYLES.values() for word in style.description.lower().split()})

    def encode(texts):
        rows = np.array([[word in text.lower().split() for word in words] for text in texts], np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)

    for style in STYLES.values():
        told = understand(style.description)
        assert style.name in (nearest_style(told, encode), told.style)


def test_the_head_is_of_the_words_there_are(encoder):
    with safe_open(HEAD, "np") as file:
        assert file.metadata()["texts"] == digest(examples()), "run python -m simba_live.training.style_head"
        assert file.metadata()["encoder"] == encoder.name
        assert file.get_tensor("weight").shape == (encoder.width, len(STYLES))
    assert HEAD.stat().st_size < 100_000


def test_learning_tells_groups_apart_and_repeats_itself():
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(len(STYLES), 16))
    texts = [(f"{number} {index}", number) for number in range(len(STYLES)) for index in range(number + 3)]

    def encode(prompts):
        rows = []
        for prompt in prompts:
            number, index = (int(part) for part in prompt.split()) if prompt != "music" else (0, 0)
            rows.append(middles[number] + 0.1 * np.random.default_rng([number, index]).normal(size=16))
        vectors = np.array(rows, np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    head = learn(texts, encode)
    guesses = (encode([text for text, _ in texts]) @ head["weight"] + head["bias"]).argmax(1)
    assert (guesses == [number for _, number in texts]).mean() > 0.95
    assert all(np.array_equal(head[name], again) for name, again in learn(texts, encode).items())
