"""What an EnCodec network is made of: transformers' `config.json`, reduced to what shapes the network."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from simba_live.errors import CheckpointError
from simba_live.modules.conv import PadMode

# Keys that transformers writes for itself; none of them changes the network.
_BOOKKEEPING = {
    "_name_or_path", "architectures", "chunk_size_feed_forward", "dtype", "id2label", "initializer_range",
    "is_encoder_decoder", "label2id", "model_type", "output_attentions", "output_hidden_states", "overlap",
    "problem_type", "return_dict", "torch_dtype", "transformers_version",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class CodecConfig:
    """An EnCodec network, in transformers' field names; the defaults are the codec that this project trains.

    Attributes:
        sampling_rate: samples a second, Hz.
        audio_channels: 1 or 2.
        num_filters: channels at the audio's own rate; they double with every downsampling.
        hidden_size: width of the latent.
        upsampling_ratios: the decoder's strides, slowest rate first; their product is the hop length.
        target_bandwidths: kbit/s, ascending; the last one fixes the number of codebooks.
        codebook_dim: width of the codebooks; equals hidden_size.
    """

    sampling_rate: int = 24_000
    audio_channels: int = 1
    num_filters: int = 16
    hidden_size: int = 64
    upsampling_ratios: tuple[int, ...] = (5, 4, 4, 6)
    kernel_size: int = 7
    last_kernel_size: int = 7
    residual_kernel_size: int = 3
    dilation_growth_rate: int = 2
    num_residual_layers: int = 1
    compress: int = 2
    num_lstm_layers: int = 1
    use_causal_conv: bool = True
    pad_mode: PadMode = "constant"
    trim_right_ratio: float = 1.0
    use_conv_shortcut: bool = False
    codebook_size: int = 1024
    codebook_dim: int = 64
    target_bandwidths: tuple[float, ...] = tuple(0.5 * number for number in range(1, 17))
    norm_type: str = "weight_norm"
    normalize: bool = False
    chunk_length_s: float | None = None

    def __post_init__(self) -> None:
        if self.norm_type != "weight_norm" or self.normalize or self.chunk_length_s is not None:
            raise CheckpointError(
                f"this codec cannot stream: norm_type {self.norm_type!r}, normalize {self.normalize}, "
                f"chunk_length_s {self.chunk_length_s}; choose an EnCodec checkpoint with weight_norm and no "
                "chunks, such as facebook/encodec_24khz"
            )
        if self.pad_mode not in ("constant", "reflect"):
            raise CheckpointError(
                f"codec pad_mode {self.pad_mode!r} is not known: use 'constant' or 'reflect'"
            )
        if self.codebook_dim != self.hidden_size:
            raise CheckpointError(
                f"codec codebook_dim {self.codebook_dim} must equal hidden_size {self.hidden_size}"
            )
        if self.codebook_size < 2 or self.codebook_size & (self.codebook_size - 1):
            raise CheckpointError(f"codec codebook_size {self.codebook_size} must be a power of two")
        if self.audio_channels not in (1, 2):
            raise CheckpointError(f"codec audio_channels {self.audio_channels} must be 1 or 2")
        if not self.use_causal_conv and self.trim_right_ratio != 1.0:
            raise CheckpointError(
                f"codec trim_right_ratio {self.trim_right_ratio} needs use_causal_conv true"
            )
        sizes = (
            "sampling_rate", "num_filters", "hidden_size", "kernel_size", "last_kernel_size",
            "residual_kernel_size", "dilation_growth_rate", "compress", "num_lstm_layers",
        )  # fmt: skip
        for name in sizes:
            if getattr(self, name) < 1:
                raise CheckpointError(f"codec {name} {getattr(self, name)} must be 1 or more")
        if not self.upsampling_ratios or min(self.upsampling_ratios) < 1:
            raise CheckpointError(
                f"codec upsampling_ratios {self.upsampling_ratios} must be positive numbers"
            )
        if self.num_residual_layers < 0:
            raise CheckpointError(
                f"codec num_residual_layers {self.num_residual_layers} must not be negative"
            )
        if not self.target_bandwidths or self.num_codebooks < 1:
            raise CheckpointError(f"codec target_bandwidths {self.target_bandwidths} leave no codebook")

    @property
    def hop_length(self) -> int:
        """Samples in a frame."""
        return math.prod(self.upsampling_ratios)

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.sampling_rate / self.hop_length

    @property
    def num_codebooks(self) -> int:
        """Codebooks, from the largest bandwidth by transformers' rule, which rounds the frame rate up."""
        bits = math.ceil(math.log2(self.codebook_size))
        return int(1000 * self.target_bandwidths[-1] // (math.ceil(self.frame_rate) * bits))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read the settings of a `config.json`.

        Raises:
            CheckpointError: no EnCodec configuration, an unknown key, or a setting that cannot stream.
        """
        if values.get("model_type", "encodec") != "encodec":
            raise CheckpointError(
                f"codec config.json is for a {values['model_type']!r} model, expected 'encodec'"
            )
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(values.keys() - known - _BOOKKEEPING)
        if unknown:
            raise CheckpointError(f"codec config.json has unknown keys: {', '.join(unknown[:6])}")
        # What is absent has transformers' default: the 24 kHz checkpoint, not the codec trained here.
        chosen: dict[str, Any] = {
            "num_filters": 32, "hidden_size": 128, "upsampling_ratios": (8, 5, 4, 2), "num_lstm_layers": 2,
            "pad_mode": "reflect", "use_conv_shortcut": True,
            "target_bandwidths": (1.5, 3.0, 6.0, 12.0, 24.0),
        }  # fmt: skip
        chosen |= {name: values[name] for name in known & values.keys()}
        if chosen.get("codebook_dim") is None:
            chosen["codebook_dim"] = chosen["hidden_size"]
        try:
            chosen["upsampling_ratios"] = tuple(int(ratio) for ratio in chosen["upsampling_ratios"])
            chosen["target_bandwidths"] = tuple(float(rate) for rate in chosen["target_bandwidths"])
            return cls(**chosen)
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"codec config.json has a value of the wrong kind: {error}") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a `config.json`.

        Raises:
            CheckpointError: the file is missing, is not JSON, or describes no codec that this class can be.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"cannot read codec settings {path}: {error}") from None
        if not isinstance(values, dict):
            raise CheckpointError(f"cannot read codec settings {path}: it holds no JSON object")
        return cls.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """The `config.json` that transformers' EncodecModel reads."""
        return {"model_type": "encodec", "architectures": ["EncodecModel"]} | dataclasses.asdict(self)
