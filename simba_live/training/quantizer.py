"""Learning the codebooks: k-means to begin with, moving averages from then on, new life for dead codes.

Source: residual vector quantisation as in SoundStream (arXiv 2107.03312, section III-C) and EnCodec.
Letters: K codebooks, S codes in each, D dimensions, V latent vectors of a batch.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


class CodebookLearner:
    """Keeps `codebooks` [K, S, D] in the middle of the vectors that fall to each code.

    Args:
        codebooks: the codec's own buffer, changed in place.
        decay: of the moving averages.
        patience: batches that a code may go unused before it is put on a vector of the batch.
    """

    def __init__(self, codebooks: Tensor, decay: float = 0.98, patience: int = 40) -> None:
        self.codebooks = codebooks
        self.decay = decay
        self.patience = patience
        self.counts = torch.ones(codebooks.shape[:2], device=codebooks.device)
        self.sums = codebooks.clone()
        self.idle = torch.zeros(codebooks.shape[:2], device=codebooks.device)

    def tensors(self) -> dict[str, Tensor]:
        """The moving averages, for a checkpoint (the codebooks are the codec's)."""
        return {"quantizer.counts": self.counts, "quantizer.sums": self.sums, "quantizer.idle": self.idle}

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""
        for name, value in self.tensors().items():
            value.copy_(tensors[name])

    @torch.no_grad()
    def initialise(self, vectors: Tensor, generator: torch.Generator, iterations: int = 12) -> None:
        """k-means each codebook on what the ones before it leave over.

        Args:
            vectors: [V, D], many more than the S codes, from an encoder whose latent has already spread.
            generator: picks the starting points.
            iterations: of Lloyd's algorithm.
        """
        residual = vectors
        for index, codebook in enumerate(self.codebooks):
            size = len(codebook)
            codebook.copy_(residual[torch.randperm(len(residual), generator=generator)[:size]])
            for _ in range(iterations):
                codes = nearest(residual, codebook)
                counts = torch.bincount(codes, minlength=size)
                means = (
                    torch.zeros_like(codebook).index_add_(0, codes, residual) / counts.clamp_min(1)[:, None]
                )
                spare = residual[torch.randint(len(residual), (size,), generator=generator)]
                codebook.copy_(torch.where((counts > 0)[:, None], means, spare))
            codes = nearest(residual, codebook)
            counts = torch.bincount(codes, minlength=size).float()
            self.counts[index] = (counts / counts.sum() * 300).clamp_min(1e-2)
            self.sums[index] = codebook * self.counts[index][:, None]
            residual = residual - codebook[codes]
        self.idle.zero_()

    @torch.no_grad()
    def quantize(self, latent: Tensor, num_codebooks: Tensor, generator: torch.Generator | None) -> Tensor:
        """Replace each vector by the sum of its codes, and learn from it when a generator is given.

        Args:
            latent: [B, D, T].
            num_codebooks: int64 [B]; codebooks beyond an item's number are not used for it.
            generator: draws the vectors that dead codes are put on; None leaves the codebooks alone.

        Returns:
            The quantised latent, [B, D, T].
        """
        batch, dimensions, frames = latent.shape
        vectors = latent.float().transpose(1, 2).reshape(-1, dimensions)
        residual, total = vectors.clone(), torch.zeros_like(vectors)
        used = num_codebooks.repeat_interleave(frames)
        for index, codebook in enumerate(self.codebooks):
            codes = nearest(residual, codebook)
            chosen = codebook[codes] * (used > index)[:, None]
            if generator is not None:
                self._learn(index, residual, codes, generator)
            total += chosen
            residual = residual - chosen
        return total.view(batch, frames, dimensions).transpose(1, 2)

    def _learn(self, index: int, vectors: Tensor, codes: Tensor, generator: torch.Generator) -> None:
        size = self.codebooks.shape[1]
        counts = torch.bincount(codes, minlength=size).float()
        self.counts[index].mul_(self.decay).add_(counts, alpha=1 - self.decay)
        sums = torch.zeros_like(self.sums[index]).index_add_(0, codes, vectors)
        self.sums[index].mul_(self.decay).add_(sums, alpha=1 - self.decay)
        self.idle[index] = torch.where(counts > 0, 0.0, self.idle[index] + 1)
        self.codebooks[index] = self.sums[index] / self.counts[index].clamp_min(1e-5)[:, None]
        dead = (self.idle[index] > self.patience).nonzero()[:, 0]
        if len(dead):
            spare = vectors[torch.randint(len(vectors), (len(dead),), generator=generator)]
            self.codebooks[index, dead] = spare
            self.counts[index, dead] = 1.0
            self.sums[index, dead] = spare
            self.idle[index, dead] = 0


def nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
    """Index of each vector's nearest code: [V, D] and [S, D] to int64 [V]."""
    return torch.addmm(codebook.square().sum(1), vectors, codebook.T, alpha=-2).argmin(1)
