"""A performance that hears a player: their music is its past, and turns change on the bar line."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from simba_live.controls import Controls
from simba_live.engine.engine import Engine
from simba_live.engine.fades import ramp
from simba_live.engine.jam import HEARD_FRAMES, MAX_UNHEARD
from simba_live.engine.performance import FADE_FRAMES, Performance
from simba_live.errors import SimbaLiveError
from simba_live.events import (
    MAX_HEARD,
    Align,
    Branch,
    Hear,
    Panic,
    Play,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)
from simba_live.paths import ASSETS, DEFAULT_CODEC, DEFAULT_MODEL
from tests.checkpoints import make_codec, make_model
from tests.engine.test_engine_performance import BAR, FAST, PROMPT, run, same, tensors

PIECES = -(-MAX_HEARD // HEARD_FRAMES)
TRADE = replace(FAST, listen=1, jam="trade", jam_bars=2)


@pytest.fixture(scope="module")
def performance():
    return Performance(Engine(make_model(), make_codec()))


@pytest.fixture
def playing(performance):
    return performance.apply(Play(), performance.begin(FAST, PROMPT))


@pytest.fixture
def waiting(performance):
    return performance.apply(Play(), performance.begin(replace(FAST, listen=1), PROMPT))


def heard(seed, frames=5, beat=None):
    return Hear(np.random.default_rng(seed).integers(0, 64, (3, frames)), beat)


def silent(sound):
    return not sound.any()


def test_while_the_player_has_the_floor_nothing_sounds_and_the_bars_go_on(performance, playing):
    on, moments = run(performance, playing, 60)
    sounds, after = run(performance, moments[29], 65, at_0=[Set("listen", 1)])
    hop = on.shape[2]
    assert same(sounds[0], on[30] * ramp(1, 0, hop))
    assert silent(sounds[1:])
    assert after[29].scene.position.bar == moments[59].scene.position.bar
    assert after[29].scene.position.beat == moments[59].scene.position.beat
    # No frame but the first cost a step of the model.
    assert after[-1].scene.engine is after[0].scene.engine
    assert after[0].silent
    assert after[0].playing
    # And every bar line passed can be gone back to.
    bars = [scene.position.bar for scene in after[-1].past]
    assert bars == list(range(5))


def test_told_so_it_goes_on_from_what_was_heard(performance, playing):
    _, moments = run(performance, playing, 30)
    blocks = {f"at_{5 * index}": [heard(index)] for index in range(1, 8)}
    sounds, after = run(
        performance, moments[-1], 60, at_0=[Set("listen", 1)], at_40=[Set("listen", 0)], **blocks
    )
    assert silent(sounds[1:40])
    assert not silent(sounds[40])
    others = blocks | {"at_20": [heard(99)]}
    other, _ = run(performance, moments[-1], 60, at_0=[Set("listen", 1)], at_40=[Set("listen", 0)], **others)
    again, _ = run(performance, moments[-1], 60, at_0=[Set("listen", 1)], at_40=[Set("listen", 0)], **blocks)
    assert same(sounds, again)
    assert not same(sounds[41:], other[41:])
    # The first frame, and it alone, is faded in.
    scene = after[39].scene
    plain = replace(after[39], level=FADE_FRAMES, scene=replace(scene, controls=FAST))
    whole, _ = run(performance, plain, 20)
    assert same(sounds[40], whole[0] * ramp(0, 1, whole.shape[2]))
    assert same(sounds[41:], whole[1:])


def test_the_state_is_that_of_the_codes_heard(performance, waiting):
    """Both rows of guidance and the decoder, told the beat and nothing else."""
    engine = performance.engine
    event = heard(1, beat=2.0)
    _, moments = run(performance, waiting, 5, at_2=[event])
    written = [
        performance.score(replace(waiting.scene, position=p)).conditions
        for p in positions(performance, waiting)
    ]
    state = engine.init_state(guided=True)
    for index in range(5):
        clock = written[BAR - 5 + index].clock()
        codes = torch.from_numpy(event.codes[None, :, index : index + 1])
        _, state = engine.hear(codes, clock, PROMPT.vector, state)
    for name, leaf in tensors(moments[-1].scene).items():
        torch.testing.assert_close(leaf, dict(state.tensors())[name], atol=1e-5, rtol=1e-5)
    first, second = moments[-1].scene.engine.model.blocks[0].ssm
    assert not torch.equal(first, second)
    assert moments[-1].scene.engine.model.codes[:, 0].tolist() == [event.codes[0, -1]] * 2


def positions(performance, moment):
    """Those of the first bar's frames."""
    _, moments = run(performance, moment, BAR)
    return [moment.scene.position, *(after.scene.position for after in moments[:-1])]


def test_much_heard_at_once_is_taken_in_little_by_little(performance, waiting):
    long = heard(3, MAX_HEARD, beat=50.0)
    _, moments = run(performance, waiting, PIECES + 10, at_0=[long])
    frame_beats = 300 / 60 / 50
    parts = {
        f"at_{start // HEARD_FRAMES}": [
            Hear(codes, 50.0 - (MAX_HEARD - start - codes.shape[1]) * frame_beats)
        ]
        for start in range(0, MAX_HEARD, HEARD_FRAMES)
        for codes in [long.codes[:, start : start + HEARD_FRAMES]]
    }
    _, others = run(performance, waiting, PIECES + 10, **parts)
    assert moments[PIECES - 2].scene.unheard != ()
    assert moments[PIECES - 1].scene.unheard == ()
    assert len(moments[0].scene.unheard) == PIECES - 1
    for name, leaf in tensors(moments[-1].scene).items():
        torch.testing.assert_close(leaf, tensors(others[-1].scene)[name], atol=1e-5, rtol=1e-5)
    flooded = waiting
    for seed in range(9):
        flooded = performance.apply(heard(seed, 96), flooded)
    assert len(flooded.scene.unheard) == MAX_UNHEARD
    assert same(flooded.scene.unheard[-1].codes, heard(8, 96).codes[:, 96 - HEARD_FRAMES :])


@pytest.mark.parametrize("way", ["recall", "undo", "branch"])
def test_what_was_heard_is_gone_back_to_bit_for_bit(performance, playing, way):
    _, moments = run(performance, playing, 30)
    blocks = {f"at_{5 * index + 1}": [heard(index, 7)] for index in range(6)}
    events = blocks | {"at_0": [Set("listen", 1)], "at_31": [Save("a")], "at_36": [Set("listen", 0)]}
    events["at_31"] = [heard(77, 12), Save("a")]  # saved with something yet to be taken in
    sounds, after = run(performance, moments[-1], 70, **events)
    if way == "recall":
        again, _ = run(performance, after[-1], 39, at_0=[Recall("a")], at_5=[Set("listen", 0)])
        assert same(again[6:], sounds[37:])
    elif way == "undo":
        line = 30
        assert after[line - 1].scene.position.line == "bar"
        later = {f"at_{int(at[3:]) - line}": done for at, done in events.items() if int(at[3:]) > line}
        again, _ = run(performance, after[-1], 70 - line, at_0=[Undo(2)], **later)
        assert same(again[1:], sounds[line + 1 :])
    else:
        branched, _ = run(performance, after[35], 30, at_0=[Set("listen", 0), Branch(9)])
        once_more, _ = run(performance, after[35], 30, at_0=[Branch(9), Set("listen", 0)])
        assert same(branched, once_more)
        assert not same(branched[1:], sounds[37:66])


def test_hearing_can_be_undone(performance, playing):
    on, moments = run(performance, playing, 90)
    events = {
        "at_0": [Set("listen", 1)],
        "at_9": [heard(1)],
        "at_14": [heard(2)],
        "at_20": [Set("listen", 0)],
    }
    _, after = run(performance, moments[BAR + 9], 22, **events)
    again, _ = run(performance, after[-1], 30, at_0=[Undo(2)])
    assert same(again[1:], on[BAR + 1 : BAR + 30])


def test_turns_change_over_on_the_bar_lines_frame(performance):
    moment = performance.apply(Play(), performance.begin(TRADE, PROMPT))
    blocks = {f"at_{frame}": [heard(frame)] for frame in range(80) if frame < 40 and frame % 5 == 0}
    sounds, moments = run(performance, moment, 8 * BAR, **blocks)
    turn = 2 * BAR
    assert silent(sounds[:turn])
    assert not any(silent(sound) for sound in sounds[turn : 2 * turn])
    # The line's own frame fades, down to nothing at its end.
    assert np.abs(sounds[2 * turn]).max() > 0
    assert sounds[2 * turn, 0, -1] == 0
    assert silent(sounds[2 * turn + 1 : 3 * turn])
    assert not any(silent(sound) for sound in sounds[3 * turn :])
    assert [moment.scene.turn_bars for moment in moments[::BAR]] == [2, 1, 2, 1, 2, 1, 2, 1]
    assert moments[turn - 1].scene.position.line == "bar"


def test_turns_asked_for_in_a_bar_begin_with_the_next(performance, playing):
    events = [Set("jam", "trade"), Set("jam_bars", 1), Set("listen", 1)]
    sounds, _ = run(performance, playing, 100, at_27=events)
    assert not any(silent(sound) for sound in sounds[:41])
    assert silent(sounds[41:60])
    assert not any(silent(sound) for sound in sounds[60:81])
    assert silent(sounds[81:100])


def test_an_empty_floor_is_begun_on_without_a_fade(performance):
    """Nothing was played and nothing heard: the music has its own beginning."""
    moment = performance.apply(Play(), performance.begin(TRADE, PROMPT))
    _, moments = run(performance, moment, 2 * BAR)
    sounds, _ = run(performance, moments[-1], 3)
    plain = replace(moments[-1], level=FADE_FRAMES)
    assert same(sounds, run(performance, plain, 3)[0])


def test_in_shadow_it_plays_on_and_hears(performance, playing):
    on, moments = run(performance, playing, 60)
    events = {"at_0": [Set("jam", "shadow"), Set("listen", 1)], "at_5": [heard(1)]}
    sounds, after = run(performance, moments[19], 40, **events)
    assert same(sounds[:5], on[20:25])
    assert not same(sounds[5:], on[25:])
    assert not any(silent(sound) for sound in sounds)
    assert after[10].scene.hears
    assert not after[10].scene.listens


def test_notes_that_ring_on_from_the_players_turn_begin_with_the_music(performance, playing):
    _, moments = run(performance, playing, 33)
    scenes = [moment.scene for moment in moments]
    index = next(index for index in range(22, 33) if scenes[index].position.sounding)
    _, after = run(performance, moments[10], index - 10, at_0=[Set("listen", 1)])
    back = performance.apply(Set("listen", 0), after[-1])
    begun = performance.score(back.scene).conditions.notes[0]
    assert set(np.flatnonzero(begun == 3)) >= set(np.flatnonzero(begun >= 2)) != set()


REFUSED = [
    (False, heard(1), "the music does not listen: set listen to 1"),
    (True, Hear(np.zeros((2, 5), np.int64)), "not in the codes of the model"),
    (True, Hear(np.full((3, 5), 64)), "not in the codes of the model"),
]


@pytest.mark.parametrize(("listen", "event", "reason"), REFUSED)
def test_what_cannot_be_heard_is_refused(performance, playing, waiting, listen, event, reason):
    with pytest.raises(SimbaLiveError, match=reason):
        performance.apply(event, waiting if listen else playing)


def test_a_codec_of_more_codebooks_is_understood(performance, waiting):
    event = Hear(np.random.default_rng(1).integers(0, 64, (4, 5)))
    more, _ = run(performance, waiting, 12, at_0=[event], at_5=[Set("listen", 0)])
    fewer, _ = run(performance, waiting, 12, at_0=[Hear(event.codes[:3])], at_5=[Set("listen", 0)])
    assert same(more, fewer)


@pytest.mark.parametrize("event", [Reset(), Panic(), Stop(), Undo(1)])
def test_whatever_is_done_meanwhile_it_stays_silent(performance, playing, event):
    _, moments = run(performance, playing, 50, at_41=[Set("listen", 1)], at_45=[heard(1)])
    sounds, after = run(performance, performance.apply(Set("listen", 1), moments[-1]), 30, at_0=[event])
    assert silent(sounds) or isinstance(event, Undo)  # which goes back to before it listened
    assert after[-1].scene.controls.listen or isinstance(event, Undo)


def test_the_position_is_put_where_the_shared_beat_is(performance, playing):
    _, moments = run(performance, playing, 33)
    before = moments[-1].scene.position
    sounds, after = run(performance, moments[-1], 5, at_0=[Align(0.5)])
    beats = [2 * moment.scene.position.bar + moment.scene.position.beat for moment in after]
    here = 2 * before.bar + before.beat
    np.testing.assert_allclose(beats, here + 0.5 + 0.1 * np.arange(1, 6), atol=1e-6)
    assert not same(sounds, run(performance, moments[-1], 5)[0])


@pytest.mark.parametrize("way", ["continue", "trade"])
def test_no_seam_clicks(way):
    """With the default model, on music of its own that it hears as somebody else's."""
    performance = Performance(Engine.load(ASSETS / DEFAULT_MODEL, ASSETS / DEFAULT_CODEC))
    vector = np.random.default_rng(1).standard_normal(384).astype(np.float32) / 20
    controls = Controls(bpm=160.0, metre=2, jam=way, jam_bars=1)
    moment = performance.apply(Play(), performance.begin(controls, replace(PROMPT, vector=vector)))
    sounds, codes = [], []
    for frame in range(180):
        if frame == 60:
            moment = performance.apply(Set("listen", 1), moment)
        if frame == 100 and way == "continue":
            moment = performance.apply(Set("listen", 0), moment)
        if moment.scene.listens and frame % 5 == 0:
            moment = performance.apply(Hear(np.concatenate(codes[frame - 60 : frame - 55], axis=1)), moment)
        sound, moment = performance.advance(moment)
        sounds.append(sound)
        codes.append(moment.scene.engine.model.codes[:1].T.numpy().copy())
    quiet = [silent(sound) for sound in sounds]
    seams = [index for index in range(1, len(sounds)) if quiet[index] != quiet[index - 1]]
    assert len(seams) >= (2 if way == "continue" else 3), "it never changed over"
    whole, hop = np.concatenate(sounds, axis=1)[0], sounds[0].shape[1]
    jumps = np.abs(np.diff(whole))
    there = np.zeros(len(jumps), bool)
    for seam in seams:
        there[(seam - 1) * hop - 1 : (seam + 1) * hop] = True
    assert jumps.max() > 0.01, "the music is too quiet to judge by"
    assert jumps[there].max() <= jumps[~there].max()


def test_what_a_block_of_the_player_costs_stays_below_a_frame():
    """The processor's time, not the wall's: machines that test are busy. One thread, as the engine has."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    performance = Performance(Engine.load(ASSETS / DEFAULT_MODEL, ASSETS / DEFAULT_CODEC))
    moment = performance.begin(Controls(listen=1), replace(PROMPT, vector=np.zeros(384, np.float32)))
    codebooks = performance.engine.model.config.num_codebooks
    seconds = []
    for index in range(40):
        if index % 5 == 0:
            codes = np.random.default_rng(index).integers(0, 1024, (codebooks, 5))
            moment = performance.apply(Hear(codes), moment)
        started = time.process_time()
        _, moment = performance.advance(moment)
        seconds.append(time.process_time() - started)
    torch.set_num_threads(threads)
    assert np.quantile(seconds[10:], 0.9) < 0.02
