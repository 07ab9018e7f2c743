"""What is asked in an evaluation, and what the model answers, with the arranger and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.errors import CorpusError

from .batch_generate import generate_batch
from .codec_quality import decode
from .held_out import Excerpt, draw_excerpts, read_conditions
from .judgement import Ask
from .spectra import Array
from .token_streams import WRITTEN, set_free
from .watching import watch


@dataclass(frozen=True)
class Setting:
    """One thing to ask for: a held-out excerpt, its conditions and what they amount to."""

    excerpt: Excerpt
    conditions: Conditions
    ask: Ask


@dataclass(frozen=True)
class Take:
    """One way's audio [N] of a setting, and its codes [K, T] if it has any."""

    audio: Array
    codes: NDArray[np.int64] | None = None


def draw_settings(
    corpus: Path, split: str | None, count: int, seconds: float, seed: int, codec: Codec
) -> list[Setting]:
    """Held-out excerpts in whole frames, each with one of its piece's captions.

    Args:
        corpus: folder that `simba-live data compose` wrote.
        split: which split of it; None is all.
        count: how many at most.
        seconds: length of each.
        seed: of the draw.
        codec: gives sample rate and frame rate.

    Raises:
        CorpusError: fewer than two are held out.
    """
    num_frames = round(seconds * codec.frame_rate)
    seconds = num_frames / codec.frame_rate
    excerpts = draw_excerpts(corpus, split, count, seconds, seed, codec.sample_rate)
    if len(excerpts) < 2:
        raise CorpusError(f"{corpus}: only one excerpt of {seconds:g} s is held out; compose more hours")
    rng = np.random.default_rng([seed, 0xCA97])
    settings = []
    for excerpt in excerpts:
        conditions = read_conditions(corpus, excerpt, codec.frame_rate, num_frames)
        captions = excerpt.piece.captions or (excerpt.piece.style,)
        caption = captions[int(rng.integers(len(captions)))]
        ask = Ask.of(conditions, codec.frame_rate, excerpt.piece.style, caption)
        settings.append(Setting(excerpt, conditions, ask))
    return settings


def generate_takes(engine: Engine, settings: Sequence[Setting], sampling: Sampling, free: bool) -> list[Take]:
    """What the model makes of the settings.

    Args:
        engine: model and codec.
        settings: what is asked.
        sampling: how codes are drawn; the session of a setting's noise is its number.
        free: prompt, tempo, beat and key alone, instead of all that the piece's composer wrote.
    """
    # Reading the text encoder takes seconds, which judging a codec need not wait for.
    from simba_live.model.text import load_text_encoder

    way = "--free" if free else "arranger"
    features = []
    for setting in settings:
        conditions = Conditions.concatenate([setting.conditions])
        if free:
            set_free(conditions, *WRITTEN)
        features.append(conditions.features())
    styles = load_text_encoder(engine.model.config.text_encoder).encode([s.ask.caption for s in settings])
    codes = generate_batch(
        engine.model, np.stack(features), styles, sampling, range(len(settings)), f"generating: {way}"
    )
    decoding = watch(list(codes), f"decoding: {way}")
    return [Take(decode(engine.codec, piece), piece) for piece in decoding]
