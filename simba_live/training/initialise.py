"""A start that depends on data: every layer begins with unit variance on real input.

With PyTorch's own initial weights a waveform codec of this depth does not learn at all: each layer shrinks
the signal, and the loss rests at "silence". Here weights are orthogonal directions, biases zero, and one pass
over a batch sets each layer's gain in the order in which the layers run (the idea of LSUV, arXiv 1511.06422).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


@torch.no_grad()
def start_from_data(model: nn.Module, batch: Tensor, last: nn.Module, last_scale: float) -> None:
    """Set every convolution's weights from the running of `model(batch)`, in place.

    Args:
        model: any module made of convolutions and recurrent layers; called once.
        batch: its input.
        last: the convolution that makes audio: its output gets the standard deviation `last_scale` instead of
            1.
        last_scale: standard deviation of the audio, in units of full scale.
    """

    def scale_to_unit(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        gain = (last_scale if layer is last else 1.0) / output.std().clamp_min(1e-8)
        layer.get_parameter("weight").mul_(gain)
        return output * gain

    hooks = []
    for layer in model.modules():
        if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d):
            nn.init.orthogonal_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
            hooks.append(layer.register_forward_hook(scale_to_unit))
    try:
        model(batch)
    finally:
        for hook in hooks:
            hook.remove()
