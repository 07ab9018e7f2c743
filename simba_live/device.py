"""Choosing where to compute."""

from __future__ import annotations

import torch

from simba_live.errors import OptionError


def choose_device(name: str) -> torch.device:
    """The device of a `--device` option: `cpu`, `cuda`, `cuda:N`, or `auto` for the GPU if there is one.

    Raises:
        OptionError: no such device, or it is not on this machine.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise OptionError(f"device {name!r} is unknown; use cpu, cuda or auto") from error
    if device.type not in ("cpu", "cuda"):
        raise OptionError(f"device {name!r} is not supported; use cpu, cuda or auto")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise OptionError(f"device {name!r} is not on this machine; use cpu")
    return device
