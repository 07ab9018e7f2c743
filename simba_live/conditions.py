"""What the music is to do in each frame, as the model reads it; filled by the composer or the player.

Every field has a value that means "free" (the model decides), distinct from the one that means "nothing
sounds". In the feature vector a free field is all zeros, and since the model projects the vector without a
bias, a free field adds nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUM_PITCHES = 128
NUM_PROGRAMS = 128

DRUMS = ("kick", "snare", "clap", "closed hat", "open hat", "tom", "cymbal", "percussion")
"""The drum classes of `Conditions.drums`, in column order."""

INSTRUMENTS = (
    "piano",
    "chromatic percussion",
    "organ",
    "guitar",
    "bass",
    "strings",
    "ensemble",
    "brass",
    "reed",
    "pipe",
    "synth lead",
    "synth pad",
    "synth effects",
    "ethnic",
    "percussive",
    "sound effects",
    "drum kit",
)
"""The sixteen General MIDI families and the drum kit: the columns of `Conditions.instruments`."""

DRUM_KIT = INSTRUMENTS.index("drum kit")

FREE = 0
"""In every categorical field: the model decides."""

NOTE_OFF, NOTE_SUSTAINED, NOTE_ONSET = 1, 2, 3
DRUM_NONE, DRUM_ONSET = 1, 2
ABSENT, PRESENT = 1, 2
CHORD_OUT, CHORD_IN, CHORD_ROOT = 1, 2, 3

CLOCK = ("tempo", "beat", "bar")
"""The fields that say where the beat is; they stay when the arranger is off."""

KEY_FREE = -1
"""`Conditions.key` is -1 for free, 0-11 for C-B major and 12-23 for C-B minor."""

DENSITY_SCALE = 16.0
"""Note onsets per second (drums included) that count as density 1."""


@dataclass
class Conditions:
    """Conditions of T consecutive frames; every array's first axis is time.

    Attributes:
        tempo: float32 [T], beats per minute; NaN is free.
        beat: float32 [T], position within the beat in [0, 1) at the frame's start; NaN is free.
        bar: float32 [T], position within the bar in [0, 1); NaN is free.
        key: int8 [T], -1 free, 0-11 major, 12-23 minor, counted from C.
        chord: uint8 [T, 12], per pitch class: free, out, in, root.
        notes: uint8 [T, 128], per MIDI pitch: free, off, sustained, onset. Drums are not notes.
        drums: uint8 [T, 8], per drum of `DRUMS`: free, none, onset.
        instruments: uint8 [T, 17], per entry of `INSTRUMENTS`: free, absent, present.
        programs: uint8 [T, 128], per General MIDI program, which tells a distorted guitar from a nylon one
            where `instruments` has a guitar: free, absent, present. The drum kit has none.
        density: float32 [T], note onsets per second over `DENSITY_SCALE`, 0-1; NaN is free.
        brightness: float32 [T], 0 dark to 1 bright; NaN is free.
    """

    tempo: NDArray[np.float32]
    beat: NDArray[np.float32]
    bar: NDArray[np.float32]
    key: NDArray[np.int8]
    chord: NDArray[np.uint8]
    notes: NDArray[np.uint8]
    drums: NDArray[np.uint8]
    instruments: NDArray[np.uint8]
    programs: NDArray[np.uint8]
    density: NDArray[np.float32]
    brightness: NDArray[np.float32]

    @classmethod
    def free(cls, num_frames: int) -> Conditions:
        """`num_frames` frames in which everything is left to the model."""

        def unknown() -> NDArray[np.float32]:
            return np.full(num_frames, np.nan, np.float32)

        def categories(width: int) -> NDArray[np.uint8]:
            return np.full((num_frames, width), FREE, np.uint8)

        return cls(
            tempo=unknown(),
            beat=unknown(),
            bar=unknown(),
            key=np.full(num_frames, KEY_FREE, np.int8),
            chord=categories(12),
            notes=categories(NUM_PITCHES),
            drums=categories(len(DRUMS)),
            instruments=categories(len(INSTRUMENTS)),
            programs=categories(NUM_PROGRAMS),
            density=unknown(),
            brightness=unknown(),
        )

    def __len__(self) -> int:
        return len(self.tempo)

    def __getitem__(self, frames: slice) -> Conditions:
        """The same frames of every field (a view, not a copy)."""
        return Conditions(**{field.name: getattr(self, field.name)[frames] for field in fields(self)})

    @staticmethod
    def concatenate(pieces: list[Conditions]) -> Conditions:
        """Several stretches, one after the other."""
        return Conditions(
            **{
                field.name: np.concatenate([getattr(piece, field.name) for piece in pieces])
                for field in fields(Conditions)
            }
        )

    def clock(self) -> Conditions:
        """The tempo, beat and bar of these frames; all else is free."""
        clock = Conditions.free(len(self))
        for name in CLOCK:
            getattr(clock, name)[:] = getattr(self, name)
        return clock

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The fields by name, for storing; `stored` is the way back."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def stored(cls, arrays: Mapping[str, NDArray[Any]]) -> Conditions:
        """What was stored by name; a field that files of an older version lack is free.

        Raises:
            TypeError: there is a name that is no field's.
            ValueError: a field is not of the shape it must have.
        """
        free = cls.free(max(map(len, arrays.values()), default=0)).arrays()
        for name, values in arrays.items():
            if name in free and values.shape != free[name].shape:
                raise ValueError(f"{name} is {values.shape}, not {free[name].shape}")
        return cls(**{**free, **arrays})

    def features(self) -> NDArray[np.float32]:
        """The model's view, float32 [T, `NUM_FEATURES`].

        One column per value of a category, phases as circles; a free field's columns are all zero.
        """
        columns = [
            *scalar(np.log2(self.tempo / 120.0)),
            *circle(self.beat, harmonics=3),
            *circle(self.bar, harmonics=2),
            one_hot(self.key[:, None].astype(np.int16) + 1, 24),
            one_hot(self.chord, 3),
            one_hot(self.notes, 3),
            one_hot(self.drums, 2),
            one_hot(self.instruments, 2),
            *scalar(self.density * 2.0 - 1.0),
            *scalar(self.brightness * 2.0 - 1.0),
            one_hot(self.programs, 2),
        ]
        return np.concatenate(columns, axis=1, dtype=np.float32)


def scalar(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """A column that says "known" and one with the value, both [T, 1]."""
    known = ~np.isnan(values)
    return [known[:, None].astype(np.float32), np.where(known, values, 0.0)[:, None].astype(np.float32)]


def circle(phase: NDArray[np.float32], harmonics: int) -> list[NDArray[np.float32]]:
    """A column "known" and the first harmonics of a phase in [0, 1): [T, 1 + 2 * harmonics] in all."""
    known = ~np.isnan(phase)
    angles = 2.0 * np.pi * np.where(known, phase, 0.0)[:, None] * np.arange(1, harmonics + 1)
    waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * known[:, None]
    return [known[:, None].astype(np.float32), waves.astype(np.float32)]


def one_hot(categories: NDArray[np.generic], size: int) -> NDArray[np.float32]:
    """[T, width] categories 0..size to [T, size * width] columns, value-major; category 0 (free) has none."""
    values = np.arange(1, size + 1)[None, :, None]
    columns: NDArray[np.bool_] = np.asarray(categories)[:, None, :] == values
    return columns.reshape(len(categories), -1).astype(np.float32)


NUM_FEATURES = Conditions.free(1).features().shape[1]
"""Width of `Conditions.features`."""
