"""Random excerpts of a corpus's audio, each drawn from nothing but a seed and a step number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.data.manifest import read_manifest
from simba_live.errors import CorpusError

from .watching import watch

_FULL_SCALE = 32767.0


class AudioCrops:
    """All of a split's audio in memory, as 16-bit samples one piece after the other.

    Args:
        folder: a corpus that `simba-live data compose` wrote.
        split: `train`, `valid` or `test`.
        sample_rate: of the codec, in Hz; the corpus must have it.
        hours: take no more than so many hours, or everything.

    Raises:
        CorpusError: the split is empty, or a file has another rate.
    """

    def __init__(self, folder: Path, split: str, sample_rate: int, hours: float | None = None) -> None:
        wanted = None if hours is None else int(hours * 3600 * sample_rate)
        clips: list[NDArray[np.int16]] = []
        total = 0
        pieces = [piece for piece in read_manifest(folder) if piece.split == split]
        for piece in watch(pieces, f"reading {split}"):
            samples, rate = soundfile.read(folder / piece.audio, dtype="int16", always_2d=True)
            if rate != sample_rate:
                raise CorpusError(
                    f"{piece.audio} has {rate} Hz, the codec {sample_rate}; compose the corpus at that rate"
                )
            clips.append(samples[:, 0])
            total += len(samples)
            if wanted is not None and total >= wanted:
                break
        if not clips:
            raise CorpusError(f"{folder} has no pieces in its {split} split; compose more hours")
        self.samples = np.concatenate(clips)
        self.sample_rate = sample_rate

    def batch(self, seed: int, step: int, size: int, length: int) -> Tensor:
        """`size` excerpts of `length` samples: float32 [size, 1, length], equal for equal seed and step."""
        generator = np.random.Generator(np.random.Philox(key=[seed, step]))
        starts = generator.integers(0, len(self.samples) - length, size)
        excerpts = np.stack([self.samples[start : start + length] for start in starts])
        return torch.from_numpy(excerpts.astype(np.float32) / _FULL_SCALE)[:, None]
