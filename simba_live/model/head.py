"""From a frame's hidden state to its K codes, one after the other within the frame.

The first code is a linear map of the hidden state. Each later one sees the codes before it: their embeddings
are added to the hidden state, and a small MLP of its own (residual) mixes the two before the linear map. So
no delay between codebooks is needed, which would cost K - 1 frames of latency.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from simba_live.modules.norm import EPSILON

from .config import ModelConfig

CODE_SCALE = 0.3
LOGIT_SCALE = 0.02


class DepthHead(nn.Module):
    """Logits of every codebook.

    Parameters of the K - 1 later codebooks are stacked, so that training computes them in one product.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, hidden = config.d_model, config.depth_hidden
        later, size = config.num_codebooks - 1, config.codebook_size
        self.linear = nn.Parameter(LOGIT_SCALE * torch.randn(later + 1, size, width))
        self.embedding = nn.Parameter(CODE_SCALE * torch.randn(later, size, width))
        self.norm = nn.Parameter(torch.ones(later, 1, width))
        self.expand = nn.Parameter(width**-0.5 * torch.randn(later, width, hidden))
        self.expand_bias = nn.Parameter(torch.zeros(later, 1, hidden))
        self.contract = nn.Parameter(hidden**-0.5 * torch.randn(later, hidden, width))

    def forward(self, hidden: Tensor, codes: Tensor) -> Tensor:
        """All codebooks of known frames: hidden [B, T, D] and codes [B, K, T] to logits [B, K, T, V]."""
        batch, length, width = hidden.shape
        inputs = hidden.reshape(1, -1, width)
        if len(self.embedding):
            inputs = torch.cat([inputs, self._later_inputs(inputs, codes)])
        logits = torch.bmm(inputs, self.linear.transpose(1, 2))
        return logits.view(len(self.linear), batch, length, -1).transpose(0, 1)

    def losses(self, hidden: Tensor, codes: Tensor, chosen: Tensor) -> Tensor:
        """Cross-entropy of every codebook in nats, [K]: the first's over all frames, the others' over some.

        The others take most of the head's time, and neighbouring frames teach them much the same.

        Args:
            hidden: [B, T, D].
            codes: [B, K, T].
            chosen: int64, numbers of the frames that the later codebooks learn from.
        """
        losses = [self._cross_entropy(hidden.flatten(0, 1)[None], slice(0, 1), codes[:, :1])]
        if len(self.embedding):
            codes = codes[:, :, chosen]
            inputs = self._later_inputs(hidden[:, chosen].reshape(1, -1, hidden.shape[-1]), codes)
            losses.append(self._cross_entropy(inputs, slice(1, None), codes[:, 1:]))
        return torch.cat(losses)

    def _cross_entropy(self, inputs: Tensor, which: slice, codes: Tensor) -> Tensor:
        """Of some codebooks, [k]: inputs [k, M, D] and codes [B, k, M / B]."""
        logits = torch.bmm(inputs, self.linear[which].transpose(1, 2)).flatten(0, 1).float()
        right = codes.transpose(0, 1).flatten()
        losses: Tensor = functional.cross_entropy(logits, right, reduction="none").view(len(inputs), -1)
        return losses.mean(1)

    def _later_inputs(self, inputs: Tensor, codes: Tensor) -> Tensor:
        """What the later linear maps read, [K - 1, M, D], of inputs [1, M, D] and codes [B, K, M / B]."""
        later = len(self.embedding)
        embedded = torch.stack(
            [functional.embedding(codes[:, k].reshape(-1), self.embedding[k]) for k in range(later)]
        )
        return self._mix(inputs + embedded.cumsum(0), slice(None))

    def logits(self, codebook: int, hidden: Tensor, codes_before: Tensor) -> Tensor:
        """One codebook while a frame is being drawn.

        Args:
            codebook: k, counted from 0.
            hidden: [B, D].
            codes_before: [B, k], the frame's codes so far.

        Returns:
            [B, V].
        """
        if codebook:
            for k in range(codebook):
                hidden = hidden + functional.embedding(codes_before[:, k], self.embedding[k])
            hidden = self._mix(hidden[None], slice(codebook - 1, codebook))[0]
        return torch.mm(hidden, self.linear[codebook].T)

    def _mix(self, inputs: Tensor, which: slice) -> Tensor:
        """The residual MLPs of some later codebooks, [k, M, D] to the same shape."""
        scaled = functional.rms_norm(inputs, inputs.shape[-1:], eps=EPSILON) * self.norm[which]
        hidden = functional.gelu(torch.baddbmm(self.expand_bias[which], scaled, self.expand[which]))
        return inputs + torch.bmm(hidden, self.contract[which])
