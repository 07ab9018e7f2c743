"""Training the ears of an evaluation on a corpus's own renders, once for each codec."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from simba_live.codec.encodec import Codec
from simba_live.data.manifest import MANIFEST, write_beside
from simba_live.errors import CorpusError

from .codec_quality import reconstruct
from .held_out import draw_excerpts, read_conditions
from .judgement import DRUMS, NO_DRUMS, Ask, Listener
from .recogniser import Recogniser, describe
from .spectra import Array
from .watching import watch

KEPT = "listener.safetensors"

_FORMAT = 2
"""To be raised whenever `describe` changes."""


@dataclass(frozen=True)
class Lesson:
    """What the ears learn from.

    Attributes:
        corpus: folder; its train split is used.
        num_codebooks: how many of the codec's the music goes through.
        seconds: length of an excerpt.
        excerpts: how many; each is heard as it is, through the codec, and with noise as well.
        seed: of the draw.
    """

    corpus: Path
    num_codebooks: int
    seconds: float
    excerpts: int
    seed: int


def learn(lesson: Lesson, codec: Codec, folder: Path) -> Listener:
    """The ears for this corpus and codec, from `folder` if they were kept there.

    Raises:
        CorpusError: the corpus lacks train pieces of that length, or has one style only.
    """
    key = json.dumps(
        {
            "format": _FORMAT,
            "manifest": hashlib.sha256((lesson.corpus / MANIFEST).read_bytes()).hexdigest(),
            "codec": codec.fingerprint(),
            "lesson": [lesson.num_codebooks, lesson.seconds, lesson.excerpts, lesson.seed],
        }
    )
    recognisers = _kept(folder / KEPT, key)
    if recognisers is None:
        recognisers = _train(lesson, codec)
        _keep(folder / KEPT, key, recognisers)
    return Listener(recognisers["styles"], recognisers["drums"], codec.sample_rate, codec.frame_rate)


def _train(lesson: Lesson, codec: Codec) -> dict[str, Recogniser]:
    excerpts = draw_excerpts(
        lesson.corpus, "train", lesson.excerpts, lesson.seconds, lesson.seed, codec.sample_rate
    )
    descriptions: list[Array] = []
    styles: list[str] = []
    drums: list[str] = []
    rng = np.random.default_rng([lesson.seed, 0x4155])
    for excerpt in watch(excerpts, "learning styles"):
        conditions = read_conditions(lesson.corpus, excerpt, 50.0, round(50.0 * lesson.seconds))
        beaten = Ask.of(conditions, 50.0, excerpt.piece.style, "").drums
        again, _ = reconstruct(codec, excerpt.audio, lesson.num_codebooks)
        for audio in (excerpt.audio, again, _hissing(again, rng)):
            descriptions.append(describe(audio, codec.sample_rate))
            styles.append(excerpt.piece.style)
            drums.append(DRUMS if beaten else NO_DRUMS)
    if len(set(styles)) < 2:
        raise CorpusError(f"{lesson.corpus}: all its train pieces are {styles[0]}; compose more styles")
    seen = np.stack(descriptions)
    return {"styles": Recogniser.fit(seen, styles), "drums": Recogniser.fit(seen, drums)}


def _hissing(audio: Array, rng: np.random.Generator) -> Array:
    """With noise 10 to 35 dB below the music, so that a model's hiss does not pass for a style of its own."""
    level = float(np.sqrt(np.mean(np.square(audio)))) * 10.0 ** (-rng.uniform(10.0, 35.0) / 20.0)
    return np.asarray(audio + level * rng.standard_normal(len(audio)), np.float32)


def _keep(path: Path, key: str, recognisers: dict[str, Recogniser]) -> None:
    # safetensors writes memory as it lies, so a transposed array would come back scrambled.
    arrays = {
        f"{name}.{part}": np.ascontiguousarray(value)
        for name, r in recognisers.items()
        for part, value in r.arrays().items()
    }
    labels = {f"{name}.labels": json.dumps(r.labels) for name, r in recognisers.items()}
    write_beside(path, save(arrays, {"key": key, **labels}))


def _kept(path: Path, key: str) -> dict[str, Recogniser] | None:
    """What was kept for this very lesson, else None."""
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
            if metadata["key"] != key:
                return None
            return {
                name: Recogniser(
                    json.loads(metadata[f"{name}.labels"]),
                    **{
                        part: file.get_tensor(f"{name}.{part}")
                        for part in ("mean", "scale", "weight", "bias")
                    },
                )
                for name in ("styles", "drums")
            }
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None
