"""The GPU kernels of the `mamba_ssm` package, if this machine has them, behind our own scan's interface.

The package is an extra: it builds only on Linux with CUDA, and its import fails in many ways where it
half-installed. So it is looked for when the first CUDA tensor arrives, never at import.
"""

from __future__ import annotations

import functools
import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from simba_live.modules.scan import chunked_scan

_KERNEL_CHUNK = 256


@dataclass(frozen=True)
class Kernels:
    """`mamba_chunk_scan_combined` and `selective_state_update` of mamba_ssm 2.x."""

    chunk_scan: Callable[..., Any]
    state_update: Callable[..., Any]

    def scan(
        self, x: Tensor, dt: Tensor, decay_rate: Tensor, b: Tensor, c: Tensor, initial_state: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Arguments and results of `scan.chunked_scan`."""
        dtype = x.dtype
        y, state = self.chunk_scan(
            x,
            dt.to(dtype),
            decay_rate.float(),
            b[:, :, None].to(dtype),
            c[:, :, None].to(dtype),
            chunk_size=_KERNEL_CHUNK,
            initial_states=initial_state,
            return_final_states=True,
        )
        return y, state.float()

    def step(self, state: Tensor, x: Tensor, dt: Tensor, decay_rate: Tensor, b: Tensor, c: Tensor) -> Tensor:
        """One step in place.

        Args:
            state: [B, H, P, N] float32, overwritten.
            x: [B, H, P].
            dt: [B, H], positive.
            decay_rate: [H], negative.
            b: [B, N].
            c: [B, N].

        Returns:
            y [B, H, P].
        """
        y: Tensor = self.state_update(
            state,
            x,
            dt[..., None].expand(x.shape),
            decay_rate.float()[:, None, None].expand(state.shape[1:]),
            b[:, None],
            c[:, None],
        )
        return y


@functools.cache
def find_kernels() -> Kernels | None:
    """The kernels, or None where `mamba_ssm` is absent or does not import."""
    try:
        combined = importlib.import_module("mamba_ssm.ops.triton.ssd_combined")
        update = importlib.import_module("mamba_ssm.ops.triton.selective_state_update")
        return Kernels(combined.mamba_chunk_scan_combined, update.selective_state_update)
    except ModuleNotFoundError:
        return None
    except Exception as error:  # its import is known to fail with AttributeError, NameError and OSError too
        logging.getLogger(__name__).warning("mamba_ssm is installed but unusable (%s): using PyTorch", error)
        return None


def scan(
    x: Tensor, dt: Tensor, decay_rate: Tensor, b: Tensor, c: Tensor, initial_state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """`chunked_scan`, by the kernels for CUDA tensors where they exist; arguments and results as there."""
    kernels = find_kernels() if x.is_cuda else None
    return (kernels.scan if kernels else chunked_scan)(x, dt, decay_rate, b, c, initial_state)
