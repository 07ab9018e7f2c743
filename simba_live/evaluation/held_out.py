"""Held-out music to judge by: excerpts of a corpus's split, with everything that is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simba_live.audio.files import convert, read_audio
from simba_live.audio.spectra import Array
from simba_live.conditions import Conditions
from simba_live.data.manifest import MANIFEST, Piece, read_manifest
from simba_live.data.retime import retime
from simba_live.data.sources import stored_conditions
from simba_live.errors import CorpusError, OptionError

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff")


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a held-out piece.

    Attributes:
        piece: what the manifest says of it.
        start: second at which the stretch begins.
        audio: mono, float32 [N].
    """

    piece: Piece
    start: float
    audio: Array


def draw_excerpts(
    folder: Path, split: str | None, count: int, seconds: float, seed: int, sample_rate: int
) -> list[Excerpt]:
    """Stretches of `seconds` from different pieces; a second one of a piece only when all have been drawn.

    Args:
        folder: a corpus that `simba-live data compose` wrote.
        split: `train`, `valid`, `test`, or None for all pieces.
        count: how many.
        seconds: length of each; they begin at whole multiples of it.
        seed: of the choice.
        sample_rate: Hz, to which the audio is converted.

    Returns:
        `count` excerpts, or as many as there are.

    Raises:
        CorpusError: the split has no piece of that length.
    """
    pieces = [piece for piece in read_manifest(folder) if split in (None, piece.split)]
    pieces = [piece for piece in pieces if piece.seconds >= seconds]
    if not pieces:
        raise CorpusError(
            f"{folder}: no piece of {seconds:g} s in its {split or 'whole'} split; "
            "compose more hours or lower --seconds"
        )
    rng = np.random.default_rng([seed, 0xE7A1])
    slots = [rng.permutation(int(piece.seconds / seconds)).tolist() for piece in pieces]
    drawn: list[tuple[Piece, int]] = []
    while len(drawn) < count and any(slots):
        turn = [index for index in rng.permutation(len(pieces)) if slots[index]]
        drawn.extend((pieces[index], slots[index].pop()) for index in turn)
    return [_cut(folder, piece, slot * seconds, seconds, sample_rate) for piece, slot in drawn[:count]]


def _cut(folder: Path, piece: Piece, start: float, seconds: float, sample_rate: int) -> Excerpt:
    samples, rate = read_audio(folder / piece.audio)
    audio = convert(samples, rate, sample_rate, channels=1)[0]
    first, length = round(start * sample_rate), round(seconds * sample_rate)
    audio = audio[first : first + length]
    return Excerpt(piece, start, np.pad(audio, (0, length - len(audio))))


def read_conditions(folder: Path, excerpt: Excerpt, frame_rate: float, num_frames: int) -> Conditions:
    """What the composer wrote for an excerpt, [num_frames] at `frame_rate`: all is known but brightness.

    Raises:
        CorpusError: the piece's conditions are missing or damaged.
    """
    whole, rate = stored_conditions(folder / excerpt.piece.conditions)
    first = round(excerpt.start * frame_rate)
    conditions = retime(whole, rate, frame_rate, first + num_frames)[first:]
    conditions.brightness = np.full(num_frames, np.nan, np.float32)
    return conditions


def draw_audio(
    folder: Path, split: str | None, count: int, seconds: float, seed: int, sample_rate: int
) -> list[Array]:
    """Audio [N] of held-out music: from a split of a corpus (None is all), or from any folder of sound files.

    Raises:
        CorpusError: nothing of that length there.
        OptionError: no such folder.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder} is not a folder; name a corpus or a folder of sound files")
    if (folder / MANIFEST).exists():
        return [e.audio for e in draw_excerpts(folder, split, count, seconds, seed, sample_rate)]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    clips: list[Array] = []
    rng = np.random.default_rng([seed, 0xE7A1])
    length = round(seconds * sample_rate)
    for index in rng.permutation(len(paths)):
        samples, rate = read_audio(paths[index])
        audio = convert(samples, rate, sample_rate, channels=1)[0]
        if len(audio) >= length:
            start = int(rng.integers(len(audio) - length + 1))
            clips.append(audio[start : start + length])
        if len(clips) == count:
            break
    if not clips:
        raise CorpusError(f"{folder}: no sound file of {seconds:g} s; name another folder or lower --seconds")
    return clips
