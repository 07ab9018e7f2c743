"""Mamba-2: the streaming contract, transformers' mixer as oracle, and the kernels' interface."""

from __future__ import annotations

import sys
import types

import pytest
import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache
from transformers.models.mamba2.configuration_mamba2 import Mamba2Config
from transformers.models.mamba2.modeling_mamba2 import Mamba2Mixer

from simba_live.modules import mamba_kernels
from simba_live.modules.mamba import Mamba2
from simba_live.modules.scan import loop_scan
from tests.contract import assert_streaming


def make_layer() -> Mamba2:
    torch.manual_seed(0)
    layer = Mamba2(d_model=32, d_state=8, head_dim=16)
    with torch.no_grad():
        layer.in_proj.weight.mul_(4.0)
        layer.D.normal_()
        layer.norm.weight.uniform_(0.5, 1.5)
    return layer


def test_contract() -> None:
    layer = make_layer()
    x = torch.randn(2, 19, 32)
    assert_streaming(layer, x, 1)
    assert_streaming(layer, x, 1, step=layer.forward)


def test_forward_leaves_the_state_it_is_given() -> None:
    layer = make_layer()
    _, state = layer(torch.randn(2, 5, 32))
    kept = state.clone()
    layer(torch.randn(2, 5, 32), state)
    assert torch.equal(state.ssm, kept.ssm)
    assert torch.equal(state.window, kept.window)


def test_oracle_from_transformers() -> None:
    layer = make_layer()
    config = Mamba2Config(
        hidden_size=32, num_heads=4, head_dim=16, state_size=8, n_groups=1, expand=2, chunk_size=8,
        num_hidden_layers=1, vocab_size=8,
    )  # fmt: skip
    oracle = Mamba2Mixer(config, layer_idx=0).eval()
    assert {n: p.shape for n, p in oracle.state_dict().items()} == {
        n: p.shape for n, p in layer.state_dict().items()
    }
    oracle.load_state_dict(layer.state_dict())
    x = torch.randn(2, 21, 32)
    with torch.no_grad():
        expected = oracle(x)
        y, state = layer(x)
        assert y.std() > 0.1
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)

        cache = DynamicCache(config=config)
        oracle(x, cache_params=cache)
        more = torch.randn(2, 1, 32)
        expected = oracle(more, cache_params=cache)
        y, state = layer.step(more, state)
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(
            state.ssm, cache.layers[0].recurrent_states[0].float(), rtol=1e-5, atol=1e-5
        )


def test_initial_values() -> None:
    torch.manual_seed(0)
    layer = Mamba2(d_model=256, d_state=16, head_dim=4)
    decay_rate = layer.A_log.exp()
    assert decay_rate.min() >= 1.0
    assert decay_rate.max() <= 16.0
    step_size = torch.nn.functional.softplus(layer.dt_bias)
    assert step_size.min() > 0.99e-3
    assert step_size.max() < 0.101
    assert step_size.median().item() == pytest.approx(1e-2, rel=0.5)
    assert torch.equal(layer.D, torch.ones(128))


def test_autocast_keeps_the_state_in_float32() -> None:
    layer = make_layer()
    x = torch.randn(2, 20, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, state = layer(x)
        y.float().sum().backward()
        _, state = layer(x, state)
        for frame in x.unbind(1):
            y, state = layer.step(frame[:, None], state)
    assert state.ssm.dtype == torch.float32
    assert state.window.dtype == torch.float32
    assert all(p.grad is not None and p.grad.isfinite().all() for p in layer.parameters())


def fake_mamba_ssm(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A stand-in for the package with its two kernels' signatures, computed by the plain loop."""
    calls = []

    def mamba_chunk_scan_combined(
        x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, chunk_size: int,  # noqa: N803 - its names
        initial_states: Tensor | None = None, return_final_states: bool = False,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        calls.append("scan")
        assert return_final_states
        assert B.shape == (*x.shape[:2], 1, 8)
        return loop_scan(x, dt, A, B[:, :, 0], C[:, :, 0], initial_states)

    def selective_state_update(
        state: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor  # noqa: N803 - its names
    ) -> Tensor:  # fmt: skip
        calls.append("step")
        assert dt.shape == x.shape
        assert A.shape == state.shape[1:]
        y, after = loop_scan(x[:, None], dt[:, None, :, 0], A[:, 0, 0], B, C, state)
        state.copy_(after)
        return y[:, 0]

    names = ["mamba_ssm", "mamba_ssm.ops", "mamba_ssm.ops.triton"]
    modules = {name: types.ModuleType(name) for name in names}
    combined = types.ModuleType("mamba_ssm.ops.triton.ssd_combined")
    update = types.ModuleType("mamba_ssm.ops.triton.selective_state_update")
    vars(combined)["mamba_chunk_scan_combined"] = mamba_chunk_scan_combined
    vars(update)["selective_state_update"] = selective_state_update
    modules |= {combined.__name__: combined, update.__name__: update}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    mamba_kernels.find_kernels.cache_clear()
    return calls


def test_kernels_have_our_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = make_layer()
    x = torch.randn(2, 9, 32)
    with torch.no_grad():
        expected, _ = layer(x)
        calls = fake_mamba_ssm(monkeypatch)
        kernels = mamba_kernels.find_kernels()
        assert kernels is not None
        monkeypatch.setattr(mamba_kernels, "scan", kernels.scan)
        y, state = layer(x[:, :6])
        torch.testing.assert_close(y, expected[:, :6], rtol=1e-5, atol=1e-5)
        assert calls == ["scan"]
        inputs, dt = torch.randn(2, 4, 16), torch.rand(2, 4)
        b, c = torch.randn(2, 8), torch.randn(2, 8)
        decay_rate = -torch.rand(4)
        y, after = loop_scan(inputs[:, None], dt[:, None], decay_rate, b[:, None], c[:, None], state.ssm)
        updated = kernels.step(state.ssm, inputs, dt, decay_rate, b, c)
        torch.testing.assert_close(updated, y[:, 0])
        torch.testing.assert_close(state.ssm, after)
    mamba_kernels.find_kernels.cache_clear()


def test_a_broken_mamba_ssm_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> types.ModuleType:
        raise AttributeError(f"{name} has no attribute 'ffi'")

    monkeypatch.setattr(mamba_kernels.importlib, "import_module", broken)
    mamba_kernels.find_kernels.cache_clear()
    assert mamba_kernels.find_kernels() is None
    assert "using PyTorch" in caplog.text
    mamba_kernels.find_kernels.cache_clear()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_cpu() -> None:
    """By mamba_ssm's kernels where they are installed, whose products are rounded to TF32."""
    layer = make_layer()
    x = torch.randn(2, 40, 32)
    with torch.no_grad():
        expected, _ = layer(x)
        layer.cuda()
        y, state = layer(x[:, :30].cuda())
        outputs = [y]
        for frame in x[:, 30:].cuda().unbind(1):
            y, state = layer.step(frame[:, None], state)
            outputs.append(y)
    tolerance = 1e-5 if mamba_kernels.find_kernels() is None else 5e-3
    torch.testing.assert_close(torch.cat(outputs, 1).cpu(), expected, rtol=tolerance, atol=tolerance)
