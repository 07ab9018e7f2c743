"""The runs of a comparison: one at a constant learning rate, and from it a decay to the end of each budget.

A schedule that falls towards the end of one budget would favour whoever is measured there. So the trunk of a
run keeps its rate, and for every budget (so many steps, or as many as fit into so much time) a branch leaves
it at three quarters of the way and comes to rest exactly there. A branch is what a run of that length alone
would have been, to the last bit.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open

from simba_live.data.tokens import TokenCorpus
from simba_live.errors import CheckpointError, OptionError
from simba_live.model import ModelConfig
from simba_live.model.checkpoint import read_config
from simba_live.training.lm import ModelTrainer, ModelTraining
from simba_live.training.loop import CHECKPOINT, LOG, SETTINGS, Schedule, train
from simba_live.training.token_streams import JUDGED, TokenStreams

DECAY = 0.25
"""Share of a budget over which the learning rate falls, as in `loop.warmup_stable_decay`."""

FOREVER = 1 << 40
"""Steps of a run whose learning rate does not fall."""

HELD_OUT_ROWS, HELD_OUT_FRAMES, HELD_OUT_SEED = 8, 8192, 0
"""Streams side by side, frames in all and seed of the held-out loss, the same for every run."""

WAYS = {way: JUDGED[way] for way in ("arranger", "free")}
"""What the model is told when it is judged."""

SECONDS = {"wall": "seconds", "cpu": "cpu_seconds"}
"""The name in the log of a step's time, by clock."""


class SliceOver(Exception):  # noqa: N818 (not an error: the work goes on with the next call)
    """The minutes of this call are over; all that was made is saved."""


class Deadline:
    """When this call shall stop.

    Args:
        minutes: from now; None is never.
    """

    def __init__(self, minutes: float | None) -> None:
        self._end = None if minutes is None else time.monotonic() + 60.0 * minutes
        self._begun = False

    def left(self) -> float | None:
        """Minutes left for what is about to be done, None without an end.

        Raises:
            SliceOver: there are none; but never the first time, so that every call gets something done.
        """
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if self._begun and left <= 0.0:
            raise SliceOver
        self._begun = True
        return max(left, 1e-3) / 60.0


class ComparedTrainer(ModelTrainer):
    """A trainer that says how long its steps take, and is judged by the same music whatever its seed.

    The held-out loss is that of streams which go on, with the state carried, as in training and in use.

    Args:
        config: of the model.
        settings: of the run.
        tokens: what to learn.
        device: where to compute.
        split: held-out split to judge by.
    """

    def __init__(
        self,
        config: ModelConfig,
        settings: ModelTraining,
        tokens: TokenCorpus,
        device: torch.device,
        split: str,
    ) -> None:
        super().__init__(config, settings, tokens, device)
        self.judged = TokenStreams(tokens, split, HELD_OUT_ROWS, settings.length, HELD_OUT_SEED)
        frames = min(HELD_OUT_FRAMES, self.judged.num_frames)
        self.stretches = max(1, round(frames / (HELD_OUT_ROWS * settings.length)))

    def step(self, index: int) -> dict[str, float]:
        """As it is, with the step's wall and CPU time in seconds."""
        wall, cpu = time.perf_counter(), time.process_time()
        losses = super().step(index)
        return {
            **losses,
            SECONDS["wall"]: time.perf_counter() - wall,
            SECONDS["cpu"]: time.process_time() - cpu,
        }

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Held-out cross-entropy of each codebook in nats, in both ways."""
        measures: dict[str, float] = {}
        for way, hiding in WAYS.items():
            state = self.averaged.init_state(HELD_OUT_ROWS)
            losses = []
            for index in range(self.stretches):
                found, state = self._losses(self.averaged, self.judged.batch(index, hiding, 0.0), state)
                losses.append(found)
            mean = torch.stack(losses).mean(0)
            measures |= {f"{way} {k}": value for k, value in enumerate(mean.tolist(), 1)}
        self.last_valid = measures
        return measures


@dataclass(frozen=True)
class Job:
    """A run to be made.

    Attributes:
        name: says what it is.
        folder: of the run; its trunk and branches lie in it.
        config: of the model.
        settings: of the training; their `steps` do not count.
        budgets: step numbers at which the learning rate has fallen to nothing.
        split: held-out split to judge by.
        seconds_per_step: as measured beforehand.
    """

    name: str
    folder: Path
    config: ModelConfig
    settings: ModelTraining
    budgets: tuple[int, ...]
    split: str
    seconds_per_step: float

    @property
    def trunk(self) -> Path:
        """Folder of the run at a constant rate."""
        return self.folder / "constant"

    def branch(self, budget: int) -> Path:
        """Folder of the run that ends at a budget."""
        return self.folder / str(budget)

    def seconds_left(self) -> float:
        """About how much training is still to be done."""
        todo = [b for b in sorted(set(self.budgets)) if not is_finished(self.branch(b), b)]
        decays = sum(b - max(fork_step(b), _logged(self.branch(b))) for b in todo)
        forks = [fork_step(b) for b in todo if not (self.branch(b) / CHECKPOINT).exists()]
        trunk = max(0, max(forks, default=0) - _logged(self.trunk))
        return (trunk + decays) * self.seconds_per_step


def fork_step(budget: int) -> int:
    """The step at which a branch leaves the trunk: until there the two have the same learning rate."""
    return int(budget * (1.0 - DECAY))


def is_finished(folder: Path, steps: int) -> bool:
    """Whether a run has come to its end."""
    return (folder / "model").is_dir() and _logged(folder) == steps and not (folder / CHECKPOINT).exists()


def _saved_step(folder: Path) -> int:
    """The step of a run's checkpoint, 0 if there is none."""
    if not (folder / CHECKPOINT).exists():
        return 0
    with safe_open(folder / CHECKPOINT, "pt") as file:
        return int(file.metadata()["step"])


def _exported_step(model: Path) -> int:
    """The step of a run's model, 0 if there is none."""
    try:
        return int(read_config(model)[1].get("steps", 0))
    except CheckpointError:
        return 0


def _logged(folder: Path) -> int:
    """Steps in a run's log."""
    path = folder / LOG
    return path.read_bytes().count(b"\n") if path.exists() else 0


@dataclass(frozen=True)
class Maker:
    """Makes runs, or goes on with them.

    Attributes:
        tokens: folder of the tokens.
        device: where to compute.
        evaluate_every: steps between held-out measures.
        deadline: of this call.
    """

    tokens: Path
    device: torch.device
    evaluate_every: int
    deadline: Deadline

    def make(self, job: Job) -> None:
        """Train as far as every budget goes; what has been made already is not made again.

        Raises:
            SliceOver: this call's time is over.
            OptionError: the trunk is past the place where a new budget's branch would leave it.
        """
        for budget in sorted(set(job.budgets)):
            branch = job.branch(budget)
            if is_finished(branch, budget):
                continue
            if not (branch / CHECKPOINT).exists():
                self._grow_trunk(job, fork_step(budget))
                _fork(job.trunk, branch)
            self._train(job, branch, budget, budget)
            # The model and the log are what is needed of a finished run; the rest is four times as large.
            (branch / CHECKPOINT).unlink()

    def _grow_trunk(self, job: Job, steps: int) -> None:
        made = _saved_step(job.trunk)
        if made < steps:
            made = self._train(job, job.trunk, FOREVER, steps)
        if made > steps:
            raise OptionError(
                f"{job.folder} is at step {made} already, and a budget of {round(steps / (1 - DECAY))} steps "
                f"needs its step {steps}; give a larger budget or another --output"
            )

    def _train(self, job: Job, folder: Path, budget: int, steps: int) -> int:
        """Train up to a step number, with a rate that falls towards `budget`."""
        schedule = Schedule(steps, self.deadline.left(), self.evaluate_every)
        settings = dataclasses.replace(job.settings, steps=budget)
        trainer = ComparedTrainer(job.config, settings, TokenCorpus(self.tokens), self.device, job.split)
        made = train(trainer, folder, schedule, _identity(job, trainer))
        if made < steps:
            raise SliceOver
        if _exported_step(folder / "model") != steps:
            # An earlier call was killed between its last checkpoint and the model.
            trainer.export(folder / "model", steps)
        return made


def _identity(job: Job, trainer: ComparedTrainer) -> dict[str, object]:
    """What makes a run the same run; its length may change."""
    settings = dataclasses.asdict(job.settings)
    del settings["steps"]
    frames = trainer.streams.num_frames
    return {"model": job.config.to_dict(), "frames": frames, "judged by": job.split, **settings}


def _fork(trunk: Path, branch: Path) -> None:
    """Begin a branch where the trunk stands; the checkpoint, which comes last, makes it one."""
    branch.mkdir(parents=True, exist_ok=True)
    for name in (SETTINGS, LOG, CHECKPOINT):
        beside = branch / f".{name}.part"
        shutil.copyfile(trunk / name, beside)
        beside.replace(branch / name)


def measure_speed(
    trainers: Mapping[str, ComparedTrainer], clock: str, rounds: int, watch: Callable[[range], Iterable[int]]
) -> dict[str, float]:
    """Median seconds of a training step of each, measured by turns, so that a busy machine hurts all alike.

    Args:
        trainers: by name; they are used up.
        clock: "wall" or "cpu".
        rounds: steps of each that count; two more come before.
        watch: wraps the rounds, to show progress.
    """
    times: dict[str, list[float]] = {name: [] for name in trainers}
    for index in watch(range(rounds + 2)):
        for name, trainer in trainers.items():
            times[name].append(trainer.step(index)[SECONDS[clock]])
    return {name: float(torch.tensor(all_[2:]).median()) for name, all_ in times.items()}


@dataclass(frozen=True)
class Point:
    """A held-out measure: after how many steps and seconds of training, and the losses by name."""

    step: int
    seconds: float
    losses: dict[str, float]


def read_points(folder: Path, clock: str) -> list[Point]:
    """The held-out measures in a run's log; time for evaluating and saving does not count."""
    points = []
    seconds = 0.0
    for line in (folder / LOG).read_text().splitlines():
        record = json.loads(line)
        seconds += record[SECONDS[clock]]
        losses = {
            name.removeprefix("valid/"): value for name, value in record.items() if name.startswith("valid/")
        }
        if losses:
            points.append(Point(record["step"], seconds, losses))
    return points
