"""Training a token model on a tokenised corpus, with carried states and hidden conditions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from simba_live.data.tokens import TokenCorpus
from simba_live.errors import OptionError
from simba_live.model import ModelConfig, ModelState, TokenModel, build_model
from simba_live.model.checkpoint import save_model

from .loop import load_module, module_tensors, warmup_stable_decay
from .optimizers import Group, MatrixOptimizer
from .token_streams import Batch, Hiding, TokenStreams

VALID_ROWS, VALID_BATCHES = 8, 4
"""Streams side by side, and stretches of each, that the held-out loss is the mean of."""

LATER_SHARE = 0.25
"""Share of a stretch's frames from which the later codebooks learn in a step."""

LOOKED_UP = ("embedding", "head.embedding", "head.linear", "conditioning.features.weight", "conv1d.weight")
"""Weights whose rows are looked up or chosen one by one: they are no matrices to Muon."""


@dataclasses.dataclass(frozen=True)
class ModelTraining:
    """What defines a language-model run.

    Attributes:
        steps: updates in all; the learning rate falls over the last quarter.
        batch_size: streams side by side.
        length: frames of each stream a step.
        matrix_learning_rate: of Muon, for the matrices between the hidden units; 0 leaves these to AdamW too.
        learning_rate: of AdamW, for all other weights.
        weight_decay: of those matrices.
        average: decay of the averaged weights, which are the ones exported.
        fresh_rate: share of rows that begin from an empty state instead of the carried one.
        codebook_weights: share of the loss of the first codebook and of each later one.
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
    codebook_weights: tuple[float, float] = (2.0, 1.0)
    seed: int = 0
    bfloat16: bool = True

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "length"):
            if getattr(self, name) < 1:
                raise OptionError(f"{name} is {getattr(self, name)}; give 1 or more")


class ModelTrainer:
    """Trains a `TokenModel`; driven by `loop.train`.

    Args:
        config: of the model.
        settings: of the run.
        corpus: folder that `simba-live data tokenize` wrote.
        device: where to compute.
    """

    def __init__(
        self, config: ModelConfig, settings: ModelTraining, corpus: Path, device: torch.device
    ) -> None:
        self.settings, self.device = settings, device
        tokens = TokenCorpus(corpus)
        config = dataclasses.replace(
            config,
            codec=tokens.codec,
            frame_rate=tokens.frame_rate,
            codebook_size=tokens.codebook_size,
        )
        if config.num_codebooks > tokens.num_codebooks:
            raise OptionError(
                f"the model has {config.num_codebooks} codebooks, the tokens {tokens.num_codebooks}"
            )
        if config.style_dim != (width := tokens.embeddings.shape[1]):
            raise OptionError(
                f"the model's text encoder {config.text_encoder} gives {config.style_dim} numbers, "
                f"the tokens' captions have {width}; tokenize with the model's text encoder"
            )
        self.streams = TokenStreams(tokens, "train", settings.batch_size, settings.length, settings.seed)
        self.valid_streams = TokenStreams(tokens, "valid", VALID_ROWS, settings.length, settings.seed)
        torch.manual_seed(settings.seed)
        self.model = build_model(config).to(device)
        self.averaged = build_model(config).to(device)
        self.averaged.load_state_dict(self.model.state_dict())
        self.averaged.requires_grad_(requires_grad=False).eval()
        self.state = self.model.init_state(settings.batch_size)
        self.last_valid: dict[str, float] = {}
        self.optimizer = MatrixOptimizer(
            [Group(list(self.model.named_parameters()), settings.weight_decay)],
            settings.matrix_learning_rate,
            settings.learning_rate,
            hidden_matrices if settings.matrix_learning_rate else _no_matrices,
            betas=(0.9, 0.98),
        )

    def step(self, index: int) -> dict[str, float]:
        """One update on the next stretch of every stream, from the state that the last stretch left."""
        settings = self.settings
        torch.manual_seed(
            settings.seed * 1_000_003 + index
        )  # dropout's and the chosen frames', so that a resumed run draws the same
        batch = self.streams.batch(index, Hiding(), settings.fresh_rate)
        self._renew(batch.fresh)
        losses, state = self._losses(self.model, batch, self.state)
        weights = losses.new_tensor([settings.codebook_weights[min(k, 1)] for k in range(len(losses))])
        loss = (losses * weights).sum() / weights.sum()
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.state = state.detach()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step(warmup_stable_decay(index, settings.steps, warmup=100))
        with torch.no_grad():
            # The average follows quickly at first, so that short runs are not held back by the initial
            # weights.
            decay = min(settings.average, (index + 1) / (index + 10))
            for mean, weight in zip(self.averaged.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
        return {"loss": loss.item(), **{f"codebook {k}": value for k, value in enumerate(losses.tolist(), 1)}}

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Held-out cross-entropy in nats a codebook, with what the arranger writes and in free running."""
        ways = {
            "arranger": Hiding(
                everything=0, free=0, style=0, clock=0, key=0, each=0, brightness=1, register=0
            ),
            "free": Hiding(everything=0, free=1, style=0, clock=0, key=0, each=0, brightness=1, register=0),
        }
        measures: dict[str, float] = {}
        for way, hiding in ways.items():
            losses = torch.stack(
                [
                    self._losses(
                        self.averaged,
                        self.valid_streams.batch(index, hiding, 0.0),
                        self.averaged.init_state(VALID_ROWS),
                    )[0]
                    for index in range(VALID_BATCHES)
                ]
            ).mean(0)
            measures |= {f"{way} {k}": value for k, value in enumerate(losses.tolist(), 1)}
        self.last_valid = measures
        return measures

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

    def _losses(self, model: TokenModel, batch: Batch, state: ModelState) -> tuple[Tensor, ModelState]:
        """Cross-entropy of each codebook, [K], and the state after the batch."""
        codes = batch.codes[:, : model.config.num_codebooks].to(self.device)
        length = codes.shape[2]
        chosen = torch.arange(length)
        if model.training:
            chosen = torch.randperm(length)[: max(1, round(LATER_SHARE * length))]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bfloat16):
            hidden, after = model.hidden(
                codes, batch.features.to(self.device), batch.style.to(self.device), state
            )
            return model.head.losses(hidden, codes, chosen.to(self.device)), after

    @torch.no_grad()
    def _renew(self, fresh: Tensor) -> None:
        """Give the marked rows an empty state."""
        empty = dict(self.model.init_state(len(fresh)).tensors())
        for name, leaf in self.state.tensors():
            leaf[fresh] = empty[name][fresh]


def hidden_matrices(name: str, weight: Tensor) -> list[Tensor]:
    """The matrices between hidden units that a parameter of a `TokenModel` holds, for Muon."""
    if weight.ndim < 2 or name.endswith(LOOKED_UP) or "bias" in name or "norm" in name:
        return []
    return list(weight.flatten(0, -3)) if weight.ndim > 2 else [weight]


def _no_matrices(_name: str, _weight: Tensor) -> list[Tensor]:
    return []
