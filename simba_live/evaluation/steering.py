"""Whether density, brightness and drums do what the player turns them to, with the same prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array
from simba_live.controls import Controls, Sampling, Value
from simba_live.data.brightness import DARKEST, OCTAVES, brightness
from simba_live.events import Prompt
from simba_live.training.watching import watch

from .dictation import dictate
from .judgement import Listener, asked_onsets
from .statistics import Share, rank_correlation
from .takes import Script, Studio

LEVELS = (0.2, 0.5, 0.8)
"""What density and brightness are set to."""

DENSITY, BRIGHTNESS, DRUMS = "density", "brightness", "drums"

LEAD = 8.0
"""Seconds of intro that are not listened to."""


@dataclass(frozen=True)
class Steered:
    """What became of a control that was set to rising levels.

    Attributes:
        levels: the measured median over all prompts at each level.
        correlation: mean rank correlation of asked and measured, -1 to 1; 0 by chance.
        rising: prompts with which every level measured higher than the one below; 1 in 6 by chance.
    """

    levels: tuple[float, ...]
    correlation: float
    rising: Share

    @classmethod
    def of(cls, measured: NDArray[np.float64]) -> Steered:
        """From what was measured, [prompts, levels]; prompts without a figure at some level do not count."""
        measured = measured[~np.isnan(measured).any(axis=1)]
        if not len(measured):
            return cls(tuple([float("nan")] * len(LEVELS)), float("nan"), Share(0, 0))
        return cls(
            tuple(np.median(measured, axis=0).tolist()),
            float(np.mean([rank_correlation(row) for row in measured])),
            Share.of([bool((np.diff(row) > 0.0).all()) for row in measured]),
        )


@dataclass(frozen=True)
class Steering:
    """One way of playing: what became of its controls.

    Attributes:
        density: note onsets a second; what was asked comes under `score`, if the arranger plays.
        score: what the arranger wrote at each density, measured without a sound.
        brightness: spectral centroid in Hz.
        drums_on: prompts with which drums were heard when turned on.
        drums_off: prompts with which none were heard when turned off.
    """

    density: Steered
    score: Steered | None
    brightness: Steered
    drums_on: Share
    drums_off: Share


def judge_steering(
    studio: Studio,
    captions: Sequence[tuple[str, str]],
    sampling: Sampling,
    free: bool,
    seconds: float,
    listener: Listener,
) -> Steering:
    """Play every prompt with every control at every level, and listen.

    Args:
        studio: where it is played.
        captions: prompts with their styles.
        sampling: how codes are drawn.
        free: without the arranger.
        seconds: how long each is listened to.
        listener: tells whether there are drums.
    """
    codec = studio.engine.codec
    lead, length = (round(part * codec.frame_rate) for part in (LEAD, seconds))
    vectors = studio.encoder.encode([caption for caption, _ in captions])
    asked: list[Mapping[str, Value]] = [{DENSITY: level} for level in LEVELS]
    asked += [{BRIGHTNESS: level} for level in LEVELS] + [{DRUMS: 1}, {DRUMS: 0}]
    scripts = []
    for index, ((caption, style), vector) in enumerate(
        zip(watch(captions, "arranging controls"), vectors, strict=True)
    ):
        prompt = Prompt((caption,), vector=vector, style=style)
        for values in asked:
            controls = Controls(seed=index, free=int(free)).moved(**values)
            written = dictate(codec, controls, prompt, lead + length)
            scripts.append(Script(written.conditions[lead:], vector[None], index))
    way = "--free" if free else "arranger"
    takes = studio.perform(scripts, sampling, f"controls, {way}")
    pieces = [take.audio for take in watch(takes, f"listening: controls, {way}")]
    rate = codec.sample_rate

    def table(values: Sequence[float], first: int) -> NDArray[np.float64]:
        return np.array(values).reshape(len(captions), len(asked))[:, first : first + len(LEVELS)]

    busy = [len(rhythm.onset_times(piece, rate)) * rate / len(piece) for piece in pieces]
    written_busy = [len(asked_onsets(script.conditions, codec.frame_rate)) / seconds for script in scripts]
    bright = [centroid(piece, rate) for piece in pieces]
    drums = np.array([listener.hear_drums(piece) for piece in pieces], bool).reshape(
        len(captions), len(asked)
    )
    return Steering(
        Steered.of(table(busy, 0)),
        None if free else Steered.of(table(written_busy, 0)),
        Steered.of(table(bright, len(LEVELS))),
        Share.of(drums[:, -2]),
        Share.of(~drums[:, -1]),
    )


def centroid(audio: Array, sample_rate: int) -> float:
    """Spectral centroid of a piece [N] in Hz, the mean over its audible moments on a scale of octaves."""
    values = brightness(audio, sample_rate, 50.0, round(50.0 * len(audio) / sample_rate))
    audible = values[~np.isnan(values)]
    return DARKEST * 2.0 ** (OCTAVES * float(audible.mean())) if len(audible) else float("nan")
