"""The folder of a composed corpus: what it was made with, whether it may be gone on with, what is in it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from simba_live.errors import CorpusError

from .manifest import ABOUT, Piece, write_beside

SAMPLE_RATE = 24000
FRAME_RATE = 50.0
"""Frames per second of the stored conditions, the default codec's."""

SETTINGS = "corpus.json"
FORMAT = 3
OWN_VOICES, EFFECTS = 0.25, 0.3
"""Usual shares of the pieces that voices of our own play in, and that go through effects."""

FOLDERS = ("audio", "midi", "conditions")

_BYTES_PER_HOUR = 160e6
"""Room to ask for before starting; measured: 147 MB an hour."""


@dataclass(frozen=True)
class Recipe:
    """What a worker must know to make any piece of one corpus."""

    folder: Path
    seed: int
    styles: tuple[str, ...]
    soundfonts: tuple[Path, ...]
    own_voices: float = OWN_VOICES
    effects: float = EFFECTS


def claim(recipe: Recipe, hours: float) -> None:
    """Make the folder ours, or check that it is: same seed, styles, soundfonts and shares."""
    folder = recipe.folder
    settings: dict[str, Any] = {
        "format": FORMAT,
        "seed": recipe.seed,
        "styles": list(recipe.styles),
        "soundfonts": [
            {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in recipe.soundfonts
        ],
        "own_voices": recipe.own_voices,
        "effects": recipe.effects,
        "sample_rate": SAMPLE_RATE,
        "frame_rate": FRAME_RATE,
    }
    path = folder / SETTINGS
    try:
        if path.is_file():
            before = json.loads(path.read_text())
            if before.get("format") != FORMAT:
                raise CorpusError(
                    f"{folder}: holds a corpus of another version of simba-live (format "
                    f"{before.get('format')}), which can be used but not gone on with; name another folder"
                )
            if changed := [name for name in settings if before.get(name) != settings[name]]:
                name = changed[0]
                raise CorpusError(
                    f"{folder}: holds a corpus made with {name} {before.get(name)}, not {settings[name]}; "
                    "name another folder or the same options"
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CorpusError(f"{folder}: holds something that is not a corpus; name a new or empty folder")
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
            for leftover in (folder / name).glob(".*.part"):
                leftover.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
        if free < hours * _BYTES_PER_HOUR - sum(file.stat().st_size for file in folder.glob("*/*")):
            raise CorpusError(
                f"{folder}: {hours:g} hours need about {hours * _BYTES_PER_HOUR / 1e9:.1f} GB and "
                f"{free / 1e9:.1f} GB are free; make room or ask for fewer --hours"
            )
        write_beside(path, (json.dumps(settings, indent=2) + "\n").encode())
    except json.JSONDecodeError:
        raise CorpusError(f"{path}: is damaged; delete the folder or name another") from None
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None


def made(folder: Path) -> Iterator[Piece]:
    """The pieces whose files all stand."""
    for path in sorted((folder / "conditions").glob("*.safetensors")):
        try:
            with safe_open(path, "numpy") as file:
                piece = Piece.from_json(json.loads(file.metadata()[ABOUT])["piece"])
        except (SafetensorError, KeyError, TypeError, ValueError):
            continue  # not one of ours, or damaged: it is made again
        if all((folder / name).is_file() for name in (piece.audio, piece.midi)):
            yield piece
