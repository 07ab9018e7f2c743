"""Runs with a branch for every budget: as runs of that length alone, however often they are broken off."""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file

from simba_live.comparison.runs import (
    FOREVER,
    ComparedTrainer,
    Deadline,
    Job,
    Maker,
    SliceOver,
    fork_step,
    is_finished,
    measure_speed,
    read_points,
)
from simba_live.data.tokens import TokenCorpus
from simba_live.errors import OptionError
from simba_live.model import ModelConfig, load_model
from simba_live.training import loop
from simba_live.training.lm import ModelTraining
from simba_live.training.loop import Schedule, train, warmup_stable_decay
from tests.training.small_tokens import write_tokens

CPU = torch.device("cpu")
CONFIG = ModelConfig(
    d_model=32, num_layers=1, d_state=8, head_dim=16, num_codebooks=2, codebook_size=64, depth_hidden=16
)
SETTINGS = ModelTraining(batch_size=2, length=16, learning_rate=4e-3, bfloat16=False)
BUDGETS = (24, 40)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return write_tokens(tmp_path_factory.mktemp("runs") / "tokens")


@pytest.fixture(autouse=True, scope="module")
def no_curves():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "plot_log", lambda log, picture: None)
        yield


def job(folder, budgets=BUDGETS, config=CONFIG):
    return Job("a run", folder, config, SETTINGS, budgets, "test", 0.1)


def maker(tokens, minutes=None):
    return Maker(tokens, CPU, 8, Deadline(minutes))


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tokens, tmp_path_factory):
    """A run made at one go."""
    made = job(tmp_path_factory.mktemp("whole"))
    maker(tokens).make(made)
    return made


@pytest.mark.parametrize("budget", BUDGETS)
def test_a_branch_is_what_a_run_of_its_length_alone_would_be(tokens, whole, tmp_path, budget):
    settings = dataclasses.replace(SETTINGS, steps=budget)
    alone = ComparedTrainer(CONFIG, settings, TokenCorpus(tokens), CPU, "test")
    train(alone, tmp_path, Schedule(budget, evaluate_every=8), {})
    assert losses(whole.branch(budget)) == losses(tmp_path)
    ours, theirs = (load_file(f / "model" / "model.safetensors") for f in (whole.branch(budget), tmp_path))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    last, found = read_points(tmp_path, "wall")[-1], read_points(whole.branch(budget), "wall")[-1]
    assert found.losses == last.losses
    assert found.step == budget


def test_trunk_and_branches_part_while_the_rate_is_still_the_same(whole):
    for budget in (*BUDGETS, 1000, 1001, 1003):
        for step in range(max(0, fork_step(budget) - 3), fork_step(budget)):
            assert warmup_stable_decay(step, budget, 2) == warmup_stable_decay(step, FOREVER, 2)
        assert warmup_stable_decay(fork_step(budget) + 2, budget, 2) < 1.0
    assert len(losses(whole.trunk)) == fork_step(max(BUDGETS))
    assert losses(whole.trunk)[: fork_step(24)] == losses(whole.branch(24))[: fork_step(24)]


def test_a_finished_run_keeps_its_model_and_is_not_touched(tokens, whole, monkeypatch):
    assert whole.seconds_left() == 0.0
    assert load_model(whole.branch(24) / "model").config.num_codebooks == 2
    assert not (whole.branch(24) / "checkpoint.safetensors").exists()
    monkeypatch.setattr(Maker, "_train", lambda *arguments: pytest.fail("trained again"))
    maker(tokens).make(whole)


def test_slices_and_crashes_change_nothing(tokens, whole, tmp_path, monkeypatch):
    made = job(tmp_path)
    step, calls = ComparedTrainer.step, []

    def fragile(self, index):
        calls.append(index)
        if len(calls) in (9, 29, 47):
            raise RuntimeError("killed")
        return step(self, index)

    monkeypatch.setattr(ComparedTrainer, "step", fragile)
    broken = 0
    lefts = [made.seconds_left()]
    while not all(is_finished(made.branch(budget), budget) for budget in BUDGETS):
        try:
            maker(tokens, minutes=0.002).make(made)
        except (RuntimeError, SliceOver):
            broken += 1
        lefts.append(made.seconds_left())
    assert broken > 3
    assert lefts[0] == pytest.approx(0.1 * (30 + 6 + 10))
    assert lefts[-1] == 0.0
    for budget in BUDGETS:
        assert losses(made.branch(budget)) == losses(whole.branch(budget))
    assert losses(made.trunk) == losses(whole.trunk)


def test_a_kill_between_checkpoint_and_model_is_mended(tokens, tmp_path, monkeypatch):
    made = job(tmp_path, (24,))
    export = ComparedTrainer.export

    def killed(self, folder, step):
        if step == 24:
            raise RuntimeError("killed")
        export(self, folder, step)

    with monkeypatch.context() as patched:
        patched.setattr(ComparedTrainer, "export", killed)
        with pytest.raises(RuntimeError, match="killed"):
            maker(tokens).make(made)
    assert not is_finished(made.branch(24), 24)
    maker(tokens).make(made)
    assert is_finished(made.branch(24), 24)
    assert load_model(made.branch(24) / "model")


def test_a_budget_that_the_trunk_has_passed_is_refused(tokens, whole):
    with pytest.raises(OptionError, match="at step 30 already, and a budget of 20 steps needs its step 15"):
        maker(tokens).make(dataclasses.replace(whole, budgets=(20,)))


def test_a_larger_budget_goes_on_from_there(tokens, whole):
    longer = dataclasses.replace(whole, budgets=(24, 40, 48))
    assert longer.seconds_left() == pytest.approx(0.1 * (6 + 12))
    maker(tokens).make(longer)
    assert losses(whole.branch(48))[:30] == losses(whole.branch(40))[:30]


def test_every_seed_is_judged_by_the_same_music(tokens):
    found = []
    for seed in (0, 1):
        settings = dataclasses.replace(SETTINGS, seed=seed)
        trainer = ComparedTrainer(CONFIG, settings, TokenCorpus(tokens), CPU, "test")
        trainer.averaged.load_state_dict(
            ComparedTrainer(CONFIG, SETTINGS, TokenCorpus(tokens), CPU, "test").averaged.state_dict()
        )
        found.append(trainer.evaluate())
    assert found[0] == found[1]
    assert set(found[0]) == {"arranger 1", "arranger 2", "free 1", "free 2"}
    other = ComparedTrainer(CONFIG, SETTINGS, TokenCorpus(tokens), CPU, "valid")
    assert other.evaluate() != found[0]


def test_the_held_out_loss_carries_the_past(tokens, monkeypatch):
    trainer = ComparedTrainer(CONFIG, SETTINGS, TokenCorpus(tokens), CPU, "test")
    frames = sum(piece.length for piece in TokenCorpus(tokens).pieces("test"))
    assert trainer.stretches == max(1, round(frames / (8 * 16)))
    begun = []
    init = trainer.averaged.init_state
    monkeypatch.setattr(trainer.averaged, "init_state", lambda rows: begun.append(rows) or init(rows))
    trainer.evaluate()
    assert begun == [8, 8]


def test_time_is_that_of_the_steps(tokens, whole):
    records = [json.loads(line) for line in (whole.branch(24) / "log.jsonl").read_text().splitlines()]
    for clock, name in (("wall", "seconds"), ("cpu", "cpu_seconds")):
        point = read_points(whole.branch(24), clock)[-1]
        assert point.seconds == pytest.approx(sum(record[name] for record in records))


def test_speeds_are_medians_of_turns():
    class Steady:
        def __init__(self, seconds):
            self.seconds, self.made = seconds, 0

        def step(self, index):
            assert index == self.made
            self.made += 1
            return {"seconds": 9.0 if index in (0, 1, 4) else self.seconds}

    trainers = {"a": Steady(1.0), "b": Steady(2.0)}
    assert measure_speed(trainers, "wall", 5, lambda rounds: rounds) == {"a": 1.0, "b": 2.0}
    assert trainers["a"].made == 7


def test_a_call_gets_something_done_however_short():
    deadline = Deadline(1e-9)
    assert deadline.left() > 0.0
    with pytest.raises(SliceOver):
        deadline.left()
    assert Deadline(None).left() is None
