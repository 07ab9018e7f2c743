"""In which key music is, found from how strongly each pitch class sounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .spectra import Array

_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
"""How well the pitch classes fit a key in listeners' judgement, from the tonic (Krumhansl & Kessler 1982)."""

KEY_PROFILES = np.stack(
    [np.roll(_MAJOR, tonic) for tonic in range(12)] + [np.roll(_MINOR, tonic) for tonic in range(12)]
)
"""[24, 12], numbered like `Conditions.key`."""


def key_fits(found: Array) -> NDArray[np.float64]:
    """Correlation of a piece's chroma [windows, 12] with each of the 24 profiles; 0 without pitch, [24]."""
    total = found.sum(axis=0)
    centred = KEY_PROFILES - KEY_PROFILES.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(centred, axis=1) * max(float(np.linalg.norm(total - total.mean())), 1e-9)
    return np.asarray(centred @ (total - total.mean()) / spread)


def estimate_key(found: Array) -> int:
    """The key whose profile correlates best with a piece's chroma [windows, 12], as in `Conditions.key`."""
    return int(key_fits(found).argmax())
