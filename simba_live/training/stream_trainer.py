"""What the trainings of the models over streams share: carried states, two optimizers, averaged weights."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from simba_live.errors import MissingDependencyError, OptionError
from simba_live.model import TokenModel
from simba_live.model.checkpoint import save_model
from simba_live.model.score import ScoreModel
from simba_live.streaming import State

from .loop import load_module, module_tensors, warmup_stable_decay
from .optimizers import Group, MatrixOptimizer

ModelT = TypeVar("ModelT", TokenModel, ScoreModel)

COMPILERS = ("c++", "g++", "clang++", "cl")
"""What a compiler of C++ may be called."""


SLOW_PACE = 0.25
"""Of weights of which a step tells little: both optimizers take steps of one size, whatever it tells."""


@dataclass(frozen=True)
class StreamTraining:
    """What defines such a run.

    Attributes:
        steps: updates in all; the learning rate falls over the last quarter.
        batch_size: streams side by side.
        length: frames of each stream a step.
        matrix_learning_rate: of Muon, for the matrices between the hidden units; 0 leaves these to AdamW too.
        learning_rate: of AdamW, for all other weights.
        weight_decay: of those matrices.
        average: decay of the averaged weights, which are the ones exported.
        fresh_rate: share of rows that begin from an empty state instead of the carried one.
        seed: of everything random.
        bfloat16: compute in bfloat16 where that is safe.
    """

    steps: int = 20000
    batch_size: int = 8
    length: int = 384
    matrix_learning_rate: float = 2e-3
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    average: float = 0.999
    fresh_rate: float = 0.1
    seed: int = 0
    bfloat16: bool = True

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "length"):
            if getattr(self, name) < 1:
                raise OptionError(f"{name} is {getattr(self, name)}; give 1 or more")
        if not 0.0 <= self.fresh_rate <= 1.0:
            raise OptionError(f"fresh_rate is {self.fresh_rate}; give a share from 0 to 1")


class StreamTrainer(ABC, Generic[ModelT]):
    """Trains a model over streams of frames; driven by `loop.train`.

    Args:
        build: makes the model, with initial weights from torch's current generator.
        looked_up: how the names of weights end whose rows are looked up or chosen one by one: they are no
            matrices to Muon.
        settings: of the run.
        device: where to compute.
        slow: how the names of weights end that learn at `SLOW_PACE` times the others' pace.
    """

    settings: StreamTraining
    state: State

    def __init__(
        self,
        build: Callable[[], ModelT],
        looked_up: tuple[str, ...],
        settings: StreamTraining,
        device: torch.device,
        slow: tuple[str, ...] = (),
    ) -> None:
        self.settings, self.device = settings, device
        torch.manual_seed(settings.seed)
        self.model: ModelT = build().to(device)
        self.averaged: ModelT = build().to(device)
        self.averaged.load_state_dict(self.model.state_dict())
        self.averaged.requires_grad_(requires_grad=False).eval()
        self.state = self.model.init_state(settings.batch_size)
        self.last_valid: dict[str, float] = {}

        def matrices(name: str, weight: Tensor) -> list[Tensor]:
            whole = not settings.matrix_learning_rate or name.endswith(looked_up)
            return [] if whole else hidden_matrices(name, weight)

        named = list(self.model.named_parameters())
        self.optimizer = MatrixOptimizer(
            [
                Group([entry for entry in named if not entry[0].endswith(slow)], settings.weight_decay),
                Group([entry for entry in named if entry[0].endswith(slow)], settings.weight_decay),
            ],
            settings.matrix_learning_rate,
            settings.learning_rate,
            matrices,
            betas=(0.9, 0.98),
        )

    def compile(self, backend: str = "inductor") -> None:
        """Have the blocks compiled by torch: the first step takes minutes, the others less time.

        For the default model on one CPU thread 1.37 s instead of 1.81 (medians of 3, by turns, machine busy).

        Args:
            backend: of `torch.compile`.

        Raises:
            MissingDependencyError: there is no C++ compiler.
        """
        if self.device.type == "cpu" and backend == "inductor" and not any(map(shutil.which, COMPILERS)):
            raise MissingDependencyError(
                f"--compile needs a C++ compiler ({', '.join(COMPILERS)}): install one, or leave it out"
            )
        for block in self.model.typed_blocks():
            block.compile(backend=backend, dynamic=False)

    @abstractmethod
    def read(self, index: int) -> Any:
        """The batch of a step; its `fresh`, bool [B], marks the rows that begin anew."""

    @abstractmethod
    def learn(self, model: ModelT, batch: Any, state: Any) -> tuple[Tensor, dict[str, float], State]:
        """What is to be made small, measures of it for the log, and the state after the batch."""

    def step(self, index: int) -> dict[str, float]:
        """One update on the next stretch of every stream, from the state that the last stretch left."""
        settings = self.settings
        # Whatever a step draws, a resumed run draws the same.
        torch.manual_seed(settings.seed * 1_000_003 + index)
        batch = self.read(index)
        self._renew(batch.fresh)
        loss, measures, state = self.learn(self.model, batch, self.state)
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.state = state.detach()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            pace = warmup_stable_decay(index, settings.steps, warmup=100)
            self.optimizer.step(pace, SLOW_PACE * pace)
        with torch.no_grad():
            # The average follows quickly at first, so that short runs are not held back by the initial
            # weights.
            decay = min(settings.average, (index + 1) / (index + 10))
            for mean, weight in zip(self.averaged.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
        return {"loss": loss.item(), **measures}

    def tensors(self) -> dict[str, Tensor]:
        """Weights, their averages, moments and the carried state."""
        return (
            module_tensors(self.model, "model.")
            | module_tensors(self.averaged, "averaged.")
            | self.optimizer.tensors()
            | {f"state.{name}": tensor for name, tensor in self.state.tensors()}
        )

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""
        load_module(self.model, tensors, "model.")
        load_module(self.averaged, tensors, "averaged.")
        self.optimizer.load_tensors(tensors)
        self.state.load_tensors(
            {
                name.removeprefix("state."): value
                for name, value in tensors.items()
                if name.startswith("state.")
            }
        )

    def export(self, folder: Path, step: int) -> None:
        """Write the averaged weights as a checkpoint folder."""
        provenance = {
            "trained_on": "music composed and rendered by this package",
            "steps": step,
            "frames": step * self.settings.batch_size * self.settings.length,
            "held_out": {name: round(value, 4) for name, value in self.last_valid.items()},
        }
        save_model(self.averaged, folder, provenance)

    @torch.no_grad()
    def _renew(self, fresh: Tensor) -> None:
        """Give the marked rows an empty state."""
        empty = dict(self.model.init_state(len(fresh)).tensors())
        for name, leaf in self.state.tensors():
            leaf[fresh] = empty[name][fresh]


def hidden_matrices(name: str, weight: Tensor) -> list[Tensor]:
    """The matrices between hidden units that a parameter holds, for Muon."""
    if weight.ndim < 2 or "bias" in name or "norm" in name:
        return []
    return list(weight.flatten(0, -3)) if weight.ndim > 2 else [weight]
