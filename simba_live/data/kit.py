"""Synthesised drum kits: swept tones, bursts of noise and metal, another kit in every piece."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .oscillators import HIGHEST, Audio, shaped_noise

_METAL = (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523, 2.47, 2.83)
"""Ratios of the square oscillators whose sum is metallic."""


@dataclass(frozen=True)
class Drum:
    """One drum: what it is made of, each with its own decay.

    Attributes:
        frequency: Hz, to which its tone falls.
        sweep: octaves above it at which the tone starts.
        sweep_seconds: time constant of the fall.
        tone: gain of the tone.
        tone_seconds: time constant of its decay.
        noise: gain of the noise.
        band: Hz between which the noise lies.
        noise_seconds: time constant of its decay.
        bursts: how many times the noise begins, `gap` seconds apart, as hands clap.
        gap: seconds.
        metal: gain of inharmonic partials.
        metal_frequency: Hz of the lowest.
        level: dB, of the whole.
        seed: of the noise.
    """

    frequency: float = 100.0
    sweep: float = 0.0
    sweep_seconds: float = 0.03
    tone: float = 0.0
    tone_seconds: float = 0.1
    noise: float = 0.0
    band: tuple[float, float] = (1000.0, 6000.0)
    noise_seconds: float = 0.1
    bursts: int = 1
    gap: float = 0.011
    metal: float = 0.0
    metal_frequency: float = 400.0
    level: float = 0.0
    seed: int = 0

    def hit(self, sample_rate: int) -> Audio:
        """The drum struck at full force, float32 [N], starting with its attack; its peak is `level`."""
        longest = max(
            self.tone_seconds * (self.tone > 0), self.noise_seconds * (self.noise > 0 or self.metal > 0)
        )
        length = round((6.0 * longest + self.bursts * self.gap) * sample_rate)
        time = np.arange(length, dtype=np.float32) / np.float32(sample_rate)
        rng = np.random.default_rng(self.seed)
        sound = np.zeros(length, np.float32)
        if self.tone:
            # The phase is the integral of a frequency that falls exponentially.
            fallen = np.exp(-time / np.float32(self.sweep_seconds))
            rise = self.frequency * (2.0**self.sweep - 1.0) * self.sweep_seconds
            turns = np.float32(self.frequency) * time + np.float32(rise) * (1.0 - fallen)
            tone = np.sin(np.float32(2.0 * math.pi) * turns)
            sound += np.float32(self.tone) * tone * np.exp(-time / np.float32(self.tone_seconds))
        if self.noise:
            level = np.zeros(length, np.float32)
            for burst in range(self.bursts):
                start = round(burst * self.gap * sample_rate)
                last = burst == self.bursts - 1
                seconds = self.noise_seconds if last else 0.4 * self.gap
                level[start:] = np.exp(-time[: length - start] / np.float32(seconds))
            sound += np.float32(self.noise) * level * shaped_noise(length, sample_rate, *self.band, rng)
        if self.metal:
            ring = np.exp(-time / np.float32(self.noise_seconds))
            sound += np.float32(self.metal) * ring * self._metal(time, sample_rate, rng)
        rise_length = max(2, round(0.0006 * sample_rate))
        sound[:rise_length] *= np.linspace(0.0, 1.0, rise_length, dtype=np.float32)
        tail = min(length, round(0.01 * sample_rate))
        sound[length - tail :] *= np.linspace(1.0, 0.0, tail, dtype=np.float32)
        peak = max(float(np.abs(sound).max(initial=0.0)), 1e-9)
        return sound * np.float32(10.0 ** (self.level / 20.0) / peak)

    def _metal(self, time: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
        """Square waves that share no harmonics, without what lies below the noise's band; rms about 1."""
        total = np.zeros(len(time), np.float32)
        power = 0.0
        for ratio in _METAL:
            base = self.metal_frequency * ratio
            for harmonic in (1, 3, 5, 7, 9, 11):
                hertz = base * harmonic
                if hertz > HIGHEST * sample_rate:
                    break
                gain = 1.0 / (harmonic * (1.0 + (self.band[0] / hertz) ** 4))
                phase = np.float32(2.0 * math.pi * rng.random())
                total += np.float32(gain) * np.sin(np.float32(2.0 * math.pi * hertz) * time + phase)
                power += 0.5 * gain * gain
        return total / np.float32(math.sqrt(max(power, 1e-9)))


def draw_drum(pitch: int, kit: int) -> Drum:
    """The drum of a General MIDI drum pitch in the kit that number `kit` draws."""
    rng = np.random.default_rng([kit, pitch])
    # Drums that are tuned against each other share what the kit draws.
    shared = np.random.default_rng([kit, 999])
    tuning, dryness, electric = shared.uniform(0.8, 1.25), shared.uniform(0.6, 1.5), shared.random()

    def even(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    seed = int(rng.integers(1 << 31))
    if pitch in (35, 36):
        low, boom = even(42.0, 62.0), even(0.08, 0.16) + (0.2 * even(0.0, 1.0) if electric > 0.6 else 0.0)
        return Drum(
            low, even(1.5, 3.5), even(0.012, 0.045), 1.0, boom * dryness, even(0.02, 0.12),
            (800.0, 5000.0), even(0.003, 0.012), level=0.0, seed=seed,
        )  # fmt: skip
    if pitch in (38, 40):
        return Drum(
            even(160.0, 240.0) * tuning, even(0.2, 1.0), 0.015, even(0.3, 0.9), even(0.04, 0.1) * dryness,
            even(0.25, 0.6), (even(700.0, 1800.0), even(5000.0, 10000.0)), even(0.05, 0.16) * dryness,
            level=0.0, seed=seed,
        )  # fmt: skip
    if pitch in (37, 75, 76, 77, 31):  # stick, claves, wood blocks
        hertz = {37: 500.0, 75: 2300.0, 76: 1000.0, 77: 750.0}.get(pitch, 900.0)
        return Drum(
            hertz * even(0.85, 1.2), 0.1, 0.004, 1.0, even(0.01, 0.03), even(0.1, 0.3),
            (1500.0, 8000.0), even(0.004, 0.01), level=-3.0, seed=seed,
        )  # fmt: skip
    if pitch == 39:
        return Drum(
            noise=1.0, band=(even(700.0, 1300.0), even(2500.0, 7000.0)), noise_seconds=even(0.04, 0.12),
            bursts=int(rng.integers(2, 5)), gap=even(0.007, 0.012), level=-1.0, seed=seed,
        )  # fmt: skip
    if pitch in (42, 44, 46):
        kit_metal = float(shared.uniform(0.0, 1.5)) if electric > 0.3 else float(shared.uniform(0.5, 1.5))
        seconds = even(0.12, 0.3) if pitch == 46 else even(0.012, 0.05)
        return Drum(
            noise=even(0.3, 1.0), band=(float(shared.uniform(4000.0, 7500.0)), 11000.0),
            noise_seconds=seconds, metal=kit_metal, metal_frequency=float(shared.uniform(300.0, 900.0)),
            level=-11.0, seed=seed,
        )  # fmt: skip
    if pitch in (41, 43, 45, 47, 48, 50):
        step = (41, 43, 45, 47, 48, 50).index(pitch)
        return Drum(
            75.0 * 1.22**step * tuning, even(0.4, 1.0), 0.03, 1.0, even(0.1, 0.22) * dryness,
            even(0.03, 0.15), (300.0, 3000.0), 0.03, level=-2.0, seed=seed,
        )  # fmt: skip
    if pitch in (49, 51, 52, 53, 55, 57, 59):
        ride = pitch in (51, 53, 59)
        return Drum(
            noise=even(0.2, 0.5) if ride else 1.0, band=(even(2500.0, 4500.0), 10500.0),
            noise_seconds=even(0.2, 0.45) if ride else even(0.3, 0.7), metal=even(0.4, 1.2),
            metal_frequency=even(250.0, 600.0), level=-12.0 if ride else -6.0, seed=seed,
        )  # fmt: skip
    if pitch in (60, 61, 62, 63, 64, 65, 66):  # bongos, congas, timbales
        hertz = {60: 380.0, 61: 280.0, 62: 240.0, 63: 230.0, 64: 165.0, 65: 320.0, 66: 240.0}[pitch]
        return Drum(
            hertz * tuning, even(0.1, 0.4), 0.01, 1.0, even(0.02, 0.05) if pitch == 62 else even(0.05, 0.15),
            even(0.05, 0.25), (1000.0, 5000.0), 0.01, level=-4.0, seed=seed,
        )  # fmt: skip
    if pitch in (56, 67, 68, 80, 81):  # cowbell, agogos, triangle
        hertz = {56: 560.0, 67: 1250.0, 68: 950.0}.get(pitch, 3000.0)
        seconds = even(0.3, 0.6) if pitch == 81 else even(0.04, 0.12)
        return Drum(
            metal=1.0, metal_frequency=hertz * even(0.9, 1.1), band=(0.8 * hertz, 9000.0),
            noise_seconds=seconds, level=-5.0, seed=seed,
        )  # fmt: skip
    # Shakers, maracas, tambourines and whatever else.
    return Drum(
        noise=1.0, band=(even(3000.0, 6000.0), 11000.0), noise_seconds=even(0.02, 0.07),
        metal=0.6 if pitch == 54 else 0.0, metal_frequency=1900.0, level=-6.0, seed=seed,
    )  # fmt: skip
