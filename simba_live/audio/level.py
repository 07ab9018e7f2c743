"""How loud the output is: click-free gain and mute, the soft limiter, and the meter."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from simba_live.controls import NUMBERS

Audio = NDArray[np.float32]

KNEE = 0.9
"""Level from which samples are bent so that they never reach full scale."""

FLOOR = -120.0
"""What a meter shows for silence, in dB of full scale."""

METER_SECONDS = 0.1
"""How far back a meter looks."""


def limit(audio: Audio) -> Audio:
    """Bend samples beyond `KNEE` smoothly towards full scale, so that none clips; leave the others alone.

    Args:
        audio: any shape; handed back as it is when nothing is that loud.
    """
    level = np.abs(audio)
    if level.max(initial=0.0) <= KNEE:
        return audio
    room = np.float32(1.0 - KNEE)
    beyond = np.maximum(level - np.float32(KNEE), 0)
    return np.where(beyond > 0, np.sign(audio) * (np.float32(KNEE) + room * np.tanh(beyond / room)), audio)


class Fader:
    """Gain and mute without a click, then the limiter; the same blocks and settings give the same samples.

    Attributes:
        factor: what the last sample was multiplied by; all the state there is, to be read and set.
    """

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def process(self, audio: Audio, gain_db: float, mute: bool | int = False) -> Audio:
        """One block at its loudness; a change ramps over the block.

        Args:
            audio: [C, n]; samples that are no number become silence, which loudspeakers survive.
            gain_db: in dB; the lowest value of the control `gain` is silence.
            mute: silence, whatever the gain.

        Returns:
            [C, n] within full scale.
        """
        before, self.factor = self.factor, gain_factor(gain_db, mute)
        if not np.isfinite(audio).all():
            audio = np.nan_to_num(audio, nan=0.0, posinf=1.0, neginf=-1.0)
        if before != self.factor:
            ramp = np.linspace(before, self.factor, audio.shape[-1] + 1, dtype=np.float32)[1:]
            return limit(audio * ramp)
        return limit(audio if before == 1.0 else audio * np.float32(before))


def gain_factor(gain_db: float, mute: bool | int = False) -> float:
    """What samples are multiplied by at that gain in dB."""
    if mute or gain_db <= NUMBERS["gain"].minimum:
        return 0.0
    return float(10.0 ** (gain_db / 20.0))


class Meter:
    """Peak and level of the last `METER_SECONDS`; one thread adds, any thread reads.

    Args:
        sample_rate: in Hz.

    Attributes:
        peak: largest sample, in dB of full scale.
        rms: root of the mean square over all channels, in dB of full scale.
    """

    def __init__(self, sample_rate: int) -> None:
        self.peak = FLOOR
        self.rms = FLOOR
        self._window = round(METER_SECONDS * sample_rate)
        self._blocks: deque[tuple[int, float, float]] = deque()
        self._length = 0

    def add(self, audio: Audio) -> None:
        """Take in a block [C, n] that goes to the output."""
        length = audio.shape[-1]
        if not length:
            return
        self._blocks.append((length, float(np.abs(audio).max()), float(np.mean(np.square(audio)))))
        self._length += length
        while self._length - self._blocks[0][0] >= self._window:
            self._length -= self._blocks.popleft()[0]
        self.peak = decibels(max(peak for _, peak, _ in self._blocks))
        power = sum(length * square for length, _, square in self._blocks) / self._length
        self.rms = decibels(power**0.5)


def decibels(level: float) -> float:
    """A level from 0 to 1 in dB of full scale, at least `FLOOR`."""
    return float(20.0 * np.log10(level)) if level > 10.0 ** (FLOOR / 20.0) else FLOOR
