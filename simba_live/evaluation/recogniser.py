"""A small classifier of finished music, by numbers that describe its sound, its rhythm and its harmony.

It learns from the corpus's own renders, as they are and as the codec gives them back, so that what it says of
generated music is about the music and not about the codec. How often it is right on held-out music is the
ceiling of what it can say of a model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array, log_mel

from . import metrics
from .course import Course

_LAGS = np.geomspace(0.08, 2.4, 40)
"""Seconds at which the rhythm's autocorrelation is read."""

_BEATS = np.array([1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 3 / 2, 2.0, 3.0, 4.0])
"""Beats at which it is read as well, so that one groove at two tempi looks alike."""

_RATES = np.array([1 / 4, 1 / 2, 3 / 4, 1.0, 3 / 2, 2.0, 3.0, 4.0, 6.0])
"""Pulses a beat whose strength is measured in every frequency range."""


_FARTHEST = 6.0
"""Standard deviations beyond which a number says no more."""

_NETWORKS, _HIDDEN, _ROWS = 3, 256, 64
"""How many networks, the width of each, and the descriptions that each learns from in a step."""

_PASSES, _FEWEST_STEPS = 30, 200
"""How often each description is learnt from, and the steps that are made of however few."""


def describe(audio: Array, sample_rate: int) -> Array:
    """What the classifiers see of a piece [N], whatever its loudness: float32 [D]; give it six seconds."""
    audio = audio * np.float32(0.1 / max(float(np.sqrt(np.mean(np.square(audio)))), 1e-4))
    parts = (_sound(audio, sample_rate), _groove(audio, sample_rate), _harmony(audio, sample_rate))
    return np.concatenate(parts).astype(np.float32)


def _sound(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    """Spectrum and its movement, by band and as cepstrum."""
    patches = metrics.mel_patches(audio, sample_rate)
    mel = log_mel(audio, sample_rate, bands=64)
    cosines = np.cos(np.pi * (np.arange(64)[:, None] + 0.5) * np.arange(1, 21) / 64) / 64
    cepstrum = mel @ cosines
    return np.concatenate(
        [
            patches.mean(axis=0),
            patches[:, : patches.shape[1] // 3].std(axis=0),
            cepstrum.mean(axis=0),
            cepstrum.std(axis=0),
            np.diff(cepstrum, axis=0).std(axis=0),
        ]
    )


def _groove(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    """At which intervals, in seconds and in beats, what frequency range repeats itself, and how strongly."""
    strengths = rhythm.onset_strength(audio, sample_rate, bands=6)
    tempo = rhythm.estimate_tempo(audio, sample_rate)
    beat = 0.5 if np.isnan(tempo.bpm) else 60.0 / tempo.bpm
    bands = [rhythm.autocorrelation(band[:, None]) for band in strengths.T]
    frames = np.arange(len(bands[0]))
    whole = np.interp(_LAGS * rhythm.ONSET_RATE, frames, np.mean(bands, axis=0))
    by_beat = [np.interp(_BEATS * beat * rhythm.ONSET_RATE, frames, band) for band in bands]
    seconds = np.arange(len(strengths)) / rhythm.ONSET_RATE
    waves = np.exp(-2j * np.pi * np.outer(_RATES / beat, seconds))
    level = strengths.mean(axis=0)
    pulses = np.abs(waves @ strengths) / (len(strengths) * (level + 1e-3))
    onsets = len(rhythm.onset_times(audio, sample_rate)) * sample_rate / len(audio)
    numbers = np.array([np.log2(beat), tempo.confidence, onsets])
    return np.concatenate([whole, *by_beat, pulses.ravel(), level, strengths.std(axis=0), numbers])


def _harmony(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    """How the pitch classes are spread, the same in every key, [15]."""
    found = metrics.windowed_chroma(audio, sample_rate)
    shares = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
    whole = np.abs(np.fft.rfft(shares.mean(axis=0)))[1:]
    single = np.abs(np.fft.rfft(shares, axis=1)).mean(axis=0)[1:]
    movement = np.abs(np.diff(shares, axis=0)).sum(axis=1)
    return np.concatenate([whole, single, [movement.mean(), movement.std(), shares.max(axis=1).mean()]])


class Recogniser:
    """Networks of one hidden layer on standardised descriptions, whose opinions are averaged.

    Taught on 1,574 excerpts of 12 s in 26 styles it is right about 90 % of 400 of another corpus, and about
    89 % of them through the codec; linear discriminant analysis was about 86 % and 85 %.

    Attributes:
        labels: what it can say, in the order of its scores.
    """

    def __init__(
        self,
        labels: Sequence[str],
        mean: Array,
        scale: Array,
        hidden: Array,
        hidden_bias: Array,
        weight: Array,
        bias: Array,
    ) -> None:
        self.labels = tuple(labels)
        self.mean, self.scale = mean, scale
        self.hidden, self.hidden_bias, self.weight, self.bias = hidden, hidden_bias, weight, bias

    @classmethod
    def fit(cls, descriptions: Array, labels: Sequence[str], seed: int = 0) -> Recogniser:
        """Learn from descriptions [n, D] and their labels.

        Args:
            descriptions: from `describe`.
            labels: one a description.
            seed: of the first weights, the order and the dropout.
        """
        names = sorted(set(labels))
        which = np.array([names.index(label) for label in labels])
        mean, scale = descriptions.mean(axis=0), descriptions.std(axis=0) + np.float32(1e-3)
        inputs = _standardised(descriptions, mean, scale)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            learnt = _learn(torch.from_numpy(inputs), torch.from_numpy(which), len(names))
        return cls(names, mean, scale, *(part.numpy() for part in learnt))

    def recognise(self, description: Array) -> str:
        """The likeliest label of one description [D]."""
        scores = self.scores(description)
        return max(scores, key=scores.__getitem__)

    def scores(self, description: Array) -> dict[str, float]:
        """The log probability of each label of one description [D]."""
        inputs = _standardised(description, self.mean, self.scale)[None]
        hidden = np.maximum(inputs @ self.hidden + self.hidden_bias, 0.0)
        logits = (hidden @ self.weight + self.bias)[:, 0]
        opinions = np.exp(logits - logits.max(axis=1, keepdims=True))
        opinions /= opinions.sum(axis=1, keepdims=True)
        return dict(zip(self.labels, np.log(opinions.mean(axis=0) + 1e-9).tolist(), strict=True))

    def arrays(self) -> dict[str, Array]:
        """The learnt numbers by name; with `labels` they are the way back."""
        return {
            "mean": self.mean,
            "scale": self.scale,
            "hidden": self.hidden,
            "hidden_bias": self.hidden_bias,
            "weight": self.weight,
            "bias": self.bias,
        }


def _standardised(descriptions: Array, mean: Array, scale: Array) -> Array:
    return np.asarray(np.clip((descriptions - mean) / scale, -_FARTHEST, _FARTHEST), np.float32)


def _learn(inputs: Tensor, which: Tensor, labels: int) -> list[Tensor]:
    """Weight and bias of both layers, every network's beside the others', from [n, D] and labels [n]."""
    hidden = torch.randn(_NETWORKS, inputs.shape[1], _HIDDEN) / inputs.shape[1] ** 0.5
    weight = torch.randn(_NETWORKS, _HIDDEN, labels) / _HIDDEN**0.5
    hidden_bias, bias = torch.zeros(_NETWORKS, 1, _HIDDEN), torch.zeros(_NETWORKS, 1, labels)
    parts = [part.requires_grad_() for part in (hidden, hidden_bias, weight, bias)]
    steps = max(_PASSES * len(inputs) // _ROWS, _FEWEST_STEPS)
    course = Course(parts, steps, 2e-3, weight_decay=0.05, rise=0.3)
    for _ in range(steps):
        drawn = torch.randint(len(inputs), (_NETWORKS, _ROWS))
        thought = functional.dropout(functional.relu(inputs[drawn] @ hidden + hidden_bias), 0.5)
        logits = (thought @ weight + bias).flatten(0, 1)
        course.learn(_NETWORKS * functional.cross_entropy(logits, which[drawn].flatten()))
    return [part.detach() for part in parts]
