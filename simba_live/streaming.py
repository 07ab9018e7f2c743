"""The streaming contract: weights live on the module, the past in a `State` passed in and handed back.

A layer has `init_state(batch)`, `forward(x)` for a whole signal and `step(x, state)` for its next block of
any length; the two agree to 1e-5 in float32, however the signal is cut. `step` owns the state it is given and
may write in place: whoever wants to come back to a moment keeps a `clone()` of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Self

import torch
from torch import Tensor

from simba_live.errors import CheckpointError


@dataclasses.dataclass
class State:
    """A node of a state tree: fields are tensors, further states, or lists of states."""

    def tensors(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """The leaves with their dotted names, in a fixed order."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            name = f"{prefix}{field.name}"
            if isinstance(value, Tensor):
                yield name, value
            elif isinstance(value, State):
                yield from value.tensors(f"{name}.")
            else:
                for index, item in enumerate(value):
                    yield from item.tensors(f"{name}.{index}.")

    def map(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same tree with every leaf changed."""
        changed: dict[str, object] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Tensor):
                changed[field.name] = change(value)
            elif isinstance(value, State):
                changed[field.name] = value.map(change)
            else:
                changed[field.name] = [item.map(change) for item in value]
        return dataclasses.replace(self, **changed)

    def clone(self) -> Self:
        """A snapshot: the same tree on fresh memory."""
        return self.map(Tensor.clone)

    def detach(self) -> Self:
        """The same tree on the same memory, cut from the graph of gradients."""
        return self.map(Tensor.detach)

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Overwrite every leaf from `tensors`, as written by `dict(state.tensors())`.

        Raises:
            CheckpointError: a leaf is missing, unknown or of another shape.
        """
        leaves = dict(self.tensors())
        if leaves.keys() != tensors.keys():
            odd = sorted(leaves.keys() ^ tensors.keys())
            raise CheckpointError(
                f"the state does not fit this model: missing or unknown {', '.join(odd[:4])}"
            )
        for name, leaf in leaves.items():
            if leaf.shape != tensors[name].shape:
                raise CheckpointError(
                    f"the state does not fit this model: {name} is {tuple(tensors[name].shape)}, "
                    f"expected {tuple(leaf.shape)}"
                )
        with torch.no_grad():
            for name, leaf in leaves.items():
                leaf.copy_(tensors[name])

    def num_bytes(self) -> int:
        """Memory that the leaves take, in bytes."""
        return sum(leaf.numel() * leaf.element_size() for _, leaf in self.tensors())
