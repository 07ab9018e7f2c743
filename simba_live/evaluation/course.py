"""How the small networks of the listener learn: one optimiser, one rise and fall of the learning rate."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Course:
    """Optimiser and schedule of one network.

    Args:
        parameters: what learns.
        steps: how often `learn` will be called.
        rate: the highest learning rate.
        weight_decay: AdamW's.
        rise: share of the steps in which the learning rate rises.
    """

    def __init__(
        self, parameters: Iterable[Tensor], steps: int, rate: float, weight_decay: float, rise: float
    ) -> None:
        self._optimiser = torch.optim.AdamW(parameters, rate, weight_decay=weight_decay)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, max(steps, 2), pct_start=rise
        )

    def learn(self, loss: Tensor) -> None:
        """One step down this loss."""
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        self._optimiser.step()
        self._schedule.step()
