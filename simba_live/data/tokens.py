"""Reading what `tokenize` wrote: any stretch of a piece's codes and conditions, without loading the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from simba_live.conditions import Conditions
from simba_live.errors import CorpusError

from .manifest import SPLITS

_DTYPES = {"I8": "<i1", "U8": "<u1", "I16": "<i2", "F32": "<f4"}
_CONDITIONS = "conditions."
_AGAIN = "tokenize it again"


@dataclass(frozen=True)
class TokenPiece:
    """One piece of a token corpus.

    Attributes:
        id: unique in its folder.
        shard: the file it is in.
        start: its first frame there.
        length: frames.
        captions: indices into `TokenCorpus.captions`; may be empty.
        style: name of its style; empty if unknown.
        bpm: beats per minute, if known.
        key: such as "A minor", if known.
    """

    id: str
    shard: Path
    start: int
    length: int
    captions: tuple[int, ...]
    style: str
    bpm: float | None
    key: str | None


class TokenCorpus:
    """One or more folders of tokens; arrays are mapped into memory and read where they are used.

    Attributes:
        folders: where they are.
        codec: fingerprint of the codec whose codes these are.
        sample_rate: the codec's, Hz.
        hop_length: samples a frame.
        frame_rate: frames a second.
        num_codebooks: K.
        codebook_size: codes are below it.
        captions: all captions.
        text_encoder: name of what made `embeddings`; empty if unknown.
    """

    def __init__(self, *folders: Path | str) -> None:
        """Open one folder, or several by the same codec.

        Raises:
            CorpusError: one is missing, incomplete or damaged, or they do not go together.
        """
        self.folders = tuple(map(Path, folders))
        parts = [_Part(folder) for folder in self.folders]
        first = parts[0]
        for part in parts[1:]:
            for name in ("codec", "text_encoder"):
                theirs, wanted = getattr(part, name) or "none", getattr(first, name) or "none"
                if theirs != wanted:
                    raise CorpusError(
                        f"{part.folder}: its {name.replace('_', ' ')} is {theirs}, that of {first.folder} "
                        f"{wanted}; leave one of them out, or {_AGAIN}"
                    )
        self.codec, self.text_encoder = first.codec, first.text_encoder
        self.sample_rate, self.hop_length = first.sample_rate, first.hop_length
        self.frame_rate = first.frame_rate
        self.num_codebooks, self.codebook_size = first.num_codebooks, first.codebook_size
        self.captions: tuple[str, ...] = ()
        self._pieces: dict[str, tuple[TokenPiece, ...]] = dict.fromkeys(SPLITS, ())
        for part in parts:
            for split in SPLITS:
                self._pieces[split] += part.pieces(split, len(self.captions))
            self.captions += part.captions
        self._parts = parts
        self._shards: dict[Path, dict[str, NDArray[Any]]] = {}

    def pieces(self, split: str) -> tuple[TokenPiece, ...]:
        """The pieces of "train", "valid" or "test"."""
        if split not in self._pieces:
            raise CorpusError(f"split '{split}' is not one of {', '.join(SPLITS)}")
        return self._pieces[split]

    def codes(self, piece: TokenPiece, start: int = 0, length: int | None = None) -> NDArray[np.int64]:
        """Codes of the piece's frames from `start` on, int64 [K, length]; to its end if no length is given.

        Raises:
            CorpusError: the frames lie outside the piece, or the shard is damaged.
        """
        frames = self._frames(piece, start, length)
        return np.ascontiguousarray(self._shard(piece.shard)["codes"][:, frames]).astype(np.int64)

    def conditions(self, piece: TokenPiece, start: int = 0, length: int | None = None) -> Conditions:
        """What is known of the same frames, as a copy that may be changed.

        Raises:
            CorpusError: as `codes`.
        """
        frames, shard = self._frames(piece, start, length), self._shard(piece.shard)
        return Conditions.stored(
            {
                name.removeprefix(_CONDITIONS): np.array(values[frames])
                for name, values in shard.items()
                if name.startswith(_CONDITIONS)
            }
        )

    @cached_property
    def embeddings(self) -> NDArray[np.float32]:
        """The captions' text embeddings, float32 [number of captions, width].

        Raises:
            CorpusError: there are none, or not one for every caption.
        """
        return np.concatenate([part.embeddings() for part in self._parts])

    def _frames(self, piece: TokenPiece, start: int, length: int | None) -> slice:
        length = piece.length - start if length is None else length
        if start < 0 or length < 0 or start + length > piece.length:
            raise CorpusError(
                f"{piece.id}: frames {start} to {start + length} are not among its {piece.length}"
            )
        return slice(piece.start + start, piece.start + start + length)

    def _shard(self, path: Path) -> dict[str, NDArray[Any]]:
        if path not in self._shards:
            self._shards[path] = _map(path)
        return self._shards[path]


class _Part:
    """What the index of one folder says; the attributes are those of `TokenCorpus`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "index.json"
        try:
            index: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if index["format"] != 1:
                raise CorpusError(f"{path}: format {index['format']} is not known; {_AGAIN}")
            if not index["complete"]:
                raise CorpusError(f"{folder}: is not finished; run the same `data tokenize` again")
            self.codec = str(index["codec"])
            self.sample_rate = int(index["sample_rate"])
            self.hop_length = int(index["hop_length"])
            self.frame_rate = float(index["frame_rate"])
            self.num_codebooks = int(index["num_codebooks"])
            self.codebook_size = int(index["codebook_size"])
            self.text_encoder = str(index.get("text_encoder", ""))
            self.captions: tuple[str, ...] = tuple(index["captions"])
            self._pieces = {
                split: [
                    TokenPiece(
                        **{**entry, "shard": folder / entry["shard"], "captions": tuple(entry["captions"])}
                    )
                    for entry in index["splits"][split]
                ]
                for split in SPLITS
            }
        except FileNotFoundError:
            raise CorpusError(f"{folder}: no index.json here; `simba-live data tokenize` makes one") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{path}: is damaged ({error}); {_AGAIN}") from None

    def pieces(self, split: str, offset: int) -> tuple[TokenPiece, ...]:
        """The pieces of a split, where `offset` captions of other folders come first."""
        return tuple(
            replace(piece, captions=tuple(offset + caption for caption in piece.captions))
            for piece in self._pieces[split]
        )

    def embeddings(self) -> NDArray[np.float32]:
        """As `TokenCorpus.embeddings`."""
        path = self.folder / "captions.safetensors"
        try:
            embeddings: NDArray[np.float32] = load_file(path)["captions"]
        except FileNotFoundError:
            raise CorpusError(f"{path}: missing; {_AGAIN}") from None
        except (OSError, SafetensorError, KeyError) as error:
            raise CorpusError(f"{path}: is damaged ({error}); {_AGAIN}") from None
        if len(embeddings) != len(self.captions):
            raise CorpusError(f"{path}: has {len(embeddings)} captions of {len(self.captions)}; {_AGAIN}")
        return embeddings


def _map(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file, mapped into memory read-only.

    safetensors' own numpy reader copies whatever it returns, and its slices cost a system call each.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header: dict[str, Any] = json.loads(file.read(size))
        data = np.memmap(path, np.uint8, "r", offset=8 + size)
        arrays: dict[str, NDArray[Any]] = {}
        for name, entry in header.items():
            if name != "__metadata__":
                first, last = entry["data_offsets"]
                arrays[name] = data[first:last].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
        lengths = {array.shape[-1] if name == "codes" else array.shape[0] for name, array in arrays.items()}
        if len(lengths) != 1 or "codes" not in arrays:
            raise ValueError("its arrays differ in length")
        return arrays
    except (OSError, ValueError, KeyError, MemoryError) as error:
        raise CorpusError(f"{path}: is missing or damaged ({error}); {_AGAIN}") from None
