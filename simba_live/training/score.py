"""Training a score model on the conditions of a tokenised corpus; it never looks at the codes."""

from __future__ import annotations

import dataclasses
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from simba_live.data.tokens import TokenCorpus
from simba_live.model.score import ScoreConfig, ScoreModel, ScoreState

from .score_streams import CAPTIONS, Lists, ScoreBatch, ScoreStreams, Telling, chord_shapes
from .stream_trainer import StreamTrainer, StreamTraining

VALID_ROWS, VALID_BATCHES = 8, 4
"""Streams side by side, and stretches of each, that the held-out loss is the mean of."""

LOOKED_UP = (
    "embedding", "linear.weight", "conditioning.features.weight", "conv1d.weight", "style.weight",
    "style_embedding.weight", "mode.weight", "chord.weight", "harmony.weight", "density.weight",
)  # fmt: skip

DENSITY_NATS = 4.0
"""What a squared error of 1 in density is worth, beside nats."""

MODE_EVERY = 32
"""Frames of which one asks what the prompt means, mode and style: prompts are few."""


@dataclasses.dataclass(frozen=True)
class ScoreTraining(StreamTraining):
    """What defines a run; see `StreamTraining`."""

    steps: int = 4000
    fresh_rate: float = 0.15


class ScoreTrainer(StreamTrainer[ScoreModel]):
    """Trains a `ScoreModel`; driven by `loop.train`.

    Args:
        config: of the model; frame rate, chords and the prompts' encoder become the corpus's.
        settings: of the run.
        tokens: what to learn, of composed music.
        device: where to compute.
    """

    settings: ScoreTraining

    def __init__(
        self, config: ScoreConfig, settings: ScoreTraining, tokens: TokenCorpus, device: torch.device
    ) -> None:
        self.streams = ScoreStreams(tokens, "train", settings.batch_size, settings.length, settings.seed)
        self.valid_streams = ScoreStreams(
            tokens, "valid", VALID_ROWS, settings.length, settings.seed, self.streams.styles
        )
        pieces = self.streams.streams.pieces + self.valid_streams.streams.pieces
        config = dataclasses.replace(
            config,
            frame_rate=tokens.frame_rate,
            style_dim=tokens.embeddings.shape[1],
            text_encoder=tokens.text_encoder or config.text_encoder,
            chord_shapes=chord_shapes(tokens, pieces),
            styles=self.streams.styles,
        )
        self._chords = config.chords()
        super().__init__(partial(ScoreModel, config), LOOKED_UP, settings, device)

    def read(self, index: int) -> ScoreBatch:
        """The batch of a step."""
        return self.streams.batch(index, Telling(), self.settings.fresh_rate, self._chords)

    def learn(
        self, model: ScoreModel, batch: ScoreBatch, state: ScoreState
    ) -> tuple[Tensor, dict[str, float], ScoreState]:
        """Nats a frame, in all and part by part."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bfloat16):
            hidden, after = model(batch.features.to(self.device), batch.style.to(self.device), state)
            parts = score_losses(model, hidden.flatten(0, 1), batch)
        loss = torch.stack(list(parts.values())).sum()
        return loss, {name: part.item() for name, part in parts.items()}, after

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Held-out nats a frame with tempo, position, key and prompt alone, as they are in free playing."""
        alone = Telling(style=0, clock=0, chord=0, drums=0, kit=0, instruments=0, density=0, register=0)
        found = []
        for index in range(VALID_BATCHES):
            batch = self.valid_streams.batch(index, alone, 0.0, self._chords)
            loss, parts, _ = self.learn(self.averaged, batch, self.averaged.init_state(VALID_ROWS))
            found.append({"loss": loss.item(), **parts})
        self.last_valid = {name: sum(one[name] for one in found) / len(found) for name in found[0]}
        return self.last_valid


def score_losses(model: ScoreModel, hidden: Tensor, batch: ScoreBatch) -> dict[str, Tensor]:
    """Nats a frame of each part of what is written, each given those before it.

    Args:
        model: the model.
        hidden: [N, D], of the batch's frames.
        batch: what is to be written.
    """
    count, device = len(hidden), hidden.device
    targets = {name: value.to(device) for name, value in vars(batch).items() if isinstance(value, Tensor)}
    some = slice(None, None, MODE_EVERY)
    mode = model.minor(targets["style"][:, some]).float()
    styles = functional.cross_entropy(
        model.styles(targets["captions"]).float(), targets["caption_styles"], ignore_index=-1, reduction="sum"
    )

    bands, _ = _list_loss(model.instruments, hidden, batch.bands)
    context = hidden + targets["instruments"] @ model.instruments.embedding
    chords = functional.cross_entropy(
        model.chord(context[targets["changes"]]).float(), targets["chords"], ignore_index=-1, reduction="sum"
    )
    context = context + model.harmony(targets["tones"])
    onsets, last = _list_loss(model.onsets, context, batch.onsets)
    frames, pitches = targets["sounding"]
    ends = functional.binary_cross_entropy_with_logits(
        model.ends(last, frames, pitches, targets["age"]).float(), targets["ended"], reduction="sum"
    )
    density = model.density(last).float()[:, 0].sigmoid()
    return {
        "style": styles / CAPTIONS / MODE_EVERY,
        "mode": functional.binary_cross_entropy_with_logits(mode, targets["minor"][:, some]) / MODE_EVERY,
        "instruments": bands / count,
        "chord": chords / count,
        "onsets": onsets / count,
        "ends": ends / count,
        "density": DENSITY_NATS * functional.mse_loss(density, targets["density"]),
    }


def _list_loss(head: torch.nn.Module, context: Tensor, lists: Lists) -> tuple[Tensor, Tensor]:
    """The cross-entropy of all places of lists, summed, and what the lists' ends were read from."""
    logits, read = head(context[lists.frame.to(context.device)], lists.before.to(context.device))
    loss = functional.cross_entropy(logits.float(), lists.item.to(context.device), reduction="sum")
    ends = int((lists.item == lists.before.shape[1]).sum())
    return loss, read[:ends]
