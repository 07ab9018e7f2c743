"""Checkpoints: a folder with config.json (what the model is, and where it comes from) and model.safetensors.

Nothing is ever unpickled, and nothing is guessed: a checkpoint that does not fit exactly is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from simba_live.errors import CheckpointError
from simba_live.outputs import reason, reserve

from .config import ModelConfig, StreamConfig
from .decoder import TokenModel
from .score import ScoreConfig, ScoreModel

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
PROVENANCE = "provenance"
"""The one key of config.json that is not a field of `ModelConfig`: whatever is known of the training."""
PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".th", ".pkl"}
SCORE = "score"
"""Folder inside a model's with the score model that writes for it, if it has one."""

ConfigT = TypeVar("ConfigT", bound=StreamConfig)
ModelT = TypeVar("ModelT", TokenModel, ScoreModel)


def save_model(
    model: TokenModel | ScoreModel,
    folder: Path,
    provenance: Mapping[str, Any] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a checkpoint; each file appears whole or not at all.

    Args:
        model: its config and weights are written.
        folder: made where it does not exist.
        provenance: corpus, steps, losses and the like, kept in config.json.
        dtype: float32, or float16 to halve the file (weights are rounded).

    Raises:
        CheckpointError: the folder cannot be written.
    """
    config = model.config.to_dict() | {PROVENANCE: dict(provenance or {})}
    tensors = {
        name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in model.state_dict().items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"cannot write the model to {folder} ({reason(error)}): choose another place"
        ) from None
    written: list[tuple[Path, Path]] = []
    try:
        weights = reserve(folder / WEIGHTS_NAME, CheckpointError)
        written.append((weights, folder / WEIGHTS_NAME))
        save_file(tensors, weights, metadata={"format": "pt"})
        facts = reserve(folder / CONFIG_NAME, CheckpointError)
        written.append((facts, folder / CONFIG_NAME))
        facts.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        for beside, place in written:
            beside.replace(place)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"cannot write the model to {folder} ({reason(error)}): choose another place"
        ) from None
    finally:
        for beside, _ in written:
            beside.unlink(missing_ok=True)


def load_model(folder: Path | str, device: torch.device | str = "cpu") -> TokenModel:
    """The model of a checkpoint, float32, ready for inference.

    Raises:
        CheckpointError: the folder or a file is missing, damaged, unsafe or does not fit.
    """
    folder = Path(folder).expanduser()
    config, _ = read_config(folder)
    # Not on the meta device: its random numbers pull in torch's compiler, a second and more of imports.
    return _with_weights(TokenModel(config), folder, device)


def load_score(folder: Path | str) -> ScoreModel | None:
    """The score model of a model's checkpoint, if it has one; on the CPU, where it is quickest.

    Raises:
        CheckpointError: as `load_model`.
    """
    folder = Path(folder).expanduser() / SCORE
    if not folder.is_dir():
        return None
    config, _ = _read_config(folder, ScoreConfig)
    return _with_weights(ScoreModel(config), folder, "cpu")


def _with_weights(model: ModelT, folder: Path, device: torch.device | str) -> ModelT:
    """A model with the weights of a checkpoint, ready for inference."""
    path = folder / WEIGHTS_NAME
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"cannot read {path} ({reason(error)}): copy or train the model again"
        ) from None
    expected = model.state_dict()
    for kind, names in (
        ("lacks", expected.keys() - tensors.keys()),
        ("holds the unknown tensor", tensors.keys() - expected.keys()),
    ):
        if names:
            raise CheckpointError(f"{path} {kind} {min(names)}: it is not of the model in {CONFIG_NAME}")
    for name, tensor in tensors.items():
        shape, asked = tuple(tensor.shape), tuple(expected[name].shape)
        if shape != asked:
            raise CheckpointError(f"{path}: {name} is {shape}, {CONFIG_NAME} asks for {asked}")
        if not tensor.isfinite().all():
            raise CheckpointError(f"{path}: {name} holds values that are not finite: train the model again")
    weights = {name: tensor.to(device, torch.float32) for name, tensor in tensors.items()}
    model.load_state_dict(weights, assign=True)
    return model.requires_grad_(requires_grad=False).eval()


def read_config(folder: Path | str) -> tuple[ModelConfig, dict[str, Any]]:
    """What a checkpoint says of itself: its config, and its provenance.

    Raises:
        CheckpointError: as `load_model`, the weights' content aside.
    """
    return _read_config(folder, ModelConfig)


def _read_config(folder: Path | str, kind: type[ConfigT]) -> tuple[ConfigT, dict[str, Any]]:
    folder = Path(folder).expanduser()
    if folder.suffix in PICKLES and folder.is_file():
        raise CheckpointError(_pickled(folder))
    if not folder.is_dir():
        raise CheckpointError(
            f"there is no model folder {folder}: give one with {CONFIG_NAME} and {WEIGHTS_NAME}"
        )
    if not (folder / WEIGHTS_NAME).is_file():
        for path in sorted(folder.iterdir()):
            if path.suffix in PICKLES:
                raise CheckpointError(_pickled(path))
    for name in (CONFIG_NAME, WEIGHTS_NAME):
        if not (folder / name).is_file():
            raise CheckpointError(f"the model folder {folder} lacks {name}: copy or train the model again")
    try:
        values = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {folder / CONFIG_NAME} ({reason(error)})") from None
    if not isinstance(values, dict):
        raise CheckpointError(f"cannot read {folder / CONFIG_NAME}: it holds no JSON object")
    provenance = values.pop(PROVENANCE, {})
    if not isinstance(provenance, dict):
        raise CheckpointError(f"{folder / CONFIG_NAME}: {PROVENANCE} is no JSON object")
    try:
        return kind.from_dict(values), provenance
    except CheckpointError as error:
        raise CheckpointError(f"{folder / CONFIG_NAME}: {error}") from None


def _pickled(path: Path) -> str:
    return f"{path} is a pickle, which may run code when opened: convert it to {WEIGHTS_NAME}"
