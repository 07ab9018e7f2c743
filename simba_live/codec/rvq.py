"""Residual vector quantisation: each codebook codes what those before it left.

Zeghidour et al. 2021 (SoundStream, arXiv 2107.03312), section III-C.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
    """Index of the nearest row by Euclidean distance, in float32.

    Args:
        vectors: [N, D].
        codebook: [size, D].

    Returns:
        int64 [N].
    """
    codebook = codebook.float()
    # |v - e|^2 is least where v.e - |e|^2 / 2 is greatest, and that is one matrix product.
    scores = torch.addmm(codebook.pow(2).sum(1) * -0.5, vectors.float(), codebook.t())
    return scores.argmax(dim=1)


class ResidualVectorQuantizer(nn.Module):
    """K codebooks, one after the other.

    Attributes:
        codebooks: float32 buffer [K, size, D].
    """

    codebooks: Tensor

    def __init__(self, num_codebooks: int, codebook_size: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("codebooks", torch.zeros(num_codebooks, codebook_size, dim))

    @torch.no_grad()
    def encode(self, latent: Tensor, num_codebooks: int | None = None) -> Tensor:
        """Codes of a latent.

        Args:
            latent: [B, D, T].
            num_codebooks: use only the first ones; all by default.

        Returns:
            int64 [B, K, T].
        """
        batch, dim, length = latent.shape
        with torch.autocast(latent.device.type, enabled=False):
            residual = latent.float().transpose(1, 2).reshape(batch * length, dim)
            codes = []
            for codebook in self.codebooks[:num_codebooks].float():
                chosen = nearest(residual, codebook)
                residual = residual - functional.embedding(chosen, codebook)
                codes.append(chosen.view(batch, length))
        return torch.stack(codes, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """The latent that codes stand for.

        Args:
            codes: int64 [B, K, T]; fewer codebooks than there are give a coarser latent.

        Returns:
            [B, D, T].
        """
        latent = functional.embedding(codes[:, 0], self.codebooks[0])
        for k in range(1, codes.shape[1]):
            latent = latent + functional.embedding(codes[:, k], self.codebooks[k])
        return latent.transpose(1, 2)
