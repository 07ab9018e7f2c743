"""EinFFT against the published formula for one token, and frames that do not mix."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from simba_live.modules.einfft import NUM_BLOCKS, THRESHOLD, EinFFT


def scaled_mixer(width: int) -> EinFFT:
    """A mixer with weights large enough that the shrinkage is not everything."""
    torch.manual_seed(0)
    mixer = EinFFT(width)
    with torch.no_grad():
        for parameter in mixer.parameters():
            parameter.mul_(20.0)
    return mixer


def published(mixer: EinFFT, x: Tensor) -> Tensor:
    """The formula with torch.fft over tokens and blocks, for sequences [B, N, C]."""
    batch, tokens, width = x.shape
    spectrum = torch.fft.fft2(
        x.view(batch, tokens, NUM_BLOCKS, width // NUM_BLOCKS), dim=(1, 2), norm="ortho"
    )
    weight_1 = torch.view_as_complex(mixer.complex_weight_1.movedim(0, -1).contiguous())
    weight_2 = torch.view_as_complex(mixer.complex_weight_2.movedim(0, -1).contiguous())
    bias_1 = torch.view_as_complex(mixer.complex_bias_1.movedim(0, -1).contiguous())
    bias_2 = torch.view_as_complex(mixer.complex_bias_2.movedim(0, -1).contiguous())
    hidden = torch.einsum("bnkd,kde->bnke", spectrum, weight_1) + bias_1
    hidden = torch.complex(functional.relu(hidden.real), functional.relu(hidden.imag))
    hidden = torch.einsum("bnkd,kde->bnke", hidden, weight_2) + bias_2
    hidden = torch.complex(
        functional.softshrink(hidden.real, THRESHOLD), functional.softshrink(hidden.imag, THRESHOLD)
    )
    return torch.fft.ifft2(hidden, dim=(1, 2), norm="ortho").real.reshape(batch, tokens, width)


@pytest.mark.parametrize("width", [16, 64])
def test_one_token_equals_the_published_formula(width: int) -> None:
    mixer = scaled_mixer(width)
    x = torch.randn(5, 1, width)
    y = mixer(x)
    assert y.std() > 0.1
    torch.testing.assert_close(y, published(mixer, x), rtol=1e-5, atol=1e-5)


def test_every_frame_is_a_sequence_of_its_own() -> None:
    mixer = scaled_mixer(16)
    x = torch.randn(2, 6, 16)
    folded = published(mixer, x.view(12, 1, 16)).view(2, 6, 16)
    torch.testing.assert_close(mixer(x), folded, rtol=1e-5, atol=1e-5)
    assert (published(mixer, x) - folded).abs().max() > 1e-2, "over tokens it would be another layer"


def test_names_and_shapes_are_the_published_ones() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in EinFFT(32).state_dict().items()}
    assert shapes == {
        "complex_weight_1": (2, 4, 8, 8),
        "complex_weight_2": (2, 4, 8, 8),
        "complex_bias_1": (2, 4, 8),
        "complex_bias_2": (2, 4, 8),
    }


def test_bfloat16_autocast() -> None:
    mixer = scaled_mixer(64)
    x = torch.randn(3, 4, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = mixer(x)
    torch.testing.assert_close(y.float(), mixer(x), rtol=5e-2, atol=5e-2)


def test_width_must_fit_the_blocks() -> None:
    with pytest.raises(ValueError, match="divisible by 4, got 30"):
        EinFFT(30)
