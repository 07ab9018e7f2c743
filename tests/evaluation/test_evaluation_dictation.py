"""What is written down is what a live performance would have asked of the engine."""

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.controls import Controls
from simba_live.engine.engine import Engine
from simba_live.engine.performance import Performance
from simba_live.evaluation.dictation import dictate
from simba_live.events import Note, Play, Prompt, Set
from tests.checkpoints import make_codec, make_model


def prompt(style: str, seed: int = 0) -> Prompt:
    vector = np.random.default_rng(seed).standard_normal(384).astype(np.float32)
    return Prompt((style,), vector=vector / np.linalg.norm(vector), style=style)


def same(a: Conditions, b: Conditions) -> bool:
    return all(
        np.array_equal(x, b.arrays()[name], equal_nan=x.dtype.kind == "f") for name, x in a.arrays().items()
    )


@pytest.mark.parametrize("free", [0, 1])
def test_it_is_what_the_engine_would_have_been_asked(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(make_model(), make_codec())
    asked = []
    step = Engine.step

    def listening(self, conditions, style, state, sampling, against=None):
        asked.append((conditions, style, against))
        return step(self, conditions, style, state, sampling, against)

    monkeypatch.setattr(Engine, "step", listening)
    performance = Performance(engine)
    controls = Controls(seed=3, free=free, density=0.5)
    moment = performance.apply(Play(), performance.begin(controls, prompt("funk")))
    for _ in range(60):
        moment = performance.advance(moment)[1]
    written = dictate(engine.codec, controls, prompt("funk"), 60)
    assert same(written.conditions, Conditions.concatenate([conditions for conditions, _, _ in asked]))
    np.testing.assert_array_equal(written.style, np.stack([style for _, style, _ in asked]))
    assert written.against is None
    assert written.changed is None


def test_events_fall_on_a_bar_line() -> None:
    codec = make_codec()
    controls = Controls(seed=1, bpm=120.0, metre=4)
    plain = dictate(codec, controls, prompt("house"), 450)
    np.testing.assert_array_equal(plain.bars, np.arange(0, 450, 100))
    faster = dictate(codec, controls, prompt("house"), 450, [Set("bpm", 150.0)], after=130)
    assert faster.changed == 200
    assert same(faster.conditions[:200], plain.conditions[:200])
    assert set(faster.conditions.tempo[:200]) == {120.0}
    assert set(faster.conditions.tempo[200:]) == {150.0}
    assert faster.bars[2:5] == (200, 280, 360)
    other = dictate(codec, controls, prompt("house"), 250, [prompt("waltz", 1)], after=101)
    assert np.array_equal(other.style[199], plain.style[0])
    assert np.array_equal(other.style[200], prompt("waltz", 1).vector)


def test_held_notes_come_with_what_guidance_leads_away_from() -> None:
    codec = make_codec()
    controls = Controls(seed=1, bpm=120.0, metre=4)
    held = dictate(codec, controls, prompt("house"), 150, [Note(61)], after=50)
    assert held.changed == 100
    assert held.against is not None
    assert (held.conditions.notes[100:, 61] > 1).all()
    assert (held.against.notes[:100] == 0).all()
    assert (held.against.notes[100:, 61] == 1).all()
    np.testing.assert_array_equal(held.against.beat, held.conditions.beat)
