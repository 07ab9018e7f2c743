"""Pairs of as many parameters, over sizes, and what is no size."""

import dataclasses

import pytest

from simba_live.comparison.sizes import TOLERANCE, Size, match_transformer, model_pair
from simba_live.errors import OptionError
from simba_live.model import ModelConfig, build_model
from simba_live.model.decoder import count_parameters


@pytest.mark.parametrize("size", ["32x1", "96x3", "128x4", "256x8"])
@pytest.mark.parametrize("mixer", ["einfft", "mlp"])
@pytest.mark.parametrize("codebooks", [1, 4])
def test_pairs_have_as_many_parameters(size, mixer, codebooks):
    common = ModelConfig(channel_mixer=mixer, num_codebooks=codebooks, window=99, dropout=0.1)
    pair = model_pair(Size.parse(size), common)
    simba, transformer = (pair[name] for name in ("simba", "transformer"))
    counts = [count_parameters(build_model(config)) for config in (simba, transformer)]
    assert abs(counts[1] / counts[0] - 1.0) <= TOLERANCE
    assert simba.channel_mixer == mixer
    assert transformer.channel_mixer == "mlp"
    assert f"{simba.d_model}x{simba.num_layers}" == size
    own = {"architecture", "channel_mixer", "mlp_hidden", "num_heads"}
    for field in dataclasses.fields(ModelConfig):
        if field.name not in own:
            assert getattr(simba, field.name) == getattr(transformer, field.name), field.name


def test_a_pair_that_cannot_be_matched_is_refused():
    # So narrow inside that attention alone has more parameters.
    simba = ModelConfig(d_model=64, num_layers=12, expand=1, d_state=1, codebook_size=16, num_codebooks=1)
    with pytest.raises(OptionError, match=r"no Transformer of size 64x12 has .* within 1%"):
        match_transformer(simba)


@pytest.mark.parametrize("text", ["", "128", "128x", "x4", "128x4x2", "0x4", "100x2", "128x0", "-64x2"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(OptionError, match="give"):
        Size.parse(text)


def test_sizes_are_read_as_they_are_written():
    assert Size.parse(" 192X6 ") == Size(192, 6)
    assert str(Size(192, 6)) == "192x6"
