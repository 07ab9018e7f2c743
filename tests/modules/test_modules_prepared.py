"""What prepared steps are made of: products in panels, and the watch on weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from simba_live.modules.prepared import (
    LARGEST_PANEL,
    LARGEST_PRODUCT,
    Array,
    Panels,
    WeightWatch,
    array,
)


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ((256, 1160), 2),
        ((512, 100), 2),
        ((4, 128, 128), 2),
        ((64, 1792), 7),
        ((32, 192), 80),
        ((16, 7), 486),
        ((9000, 20), 1),
        ((3, 1), 1),
    ],
)
def test_panels_multiply(shape: tuple[int, ...], rows: int) -> None:
    generator = torch.Generator().manual_seed(1)
    matrix = torch.randn(shape, generator=generator) / shape[-2] ** 0.5
    for count in (rows, 1):
        x = torch.randn(*shape[:-2], count, shape[-2], generator=generator)
        y = Panels(matrix)(x.numpy())
        np.testing.assert_allclose(y, (x @ matrix).numpy(), rtol=1e-5, atol=1e-5)
    batches = torch.randn(3, rows, shape[-2], generator=generator)
    if len(shape) == 2:
        np.testing.assert_allclose(
            Panels(matrix)(batches.numpy()), (batches @ matrix).numpy(), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize(("inputs", "outputs"), [(256, 1160), (512, 1024), (32, 192)])
def test_a_product_of_numpys_is_too_small_to_be_shared_among_threads(
    inputs: int, outputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []

    def multiply(x: Array, panels: Array) -> Array:
        assert panels[0].size <= LARGEST_PANEL
        assert panels[0].size * x.shape[-2] <= LARGEST_PRODUCT
        rows.append(x.shape[-2])
        product: Array = real(x, panels)
        return product

    panels, real = Panels(torch.ones(inputs, outputs)), np.matmul
    monkeypatch.setattr(np, "matmul", multiply)
    for count in (1, 2, 10, 32, 80, 1000):
        assert (panels(np.ones((count, inputs), np.float32)) == inputs).all()
    assert rows[:4] == [1, 2, 10, 32]
    assert 1000 not in rows


def test_the_watch_notices_what_training_and_loading_do() -> None:
    layer = nn.Linear(3, 3)
    watch = WeightWatch([(layer, "weight"), (layer, "bias")])
    kept = array(layer.bias)
    assert watch.holds()
    with torch.no_grad():
        layer.bias.add_(1.0)
    assert not watch.holds()
    assert (kept + 1.0 == layer.bias.detach().numpy()).all(), "a copy does not follow the weight"
    watch = WeightWatch([(layer, "weight")])
    layer.load_state_dict({name: value.clone() for name, value in layer.state_dict().items()}, assign=True)
    assert not watch.holds()
    watch = WeightWatch([(layer, "weight")])
    layer.double()
    assert not watch.holds()
