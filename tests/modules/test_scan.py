"""The chunked scan against the plain loop: values, states, gradients, cuts and padding."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from simba_live.modules.scan import chunked_scan, loop_scan

HEADS, CHANNELS, STATE = 3, 4, 5


def make_inputs(length: int, seed: int = 0, batch: int = 2) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    dt = 0.3 * torch.rand(batch, length, HEADS, generator=generator)
    decay_rate = -16.0 * torch.rand(HEADS, generator=generator)
    return (
        randn(batch, length, HEADS, CHANNELS),
        dt,
        decay_rate,
        randn(batch, length, STATE),
        randn(batch, length, STATE),
    )


@pytest.mark.parametrize("length", [1, 7, 16, 50])
@pytest.mark.parametrize("with_state", [False, True])
def test_chunks_equal_the_loop(length: int, with_state: bool) -> None:
    inputs = make_inputs(length)
    state = torch.randn(2, HEADS, CHANNELS, STATE) if with_state else None
    y, last = chunked_scan(*inputs, state, chunk_length=16)
    expected, expected_last = loop_scan(*inputs, state)
    torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(last, expected_last, rtol=1e-5, atol=1e-5)


def test_gradients_equal_the_loops() -> None:
    state = torch.randn(2, HEADS, CHANNELS, STATE)
    gradients = []
    for scan in (lambda *a: chunked_scan(*a, chunk_length=8), loop_scan):
        inputs = [tensor.requires_grad_() for tensor in (*make_inputs(21), state.clone())]
        y, last = scan(*inputs)
        (y.square().sum() + last.square().sum()).backward()
        gradients.append([tensor.grad for tensor in inputs])
    for ours, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cut", [1, 8, 13])
def test_a_cut_changes_nothing(cut: int) -> None:
    x, dt, decay_rate, b, c = make_inputs(24)
    whole, last = chunked_scan(x, dt, decay_rate, b, c, chunk_length=8)
    first, state = chunked_scan(x[:, :cut], dt[:, :cut], decay_rate, b[:, :cut], c[:, :cut], chunk_length=8)
    second, state = chunked_scan(
        x[:, cut:], dt[:, cut:], decay_rate, b[:, cut:], c[:, cut:], state, chunk_length=8
    )
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(state, last, rtol=1e-5, atol=1e-5)


def test_strong_decay_stays_finite() -> None:
    """A product of decays of e^-50 a step underflows to 0; nothing may overflow, forward or backward."""
    x, dt, _, b, c = make_inputs(64)
    decay_rate = torch.full((HEADS,), -500.0, requires_grad=True)
    y, last = chunked_scan(x, dt, decay_rate, b, c)
    y.sum().backward()
    assert y.isfinite().all()
    assert last.isfinite().all()
    assert decay_rate.grad is not None
    assert decay_rate.grad.isfinite().all()


def test_outputs_never_look_ahead() -> None:
    x, dt, decay_rate, b, c = make_inputs(20)
    x.requires_grad_()
    y, _ = chunked_scan(x, dt, decay_rate, b, c, chunk_length=8)
    y[:, 9].sum().backward()
    assert x.grad is not None
    assert x.grad[:, 10:].abs().max() == 0
    assert x.grad[:, 9].abs().max() > 0


def test_bfloat16_autocast_keeps_the_state_in_float32() -> None:
    inputs = make_inputs(40)
    exact, exact_state = loop_scan(*inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, state = chunked_scan(*inputs, chunk_length=16)
    assert state.dtype == torch.float32
    torch.testing.assert_close(state, exact_state, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(y, exact, rtol=3e-2, atol=3e-2)
