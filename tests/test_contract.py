"""The shared assertion catches what it is there to catch."""

import dataclasses

import pytest
import torch
from torch import Tensor

from simba_live.streaming import State
from tests.contract import assert_streaming


@dataclasses.dataclass
class Sum(State):
    total: Tensor


class RunningSum:
    """y[t] = x[0] + ... + x[t], [B, T, D]; the flags break it in one way each."""

    def __init__(self, forgets=False, peeks=False, mixes=False, shares=False):
        self.forgets, self.peeks, self.mixes, self.shares = forgets, peeks, mixes, shares
        self.kept = torch.zeros(2, 1, 3)

    def forward(self, x):
        y = x.cumsum(1)
        if self.peeks:
            y = y + torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1)
        return y + 0.5 * x.mean(0, keepdim=True) if self.mixes else y

    def init_state(self, batch):
        self.kept.zero_()
        return Sum(torch.zeros(batch, 1, 3))

    def step(self, x, state):
        total = self.kept if self.shares else state.total
        y = self.forward(x) + total
        if not self.forgets:
            total.copy_(y[:, -1:])
        return y, state


def test_a_layer_that_streams_passes():
    assert_streaming(RunningSum(), torch.randn(2, 12, 3), 1)


@pytest.mark.parametrize(
    ("fault", "caught"),
    [
        ("forgets", "differs from forward"),
        ("peeks", "differs from forward"),
        ("mixes", "differs from forward|rows of a batch mix"),
        ("shares", "differs from forward|recalled snapshot"),
    ],
)
def test_a_broken_layer_fails(fault, caught):
    torch.manual_seed(0)
    with pytest.raises(AssertionError, match=caught):
        assert_streaming(RunningSum(**{fault: True}), torch.randn(2, 12, 3), 1)


def test_the_future_is_caught_where_blocks_agree():
    x = torch.randn(2, 12, 3)
    layer = RunningSum()
    # Both ways add the mean over all time: they agree, and yet the first output knows the last input.
    with pytest.raises(AssertionError, match="depends on inputs after 0"):
        assert_streaming(
            layer,
            x,
            1,
            forward=lambda part: layer.forward(part) + part.mean(1, keepdim=True),
            step=lambda part, state: (layer.step(part, state)[0] + x.mean(1, keepdim=True), state),
        )


def test_indices_are_checked_by_trial():
    codes = torch.arange(24).view(2, 12)
    table = torch.randn(24, 3)
    with pytest.raises(AssertionError, match="change with inputs after 0"):
        assert_streaming(
            RunningSum(),
            codes,
            1,
            forward=lambda part: table[part].cumsum(1) + table[part].sum(1, keepdim=True),
            step=lambda part, state: (
                (running := table[part].cumsum(1) + state.total) + table[codes].sum(1, keepdim=True),
                Sum(running[:, -1:].clone()),
            ),
        )


def test_a_whisper_is_not_accepted():
    with pytest.raises(AssertionError, match="too small to judge"):
        assert_streaming(RunningSum(), torch.randn(2, 12, 3) * 1e-4, 1)
