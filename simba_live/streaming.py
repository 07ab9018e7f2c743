"""The streaming contract: weights live on the module, the past in a `State` passed in and handed back.

A layer has `init_state(batch)`, `forward(x)` for a whole signal and `step(x, state)` for its next block of
any length; the two agree to 1e-5 in float32, however the signal is cut. `step` owns the state it is given and
may write in place: whoever wants to come back to a moment keeps a `clone()` of it.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.errors import CheckpointError

StateT = TypeVar("StateT", bound="State")


@dataclasses.dataclass
class State:
    """A node of a state tree: fields are tensors, further states, lists of states, or None."""

    _home: _Home | None = dataclasses.field(default=None, init=False, repr=False, compare=False)

    def tensors(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """The leaves with their dotted names, in a fixed order."""
        fields: tuple[str, ...] = self.__match_args__
        for field in fields:
            value = getattr(self, field)
            name = f"{prefix}{field}"
            if isinstance(value, Tensor):
                yield name, value
            elif isinstance(value, State):
                yield from value.tensors(f"{name}.")
            elif value is not None:
                for index, item in enumerate(value):
                    yield from item.tensors(f"{name}.{index}.")

    def map(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same tree with every leaf changed."""
        changed: list[object] = []
        fields: tuple[str, ...] = self.__match_args__
        for field in fields:
            value = getattr(self, field)
            if isinstance(value, Tensor):
                changed.append(change(value))
            elif value is None or isinstance(value, State):
                changed.append(None if value is None else value.map(change))
            else:
                changed.append([item.map(change) for item in value])
        return type(self)(*changed)

    def clone(self) -> Self:
        """A snapshot: the same tree on memory of its own."""
        return self.map(Tensor.clone) if self._home is None else self._home.pool.copy(self)

    def pooled(self) -> Self:
        """A clone in one block of memory. Its clones, and theirs, are such blocks too, and use each other's.

        So many snapshots can come and go (one a frame, a hundred alive): with the default model, of 2.2 MB,
        one takes 0.3 ms, 0.5 in one of a hundred. On fresh memory that is 0.8, and milliseconds when memory
        goes back and forth between process and system. A state that is partly on a GPU is just cloned.
        """
        pooled = all(leaf.device.type == "cpu" for _, leaf in self.tensors())
        return _Pool(self).copy(self) if pooled else self.clone()

    def provide(self, clones: int) -> None:
        """Fetch the memory of so many clones of a pooled state now, so that it does not grow while they come.

        The most that are alive at a time is seldom reached: without this, memory creeps up for an hour.
        """
        if self._home is not None:
            self._home.pool.provide(clones)

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


_ALIGNMENT = 64
"""Bytes: what vector instructions read fastest, and a line of the cache."""


class _Pool:
    """Memory for states of one shape, each in one block; a block is used again when its state is gone.

    States come and go in several threads: a list's `append` and `pop` are all that they share.
    """

    def __init__(self, like: State) -> None:
        self._places: list[tuple[int, torch.Size, np.dtype[np.generic]]] = []
        self._size = 0
        for _, leaf in like.tensors():
            self._places.append((self._size, leaf.shape, leaf.detach().numpy().dtype))
            self._size += -(-leaf.numel() * leaf.element_size() // _ALIGNMENT) * _ALIGNMENT
        self._free: list[Tensor] = []

    def provide(self, blocks: int) -> None:
        """Have so many blocks free."""
        for _ in range(blocks - len(self._free)):
            # Writing to it is what makes the system give it.
            self._free.append(torch.empty(self._size, dtype=torch.uint8).zero_())

    def copy(self, state: StateT) -> StateT:
        """The state's values in a block of this pool."""
        memory = self._free.pop() if self._free else torch.empty(self._size, dtype=torch.uint8)
        block: NDArray[np.uint8] = memory.numpy()
        # Every leaf is a view of this array and holds on to it, so it goes with the last of them. (It must
        # not be a view of another array: numpy would have the leaves hold on to that one instead.)
        weakref.finalize(block, self._free.append, memory).atexit = False
        home = state._home
        start = -self._size
        if home is not None:
            np.copyto(block, home.block)
            start = home.block.ctypes.data
        places = iter(self._places)

        def move(leaf: Tensor) -> Tensor:
            offset, shape, dtype = next(places)
            if not leaf.numel():
                return leaf
            moved = torch.from_numpy(np.ndarray(shape, dtype, block, offset))
            if leaf.data_ptr() != start + offset:  # not in the block: `step` may replace leaves too
                moved.copy_(leaf)
            return moved

        copied = state.map(move)
        copied._home = _Home(self, block)
        return copied


@dataclasses.dataclass
class _Home:
    pool: _Pool
    block: NDArray[np.uint8]
