"""A run that is killed, cut into slices or resumed makes exactly the losses of an uninterrupted one."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from simba_live.errors import CheckpointError, OptionError
from simba_live.training.loop import (
    CHECKPOINT,
    Schedule,
    load_checkpoint,
    load_module,
    load_optimizer,
    module_tensors,
    optimizer_tensors,
    save_checkpoint,
    train,
    warmup_stable_decay,
)


class LineTrainer:
    """Fits a line by Adam on batches that the step number draws."""

    def __init__(self, delay: float = 0.0) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(4, 1)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 0.05)
        self.delay = delay

    def step(self, index: int) -> dict[str, float]:
        x = torch.randn(8, 4, generator=torch.Generator().manual_seed(index))
        loss = (self.model(x) - x.sum(1, keepdim=True)).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        time.sleep(self.delay)
        return {"loss": loss.item()}

    def evaluate(self) -> dict[str, float]:
        return {"loss": float((self.model.weight.detach() - 1).abs().sum())}

    def tensors(self) -> dict[str, Tensor]:
        return module_tensors(self.model, "model.") | optimizer_tensors(self.optimizer, "optimizer.")

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        load_module(self.model, tensors, "model.")
        load_optimizer(self.optimizer, tensors, "optimizer.")

    def export(self, folder: Path, step: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "step").write_text(str(step))


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_slices_make_the_losses_of_one_run(tmp_path):
    train(LineTrainer(), tmp_path / "whole", Schedule(60), {})
    made, calls = 0, 0
    while made < 60:
        made = train(LineTrainer(0.002), tmp_path / "sliced", Schedule(60, minutes=0.0005), {})
        calls += 1
    assert calls > 1
    assert losses(tmp_path / "sliced") == losses(tmp_path / "whole")
    assert (tmp_path / "sliced" / "curves.png").stat().st_size > 1000
    assert (tmp_path / "sliced" / "model" / "step").read_text() == "60"


def test_killed_run_resumes_exactly(tmp_path):
    script = (
        "from pathlib import Path; from tests.training.test_training_loop import LineTrainer;"
        "from simba_live.training.loop import Schedule, train;"
        f"folder = Path({str(tmp_path / 'killed')!r});"
        "train(LineTrainer(0.01), folder, Schedule(80, save_every_minutes=0.002), {})"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    checkpoint = tmp_path / "killed" / CHECKPOINT
    deadline = time.monotonic() + 60
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    step = load_checkpoint(checkpoint)[1]
    assert 0 < step < 80
    train(LineTrainer(), tmp_path / "killed", Schedule(80), {})
    train(LineTrainer(), tmp_path / "whole", Schedule(80), {})
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def test_another_settings_are_refused(tmp_path):
    train(LineTrainer(), tmp_path, Schedule(2), {"seed": 1})
    with pytest.raises(CheckpointError, match="seed 1, not 2"):
        train(LineTrainer(), tmp_path, Schedule(4), {"seed": 2})


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"not a checkpoint at all"])
def test_damaged_checkpoint_is_named(tmp_path, content):
    path = tmp_path / CHECKPOINT
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=CHECKPOINT):
        load_checkpoint(path)


def test_checkpoint_of_another_model_is_refused(tmp_path):
    save_checkpoint(tmp_path / CHECKPOINT, {"model.weight": torch.zeros(2, 2)}, 3)
    with pytest.raises(CheckpointError):
        train(LineTrainer(), tmp_path, Schedule(4), {})


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="file/run cannot be written"):
        train(LineTrainer(), tmp_path / "file" / "run", Schedule(2), {})


@pytest.mark.parametrize(("steps", "minutes"), [(0, None), (5, 0.0), (5, -1.0), (5, float("nan"))])
def test_senseless_schedules(steps, minutes):
    with pytest.raises(OptionError):
        Schedule(steps, minutes)


def test_learning_rate_rises_stays_and_falls():
    rates = [warmup_stable_decay(step, 1000, warmup=10) for step in range(1000)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:750] == [1.0] * 740
    assert all(later < earlier for earlier, later in itertools.pairwise(rates[750:]))
    # Until the decay begins, a longer run is the same run.
    assert [warmup_stable_decay(step, 5000, warmup=10) for step in range(700)] == rates[:700]
