"""Convolutions over audio, [B, C, T], that run over a whole signal or block by block with the same result.

Padding follows EnCodec (Defossez et al. 2022, arXiv 2210.13438, section 3.2): causal layers pad
`span - stride` on the left, others split it; "constant" pads zeros, "reflect" mirrors the signal.

Delays. A layer that looks ahead can only answer late. `step` therefore returns, for every block, the outputs
of `output_delay` outputs ago, and the layer after it is told so through its `input_delay`: that many of its
first inputs are no signal yet. Layers in a chain so add up their look-ahead while each keeps a state of fixed
size. Reflect padding makes the first outputs depend on later inputs, which is a look-ahead like any other.
A causal layer with constant padding and no input delay has no delay and needs no bookkeeping.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from simba_live.streaming import State

PadMode = Literal["constant", "reflect"]


@dataclasses.dataclass
class ConvState(State):
    """What a convolution still needs of its past.

    Attributes:
        context: the last inputs, [B, C, history]; in a transposed layer the unfinished outputs,
            [B, C, overlap].
        position: inputs seen so far, on the CPU, [1]; it stops counting when the start no longer matters. [0]
            in layers where it never does.
    """

    context: Tensor
    position: Tensor


def pad1d(signal: Tensor, left: int, right: int, mode: PadMode) -> Tensor:
    """Pad [..., T] on both sides; a signal too short to reflect gets zeros behind it first, as in EnCodec."""
    if left == 0 and right == 0:
        return signal
    if mode == "constant":
        return functional.pad(signal, (left, right))
    missing = max(0, max(left, right) - signal.shape[-1] + 1)
    padded = functional.pad(functional.pad(signal, (0, missing)), (left, right), "reflect")
    return padded[..., : padded.shape[-1] - missing]


class StreamingConv1d(nn.Module):
    """A padded convolution, [B, in, T] to [B, out, ceil(T / stride)].

    Attributes:
        look_ahead: inputs after its own `stride` inputs that an output depends on, away from the start.
        output_delay: outputs by which `step` lags behind `forward`, the delay of its input included.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        causal: bool = True,
        pad_mode: PadMode = "constant",
        input_delay: int = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, stride, dilation=dilation)
        self.stride = stride
        self.span = (kernel_size - 1) * dilation + 1
        self.pad_mode: PadMode = pad_mode
        self.right = 0 if causal else (self.span - stride) // 2
        self.left = self.span - stride - self.right
        if self.left < 0:
            raise ValueError(f"kernel of {self.span} samples is shorter than its stride of {stride}")
        self.look_ahead = self.right
        self.input_delay = input_delay
        delay = math.ceil((self.right + input_delay) / stride)
        if pad_mode == "reflect":  # the first output mirrors the inputs up to number `left`
            delay = max(delay, math.ceil((self.left + 1 + input_delay) / stride) - 1)
        self.output_delay = delay
        self.history = delay * stride + self.left - input_delay
        # A fresh state holds zeros, the very padding of a plain causal layer: it need not watch the start.
        self._watches_start = self.left > 0 and (input_delay > 0 or pad_mode == "reflect")

    def forward(self, x: Tensor) -> Tensor:
        """Filter a whole signal, [B, in, T] to [B, out, ceil(T / stride)]."""
        extra = -x.shape[-1] % self.stride
        result: Tensor = self.conv(pad1d(x, self.left, self.right + extra, self.pad_mode))
        return result

    def init_state(self, batch: int) -> ConvState:
        """The state before the first sample."""
        weight = self.conv.weight
        return ConvState(
            context=weight.new_zeros(batch, self.conv.in_channels, self.history),
            position=torch.zeros(int(self._watches_start), dtype=torch.int64),
        )

    def step(self, x: Tensor, state: ConvState) -> tuple[Tensor, ConvState]:
        """Filter the next block, [B, in, n * stride] to [B, out, n], `output_delay` outputs late.

        The first `output_delay` outputs of a stream are no signal: drop them.
        """
        if self.history == 0 and not self._watches_start:
            return self.conv(x), state
        block = torch.cat([state.context, x], dim=-1)
        if self._watches_start:
            self._pad_start(block, state.position)
        if self.history:
            state.context.copy_(block[..., block.shape[-1] - self.history :])
        needed = x.shape[-1] - self.stride + self.span
        return self.conv(block[..., :needed]), state

    def _pad_start(self, block: Tensor, position: Tensor) -> None:
        """Write the padding in front of the first sample while `block` still reaches there, in place."""
        start = self.history + self.input_delay - int(position)  # where the signal begins in `block`
        if start <= 0:
            return
        length = block.shape[-1]
        position += min(start, length - self.history)
        block[..., : min(start, length)] = 0.0
        mirrored = min(self.left, start, length - start - 1)
        if self.pad_mode == "reflect" and mirrored > 0:
            block[..., start - mirrored : start] = block[..., start + 1 : start + 1 + mirrored].flip(-1)


class StreamingConvTranspose1d(nn.Module):
    """An upsampling convolution, [B, in, T] to [B, out, T * stride]; its `kernel - stride` surplus is cut.

    A causal layer trims on the right (or the share `trim_right_ratio` of the surplus), others on both sides.

    Attributes:
        look_ahead: samples, at the output's rate, by which an output reads beyond its own input.
        output_delay: outputs by which `step` lags behind `forward`, the delay of its input included.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int,
        causal: bool = True,
        trim_right_ratio: float = 1.0,
        input_delay: int = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose1d(in_channels, out_channels, kernel_size, stride)
        self.stride = stride
        self.overlap = kernel_size - stride
        if self.overlap < 0:
            raise ValueError(f"kernel of {kernel_size} samples is shorter than its stride of {stride}")
        trim_right = math.ceil(self.overlap * trim_right_ratio) if causal else self.overlap // 2
        self.trim_left = self.overlap - trim_right
        self.look_ahead = self.trim_left
        self.input_delay = input_delay
        self.output_delay = input_delay * stride + self.trim_left

    def forward(self, x: Tensor) -> Tensor:
        """Upsample a whole signal, [B, in, T] to [B, out, T * stride]."""
        result: Tensor = self.conv(x)
        return result[..., self.trim_left : self.trim_left + x.shape[-1] * self.stride]

    def init_state(self, batch: int) -> ConvState:
        """The state before the first sample."""
        weight = self.conv.weight
        return ConvState(
            context=weight.new_zeros(batch, self.conv.out_channels, self.overlap),
            position=torch.zeros(int(self.input_delay > 0), dtype=torch.int64),
        )

    def step(self, x: Tensor, state: ConvState) -> tuple[Tensor, ConvState]:
        """Upsample the next block, [B, in, n] to [B, out, n * stride], `output_delay` outputs late.

        The first `output_delay` outputs of a stream are no signal: drop them.
        """
        silent = self.input_delay and self.input_delay - int(state.position)
        if silent > 0:
            state.position += min(silent, x.shape[-1])
            x = x.clone()
            x[..., : min(silent, x.shape[-1])] = 0.0
        y = functional.conv_transpose1d(x, self.conv.weight, None, self.stride)
        y[..., : self.overlap] += state.context
        ready = x.shape[-1] * self.stride
        state.context.copy_(y[..., ready:])
        y = y[..., :ready]
        return (y if self.conv.bias is None else y + self.conv.bias[:, None]), state


class Elu(nn.Module):
    """ELU as a streaming layer: no state, no delay of its own."""

    def __init__(self, input_delay: int = 0) -> None:
        super().__init__()
        self.output_delay = input_delay

    def forward(self, x: Tensor) -> Tensor:
        """Element by element, any shape."""
        return functional.elu(x)

    def init_state(self, batch: int) -> State:  # noqa: ARG002 - the contract's signature
        """An empty state."""
        return State()

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The same as `forward`."""
        return functional.elu(x), state
