"""The one assertion that every class with `step` passes: the contract of `simba_live/streaming.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from simba_live.streaming import State

Step = Callable[..., tuple[Tensor, State]]


def assert_streaming(
    layer: Any,
    x: Tensor,
    time_axis: int,
    *per_frame: Tensor,
    forward: Callable[..., Any] | None = None,
    step: Step | None = None,
    init_state: Callable[[int], State] | None = None,
    stride: int = 1,
    upsample: int = 1,
    output_axis: int | None = None,
    delay: int = 0,
    look_ahead: int = 0,
    blocks: Sequence[int] = (1, 2, 4),
    tolerance: float = 1e-5,
) -> None:
    """Check that a layer is the same whole and in blocks, blind to the future, and returns from a snapshot.

    Args:
        layer: gives `forward(x, *per_frame)`, `init_state(batch)` and `step(x, *per_frame, state)`; where
            `forward` returns a tuple its first item counts. Scale its weights so that outputs are of order
            one.
        x: the whole input, batch on axis 0; at least two rows show that rows do not mix.
        time_axis: axis of time in `x` and in every tensor of `per_frame`.
        per_frame: further inputs, cut together with `x`. What is not cut goes into closures given as
            `forward` and `step`.
        forward, step, init_state: in place of the layer's own. Another way to continue, such as
            `forward(x, state=state)`, is tested by giving it as `step`.
        stride: inputs in one unit, the smallest block that `step` takes.
        upsample: outputs of one unit.
        output_axis: axis of time in the output, `time_axis` by default.
        delay: outputs by which `step` lags behind `forward`.
        look_ahead: inputs after its own unit that an output may depend on.
        blocks: block sizes to try, in units.
        tolerance: largest absolute difference between `forward` and `step`.
    """
    forward = layer.forward if forward is None else forward
    step = layer.step if step is None else step
    init_state = layer.init_state if init_state is None else init_state
    output_axis = time_axis if output_axis is None else output_axis
    inputs = (x, *per_frame)
    units = x.shape[time_axis] // stride
    assert units >= 2 * max(blocks) + 1, f"{units} units are too few for blocks of {max(blocks)}"
    assert x.shape[time_axis] == units * stride, f"the input is not a whole number of units of {stride}"

    def run(start: int, stop: int, block: int, state: State) -> tuple[Tensor, State]:
        outputs = []
        for at in range(start, stop, block):
            count = min(block, stop - at) * stride
            parts = [part.narrow(time_axis, at * stride, count) for part in inputs]
            with torch.no_grad():
                y, state = step(*parts, state)
            outputs.append(y)
        return torch.cat(outputs, output_axis), state

    with torch.no_grad():
        whole = _first(forward(*inputs))
    assert whole.shape[output_axis] == units * upsample, "forward does not keep the length"
    assert bool(whole.isfinite().all()), "forward gives values that are not finite"
    assert whole.std() > 0.02, f"outputs of {whole.std():.1e} are too small to judge by {tolerance}"
    valid = whole.shape[output_axis] - delay
    expected = whole.narrow(output_axis, 0, valid)

    def assert_same(y: Tensor, how: str) -> None:
        assert y.shape == whole.shape, f"{how}: shape {tuple(y.shape)}, forward gives {tuple(whole.shape)}"
        difference = (y.narrow(output_axis, delay, valid) - expected).abs().max().item()
        assert difference <= tolerance, f"{how}: differs from forward by {difference:.2e}"

    for block in blocks:
        assert_same(run(0, units, block, init_state(len(x)))[0], f"blocks of {block}")
    for cut in range(1, units):
        head, state = run(0, cut, cut, init_state(len(x)))
        tail, _ = run(cut, units, units - cut, state)
        assert_same(torch.cat([head, tail], output_axis), f"cut at {cut}")

    with torch.no_grad():
        alone = _first(forward(*(part[:1] for part in inputs)))
    assert (alone - whole[:1]).abs().max() <= tolerance, "rows of a batch mix"

    _assert_causal(forward, inputs, time_axis, output_axis, whole, stride, upsample, look_ahead)

    _, state = run(0, units // 2, 1, init_state(len(x)))
    snapshot = state.clone()
    kept = {name: leaf.clone() for name, leaf in snapshot.tensors()}
    first, _ = run(units // 2, units, 2, state)
    second, _ = run(units // 2, units, 2, snapshot.clone())
    for name, leaf in snapshot.tensors():
        assert torch.equal(leaf, kept[name]), f"{name} of a snapshot changed while its original ran on"
    assert torch.equal(first, second), "a recalled snapshot gives other bits"
    restored = init_state(len(x))
    restored.load_tensors(kept)
    assert torch.equal(first, run(units // 2, units, 2, restored)[0]), "a state read back gives other bits"


def _first(result: Any) -> Tensor:
    return result[0] if isinstance(result, tuple) else result


def _assert_causal(
    forward: Callable[..., Any],
    inputs: tuple[Tensor, ...],
    time_axis: int,
    output_axis: int,
    whole: Tensor,
    stride: int,
    upsample: int,
    look_ahead: int,
) -> None:
    """Outputs must not depend on inputs more than `look_ahead` after their unit, by gradient and by trial."""
    length = inputs[0].shape[time_axis]
    outputs = whole.shape[output_axis]
    for t in sorted({0, 1, outputs // 3, outputs // 2, outputs - 2, outputs - 1}):
        seen = min((t // upsample + 1) * stride + look_ahead, length)
        leaves = [part.detach().clone().requires_grad_(part.is_floating_point()) for part in inputs]
        if leaves[0].is_floating_point():
            y = _first(forward(*leaves)).select(output_axis, t)
            # Squares: a sum over normalised values has no gradient by itself.
            gradients = torch.autograd.grad(
                (y * torch.linspace(0.5, 1.5, y.numel()).view_as(y)).square().sum(),
                [leaf for leaf in leaves if leaf.requires_grad],
                allow_unused=True,
                materialize_grads=True,
            )
            assert gradients[0].abs().max() > 0, f"output {t} has no gradient at all"
            for gradient in gradients:
                future = gradient.narrow(time_axis, seen, length - seen)
                assert not future.any(), f"output {t} depends on inputs after {seen - 1}"
        changed = []
        for part in inputs:
            past, future = part.split([seen, length - seen], dim=time_axis)
            # Rolling the rows gives other values of the same kind, and stays inside the range of indices.
            changed.append(torch.cat([past, future.roll(1, 0).flip(time_axis)], time_axis))
        with torch.no_grad():
            y = _first(forward(*changed)).narrow(output_axis, 0, t + 1)
        difference = (y - whole.narrow(output_axis, 0, t + 1)).abs().max()
        assert difference <= 1e-5, f"outputs up to {t} change with inputs after {seen - 1}"
