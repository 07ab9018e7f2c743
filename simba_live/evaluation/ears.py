"""Two small networks that hear notes and drums begin, taught on renders; what was asked they never see.

Both look at 20 ms frames. The note ear sees how strongly each semitone sounds, with its overtones and
undertones beside it (harmonic stacking, Bittner et al. 2022), and is the same for every pitch. The drum ear
sees a mel spectrum, and also says whether there are drums at all. They learn from the music as it is and from
what the codec makes of it, so that the codec's own noise is not taken for notes or hi-hats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from simba_live.audio.spectra import Array, magnitudes, mel_filters

Number = TypeVar("Number", bound=np.generic)

FRAME_RATE = 50
"""Frames per second of the ears."""

LOWEST_NOTE, HIGHEST_NOTE = 48, 96
"""MIDI pitches whose onsets are listened for: lower ones rise too slowly to be placed within 50 ms."""

_LOWEST, _HIGHEST = 24, 126
_LONG = ((24, 48, 8192), (48, 72, 4096), (72, 84, 2048), (84, 127, 1024))
_SHORT = ((24, 60, 2048), (60, 127, 1024))
"""Which pitches are read with how long a window, in samples at 24 kHz: one tells pitches, one moments."""

_HARMONICS = (0, 12, 19, 24, 28, 31, -12, -19, -24)
"""Semitones from a pitch to its overtones, and to the pitches of which it would be one."""

_BANDS = 48
_DRUM_CLASSES = 8


@dataclass(frozen=True)
class View:
    """What the ears see of a piece: `long` and `short` [T, pitches], `mel` [T, bands], all float16."""

    long: NDArray[np.float16]
    short: NDArray[np.float16]
    mel: NDArray[np.float16]

    @classmethod
    def of(cls, audio: Array, sample_rate: int) -> View:
        """Look at a piece [N], whatever its loudness."""
        audio = audio * np.float32(0.1 / max(float(np.sqrt(np.mean(np.square(audio)))), 1e-4))
        hop = sample_rate // FRAME_RATE
        frames = len(audio) // hop
        window = _window(1024, sample_rate)
        mel = _framed(audio, window, hop, frames) @ mel_filters(sample_rate, window, _BANDS)
        long, short = (_seen(_semitones(audio, sample_rate, frames, table)) for table in (_LONG, _SHORT))
        return cls(long, short, _seen(mel))


def _seen(level: Array) -> NDArray[np.float16]:
    return np.asarray(np.log1p(300.0 * level), np.float16)


def _window(samples: int, sample_rate: int) -> int:
    return int(2 ** round(np.log2(samples * sample_rate / 24000)))


def _framed(audio: Array, window: int, hop: int, frames: int) -> Array:
    """Magnitudes in the middle of every frame."""
    return magnitudes(audio[hop // 2 :], window, hop)[:frames]


def _semitones(audio: Array, sample_rate: int, frames: int, table: tuple[tuple[int, int, int], ...]) -> Array:
    """How strongly each semitone sounds, read from the spectrum at three points of it."""
    level = np.zeros((frames, _HIGHEST - _LOWEST + 1), np.float32)
    for low, high, samples in table:
        window = _window(samples, sample_rate)
        spectrum = _framed(audio, window, sample_rate // FRAME_RATE, frames)
        grid = (np.arange(low, high)[:, None] + np.array([-0.25, 0.0, 0.25])).ravel()
        place = np.minimum(440.0 * 2.0 ** ((grid - 69.0) / 12.0) * window / sample_rate, window // 2 - 1.001)
        below = place.astype(int)
        share = (place - below).astype(np.float32)
        read = spectrum[:, below] * (1.0 - share) + spectrum[:, below + 1] * share
        level[: len(read), low - _LOWEST : high - _LOWEST] = read.reshape(len(read), -1, 3).max(axis=2)
    return level


class NoteEar(nn.Module):
    """Where each pitch begins: logits [B, T, pitches] of views [B, T, ...]."""

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.first = nn.Conv2d(len(_HARMONICS) + 2, channels, (7, 3), padding=(3, 1))
        self.second = nn.Conv2d(channels, channels, (5, 3), padding=(2, 1))
        self.third = nn.Conv2d(channels, channels, (5, 3), padding=(2, 1))
        self.last = nn.Conv2d(channels, 1, (3, 3), padding=(1, 1))

    def forward(self, long: Tensor, short: Tensor) -> Tensor:
        """Both [B, T, pitches from `_LOWEST`] to [B, T, pitches from `LOWEST_NOTE`]."""
        x = torch.stack([*(_shifted(long, shift) for shift in _HARMONICS), _shifted(short, 0)], 1)
        loudness = long.mean(2)[:, None, :, None].expand_as(x[:, :1])
        x = functional.relu(self.first(torch.cat([x, loudness], 1)))
        x = x + functional.relu(self.second(x))
        x = x + functional.relu(self.third(x))
        logits: Tensor = self.last(x)[:, 0] - 3.0
        return logits


def _shifted(level: Tensor, semitones: int) -> Tensor:
    """[B, T, pitches] so many semitones above each pitch that is listened for; what is beyond is silent."""
    first, count = LOWEST_NOTE - _LOWEST + semitones, HIGHEST_NOTE - LOWEST_NOTE + 1
    padded = functional.pad(level, (max(-first, 0), max(first + count - level.shape[2], 0)))
    return padded[:, :, max(first, 0) : max(first, 0) + count]


class DrumEar(nn.Module):
    """Which drums begin where, and whether there are any: logits [B, T, drums] and [B]."""

    def __init__(self, channels: int = 48) -> None:
        super().__init__()
        self.first = nn.Conv1d(2 * _BANDS, channels, 7, padding=3)
        self.layers = nn.ModuleList(
            nn.Conv1d(channels, channels, 5, padding=2 * stride, dilation=stride) for stride in (1, 3, 9)
        )
        self.dropout = nn.Dropout(0.1)
        self.last = nn.Conv1d(channels, _DRUM_CLASSES, 3, padding=1)
        self.weight = nn.Conv1d(channels, channels, 1)
        self.any = nn.Linear(2 * channels, 1)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """[B, T, bands] to both."""
        # The piece's own mean goes away, and a steady hiss with it.
        x = torch.cat([mel - mel.mean(1, keepdim=True), mel], 2).transpose(1, 2)
        x = functional.relu(self.first(self.dropout(x)))
        for layer in self.layers:
            x = x + functional.relu(layer(self.dropout(x)))
        attended = (torch.softmax(self.weight(x), 2) * x).sum(2)
        whole = self.any(torch.cat([attended, x.mean(2)], 1))[:, 0]
        onsets: Tensor = self.last(x).transpose(1, 2) - 2.0
        return onsets, whole


@dataclass(frozen=True)
class Ears:
    """Both networks, and from which level on they are believed.

    Attributes:
        notes: hears where notes begin.
        drums: hears drums.
        note_level: logit from which on an onset counts.
        drum_level: logit from which on there are drums.
    """

    notes: NoteEar
    drums: DrumEar
    note_level: float
    drum_level: float

    @torch.no_grad()
    def note_strengths(self, view: View) -> Array:
        """How surely each pitch from `LOWEST_NOTE` to `HIGHEST_NOTE` begins, logits [T, pitches]."""
        logits = self.notes(*(torch.from_numpy(part)[None].float() for part in (view.long, view.short)))[0]
        return np.asarray(logits.numpy())

    def note_onsets(self, view: View) -> NDArray[np.bool_]:
        """Where each of these pitches begins, [T, pitches]."""
        return onsets_in(self.note_strengths(view), self.note_level)

    @torch.no_grad()
    def hears_drums(self, view: View) -> bool:
        """Whether there are drums."""
        return bool(self.drums(torch.from_numpy(view.mel)[None].float())[1] > self.drum_level)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All numbers by name; `from_arrays` is the way back."""
        named = {"levels": np.array([self.note_level, self.drum_level])}
        for name, ear in (("notes", self.notes), ("drums", self.drums)):
            named |= {f"{name}.{part}": value.detach().numpy() for part, value in ear.state_dict().items()}
        return named

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Ears:
        """Read what `arrays` gave.

        Raises:
            KeyError, RuntimeError: a part is missing, or of another shape.
        """
        ears: list[nn.Module] = [NoteEar(), DrumEar()]
        for name, ear in zip(("notes", "drums"), ears, strict=True):
            parts = {
                key.removeprefix(f"{name}."): torch.from_numpy(value)
                for key, value in arrays.items()
                if key.startswith(f"{name}.")
            }
            ear.load_state_dict(parts)
            ear.eval()
        note_level, drum_level = (float(level) for level in arrays["levels"].tolist())
        return cls(ears[0], ears[1], note_level, drum_level)  # type: ignore[arg-type]  # one of each


REACH = 2
"""Frames by which an onset may be off: 50 ms, as either time is known to a frame."""


def onsets_in(strength: Array, level: float) -> NDArray[np.bool_]:
    """Peaks in time above a level, [T, pitches]."""
    return np.asarray((strength > level) & (strength >= widened(strength, REACH)))


def widened(values: NDArray[Number], reach: int) -> NDArray[Number]:
    """The largest of so many rows around each, [T, D]."""
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    around: NDArray[Number] = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    return np.asarray(around.max(axis=-1), values.dtype)
