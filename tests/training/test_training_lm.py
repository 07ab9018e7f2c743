"""The language model's training: streams that go on, hidden conditions, a run that resumes."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from simba_live.conditions import Conditions
from simba_live.data.tokens import TokenCorpus
from simba_live.errors import CorpusError, MissingDependencyError, OptionError
from simba_live.model import ModelConfig, load_model
from simba_live.training.lm import ModelTrainer, ModelTraining
from simba_live.training.loop import Schedule, train
from simba_live.training.token_streams import CLOCK, WRITTEN, Hiding, TokenStreams, hide

CONFIG = ModelConfig(
    d_model=32,
    num_layers=2,
    d_state=8,
    head_dim=16,
    num_codebooks=2,
    codebook_size=16,
    depth_hidden=16,
    dropout=0.1,
)
CPU = torch.device("cpu")
NOTHING = Hiding(everything=0, free=0, style=0, clock=0, key=0, each=0, brightness=0, register=0)


def known(length: int) -> Conditions:
    conditions = Conditions.free(length)
    for name, array in conditions.arrays().items():
        array[:] = 0.5 if array.dtype == np.float32 else 1
        if name == "tempo":
            array[:] = 100.0
    return conditions


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """Pieces of 37 and more frames whose first codebook counts up, one piece after the other."""
    folder = tmp_path_factory.mktemp("tokens")
    lengths = {"train": [37, 50, 60, 41], "valid": [60, 80], "test": []}
    splits, codes, conditions, start = {}, [], [], 0
    for split, sizes in lengths.items():
        splits[split] = []
        for size in sizes:
            place = {"id": f"{split}{size}", "shard": "all.safetensors", "start": start, "length": size}
            facts = {"captions": [0, 1] if size != 50 else [], "style": "x", "bpm": 100.0, "key": None}
            splits[split].append(place | facts)
            codes.append(np.stack([np.arange(size) % 16, np.full(size, start % 16)]))
            conditions.append(known(size))
            start += size
    stored = Conditions.concatenate(conditions).arrays()
    arrays = {f"conditions.{name}": array for name, array in stored.items()}
    save_file({"codes": np.concatenate(codes, 1).astype(np.int16), **arrays}, folder / "all.safetensors")
    embeddings = np.eye(2, 384, dtype=np.float32)
    save_file({"captions": embeddings}, folder / "captions.safetensors")
    index = {
        "format": 1,
        "complete": True,
        "codec": "0123456789abcdef",
        "sample_rate": 24000,
        "hop_length": 480,
        "frame_rate": 50.0,
        "num_codebooks": 2,
        "codebook_size": 16,
        "captions": ["one", "two"],
        "splits": splits,
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def test_rows_go_on_where_they_ended(tokens):
    streams = TokenStreams(TokenCorpus(tokens), "train", rows=3, length=25, seed=1)
    batches = [streams.batch(step, NOTHING, 0.0) for step in range(12)]
    assert batches[0].codes.shape == (3, 2, 25)
    assert batches[0].features.shape[:2] == batches[0].style.shape[:2] == (3, 25)
    for row in range(3):
        counts = torch.cat([batch.codes[row, 0] for batch in batches])
        pieces = torch.cat([batch.codes[row, 1] for batch in batches])
        # Within a piece the first codebook counts on, also from one batch to the next.
        same = pieces[1:] == pieces[:-1]
        assert bool(((counts[:-1] + 1) % 16 == counts[1:])[same].all())
        # 300 frames are more than one turn of 188: every piece has come by.
        assert len(pieces.unique()) == 4


def test_batches_depend_on_seed_and_step_alone(tokens):
    streams = [TokenStreams(TokenCorpus(tokens), "train", 2, 30, seed) for seed in (1, 1, 2)]
    first, again, other = (stream.batch(7, Hiding(), 0.5) for stream in streams)
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(again, field.name))
    assert not torch.equal(first.codes, other.codes)


def test_pieces_without_captions_have_no_style(tokens):
    corpus = TokenCorpus(tokens)
    streams = TokenStreams(corpus, "train", 1, 188, 0)
    batch = streams.batch(0, NOTHING, 0.0)
    silent = corpus.pieces("train")[1]
    frames = batch.codes[0, 1] == silent.start % 16
    assert not batch.style[0, frames].any()
    assert bool((batch.style[0, ~frames].norm(dim=-1) == 1.0).all())


@pytest.mark.parametrize(
    ("hiding", "gone"),
    [
        (NOTHING, ()),
        (dataclasses.replace(NOTHING, clock=1.0), CLOCK),
        (dataclasses.replace(NOTHING, free=1.0), WRITTEN),
        (dataclasses.replace(NOTHING, each=1.0), WRITTEN),
        (dataclasses.replace(NOTHING, key=1.0), ("key",)),
        (dataclasses.replace(NOTHING, brightness=1.0), ("brightness",)),
        (dataclasses.replace(NOTHING, everything=1.0), tuple(Conditions.free(1).arrays())),
    ],
)
def test_what_is_hidden_is_free(hiding, gone):
    conditions = known(10)
    style = hide(conditions, hiding, np.random.default_rng(0))
    for name, array in conditions.arrays().items():
        reference = getattr(Conditions.free(10) if name in gone else known(10), name)
        assert np.array_equal(array, reference, equal_nan=array.dtype == np.float32), name
    assert style == (0.0 if hiding.everything else 1.0)


def test_shares_of_what_is_hidden():
    generator = np.random.default_rng(0)
    hiding, draws = Hiding(), 2000
    styles, free = 0.0, 0
    for _ in range(draws):
        conditions = known(2)
        styles += hide(conditions, hiding, generator)
        free += not any(
            getattr(conditions, name).any() for name in ("notes", "drums", "chord", "instruments")
        )
    gone = hiding.everything + (1 - hiding.everything) * hiding.style
    assert 1 - styles / draws == pytest.approx(gone, abs=0.03)
    assert free / draws == pytest.approx(hiding.everything + hiding.free, abs=0.04)


def trainer(tokens, **changes):
    values = {"steps": 60, "batch_size": 3, "length": 24, "learning_rate": 5e-3, "bfloat16": False}
    return ModelTrainer(CONFIG, ModelTraining(**(values | changes)), TokenCorpus(tokens), CPU)


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_run_learns_resumes_exactly_and_exports(tokens, tmp_path):
    train(trainer(tokens), tmp_path / "whole", Schedule(60, evaluate_every=60), {})
    made = 0
    while made < 60:
        made = train(trainer(tokens), tmp_path / "sliced", Schedule(60, minutes=0.005, evaluate_every=60), {})
    whole = losses(tmp_path / "whole")
    assert losses(tmp_path / "sliced") == whole
    assert np.mean(whole[-10:]) < 0.8 * whole[0]
    model = load_model(tmp_path / "whole" / "model")
    assert model.config.codec == "0123456789abcdef"
    record = json.loads((tmp_path / "whole" / "log.jsonl").read_text().splitlines()[-1])
    assert {"valid/arranger 1", "valid/unprompted 1", "valid/free 2"} <= record.keys()


def test_state_is_carried_and_renewed(tokens):
    run = trainer(tokens, fresh_rate=0.0)
    empty = dict(run.model.init_state(3).tensors())
    run.step(0)
    carried = dict(run.state.clone().tensors())
    assert any(not torch.equal(carried[name], empty[name]) for name in empty)
    run._renew(torch.tensor([True, False, False]))
    for name, leaf in run.state.tensors():
        assert torch.equal(leaf[0], empty[name][0])
        assert torch.equal(leaf[1:], carried[name][1:])


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # torch's own, as it looks at what it compiles
def test_compiled_blocks_learn_the_same(tokens, monkeypatch):
    settings = ModelTraining(steps=4, batch_size=2, length=8)
    plain, compiled = (ModelTrainer(CONFIG, settings, TokenCorpus(tokens), CPU) for _ in range(2))
    compiled.compile(backend="aot_eager")
    for index in range(2):
        assert compiled.step(index) == pytest.approx(plain.step(index), abs=2e-3)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependencyError, match=r"--compile needs a C\+\+ compiler"):
        plain.compile()


def test_models_that_do_not_fit_the_tokens_are_refused(tokens):
    with pytest.raises(OptionError, match="4 codebooks, the tokens 2"):
        ModelTrainer(dataclasses.replace(CONFIG, num_codebooks=4), ModelTraining(), TokenCorpus(tokens), CPU)
    with pytest.raises(OptionError, match="768 numbers"):
        ModelTrainer(dataclasses.replace(CONFIG, style_dim=768), ModelTraining(), TokenCorpus(tokens), CPU)
    with pytest.raises(CorpusError, match="test"):
        TokenStreams(TokenCorpus(tokens), "test", 1, 10, 0)
    with pytest.raises(OptionError, match="length is 0"):
        ModelTraining(length=0)


def test_a_run_can_begin_with_a_model_of_the_same_codec(tokens, tmp_path):
    first = trainer(tokens)
    train(first, tmp_path / "first", Schedule(30, evaluate_every=30), {})
    model = load_model(tmp_path / "first" / "model")
    second = ModelTrainer(model.config, first.settings, TokenCorpus(tokens), CPU, model)
    assert second.evaluate() == pytest.approx(first.evaluate())
    before = second.evaluate()["arranger 1"]
    for index in range(30):
        second.step(index)
    assert second.evaluate()["arranger 1"] < before
    stranger = load_model(tmp_path / "first" / "model")
    stranger.config = dataclasses.replace(stranger.config, codec="of another")
    with pytest.raises(OptionError, match="speaks the codes of codec of another, the tokens are of 0123"):
        ModelTrainer(stranger.config, ModelTraining(), TokenCorpus(tokens), CPU, stranger)


def test_one_codebook_of_several(tokens):
    config, settings = dataclasses.replace(CONFIG, num_codebooks=1), ModelTraining(batch_size=2, length=16)
    run = ModelTrainer(config, settings, TokenCorpus(tokens), CPU)
    assert set(run.step(0)) == {"loss", "codebook 1"}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_slice_on_the_gpu_learns_and_resumes(tokens, tmp_path):
    def run():
        settings = ModelTraining(batch_size=3, length=24)
        return ModelTrainer(CONFIG, settings, TokenCorpus(tokens), torch.device("cuda"))

    train(run(), tmp_path, Schedule(15, evaluate_every=15), {})
    train(run(), tmp_path, Schedule(30, evaluate_every=15), {})
    made = losses(tmp_path)
    assert len(made) == 30
    assert np.mean(made[-5:]) < made[0]


def test_what_is_learnt_by_heart_is_told_apart(tokens):
    """As many nats as held-out music has before it has learnt, fewer afterwards."""
    run = trainer(tokens, average=0.9)
    before = run.evaluate()
    for index in range(60):
        run.step(index)
    after = run.evaluate()
    assert before["seen 2"] - before["arranger 2"] > -0.1
    # The second codebook counts pieces: those held out have numbers that training never showed.
    assert after["seen 2"] < after["arranger 2"] - 1.0
    assert not any(name.startswith("seen") for name in run.last_valid)


def test_a_step_changes_what_prompts_do_by_little(tokens, monkeypatch):
    def change(name, slow):
        monkeypatch.setattr("simba_live.training.lm.SLOW", slow)
        run = trainer(tokens, fresh_rate=0.0, bfloat16=False)
        weight = dict(run.model.named_parameters())[name]
        before = weight.detach().clone()
        for index in range(3):
            run.step(index)
        return (weight.detach() - before).norm().item()

    style, other = "conditioning.style.weight", "conditioning.features.weight"
    quarter = change(style, (style,)) / change(style, ())
    assert 0.2 < quarter < 0.3
    assert change(other, (style,)) == pytest.approx(change(other, ()), rel=0.05)
