"""SiMBA's channel mixer EinFFT, made causal: its Fourier transform runs over channels, never over time.

The published layer (Patro and Agneeswaran, "SiMBA", arXiv 2403.15360, section 3.2) transforms over the tokens
as well and so looks into the future. This is the same layer with every token as a sequence of its own: a
transform over one token is the identity. Parameters keep the published names and shapes.

Letters: D channels stand as K = 4 blocks a, b, c, d of D/4. The orthonormal transform of four points is a
butterfly, X0 = (a+b+c+d)/2, X1 = ((a-c) - i(b-d))/2, X2 = (a-b+c-d)/2, X3 = conj(X1), so no FFT library is
needed (and bfloat16, which torch.fft refuses, is no obstacle). Two complex block-diagonal layers follow, ReLU
on real and imaginary parts between them, a soft threshold at the end, and the real part of the inverse
transform.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

NUM_BLOCKS = 4
THRESHOLD = 0.01
"""Lambda of the soft shrinkage, as published."""
INITIAL_SCALE = 0.02


class EinFFT(nn.Module):
    """Channel mixer in the frequency domain of the channel blocks; no past, so no state."""

    def __init__(self, width: int) -> None:
        super().__init__()
        if width % NUM_BLOCKS:
            raise ValueError(f"EinFFT needs a width divisible by {NUM_BLOCKS}, got {width}")
        block = width // NUM_BLOCKS
        self.complex_weight_1 = nn.Parameter(INITIAL_SCALE * torch.randn(2, NUM_BLOCKS, block, block))
        self.complex_weight_2 = nn.Parameter(INITIAL_SCALE * torch.randn(2, NUM_BLOCKS, block, block))
        self.complex_bias_1 = nn.Parameter(INITIAL_SCALE * torch.randn(2, NUM_BLOCKS, block))
        self.complex_bias_2 = nn.Parameter(INITIAL_SCALE * torch.randn(2, NUM_BLOCKS, block))
        self.register_buffer("butterfly", butterfly(), persistent=False)
        self.butterfly: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] to the same shape."""
        frames = x.reshape(-1, NUM_BLOCKS, x.shape[-1] // NUM_BLOCKS)  # [M, K, D/K]
        transform = self.butterfly.to(x.dtype)
        spectrum = torch.matmul(transform, frames)  # [M, 2K, D/K]
        spectrum = spectrum.view(len(frames), NUM_BLOCKS, -1).transpose(0, 1)  # [K, M, 2 D/K]
        weight_1, bias_1 = real_map(self.complex_weight_1, self.complex_bias_1)
        weight_2, bias_2 = real_map(self.complex_weight_2, self.complex_bias_2)
        spectrum = functional.relu(torch.baddbmm(bias_1, spectrum, weight_1))
        spectrum = functional.softshrink(torch.baddbmm(bias_2, spectrum, weight_2), THRESHOLD)
        spectrum = spectrum.transpose(0, 1).reshape(len(frames), 2 * NUM_BLOCKS, -1)
        return torch.matmul(transform.T, spectrum).view(x.shape)


def butterfly() -> Tensor:
    """The transform of four real blocks, [8, 4]; rows X0 real, X0 imaginary, ...; the transpose inverts."""
    rows = [
        [1, 1, 1, 1],
        [0, 0, 0, 0],
        [1, 0, -1, 0],
        [0, -1, 0, 1],
        [1, -1, 1, -1],
        [0, 0, 0, 0],
        [1, 0, -1, 0],
        [0, 1, 0, -1],
    ]
    return 0.5 * torch.tensor(rows, dtype=torch.float32)


def real_map(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """A complex block-diagonal layer as a real one on vectors [real, imaginary].

    Args:
        weight: [2, K, D/K, D/K], real and imaginary part; rows are inputs.
        bias: [2, K, D/K].

    Returns:
        weight [K, 2 D/K, 2 D/K] and bias [K, 1, 2 D/K] of v -> v @ weight + bias.
    """
    real, imaginary = weight
    rows = torch.cat([torch.cat([real, imaginary], -1), torch.cat([-imaginary, real], -1)], -2)
    return rows, torch.cat([bias[0], bias[1]], -1)[:, None]
