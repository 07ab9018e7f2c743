"""The loop that both trainings share: resumable checkpoints, slices of a few minutes, a log, a picture.

Whatever is random in a step is drawn from the step's own number, and a checkpoint is one file that appears
whole or not at all, so a run that was killed goes on with exactly the losses that it would have had.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from simba_live.errors import CheckpointError, OptionError

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.jsonl"
SETTINGS = "settings.json"


class Trainer(Protocol):
    """What the loop drives: a step, a held-out measure, and all that a resumed run needs as tensors."""

    def step(self, index: int) -> Mapping[str, float]:
        """Make update number `index` and return its losses."""

    def evaluate(self) -> Mapping[str, float]:
        """Losses on held-out data."""

    def tensors(self) -> dict[str, Tensor]:
        """The whole state of the training, by name."""

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""

    def export(self, folder: Path, step: int) -> None:
        """Write the model as a checkpoint folder that `gen` can open."""


@dataclass(frozen=True)
class Schedule:
    """How long to train, and how often to look.

    Attributes:
        steps: updates in all.
        minutes: stop this call after so many minutes, or never; the run goes on with the next call.
        evaluate_every: steps between held-out measures.
        save_every_minutes: minutes between checkpoints.
    """

    steps: int
    minutes: float | None = None
    evaluate_every: int = 500
    save_every_minutes: float = 3.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise OptionError(f"steps is {self.steps}; give 1 or more")
        if self.minutes is not None and not self.minutes > 0:
            raise OptionError(
                f"minutes is {self.minutes}; give more than 0, or leave it out to train to the end"
            )


def warmup_stable_decay(step: int, steps: int, warmup: int = 100, decay: float = 0.25) -> float:
    """Learning-rate factor of a step: linear warm-up, a plateau, a linear decay over the last part.

    The plateau does not depend on `steps`, so a run that has not reached its decay may be prolonged without
    having been another run until then.
    """
    start = steps * (1.0 - decay)
    falling = 1.0 if step < start else max(0.0, (steps - step) / max(1.0, steps - start))
    return min(1.0, (step + 1) / warmup) * falling


def train(trainer: Trainer, folder: Path, schedule: Schedule, settings: Mapping[str, object]) -> int:
    """Train until the schedule's end or this call's minutes are over, resuming a run that `folder` holds.

    Args:
        trainer: freshly built; its state is replaced when a checkpoint is found.
        folder: where checkpoint, log, curves and the exported model go.
        schedule: length and intervals.
        settings: what defines the run; a folder begun with others is refused.

    Returns:
        The number of steps made in all.

    Raises:
        CheckpointError: the folder holds a run with other settings or a damaged checkpoint, or cannot be
            written; what was saved before is untouched.
    """
    try:
        return _train(trainer, folder, schedule, settings)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"{folder} cannot be written ({reason}); make room or name another folder, and run it again"
        ) from error


def _train(trainer: Trainer, folder: Path, schedule: Schedule, settings: Mapping[str, object]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    _check_settings(folder, settings)
    step = _resume(trainer, folder / CHECKPOINT)
    _cut_log(folder / LOG, step)
    began = saved = time.monotonic()
    with _progress(schedule.steps, step) as advance, (folder / LOG).open("a", buffering=1) as log:
        while step < schedule.steps:
            losses = trainer.step(step)
            step += 1
            advance(step, losses)
            record: dict[str, object] = {
                "step": step,
                **{name: round(value, 6) for name, value in losses.items()},
            }
            last = step == schedule.steps
            if step % schedule.evaluate_every == 0 or last:
                record |= {f"valid/{name}": round(value, 6) for name, value in trainer.evaluate().items()}
            log.write(json.dumps(record) + "\n")
            now = time.monotonic()
            over = schedule.minutes is not None and now - began > schedule.minutes * 60
            if last or over or now - saved > schedule.save_every_minutes * 60:
                save_checkpoint(folder / CHECKPOINT, trainer.tensors(), step)
                trainer.export(folder / "model", step)
                plot_log(folder / LOG, folder / "curves.png")
                saved = time.monotonic()
            if over:
                break
    return step


def save_checkpoint(path: Path, tensors: Mapping[str, Tensor], step: int) -> None:
    """Write tensors and step number as one file, which at any moment is whole: the old or the new one."""
    beside = path.with_name(f".{path.name}.part")
    save_file(
        {name: tensor.detach().contiguous() for name, tensor in tensors.items()}, beside, {"step": str(step)}
    )
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], int]:
    """Tensors and step number of a file that `save_checkpoint` wrote.

    Raises:
        CheckpointError: the file is not such a file.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            return {name: file.get_tensor(name) for name in file.keys()}, int(metadata["step"])  # noqa: SIM118 (not a dict)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CheckpointError(
            f"{path} is no training checkpoint ({error}); remove it to start afresh"
        ) from error


def optimizer_tensors(optimizer: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """An optimizer's moments by parameter number, for a checkpoint."""
    return {
        f"{prefix}{index}.{name}": value
        for index, moments in optimizer.state_dict()["state"].items()
        for name, value in moments.items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], prefix: str) -> None:
    """The way back from `optimizer_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith(prefix):
            index, moment = name.removeprefix(prefix).split(".")
            state.setdefault(int(index), {})[moment] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def module_tensors(module: nn.Module, prefix: str) -> dict[str, Tensor]:
    """A module's parameters and buffers under a prefix, for a checkpoint."""
    return {f"{prefix}{name}": value for name, value in module.state_dict().items()}


def load_module(module: nn.Module, tensors: Mapping[str, Tensor], prefix: str) -> None:
    """The way back from `module_tensors`."""
    own = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    try:
        module.load_state_dict(own)
    except RuntimeError as error:
        raise CheckpointError(
            f"the checkpoint does not fit the model: {str(error).splitlines()[-1].strip()}"
        ) from error


def plot_log(log: Path, picture: Path) -> None:
    """Draw every quantity of a log against the step: training as a smoothed line, held-out as points."""
    from matplotlib.figure import Figure

    records = [json.loads(line) for line in log.read_text().splitlines()]
    names = sorted({name for record in records for name in record} - {"step"})
    panels = sorted({name.removeprefix("valid/") for name in names})
    if not panels:
        return
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(4.2 * columns, 2.8 * rows), layout="constrained")
    for index, panel in enumerate(panels):
        axes = figure.add_subplot(rows, columns, index + 1)
        trained = [(record["step"], record[panel]) for record in records if panel in record]
        held_out = [
            (record["step"], record[f"valid/{panel}"]) for record in records if f"valid/{panel}" in record
        ]
        if trained:
            axes.plot(*zip(*_smooth(trained), strict=True), linewidth=1, label="training")
        if held_out:
            axes.plot(*zip(*held_out, strict=True), "o-", markersize=3, label="held out")
        axes.set_title(panel, fontsize=9)
        axes.set_xlabel("step", fontsize=8)
        axes.legend(fontsize=7)
    beside = picture.with_name(f".{picture.name}")
    figure.savefig(beside, dpi=110, format="png")
    beside.replace(picture)


def _smooth(points: list[tuple[int, float]], parts: int = 400) -> list[tuple[float, float]]:
    """Means over at most `parts` equal stretches, so that the picture of a long run is readable and small."""
    length = max(1, len(points) // parts)
    stretches = [points[start : start + length] for start in range(0, len(points), length)]
    return [
        (sum(step for step, _ in stretch) / len(stretch), sum(value for _, value in stretch) / len(stretch))
        for stretch in stretches
    ]


def _check_settings(folder: Path, settings: Mapping[str, object]) -> None:
    """Refuse to go on with a run that was begun with other settings."""
    path = folder / SETTINGS
    if not path.exists():
        path.write_text(json.dumps(dict(settings), indent=2) + "\n")
        return
    before = json.loads(path.read_text())
    for name, value in json.loads(json.dumps(dict(settings))).items():
        if before.get(name) != value:
            raise CheckpointError(
                f"{folder} holds a run with {name} {before.get(name)!r}, not {value!r}; "
                "use the same or another folder"
            )


def _resume(trainer: Trainer, path: Path) -> int:
    """Load the checkpoint if there is one, and return the step to go on from."""
    if not path.exists():
        return 0
    tensors, step = load_checkpoint(path)
    trainer.load_tensors(tensors)
    return step


def _cut_log(log: Path, step: int) -> None:
    """Drop what a killed run logged after its last checkpoint: it will be made again."""
    if not log.exists():
        return
    kept = []
    for line in log.read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue  # the kill fell into the middle of a line
        if record["step"] <= step:
            kept.append(line)
    log.write_text("".join(f"{line}\n" for line in kept))


class _Advance(Protocol):
    def __call__(self, step: int, losses: Mapping[str, float]) -> None: ...


@contextmanager
def _progress(steps: int, start: int) -> Iterator[_Advance]:
    """A progress bar on standard error with the losses and the time left."""
    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
    )
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=120) as progress:
        task = progress.add_task("training", total=steps, completed=start, losses="")

        def advance(step: int, losses: Mapping[str, float]) -> None:
            shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
            progress.update(task, completed=step, losses=shown)

        yield advance
