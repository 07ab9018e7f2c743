"""What is compared with what, on which budget, and how it is judged."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch

from simba_live.errors import OptionError
from simba_live.paths import DEFAULT_CODEC
from simba_live.training.lm import ModelTraining

from .cost import POSITIONS
from .sizes import TITLES, Size

SHORTEST = 20
"""Steps that a budget must have for its parts to be any."""

OPTIMIZERS = {"muon": "Muon for matrices, AdamW for all else", "adamw": "AdamW"}
"""What a comparison can train with, by option, and in words."""

CHOOSE_BY, JUDGE_BY = "valid", "test"
"""Splits: learning rates are chosen by one, everything reported is measured on the other."""


@dataclass(frozen=True)
class Comparison:
    """What to compare, and how.

    Attributes:
        tokens: folder that `simba-live data tokenize` wrote.
        output: folder of the report and of all runs.
        steps: updates of every run.
        minutes: the budget in time; None is as long as the slower of a pair takes for `steps`.
        seeds: runs of each model.
        sizes: of the models.
        codebooks: numbers of codebooks to train with.
        learning_rates: to choose from, for each architecture by itself.
        batch_size: streams side by side.
        length: frames of each stream a step.
        window: frames that the Transformer looks back on.
        channel_mixer: of the SiMBA.
        dropout: of both.
        optimizer: of both; a key of `OPTIMIZERS`.
        evaluations: how often each run is judged on its way.
        held_out: corpus by whose settings the models are heard; None leaves that out.
        codec: the one that made the tokens.
        settings: how many excerpts are asked for.
        seconds: length of each.
        clock: "wall", or "cpu" where other programs use the processor too.
        positions: frames into a stream at which the cost is measured, ascending.
        bfloat16: compute in bfloat16 where that is safe.
        device: where to compute.
        slice_minutes: stop this call after so many; None goes to the end.
        command: as it was typed, for the report.
    """

    tokens: Path
    output: Path
    steps: int = 1000
    minutes: float | None = None
    seeds: int = 3
    sizes: tuple[Size, ...] = (Size(128, 4),)
    codebooks: tuple[int, ...] = (1, 4)
    learning_rates: tuple[float, ...] = (1e-3, 2e-3, 4e-3)
    batch_size: int = 8
    length: int = 256
    window: int = 256
    channel_mixer: str = "einfft"
    dropout: float = 0.0
    optimizer: str = "muon"
    evaluations: int = 16
    held_out: Path | None = None
    codec: str = str(DEFAULT_CODEC)
    settings: int = 32
    seconds: float = 8.0
    clock: str = "wall"
    positions: tuple[int, ...] = POSITIONS
    bfloat16: bool = True
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    slice_minutes: float | None = None
    command: str = ""

    def __post_init__(self) -> None:
        self._check("--steps", self.steps, self.steps >= SHORTEST, f"{SHORTEST} or more")
        for name, value in (("--minutes", self.minutes), ("--slice-minutes", self.slice_minutes)):
            self._check(name, value, value is None or value > 0.0, "more than 0, or leave it out")
        for name, values in (
            ("--sizes", self.sizes),
            ("--codebooks", self.codebooks),
            ("--learning-rates", self.learning_rates),
        ):
            self._check(name, "empty", bool(values), "one or more, with commas between")
        for rate in self.learning_rates:
            self._check("--learning-rates", rate, 0.0 < rate < 1.0, "rates between 0 and 1")
        for count in self.codebooks:
            self._check("--codebooks", count, count >= 1, "1 or more of each")
        self._check("--clock", self.clock, self.clock in ("wall", "cpu"), "wall or cpu")
        self._check("--optimizer", self.optimizer, self.optimizer in OPTIMIZERS, " or ".join(OPTIMIZERS))

    def _check(self, option: str, value: object, fits: bool, expected: str) -> None:
        if not fits:
            raise OptionError(f"{option} is {value}; give {expected}")

    @property
    def evaluate_every(self) -> int:
        """Steps between held-out measures."""
        return max(1, self.steps // self.evaluations)

    @property
    def sweep_steps(self) -> int:
        """Steps of the runs that the learning rate is chosen by."""
        return max(SHORTEST, self.steps // 4)

    def training(self, seed: int, learning_rate: float) -> ModelTraining:
        """Of one run; its length is decided elsewhere.

        Further learning rates, which some weights may have, keep their default proportion to the first.
        """
        usual = ModelTraining()
        rates = {
            each.name: getattr(usual, each.name) / usual.learning_rate * learning_rate
            for each in fields(ModelTraining)
            if each.name.endswith("learning_rate")
        }
        if self.optimizer == "adamw":
            rates["matrix_learning_rate"] = 0.0
        return ModelTraining(
            **rates | {"learning_rate": learning_rate},
            batch_size=self.batch_size,
            length=self.length,
            seed=seed,
            bfloat16=self.bfloat16,
        )

    def budgets(self, seconds_per_step: Mapping[str, float]) -> dict[str, tuple[int, int]]:
        """The steps of each architecture: the same number, and as many as fit into the same time.

        Args:
            seconds_per_step: of a pair's architectures.

        Raises:
            OptionError: the time is too short for one of them.
        """
        slower = max(seconds_per_step.values()) * self.steps
        seconds = slower if self.minutes is None else 60.0 * self.minutes
        budgets = {name: (self.steps, round(seconds / each)) for name, each in seconds_per_step.items()}
        for name, (_, in_time) in budgets.items():
            if in_time < SHORTEST:
                raise OptionError(
                    f"--minutes is {self.minutes}, which is {in_time} steps of the {TITLES[name]}; give more"
                )
        return budgets


def describe_machine(device: torch.device) -> str:
    """What the figures were measured on, in a line."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    if device.type == "cuda":
        name = f"{torch.cuda.get_device_name(device)}, {name}"
    threads = torch.get_num_threads()
    return (
        f"Machine: {name}, {os.cpu_count()} cores, {threads} compute thread{'s' * (threads > 1)}; "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}."
    )
