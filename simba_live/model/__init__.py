"""Tokens to logits: the SiMBA and Transformer decoders, their conditions, heads, sampling and checkpoints."""

from .checkpoint import load_model, save_model
from .config import ModelConfig
from .decoder import ModelState, TokenModel, build_model, count_parameters
from .presets import PRESETS, preset_config

__all__ = [
    "PRESETS",
    "ModelConfig",
    "ModelState",
    "TokenModel",
    "build_model",
    "count_parameters",
    "load_model",
    "preset_config",
    "save_model",
]
