"""The token models: codes of past frames and conditions of this one in, logits of this frame's codes out.

SiMBA and the Transformer differ in one thing alone, the layer that mixes frames; embeddings, conditioning,
channel mixers and heads are the same, so that a comparison is fair.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from simba_live.modules.attention import Attention, AttentionState
from simba_live.modules.einfft import EinFFT
from simba_live.modules.mamba import Mamba2, MambaState
from simba_live.modules.mlp import MLP
from simba_live.modules.norm import RMSNorm
from simba_live.modules.prepared import PREPARED_FRAMES, can_prepare
from simba_live.streaming import State

from .conditioning import INITIAL_SCALE, Conditioning
from .config import ModelConfig, StreamConfig
from .head import DepthHead
from .prepared import StepPlan


@dataclasses.dataclass
class ModelState(State):
    """All that a stream of frames leaves behind.

    Attributes:
        blocks: one state a block.
        codes: int64 [B, K], the latest frame; `codebook_size` stands for "none yet".
    """

    blocks: list[MambaState | AttentionState]
    codes: Tensor


class Block(nn.Module):
    """Mixes frames, then channels; both as updates to a residual stream."""

    def __init__(self, config: StreamConfig) -> None:
        super().__init__()
        width = config.d_model
        self.frame_norm = RMSNorm(width)
        self.frame_mixer: Mamba2 | Attention
        if config.architecture == "simba":
            self.frame_mixer = Mamba2(
                width, config.d_state, config.head_dim, config.expand, config.conv_kernel
            )
        else:
            self.frame_mixer = Attention(width, config.num_heads, config.window)
        self.channel_norm = RMSNorm(width)
        self.channel_mixer = (
            EinFFT(width) if config.channel_mixer == "einfft" else MLP(width, config.mlp_hidden)
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, state: MambaState | AttentionState | None
    ) -> tuple[Tensor, MambaState | AttentionState]:
        """[B, T, D] to the same shape, and the state after it."""
        y, state = self.frame_mixer(self.frame_norm(x), state)
        x = x + self.dropout(y)
        return x + self.dropout(self.channel_mixer(self.channel_norm(x))), state

    def step(
        self, x: Tensor, state: MambaState | AttentionState
    ) -> tuple[Tensor, MambaState | AttentionState]:
        """The next frames, [B, n, D]; `state` is overwritten."""
        y, state = self.frame_mixer.step(self.frame_norm(x), state)  # type: ignore[arg-type]  # of its own kind
        x = x + y
        return x + self.channel_mixer(self.channel_norm(x)), state


BlockStates = list[MambaState | AttentionState]


def run_blocks(blocks: Iterable[Block], x: Tensor, states: BlockStates) -> tuple[Tensor, BlockStates]:
    """A stretch of frames through blocks, [B, T, D] to the same shape, and the states after it."""
    after = []
    for block, before in zip(blocks, states, strict=True):
        x, state = block(x, before)
        after.append(state)
    return x, after


class TokenModel(nn.Module):
    """A decoder over frames of K codes."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.num_codes = config.codebook_size + 1  # one more: "no code yet", before the first frame
        self.embedding = nn.Parameter(
            INITIAL_SCALE * config.num_codebooks**-0.5
            * torch.randn(config.num_codebooks * self.num_codes, config.d_model)
        )  # fmt: skip
        self.conditioning = Conditioning(config)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = RMSNorm(config.d_model)
        self.head = DepthHead(config)
        self._plan: StepPlan | None = None

    def init_state(self, batch: int) -> ModelState:
        """The state before the first frame."""
        config = self.config
        shape = (batch, config.num_codebooks)
        codes = torch.full(shape, config.codebook_size, dtype=torch.int64, device=self.embedding.device)
        return ModelState([block.frame_mixer.init_state(batch) for block in self.typed_blocks()], codes)

    def forward(
        self, codes: Tensor, features: Tensor, style: Tensor, state: ModelState | None = None
    ) -> tuple[Tensor, ModelState]:
        """Teacher forcing over a stretch of known frames.

        Args:
            codes: int64 [B, K, T].
            features: [B, T, F], as `Conditions.features` gives them.
            style: [B, T or 1, S]; zeros are no prompt.
            state: where to go on from, left untouched; None starts afresh.

        Returns:
            logits [B, K, T, V], where those at t see codes before t and conditions up to t (and, for the
            later codebooks, the earlier codes of t), and the state after the stretch.
        """
        hidden, state = self.hidden(codes, features, style, state)
        return self.head(hidden, codes), state

    def hidden(
        self, codes: Tensor, features: Tensor, style: Tensor, state: ModelState | None = None
    ) -> tuple[Tensor, ModelState]:
        """`forward` up to the head: hidden [B, T, D]; arguments and state as there."""
        state = state or self.init_state(len(codes))
        previous = torch.cat([state.codes[:, :, None], codes[:, :, :-1]], 2)
        x = self._embed(previous) + self.conditioning(features, style)
        x, blocks = run_blocks(self.typed_blocks(), x, state.blocks)
        return self.norm(x), ModelState(blocks, codes[:, :, -1].clone())

    def prepare_for_steps(self) -> None:
        """Make steps of a few frames fast by computing what depends on the weights alone, once (as a copy).

        The step stays the same function. On a GPU, where it would gain nothing, this does nothing. When
        weights are trained or loaded afterwards, the copy is made again at the next step; whoever writes to a
        single weight by hand calls this again.
        """
        self._plan = StepPlan(self) if can_prepare(self.embedding) else None

    def code_logits(self, codebook: int, hidden: Tensor, codes_before: Tensor) -> Tensor:
        """`head.logits` of a frame that `hidden_step` has begun, prepared if that was; arguments as there."""
        head = self.head if self._plan is None or torch.is_grad_enabled() else self._plan.head
        return head.logits(codebook, hidden, codes_before)

    def _current_plan(self) -> StepPlan | None:
        """The prepared step, where it may be used: it has no gradients."""
        if self._plan is None or torch.is_grad_enabled():
            return None
        if not self._plan.is_current():
            self.prepare_for_steps()
        return self._plan

    def hidden_step(
        self, features: Tensor, style: Tensor, previous: Tensor, state: ModelState
    ) -> tuple[Tensor, ModelState]:
        """The next frames up to the head.

        Args:
            features: [B, n, F].
            style: [B, n or 1, S].
            previous: int64 [B, K, n], for each frame the codes of the one before it; first, `state.codes`.
            state: overwritten, all but its codes, which whoever chooses them must set.

        Returns:
            hidden [B, n, D] for `head.logits`, and the state.
        """
        plan = self._current_plan() if previous.shape[2] <= PREPARED_FRAMES else None
        if plan is not None:
            return plan.hidden(features, style, previous, state.blocks), state
        x = self._embed(previous) + self.conditioning(features, style)
        for index, block in enumerate(self.typed_blocks()):
            x, state.blocks[index] = block.step(x, state.blocks[index])
        return self.norm(x), state

    def step(
        self, codes: Tensor, features: Tensor, style: Tensor, state: ModelState
    ) -> tuple[Tensor, ModelState]:
        """`forward` for the next known frames, with `state` overwritten: how a prompt is absorbed.

        Arguments and results as there.
        """
        previous = torch.cat([state.codes[:, :, None], codes[:, :, :-1]], 2)
        hidden, state = self.hidden_step(features, style, previous, state)
        state.codes.copy_(codes[:, :, -1])
        return self.head(hidden, codes), state

    def prefill(self, codes: Tensor, features: Tensor, style: Tensor, state: ModelState) -> ModelState:
        """Absorb known frames, as `step` does, without asking what the model would have chosen."""
        previous = torch.cat([state.codes[:, :, None], codes[:, :, :-1]], 2)
        _, state = self.hidden_step(features, style, previous, state)
        state.codes.copy_(codes[:, :, -1])
        return state

    def typed_blocks(self) -> list[Block]:
        """The blocks in order."""
        return cast("list[Block]", list(self.blocks))

    def _embed(self, codes: Tensor) -> Tensor:
        """The sum of a frame's code embeddings, [B, K, T] to [B, T, D]."""
        offsets = torch.arange(self.config.num_codebooks, device=codes.device) * self.num_codes
        return functional.embedding(codes + offsets[:, None], self.embedding).sum(1)


def build_model(config: ModelConfig) -> TokenModel:
    """A model with initial weights, drawn from torch's current generator."""
    return TokenModel(config)


def count_parameters(model: nn.Module) -> int:
    """Trainable numbers of a model."""
    return sum(parameter.numel() for parameter in model.parameters())
