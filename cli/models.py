"""`simba-live models`: which checkpoints, presets and styles there are, and what one of them is made of."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Annotated, Any

import typer

from simba_live.errors import CheckpointError
from simba_live.paths import ASSETS

app = typer.Typer(no_args_is_help=True, help="Show models, codecs and styles.")

CONFIG, WEIGHTS, SCORE = "config.json", "model.safetensors", "score"


@app.command("list")
def list_models() -> None:
    """List the checkpoints that ship with the package, and the presets that `train lm` can build."""
    from simba_live.model.presets import PRESETS

    typer.echo("shipped:")
    for folder in sorted(entry.parent for entry in ASSETS.glob(f"*/{CONFIG}")):
        typer.echo(f"  {folder.name:<18} {_summary(folder)}")
    typer.echo("presets:")
    for name, config in PRESETS.items():
        typer.echo(
            f"  {name:<18} {config.architecture}, {config.num_layers} layers, width {config.d_model}, "
            f"{config.num_codebooks} codebook{'s' if config.num_codebooks > 1 else ''}"
        )


@app.command()
def info(
    name: Annotated[
        str, typer.Argument(help="A shipped checkpoint's name, or the folder of another.")
    ] = "mini",
) -> None:
    """Show a checkpoint's settings, size and origin."""
    folder = ASSETS / name if (ASSETS / name / CONFIG).is_file() else Path(name)
    typer.echo(f"folder: {folder}")
    typer.echo(f"summary: {_summary(folder)}")
    for key, value in _read_config(folder).items():
        typer.echo(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    for note in sorted(folder.glob("*.md")):
        typer.echo(f"\n{note.read_text(encoding='utf-8').rstrip()}")


@app.command()
def styles() -> None:
    """List the styles that the arranger knows."""
    from simba_live.music.styles import STYLES

    for style in STYLES.values():
        slowest, fastest = style.bpm
        typer.echo(f"{style.name:<16} {slowest}-{fastest} BPM  {style.description}")


def _summary(folder: Path) -> str:
    """A checkpoint in one line."""
    config = _read_config(folder)
    kind = config.get("architecture") or config.get("model_type") or "unknown"
    weights, score = folder / WEIGHTS, folder / SCORE
    count = _count_parameters(weights)
    writes = f", score model of {_count_parameters(score / WEIGHTS) / 1e6:.1f} M" if score.is_dir() else ""
    return f"{kind}, {count / 1e6:.1f} M parameters, {weights.stat().st_size / 1e6:.1f} MB{writes}"


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"{folder} is no checkpoint ({CONFIG}: {error.strerror}): see `models list`"
        ) from error
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON ({error}): fetch the checkpoint again") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{path} holds no settings: fetch the checkpoint again")
    return config


def _count_parameters(path: Path) -> int:
    """Values in a safetensors file, from its header: eight bytes of length, then JSON with the shapes."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > path.stat().st_size:
                raise ValueError("it is cut short")
            header = json.loads(file.read(length))
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
        if max(ends, default=0) + 8 + length != path.stat().st_size:
            raise ValueError("it is cut short")
        shapes = [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read ({error.strerror}): fetch the checkpoint again"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise CheckpointError(f"{path} is damaged ({error}): fetch the checkpoint again") from error
    return sum(math.prod(shape) for shape in shapes)
