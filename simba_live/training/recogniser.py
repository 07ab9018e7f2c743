"""A small classifier of finished music: logistic regression on its sound, its rhythm and its harmony.

It learns from the corpus's own renders, as they are and as the codec gives them back, so that what it says of
generated music is about the music and not about the codec. How often it is right on held-out music is the
ceiling of what it can say of a model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from . import metrics, rhythm
from .spectra import Array

_LAGS = np.geomspace(0.08, 2.4, 40)
"""Seconds at which the rhythm's autocorrelation is read."""

_BEATS = np.array([1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 3 / 2, 2.0, 3.0, 4.0])
"""Beats at which it is read as well, so that one groove at two tempi looks alike."""


def describe(audio: Array, sample_rate: int) -> Array:
    """What the classifiers see of a piece [N], whatever its loudness: float32 [D]; give it six seconds."""
    audio = audio * np.float32(0.1 / max(float(np.sqrt(np.mean(np.square(audio)))), 1e-4))
    patches = metrics.mel_patches(audio, sample_rate)
    sound = np.concatenate([patches.mean(axis=0), patches[:, : patches.shape[1] // 3].std(axis=0)])
    tempo = rhythm.estimate_tempo(audio, sample_rate)
    beat = 0.5 if np.isnan(tempo.bpm) else 60.0 / tempo.bpm
    ranges = rhythm.onset_strength(audio, sample_rate, bands=3)
    lags = np.concatenate([_LAGS, _BEATS * beat]) * rhythm.ONSET_RATE
    grooves = []
    for strength in ranges.T:
        correlation = rhythm.autocorrelation(strength[:, None])
        grooves.append(np.interp(lags, np.arange(len(correlation)), correlation))
    onsets = len(rhythm.onset_times(audio, sample_rate)) * sample_rate / len(audio)
    pulse = [np.log2(beat), tempo.confidence, onsets]
    return np.concatenate([sound, *grooves, pulse, _harmony(audio, sample_rate)]).astype(np.float32)


def _harmony(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    """How the pitch classes are spread, the same in every key, [15]."""
    found = metrics.windowed_chroma(audio, sample_rate)
    shares = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
    whole = np.abs(np.fft.rfft(shares.mean(axis=0)))[1:]
    single = np.abs(np.fft.rfft(shares, axis=1)).mean(axis=0)[1:]
    movement = np.abs(np.diff(shares, axis=0)).sum(axis=1)
    return np.concatenate([whole, single, [movement.mean(), movement.std(), shares.max(axis=1).mean()]])


class Recogniser:
    """Multinomial logistic regression on standardised descriptions.

    Attributes:
        labels: what it can say, in the order of its scores.
    """

    def __init__(self, labels: Sequence[str], mean: Array, scale: Array, weight: Array, bias: Array) -> None:
        self.labels = tuple(labels)
        self.mean, self.scale, self.weight, self.bias = mean, scale, weight, bias

    @classmethod
    def fit(cls, descriptions: Array, labels: Sequence[str], decay: float = 3e-3) -> Recogniser:
        """Learn from descriptions [n, D] and their labels.

        Args:
            descriptions: from `describe`.
            labels: one a description.
            decay: of the squared weights, against learning by heart.
        """
        names = sorted(set(labels))
        mean, scale = descriptions.mean(axis=0), descriptions.std(axis=0) + 1e-3
        inputs = torch.from_numpy(np.asarray((descriptions - mean) / scale, np.float32)).clamp(-6.0, 6.0)
        targets = torch.tensor([names.index(label) for label in labels])
        weight = torch.zeros(len(names), inputs.shape[1], requires_grad=True)
        bias = torch.zeros(len(names), requires_grad=True)
        optimizer = torch.optim.Adam([weight, bias], 0.02)
        for _ in range(400):
            optimizer.zero_grad()
            loss = functional.cross_entropy(inputs @ weight.T + bias, targets) + decay * weight.square().sum()
            torch.autograd.backward(loss)
            optimizer.step()
        return cls(names, mean, scale, weight.detach().numpy(), bias.detach().numpy())

    def recognise(self, description: Array) -> str:
        """The likeliest label of one description [D]."""
        inputs = np.clip((description - self.mean) / self.scale, -6.0, 6.0)
        return self.labels[int((self.weight @ inputs + self.bias).argmax())]

    def arrays(self) -> dict[str, Array]:
        """The learnt numbers by name; with `labels` they are the way back."""
        return {"mean": self.mean, "scale": self.scale, "weight": self.weight, "bias": self.bias}
