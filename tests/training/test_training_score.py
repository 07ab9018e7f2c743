"""The score model's training: what it reads of composed music, and a run that learns, resumes and exports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from simba_live.conditions import CHORD_ROOT, FREE, NOTE_OFF, NOTE_ONSET, PRESENT, Conditions
from simba_live.data.tokens import TokenCorpus
from simba_live.errors import CorpusError
from simba_live.model.checkpoint import SCORE, load_score
from simba_live.model.score import ScoreConfig
from simba_live.model.score_frames import (
    BAND,
    CHORD,
    MEMORY,
    NOTES,
    TURNS,
    WIDTH,
    age_steps,
    begun,
    written_rows,
)
from simba_live.music.arranger import Arranger
from simba_live.music.frames import score_conditions
from simba_live.music.settings import Settings
from simba_live.training.loop import Schedule, train
from simba_live.training.score import ScoreTrainer, ScoreTraining
from simba_live.training.score_streams import Lists, ScoreStreams, Telling, chord_shapes, tell
from tests.training.small_tokens import write_tokens

CONFIG = ScoreConfig(d_model=32, num_layers=2, d_state=8, head_dim=16, list_hidden=24)
CPU = torch.device("cpu")
ALONE = Telling(style=0, clock=0, chord=0, drums=0, kit=0, instruments=0, density=0, register=0)


def compose(style: str, seed: int) -> Conditions:
    arranger = Arranger(Settings(style=style, seed=seed))
    return score_conditions([arranger.bar(index) for index in range(4)], 50.0)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four bars each of several pieces, without a codec: the codes are not looked at."""
    folder = tmp_path_factory.mktemp("tokens")
    plan = {"train": [("house", 1), ("waltz", 2), ("blues", 3)], "valid": [("house", 4)], "test": []}
    splits, pieces, start = {}, [], 0
    for split, those in plan.items():
        splits[split] = []
        for style, seed in those:
            pieces.append(compose(style, seed))
            place = {"id": f"{style}{seed}", "shard": "all.safetensors", "start": start}
            facts = {
                "length": len(pieces[-1]),
                "captions": [int(style == "house")],
                "style": style,
                "bpm": None,
            }
            splits[split].append(place | facts | {"key": None})
            start += len(pieces[-1])
    stored = {f"conditions.{name}": array for name, array in Conditions.concatenate(pieces).arrays().items()}
    save_file({"codes": np.zeros((1, start), np.int16), **stored}, folder / "all.safetensors")
    save_file({"captions": np.eye(2, 384, dtype=np.float32)}, folder / "captions.safetensors")
    index = {
        "format": 1, "complete": True, "codec": "0123456789abcdef", "sample_rate": 24000, "hop_length": 480,
        "frame_rate": 50.0, "num_codebooks": 1, "codebook_size": 16, "captions": ["one", "two"],
        "splits": splits,
    }  # fmt: skip
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def test_a_batch_says_all_that_was_written(tokens: Path) -> None:
    """From its targets alone every frame can be put together again."""
    corpus = TokenCorpus(tokens)
    streams = ScoreStreams(corpus, "train", 2, 200, 0)
    shapes = chord_shapes(corpus, streams.streams.pieces)
    config = ScoreConfig(chord_shapes=shapes)
    for step in range(4):
        batch = streams.batch(step, ALONE, 0.5, config.chords())
        for row in range(2):
            parts = [
                corpus.conditions(*stretch) for stretch in streams.streams.stretches(row, step, more=MEMORY)
            ]
            whole = Conditions.concatenate(parts)[MEMORY:]
            rows = np.take_along_axis(written_rows(whole), TURNS[whole.key % 12], 1)
            frames = slice(200 * row, 200 * (row + 1))
            marks = np.zeros((400, 136), bool)
            item = batch.onsets.item < 136
            marks[batch.onsets.frame[item], batch.onsets.item[item]] = True
            assert np.array_equal(marks[frames], begun(rows))
            assert np.array_equal(batch.instruments[frames].numpy() == 1, rows[:, BAND] == PRESENT)
            assert np.allclose(batch.density[frames], whole.density)
            chord = rows[0, CHORD]
            changes = dict(zip(batch.changes.tolist(), batch.chords.tolist(), strict=True))
            for frame in range(200):
                number = changes.get(200 * row + frame, 0)
                chord = config.chords()[number - 1] if number else chord
                # Where the key changes, the same chord is another one seen from the tonic.
                if (whole.key == whole.key[0]).all():
                    assert np.array_equal(rows[frame, CHORD], chord)
    assert (batch.chords >= 0).all()


def test_captions_come_with_the_styles_of_their_pieces(tokens: Path) -> None:
    corpus = TokenCorpus(tokens)
    streams = ScoreStreams(corpus, "train", 2, 50, 0)
    assert streams.styles == ("blues", "house", "waltz")
    batch = streams.batch(0, ALONE, 0.0, ScoreConfig().chords())
    assert set(batch.caption_styles.tolist()) == {0, 1, 2}
    assert np.array_equal(batch.captions[:, 1], batch.caption_styles == 1), "the second caption is house's"
    others = ScoreStreams(corpus, "train", 2, 50, 0, styles=("waltz", "polka"))
    assert set(others.batch(0, ALONE, 0.0, ScoreConfig().chords()).caption_styles.tolist()) == {-1, 0}


def test_places_of_lists() -> None:
    marks = np.zeros((3, 5), bool)
    marks[0, [1, 4]] = marks[2, 0] = True
    lists = Lists.of(marks, np.array([7, 8, 9]))
    assert lists.frame.tolist() == [7, 8, 9, 7, 7, 9]
    assert lists.item.tolist() == [5, 5, 5, 1, 4, 0]
    assert [np.flatnonzero(row).tolist() for row in lists.before] == [[1, 4], [], [0], [], [1], []]


def test_nothing_is_told_but_what_is_known(tokens: Path) -> None:
    corpus = TokenCorpus(tokens)
    conditions = corpus.conditions(corpus.pieces("train")[0])
    told = tell(conditions, ALONE, np.random.default_rng(0))
    for name in ("chord", "notes", "drums", "instruments"):
        assert (getattr(told, name) == FREE).all()
    assert np.array_equal(told.beat, conditions.beat)
    everything = Telling(0, 1, 1, 1, 1, 1, 1, 1)
    told = tell(conditions, everything, np.random.default_rng(0))
    for name in ("chord", "drums", "instruments", "density"):
        assert np.array_equal(getattr(told, name), getattr(conditions, name))
    assert np.isnan(told.tempo).all()
    known = (told.notes != FREE).all(0)
    assert known.any()
    assert np.array_equal(told.notes[:, known], conditions.notes[:, known])


def trainer(tokens: Path, **changes: object) -> ScoreTrainer:
    values = {"steps": 40, "batch_size": 3, "length": 120, "learning_rate": 5e-3, "bfloat16": False}
    return ScoreTrainer(CONFIG, ScoreTraining(**(values | changes)), TokenCorpus(tokens), CPU)


def test_run_learns_resumes_exactly_and_exports(tokens: Path, tmp_path: Path) -> None:
    train(trainer(tokens), tmp_path / "whole", Schedule(40, evaluate_every=40), {})
    made = 0
    while made < 40:
        made = train(trainer(tokens), tmp_path / "sliced", Schedule(40, minutes=0.02, evaluate_every=40), {})
    logs = [
        [json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
        for name in ("whole", "sliced")
    ]
    whole, sliced = ([record["loss"] for record in log] for log in logs)
    assert sliced == whole
    assert np.median(whole[-10:]) < 0.8 * np.median(whole[:2])
    assert {"valid/onsets", "valid/chord", "ends", "instruments", "mode", "style", "density"} <= logs[0][
        -1
    ].keys()
    (tmp_path / "whole" / "model").rename(tmp_path / SCORE)
    model = load_score(tmp_path)
    assert model is not None
    assert model.config.frame_rate == 50.0
    assert len(model.config.chord_shapes) > 2


def test_a_fresh_row_knows_nothing_of_the_frame_before(tokens: Path) -> None:
    corpus = TokenCorpus(tokens)
    streams = ScoreStreams(corpus, "train", 2, 50, 0)
    known = ScoreConfig(chord_shapes=chord_shapes(corpus, streams.streams.pieces)).chords()
    batch = streams.batch(3, ALONE, 1.0, known)
    assert batch.fresh.all()
    assert {0, 50} <= set(batch.changes.tolist()) & set(batch.bands.frame.tolist())
    assert not (batch.sounding[0] % 50 == 0).any()
    assert (batch.chords[:1] > 0).all(), "there is no chord to stay with"


def test_music_whose_notes_are_not_known_is_refused(tmp_path: Path) -> None:
    write_tokens(tmp_path / "tokens")
    with pytest.raises(CorpusError, match="no pieces"):
        trainer(tmp_path / "tokens")


def test_what_ended_was_sounding(tokens: Path) -> None:
    corpus = TokenCorpus(tokens)
    streams = ScoreStreams(corpus, "train", 1, 300, 0)
    known = ScoreConfig(chord_shapes=chord_shapes(corpus, streams.streams.pieces)).chords()
    batch = streams.batch(0, ALONE, 0.0, known)
    stretches = streams.streams.stretches(0, 0, more=MEMORY)
    whole = Conditions.concatenate([corpus.conditions(*stretch) for stretch in stretches])[MEMORY - 1 :]
    ended = ((whole.notes[:-1] > NOTE_OFF) & (whole.notes[1:] == NOTE_OFF)).sum()
    assert batch.ended.sum() == ended > 10
    assert CHORD_ROOT in whole.chord


def test_what_was_struck_a_bar_ago_and_how_long_notes_sound(tokens: Path) -> None:
    corpus = TokenCorpus(tokens)
    streams = ScoreStreams(corpus, "train", 1, 300, 0)
    known = ScoreConfig(chord_shapes=chord_shapes(corpus, streams.streams.pieces)).chords()
    for step in range(3):
        batch = streams.batch(step, ALONE, 0.0, known)
        stretches = streams.streams.stretches(0, step, more=MEMORY)
        whole = Conditions.concatenate([corpus.conditions(*stretch) for stretch in stretches])
        turned = np.take_along_axis(written_rows(whole), TURNS[whole.key % 12], 1)
        again = batch.features[0, :, 2 * WIDTH :][:, : 3 * 136].reshape(300, 3, 136).numpy()
        for frame in range(1, 300):
            here = frame + MEMORY
            bar = (float(whole.bar[here]) - float(whole.bar[here - 1])) % 1
            if not 1 / 255 < bar < 1 / 8 or whole.key[here] != whole.key[here - round(1 / bar) - 1]:
                continue
            for place in range(3):
                ago = here - round(1 / bar) + place - 1
                assert np.array_equal(again[frame, place] > 0, begun(turned[ago]))
        assert again.any()
        for frame, pitch, age in zip(*batch.sounding.tolist(), batch.age.tolist(), strict=True):
            here = frame + MEMORY
            line = turned[:here, NOTES.start + pitch] == NOTE_ONSET
            began = here - np.flatnonzero(line)[-1] if line.any() else 255
            assert age == age_steps(np.array([min(began, 255)]), whole.tempo[here : here + 1], 50.0)[0]
