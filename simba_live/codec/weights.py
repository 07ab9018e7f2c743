"""Codec weights on disk: safetensors in transformers' names."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from simba_live.codec.config import CodecConfig

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"


def resolve(source: str | Path) -> Path:
    return Path(source)


def load_into(codec: nn.Module, path: Path) -> None:
    raise NotImplementedError


def save(codec: nn.Module, config: CodecConfig, folder: Path) -> None:
    raise NotImplementedError
