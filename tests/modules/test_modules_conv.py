"""Streaming convolutions: the contract in every shape that EnCodec uses, and their padding."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from simba_live.modules.conv import Elu, StreamingConv1d, StreamingConvTranspose1d, pad1d
from tests.contract import assert_streaming


def loud(layer: nn.Module) -> nn.Module:
    """Weights and biases large enough that outputs are of order one and a wrong bias is seen."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(0.0, 0.3)
    return layer


@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(7, 1, 1), (3, 1, 2), (1, 1, 1), (6, 3, 1), (16, 8, 1), (5, 2, 2)]
)
def test_convolution_streams(kernel, stride, dilation, causal, pad_mode):
    layer = loud(
        StreamingConv1d(3, 4, kernel, stride=stride, dilation=dilation, causal=causal, pad_mode=pad_mode)
    )
    if causal and pad_mode == "constant":
        assert layer.output_delay == layer.look_ahead == 0
    # Reflection makes the first outputs look ahead by what is mirrored.
    look_ahead = layer.look_ahead if pad_mode == "constant" else layer.span
    x = torch.randn(2, 3, 20 * stride)
    assert_streaming(layer, x, 2, stride=stride, delay=layer.output_delay, look_ahead=look_ahead)


@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
@pytest.mark.parametrize("stride", [1, 3])
def test_convolution_skips_inputs_that_are_no_signal_yet(stride, pad_mode):
    layer = loud(StreamingConv1d(3, 4, 2 * stride + 1, stride=stride, pad_mode=pad_mode, input_delay=5))
    x = torch.randn(2, 3, 8 * stride)
    state = layer.init_state(2)
    garbage = torch.full((2, 3, 5), 1e6)
    late = torch.cat([garbage, x, torch.randn(2, 3, 30)], dim=2)
    outputs = []
    for at in range(0, late.shape[2] - stride + 1, stride):
        y, state = layer.step(late[..., at : at + stride], state)
        outputs.append(y)
    streamed = torch.cat(outputs, dim=2)[..., layer.output_delay :][..., :8]
    torch.testing.assert_close(streamed, layer(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("kernel", "stride"), [(16, 8), (6, 3), (5, 2), (4, 4)])
def test_transposed_convolution_streams(kernel, stride, causal):
    layer = loud(StreamingConvTranspose1d(3, 4, kernel, stride=stride, causal=causal))
    if causal:
        assert layer.output_delay == 0
    look_ahead = -(-layer.look_ahead // stride)
    assert_streaming(
        layer, torch.randn(2, 3, 20), 2, upsample=stride, delay=layer.output_delay, look_ahead=look_ahead
    )


def test_transposed_convolution_skips_inputs_that_are_no_signal_yet():
    layer = loud(StreamingConvTranspose1d(3, 4, 6, stride=3, causal=False, input_delay=2))
    x = torch.randn(1, 3, 9)
    y, _ = layer.step(torch.cat([torch.full((1, 3, 2), 1e6), x], dim=2), layer.init_state(1))
    torch.testing.assert_close(
        y[..., layer.output_delay :], layer(x)[..., : -layer.trim_left], atol=1e-5, rtol=0
    )


def test_causal_convolution_is_a_plain_one_behind_zeros():
    layer = loud(StreamingConv1d(3, 4, 7))
    x = torch.randn(1, 3, 30)
    expected = functional.conv1d(functional.pad(x, (6, 0)), layer.conv.weight, layer.conv.bias)
    torch.testing.assert_close(layer(x), expected)


def test_a_last_block_that_is_not_full_is_padded():
    layer = loud(StreamingConv1d(1, 1, 8, stride=4))
    x = torch.randn(1, 1, 21)
    torch.testing.assert_close(layer(x), layer(functional.pad(x, (0, 3))))
    assert layer(x).shape == (1, 1, 6)


@pytest.mark.parametrize("length", [1, 2, 3, 6, 7])
def test_reflection_of_a_short_signal_puts_zeros_behind_it(length):
    x = torch.arange(1.0, length + 1).view(1, 1, -1)
    padded = pad1d(x, 6, 0, "reflect")[0, 0].tolist()
    mirror = [*x[0, 0, 1:].tolist(), *[0.0] * 6][:6]
    assert padded == [*reversed(mirror), *x[0, 0].tolist()]


def test_elu_streams():
    assert_streaming(Elu(), torch.randn(2, 3, 12), 2)


def test_a_kernel_shorter_than_its_stride_is_refused():
    with pytest.raises(ValueError, match="kernel of 2 samples is shorter than its stride of 3"):
        StreamingConv1d(1, 1, 2, stride=3)
    with pytest.raises(ValueError, match="kernel of 2 samples is shorter than its stride of 3"):
        StreamingConvTranspose1d(1, 1, 2, stride=3)
