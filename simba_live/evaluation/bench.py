"""What an evaluation works with: its plan, and what several sections need, made when first needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.controls import Sampling
from simba_live.data.manifest import read_manifest
from simba_live.engine.engine import Engine
from simba_live.training.watching import watch

from .codec_quality import reconstruct
from .judgement import Listener
from .listening import Lesson, learn
from .metrics import mel_patches
from .takes import Setting, Studio, Take, draw_settings

TAKES = "takes"
"""Folder in the report's folder that holds what was generated."""


@dataclass(frozen=True)
class Evaluation:
    """What to judge, and by what.

    Attributes:
        corpus: folder that `simba-live data compose` wrote; the listener learns from its train split.
        output: folder of the report.
        codec: folder or hub name.
        model: folder.
        settings: how many held-out prompts and settings.
        seconds: length of each.
        seed: of the draw and of the sampling.
        held_out: a corpus of which every piece is judged; None is the test split of `corpus`.
        other_corpus: a second corpus, or any folder of music, to judge the codec on.
        lessons: train excerpts from which the listener learns.
        ear_steps: steps that its ears learn.
        prompts: how many settings are steered, and how many are changed in mid-stream.
        heard: how many natural prompts are played and listened to, besides being read.
        streams: how many long streams.
        long_minutes: minutes of them that are held against the first.
        sampling: how the model's codes are drawn with the arranger.
        free_sampling: how they are drawn without it.
        device: where to compute.
    """

    corpus: Path
    output: Path
    codec: str
    model: Path
    settings: int = 128
    seconds: float = 12.0
    seed: int = 0
    held_out: Path | None = None
    other_corpus: Path | None = None
    lessons: int = 1600
    ear_steps: int = 3000
    prompts: int = 26
    heard: int = 48
    streams: int = 6
    long_minutes: tuple[int, ...] = (10,)
    sampling: Sampling = field(default_factory=Sampling)
    free_sampling: Sampling = field(default_factory=lambda: Sampling.preset(True))
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def judged(self) -> tuple[Path, str | None]:
        """The corpus that is judged, and which split of it, None for all."""
        return (self.corpus, "test") if self.held_out is None else (self.held_out, None)

    def sampling_of(self, free: bool) -> Sampling:
        """How codes are drawn in one way."""
        return self.free_sampling if free else self.sampling


class Bench:
    """Engine, listener and held-out settings of an evaluation.

    Attributes:
        plan: the evaluation.
    """

    def __init__(self, plan: Evaluation) -> None:
        self.plan = plan

    @cached_property
    def codec(self) -> Codec:
        """The codec alone, which needs no model."""
        return Codec.load(self.plan.codec, self.plan.device)

    @cached_property
    def studio(self) -> Studio:
        """Model and codec, and what they have played already."""
        plan = self.plan
        return Studio.open(Engine.load(plan.model, plan.codec, plan.device), plan.output / TAKES)

    @property
    def num_codebooks(self) -> int:
        """How many of the codec's codebooks the model speaks."""
        return self.studio.engine.model.config.num_codebooks

    @cached_property
    def settings(self) -> list[Setting]:
        """Held-out settings."""
        plan = self.plan
        return draw_settings(*plan.judged, plan.settings, plan.seconds, plan.seed, self.codec)

    @cached_property
    def through_codec(self) -> list[Take]:
        """The settings' own music through as many codebooks as the model speaks."""
        return [
            Take(*reconstruct(self.codec, setting.excerpt.audio, self.num_codebooks))
            for setting in watch(self.settings, "through the codec")
        ]

    @cached_property
    def listener(self) -> Listener:
        """Taught once a corpus and codec."""
        plan = self.plan
        lesson = Lesson(
            plan.corpus, self.num_codebooks, plan.seconds, plan.lessons, plan.seed, plan.ear_steps
        )
        return learn(lesson, self.codec, plan.output)

    @cached_property
    def held_out_patches(self) -> NDArray[np.float64]:
        """Of the settings' own music, for Frechet distances, [patches, D]."""
        return patches_of([setting.excerpt.audio for setting in self.settings], self.codec.sample_rate)

    def captions(self, count: int) -> list[tuple[str, str]]:
        """Captions of held-out pieces with their styles, every style once before one comes again."""
        folder, split = self.plan.judged
        pieces = [piece for piece in read_manifest(folder) if split in (None, piece.split)]
        rng = np.random.default_rng([self.plan.seed, 0x57E1])
        pieces = [pieces[index] for index in rng.permutation(len(pieces))]
        seen: dict[str, int] = {}
        turns = []
        for piece in pieces:
            turns.append(seen.get(piece.style, 0))
            seen[piece.style] = turns[-1] + 1
        order = sorted(range(len(pieces)), key=lambda index: turns[index])
        chosen = [pieces[index] for index in order[:count]]
        return [
            (
                piece.captions[int(rng.integers(len(piece.captions)))] if piece.captions else piece.style,
                piece.style,
            )
            for piece in chosen
        ]


def patches_of(pieces: list[Array], sample_rate: int) -> NDArray[np.float64]:
    """Patches of several pieces [N], together."""
    return np.concatenate([mel_patches(piece, sample_rate) for piece in pieces])
