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


def test_pooled_snapshots_are_as_independent_as_any():
    begin = tree(1.0)
    begin.child.value = torch.arange(4)
    state = begin.pooled()
    snapshots = []
    for moment in range(5):
        snapshots.append(state.clone())
        for _, leaf in state.tensors():
            leaf += moment + 1
    for moment in (3, 0, 4, 0):
        again = snapshots[moment].clone()
        total = sum(range(moment + 1))
        assert again.child.value.tolist() == [total + i for i in range(4)]
        assert bool((again.memory == 1.0 + total).all())
        assert again.layers[1].value.tolist() == [1.0 + total]
        again.memory.zero_()
    assert bool((begin.memory == 1.0).all())


def test_memory_of_pooled_snapshots_is_used_again_when_their_last_leaf_is_gone():
    state = tree(1.0).pooled()
    kept = state.clone()
    address = kept.memory.data_ptr()
    leaf = kept.layers[1].value
    del kept
    other = state.clone()
    assert other.memory.data_ptr() != address
    assert leaf.tolist() == [1.0]
    del leaf
    state.memory.fill_(2.0)
    assert state.clone().memory.data_ptr() == address
    assert bool((state.clone().memory == 2.0).all())


def test_clones_that_were_provided_for_need_no_new_memory(monkeypatch):
    state = tree(1.0).pooled()
    state.provide(5)
    monkeypatch.setattr(torch, "empty", lambda *_, **__: pytest.fail("new memory"))
    clones = [state.clone() for _ in range(5)]
    del clones
    clones = [state.clone() for _ in range(5)]
    assert all(bool((clone.memory == 1.0).all()) for clone in clones)


def test_leaves_replaced_by_a_step_are_in_the_snapshot():
    state = tree(1.0).pooled()
    state.child = Leaf(torch.full((4,), 7.0))
    state.memory = state.memory + 2.0
    snapshot = state.clone().clone()
    assert bool((snapshot.memory == 3.0).all())
    assert bool((snapshot.child.value == 7.0).all())
    assert bool((snapshot.layers[0].value == 1.0).all())
