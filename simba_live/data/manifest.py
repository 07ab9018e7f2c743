"""The list of a corpus's pieces: `manifest.jsonl`, one JSON object a line."""

from __future__ import annotations

import json
import os
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from simba_live.errors import CorpusError

MANIFEST = "manifest.jsonl"
SPLITS = ("train", "valid", "test")

ABOUT = "about"
"""In the metadata of a piece's conditions: JSON with the frame rate and the piece's line of the manifest."""


@dataclass(frozen=True)
class Piece:
    """One piece of a composed corpus; paths are relative to the corpus folder.

    Attributes:
        id: unique in the corpus.
        split: "train", "valid" or "test".
        style: name of the style.
        bpm: beats per minute.
        key: such as "A minor".
        beats_per_bar: metre.
        seconds: length of the audio.
        captions: descriptions of the piece, all true.
        audio: mono FLAC.
        midi: standard MIDI file.
        conditions: safetensors with the fields of `Conditions`; its metadata states the frame rate.
        voice: what played it: a soundfont's file name, "own" for voices of our own, or both; empty in corpora
            that had only one soundfont.
        effects: names of the effects it went through, in their order.
    """

    id: str
    split: str
    style: str
    bpm: float
    key: str
    beats_per_bar: int
    seconds: float
    captions: tuple[str, ...]
    audio: str
    midi: str
    conditions: str
    voice: str = ""
    effects: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Piece:
        """Read one line of a manifest.

        Raises:
            ValueError: the line is not such an object; says what is wrong with it.
        """
        values: Any = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("not a JSON object")
        names = [field.name for field in fields(cls)]
        optional = [field.name for field in fields(cls) if field.default is not MISSING]
        if missing := [name for name in names if name not in values and name not in optional]:
            raise ValueError(f"lacks {', '.join(missing)}")
        if unknown := [name for name in values if name not in names]:
            raise ValueError(f"unknown {', '.join(unknown)}")
        for name in ("id", "split", "style", "key", "audio", "midi", "conditions"):
            if not isinstance(values[name], str) or not values[name]:
                raise ValueError(f"{name} is {values[name]!r}, not a text")
        for name in ("bpm", "beats_per_bar", "seconds"):
            value = values[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise ValueError(f"{name} is {value!r}, not a number above 0")
        if values["split"] not in SPLITS:
            raise ValueError(f"split is {values['split']!r}, not one of {', '.join(SPLITS)}")
        captions = values["captions"]
        if not isinstance(captions, list) or not all(isinstance(caption, str) for caption in captions):
            raise ValueError("captions is not a list of texts")
        effects = values.get("effects", [])
        if not isinstance(values.get("voice", ""), str):
            raise ValueError(f"voice is {values['voice']!r}, not a text")
        if not isinstance(effects, list) or not all(isinstance(effect, str) for effect in effects):
            raise ValueError("effects is not a list of texts")
        for name in ("audio", "midi", "conditions"):
            if Path(values[name]).is_absolute() or ".." in Path(values[name]).parts:
                raise ValueError(f"{name} is {values[name]!r}, which leads out of the corpus folder")
        return cls(**{**values, "captions": tuple(captions), "effects": tuple(effects)})

    def to_json(self) -> str:
        """The piece as one line of a manifest, without the line's end."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_manifest(folder: Path | str) -> list[Piece]:
    """The pieces of the corpus in `folder`, in the manifest's order.

    Raises:
        CorpusError: no manifest, an unreadable line (named by its number), an id that occurs twice, or no
        pieces.
    """
    path = Path(folder) / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CorpusError(
            f"{folder}: no {MANIFEST} here; `simba-live data compose {folder}` makes one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read ({error})") from None
    pieces: list[Piece] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            piece = Piece.from_json(line)
        except ValueError as error:
            raise CorpusError(
                f"{path} line {number}: {error}; mend the line or compose the corpus again"
            ) from None
        if piece.id in seen:
            raise CorpusError(
                f"{path} line {number}: id '{piece.id}' occurs already in line {seen[piece.id]}"
            )
        seen[piece.id] = number
        pieces.append(piece)
    if not pieces:
        raise CorpusError(f"{path}: lists no pieces")
    return pieces


def write_manifest(folder: Path | str, pieces: list[Piece]) -> None:
    """Write the manifest of the corpus in `folder`, replacing the one there when the new one is complete."""
    text = "".join(piece.to_json() + "\n" for piece in pieces)
    write_beside(Path(folder) / MANIFEST, text.encode())


def write_beside(path: Path, content: bytes) -> None:
    """Write a file under another name first and then rename it, so that `path` is never half a file.

    Raises:
        OSError: the disk is full or not writable; nothing is left behind.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
