"""Effects that are not linear or change over time: drive, compression, movement, levels, added noise.

Each is a pure function of its fields and the audio, float32 [N]; none moves anything in time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .filters import Audio

_BLOCK = 0.004
"""Seconds between two values of a compressor's gain."""


@dataclass(frozen=True)
class Drive:
    """Saturation that leaves the sound as loud as it was.

    Attributes:
        kind: "tanh", "hard" or "asymmetric".
        gain: dB by which the sound's rms comes to lie above a tenth of where it saturates.
    """

    kind: str
    gain: float

    def __call__(self, audio: Audio, _: int) -> Audio:
        """The audio, driven; at any sample rate."""
        size = _rms(audio)
        if size < 1e-6:
            return audio
        hot = audio * np.float32(0.1 / size * 10.0 ** (self.gain / 20.0))
        if self.kind == "hard":
            bent = np.clip(hot, -1.0, 1.0)
        elif self.kind == "tanh":
            bent = np.tanh(hot)
        else:
            bent = np.tanh(hot + np.float32(0.4)) - np.float32(math.tanh(0.4))
        driven: Audio = bent * np.float32(size / max(_rms(bent), 1e-9))
        return driven


@dataclass(frozen=True)
class Crush:
    """Fewer bits and fewer samples.

    Attributes:
        bits: of the quantiser, its full scale being the loudest sample.
        hold: samples for which each value is held.
    """

    bits: float
    hold: int

    def __call__(self, audio: Audio, _: int) -> Audio:
        """The audio, crushed; at any sample rate."""
        peak = float(np.abs(audio).max(initial=0.0))
        if peak == 0.0:
            return audio
        step = np.float32(peak * 2.0 ** (1.0 - self.bits))
        rough = np.round(audio[:: self.hold] / step) * step
        return np.repeat(rough, self.hold)[: len(audio)].astype(np.float32)


@dataclass(frozen=True)
class Compressor:
    """Less distance between loud and soft; as loud as before on the whole.

    Attributes:
        threshold: dB relative to the sound's rms.
        ratio: dB in for each dB out above the threshold.
        attack: seconds.
        release: seconds.
    """

    threshold: float
    ratio: float
    attack: float
    release: float

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """The audio, compressed."""
        size = _rms(audio)
        if size < 1e-6:
            return audio
        hop = max(1, round(_BLOCK * sample_rate))
        count = -(-len(audio) // hop)
        power = np.pad(audio, (0, count * hop - len(audio))).reshape(count, hop)
        level = 10.0 * np.log10(np.maximum((power * power).mean(axis=1), 1e-12)) - 20.0 * math.log10(size)
        wanted = np.minimum(self.threshold - level, 0.0) * (1.0 - 1.0 / self.ratio)
        down, up = (math.exp(-_BLOCK / max(seconds, 1e-4)) for seconds in (self.attack, self.release))
        gains, gain = np.empty(count), float(wanted[0])
        for index, target in enumerate(wanted.tolist()):
            keep = down if target < gain else up
            gain = target + keep * (gain - target)
            gains[index] = gain
        smooth = np.interp(np.arange(len(audio)), (np.arange(count) + 0.5) * hop, 10.0 ** (gains / 20.0))
        squeezed: Audio = audio * smooth.astype(np.float32)
        return squeezed * np.float32(size / max(_rms(squeezed), 1e-9))


@dataclass(frozen=True)
class Chorus:
    """The sound and a copy whose delay swings.

    Attributes:
        rate: swings a second.
        depth: seconds the delay swings by to each side of `delay`.
        delay: seconds.
        mix: the copy's gain.
    """

    rate: float
    depth: float
    delay: float
    mix: float

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """The audio with its chorus, as loud as before."""
        time = np.arange(len(audio), dtype=np.float32)
        swing = np.sin(np.float32(2.0 * math.pi * self.rate / sample_rate) * time)
        late = np.float32(self.delay * sample_rate) + np.float32(self.depth * sample_rate) * swing
        whole = late.astype(np.int32)
        part = late - whole
        # Before the beginning there is silence.
        lead = int(whole.max(initial=0)) + 2
        padded = np.concatenate([np.zeros(lead, np.float32), audio])
        index = np.arange(lead, lead + len(audio)) - whole
        near = padded.take(index)
        copy = near + part * (padded.take(index - 1) - near)
        both: Audio = (audio + np.float32(self.mix) * copy) / np.float32(math.sqrt(1.0 + self.mix**2))
        return both


@dataclass(frozen=True)
class Tremolo:
    """A level that swings `rate` times a second, down by `depth` (0 to 1) at its lowest."""

    rate: float
    depth: float
    phase: float

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """The audio, trembling."""
        turns = np.arange(len(audio), dtype=np.float32) * np.float32(2.0 * math.pi * self.rate / sample_rate)
        swing = np.float32(0.5) - np.float32(0.5) * np.cos(turns + np.float32(self.phase))
        trembling: Audio = audio * (np.float32(1.0) - np.float32(self.depth) * swing)
        return trembling


@dataclass(frozen=True)
class Level:
    """A level in dB that goes from `first` to `last`, within a tenth of a second or `evenly`."""

    first: float
    last: float
    place: float = 0.5
    evenly: bool = False

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """The audio at its new level."""
        if self.first == self.last:
            return audio * np.float32(10.0 ** (self.first / 20.0))
        at = np.arange(len(audio), dtype=np.float32)
        if self.evenly:
            share = at / np.float32(max(len(audio), 1))
        else:
            share = (at - np.float32(self.place * len(audio))) / np.float32(0.1 * sample_rate)
            share = np.clip(share, 0.0, 1.0)
        level = np.float32(self.first) + np.float32(self.last - self.first) * share
        moved: Audio = audio * np.exp(np.float32(math.log(10.0) / 20.0) * level)
        return moved


@dataclass(frozen=True)
class Noise:
    """Something that was not meant to be heard.

    Attributes:
        kind: "hiss", "rumble", "hum" or "crackle".
        level: dB, its rms relative to the sound's.
        seed: of everything random in it.
    """

    kind: str
    level: float
    seed: int

    def __call__(self, audio: Audio, sample_rate: int) -> Audio:
        """The audio with the noise; silence stays silence."""
        size = _rms(audio)
        if size < 1e-6:
            return audio
        noise = self._sound(len(audio), sample_rate)
        return audio + noise * np.float32(size * 10.0 ** (self.level / 20.0) / max(_rms(noise), 1e-9))

    def _sound(self, length: int, sample_rate: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(self.seed)
        if self.kind == "hiss":
            return rng.standard_normal(length, np.float32)
        if self.kind == "rumble":
            # Held noise of several rates: about as strong in each octave.
            total = np.zeros(length, np.float32)
            for octave in range(8):
                held = rng.standard_normal(-(-length >> octave) + 1, np.float32)
                total += np.repeat(held, 1 << octave)[:length]
            return total
        if self.kind == "hum":
            mains = 50.0 if rng.random() < 0.5 else 60.0
            turns = np.arange(length, dtype=np.float32) * np.float32(2.0 * math.pi * mains / sample_rate)
            gains = rng.uniform(0.0, 1.0, 5) / np.arange(1, 6)
            parts = (np.float32(gain) * np.sin(turns * (k + 1)) for k, gain in enumerate(gains))
            return sum(parts, np.zeros(length, np.float32))
        clicks = rng.standard_normal(length, np.float32)
        clicks[rng.random(length, np.float32) > np.float32(rng.uniform(5.0, 60.0) / sample_rate)] = 0.0
        return np.convolve(clicks, np.array([1.0, -0.6, 0.3, -0.2], np.float32))[:length]


def _rms(audio: Audio) -> float:
    return math.sqrt(float(audio @ audio) / max(len(audio), 1))
