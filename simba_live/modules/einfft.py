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

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] to the same shape."""
        a, b, c, d = x.reshape(-1, x.shape[-1]).chunk(NUM_BLOCKS, -1)
        even, odd = 0.5 * (a + c), 0.5 * (b + d)
        real, imaginary = 0.5 * (a - c), 0.5 * (d - b)
        weight_1, bias_1 = real_map(self.complex_weight_1, self.complex_bias_1)
        weight_2, bias_2 = real_map(self.complex_weight_2, self.complex_bias_2)
        # X0 and X2 have no imaginary part, so half of their matrices is not needed; X3 is X1's conjugate.
        half = len(weight_1[0]) // 2
        conjugated = torch.cat([weight_1[3, :half], -weight_1[3, half:]])
        first = torch.cat([real, imaginary], -1)
        inputs = (even + odd, first, even - odd, first)
        maps = (weight_1[0, :half], weight_1[1], weight_1[2, :half], conjugated)
        spectrum = []
        for block in range(NUM_BLOCKS):
            hidden = functional.relu(torch.addmm(bias_1[block], inputs[block], maps[block]))
            hidden = torch.addmm(bias_2[block], hidden, weight_2[block])
            spectrum.append(functional.softshrink(hidden, THRESHOLD).chunk(2, -1))
        (r0, _), (r1, i1), (r2, _), (r3, i3) = spectrum
        even, odd, real, imaginary = r0 + r2, r1 + r3, r0 - r2, i3 - i1
        y = torch.cat([even + odd, real + imaginary, even - odd, real - imaginary], -1)
        return (0.5 * y).view(x.shape)


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
