"""A live performance: going back is exact, seams do not click, and what is refused changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from simba_live.controls import Controls
from simba_live.engine.engine import Engine
from simba_live.engine.fades import crossfade, ramp
from simba_live.engine.performance import FADE_FRAMES, MAX_SNAPSHOTS, Performance
from simba_live.errors import SimbaLiveError
from simba_live.events import (
    MAX_BARS,
    Branch,
    Delete,
    Note,
    Panic,
    Play,
    Prompt,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)
from simba_live.music.live import Position
from simba_live.paths import ASSETS, DEFAULT_CODEC, DEFAULT_MODEL
from tests.checkpoints import make_codec, make_model

PROMPT = Prompt(("warm lofi piano",), vector=np.full(384, 0.05, np.float32), style="lofi")
FAST = Controls(bpm=300.0, metre=2)
"""Bars of 20 frames."""

BAR = 20


@pytest.fixture(scope="module")
def performance():
    return Performance(Engine(make_model(), make_codec()))


@pytest.fixture
def playing(performance):
    return performance.apply(Play(), performance.begin(FAST, PROMPT))


def run(performance, moment, frames, **events):
    """Play on, with events (`at_5=[...]`) before some frames; their sounds, and the moments after them."""
    sounds, moments = [], []
    for index in range(frames):
        for event in events.get(f"at_{index}", []):
            moment = performance.apply(event, moment)
        sound, moment = performance.advance(moment)
        sounds.append(sound)
        moments.append(moment)
    return np.stack(sounds), moments


def same(one, other):
    return np.array_equal(one, other)


def tensors(scene):
    return dict(scene.engine.tensors())


def test_a_recalled_moment_is_played_again_bit_for_bit(performance, playing):
    _, before = run(performance, playing, 33)
    saved = performance.apply(Save("a"), before[-1])
    first, moments = run(performance, saved, 40)
    again, back = run(performance, moments[-1], 40, at_0=[Recall("a")])
    assert same(again[1:], first[1:])
    assert back[-1].scene.position == moments[-1].scene.position
    for name, leaf in tensors(back[-1].scene).items():
        assert torch.equal(leaf, tensors(moments[-1].scene)[name]), name
    once_more, _ = run(performance, back[7], 40, at_0=[Recall("a")])
    assert same(once_more[1:], first[1:])


def test_within_one_frame_a_recalled_moment_takes_over_from_what_would_have_been_heard(performance, playing):
    _, before = run(performance, playing, 33)
    first, moments = run(performance, performance.apply(Save("a"), before[-1]), 15)
    on, _ = run(performance, moments[-1], 1)
    again, _ = run(performance, moments[-1], 1, at_0=[Recall("a")])
    assert same(again[0], crossfade(on[0], first[0]))


@pytest.mark.parametrize("way", ["recall", "undo", "reset"])
def test_no_seam_clicks(way):
    """With the music of the default model, which has silence and beats, unlike noise."""
    performance = Performance(Engine.load(ASSETS / DEFAULT_MODEL, ASSETS / DEFAULT_CODEC))
    vector = np.random.default_rng(1).standard_normal(384).astype(np.float32) / 20
    prompt = replace(PROMPT, vector=vector)
    moment = performance.apply(Play(), performance.begin(Controls(bpm=160.0), prompt))
    _, moments = run(performance, moment, 100)
    moment = performance.apply(Save("a"), moments[45])
    on, moments = run(performance, moment, 85)
    event = {"recall": Recall("a"), "undo": Undo(1), "reset": Reset()}[way]
    back, _ = run(performance, moments[-1], 60, at_0=[event])
    whole = np.concatenate([*on, *back], axis=1)[0]
    jumps = np.abs(np.diff(whole))
    seam = len(on) * on.shape[2]
    there = slice(seam - 1, seam + on.shape[2])
    elsewhere = np.delete(jumps, np.arange(len(jumps))[there])
    assert jumps.max() > 0.01, "the music is too quiet to judge by"
    assert jumps[there].max() <= elsewhere.max()


@pytest.mark.parametrize("bars", [1, 2, 3])
def test_undo_lands_on_a_bar_line_to_the_sample(performance, playing, bars):
    first, moments = run(performance, playing, 4 * BAR + 13)
    again, back = run(performance, moments[-1], BAR, at_0=[Undo(bars)])
    line = (5 - bars) * BAR
    assert moments[line - 1].scene.position.line == "bar"
    assert same(again[1 : len(first) - line], first[line + 1 :][: BAR - 1])
    assert back[0].scene.position == moments[line].scene.position


def test_on_a_bar_line_undo_goes_to_the_one_before(performance, playing):
    _, moments = run(performance, playing, 3 * BAR)
    assert moments[-1].scene.position.line == "bar"
    back = performance.apply(Undo(1), moments[-1])
    assert back.scene.position == moments[2 * BAR - 1].scene.position


def test_what_can_be_undone_is_said_truly(performance, playing):
    _, moments = run(performance, playing, 3 * BAR, at_50=[Undo(1)], at_55=[Stop()])
    for moment in moments:
        bars = len(moment.past)
        if bars:
            performance.apply(Undo(bars), moment)
        with pytest.raises(SimbaLiveError, match="can be undone"):
            performance.apply(Undo(bars + 1), moment)
    assert max(len(moment.past) for moment in moments) == 3


def test_the_history_is_bounded(performance, playing):
    controls = Controls(bpm=300.0, metre=2)
    moment = performance.apply(Play(), performance.begin(controls, PROMPT))
    scenes = [moment.scene]
    position = moment.scene.position
    # The model has no part in this: only the arranger moves.
    for _ in range((MAX_BARS + 8) * BAR):
        position = performance.score(replace(moment.scene, position=position)).position
        if position.line == "bar":
            scenes.append(replace(moment.scene, position=position, engine=moment.scene.engine.clone()))
    for scene in scenes:
        _, moment = performance.advance(replace(moment, scene=scene))
    assert len(moment.past) == MAX_BARS
    performance.apply(Undo(MAX_BARS), moment)


def test_a_line_passed_less_than_a_beat_ago_is_not_past(performance, playing):
    _, moments = run(performance, playing, 4 * BAR + 11)
    assert [performance.apply(Undo(1), moments[4 * BAR + n]).scene.position.bar for n in (0, 7, 10)] == [
        3,
        3,
        4,
    ]


def test_undo_again_and_again_goes_further_back(performance, playing):
    _, moments = run(performance, playing, 4 * BAR + 13)
    moment = moments[-1]
    bars = []
    for _ in range(4):
        moment = performance.apply(Undo(1), moment)
        bars.append(moment.scene.position.bar)
    assert bars == [4, 3, 2, 1]
    _, moment = performance.advance(moment)
    assert performance.apply(Undo(1), moment).scene.position.bar == 0
    with pytest.raises(SimbaLiveError, match="only 1"):
        performance.apply(Undo(2), moment)


def test_a_branch_is_the_same_moment_with_another_seed(performance, playing):
    _, moments = run(performance, playing, 30)
    moment = moments[-1]
    on, _ = run(performance, moment, 30)
    branch, _ = run(performance, moment, 30, at_0=[Branch(5)])
    assert not same(on, branch)
    assert same(branch, run(performance, moment, 30, at_0=[Set("seed", 5)])[0])
    assert same(branch, run(performance, moment, 30, at_0=[Branch(5)])[0])
    assert same(on, run(performance, moment, 30, at_0=[Branch(3), Branch(0)])[0])
    following, _ = run(performance, moment, 30, at_0=[Branch()])
    assert same(following, run(performance, moment, 30, at_0=[Branch(1)])[0])


def test_moments_are_values(performance, playing):
    events = {
        "at_5": [Note(60), Save("a")],
        "at_11": [Set("density", 1.0)],
        "at_30": [Recall("a")],
        "at_41": [Stop()],
        "at_46": [Play(), Undo(1)],
    }
    sounds, moments = run(performance, playing, 60, **events)
    for index in (4, 29, 40, 43, 45):
        again, _ = run(
            performance,
            moments[index],
            59 - index,
            **{f"at_{int(at[3:]) - index - 1}": done for at, done in events.items()},
        )
        assert same(again, sounds[index + 1 :])


def test_stop_fades_out_and_play_goes_on_from_there(performance, playing):
    whole, moments = run(performance, playing, 90)
    sounds, after = run(performance, moments[29], 40, at_0=[Stop()], at_30=[Play()])
    hop = whole.shape[2]
    fade = np.linspace(1, 0, FADE_FRAMES * hop + 1, dtype=np.float32)[1:].reshape(FADE_FRAMES, 1, hop)
    np.testing.assert_allclose(sounds[:FADE_FRAMES], whole[30 : 30 + FADE_FRAMES] * fade, atol=1e-6)
    assert not sounds[FADE_FRAMES:30].any()
    assert after[29].silent
    goes_on = 30 + FADE_FRAMES
    assert same(sounds[30], whole[goes_on] * ramp(0, 1, hop))
    assert same(sounds[31:], whole[goes_on + 1 : goes_on + 10])


def test_play_in_the_middle_of_the_fade_turns_it_round(performance, playing):
    whole, moments = run(performance, playing, 50)
    sounds, _ = run(performance, moments[29], 12, at_0=[Stop()], at_4=[Play()])
    hop = whole.shape[2]
    assert same(sounds[4], whole[34] * ramp(0.6, 1, hop))
    assert same(sounds[5:], whole[35:42])


def test_music_out_of_nothing_begins_as_it_is(performance, playing):
    fresh, _ = run(performance, playing, 5)
    codec = performance.engine.codec
    _, audio, _ = performance.engine.step(
        performance.score(playing.scene).conditions,
        PROMPT.vector,
        performance.engine.init_state(guided=True),
        playing.scene.controls.sampling,
    )
    assert same(fresh[0], audio[0].numpy())
    assert fresh.shape == (5, codec.channels, codec.hop_length)


def test_reset_begins_again_and_keeps_playing(performance, playing):
    fresh, _ = run(performance, playing, 30)
    _, moments = run(performance, playing, 47, at_3=[Note(60)])
    moment = performance.apply(Note(60, 0), moments[-1])
    again, after = run(performance, moment, 30, at_0=[Reset()])
    assert same(again[1:], fresh[1:])
    assert after[-1].scene.position.bar == 1
    assert [len(moment.past) for moment in after[:: BAR // 2]] == [0, 1, 1]


def test_panic_is_silent_after_one_frame(performance, playing):
    _, moments = run(performance, playing, 30, at_3=[Note(60)], at_5=[Save("a")])
    on, _ = run(performance, moments[-1], 1)
    sounds, after = run(performance, moments[-1], 5, at_0=[Panic()])
    assert same(sounds[0], crossfade(on[0], np.zeros_like(on[0])))
    assert not sounds[1:].any()
    assert after[0].silent
    assert after[0].held == frozenset()
    assert after[0].scene.position == Position()
    assert after[0].past == ()
    assert set(after[0].saved) == {"a"}


@pytest.mark.parametrize("event", [Recall("a"), Reset(), Undo(1)])
def test_what_is_gone_back_to_while_music_fades_waits_at_its_beginning(performance, playing, event):
    """The rest of the fade must not use up the moment's first frames."""
    saved = performance.apply(Save("a"), run(performance, playing, 33)[1][-1])
    _, moments = run(performance, saved, 20, at_10=[Stop()])
    fading = moments[13]
    assert 0 < fading.level < FADE_FRAMES
    assert not fading.playing
    back = performance.apply(event, fading)
    sounds, after = run(performance, back, 10)
    on, _ = run(performance, fading, 1)
    assert same(sounds[0], crossfade(on[0], np.zeros_like(on[0])))
    assert not sounds[1:].any()
    assert after[-1].scene == back.scene
    heard, _ = run(performance, performance.apply(Play(), after[-1]), 5)
    begun = performance.apply(event, moments[9])
    assert same(heard[1:], run(performance, begun, 5)[0][1:])


def test_of_a_moment_left_before_it_sounded_nothing_is_heard(performance, playing):
    saved = performance.apply(Save("a"), run(performance, playing, 33)[1][-1])
    first, _ = run(performance, saved, 3)
    _, stopped = run(performance, saved, 30, at_5=[Stop()])
    sounds, _ = run(performance, stopped[-1], 3, at_0=[Play(), Recall("a")])
    assert same(sounds[0], first[0] * ramp(0, 1, first.shape[2]))
    assert same(sounds[1:], first[1:])


def test_jumps_on_one_frame_leave_what_sounded_before_them(performance, playing):
    saved = performance.apply(Save("a"), run(performance, playing, 33)[1][-1])
    first, moments = run(performance, saved, 10)
    on, _ = run(performance, moments[-1], 1)
    sounds, _ = run(performance, moments[-1], 1, at_0=[Reset(), Recall("a")])
    assert same(sounds[0], crossfade(on[0], first[0]))


def test_a_recall_brings_the_controls_back_but_not_the_sessions_own(performance, playing):
    saved = performance.apply(Save("a"), playing)
    moment = saved
    for event in (
        Set("density", 0.5),
        Set("gain", -6.0),
        Set("mute", 1),
        Set("quantum", "bar"),
        Set("free", 1),
    ):
        moment = performance.apply(event, moment)
    controls = performance.apply(Recall("a"), moment).scene.controls
    assert controls == replace(FAST, gain=-6.0, mute=1, quantum="bar")


REFUSED = [
    Recall("b"),
    Delete("b"),
    Undo(9),
    Set("key", "H flat"),
    Set("chord", "Zz9"),
    Set("style", "zydeco-metal"),
]


@pytest.mark.parametrize("event", REFUSED, ids=lambda event: f"{event.name} {list(vars(event).values())[-1]}")
def test_what_cannot_be_done_is_told_in_one_line(performance, playing, event):
    with pytest.raises(SimbaLiveError) as told:
        performance.apply(event, playing)
    assert "\n" not in str(told.value)


def test_snapshots_are_counted(performance, playing):
    moment = playing
    for index in range(MAX_SNAPSHOTS):
        moment = performance.apply(Save(f"s{index}"), moment)
    with pytest.raises(SimbaLiveError, match="delete one to save 'more'"):
        performance.apply(Save("more"), moment)
    performance.apply(Save("s3"), moment)
    moment = performance.apply(Delete("s3"), moment)
    assert "more" in performance.apply(Save("more"), moment).saved


def test_music_under_way_keeps_what_it_can(performance, playing):
    open_moment = performance.apply(Play(), performance.begin(Controls(), PROMPT))
    _, moments = run(performance, open_moment, 3)
    settings = moments[-1].scene.settings
    branched = performance.apply(Branch(77), moments[-1]).scene.settings
    assert (branched.bpm, branched.key, branched.beats_per_bar) == (
        settings.bpm,
        settings.key,
        settings.beats_per_bar,
    )
    faster = performance.apply(Set("bpm", 123.0), moments[-1])
    assert faster.scene.settings == replace(settings, bpm=123.0)
    # Handed back, the tempo is the style's again.
    _, moments = run(performance, faster, 3)
    assert performance.apply(Set("bpm", None), moments[-1]).scene.settings == settings


def test_another_prompt_plays_from_the_next_frame_on(performance, playing):
    _, moments = run(performance, playing, 30)
    other = Prompt(("techno, 140 bpm",), vector=-PROMPT.vector, style="techno")
    moment = performance.apply(other, moments[-1])
    assert moment.scene.settings.style == "techno"
    assert moment.scene.position == moments[-1].scene.position
    assert not same(run(performance, moment, 5)[0], run(performance, moments[-1], 5)[0])


def test_free_music_follows_the_hands_only(performance, playing):
    _, moments = run(performance, playing, 5, at_0=[Set("free", 1)])
    free, _ = run(performance, moments[-1], 5)
    again, _ = run(performance, moments[-1], 5, at_0=[Set("chord", "Am7")])
    assert not same(free, again)
