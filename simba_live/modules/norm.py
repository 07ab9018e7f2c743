"""Normalisation that needs nothing but the vector itself, so that streaming cannot change it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-5


class RMSNorm(nn.Module):
    """Divides each vector by its root mean square and scales it by a learned weight.

    Computed and returned in float32 also under autocast: the residual stream that it reads is float32 there.
    """

    def __init__(self, width: int, eps: float = EPSILON) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] to the same shape."""
        return functional.rms_norm(x.to(self.weight.dtype), self.weight.shape, self.weight, self.eps)
