"""The codec's opponent in training: a discriminator, what it says of a batch, and how it learns from it.

What it costs: seconds of one CPU thread (AMD EPYC, bfloat16) for a whole step that tunes the decoder, with 8
excerpts a batch, the quickest of ten; in brackets, times the step without an adversary. The default is the
most that costs no more than two plain steps.

| filters | window lengths a step | excerpts of 0.64 s | of 1.28 s |
|---|---|---|---|
| no adversary | - | 0.20 | 0.35 |
| 16 | 1 | 0.26 (1.3) | - |
| 16 | 2 | 0.35 (1.7) | 0.68 (2.0) |
| 16 | 3 | 0.47 (2.3) | 0.89 (2.6) |
| 32 | 2 | 0.58 (2.8) | - |
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .discriminator import (
    WINDOWS,
    StftDiscriminator,
    adversarial_loss,
    discriminator_loss,
    matching_loss,
)
from .loop import load_module, load_optimizer, module_tensors, optimizer_tensors

MATCHING = 3.0
"""Of feature matching beside the adversarial loss: their gradients are then about equally large."""


@dataclasses.dataclass(frozen=True)
class Examination:
    """The losses of one batch, all of one pass through the discriminator.

    Attributes:
        codec: what the codec is to lower, one loss for each window length looked at, by a name that stays the
            same: that its audio passes for original, and looks to the discriminator as the original does.
        discriminator: what the discriminator is to lower.
        figures: `adversarial`, `matching` and `discriminator`, means over the window lengths, for a log.
    """

    codec: dict[str, Tensor]
    discriminator: Tensor
    figures: dict[str, float]


class Adversary:
    """Trains a `StftDiscriminator` for each of `WINDOWS` beside a codec.

    Args:
        device: where to compute.
        seed: of its weights; nothing else is random.
        filters: channels of the discriminator's layers.
        scales_per_step: each step looks at so many of the window lengths, in turn.
        learning_rate: of Adam.
        bfloat16: compute the convolutions in bfloat16.
    """

    def __init__(
        self,
        device: torch.device,
        seed: int = 0,
        filters: int = 16,
        scales_per_step: int = 2,
        learning_rate: float = 1e-3,
        bfloat16: bool = True,
    ) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            scales = [StftDiscriminator(window, filters) for window in WINDOWS]
        self.scales = nn.ModuleList(scales).to(device)
        self.scales_per_step = scales_per_step
        self.bfloat16 = bfloat16
        self.optimizer = torch.optim.Adam(self.scales.parameters(), learning_rate, betas=(0.5, 0.9))

    def examine(self, decoded: Tensor, original: Tensor, index: int) -> Examination:
        """Compare two batches [B, 1, N] on the window lengths whose turn it is at step `index`."""
        begin = index * self.scales_per_step
        codec, found = {}, []
        for number in range(begin, begin + self.scales_per_step):
            scale = self.scales[number % len(WINDOWS)]
            with torch.autocast(decoded.device.type, torch.bfloat16, enabled=self.bfloat16):
                fake, real = scale(decoded), scale(original)
            adversarial, matching = adversarial_loss(fake), matching_loss(real, fake)
            codec[f"critic {WINDOWS[number % len(WINDOWS)]}"] = adversarial + MATCHING * matching
            found.append(torch.stack([adversarial, matching, discriminator_loss(real, fake)]))
        means = torch.stack(found).mean(0)
        names = ("adversarial", "matching", "discriminator")
        return Examination(codec, means[2], dict(zip(names, means.tolist(), strict=True)))

    def learn(self, examination: Examination) -> None:
        """One update of the discriminator, after the codec's gradients were taken: it ends the graph.

        Both sides so learn from one pass, and neither sees what the other makes of it before the next step.
        """
        parameters = list(self.scales.parameters())
        gradients = torch.autograd.grad(examination.discriminator, parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            # None keeps Adam from moving scales whose turn it is not.
            parameter.grad = gradient
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            self.optimizer.step()

    def tensors(self) -> dict[str, Tensor]:
        """Weights and moments, for a checkpoint."""
        return module_tensors(self.scales, "discriminator.") | optimizer_tensors(
            self.optimizer, "discriminator_optimizer."
        )

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""
        load_module(self.scales, tensors, "discriminator.")
        load_optimizer(self.optimizer, tensors, "discriminator_optimizer.")
