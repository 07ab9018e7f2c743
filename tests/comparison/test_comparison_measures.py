"""What a frame costs at a position, and how music is judged."""

import dataclasses

import numpy as np
import pytest
import torch

from simba_live.comparison import music as comparison_music
from simba_live.comparison.cost import measure_cost, without_window
from simba_live.comparison.music import Jury
from simba_live.errors import CheckpointError
from simba_live.model import save_model
from tests.checkpoints import SIMBA, TRANSFORMER, make_codec, make_model
from tests.cli.conftest import FakeEncoder
from tests.training.small_corpus import write_corpus

POSITIONS = (1, 100, 600)


@pytest.fixture(scope="module")
def costs():
    transformer = make_model(TRANSFORMER)
    models = {"simba": make_model(), "transformer": transformer, "whole": without_window(transformer, 700)}
    return measure_cost(models, POSITIONS, "cpu", lambda positions: positions, rounds=20)


def test_memory_grows_with_what_is_remembered_alone(costs):
    assert [row[0] for row in costs["simba"]] == list(POSITIONS)
    state = make_model().init_state(1)
    assert {row[2] for row in costs["simba"]} == {sum(block.num_bytes() for block in state.blocks)}
    frame = 2 * TRANSFORMER.num_layers * TRANSFORMER.d_model * 4  # a key and a value, float32
    assert [row[2] for row in costs["transformer"]] == [frame, 40 * frame, 40 * frame]
    assert [row[2] for row in costs["whole"]] == [frame * position for position in POSITIONS]
    assert all(0.0 < row[1] < 100.0 for rows in costs.values() for row in rows)


def test_the_whole_past_is_the_same_model_with_a_longer_memory():
    model = make_model(TRANSFORMER)
    whole = without_window(model, 100)
    codes = torch.randint(TRANSFORMER.codebook_size, (1, 1, 60))
    features, style = torch.zeros(1, 60, TRANSFORMER.num_features), torch.zeros(1, 1, TRANSFORMER.style_dim)
    with torch.no_grad():
        near, far = (each(codes, features, style)[0] for each in (model, whole))
    within = TRANSFORMER.window
    torch.testing.assert_close(near[:, :, :within], far[:, :, :within], atol=1e-4, rtol=0)
    assert not torch.allclose(near[:, :, -1], far[:, :, -1])


@pytest.fixture(scope="module")
def jury(tmp_path_factory):
    corpus = write_corpus(tmp_path_factory.mktemp("jury") / "corpus", train=2, test=2, seconds=6.5)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(comparison_music, "load_text_encoder", lambda name: FakeEncoder())
        return Jury.assemble(corpus, make_codec(), "all-MiniLM-L6-v2", 3, 6.0, 0)


def test_music_itself_is_the_best_that_can_be_heard(jury):
    itself = jury._judge([setting.excerpt.audio for setting in jury.settings])
    assert itself["frechet"] == pytest.approx(0.0, abs=1e-3)
    assert itself["tempo"] == 1.0
    assert itself["chroma"] > 0.85
    silence = jury._judge([np.zeros_like(setting.excerpt.audio) for setting in jury.settings])
    assert silence["dead"] == 1.0
    assert silence["frechet"] > 1000.0
    assert silence["tempo"] == 0.0
    assert jury.hear_codec(4)["frechet"] > 1000.0


def test_a_model_is_heard_with_the_arranger_and_without(jury, tmp_path, monkeypatch):
    save_model(make_model(), tmp_path / "model")
    asked = []
    generate = comparison_music.generate_batch

    def remember(model, features, styles, *others):
        asked.append((features, styles))
        return generate(model, features, styles, *others)

    monkeypatch.setattr(comparison_music, "generate_batch", remember)
    heard = jury.hear_model(tmp_path / "model", torch.device("cpu"))
    assert set(heard) == {"arranger", "free"}
    assert all(np.isfinite(value) for figures in heard.values() for value in figures.values())
    (arranger, styles), (free, same) = asked
    assert arranger.shape == free.shape == (3, 300, SIMBA.num_features)
    assert (arranger != 0).sum() > (free != 0).sum() > 0
    np.testing.assert_array_equal(styles, same)
    again = jury.hear_model(tmp_path / "model", torch.device("cpu"))
    assert again == heard


def test_a_model_of_another_codec_is_refused(jury, tmp_path):
    save_model(make_model(dataclasses.replace(SIMBA, codebook_size=32)), tmp_path / "model")
    with pytest.raises(CheckpointError, match="does not fit the codec"):
        jury.hear_model(tmp_path / "model", torch.device("cpu"))
