"""Several losses on one output, each given an agreed share of the gradient whatever its scale.

Source: the loss balancer of EnCodec (Defossez et al. 2022, arXiv 2210.13438, section 3.4). The paper fixes
the size of the whole gradient; here the first loss keeps its own, and the others are sized after it. A
learning rate and clipping that suit it alone then suit the sum, and a single loss is left untouched.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_PREFIX = "balancer."


class GradientBalancer:
    """Remembers how large each loss's gradient usually is.

    Only the usual size is taken out: a batch on which a loss is steeper than it usually is still counts more.

    Args:
        decay: of the moving averages, per step; from the first step on they are free of their start.
    """

    def __init__(self, decay: float = 0.999) -> None:
        self.decay = decay
        self._moments: dict[str, Tensor] = {}

    def gradient(self, losses: Mapping[str, Tensor], weights: Mapping[str, float], output: Tensor) -> Tensor:
        """What to hand to `output.backward`, and remember this step's sizes.

        Args:
            losses: by name; the graph from `output` to each is kept. The first one sets the scale.
            weights: by name; the sizes of the losses' parts in the sum are as these, on average. A loss of
                weight 0 is not looked at; the first one's must be more.
            output: what the losses were computed from, such as decoded audio.

        Returns:
            A tensor of `output`'s shape.
        """
        first = next(iter(losses))
        total = torch.zeros_like(output)
        for name, loss in losses.items():
            if weights[name]:
                (part,) = torch.autograd.grad(loss, output, retain_graph=True)
                self._remember(name, part)
                total += weights[name] / weights[first] * self._size(first) / self._size(name) * part
        return total

    def tensors(self) -> dict[str, Tensor]:
        """The moving averages, for a checkpoint."""
        return {f"{_PREFIX}{name}": moments for name, moments in self._moments.items()}

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""
        self._moments = {
            name.removeprefix(_PREFIX): value.clone()
            for name, value in tensors.items()
            if name.startswith(_PREFIX)
        }

    def _remember(self, name: str, gradient: Tensor) -> None:
        """Average in a norm; one that is not finite is passed over, or it would stay for ever."""
        norm = torch.linalg.vector_norm(gradient.float())
        before = self._moments.get(name, norm.new_zeros(2)).to(norm.device)
        after = self.decay * before + (1.0 - self.decay) * torch.stack([norm, torch.ones_like(norm)])
        self._moments[name] = torch.where(norm.isfinite(), after, before)

    def _size(self, name: str) -> Tensor:
        """The usual norm of a loss's gradient."""
        moments = self._moments[name]
        return (moments[0] / moments[1].clamp_min(1e-12)).clamp_min(1e-12)
