"""Pairs of models to compare: a SiMBA of a given size, and a Transformer with as many parameters."""

from __future__ import annotations

import dataclasses
import re
from typing import Self

from simba_live.errors import OptionError
from simba_live.model import ModelConfig, build_model
from simba_live.model.decoder import count_parameters

SIMBA, TRANSFORMER = "simba", "transformer"
WHOLE = "transformer whole"
"""The Transformer with a memory that forgets nothing."""

TITLES = {SIMBA: "SiMBA", TRANSFORMER: "Transformer", WHOLE: "Transformer, whole past"}

TOLERANCE = 0.01
"""Share by which the parameters of a pair may differ."""

HEAD_CHANNELS = 64
"""Channels of a head of attention, where the width is a multiple of them; else half as many."""

MULTIPLE = 8
"""Units of the Transformer's feed-forward layer come in such portions, which processors read well."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Width of the residual stream and number of blocks, of both models."""

    width: int
    layers: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A size written as WIDTHxLAYERS.

        Raises:
            OptionError: it is none, or not one that the models can have.
        """
        found = re.fullmatch(r"\s*(\d{1,5})\s*[xX]\s*(\d{1,4})\s*", text)
        if not found:
            raise OptionError(f"size {text!r} is none; give WIDTHxLAYERS, such as 128x4")
        width, layers = int(found[1]), int(found[2])
        if width < 32 or width % 32 or not layers:
            raise OptionError(
                f"size {text.strip()} cannot be used; give a multiple of 32 as width, and 1 or more layers"
            )
        return cls(width, layers)

    def __str__(self) -> str:
        return f"{self.width}x{self.layers}"


def model_pair(size: Size, common: ModelConfig) -> dict[str, ModelConfig]:
    """The two models of a size.

    Args:
        size: of the SiMBA; the Transformer has the same width and depth.
        common: what else they share, and the SiMBA's channel mixer.

    Raises:
        OptionError: no Transformer of that width and depth has as many parameters.
    """
    simba = dataclasses.replace(
        common,
        architecture=SIMBA,
        d_model=size.width,
        num_layers=size.layers,
        depth_hidden=size.width,
        mlp_hidden=2 * size.width,
    )
    return {SIMBA: simba, TRANSFORMER: match_transformer(simba)}


def match_transformer(simba: ModelConfig) -> ModelConfig:
    """The Transformer of the same width and depth, its feed-forward layers as wide as the parameters allow.

    Its channel mixer is the usual MLP, whichever the SiMBA has.

    Raises:
        OptionError: none comes within `TOLERANCE`.
    """
    width = simba.d_model
    heads = max(1, width // (HEAD_CHANNELS if width % HEAD_CHANNELS == 0 else HEAD_CHANNELS // 2))
    narrow = dataclasses.replace(
        simba, architecture=TRANSFORMER, channel_mixer="mlp", num_heads=heads, mlp_hidden=1
    )
    wanted = parameters(simba)
    least = parameters(narrow)
    unit = parameters(dataclasses.replace(narrow, mlp_hidden=2)) - least
    hidden = max(MULTIPLE, MULTIPLE * round((1 + (wanted - least) / unit) / MULTIPLE))
    matched = dataclasses.replace(narrow, mlp_hidden=hidden)
    if abs(parameters(matched) / wanted - 1.0) > TOLERANCE:
        raise OptionError(
            f"no Transformer of size {width}x{simba.num_layers} has the SiMBA's {wanted} parameters within "
            f"{TOLERANCE:.0%} (the nearest has {parameters(matched)}); choose another size"
        )
    return matched


def parameters(config: ModelConfig) -> int:
    """How many trainable numbers a model has."""
    # Not on the meta device: its random numbers pull in torch's compiler, seconds of imports.
    return count_parameters(build_model(config))
