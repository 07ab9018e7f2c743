"""How conditions reach the model: every frame's features and style are projected and added to its input.

Nothing has a bias, so whatever is free contributes exactly nothing, and a change acts on the very next frame.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
from torch import Tensor, nn

from simba_live.conditions import NUM_FEATURES, Conditions

from .config import StreamConfig

ACTIVE_FEATURES = 24
"""About how many columns of a frame say something other than "silent": it sets the initial scale."""
INITIAL_SCALE = 0.5
"""Root mean square, in the beginning, of what each source adds to the residual stream."""


class Conditioning(nn.Module):
    """Features and style to one vector a frame."""

    def __init__(self, config: StreamConfig) -> None:
        super().__init__()
        self.features = nn.Linear(config.num_features, config.d_model, bias=False)
        # One matrix, without hidden units: all sentence embeddings lie to one side, so that units which add
        # nothing but noise at first are soon off for every prompt there is, and never learn again.
        self.style = nn.Linear(config.style_dim, config.d_model, bias=False)
        # A sentence embedding has length 1 whatever its width: bring it to a root mean square of 1.
        self.style_gain = math.sqrt(config.style_dim)
        nn.init.normal_(self.features.weight, std=INITIAL_SCALE / math.sqrt(ACTIVE_FEATURES))
        if config.num_features == NUM_FEATURES:
            with torch.no_grad():
                # Some 300 columns say "off" in almost every frame; at random they would drown the others.
                self.features.weight[:, torch.from_numpy(silent_columns())] = 0.0
        nn.init.normal_(self.style.weight, std=INITIAL_SCALE / self.style_gain)

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """[B, T, F] and [B, T or 1, S] to [B, T, D]."""
        added: Tensor = self.features(features) + self.words(style)
        return added

    def words(self, style: Tensor) -> Tensor:
        """What a style adds, [..., S] to [..., D]."""
        added: Tensor = self.style(style * self.style_gain)
        return added

    def with_null(self, features: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Adds a batch row that knows tempo and beat alone: [1, T, F] and [1, T or 1, S] to two rows each."""
        known = torch.zeros_like(features)
        if features.shape[-1] == NUM_FEATURES:
            clock = slice(0, num_clock_columns())
            known[..., clock] = features[..., clock]
        return torch.cat([features, known]), torch.cat([style, torch.zeros_like(style)])


def silent_columns() -> np.ndarray:
    """Which feature columns say that a pitch, drum, instrument or chord tone does not sound, bool [F]."""
    frame = Conditions.free(1)
    for field in (frame.chord, frame.notes, frame.drums, frame.instruments, frame.programs):
        field[:] = 1  # in every category the first value after "free" is the silent one
    return np.asarray(frame.features()[0] != 0)


@functools.cache
def num_clock_columns() -> int:
    """How many feature columns, from the first, tell tempo and position in beat and bar."""
    frames = Conditions.free(2)
    frames.tempo[:] = 100.0
    frames.beat[:] = (0.1, 0.2)
    frames.bar[:] = (0.1, 0.2)
    known = (frames.features() != 0).any(0)
    count = int(known.sum())
    assert known[:count].all(), "tempo, beat and bar come first in Conditions.features"
    return count
