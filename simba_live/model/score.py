"""The score model: a small SiMBA that writes, frame by frame, what an arranger would write.

Chord, drums, notes and instruments have little entropy, so a small model learns the patterns of styles that
one over audio tokens cannot find while it sounds them. It reads the frame before, what is known of this one
(tempo, position, whatever a performer has set) and the prompt. What a frame holds is drawn part by part, each
given those before: instruments, chord, onsets (drums, then pitches ascending), ends of notes, density.
"""

from __future__ import annotations

import dataclasses
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from simba_live.conditions import (
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    INSTRUMENTS,
    KEY_FREE,
    NUM_PITCHES,
)
from simba_live.modules.mlp import MLP
from simba_live.modules.norm import RMSNorm
from simba_live.streaming import State

from .conditioning import Conditioning
from .config import StreamConfig
from .decoder import Block, BlockStates, run_blocks
from .head import CODE_SCALE
from .score_frames import AGES, MEMORY, NUM_ONSETS, NUM_SCORE_FEATURES, WIDTH

SELDOM = 4.0
"""Nats by which nothing is likelier than something, in the beginning."""

OLDEST = 255
"""Frames: the age of what has sounded for so long, or since who knows when."""


@dataclasses.dataclass(frozen=True)
class ScoreConfig(StreamConfig):
    """What defines a score model.

    Attributes:
        list_hidden: units of the small MLPs that draw lists.
        end_hidden: units of the one that ends notes.
        chord_shapes: pitch classes of the chords that it knows, as bits counted from the root; the major and
            the minor triad until a corpus says more.
        styles: names of those that it tells apart in a prompt; one until a corpus says more.
    """

    d_model: int = 192
    num_layers: int = 4
    expand: int = 1
    num_features: int = NUM_SCORE_FEATURES
    list_hidden: int = 256
    end_hidden: int = 48
    chord_shapes: tuple[int, ...] = (0b10010001, 0b10001001)
    styles: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("architecture", self.architecture == "simba", "simba")
        self._check("num_features", self.num_features == NUM_SCORE_FEATURES, f"{NUM_SCORE_FEATURES}")
        shapes = self.chord_shapes
        fits = shapes and all(type(shape) is int and 0 < shape < 1 << 12 and shape & 1 for shape in shapes)
        self._check("chord_shapes", bool(fits), "odd numbers below 4096")
        named = self.styles and all(type(style) is str for style in self.styles)
        self._check("styles", bool(named), "names")

    def chords(self) -> NDArray[np.uint8]:
        """All chords that it can write, as rows of `Conditions.chord`, root by root: [12 * shapes, 12]."""
        bits = np.array(self.chord_shapes)[:, None] >> np.arange(12) & 1
        shapes = np.where(bits, CHORD_IN, CHORD_OUT).astype(np.uint8)
        shapes[:, 0] = CHORD_ROOT
        return np.concatenate([np.roll(shapes, root, axis=1) for root in range(12)])


@dataclasses.dataclass
class ScoreState(State):
    """All that a stream of frames leaves behind.

    Attributes:
        blocks: one state a block.
        written: uint8 [B, WIDTH], the latest frame's row; all 0 (free) before the first.
        position: float32 [B, 2], the latest frame's place in beat and bar; -1 where unknown.
        key: int64 [B], the key that was written in, as `Conditions.key` counts; -1 before the first frame.
        struck: uint8 [B, MEMORY, NUM_ONSETS / 8], what began in the latest frames, eight of it in a byte.
        age: uint8 [B, NUM_PITCHES], frames since each pitch began, 255 and more being 255.
    """

    blocks: BlockStates
    written: Tensor
    position: Tensor
    key: Tensor
    struck: Tensor
    age: Tensor


class ListHead(nn.Module):
    """Logits of which of `size` items comes next in a list that ascends, the last one being its end."""

    def __init__(self, size: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(CODE_SCALE * torch.randn(size, width))
        self.norm = RMSNorm(width)
        self.mixer = MLP(width, hidden)
        self.linear = nn.Linear(width, size + 1)

    def forward(self, context: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """The next item at M places of lists.

        Args:
            context: [M, D].
            before: [M, size], 1 at the items that the list has already.

        Returns:
            logits [M, size + 1], minus infinity for what cannot follow; and what they were read from, [M, D].
        """
        x = context + before @ self.embedding
        x = x + self.mixer(self.norm(x))
        number = torch.arange(1, before.shape[1] + 2, device=before.device)
        last = (before * number[:-1]).amax(1, keepdim=True)
        return self.linear(x).masked_fill(number <= last, -torch.inf), x


class EndHead(nn.Module):
    """Logits that a note ends: from the frame, its pitch, and how long it has sounded."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.context = nn.Linear(width, hidden)
        self.pitch_embedding = nn.Parameter(CODE_SCALE * torch.randn(NUM_PITCHES, hidden))
        self.age_embedding = nn.Parameter(CODE_SCALE * torch.randn(AGES, hidden))
        self.linear = nn.Linear(hidden, 1)

    def forward(self, context: Tensor, frame: Tensor, pitch: Tensor, age: Tensor) -> Tensor:
        """Of m notes, [m].

        Args:
            context: [N, D].
            frame: int64 [m], the row of `context` that each note is in.
            pitch: int64 [m].
            age: int64 [m], see `score_frames.age_steps`.
        """
        x = self.context(context)[frame] + self.pitch_embedding[pitch] + self.age_embedding[age]
        logits: Tensor = self.linear(functional.gelu(x))[:, 0]
        return logits


class ScoreModel(nn.Module):
    """Blocks over frames, and a head for each part of what is written."""

    def __init__(self, config: ScoreConfig) -> None:
        super().__init__()
        width = config.d_model
        self.config = config
        self.conditioning = Conditioning(config)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = RMSNorm(width)
        self.style = nn.Linear(config.style_dim, len(config.styles))
        self.style_embedding = nn.Linear(len(config.styles), width, bias=False)
        self.mode = nn.Linear(width, 1)
        self.instruments = ListHead(len(INSTRUMENTS), width, config.list_hidden)
        self.chord = nn.Linear(width, 1 + 12 * len(config.chord_shapes))
        self.harmony = nn.Linear(24, width, bias=False)
        self.onsets = ListHead(NUM_ONSETS, width, config.list_hidden)
        self.ends = EndHead(width, config.end_hidden)
        self.density = nn.Linear(width, 1)
        # Most of the time nothing happens: it need not be learned.
        with torch.no_grad():
            self.style_embedding.weight.zero_()
            self.onsets.linear.bias[-1] = SELDOM
            self.ends.linear.bias.fill_(-SELDOM)

    def init_state(self, batch: int) -> ScoreState:
        """The state before the first frame."""
        device = self.norm.weight.device
        return ScoreState(
            [block.frame_mixer.init_state(batch) for block in self.typed_blocks()],
            torch.zeros(batch, WIDTH, dtype=torch.uint8, device=device),
            torch.full((batch, 2), -1.0, device=device),
            torch.full((batch,), KEY_FREE, dtype=torch.int64, device=device),
            torch.zeros(batch, MEMORY, NUM_ONSETS // 8, dtype=torch.uint8, device=device),
            torch.full((batch, NUM_PITCHES), OLDEST, dtype=torch.uint8, device=device),
        )

    def forward(
        self, features: Tensor, style: Tensor, state: ScoreState | None = None
    ) -> tuple[Tensor, ScoreState]:
        """A stretch of frames up to the heads.

        Args:
            features: [B, T, F], see `score_frames.score_features`.
            style: [B, T or 1, S]; zeros are no prompt.
            state: where to go on from, left untouched; None starts afresh.

        Returns:
            hidden [B, T, D], and the state, whose blocks alone have changed: whoever draws the frames knows
            the rest.
        """
        state = state or self.init_state(len(features))
        told = self.conditioning(features, style) + self.styled(style)
        x, blocks = run_blocks(self.typed_blocks(), told, state.blocks)
        return self.norm(x), dataclasses.replace(state, blocks=blocks)

    def styles(self, style: Tensor) -> Tensor:
        """Logits of the style that a prompt means, [..., S] to [..., styles]."""
        logits: Tensor = self.style(style * self.conditioning.style_gain)
        return logits

    def styled(self, style: Tensor) -> Tensor:
        """What a prompt adds by its style, [..., S] to [..., D].

        Which style a prompt means is learned from all captions (`styles`), as prompts are few beside frames;
        how a style is written, from the frames.
        """
        likely = self.styles(style).detach().softmax(-1) * (style != 0).any(-1, keepdim=True)
        added: Tensor = self.style_embedding(likely)
        return added

    def minor(self, style: Tensor) -> Tensor:
        """Logits that music to a prompt is in minor, [..., S] to [...]."""
        logits: Tensor = self.mode(self.conditioning.words(style))[..., 0]
        return logits

    def typed_blocks(self) -> list[Block]:
        """The blocks in order."""
        return cast("list[Block]", list(self.blocks))
