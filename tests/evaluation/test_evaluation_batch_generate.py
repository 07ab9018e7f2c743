"""A batch of pieces has the codes that each piece would have alone."""

import numpy as np
import pytest
import torch

from simba_live.conditions import NUM_FEATURES, Conditions
from simba_live.controls import Sampling
from simba_live.evaluation.batch_generate import generate_batch
from simba_live.model import ModelConfig, TokenModel, build_model
from simba_live.model.sampling import Sampler, sample_frame

FRAMES, ROWS = 12, 3


@pytest.fixture(scope="module", params=["simba", "transformer"])
def model(request: pytest.FixtureRequest) -> TokenModel:
    torch.manual_seed(0)
    config = ModelConfig(
        architecture=request.param,
        d_model=32,
        num_layers=2,
        d_state=8,
        head_dim=16,
        num_heads=2,
        codebook_size=32,
    )
    model = build_model(config).eval()
    with torch.no_grad():
        model.head.linear *= 50.0  # far from uniform, as after training
    return model


def inputs(model: TokenModel) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rows = []
    for row in range(ROWS):
        asked = Conditions.free(FRAMES)
        asked.tempo[:] = 80 + 20 * row
        asked.beat[:] = np.arange(FRAMES) / 25 % 1
        asked.notes[:] = rng.integers(1, 4, (FRAMES, 128))
        rows.append(asked.features())
    assert rows[0].shape[1] == NUM_FEATURES
    styles = rng.standard_normal((ROWS, model.config.style_dim)).astype(np.float32)
    return np.stack(rows), styles / np.linalg.norm(styles, axis=1, keepdims=True)


@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_rows_are_what_single_pieces_would_be(model: TokenModel, guidance: float) -> None:
    features, styles = inputs(model)
    sampling = Sampling(temperature=0.9, top_k=20, top_p=0.95, guidance=guidance, seed=3)
    codes = generate_batch(model, features, styles, sampling, [7, 8, 9])
    assert codes.shape == (ROWS, model.config.num_codebooks, FRAMES)
    for row in range(ROWS):
        sampler = Sampler(0.9, 20, 0.95, seed=3, session=7 + row)
        state = model.init_state(1 if guidance == 1.0 else 2)
        style = torch.from_numpy(styles[row])[None, None]
        for frame in range(FRAMES):
            now = torch.from_numpy(features[row : row + 1, frame : frame + 1])
            with torch.no_grad():
                alone, state = sample_frame(model, now, style, state, sampler, frame, guidance)
            np.testing.assert_array_equal(codes[row, :, frame], alone[0, :, 0].numpy())


def test_the_place_in_the_batch_changes_nothing(model: TokenModel) -> None:
    features, styles = inputs(model)
    sampling = Sampling(temperature=1.0, top_k=0, seed=1)
    codes = generate_batch(model, features, styles, sampling, [0, 1, 2])
    order = [2, 0, 1]
    turned = generate_batch(model, features[order], styles[order], sampling, order, rows_at_once=2)
    np.testing.assert_array_equal(turned, codes[order])
    assert len(np.unique(codes)) > 4
    other = generate_batch(model, features, styles, sampling, [3, 4, 5])
    assert (other != codes).any(axis=(1, 2)).all()
