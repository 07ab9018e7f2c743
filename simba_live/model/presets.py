"""The models that can be asked for by name."""

from __future__ import annotations

from simba_live.errors import OptionError

from .config import ModelConfig

PRESETS = {
    "mini": ModelConfig(),
    "mini-transformer": ModelConfig(architecture="transformer", channel_mixer="mlp", mlp_hidden=464),
    "paper": ModelConfig(
        d_model=1024,
        num_layers=24,
        d_state=512,
        channel_mixer="mlp",
        mlp_hidden=2048,
        num_codebooks=1,
        style_dim=768,
        text_encoder="flan-t5-base",
        dropout=0.3,
    ),
    "paper-transformer": ModelConfig(
        architecture="transformer",
        d_model=1024,
        num_layers=24,
        num_heads=16,
        window=1500,
        channel_mixer="mlp",
        mlp_hidden=3616,
        num_codebooks=1,
        style_dim=768,
        text_encoder="flan-t5-base",
        dropout=0.3,
    ),
}
"""Every model by name.

`mini` is the one that ships. `paper` has the sizes of arXiv 2507.06674 and the channel mixer of its authors'
code. Each Transformer has the parameters of the SiMBA above it within 2 %.
"""


def preset_config(name: str) -> ModelConfig:
    """A preset by name.

    Raises:
        OptionError: there is none of that name.
    """
    if name not in PRESETS:
        raise OptionError(f"there is no preset {name!r}; choose {', '.join(PRESETS)}")
    return PRESETS[name]
