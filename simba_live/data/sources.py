"""What there is to tokenize in a folder: the pieces of a composed corpus, or anybody's audio files."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from simba_live.conditions import Conditions
from simba_live.errors import AudioFileError, CorpusError, SimbaLiveError
from simba_live.music.score import Key

from .manifest import ABOUT, MANIFEST, read_manifest

SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff")

LONGEST = 300.0
"""Seconds: longer files of a user are cut into pieces of this length, so that memory stays bounded."""

SHORTEST = 1.0
"""Seconds: shorter files are left out."""

Warn = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """One piece to be tokenized.

    Attributes:
        id: unique in the folder.
        split: "train", "valid" or "test".
        audio: the sound file.
        start: where the piece starts in it, seconds.
        seconds: length.
        captions: what is said about it; may be empty.
        style: name of its style; empty if unknown.
        bpm: beats per minute, if known.
        key: such as "A minor", if known.
        conditions: safetensors with `Conditions`, if the piece was composed.
    """

    id: str
    split: str
    audio: Path
    start: float
    seconds: float
    captions: tuple[str, ...]
    style: str = ""
    bpm: float | None = None
    key: str | None = None
    conditions: Path | None = None


def find_sources(folder: Path | str, warn: Warn) -> tuple[list[Source], int]:
    """The pieces in a folder, in an order that does not change, and how many files were left out.

    With a manifest they are the manifest's. Without one they are all audio files in it and its folders; a
    text file of the same name (song.txt beside song.wav) has one caption a line, a JSON file of the same name
    may have "caption" or "captions", "bpm" and "key".

    Args:
        folder: where to look.
        warn: told in a line of every file that is left out or has something wrong beside it.

    Raises:
        CorpusError: no such folder, or nothing in it can be used.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; name one with a {MANIFEST} or with audio files")
    if (folder / MANIFEST).is_file():
        composed = [
            Source(
                id=piece.id,
                split=piece.split,
                audio=folder / piece.audio,
                start=0.0,
                seconds=piece.seconds,
                captions=piece.captions,
                style=piece.style,
                bpm=piece.bpm,
                key=piece.key,
                conditions=folder / piece.conditions,
            )
            for piece in read_manifest(folder)
        ]
        return composed, 0
    pieces, left_out = _user_files(folder, warn)
    return _split(pieces), left_out


def read_source(source: Source, sample_rate: int, channels: int) -> NDArray[np.float32]:
    """The piece's audio, float32 [channels, N] at `sample_rate`.

    Mono from stereo is the mean of both sides; stereo from mono has it on both.

    Raises:
        AudioFileError: unreadable, empty, more than two channels, silent, or holding samples that are not
        numbers.
    """
    path = source.audio
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            if file.channels > 2:
                raise AudioFileError(f"{path}: {file.channels} channels; mix it to mono or stereo first")
            file.seek(round(source.start * rate))
            audio = file.read(round(source.seconds * rate) + 1, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError, ValueError) as error:
        raise AudioFileError(f"{path}: cannot be read ({_reason(error)})") from None
    if not len(audio):
        raise AudioFileError(f"{path}: has no samples")
    if bad := int(np.size(audio) - np.isfinite(audio).sum()):
        raise AudioFileError(f"{path}: {bad} samples are not numbers (NaN or infinite)")
    if not audio.any():
        raise AudioFileError(f"{path}: is silent throughout")
    if audio.shape[1] > channels:
        audio = audio.mean(axis=1, keepdims=True)
    if rate != sample_rate:
        audio = soxr.resample(audio, rate, sample_rate)
    audio = audio[: round(source.seconds * sample_rate)]
    return np.ascontiguousarray(np.repeat(audio.T, channels // audio.shape[1], axis=0), dtype=np.float32)


def read_conditions(source: Source, num_frames: int) -> tuple[Conditions, float]:
    """What is known of the piece, frame by frame, and the frame rate it is known at (0 for any).

    For a composed piece everything but the brightness; for others the tempo and the key where given.

    Raises:
        CorpusError: the conditions file is missing or damaged.
    """
    if source.conditions is not None:
        return stored_conditions(source.conditions)
    conditions = Conditions.free(num_frames)
    if source.bpm is not None:
        conditions.tempo[:] = source.bpm
    if source.key is not None:
        conditions.key[:] = Key.parse(source.key).index
    return conditions, 0.0


def stored_conditions(path: Path) -> tuple[Conditions, float]:
    """What a composed piece's file says of its frames, and the frame rate.

    Raises:
        CorpusError: it is missing or damaged.
    """
    try:
        with safe_open(path, "numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            return Conditions.stored(arrays), float(json.loads(file.metadata()[ABOUT])["frame_rate"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{path}: cannot be read ({_reason(error)}); compose the corpus again") from None


def _user_files(folder: Path, warn: Warn) -> tuple[list[Source], int]:
    """The audio files of a folder, each cut into pieces of at most `LONGEST`, and how many cannot be used."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise CorpusError(f"{folder}: no {MANIFEST} and no audio files ({', '.join(SUFFIXES)}) here")
    pieces: list[Source] = []
    left_out = 0
    for path in paths:
        left_out += 1
        try:
            with soundfile.SoundFile(path) as file:
                seconds = file.frames / file.samplerate
        except (OSError, soundfile.SoundFileError) as error:
            warn(f"left out {path}: cannot be read ({_reason(error)})")
            continue
        if seconds < SHORTEST:
            warn(f"left out {path}: lasts {seconds:g} s, less than {SHORTEST:g} s")
            continue
        left_out -= 1
        known = _sidecars(path, warn)
        count = math.ceil(seconds / LONGEST)
        name = path.relative_to(folder).as_posix()
        pieces += [
            Source(
                id=name if count == 1 else f"{name}#{number:03d}",
                split="train",
                audio=path,
                start=number * seconds / count,
                seconds=seconds / count,
                **known,
            )
            for number in range(count)
        ]
    if not pieces:
        raise CorpusError(f"{folder}: none of its {len(paths)} audio files can be used")
    return pieces, left_out


def _split(pieces: list[Source]) -> list[Source]:
    """Keep about 3 % each for validation and test, whole files where there are several.

    With three files or more every split has one, with two there is no test; a single long file is split by
    pieces.
    """
    files = {piece.audio for piece in pieces}

    def unit(piece: Source) -> str:
        return piece.id.split("#")[0] if len(files) > 1 else piece.id

    order = sorted({unit(piece) for piece in pieces}, key=lambda name: hashlib.sha256(name.encode()).digest())
    held = max(1, round(0.03 * len(order)))
    valid = set(order[:held]) if len(order) > 1 else set()
    test = set(order[held : 2 * held]) if len(order) > 2 else set()
    splits = {name: "valid" if name in valid else "test" if name in test else "train" for name in order}
    return [Source(**{**vars(piece), "split": splits[unit(piece)]}) for piece in pieces]


def _sidecars(path: Path, warn: Warn) -> dict[str, Any]:
    """Captions, tempo and key from the files beside an audio file; a warning where they are wrong."""
    captions: list[str] = []
    known: dict[str, Any] = {}
    text, facts = path.with_suffix(".txt"), path.with_suffix(".json")
    try:
        if text.is_file():
            captions += text.read_text(encoding="utf-8").splitlines()
        if facts.is_file():
            values = json.loads(facts.read_text(encoding="utf-8"))
            if not isinstance(values, dict):
                raise ValueError("not a JSON object")
            more = values.get("captions", values.get("caption", []))
            more = [more] if isinstance(more, str) else more
            if not isinstance(more, list) or not all(isinstance(caption, str) for caption in more):
                raise ValueError("captions is neither a text nor a list of texts")
            captions += more
            if (bpm := values.get("bpm")) is not None:
                if isinstance(bpm, bool) or not isinstance(bpm, int | float) or not 20 <= bpm <= 400:
                    raise ValueError(f"bpm is {bpm!r}, not a number from 20 to 400")
                known["bpm"] = float(bpm)
            if (key := values.get("key")) is not None:
                known["key"] = str(Key.parse(str(key)))
    except (OSError, ValueError, SimbaLiveError) as error:
        warn(f"{facts if facts.is_file() else text}: {_reason(error)}; ignored from there on")
    known["captions"] = tuple(dict.fromkeys(caption.strip() for caption in captions if caption.strip()))
    return known


def _reason(error: BaseException) -> str:
    """An error's own words on one line, without the path."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
