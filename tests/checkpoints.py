"""Tiny models and codecs with random weights, for tests that need the whole path but not its sound."""

from __future__ import annotations

from pathlib import Path

import torch

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.model import ModelConfig, TokenModel, build_model, save_model
from simba_live.model.score import ScoreConfig, ScoreModel

CAUSAL = CodecConfig(
    num_filters=2,
    hidden_size=8,
    codebook_dim=8,
    codebook_size=64,
    target_bandwidths=(0.3, 0.6, 0.9, 1.2),
)
LATE = CodecConfig(
    sampling_rate=32_000,
    num_filters=2,
    hidden_size=8,
    codebook_dim=8,
    codebook_size=64,
    upsampling_ratios=(8, 5, 4, 4),
    target_bandwidths=(0.3, 0.6, 0.9, 1.2),
    use_causal_conv=False,
    use_conv_shortcut=False,
    pad_mode="reflect",
)
"""Looks ahead, as MusicGen's codec does."""

SIMBA = ModelConfig(
    d_model=32, num_layers=2, d_state=8, head_dim=16, num_codebooks=3, codebook_size=64, depth_hidden=16
)
TRANSFORMER = ModelConfig(
    architecture="transformer",
    d_model=32,
    num_layers=2,
    num_heads=2,
    window=40,
    num_codebooks=1,
    codebook_size=64,
)


def make_codec(config: CodecConfig = CAUSAL) -> Codec:
    """A codec that uses many of its codes, and whose output has about the level of music."""
    torch.manual_seed(1)
    codec = Codec(config).eval().requires_grad_(requires_grad=False)
    with torch.no_grad():
        latent = codec.encoder(0.2 * torch.randn(1, 1, 50 * codec.hop_length))[0]
        codec.quantizer.codebooks.normal_().mul_(latent.std(1)).mul_(0.5)
        codec.quantizer.codebooks[0] += latent.mean(1)
        *_, weight, bias = codec.decoder.parameters()
        bias.zero_()
        sound = codec.decode(torch.randint(0, 64, (1, codec.num_codebooks, 50)))
        weight.mul_(0.1 / sound.std())
        bias.sub_(0.1 * sound.mean() / sound.std())
    return codec


def make_model(config: ModelConfig = SIMBA) -> TokenModel:
    """A model that answers to its conditions, as random weights of this size do."""
    torch.manual_seed(4)
    model = build_model(config).eval().requires_grad_(requires_grad=False)
    model.head.linear.mul_(40.0)
    return model


def write_checkpoints(
    folder: Path, model: ModelConfig = SIMBA, codec: CodecConfig = CAUSAL
) -> tuple[Path, Path]:
    """Folders of a model and a codec."""
    save_model(make_model(model), folder / "model")
    make_codec(codec).save(folder / "codec")
    return folder / "model", folder / "codec"


def make_score() -> ScoreModel:
    """A score model for such models, whose random weights begin and end notes now and then."""
    torch.manual_seed(3)
    config = ScoreConfig(d_model=32, num_layers=2, d_state=8, head_dim=16, list_hidden=24)
    model = ScoreModel(config).eval().requires_grad_(requires_grad=False)
    model.onsets.linear.weight.mul_(4.0)
    model.ends.linear.bias.fill_(-1.0)
    return model
