"""What is done to sound before it is heard: sound of any rate, however broken, becomes clean whole frames.

Samples that are no number become silence, what lies beyond full scale is bent, a constant offset is taken
away, the rate is made the codec's, and a gate closes over noise.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from .level import FLOOR, Meter, decibels, limit

Audio = NDArray[np.float32]

FULL_SCALE = 0.999
"""Level from which a sample counts as clipped: converters end a little below 1."""

CLIP_SECONDS = 1.5
"""How long a meter shows that something was clipped."""

CUTOFF_HZ = 12.0
"""Below the lowest note: what sounds deeper than this is an offset, or wind."""

HOLD_SECONDS = 0.3
"""How long the gate stays open after the last loud frame, for a note to die away."""

WILDEST = 4.0
"""Samples beyond this are no sound; a filter fed with them would ring on."""

HYSTERESIS_DB = 6.0
"""How much further the level must fall to close the gate than to open it."""

ATTACK_SECONDS = 0.002
"""How fast the gate opens: slow enough not to click, fast enough to leave a drum its stroke."""


class Inlet:
    """Frames of sound for a codec; one thread calls `push`, any thread reads the attributes.

    Args:
        sample_rate: of the codec, in Hz.
        channels: of the codec; more are averaged, and one is spread over all.
        frame_samples: samples of a frame.
        gate_db: level in dB of full scale under which a frame is silence; `FLOOR` leaves the gate open.

    Attributes:
        peak: largest sample of the last tenth of a second as it came, in dB of full scale.
        rms: level of the same.
        clipped: whether something of late reached full scale.
        silent_seconds: how long the gate has been closed; 0 while it is open.
    """

    def __init__(self, sample_rate: int, channels: int, frame_samples: int, gate_db: float = -50.0) -> None:
        self.peak = self.rms = FLOOR
        self.clipped = False
        self.silent_seconds = 0.0
        self._sample_rate, self._channels, self._frame = sample_rate, channels, frame_samples
        self._coming = (0, 0)
        self._received, self._handed_on = 0.0, 0
        self._resampler: soxr.ResampleStream | None = None
        self._meter = Meter(sample_rate)
        self._since_clip = np.inf
        self._offset = _OffsetFilter(sample_rate, channels, frame_samples)
        self._gate = _Gate(gate_db, sample_rate, frame_samples)
        self._rest = np.zeros((channels, 0), np.float32)

    def push(self, heard: Audio, sample_rate: int) -> Audio:
        """Take in what has come.

        Args:
            heard: samples [n, C], whatever they are.
            sample_rate: their rate in Hz; it and C may change.

        Returns:
            [channels, k * frame_samples], the whole frames that there are by now.
        """
        if not len(heard):
            return np.zeros((self._channels, 0), np.float32)
        if (sample_rate, heard.shape[1]) != self._coming:
            self._begin(sample_rate, heard.shape[1])
        self._received += len(heard) / sample_rate
        audio = self._mixed(self._watched(heard, sample_rate))
        if self._resampler is not None:
            audio = self._resampler.resample_chunk(np.ascontiguousarray(audio.T)).T
        audio = np.concatenate([self._rest, audio], 1)
        whole = audio.shape[1] // self._frame * self._frame
        self._rest = audio[:, whole:]
        self._handed_on += whole
        frames = [
            self._cleaned(audio[:, start : start + self._frame]) for start in range(0, whole, self._frame)
        ]
        return np.concatenate(frames, 1) if frames else audio[:, :0]

    @property
    def held_seconds(self) -> float:
        """What came and was not handed on yet: a part of a frame, and what the resampler holds back."""
        return self._received - self._handed_on / self._sample_rate

    def _begin(self, sample_rate: int, channels: int) -> None:
        """Get ready for sound of another shape."""
        self._coming = (sample_rate, channels)
        self._received, self._handed_on = self._rest.shape[1] / self._sample_rate, 0
        self._meter = Meter(sample_rate)
        self._resampler = None
        if sample_rate != self._sample_rate:
            self._resampler = soxr.ResampleStream(sample_rate, self._sample_rate, self._channels, vr=True)

    def _watched(self, heard: Audio, sample_rate: int) -> Audio:
        """The sound [C, n] without anything that is no sample, seen by the meter."""
        finite = np.isfinite(heard)
        if not finite.all():
            heard = np.where(finite, heard, np.float32(0.0))
        audio = np.clip(heard.T, -WILDEST, WILDEST)
        loud = bool((np.abs(audio) >= FULL_SCALE).any())
        self._since_clip = 0.0 if loud else self._since_clip + audio.shape[1] / sample_rate
        self.clipped = bool(self._since_clip < CLIP_SECONDS)
        audio = limit(audio)
        self._meter.add(audio)
        self.peak, self.rms = self._meter.peak, self._meter.rms
        return audio

    def _mixed(self, audio: Audio) -> Audio:
        """As many channels as the codec has."""
        if audio.shape[0] > self._channels:
            audio = audio.mean(axis=0, keepdims=True, dtype=np.float32)
        return np.repeat(audio, self._channels // audio.shape[0], axis=0)

    def _cleaned(self, frame: Audio) -> Audio:
        frame = self._gate.process(self._offset.process(frame))
        self.silent_seconds = self._gate.closed_seconds
        return frame


class _OffsetFilter:
    """Takes a constant offset away: y[n] = x[n] - x[n-1] + r y[n-1], a frame at a time as one product."""

    def __init__(self, sample_rate: int, channels: int, frame: int) -> None:
        ratio = 1.0 - 2.0 * np.pi * CUTOFF_HZ / sample_rate
        steps = np.arange(frame)
        late = steps[:, None] - steps[None, :]
        self._response = np.where(late >= 0, ratio ** np.maximum(late, 0), 0.0).astype(np.float32).T
        self._decay = (ratio ** (steps + 1.0)).astype(np.float32)
        self._last = np.zeros((channels, 1), np.float32)
        self._out = np.zeros((channels, 1), np.float32)

    def process(self, frame: Audio) -> Audio:
        steps = np.diff(frame, prepend=self._last)
        filtered: Audio = steps @ self._response + self._out * self._decay
        self._last, self._out = frame[:, -1:].copy(), filtered[:, -1:].copy()
        return filtered


class _Gate:
    """Lets sound through that is loud enough."""

    def __init__(self, level_db: float, sample_rate: int, frame: int) -> None:
        self.closed_seconds = 0.0
        self._level = level_db
        self._seconds = frame / sample_rate
        self._quiet = HOLD_SECONDS  # how long it has been too quiet
        self._open = False
        steps = np.arange(1, frame + 1)
        self._opening = np.minimum(steps / (ATTACK_SECONDS * sample_rate), 1.0).astype(np.float32)
        self._closing = (1.0 - steps / frame).astype(np.float32)

    def process(self, frame: Audio) -> Audio:
        level = decibels(float(np.sqrt(np.mean(np.square(frame)))))
        loud = level >= self._level - (HYSTERESIS_DB if self._open else 0.0)
        self._quiet = 0.0 if loud else self._quiet + self._seconds
        was_open, self._open = self._open, self._quiet < HOLD_SECONDS or self._level <= FLOOR
        self.closed_seconds = 0.0 if self._open else self.closed_seconds + self._seconds
        if self._open:
            return frame if was_open else frame * self._opening
        return frame * (self._closing if was_open else np.float32(0.0))
