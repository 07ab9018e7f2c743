"""Muon and AdamW as one optimizer: who updates what, at what pace, and that a resumed run goes on exactly."""

import pytest
import torch
from torch import nn

from simba_live.training.optimizers import Group, MatrixOptimizer


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv1d(6, 8, 3)
        self.linear = nn.Linear(8, 8)
        self.narrow = nn.Linear(8, 2)

    def forward(self, signal):
        return self.narrow(torch.tanh(self.linear(self.conv(signal).mean(2))))


def optimizer_of(network, matrix_rate=0.01, rate=0.02):
    named = list(network.named_parameters())
    return MatrixOptimizer([Group(named[:2], 0.1), Group(named[2:])], matrix_rate, rate)


def learn(network, optimizer, steps, start=0, paces=(1.0, 1.0)):
    for index in range(start, start + steps):
        generator = torch.Generator().manual_seed(index)
        signal = torch.randn(16, 6, 10, generator=generator)
        wanted = torch.stack([signal[:, 0].mean(1), signal[:, 1:3].sum((1, 2))], 1)
        loss = (network(signal) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(*paces)
    return loss.item()


def spread(matrix):
    values = torch.linalg.svdvals(matrix.detach().flatten(1))
    return float(values.max() / values.median())


def test_matrices_get_an_update_whose_directions_are_even():
    """Muon's mark: the singular values of an update are nearly equal, those of a gradient are not."""
    network = Network()
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    learn(network, optimizer_of(network), 1)
    for weight, name in ((network.conv.weight, "conv.weight"), (network.linear.weight, "linear.weight")):
        assert spread(weight - before[name]) < 2
        assert spread(weight.grad) > 4
    assert not torch.equal(network.narrow.weight, before["narrow.weight"])
    assert not torch.equal(network.conv.bias, before["conv.bias"])


def test_paces_and_weight_decay_belong_to_their_group():
    network = Network()
    before = {name: value.clone() for name, value in network.named_parameters()}
    learn(network, optimizer_of(network), 3, paces=(0.0, 1.0))
    still = {name for name, value in network.named_parameters() if torch.equal(value, before[name])}
    assert still == {"conv.weight", "conv.bias"}


def test_it_learns():
    network = Network()
    optimizer = optimizer_of(network)
    first = learn(network, optimizer, 1)
    assert learn(network, optimizer, 300, start=1) < 0.2 * first


def test_frozen_parameters_are_left_alone():
    network = Network()
    network.conv.requires_grad_(requires_grad=False)
    before = network.conv.weight.clone()
    learn(network, optimizer_of(network), 3)
    assert torch.equal(network.conv.weight, before)


@pytest.mark.parametrize("killed_at", [3, 10])
def test_a_resumed_run_goes_on_exactly(killed_at):
    whole = Network()
    learn(whole, optimizer_of(whole), 20)
    first = Network()
    optimizer = optimizer_of(first)
    learn(first, optimizer, killed_at)
    saved = {name: value.clone() for name, value in optimizer.tensors().items()}
    second = Network()
    second.load_state_dict(first.state_dict())
    resumed = optimizer_of(second)
    resumed.load_tensors(saved)
    learn(second, resumed, 20 - killed_at, start=killed_at)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), second.parameters(), strict=True))


def test_a_weight_may_hold_several_matrices():
    stack = nn.Parameter(torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(0)))
    optimizer = MatrixOptimizer([Group([("stack", stack)])], 0.01, 0.01, lambda _name, value: list(value))
    before = stack.detach().clone()
    stack.square().sum().backward()
    optimizer.step(1.0)
    for change in stack.detach() - before:
        assert spread(change) < 2
