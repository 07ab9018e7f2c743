"""The score model: streaming, writing as it was taught, leaving alone what is told, and checkpoints."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from simba_live.conditions import (
    ABSENT,
    CHORD_ROOT,
    DRUM_KIT,
    DRUM_NONE,
    FREE,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    PRESENT,
    Conditions,
)
from simba_live.errors import CheckpointError
from simba_live.model import save_model
from simba_live.model.checkpoint import load_score
from simba_live.model.score import ScoreConfig, ScoreModel, ScoreState
from simba_live.model.score_frames import (
    BAND,
    CHORD,
    MEMORY,
    NOTES,
    NUM_ONSETS,
    TURNS,
    age_steps,
    bar_length,
    begun,
    score_features,
    written_rows,
)
from simba_live.model.score_writer import ScoreWriter
from tests.contract import assert_streaming

CONFIG = ScoreConfig(
    d_model=32, num_layers=2, d_state=8, head_dim=16, list_hidden=24, style_dim=12, styles=("funk", "jazz")
)
FRAMES = 110


def make_model() -> ScoreModel:
    """Random weights that write something in most frames, and end it again."""
    torch.manual_seed(0)
    model = ScoreModel(CONFIG).eval().requires_grad_(requires_grad=False)
    for head in (model.onsets, model.instruments):
        head.linear.weight.mul_(4.0)
        head.linear.bias[-1] = 5.0
    model.ends.linear.bias.fill_(-0.5)
    model.style_embedding.weight.normal_()
    for name, parameter in model.named_parameters():
        if "complex" in name:
            parameter.mul_(5.0)
    return model


@pytest.fixture(scope="module")
def writer() -> ScoreWriter:
    return ScoreWriter(make_model())


STYLE = functional.normalize(torch.arange(12.0) - 4.0, dim=0).numpy()


def clock(frames: int = FRAMES, key: int = 0) -> Conditions:
    told = Conditions.free(frames)
    told.tempo[:] = 120.0
    told.beat[:] = np.arange(frames) / 25.0 % 1.0
    told.bar[:] = np.arange(frames) / 50.0 % 1.0  # two beats a bar, so that there are some
    told.key[:] = key
    return told


def write(
    writer: ScoreWriter, told: Conditions, temperature: float = 1.0, seed: int = 1, guidance: float = 1.0
) -> Conditions:
    return writer.write(told, STYLE, writer.init_state(), temperature, seed, 0, guidance=guidance)


def same(one: Conditions, other: Conditions) -> bool:
    return all(
        np.array_equal(array, other.arrays()[name], equal_nan=array.dtype == np.float32)
        for name, array in one.arrays().items()
    )


def test_contract(writer: ScoreWriter) -> None:
    model = writer.model
    generator = torch.Generator().manual_seed(1)
    features = torch.randn(2, 13, CONFIG.num_features, generator=generator)
    style = functional.normalize(torch.randn(2, 13, 12, generator=generator), dim=-1)

    def resume(features: Tensor, style: Tensor, state: ScoreState) -> tuple[Tensor, ScoreState]:
        return model(features, style, state)

    def prepared(features: Tensor, style: Tensor, state: ScoreState) -> tuple[Tensor, ScoreState]:
        hidden = []
        for told, prompts in zip(features.numpy().swapaxes(0, 1), style.numpy().swapaxes(0, 1), strict=True):
            styled = np.concatenate([writer._with_and_without(prompt)[1][:1] for prompt in prompts])
            hidden.append(writer._plan.from_told(told, prompts, state.blocks, styled))
        return torch.from_numpy(np.stack(hidden, 1)), state

    for step in (resume, prepared):
        assert_streaming(model, features, 1, style, step=step)


def test_a_prompt_adds_the_style_that_it_means_and_none_adds_nothing() -> None:
    model, prompt = make_model(), torch.from_numpy(STYLE)
    assert not model.styled(torch.zeros(3, 12)).any()
    for style, sign in (("funk", 1.0), ("jazz", -1.0)):
        model.style.weight.copy_(sign * torch.stack([prompt, -prompt]) * 50.0)
        sounds = model.style_embedding.weight[:, CONFIG.styles.index(style)]
        torch.testing.assert_close(model.styled(prompt), sounds)


@pytest.mark.parametrize("guidance", [1.0, 0.5, 1.4])
def test_what_is_written_is_what_training_calls_likeliest(writer: ScoreWriter, guidance: float) -> None:
    """At temperature 0 every draw of the writer is the largest logit of the heads as training computes it."""
    model, told = writer.model, clock(key=14)
    written = write(writer, told, temperature=0.0, guidance=guidance)
    turn = TURNS[written.key % 12]
    rows = np.take_along_axis(written_rows(written), turn, 1)
    before = np.concatenate([np.zeros_like(rows[:1]), rows[:-1]])
    free = np.take_along_axis(written_rows(told), turn, 1)
    minor = np.ones(FRAMES, np.bool_)
    again, ages = remembered(begun(rows), frames_a_bar=50)
    features = torch.from_numpy(score_features(before, again, free, told, minor, 50.0))[None]
    prompted, plain = (
        model(features, prompt[None, None])[0][0] for prompt in (torch.from_numpy(STYLE), torch.zeros(12))
    )
    hidden = torch.lerp(plain, prompted, guidance)
    lines = {name: np.concatenate([[True], np.diff(getattr(told, name)) < 0]) for name in ("beat", "bar")}
    chords = CONFIG.chords()
    onsets = begun(rows)
    assert 0.05 < onsets.any(1).mean() < 0.95, "the test needs frames of both kinds"
    assert onsets.sum(1).max() > 2
    for frame in range(FRAMES):
        band = rows[frame, BAND] == PRESENT
        if lines["bar"][frame]:
            assert likeliest_list(model.instruments, hidden[frame], band)[0] == list(np.flatnonzero(band))
        else:
            assert np.array_equal(rows[frame, BAND], before[frame, BAND])
        context = hidden[frame] + torch.from_numpy(band.astype(np.float32)) @ model.instruments.embedding
        if lines["beat"][frame]:
            logits = model.chord(context)
            if frame == 0:
                logits[0] = -torch.inf
            choice = int(logits.argmax())
            chord = chords[choice - 1] if choice else before[frame, CHORD]
        else:
            chord = before[frame, CHORD]
        assert np.array_equal(rows[frame, CHORD], chord)
        tones = np.concatenate([chord >= 2, chord == CHORD_ROOT]).astype(np.float32)
        context = context + model.harmony(torch.from_numpy(tones))
        items, last = likeliest_list(model.onsets, context, onsets[frame])
        assert items == list(np.flatnonzero(onsets[frame]))
        pitches = torch.arange(128)
        step = torch.from_numpy(age_steps(ages[frame], told.tempo[:1], 50.0))
        ends = model.ends(last[None], torch.zeros_like(pitches), pitches, step) > 0
        sustained = (before[frame, NOTES] >= NOTE_SUSTAINED) & ~ends.numpy() & ~onsets[frame, 8:]
        assert np.array_equal(rows[frame, NOTES] == NOTE_SUSTAINED, sustained)
        assert written.density[frame] == pytest.approx(float(model.density(last).sigmoid()), abs=1e-5)


def remembered(onsets: np.ndarray, frames_a_bar: int) -> tuple[np.ndarray, np.ndarray]:
    """What was struck a bar ago in each frame, and for how many frames each pitch has sounded."""
    again, ages = np.zeros((len(onsets), 3, 136), np.bool_), np.full((len(onsets), 128), 255)
    for frame in range(1, len(onsets)):
        for place, slip in enumerate((-1, 0, 1)):
            if (ago := frame - frames_a_bar + slip) >= 0:
                again[frame, place] = onsets[ago]
        ages[frame] = np.where(onsets[frame - 1, 8:], 1, np.minimum(ages[frame - 1] + 1, 255))
    return again, ages


def likeliest_list(head: torch.nn.Module, context: Tensor, marks: np.ndarray) -> tuple[list[int], Tensor]:
    """Following a list through teacher forcing: the likeliest item at each of its places."""
    size, items = len(marks), []
    for count in range(int(marks.sum()) + 1):
        before = torch.zeros(1, size)
        before[0, np.flatnonzero(marks)[:count]] = 1
        logits, read = head(context[None], before)
        items.append(int(logits.argmax()))
    assert items.pop() == size
    return items, read[0]


def test_guidance_is_towards_the_prompt(writer: ScoreWriter) -> None:
    told, plain = clock(), {}
    for guidance in (0.0, 1.0, 3.0):
        nothing = np.zeros(12, np.float32)
        plain[guidance] = writer.write(told, nothing, writer.init_state(), 1.0, 1, 0, guidance=guidance)
    assert same(plain[1.0], plain[3.0])
    assert np.array_equal(plain[1.0].notes, write(writer, told, guidance=0.0).notes)
    assert not same(plain[1.0], write(writer, told))
    assert not same(write(writer, told), write(writer, told, guidance=3.0))


def test_everything_free_is_written_and_nothing_else_changes(writer: ScoreWriter) -> None:
    told = clock(key=9)
    kept = Conditions.concatenate([told])
    written = write(writer, told)
    assert same(told, kept)
    for name in ("chord", "notes", "drums", "instruments"):
        assert (getattr(written, name) != FREE).all()
    assert ((written.density >= 0) & (written.density <= 1)).all()
    assert np.isnan(written.brightness).all()
    assert (written.key == 9).all()
    assert np.array_equal(written.beat, told.beat)
    assert ((written.chord == CHORD_ROOT).sum(1) == 1).all()
    # What goes on has begun.
    goes_on = written.notes[1:] == NOTE_SUSTAINED
    assert goes_on.any()
    assert (written.notes[:-1][goes_on] >= NOTE_SUSTAINED).all()


def test_what_is_told_stays(writer: ScoreWriter) -> None:
    told = clock()
    told.notes[:, 60] = NOTE_SUSTAINED
    told.notes[5, 60] = NOTE_ONSET
    told.notes[:, 64] = NOTE_OFF
    told.drums[:] = DRUM_NONE
    told.instruments[:, DRUM_KIT] = ABSENT
    told.chord[20:] = (3, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1)  # of no shape that it knows
    told.density[:] = 0.25
    written = write(writer, told)
    for name, array in told.arrays().items():
        if name in ("notes", "drums", "instruments", "chord"):
            known = array != FREE
            assert np.array_equal(getattr(written, name)[known], array[known]), name
            assert (getattr(written, name) != FREE).all(), name
    assert (written.density == 0.25).all()
    assert not same(written, write(writer, clock()))


def test_a_key_of_its_own_is_kept(writer: ScoreWriter) -> None:
    told = clock(key=-1)
    keys = {tuple(write(writer, told, seed=seed).key) for seed in range(12)}
    assert all(len(set(key)) == 1 for key in keys)
    assert len(keys) > 3


def test_in_another_key_it_is_the_same_music(writer: ScoreWriter) -> None:
    low, high = write(writer, clock(key=0)), write(writer, clock(key=3))
    assert np.array_equal(np.roll(low.notes, 3, axis=1), high.notes)
    assert np.array_equal(np.roll(low.chord, 3, axis=1), high.chord)
    assert np.array_equal(low.drums, high.drums)


def test_without_a_clock_it_still_writes(writer: ScoreWriter) -> None:
    written = write(writer, Conditions.free(30))
    assert (written.notes != FREE).all()
    assert np.isnan(written.tempo).all()


def test_writing_is_a_function_of_seed_session_and_frame(writer: ScoreWriter) -> None:
    told = clock()
    whole = write(writer, told)
    state, parts = writer.init_state().pooled(), []
    for start in range(0, FRAMES, 7):
        snapshot = state.clone()
        part = told[start : start + 7]
        parts.append(writer.write(part, STYLE, state, 1.0, 1, start))
        again = writer.write(part, STYLE, snapshot, 1.0, 1, start)
        assert same(again, parts[-1])
    assert same(Conditions.concatenate(parts), whole)
    assert not same(write(writer, told, seed=2), whole)
    other = writer.write(told, STYLE, writer.init_state(), 1.0, 1, 0, session=1)
    assert not same(other, whole)


def test_checkpoint(tmp_path: Path) -> None:
    model = make_model()
    assert load_score(tmp_path) is None
    save_model(model, tmp_path / "score", {"steps": 3})
    loaded = load_score(tmp_path)
    assert loaded is not None
    assert loaded.config == CONFIG
    assert same(write(ScoreWriter(loaded), clock()), write(ScoreWriter(model), clock()))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"chord_shapes": []}, "chord_shapes is ()"),
        ({"chord_shapes": [2]}, "chord_shapes is (2,)"),
        ({"num_features": 3}, "num_features is 3"),
        ({"architecture": "transformer"}, "architecture is 'transformer'"),
        ({"num_codebooks": 4}, "unknown key num_codebooks"),
    ],
)
def test_configs_that_cannot_be_used(tmp_path: Path, change: dict[str, object], named: str) -> None:
    save_model(make_model(), tmp_path / "score")
    path = tmp_path / "score" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError) as caught:
        load_score(tmp_path)
    assert named in str(caught.value)


def test_chords_by_number() -> None:
    config = dataclasses.replace(CONFIG, chord_shapes=(0b10010001, 0b10001001))
    chords = config.chords()
    assert chords.shape == (24, 12)
    assert np.flatnonzero(chords[0] >= 2).tolist() == [0, 4, 7]
    assert np.flatnonzero(chords[2 * 9 + 1] >= 2).tolist() == [0, 4, 9]
    assert chords[2 * 9 + 1, 9] == CHORD_ROOT
    assert NUM_ONSETS == 136


def test_a_bars_length_is_told_by_two_frames() -> None:
    lengths = np.array([8.1, 50, 93.75, 200, 254, 300, 4])
    before = np.full(7, 0.97, np.float32)
    now = ((before + 1 / lengths) % 1).astype(np.float32)
    assert bar_length(before, now).tolist() == [8, 50, 94, 200, 254, 0, 0]
    assert not bar_length(before, np.full(7, np.nan, np.float32)).any()
    assert max(bar_length(before, now)) < MEMORY


def test_ages_in_beats() -> None:
    tempo = np.array([120.0, np.nan], np.float32)[:, None]
    steps = age_steps(np.array([[1, 25, 50, 255]] * 2), tempo, 50.0)
    assert steps.tolist() == [[0, 24, 30, 44]] * 2
