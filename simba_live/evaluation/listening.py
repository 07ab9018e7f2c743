"""Training the listener of an evaluation on a corpus's own renders, once for each codec."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.data.manifest import MANIFEST, write_beside
from simba_live.errors import CorpusError
from simba_live.training.watching import watch

from .codec_quality import reconstruct
from .ear_lessons import EarLesson, teach
from .ears import Ears, View
from .held_out import Excerpt, draw_excerpts, read_conditions
from .judgement import Listener
from .recogniser import Recogniser, describe
from .shifts import STYLE_SECONDS

KEPT = "listener.safetensors"

_FORMAT = 4
"""To be raised whenever `describe`, the recognisers or the ears change."""

_EAR_EXCERPTS = 600
"""Excerpts that the ears learn from at most: they take 0.6 MB each."""


@dataclass(frozen=True)
class Lesson:
    """What the listener learns from.

    Attributes:
        corpus: folder; its train split is used.
        num_codebooks: how many of the codec's the music goes through.
        seconds: length of an excerpt.
        excerpts: how many; each is heard as it is, through the codec, and with noise as well.
        seed: of the draw.
        steps: that the ears learn.
    """

    corpus: Path
    num_codebooks: int
    seconds: float
    excerpts: int
    seed: int
    steps: int = 3000


def learn(lesson: Lesson, codec: Codec, folder: Path) -> Listener:
    """The listener for this corpus and codec, from `folder` if it was kept there.

    Raises:
        CorpusError: the corpus lacks train pieces of that length, or has one style only.
    """
    key = json.dumps(
        {
            "format": _FORMAT,
            "manifest": hashlib.sha256((lesson.corpus / MANIFEST).read_bytes()).hexdigest(),
            "codec": codec.fingerprint(decoder=True),
            "lesson": [
                lesson.num_codebooks, lesson.seconds, lesson.excerpts, lesson.seed, lesson.steps
            ],
        }
    )  # fmt: skip
    listener = _kept(folder / KEPT, key, codec)
    if listener is None:
        listener = _train(lesson, codec)
        _keep(folder / KEPT, key, listener)
    return listener


def _train(lesson: Lesson, codec: Codec) -> Listener:
    excerpts = draw_excerpts(
        lesson.corpus, "train", lesson.excerpts, lesson.seconds, lesson.seed, codec.sample_rate
    )
    pupil = _Pupil(lesson, codec)
    for excerpt in watch(excerpts, "listening to lessons"):
        pupil.hear(excerpt)
    if len(set(pupil.styles)) < 2:
        raise CorpusError(f"{lesson.corpus}: all its train pieces are {pupil.styles[0]}; compose more styles")
    return Listener(
        Recogniser.fit(np.stack(pupil.pieces), pupil.styles),
        Recogniser.fit(np.stack(pupil.moments), pupil.moment_styles),
        teach(pupil.ear_lessons, lesson.steps, lesson.seed),
        codec.sample_rate,
        codec.frame_rate,
    )


class _Pupil:
    """What has been heard so far."""

    def __init__(self, lesson: Lesson, codec: Codec) -> None:
        self.lesson, self.codec = lesson, codec
        self.pieces: list[Array] = []
        self.styles: list[str] = []
        self.moments: list[Array] = []
        self.moment_styles: list[str] = []
        self.ear_lessons: list[list[EarLesson]] = []
        self._rng = np.random.default_rng([lesson.seed, 0x4155])

    def hear(self, excerpt: Excerpt) -> None:
        """An excerpt as it is, through the codec, and with noise as well."""
        codec, rng, style = self.codec, self._rng, excerpt.piece.style
        rate = codec.sample_rate
        frames = round(codec.frame_rate * self.lesson.seconds)
        score = read_conditions(self.lesson.corpus, excerpt, codec.frame_rate, frames)
        again, _ = reconstruct(codec, excerpt.audio, self.lesson.num_codebooks)
        hissing = _hissing(again, rng)
        length = round(STYLE_SECONDS * rate)
        for audio in (excerpt.audio, again, hissing):
            self.pieces.append(describe(audio, rate))
            self.styles.append(style)
            first = int(rng.integers(0, max(len(audio) - length, 0) + 1))
            self.moments.append(describe(audio[first : first + length], rate))
            self.moment_styles.append(style)
        if len(self.ear_lessons) < _EAR_EXCERPTS:
            # By turns through the codec with and without more noise.
            heard = hissing if len(self.ear_lessons) % 2 else again
            views = [View.of(audio, rate) for audio in (excerpt.audio, heard)]
            self.ear_lessons.append([EarLesson.of(view, score, codec.frame_rate) for view in views])


def _hissing(audio: Array, rng: np.random.Generator) -> Array:
    """With noise 10 to 35 dB below the music, so that a model's hiss does not pass for a style of its own."""
    level = float(np.sqrt(np.mean(np.square(audio)))) * 10.0 ** (-rng.uniform(10.0, 35.0) / 20.0)
    return np.asarray(audio + level * rng.standard_normal(len(audio)), np.float32)


def _keep(path: Path, key: str, listener: Listener) -> None:
    arrays: dict[str, NDArray[np.generic]] = {f"ears.{n}": a for n, a in listener.ears.arrays().items()}
    labels = {}
    for name, recogniser in (("styles", listener.styles), ("moments", listener.moments)):
        arrays |= {f"{name}.{part}": array for part, array in recogniser.arrays().items()}
        labels[f"{name}.labels"] = json.dumps(recogniser.labels)
    # safetensors writes memory as it lies, so a transposed array would come back scrambled.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_beside(path, save(whole, {"key": key, **labels}))


def _kept(path: Path, key: str, codec: Codec) -> Listener | None:
    """What was kept for this very lesson, else None."""
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
            if metadata["key"] != key:
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no mapping
        parts: dict[str, dict[str, NDArray[Any]]] = {"styles": {}, "moments": {}, "ears": {}}
        for name, array in arrays.items():
            whose, part = name.split(".", 1)
            parts[whose][part] = array
        styles, moments = (
            Recogniser(json.loads(metadata[f"{whose}.labels"]), **parts[whose])
            for whose in ("styles", "moments")
        )
        return Listener(styles, moments, Ears.from_arrays(parts["ears"]), codec.sample_rate, codec.frame_rate)
    except (OSError, SafetensorError, KeyError, RuntimeError, TypeError, ValueError):
        return None
