"""Training a token model on a tokenised corpus, with carried states and hidden conditions."""

from __future__ import annotations

import dataclasses
from functools import partial

import torch
from torch import Tensor

from simba_live.data.tokens import TokenCorpus
from simba_live.errors import OptionError
from simba_live.model import ModelConfig, ModelState, TokenModel, build_model

from .stream_trainer import StreamTrainer, StreamTraining
from .token_streams import JUDGED, Batch, Hiding, TokenStreams

VALID_ROWS, VALID_BATCHES = 8, 4
"""Streams side by side, and stretches of each, that the held-out loss is the mean of."""

LATER_SHARE = 0.25
"""Share of a stretch's frames from which the later codebooks learn in a step."""

LOOKED_UP = ("embedding", "head.embedding", "head.linear", "conditioning.features.weight", "conv1d.weight")
"""Weights whose rows are looked up or chosen one by one: they are no matrices to Muon."""


SLOW = ("conditioning.style.weight",)
"""Weights that learn slowly. A step sees a dozen captions, and at full pace what is taken from them is mostly
noise: all that its prompts added made a model worse by 0.008 nats, and 0.3 times as much better by 0.001.
"""


@dataclasses.dataclass(frozen=True)
class ModelTraining(StreamTraining):
    """What defines a language-model run.

    Attributes:
        codebook_weights: share of the loss of the first codebook and of each later one.
    """

    codebook_weights: tuple[float, float] = (2.0, 1.0)


class ModelTrainer(StreamTrainer[TokenModel]):
    """Trains a `TokenModel`; driven by `loop.train`.

    Args:
        config: of the model.
        settings: of the run.
        tokens: what to learn.
        device: where to compute.
        begin: model whose weights to begin with; None begins with random ones.

    Raises:
        OptionError: the tokens do not fit the model.
    """

    settings: ModelTraining

    def __init__(
        self,
        config: ModelConfig,
        settings: ModelTraining,
        tokens: TokenCorpus,
        device: torch.device,
        begin: TokenModel | None = None,
    ) -> None:
        if begin is not None and begin.config.codec != tokens.codec:
            raise OptionError(
                f"the model speaks the codes of codec {begin.config.codec}, the tokens are of "
                f"{tokens.codec}; tokenize with the model's codec, or begin without a model"
            )
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
        self.seen_streams = TokenStreams(tokens, "train", VALID_ROWS, settings.length, settings.seed + 1)
        super().__init__(partial(build_model, config), LOOKED_UP, settings, device, SLOW)
        if begin is not None:
            for model in (self.model, self.averaged):
                model.load_state_dict(begin.state_dict())

    def read(self, index: int) -> Batch:
        """The batch of a step."""
        return self.streams.batch(index, Hiding(), self.settings.fresh_rate)

    def learn(
        self, model: TokenModel, batch: Batch, state: ModelState
    ) -> tuple[Tensor, dict[str, float], ModelState]:
        """The weighted mean of the codebooks' losses, and each of them."""
        losses, after = self._losses(model, batch, state)
        weights = losses.new_tensor([self.settings.codebook_weights[min(k, 1)] for k in range(len(losses))])
        loss = (losses * weights).sum() / weights.sum()
        return loss, {f"codebook {k}": value for k, value in enumerate(losses.tolist(), 1)}, after

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Held-out cross-entropy in nats a codebook, by what is told (`JUDGED`).

        "seen" is told the same as "arranger" and of pieces that are trained on: by how much it is lower has
        been learnt by heart, and only more music helps against that.
        """
        measures: dict[str, float] = {}
        for way, hiding in JUDGED.items():
            measures |= self._judge(way, self.valid_streams, hiding)
        self.last_valid = measures
        return measures | self._judge("seen", self.seen_streams, JUDGED["arranger"])

    def _judge(self, name: str, streams: TokenStreams, hiding: Hiding) -> dict[str, float]:
        """Cross-entropy of each codebook over the first stretches of some streams."""
        batches = [streams.batch(index, hiding, 0.0) for index in range(VALID_BATCHES)]
        empty = self.averaged.init_state(VALID_ROWS)
        losses = torch.stack([self._losses(self.averaged, batch, empty)[0] for batch in batches]).mean(0)
        return {f"{name} {k}": value for k, value in enumerate(losses.tolist(), 1)}

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
