"""How far decoded audio is from the original, as losses that a codec can be trained on."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn

MEL_BANDS = {512: 40, 1024: 64, 2048: 80}
"""STFT window in samples to number of mel bands: fine in time, balanced, fine in pitch."""


def normalised_error(decoded: Tensor, original: Tensor) -> Tensor:
    """Squared error over the original's energy, over the whole batch: 0 is perfect, 1 as good as silence.

    Args:
        decoded: [B, C, N] audio.
        original: [B, C, N] audio.
    """
    return (decoded - original).square().mean() / (original.square().mean() + 1e-5)


def log_error(decoded: Tensor, original: Tensor) -> Tensor:
    """Mean over the batch of ln(squared error over energy), each excerpt by itself.

    It is minus SI-SDR, but for its scale and for what a change of level would repair.

    Args:
        decoded: [B, C, N] audio.
        original: [B, C, N] audio.
    """
    error = (decoded - original).square().mean((1, 2))
    energy = original.square().mean((1, 2))
    # Near silence counts as no more than half: its ratio says nothing.
    return ((error + 1e-5) / (energy + 1e-4)).log().mean()


class MelLoss(nn.Module):
    """Mean absolute difference of log-mel spectra over several windows, in units of ln.

    Source: EnCodec (arXiv 2210.13438, section 3.4) and the multi-scale mel loss of later codecs.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        super().__init__()
        self.sample_rate = sample_rate

    def forward(self, decoded: Tensor, original: Tensor) -> Tensor:
        """Distance of two [B, C, N] signals."""
        decoded, original = decoded.float().flatten(0, 1), original.float().flatten(0, 1)
        total = decoded.new_zeros(())
        for window, bands in MEL_BANDS.items():
            difference = self._log_mel(decoded, window, bands) - self._log_mel(original, window, bands)
            total = total + difference.abs().mean()
        return total / len(MEL_BANDS)

    def _log_mel(self, audio: Tensor, window: int, bands: int) -> Tensor:
        shape = torch.hann_window(window, device=audio.device)
        spectrum = torch.stft(audio, window, window // 4, window=shape, return_complex=True, center=False)
        # The floor is about 55 dB under a loud spectrum: a codec should not be asked to match silence's
        # rounding.
        power = spectrum.real.square() + spectrum.imag.square()
        filters = mel_filters(self.sample_rate, window, bands).to(audio.device)
        return (filters @ (power + 1e-9).sqrt()).clamp_min(1e-2).log()


@lru_cache
def mel_filters(sample_rate: int, window: int, bands: int) -> Tensor:
    """Triangular filters on the mel scale, float32 [bands, window // 2 + 1], each summing to 1."""
    top = 2595.0 * torch.log10(torch.tensor(1.0 + sample_rate / 2 / 700.0))
    edges = 700.0 * (10.0 ** (torch.linspace(0.0, float(top), bands + 2) / 2595.0) - 1.0)
    bins = torch.linspace(0.0, sample_rate / 2, window // 2 + 1)
    # No triangle may be narrower than a bin: a low filter would otherwise hold none.
    width = sample_rate / window
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2]).clamp_min(width)[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1]).clamp_min(width)[:, None]
    triangles = torch.minimum(rising, falling).clamp_min(0.0)
    return triangles / triangles.sum(1, keepdim=True).clamp_min(1e-6)
