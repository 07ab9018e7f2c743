"""Attention: the streaming contract with a window that slides, its reach, and rotary positions."""

from __future__ import annotations

import torch
from torch.nn import functional

from simba_live.modules.attention import CPU_BLOCK, Attention, rotary_waves, rotate
from tests.contract import assert_streaming


def make_layer(window: int) -> Attention:
    torch.manual_seed(0)
    layer = Attention(width=16, num_heads=2, window=window)
    with torch.no_grad():
        layer.in_proj.weight.mul_(3.0)
    return layer


def test_contract_within_the_window() -> None:
    assert_streaming(make_layer(32), torch.randn(2, 13, 16), 1)


def test_contract_with_a_sliding_window() -> None:
    layer = make_layer(5)
    x = torch.randn(2, 17, 16)
    assert_streaming(layer, x, 1)
    assert_streaming(layer, x, 1, step=layer.forward)


def test_the_window_is_the_reach() -> None:
    x = torch.randn(1, 12, 16, requires_grad=True)
    y, _ = make_layer(4)(x)
    (gradient,) = torch.autograd.grad(y[:, 9].square().sum(), x)
    reached = gradient.abs().amax((0, 2)) > 0
    assert reached.tolist() == [6 <= t <= 9 for t in range(12)]


def test_a_long_stretch_is_what_its_frames_are_one_by_one() -> None:
    layer = make_layer(CPU_BLOCK + 30)
    x = torch.randn(2, 2 * CPU_BLOCK + 70, 16)
    state = layer.init_state(2)
    state.position[1] = 1000  # its ring is taken as full, of zeros
    y, after = layer(x, state)
    with torch.no_grad():
        for frame in range(x.shape[1]):
            alone, state = layer.step(x[:, frame : frame + 1], state)
            torch.testing.assert_close(y[:, frame : frame + 1], alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(after.keys, state.keys)
    assert after.position.tolist() == state.position.tolist()


def test_memory_is_constant() -> None:
    layer = make_layer(4)
    state = layer.init_state(1)
    before = state.num_bytes()
    with torch.no_grad():
        for _ in range(20):
            _, state = layer.step(torch.randn(1, 1, 16), state)
    assert state.num_bytes() == before
    assert state.position.tolist() == [20]


def test_rotation_makes_scores_depend_on_distance_alone() -> None:
    query, key = torch.randn(2, 1, 8, dtype=torch.float64)

    def score(at_query: int, at_key: int) -> float:
        turned_query = rotate(query, *rotary_waves(torch.tensor([at_query]), 8))
        turned_key = rotate(key, *rotary_waves(torch.tensor([at_key]), 8))
        return float((turned_query * turned_key).sum())

    assert abs(score(7, 3) - score(4, 0)) < 1e-12
    assert abs(score(2_000_007, 2_000_003) - score(4, 0)) < 1e-8
    assert abs(score(7, 3) - score(7, 2)) > 1e-3


def test_one_frame_attends_to_itself_alone() -> None:
    layer = make_layer(4)
    x = torch.randn(2, 1, 16)
    with torch.no_grad():
        y, _ = layer(x)
        values = functional.linear(x, layer.in_proj.weight[32:])
        torch.testing.assert_close(y, layer.out_proj(values))


def test_rows_may_have_begun_at_different_times() -> None:
    layer = make_layer(6)
    x = torch.randn(2, 9, 16)
    with torch.no_grad():
        expected, _ = layer(x)
        late, _ = layer(x[1:, 4:])
        _, state = layer(x[:, :4])
        empty = dict(layer.init_state(2).tensors())
        for name, leaf in state.tensors():
            leaf[1] = empty[name][1]
        outputs = [layer(x[:, 4:], state)[0]]
        steps = []
        for frame in x[:, 4:].split(1, 1):
            y, state = layer.step(frame, state)
            steps.append(y)
        outputs.append(torch.cat(steps, 1))
    for y in outputs:
        torch.testing.assert_close(y[0], expected[0, 4:], rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(y[1], late[0], rtol=1e-5, atol=1e-5)
