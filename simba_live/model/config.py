"""The facts of a model, as its checkpoint's config.json states them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from simba_live.conditions import NUM_FEATURES
from simba_live.errors import CheckpointError

ARCHITECTURES = ("simba", "transformer")
CHANNEL_MIXERS = ("einfft", "mlp")


@dataclasses.dataclass(frozen=True)
class StreamConfig:
    """What defines blocks over frames and what those are told; fields of the other architecture are ignored.

    Attributes:
        architecture: what mixes frames: "simba" (Mamba-2) or "transformer" (windowed attention).
        d_model: width of the residual stream.
        num_layers: blocks.
        d_state: numbers per channel that Mamba-2 remembers.
        head_dim: channels of a Mamba-2 head.
        expand: inner width of Mamba-2 over `d_model`.
        conv_kernel: taps of Mamba-2's short convolution.
        num_heads: heads of attention.
        window: frames that attention looks back on, its own included.
        channel_mixer: what mixes channels: "einfft" or "mlp".
        mlp_hidden: units of the channel mixer "mlp".
        num_features: columns of what a frame is told, as `Conditions.features` has them.
        style_dim: width of the text encoder's embedding.
        text_encoder: name of that encoder, see `text.load_text_encoder`.
        frame_rate: frames a second.
        dropout: share of each block's update that training drops.

    Raises:
        CheckpointError: a value cannot be used.
    """

    architecture: str = "simba"
    d_model: int = 256
    num_layers: int = 8
    d_state: int = 64
    head_dim: int = 64
    expand: int = 2
    conv_kernel: int = 4
    num_heads: int = 4
    window: int = 512
    channel_mixer: str = "einfft"
    mlp_hidden: int = 512
    num_features: int = NUM_FEATURES
    style_dim: int = 384
    text_encoder: str = "all-MiniLM-L6-v2"
    frame_rate: float = 50.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            kind = type(field.default)
            if kind is float and type(value) is int:
                object.__setattr__(self, field.name, float(value))
            elif kind is tuple and type(value) is list:  # as JSON has it
                object.__setattr__(self, field.name, tuple(value))
            elif type(value) is not kind:
                raise CheckpointError(f"config: {field.name} is {value!r}, expected a {kind.__name__}")
            if kind is int and not 1 <= value <= 1 << 20:
                raise CheckpointError(
                    f"config: {field.name} is {value}, expected a number from 1 to {1 << 20}"
                )
        self._check("architecture", self.architecture in ARCHITECTURES, " or ".join(ARCHITECTURES))
        self._check("channel_mixer", self.channel_mixer in CHANNEL_MIXERS, " or ".join(CHANNEL_MIXERS))
        self._check("dropout", 0.0 <= self.dropout < 1.0, "0 to below 1")
        self._check("frame_rate", 1.0 <= self.frame_rate <= 1000.0, "1 to 1000")
        if self.channel_mixer == "einfft":
            self._check("d_model", self.d_model % 4 == 0, "a multiple of 4 for einfft")
        if self.architecture == "simba":
            fits = self.expand * self.d_model % self.head_dim == 0
            self._check("head_dim", fits, f"a divisor of the inner width {self.expand * self.d_model}")
        else:
            fits = self.d_model % (2 * self.num_heads) == 0
            self._check("num_heads", fits, f"even channels a head in a width of {self.d_model}")

    def _check(self, name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise CheckpointError(f"config: {name} is {getattr(self, name)!r}, expected {expected}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The config that `to_dict` wrote.

        Raises:
            CheckpointError: a key is unknown or missing, or a value cannot be used.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(values.keys() - names):
            raise CheckpointError(f"config: unknown key {', '.join(unknown)}: written by a newer version?")
        if missing := sorted(names - values.keys()):
            raise CheckpointError(f"config: missing key {', '.join(missing)}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, ready for JSON."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class ModelConfig(StreamConfig):
    """What defines a token model.

    Attributes:
        num_codebooks: K, codes in a frame.
        codebook_size: V, values of a code.
        depth_hidden: units of the depth head's small MLPs.
        codec: fingerprint of the codec whose codes the model speaks; empty when unknown.
    """

    num_codebooks: int = 6
    codebook_size: int = 1024
    depth_hidden: int = 256
    codec: str = ""
