"""Random excerpts of corpora's audio, each drawn from nothing but a seed and a step number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.audio.files import FULL_SCALE
from simba_live.data.effects import vary
from simba_live.data.manifest import read_manifest
from simba_live.errors import CorpusError

from .watching import watch


class AudioCrops:
    """All of a split's audio in memory, as 16-bit samples one piece after the other.

    Args:
        folders: corpora that `simba-live data compose` wrote.
        split: `train`, `valid` or `test`.
        sample_rate: of the codec, in Hz; the corpus must have it.
        hours: take no more than so many hours of each, or everything.
        varied: share of excerpts that sound as if from another studio, room or tape.

    Raises:
        CorpusError: the split is empty, or a file has another rate.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        split: str,
        sample_rate: int,
        hours: float | None = None,
        varied: float = 0.0,
    ) -> None:
        clips = [clip for folder in folders for clip in _read(folder, split, sample_rate, hours)]
        if not clips:
            raise CorpusError(
                f"{', '.join(map(str, folders))}: no pieces in the {split} split; compose more hours"
            )
        self.samples = np.concatenate(clips)
        self.sample_rate = sample_rate
        self.varied = varied

    def batch(self, seed: int, step: int, size: int, length: int) -> Tensor:
        """`size` excerpts of `length` samples: float32 [size, 1, length], equal for equal seed and step."""
        generator = np.random.Generator(np.random.Philox(key=[seed, step]))
        starts = generator.integers(0, len(self.samples) - length, size)
        changed = generator.random(size) < self.varied
        excerpts = np.stack([self.samples[start : start + length] for start in starts])
        audio = excerpts.astype(np.float32) / FULL_SCALE
        for index in np.flatnonzero(changed):
            audio[index] = vary(audio[index], generator, self.sample_rate)
        return torch.from_numpy(audio)[:, None]


def _read(folder: Path, split: str, sample_rate: int, hours: float | None) -> list[NDArray[np.int16]]:
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
    return clips
