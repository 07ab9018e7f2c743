"""The state tree: names, snapshots, and refusals."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from simba_live.errors import CheckpointError
from simba_live.streaming import State


@dataclass
class Leaf(State):
    value: Tensor


@dataclass
class Tree(State):
    memory: Tensor
    child: Leaf
    layers: list[Leaf]


def tree(fill: float = 0.0) -> Tree:
    return Tree(
        torch.full((2, 3), fill),
        Leaf(torch.full((4,), fill)),
        [Leaf(torch.full((1,), fill)) for _ in range(2)],
    )


def test_leaves_have_dotted_names_in_order():
    assert [name for name, _ in tree().tensors()] == [
        "memory",
        "child.value",
        "layers.0.value",
        "layers.1.value",
    ]
    assert tree().num_bytes() == 4 * (6 + 4 + 2)


def test_a_snapshot_is_not_touched_by_what_follows():
    state = tree(1.0)
    snapshot = state.clone()
    for _, leaf in state.tensors():
        leaf.zero_()
    assert all(bool((leaf == 1.0).all()) for _, leaf in snapshot.tensors())
    state.load_tensors(dict(snapshot.tensors()))
    assert all(bool((leaf == 1.0).all()) for _, leaf in state.tensors())


def test_detach_cuts_the_graph_and_shares_memory():
    state = Leaf(torch.ones(3, requires_grad=True) * 2)
    assert state.value.requires_grad
    cut = state.detach()
    assert not cut.value.requires_grad
    assert cut.value.data_ptr() == state.value.data_ptr()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("memory"), "memory"),
        (lambda tensors: tensors.update(odd=torch.zeros(1)), "odd"),
        (lambda tensors: tensors.update(memory=torch.zeros(3, 3)), r"\(3, 3\), expected \(2, 3\)"),
    ],
)
def test_a_state_of_another_shape_is_refused_whole(change, message):
    tensors = dict(tree(5.0).tensors())
    change(tensors)
    state = tree(1.0)
    with pytest.raises(CheckpointError, match=message):
        state.load_tensors(tensors)
    assert all(bool((leaf == 1.0).all()) for _, leaf in state.tensors())
