"""What the model is told of the performer's hands, and what guidance is to lead away from."""

from dataclasses import replace

import numpy as np
import pytest

from simba_live.conditions import FREE, NOTE_OFF, NOTE_ONSET, NOTE_SUSTAINED
from simba_live.controls import Controls
from simba_live.engine.engine import Engine
from simba_live.engine.hands import RELEASE_FRAMES, against, conditions_of
from simba_live.engine.performance import Performance
from simba_live.events import Note, Panic, Play, Prompt, Recall, Reset, Save, Set
from tests.checkpoints import make_codec, make_model

PROMPT = Prompt(("warm lofi piano",), vector=np.full(384, 0.05, np.float32), style="lofi")

PITCH = 3
"""So low that nobody plays it but a performer."""


@pytest.fixture(scope="module")
def performance():
    return Performance(Engine(make_model(), make_codec()))


@pytest.fixture
def playing(performance):
    return performance.apply(Play(), performance.begin(Controls(bpm=300.0, metre=2), PROMPT))


@pytest.fixture
def told(performance, monkeypatch):
    """What the engine was told of `PITCH`, frame by frame: by the conditions, and by what they lead from."""
    heard = []
    step = performance.engine.step

    def spy(conditions, style, state, sampling, away=None):
        heard.append((int(conditions.notes[0, PITCH]), None if away is None else int(away.notes[0, PITCH])))
        return step(conditions, style, state, sampling, away)

    monkeypatch.setattr(performance.engine, "step", spy)
    return heard


def run(performance, moment, frames, **events):
    """Play on, with events (`at_5=[...]`) before some frames."""
    for index in range(frames):
        for event in events.get(f"at_{index}", []):
            moment = performance.apply(event, moment)
        _, moment = performance.advance(moment)
    return moment


def test_held_notes_survive_a_recall_and_are_played(performance, playing, told):
    moment = run(performance, playing, 12, at_2=[Save("a")], at_5=[Note(PITCH)], at_9=[Recall("a")])
    assert told[4] == (NOTE_OFF, None)
    assert told[5] == (NOTE_ONSET, NOTE_OFF)
    assert set(told[6:]) == {(NOTE_SUSTAINED, NOTE_OFF)}
    assert moment.held == {PITCH}


def test_a_released_note_is_led_away_from_for_half_a_second(performance, playing, told):
    moment = run(performance, playing, 6, at_3=[Note(PITCH)])
    told.clear()
    moment = run(performance, moment, RELEASE_FRAMES + 5, at_0=[Note(PITCH, 0)])
    assert moment.held == frozenset()
    assert told[:RELEASE_FRAMES] == [(NOTE_OFF, NOTE_SUSTAINED)] * RELEASE_FRAMES
    assert told[RELEASE_FRAMES:] == [(NOTE_OFF, None)] * 5


def test_striking_it_again_ends_its_release(performance, playing, told):
    run(performance, playing, 9, at_2=[Note(PITCH)], at_5=[Note(PITCH, 0)], at_7=[Note(PITCH)])
    assert told[5:] == [
        (NOTE_OFF, NOTE_SUSTAINED),
        (NOTE_OFF, NOTE_SUSTAINED),
        (NOTE_ONSET, NOTE_OFF),
        (NOTE_SUSTAINED, NOTE_OFF),
    ]


@pytest.mark.parametrize("event", [Note(PITCH, 0), Panic()])
def test_letting_go_of_what_is_not_held_changes_nothing(performance, playing, event, told):
    run(performance, playing, 4, at_2=[event, Play()])
    assert set(told) == {(NOTE_OFF, None)}


@pytest.mark.parametrize("event", [Panic(), Reset()])
def test_a_new_beginning_forgets_what_was_let_go(performance, playing, event):
    moment = run(performance, playing, 4, at_1=[Note(PITCH)], at_3=[Note(PITCH, 0)])
    assert moment.released
    assert not performance.apply(event, moment).released


def test_a_released_note_that_the_arranger_strikes_is_not_led_away_from(performance, playing):
    moment = performance.apply(Note(PITCH, 0), performance.apply(Note(PITCH), playing))
    written = performance.score(moment.scene).conditions
    written.notes[:, PITCH] = NOTE_ONSET
    assert against(replace(moment, struck=frozenset()), written) is None
    written.notes[:, PITCH] = NOTE_SUSTAINED
    away = against(replace(moment, struck=frozenset()), written)
    assert away is not None
    assert away.notes[0, PITCH] == NOTE_SUSTAINED


def test_without_the_arranger_a_released_note_is_off_then_free(performance, playing, told):
    moment = performance.apply(Set("free", 1), playing)
    moment = run(performance, moment, 3, at_0=[Note(PITCH)])
    told.clear()
    run(performance, moment, RELEASE_FRAMES + 2, at_0=[Note(PITCH, 0)])
    assert told == [(NOTE_OFF, NOTE_SUSTAINED)] * RELEASE_FRAMES + [(FREE, None)] * 2


def test_guidance_leads_away_from_what_it_is_told(performance, playing):
    """The second row is not left to itself: other notes in it, other logits."""
    moment = replace(playing, released={PITCH: 0})
    conditions = conditions_of(moment, performance.score(moment.scene).conditions)
    away = against(moment, conditions)
    outcomes = []
    for told in (None, away):
        _, _, state = performance.engine.step(
            conditions, PROMPT.vector, performance.blank.clone(), Controls(guidance=3.0).sampling, told
        )
        outcomes.append(dict(state.model.tensors()))
    differs = {name for name in outcomes[0] if not np.array_equal(*(tree[name] for tree in outcomes))}
    assert differs
    assert all(
        np.array_equal(*(tree[name][:1] for tree in outcomes)) for name in differs if "codes" not in name
    )
