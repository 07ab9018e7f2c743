"""Effects that are linear and stay the same over time: equalisers, rooms, echoes.

They are applied as frequency responses, several at the price of one, and all are causal with their first
response at once: nothing is moved in time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
"""Mono audio, float32 [N]."""

Response = NDArray[np.complex64]
"""Gains at the frequencies of a real transform of some size: complex64 [size // 2 + 1]."""

_SETTLING = 0.06
"""Seconds an equaliser may ring; the lowest and sharpest are at -60 dB by then."""


class Linear(Protocol):
    """An effect that is a multiplication in the frequency domain."""

    @property
    def ringing(self) -> float:
        """Seconds for which it answers an impulse."""
        ...

    def response(self, size: int, sample_rate: int) -> Response:
        """Its gains for transforms of `size` samples."""
        ...


def apply_linear(audio: Audio, effects: Sequence[Linear], sample_rate: int) -> Audio:
    """Audio after all the effects, of the same length; what rings on beyond its end is cut."""
    ringing = round(sum(effect.ringing for effect in effects) * sample_rate)
    size = _transform_size(len(audio) + min(ringing, len(audio)))
    spectrum = np.fft.rfft(audio, size)
    for effect in effects:
        spectrum *= effect.response(size, sample_rate)
    filtered: Audio = np.fft.irfft(spectrum, size)[: len(audio)].astype(np.float32)
    return filtered


@dataclass(frozen=True)
class Equaliser:
    """A biquad after R. Bristow-Johnson's "Cookbook formulae for audio equalizer biquad filter coefficients".

    Attributes:
        kind: "low-pass", "high-pass", "band-pass", "peak", "low shelf" or "high shelf".
        frequency: Hz, of the corner or the middle.
        q: sharpness; for the shelves their slope, 0.7 being the steepest without a bump.
        gain: dB, of peak and shelves.
    """

    kind: str
    frequency: float
    q: float = 0.7
    gain: float = 0.0

    @property
    def ringing(self) -> float:
        """As `Linear`."""
        return _SETTLING

    def response(self, size: int, sample_rate: int) -> Response:
        """As `Linear`."""
        (b0, b1, b2), (a0, a1, a2) = self._coefficients(sample_rate)
        z = _unit_delay(size)
        gains = (b0 + z * (b1 + b2 * z)) / (a0 + z * (a1 + a2 * z))
        return gains.astype(np.complex64, copy=False)

    def _coefficients(self, sample_rate: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        omega = 2.0 * math.pi * min(self.frequency, 0.48 * sample_rate) / sample_rate
        cos, alpha = math.cos(omega), math.sin(omega) / (2.0 * self.q)
        plain = (1.0 + alpha, -2.0 * cos, 1.0 - alpha)
        if self.kind == "low-pass":
            return ((1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0), plain
        if self.kind == "high-pass":
            return ((1.0 + cos) / 2.0, -1.0 - cos, (1.0 + cos) / 2.0), plain
        if self.kind == "band-pass":
            return (alpha, 0.0, -alpha), plain
        a = 10.0 ** (self.gain / 40.0)
        if self.kind == "peak":
            return (1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a), (
                1.0 + alpha / a,
                -2.0 * cos,
                1.0 - alpha / a,
            )
        # The high shelf is the low one with the signs of its cosines turned.
        sign = 1.0 if self.kind == "low shelf" else -1.0
        root = 2.0 * math.sqrt(a) * alpha
        up, down = a + 1.0, a - 1.0
        numerator = (
            a * (up - sign * down * cos + root),
            sign * 2.0 * a * (down - sign * up * cos),
            a * (up - sign * down * cos - root),
        )
        denominator = (
            up + sign * down * cos + root,
            sign * -2.0 * (down + sign * up * cos),
            up + sign * down * cos - root,
        )
        return numerator, denominator


@dataclass(frozen=True)
class Reverb:
    """A room: the sound itself and decaying noise, in which the treble dies sooner.

    Attributes:
        seconds: until the room has fallen by 60 dB.
        wet: the room's energy as a share of the dry sound's, for a click.
        damping: Hz above which the room loses sound faster.
        predelay: seconds before the room answers; the dry sound is not delayed.
        seed: of the noise.
    """

    seconds: float
    wet: float
    damping: float
    predelay: float
    seed: int

    @property
    def ringing(self) -> float:
        """As `Linear`."""
        return self.seconds + self.predelay

    def response(self, size: int, sample_rate: int) -> Response:
        """As `Linear`."""
        length = min(round(self.seconds * sample_rate), size)
        late = round(self.predelay * sample_rate)
        noise = np.random.default_rng(self.seed).standard_normal(length, np.float32)
        time = np.arange(length, dtype=np.float32) / np.float32(self.seconds * sample_rate)
        noise *= np.exp(np.float32(-6.9) * time)
        half = length // 3
        # The first third once more, bright: after it the treble is gone.
        bright = noise[:half] * np.exp(np.float32(-14.0) * time[:half])
        noise *= np.float32(math.sqrt(self.wet / max(float(noise @ noise), 1e-9)))
        bright *= np.float32(math.sqrt(0.3 * self.wet / max(float(bright @ bright), 1e-9)))
        dark = _delayed(noise, late, size)
        dark /= 1.0 + 1j * _frequencies(size, sample_rate) / np.float32(self.damping)
        dark += _delayed(bright, late, size)
        dark += 1.0
        return dark.astype(np.complex64, copy=False)


@dataclass(frozen=True)
class Echo:
    """Repetitions, each weaker and duller than the one before.

    Attributes:
        seconds: from one to the next.
        wet: the first one's gain.
        feedback: gain from one to the next, below 1.
        damping: Hz, of a low-pass that each passes once more.
    """

    seconds: float
    wet: float
    feedback: float
    damping: float

    @property
    def ringing(self) -> float:
        """As `Linear`."""
        return self.seconds * (1.0 + 4.0 / -math.log(self.feedback))

    def response(self, size: int, sample_rate: int) -> Response:
        """As `Linear`."""
        frequencies = _frequencies(size, sample_rate)
        turn = np.exp(np.complex64(-2j * math.pi * self.seconds) * frequencies)
        turn /= 1.0 + 1j * frequencies / np.float32(self.damping)
        gains: Response = 1.0 + self.wet * turn / (1.0 - self.feedback * turn)
        return gains


def _delayed(audio: Audio, samples: int, size: int) -> Response:
    """The transform of audio that begins so many samples late, as far as it fits."""
    late = np.zeros(size, np.float32)
    fitting = audio[: max(size - samples, 0)]
    late[samples : samples + len(fitting)] = fitting
    return np.fft.rfft(late).astype(np.complex64, copy=False)


def _transform_size(length: int) -> int:
    """The smallest even number from `length` on without prime factors above 5 and nearly a power of two."""
    power = 1 << max(4, (length - 1).bit_length())
    return min(size for size in (power, power * 3 // 4, power * 5 // 8, power * 9 // 16) if size >= length)


@lru_cache(maxsize=8)
def _unit_delay(size: int) -> Response:
    """Gains of a delay by one sample."""
    delay: Response = np.exp(-2j * np.pi * np.fft.rfftfreq(size)).astype(np.complex64)
    return delay


@lru_cache(maxsize=8)
def _frequencies(size: int, sample_rate: int) -> Audio:
    """Hz of each place of a transform."""
    return np.fft.rfftfreq(size, 1.0 / sample_rate).astype(np.float32)
