"""What an evaluation has generated already, kept in the report's folder so that a broken-off one goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from simba_live.data.manifest import write_beside

Arrays = Mapping[str, NDArray[np.generic]]


class Kept:
    """Arrays in a folder, by everything that they depend on.

    Args:
        folder: made when something is kept.
        weights: what every entry depends on, such as `Performance.fingerprint`.
    """

    def __init__(self, folder: Path, weights: str) -> None:
        self.folder, self.weights = folder, weights

    def key(self, about: Mapping[str, object], arrays: Arrays) -> str:
        """Sixty-four hexadecimal digits that change with the weights, with `about` and with the arrays."""
        digest = hashlib.sha256(json.dumps([self.weights, about], sort_keys=True, default=str).encode())
        for name, array in sorted(arrays.items()):
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def find(self, key: str) -> dict[str, NDArray[np.generic]] | None:
        """What was kept under this key, None if nothing that can be read."""
        path = self.folder / f"{key[:32]}.safetensors"
        try:
            return dict(load_file(path)) if path.exists() else None
        except (OSError, SafetensorError, ValueError):
            return None

    def keep(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key, over what was there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        write_beside(self.folder / f"{key[:32]}.safetensors", save(whole))
