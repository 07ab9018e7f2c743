"""Tokens of a few short pieces, made without a codec: codes that count up, which is something to learn."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from simba_live.conditions import Conditions

LENGTHS = {"train": [137, 150, 90, 141], "valid": [120, 100], "test": [110, 130]}


def write_tokens(folder: Path, codec: str = "0123456789abcdef", codebooks: int = 4, size: int = 64) -> Path:
    """A folder as `simba-live data tokenize` writes it."""
    folder.mkdir(parents=True)
    splits, codes, conditions, start = {}, [], [], 0
    for split, lengths in LENGTHS.items():
        splits[split] = []
        for length in lengths:
            place = {"id": f"{split}{length}", "shard": "all.safetensors", "start": start, "length": length}
            splits[split].append(place | {"captions": [0, 1], "style": "x", "bpm": 100.0, "key": None})
            count = np.arange(length)
            codes.append(np.stack([(count + start + 7 * k) // (k + 1) % size for k in range(codebooks)]))
            piece = Conditions.free(length)
            piece.tempo[:] = 100.0
            piece.beat[:] = count / 30.0 % 1.0
            conditions.append(piece)
            start += length
    stored = Conditions.concatenate(conditions).arrays()
    arrays = {f"conditions.{name}": array for name, array in stored.items()}
    save_file({"codes": np.concatenate(codes, 1).astype(np.int16), **arrays}, folder / "all.safetensors")
    save_file({"captions": np.eye(2, 384, dtype=np.float32)}, folder / "captions.safetensors")
    index = {
        "format": 1,
        "complete": True,
        "codec": codec,
        "sample_rate": 24000,
        "hop_length": 480,
        "frame_rate": 50.0,
        "num_codebooks": codebooks,
        "codebook_size": size,
        "text_encoder": "all-MiniLM-L6-v2",
        "captions": ["one", "two"],
        "splits": splits,
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder
