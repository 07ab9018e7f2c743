"""What the prepared steps of model and codec share: products with few rows, and a watch on weights.

Such a step is numpy, which takes a quarter of torch's time to call an operator, and shares its memory with
the tensors of the state.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float32]

PREPARED_FRAMES = 32
"""Frames up to which a step is prepared; for more, arithmetic sets the pace, which torch is good at."""

LARGEST_PANEL = 2**13
LARGEST_PRODUCT = 2**18
"""OpenBLAS shares a panel of over 9 * 2^10 weights (with one row) or a product of over 2^18 multiplications
(with several) among threads, which for such small ones is slower, and far slower on a busy machine."""
VECTOR = 16
"""Numbers that the widest vector instructions take at once."""


class Panels:
    """A matrix to multiply few rows with.

    The arithmetic is little; reading the matrix takes the time. So it lies in panels of columns, each of
    which is read from end to end. A frame of the default model and codec, whose weights do not stay in the
    cache, takes 3.8 ms so, and 5.2 ms with panels sixteen times as large (AMD EPYC, one core). ONNX Runtime
    needs 2.4 ms for the model's layers, which take 1.6 ms so.

    Args:
        matrix: [..., in, out].
    """

    def __init__(self, matrix: Tensor) -> None:
        inputs, self._outputs = matrix.shape[-2:]
        width = LARGEST_PANEL // inputs
        width = min(max(width // VECTOR * VECTOR, VECTOR), self._outputs)
        count = -(-self._outputs // width)
        padded = torch.nn.functional.pad(matrix.detach(), (0, count * width - self._outputs))
        panels = padded.reshape(*padded.shape[:-1], count, width).transpose(-2, -3)
        self._panels: Array = panels.contiguous().numpy()
        self._most_rows = LARGEST_PRODUCT // (inputs * width)

    def __call__(self, x: Array) -> Array:
        """`x @ matrix`, [..., rows, in] to [..., rows, out]."""
        x = x[..., None, :, :]
        y: Array
        if x.shape[-2] <= self._most_rows:
            y = np.matmul(x, self._panels)
        else:  # torch has the threads that it was given
            y = torch.matmul(torch.from_numpy(x), torch.from_numpy(self._panels)).numpy()
        y = y.swapaxes(-2, -3)
        return y.reshape(*y.shape[:-2], -1)[..., : self._outputs]


class WeightWatch:
    """Notices when a step was prepared from weights that have changed since.

    Reading a version costs a third of a microsecond, so a few weights stand for all: training, averaging and
    loading write to every one of them.

    Args:
        places: where the weights are, each a module and the name of its parameter or buffer.
    """

    def __init__(self, places: Sequence[tuple[nn.Module, str]]) -> None:
        self._places = tuple(places)
        self._weights = [getattr(module, name) for module, name in places]
        self._versions = [_version(weight) for weight in self._weights]

    def holds(self) -> bool:
        """Whether there are the same tensors still, never written to since."""
        for (module, name), weight, version in zip(self._places, self._weights, self._versions, strict=True):
            if getattr(module, name) is not weight or _version(weight) != version:
                return False
        return can_prepare(self._weights[0])


def can_prepare(weight: Tensor) -> bool:
    """Whether steps with such a weight can be prepared; on a GPU nothing would be gained."""
    return weight.device.type == "cpu" and weight.dtype == torch.float32


def array(weight: Tensor) -> Array:
    """A weight's values, on memory of their own: they stay what they were when the step was prepared."""
    values: Array = weight.detach().numpy().copy()
    return values


def _version(weight: Tensor) -> int:
    """How often a weight was written to; it is not counted for weights made in inference mode."""
    return 0 if weight.is_inference() else weight._version
