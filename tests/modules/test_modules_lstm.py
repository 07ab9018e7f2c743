"""The recurrent layer: the contract, and inputs that come before the signal."""

import pytest
import torch

from simba_live.modules.lstm import StreamingLSTM
from tests.contract import assert_streaming


def loud_lstm(num_layers=1, input_delay=0):
    torch.manual_seed(2)
    layer = StreamingLSTM(6, num_layers, input_delay=input_delay)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(0.0, 0.7)
    return layer


@pytest.mark.parametrize("num_layers", [1, 2])
def test_lstm_streams(num_layers):
    assert_streaming(loud_lstm(num_layers), torch.randn(3, 6, 17), 2)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_lstm_starts_after_inputs_that_are_no_signal_yet(block):
    layer = loud_lstm(input_delay=4)
    x = torch.randn(2, 6, 10)
    late = torch.cat([torch.full((2, 6, 4), 50.0), x], dim=2)
    state = layer.init_state(2)
    outputs = []
    with torch.no_grad():
        for at in range(0, 14, block):
            y, state = layer.step(late[..., at : at + block], state)
            outputs.append(y)
    streamed = torch.cat(outputs, dim=2)
    assert not streamed[..., :4].any()
    torch.testing.assert_close(streamed[..., 4:], layer(x), atol=1e-5, rtol=0)


def test_lstm_carries_its_past():
    layer = loud_lstm()
    x = torch.randn(1, 6, 8)
    with torch.no_grad():
        fresh = layer.step(x[..., 4:], layer.init_state(1))[0]
    assert (fresh - layer(x)[..., 4:]).abs().max() > 0.1
