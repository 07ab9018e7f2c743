"""Audio into codes: a corpus or a folder of audio files becomes shards that training reads.

A folder of tokens holds `index.json`, shards of about an hour (`train-0000.safetensors`) and the captions'
text embeddings (`captions.safetensors`). A shard has the codes of its pieces one after the other, int16 [K,
N], and the arrays of `Conditions`, [N, ...]; its metadata lists the pieces, so that a shard that stands need
not be made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.errors import AudioFileError, CorpusError, OptionError
from simba_live.model.text import MINILM

from .brightness import brightness
from .loudness import normalise
from .manifest import SPLITS, write_beside
from .retime import retime
from .sources import Source, Warn, find_sources, read_conditions, read_source

INDEX = "index.json"
CAPTIONS = "captions.safetensors"
FORMAT = 1

EncodeText = Callable[[list[str]], NDArray[np.float32]]
"""From texts to their embeddings, float32 [number of texts, width]."""


@dataclass(frozen=True)
class _Shard:
    """Pieces that go into one file."""

    name: str
    sources: tuple[Source, ...]


@dataclass
class _Report:
    """What became of the pieces."""

    warn: Warn
    left_out: int
    entries: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {split: [] for split in SPLITS})

    def leave_out(self, why: str) -> None:
        self.left_out += 1
        self.warn(f"left out {why}")


def tokenize_corpus(
    folder: Path | str,
    codec: Codec,
    out: Path | str,
    encode_text: EncodeText | None = None,
    text_encoder: str = MINILM,
    shard_hours: float = 1.0,
    keep_loudness: bool = False,
    on_progress: Callable[[float, float], None] | None = None,
    warn: Warn = lambda _: None,
) -> dict[str, Any]:
    """Encode every piece of a folder; goes on where an interrupted run stopped, shard by shard.

    Args:
        folder: a composed corpus, or any folder of audio files; see `sources.find_sources`.
        codec: on the device where it is to run.
        out: folder of tokens to write; another codec's tokens in it are refused.
        encode_text: embeds the captions; without it no `captions.safetensors` is written.
        text_encoder: its name, as a model's config has it.
        shard_hours: how much audio goes into one file.
        keep_loudness: leave users' files as loud as they are instead of bringing them to -18 LUFS.
        on_progress: called with seconds of audio done and in all.
        warn: told of every file that is left out, in a line.

    Returns:
        The content of `index.json`.

    Raises:
        OptionError: `shard_hours` is not above 0.
        CorpusError: nothing to tokenize, `out` holds something else, or it cannot be written.
    """
    if not 0 < shard_hours < float("inf"):
        raise OptionError(f"--shard-hours {shard_hours}: must be a number above 0")
    out = Path(out)
    sources, left_out = find_sources(folder, warn)
    report = _Report(warn, left_out)
    index = _claim(out, codec) | {"text_encoder": text_encoder}
    total, done = sum(source.seconds for source in sources), 0.0
    codec = codec.eval()
    try:
        for shard in _shards(sources, shard_hours * 3600.0):
            key = _key(shard, index["codec"], keep_loudness)
            entries = _entries_of(out / shard.name, key)
            if entries is None:
                start = done

                def tell(seconds: float, start: float = start) -> None:
                    if on_progress:
                        on_progress(start + seconds, total)

                entries = _write_shard(out / shard.name, shard, key, codec, keep_loudness, report, tell)
            done += sum(source.seconds for source in shard.sources)
            if on_progress:
                on_progress(done, total)
            report.entries[shard.sources[0].split] += entries
        if not any(report.entries.values()):
            raise CorpusError(f"{folder}: none of its {len(sources)} pieces can be used")
        _finish(out, index, report, encode_text)
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(
            f"{out}: cannot write ({reason}); make room and run the same command again"
        ) from None
    if report.left_out:
        warn(f"{report.left_out} of {len(sources) + left_out} pieces were left out")
    return index


def _claim(out: Path, codec: Codec) -> dict[str, Any]:
    """Make the folder ours, or check that its tokens are this codec's."""
    index: dict[str, Any] = {
        "format": FORMAT,
        "complete": False,
        "codec": codec.fingerprint(),
        "sample_rate": codec.sample_rate,
        "hop_length": codec.hop_length,
        "frame_rate": codec.frame_rate,
        "num_codebooks": codec.num_codebooks,
        "codebook_size": codec.codebook_size,
    }
    if codec.codebook_size > 1 << 15:
        raise OptionError(f"codebooks of {codec.codebook_size} codes do not fit 16 bits")
    path = out / INDEX
    try:
        if path.is_file():
            before = json.loads(path.read_text())
            if before.get("codec") != index["codec"] or before.get("format") != FORMAT:
                raise CorpusError(f"{out}: holds the tokens of another codec; name another folder for these")
        elif out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CorpusError(f"{out}: holds something that is not tokens; name a new or empty folder")
        out.mkdir(parents=True, exist_ok=True)
        for leftover in out.glob(".*.part"):
            leftover.unlink(missing_ok=True)
        write_beside(path, _json(index))
    except json.JSONDecodeError:
        raise CorpusError(f"{path}: is damaged; delete the folder or name another") from None
    except OSError as error:
        raise CorpusError(f"{out}: cannot be written ({error.strerror}); name another folder") from None
    return index


def _shards(sources: list[Source], seconds: float) -> Iterator[_Shard]:
    """The pieces split by split, in files of about `seconds`."""
    for split in SPLITS:
        pieces = [source for source in sources if source.split == split]
        number = 0
        while pieces:
            length, count = 0.0, 0
            while count < len(pieces) and (count == 0 or length + pieces[count].seconds <= seconds):
                length += pieces[count].seconds
                count += 1
            yield _Shard(f"{split}-{number:04d}.safetensors", tuple(pieces[:count]))
            pieces, number = pieces[count:], number + 1


def _key(shard: _Shard, codec: str, keep_loudness: bool) -> str:
    """A digest of everything a shard is made from; files count by size and time of change."""
    digest = hashlib.sha256(f"{FORMAT} {codec} {keep_loudness}".encode())
    for source in shard.sources:
        status = source.audio.stat() if source.audio.exists() else None
        stamp = (status.st_size, status.st_mtime_ns) if status else None
        facts = {**vars(source), "audio": stamp, "conditions": source.conditions is not None}
        digest.update(json.dumps(facts, sort_keys=True).encode())
    return digest.hexdigest()


def _entries_of(path: Path, key: str) -> list[dict[str, Any]] | None:
    """The pieces in a shard that was made before from the same things; None if there is none."""
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("key") != key:
                return None
            entries: list[dict[str, Any]] = json.loads(metadata["pieces"])
            return entries
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


def _write_shard(
    path: Path,
    shard: _Shard,
    key: str,
    codec: Codec,
    keep_loudness: bool,
    report: _Report,
    tell: Callable[[float], None],
) -> list[dict[str, Any]]:
    """Encode the pieces of a shard and write it; what its pieces are, in order."""
    codes: list[NDArray[np.int16]] = []
    conditions: list[Conditions] = []
    entries: list[dict[str, Any]] = []
    start = 0
    seconds = 0.0
    for source in shard.sources:
        try:
            piece, known = encode_piece(source, codec, keep_loudness)
        except AudioFileError as error:
            report.leave_out(str(error))
        else:
            length = piece.shape[1]
            facts = {"style": source.style, "bpm": source.bpm, "key": source.key}
            captions = list(source.captions)
            entry = {"id": source.id, "shard": path.name, "start": start, "length": length}
            entries.append({**entry, "captions": captions, **facts})
            codes.append(piece)
            conditions.append(known)
            start += length
        seconds += source.seconds
        tell(seconds)
    if entries:
        arrays = {"codes": np.concatenate(codes, axis=1)}
        for name, values in Conditions.concatenate(conditions).arrays().items():
            arrays[f"conditions.{name}"] = values  # type: ignore[assignment]  # one dict of several dtypes
        write_beside(path, save(arrays, {"key": key, "pieces": json.dumps(entries)}))
    return entries


def encode_piece(
    source: Source, codec: Codec, keep_loudness: bool = False
) -> tuple[NDArray[np.int16], Conditions]:
    """Codes of one piece, int16 [K, T], and what is known of its T frames.

    Raises:
        AudioFileError: the audio cannot be used.
        CorpusError: the piece's conditions are damaged.
    """
    audio = read_source(source, codec.sample_rate, codec.channels)
    if source.conditions is None and not keep_loudness:
        # All channels as one signal, so that their balance stays.
        audio = normalise(audio.reshape(-1), codec.sample_rate).reshape(audio.shape)
    device = next(codec.parameters()).device
    codes = codec.encode_chunked(torch.from_numpy(audio)[None].to(device))[0].to(torch.int16).cpu().numpy()
    num_frames = codes.shape[1]
    known, frame_rate = read_conditions(source, num_frames)
    if frame_rate:
        known = retime(known, frame_rate, codec.frame_rate, num_frames)
    known.brightness = brightness(audio.mean(axis=0), codec.sample_rate, codec.frame_rate, num_frames)
    return codes, known


def _finish(out: Path, index: dict[str, Any], report: _Report, encode_text: EncodeText | None) -> None:
    """Number the captions, embed them, and write the index that declares the folder complete."""
    texts: dict[str, int] = {}
    for entries in report.entries.values():
        for entry in entries:
            entry["captions"] = [texts.setdefault(text, len(texts)) for text in entry["captions"]]
    shards = {entry["shard"] for entries in report.entries.values() for entry in entries}
    for path in out.glob("*-*.safetensors"):
        if path.name not in shards:
            path.unlink()  # from an earlier run over more pieces
    if encode_text is not None and texts:
        digest = hashlib.sha256("\n".join([index["text_encoder"], *texts]).encode()).hexdigest()
        if not _has_embeddings(out / CAPTIONS, digest):
            embeddings = encode_text(list(texts)).astype(np.float32)
            write_beside(out / CAPTIONS, save({"captions": embeddings}, {"texts": digest}))
    index.update(complete=True, captions=list(texts), splits=report.entries)
    write_beside(out / INDEX, _json(index))


def _has_embeddings(path: Path, digest: str) -> bool:
    try:
        with safe_open(path, "numpy") as file:
            return bool((file.metadata() or {}).get("texts") == digest)
    except (OSError, SafetensorError):
        return False


def _json(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False) + "\n").encode()
