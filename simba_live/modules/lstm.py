"""EnCodec's recurrent layer: an LSTM with a skip around it, over [B, C, T], with a carried (h, c)."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from simba_live.streaming import State


@dataclasses.dataclass
class LSTMState(State):
    """Where the recurrence stands.

    Attributes:
        hidden: h of every layer, [layers, B, C].
        cell: c of every layer, [layers, B, C].
        position: inputs seen so far, on the CPU, [1]; it stops counting at the layer's `input_delay`. Without
            a delay, [0].
    """

    hidden: Tensor
    cell: Tensor
    position: Tensor


class StreamingLSTM(nn.Module):
    """`x + LSTM(x)`, [B, C, T] to [B, C, T].

    Args:
        channels: width of input, state and output.
        num_layers: stacked layers inside the skip.
        input_delay: first inputs of a stream that are no signal (see `modules.conv`); the recurrence starts
            after them.
    """

    def __init__(self, channels: int, num_layers: int = 1, *, input_delay: int = 0) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, channels, num_layers)
        self.input_delay = input_delay
        self.output_delay = input_delay

    def forward(self, x: Tensor) -> Tensor:
        """The recurrence over a whole signal, from a zero state."""
        sequence = x.permute(2, 0, 1)
        y: Tensor = self.lstm(sequence)[0]
        return (y + sequence).permute(1, 2, 0)

    def init_state(self, batch: int) -> LSTMState:
        """The state before the first sample."""
        weight = next(self.lstm.parameters())
        zeros = weight.new_zeros(self.lstm.num_layers, batch, self.lstm.hidden_size)
        return LSTMState(
            hidden=zeros,
            cell=zeros.clone(),
            position=torch.zeros(int(self.input_delay > 0), dtype=torch.int64),
        )

    def step(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """The recurrence over the next block, [B, C, n] to [B, C, n]."""
        silent = self.input_delay and min(self.input_delay - int(state.position), x.shape[-1])
        if silent > 0:
            state.position += silent
            if silent == x.shape[-1]:
                return torch.zeros_like(x), state
        silent = max(silent, 0)
        sequence = x[..., silent:].permute(2, 0, 1)
        y, (hidden, cell) = self.lstm(sequence, (state.hidden, state.cell))
        result = (y + sequence).permute(1, 2, 0)
        if silent:
            result = torch.cat([torch.zeros_like(x[..., :silent]), result], dim=-1)
        state.hidden.copy_(hidden)
        state.cell.copy_(cell)
        return result, state
