"""What the compared models play, against held-out music: near it, in tempo, and on the asked notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.evaluation import metrics
from simba_live.evaluation.batch_generate import generate_batch
from simba_live.evaluation.codec_quality import decode, reconstruct
from simba_live.evaluation.takes import Setting, draw_settings
from simba_live.model import load_model
from simba_live.model.text import load_text_encoder
from simba_live.training.token_streams import WRITTEN, set_free
from simba_live.training.watching import watch

FRECHET, TEMPO, CHROMA, DEAD = "frechet", "tempo", "chroma", "dead"

WAYS = {"arranger": False, "free": True}
"""Whether the arranger's conditions are left free, by way; the names are those of the held-out losses."""


def plain_sampling(seed: int) -> Sampling:
    """The model's own distribution: nothing that was tuned on one of the architectures."""
    return Sampling(temperature=1.0, top_k=0, top_p=1.0, guidance=1.0, seed=seed)


@dataclass(frozen=True)
class Jury:
    """Held-out settings, and what the judgement needs to know of the music itself.

    Attributes:
        codec: speaks the tokens' codes.
        settings: what is asked.
        styles: their embedded prompts, [B, S].
        patches: of the held-out music, for the Frechet distance, [patches, D].
        seed: of the sampling.
    """

    codec: Codec
    settings: Sequence[Setting]
    styles: NDArray[np.float32]
    patches: NDArray[np.float64]
    seed: int

    @classmethod
    def assemble(
        cls, held_out: Path, codec: Codec, text_encoder: str, count: int, seconds: float, seed: int
    ) -> Jury:
        """Draw the settings from all pieces of a corpus that `simba-live data compose` wrote.

        Raises:
            CorpusError: it has too few pieces of that length.
        """
        settings = draw_settings(held_out, None, count, seconds, seed, codec)
        styles = load_text_encoder(text_encoder).encode([setting.ask.caption for setting in settings])
        audio = [setting.excerpt.audio for setting in settings]
        return cls(codec, settings, styles, _patches(audio, codec.sample_rate), seed)

    def hear_codec(self, num_codebooks: int) -> dict[str, float]:
        """The held-out music itself through so many codebooks: the ceiling of what can be generated."""
        return self._judge(
            [
                reconstruct(self.codec, setting.excerpt.audio, num_codebooks)[0]
                for setting in watch(self.settings, f"through the codec, codebooks: {num_codebooks}")
            ]
        )

    def hear_model(self, folder: Path, device: torch.device) -> dict[str, dict[str, float]]:
        """What a model makes of the settings, by way.

        Raises:
            CheckpointError: the model does not speak the codec's codes.
        """
        # An engine is what refuses a model and a codec that do not fit each other.
        model = Engine(load_model(folder, device), self.codec).model
        sampling, sessions = plain_sampling(self.seed), range(len(self.settings))
        heard = {}
        for way, free in WAYS.items():
            asked = np.stack([_features(setting.conditions, free) for setting in self.settings])
            title = f"playing, {way}"
            codes = generate_batch(model, asked, self.styles, sampling, sessions, title)
            heard[way] = self._judge([decode(self.codec, piece) for piece in watch(list(codes), "decoding")])
        return heard

    def _judge(self, pieces: Sequence[Array]) -> dict[str, float]:
        """Means over the pieces, and the Frechet distance of all of them to the held-out music."""
        rate = self.codec.sample_rate
        figures: dict[str, list[float]] = {TEMPO: [], CHROMA: [], DEAD: []}
        for audio, setting in zip(pieces, self.settings, strict=True):
            verdict = rhythm.judge_tempo(rhythm.estimate_tempo(audio, rate).bpm, setting.ask.bpm)
            figures[TEMPO].append(verdict in rhythm.OCTAVE_TOLERANT)
            found = metrics.windowed_chroma(audio, rate)
            figures[CHROMA].append(metrics.chroma_cosine(found, setting.ask.chroma))
            figures[DEAD].append(metrics.is_dead(audio, rate))
        return {FRECHET: metrics.frechet_distance(_patches(pieces, rate), self.patches)} | {
            name: _mean(np.array(values, np.float64)) for name, values in figures.items()
        }


def _features(conditions: Conditions, free: bool) -> NDArray[np.float32]:
    """What the model is told, [T, F]."""
    told = Conditions.concatenate([conditions])
    if free:
        set_free(told, *WRITTEN)
    return told.features()


def _mean(values: NDArray[np.float64]) -> float:
    """Of those that are defined (a piece without notes has no chroma), NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _patches(pieces: Sequence[Array], sample_rate: int) -> NDArray[np.float64]:
    return np.concatenate([metrics.mel_patches(audio, sample_rate) for audio in pieces])
