"""The plain channel mixer: two linear maps with a GELU between, each frame for itself."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class MLP(nn.Module):
    """Channel mixer of `hidden` units; no past, so no state."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] to the same shape."""
        mixed: Tensor = self.contract(functional.gelu(self.expand(x)))
        return mixed
