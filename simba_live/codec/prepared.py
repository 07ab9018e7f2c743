"""The decoder's step for a few frames on a CPU, as matrix products without a convolution's bookkeeping.

Only for decoders that never look ahead; the tests hold them to the layers' own `step`. Here time comes before
channels, [B, T, C]: a convolution is then one product for all its taps, whose results are added where they
belong, and the samples that an upsampling layer makes of one frame already lie in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from simba_live.modules.conv import ConvState, Elu, StreamingConv1d, StreamingConvTranspose1d
from simba_live.modules.lstm import LSTMState, StreamingLSTM
from simba_live.modules.prepared import Array, Panels, WeightWatch, array, can_prepare

from .seanet import ResidualBlock, ResidualState

if TYPE_CHECKING:
    from .encodec import Codec, DecoderState

_Layer = Callable[[Array, Any], Array]
"""[B, T, in] to [B, T', out]; the layer's state, the second argument, is overwritten."""


class DecoderPlan:
    """`Codec.decode_step` of a few frames, valid until a weight changes.

    Args:
        codec: in float32, on a CPU, its decoder without delay.
    """

    def __init__(self, codec: Codec) -> None:
        layers: list[Any] = list(codec.decoder.layers)
        self._watch = WeightWatch(
            [(codec.quantizer, "codebooks"), (layers[0].conv, "weight"), (layers[-1].conv, "weight")]
        )
        codebooks = codec.quantizer.codebooks
        self._codebooks = array(codebooks.flatten(0, 1))
        self._offsets = np.arange(len(codebooks)) * codebooks.shape[1]
        self._layers = [_prepare(layer) for layer in layers]

    @staticmethod
    def of(codec: Codec) -> DecoderPlan | None:
        """The plan, where there can be one."""
        possible = can_prepare(codec.quantizer.codebooks) and codec.decoder.output_delay == 0
        return DecoderPlan(codec) if possible else None

    def is_current(self) -> bool:
        """Whether the weights are still those of the plan, as far as some of them tell."""
        return self._watch.holds()

    def decode(self, codes: Tensor, state: DecoderState) -> Tensor:
        """Codes [B, K, n] to audio [B, C, n * hop_length]; `state` is overwritten."""
        chosen = codes.numpy().swapaxes(1, 2) + self._offsets[: codes.shape[1]]
        x: Array = self._codebooks[chosen].sum(2)
        for layer, past in zip(self._layers, state.stack.layers, strict=True):
            x = layer(x, past)
        return torch.from_numpy(x).transpose(1, 2)


def _prepare(layer: object) -> _Layer:
    match layer:
        case Elu():
            return lambda x, _: _elu(x)
        case StreamingConv1d():
            return _Conv(layer)
        case StreamingConvTranspose1d():
            return _Upsampling(layer)
        case ResidualBlock():
            return _Residual(layer)
        case StreamingLSTM():
            return _LSTM(layer)
    raise TypeError(f"no prepared step for {type(layer).__name__}")


class _Conv:
    def __init__(self, layer: StreamingConv1d) -> None:
        self._outputs, inputs, self._taps = layer.conv.weight.shape
        self._history, self._dilation = layer.history, layer.conv.dilation[0]
        columns = layer.conv.weight.permute(1, 2, 0).reshape(inputs, -1)
        self._product = Panels(columns)
        self._bias = _bias(layer)

    def __call__(self, x: Array, state: ConvState) -> Array:
        batch, length, _ = x.shape
        if self._history:
            context = state.context.numpy().swapaxes(1, 2)
            x = np.concatenate([context, x], 1)
            context[:] = x[:, length:]
        products = self._product(x).reshape(batch, -1, self._taps, self._outputs)
        y: Array = products[:, :length, 0] + self._bias
        for tap in range(1, self._taps):
            start = tap * self._dilation
            y += products[:, start : start + length, tap]
        return y


class _Upsampling:
    def __init__(self, layer: StreamingConvTranspose1d) -> None:
        inputs, self._outputs, taps = layer.conv.weight.shape
        assert taps == 2 * layer.stride, "EnCodec's samples reach into one neighbour"
        self._stride = layer.stride
        self._product = Panels(layer.conv.weight.permute(0, 2, 1).reshape(inputs, -1))
        self._bias = _bias(layer)

    def __call__(self, x: Array, state: ConvState) -> Array:
        batch, length, _ = x.shape
        samples = self._product(x)
        half = samples.shape[2] // 2
        own, next_ = samples[:, :, :half], samples[:, :, half:]
        context = state.context.numpy().swapaxes(1, 2)
        own[:, :1] += context.reshape(batch, 1, -1)
        own[:, 1:] += next_[:, :-1]
        context[:] = next_[:, -1].reshape(batch, self._stride, -1)
        return own.reshape(batch, length * self._stride, -1) + self._bias


class _Residual:
    def __init__(self, layer: ResidualBlock) -> None:
        _, first, _, second = layer.block
        self._first, self._second = _prepare(first), _prepare(second)
        shortcut = layer.shortcut
        self._shortcut = _prepare(shortcut) if isinstance(shortcut, StreamingConv1d) else None

    def __call__(self, x: Array, state: ResidualState) -> Array:
        y = self._second(_elu(self._first(_elu(x), state.first)), state.second)
        y += x if self._shortcut is None else self._shortcut(x, state.second)
        return y


class _LSTM:
    def __init__(self, layer: StreamingLSTM) -> None:
        lstm = layer.lstm
        self._products, self._biases = [], []
        for inwards, recurrent, bias, recurrent_bias in lstm.all_weights:
            self._products.append(Panels(torch.cat([inwards, recurrent], 1).T))
            self._biases.append(array(bias + recurrent_bias))

    def __call__(self, x: Array, state: LSTMState) -> Array:
        added = np.empty_like(x)
        for frame in range(x.shape[1]):
            y = x[:, frame]
            for product, bias, hidden, cell in zip(
                self._products, self._biases, state.hidden.numpy(), state.cell.numpy(), strict=True
            ):
                gates = product(np.concatenate([y, hidden], 1)) + bias
                enter, keep, new, out = gates.reshape(len(y), 4, -1).swapaxes(0, 1)
                cell *= _sigmoid(keep)
                cell += _sigmoid(enter) * np.tanh(new)
                np.multiply(_sigmoid(out), np.tanh(cell), out=hidden)
                y = hidden
            added[:, frame] = y
        return x + added


def _bias(layer: StreamingConv1d | StreamingConvTranspose1d) -> Array:
    assert layer.conv.bias is not None
    return array(layer.conv.bias)


def _elu(x: Array) -> Array:
    y: Array = functional.elu(torch.from_numpy(x)).numpy()
    return y


def _sigmoid(x: Array) -> Array:
    # With the hyperbolic tangent nothing can overflow.
    y: Array = 0.5 * np.tanh(0.5 * x) + 0.5
    return y
