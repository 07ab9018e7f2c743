"""Codec weights on disk: a folder with config.json and model.safetensors, in transformers' names.

transformers keeps every convolution as a direction v and a norm g per row (weight normalisation). Here the
two are folded into one weight, w = v g / |v|, and written again as v = w, g = |w|.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from simba_live.errors import CheckpointError

from .config import CodecConfig

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
_PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".th", ".pkl"}
# The two layouts in which transformers has stored (g, v).
_NORM_NAMES = (
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
    ("weight_g", "weight_v"),
)
_TRAINING_ONLY = ("cluster_size", "embed_avg", "inited")


def resolve(source: str | Path) -> Path:
    """The local folder of a codec, fetched from the Hugging Face hub when `source` is no folder.

    Raises:
        CheckpointError: the folder is incomplete or holds pickles only, or the hub does not give the files.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        folder = _download(str(source))
    missing = [name for name in (CONFIG_NAME, WEIGHTS_NAME) if not (folder / name).is_file()]
    if WEIGHTS_NAME in missing:
        pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
        if pickles:
            raise CheckpointError(
                f"codec {source} holds the pickle {pickles[0]}, which may run code when opened: "
                f"convert it to {WEIGHTS_NAME}"
            )
    if missing:
        raise CheckpointError(f"codec folder {source} lacks {' and '.join(missing)}")
    return folder


def _download(name: str) -> Path:
    if name.count("/") != 1 or name.startswith((".", "/", "~")) or name.endswith("/"):
        raise CheckpointError(
            f"no codec folder {name}: give a folder, or a hub name such as facebook/encodec_24khz"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=[CONFIG_NAME, WEIGHTS_NAME]))
    except Exception as error:  # the hub's client raises many kinds, none of them a user's to tell apart
        reason = str(error).strip().splitlines()
        raise CheckpointError(
            f"no codec folder {name}, and the Hugging Face hub did not give it "
            f"({reason[0] if reason else type(error).__name__}): give a folder"
        ) from None


def load_into(codec: nn.Module, path: Path) -> None:
    """Fill a codec from a safetensors file in transformers' names.

    Raises:
        CheckpointError: the file is damaged, lacks a tensor, has one too many, or one of another shape.
    """
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"cannot read codec weights {path}: {error}") from None
    values = _from_transformers(tensors, codec.state_dict(), path)
    codec.load_state_dict(values)


def save(codec: nn.Module, config: CodecConfig, folder: Path) -> None:
    """Write both files, each beside its place and then renamed.

    Raises:
        CheckpointError: the folder cannot be written.
    """
    tensors = _to_transformers(codec)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights = folder / (WEIGHTS_NAME + ".part")
        save_file(tensors, weights, metadata={"format": "pt"})
        weights.replace(folder / WEIGHTS_NAME)
        settings = folder / (CONFIG_NAME + ".part")
        settings.write_text(json.dumps(config.to_dict(), indent=2) + "\n", encoding="utf-8")
        settings.replace(folder / CONFIG_NAME)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot write codec to {folder}: {error}") from None


def _row_norm(weight: Tensor) -> Tensor:
    """|v| per row of the first axis. Summed in float64, so that v g / |v| gives back v on every machine."""
    return weight.double().square().sum(dim=(1, 2), keepdim=True).sqrt().float()


def _from_transformers(
    found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], path: Path
) -> dict[str, Tensor]:
    used: set[str] = set()

    def take(name: str, shape: tuple[int, ...]) -> Tensor:
        if name not in found:
            raise CheckpointError(f"codec weights {path} lack {name}")
        if found[name].shape != shape:
            raise CheckpointError(
                f"codec weights {path}: {name} is {tuple(found[name].shape)}, config.json asks for {shape}"
            )
        used.add(name)
        value = found[name].float()
        if not bool(value.isfinite().all()):
            raise CheckpointError(f"codec weights {path}: {name} holds values that are not finite")
        return value

    values = {}
    for name, target in wanted.items():
        shape = tuple(target.shape)
        if name == "quantizer.codebooks":
            books = [f"quantizer.layers.{k}.codebook" for k in range(len(target))]
            values[name] = torch.stack([take(f"{book}.embed", shape[1:]) for book in books])
            used.update(f"{book}.{extra}" for book in books for extra in _TRAINING_ONLY)
        elif name.endswith(".conv.weight"):
            base = name.removesuffix("weight")
            pairs = [(base + g, base + v) for g, v in _NORM_NAMES]
            norm_name, direction_name = next((pair for pair in pairs if pair[1] in found), pairs[0])
            direction = take(direction_name, shape)
            norm = take(norm_name, (shape[0], 1, 1))
            length = _row_norm(direction)
            values[name] = direction * torch.where(length > 0, norm / length, 0.0)
        else:
            values[name] = take(name, shape)
    unknown = sorted(found.keys() - used)
    if unknown:
        raise CheckpointError(f"codec weights {path} hold unknown tensors: {', '.join(unknown[:4])}")
    return values


def _to_transformers(codec: nn.Module) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, value in codec.state_dict().items():
        value = value.detach().float().cpu()
        if name == "quantizer.codebooks":
            for k, codebook in enumerate(value):
                tensors |= {
                    f"quantizer.layers.{k}.codebook.embed": codebook.clone(),
                    f"quantizer.layers.{k}.codebook.embed_avg": codebook.clone(),
                    f"quantizer.layers.{k}.codebook.cluster_size": torch.ones(len(codebook)),
                    f"quantizer.layers.{k}.codebook.inited": torch.ones(1),
                }
        elif name.endswith(".conv.weight"):
            norm = _row_norm(value)
            norm_name, direction_name = (name.removesuffix("weight") + part for part in _NORM_NAMES[0])
            tensors[norm_name] = norm
            # A row of zeros has no direction; any will do, since its norm is zero.
            tensors[direction_name] = torch.where(norm > 0, value, 1.0)
        else:
            tensors[name] = value.contiguous()
    return tensors
