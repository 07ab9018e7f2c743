"""EnCodec's encoder and decoder: convolutions, residual blocks and an LSTM in a chain of streaming layers.

Defossez et al. 2022 (arXiv 2210.13438), section 3.1. The order of the layers and their names are those of
transformers' EncodecModel, so its weights fit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from simba_live.modules.conv import ConvState, Elu, StreamingConv1d, StreamingConvTranspose1d
from simba_live.modules.lstm import StreamingLSTM
from simba_live.streaming import State

from .config import CodecConfig


@dataclasses.dataclass
class ResidualState(State):
    """The two convolutions, and the input held back until their output arrives, [B, C, delay]."""

    first: ConvState
    second: ConvState
    skipped: Tensor


@dataclasses.dataclass
class StackState(State):
    """One state a layer."""

    layers: list[State]


def _conv(
    config: CodecConfig, ins: int, outs: int, kernel: int, delay: int, **options: int
) -> StreamingConv1d:
    return StreamingConv1d(
        ins,
        outs,
        kernel,
        causal=config.use_causal_conv,
        pad_mode=config.pad_mode,
        input_delay=delay,
        **options,
    )


class ResidualBlock(nn.Module):
    """`shortcut(x) + conv(elu(conv(elu(x))))`, [B, C, T] to [B, C, T]."""

    def __init__(self, config: CodecConfig, channels: int, dilation: int, input_delay: int) -> None:
        super().__init__()
        hidden = channels // config.compress
        first = _conv(config, channels, hidden, config.residual_kernel_size, input_delay, dilation=dilation)
        second = _conv(config, hidden, channels, 1, first.output_delay)
        self.block = nn.ModuleList([Elu(), first, Elu(), second])
        self.shortcut = _conv(config, channels, channels, 1, 0) if config.use_conv_shortcut else nn.Identity()
        self.channels = channels
        self.output_delay = second.output_delay
        self._held = self.output_delay - input_delay

    def forward(self, x: Tensor) -> Tensor:
        """A whole signal, [B, C, T]."""
        y = x
        for layer in self.block:
            y = layer(y)
        result: Tensor = self.shortcut(x) + y
        return result

    def init_state(self, batch: int) -> ResidualState:
        """The state before the first sample."""
        first: Any = self.block[1]
        second: Any = self.block[3]
        skipped = first.conv.weight.new_zeros(batch, self.channels, self._held)
        return ResidualState(first.init_state(batch), second.init_state(batch), skipped)

    def step(self, x: Tensor, state: ResidualState) -> tuple[Tensor, ResidualState]:
        """The next block, [B, C, n]."""
        layers: Any = self.block
        y, state.first = layers[1].step(layers[0](x), state.first)
        y, state.second = layers[3].step(layers[2](y), state.second)
        if self._held:
            x = torch.cat([state.skipped, x], dim=-1)
            state.skipped.copy_(x[..., x.shape[-1] - self._held :])
            x = x[..., : y.shape[-1]]
        return self.shortcut(x) + y, state


class Seanet(nn.Module):
    """A chain of streaming layers.

    Attributes:
        output_delay: outputs by which `step` lags behind `forward`.
    """

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        last: Any = self.layers[-1]
        self.output_delay: int = last.output_delay

    def forward(self, x: Tensor) -> Tensor:
        """A whole signal, [B, C, T]."""
        for layer in self.layers:
            x = layer(x)
        return x

    def init_state(self, batch: int) -> StackState:
        """The state before the first sample."""
        layers: Iterable[Any] = self.layers
        return StackState([layer.init_state(batch) for layer in layers])

    def step(self, x: Tensor, state: StackState) -> tuple[Tensor, StackState]:
        """The next block; the first `output_delay` outputs of a stream are no signal."""
        layers: Iterable[Any] = self.layers
        for index, layer in enumerate(layers):
            x, state.layers[index] = layer.step(x, state.layers[index])
        return x, state


def build_encoder(config: CodecConfig) -> Seanet:
    """Audio [B, C, N] to latent [B, D, T]."""
    layers: list[Any] = [_conv(config, config.audio_channels, config.num_filters, config.kernel_size, 0)]
    channels = config.num_filters
    for ratio in reversed(config.upsampling_ratios):
        for j in range(config.num_residual_layers):
            dilation = config.dilation_growth_rate**j
            layers.append(ResidualBlock(config, channels, dilation, layers[-1].output_delay))
        layers.append(Elu(layers[-1].output_delay))
        layers.append(_conv(config, channels, channels * 2, ratio * 2, layers[-1].output_delay, stride=ratio))
        channels *= 2
    layers.append(StreamingLSTM(channels, config.num_lstm_layers, input_delay=layers[-1].output_delay))
    layers.append(Elu(layers[-1].output_delay))
    layers.append(
        _conv(config, channels, config.hidden_size, config.last_kernel_size, layers[-1].output_delay)
    )
    return Seanet(layers)


def build_decoder(config: CodecConfig) -> Seanet:
    """Latent [B, D, T] to audio [B, C, T * hop_length]."""
    channels = config.num_filters * 2 ** len(config.upsampling_ratios)
    layers: list[Any] = [_conv(config, config.hidden_size, channels, config.kernel_size, 0)]
    layers.append(StreamingLSTM(channels, config.num_lstm_layers, input_delay=layers[-1].output_delay))
    for ratio in config.upsampling_ratios:
        layers.append(Elu(layers[-1].output_delay))
        layers.append(
            StreamingConvTranspose1d(
                channels,
                channels // 2,
                ratio * 2,
                stride=ratio,
                causal=config.use_causal_conv,
                trim_right_ratio=config.trim_right_ratio,
                input_delay=layers[-1].output_delay,
            )
        )
        channels //= 2
        for j in range(config.num_residual_layers):
            dilation = config.dilation_growth_rate**j
            layers.append(ResidualBlock(config, channels, dilation, layers[-1].output_delay))
    layers.append(Elu(layers[-1].output_delay))
    layers.append(
        _conv(config, channels, config.audio_channels, config.last_kernel_size, layers[-1].output_delay)
    )
    return Seanet(layers)
