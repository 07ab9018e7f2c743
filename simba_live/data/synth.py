"""Notes played by voices of our own, beside or instead of a soundfont's samples."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from simba_live.music.score import Score

from .filters import Reverb, apply_linear
from .kit import Drum, draw_drum
from .loudness import loudness
from .oscillators import Audio
from .patches import Voice, draw_voice
from .timeline import channels, timeline

_REFERENCE = -24.5
"""LUFS of a note at velocity 127 on a part at full level; a soundfont's programs lie about there."""

_LARGEST = 0.22
"""Largest sample of the same note: what is struck or plucked is not as loud as what is blown."""

_DRUM_PEAK = 0.4
"""Peak of a drum of level 0 dB at velocity 127 on a part at full level."""

_TIMBRE_STEPS = 24
"""Velocities so far apart sound alike but for their level, so that notes can be used again."""

_LENGTH_STEP = 0.005
"""Seconds by which the lengths of notes are rounded, for the same reason."""

LONGEST_NOTE = 12.0
"""Seconds after which a note that is still held has long faded."""


def play(score: Score, parts: Collection[str], sample_rate: int, seed: int, num_samples: int) -> Audio:
    """Some parts of a piece as mono audio, float32 [num_samples], neither normalised nor limited.

    Levels follow velocity and part level as the soundfonts' do (General MIDI: both squared).

    Args:
        score: the piece.
        parts: names of the parts to play.
        sample_rate: Hz.
        seed: draws the voices and the room.
        num_samples: N; what begins or rings beyond is cut.
    """
    rng = np.random.default_rng([seed, 0x0C7A])
    dry, wet = np.zeros(num_samples, np.float32), np.zeros(num_samples, np.float32)
    players: dict[int, tuple[_Player, float, Audio]] = {}
    mine = own_channels(score, parts)
    for channel, part in channels(score).values():
        # Every part draws, played or not, so that each is the same whoever plays the others.
        own = np.random.default_rng(int(rng.integers(1 << 62)))
        if channel in mine and channel not in players:
            gain = (part.level / 127.0) ** 2
            low = part.is_drums or 32 <= part.program < 40
            player = _Drums(own, sample_rate) if part.is_drums else _Melodic(part.program, own, sample_rate)
            players[channel] = player, gain, dry if low else wet
    for note in timeline(score):
        if note.channel not in players:
            continue
        player, gain, bus = players[note.channel]
        start = round(note.start * sample_rate)
        if start >= num_samples:
            break
        sound = player.sound(note.pitch, note.velocity, note.end - note.start)[: num_samples - start]
        bus[start : start + len(sound)] += np.float32(gain * (note.velocity / 127.0) ** 2) * sound
    room = Reverb(
        seconds=float(rng.uniform(0.3, 1.8)),
        wet=float(rng.uniform(0.01, 0.12)),
        damping=float(rng.uniform(2000.0, 6000.0)),
        predelay=float(rng.uniform(0.0, 0.02)),
        seed=int(rng.integers(1 << 31)),
    )
    return dry + apply_linear(wet, (room,), sample_rate) if wet.any() else dry


def own_channels(score: Score, parts: Collection[str]) -> set[int]:
    """MIDI channels of the named parts; where two parts share one, the first decides for both."""
    first = {channel: name for name, (channel, _) in reversed(channels(score).items())}
    return {channel for channel, name in first.items() if name in parts}


class _Melodic:
    """One voice and the notes it has played."""

    def __init__(self, program: int, rng: np.random.Generator, sample_rate: int) -> None:
        self.voice: Voice = draw_voice(program, rng)
        self.sample_rate = sample_rate
        self.gain = voice_gain(self.voice, register(program), sample_rate)
        self._notes: dict[tuple[int, int, int], Audio] = {}

    def sound(self, pitch: int, velocity: int, seconds: float) -> Audio:
        steps = max(1, round(min(seconds, LONGEST_NOTE) / _LENGTH_STEP))
        force = min(-(-velocity // _TIMBRE_STEPS) * _TIMBRE_STEPS, 127)
        key = (pitch, force, steps)
        if key not in self._notes:
            note = self.voice.note(pitch, force, steps * _LENGTH_STEP, self.sample_rate)
            self._notes[key] = note * np.float32(self.gain)
        return self._notes[key]


class _Drums:
    """A kit and the drums it has struck."""

    def __init__(self, rng: np.random.Generator, sample_rate: int) -> None:
        self.kit = int(rng.integers(1 << 31))
        self.sample_rate = sample_rate
        self._hits: dict[int, Audio] = {}

    def sound(self, pitch: int, velocity: int, seconds: float) -> Audio:
        del velocity, seconds  # a drum rings as long as it rings
        if pitch not in self._hits:
            drum: Drum = draw_drum(pitch, self.kit)
            self._hits[pitch] = drum.hit(self.sample_rate) * np.float32(_DRUM_PEAK)
        return self._hits[pitch]


_Player = _Melodic | _Drums


def register(program: int) -> int:
    """A pitch in the middle of what a General MIDI program plays."""
    family = program // 8
    return 40 if family == 4 else 76 if family in (1, 9) else 62


def voice_gain(voice: Voice, pitch: int, sample_rate: int) -> float:
    """What makes a note of half a second as loud as every other voice's."""
    note = voice.note(pitch, 96, 0.5, sample_rate)[: round(0.6 * sample_rate)]
    now, peak = loudness(note, sample_rate), float(np.abs(note).max())
    return min(10.0 ** ((_REFERENCE - now) / 20.0), _LARGEST / peak) if math.isfinite(now) else 0.0
