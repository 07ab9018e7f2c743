"""Written music: parts, notes, chords, bars and pieces. Times are in beats, pitches are MIDI numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from simba_live.conditions import DRUM_KIT
from simba_live.errors import SimbaLiveError

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "13": (0, 4, 10, 14, 21),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "aug": (0, 4, 8),
    "7b9": (0, 4, 7, 10, 13),
    "5": (0, 7),
}
"""Chord qualities and their notes, in semitones above the root."""

_SYNONYMS = (
    # (pattern, what it means), one after the other, on a quality without its blanks and brackets.
    (r"♭|(?<=\d)-(?=[59])", "b"),
    (r"^(minor|min|mi|-)", "m"),
    (r"^(major|maj|ma|M)(?=[79])", "maj"),
    (r"^(major|maj|ma|M)(?=$|6)", ""),
    (r"^[Δ^]7?$", "maj7"),
    (r"^[øØ]7?$", "m7b5"),
    (r"^[°o](?=7?$)", "dim"),
    (r"^(dom|dominant)7?$", "7"),
    (r"^\+$", "aug"),
    (r"sus$", "sus4"),
    (r"add2$", "add9"),
)
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_KEY_NAMES = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
}
_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_CHORD = re.compile(r"([a-gA-G])\s*([#♯b♭]?)([^/]*)(?:/\s*([a-gA-G])\s*([#♯b♭]?))?")
_SHIFTS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_KEY = re.compile(
    r"([a-g])\s*(#|♯|b|♭|-?\s*sharp|-?\s*flat)?(?:\s*-?\s*(major|minor|maj|min|m))?", re.IGNORECASE
)


class MusicError(SimbaLiveError):
    """A musical setting that cannot be followed."""


@dataclass(frozen=True)
class Key:
    """A key: `tonic` 0-11 counted from C, `mode` "major" or "minor"."""

    tonic: int
    mode: str

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read "A minor", "C# major", "Eb", "F sharp minor", "Am" or "g-minor"; a bare letter is major.

        Raises:
            MusicError: the text is not a key.
        """
        match = _KEY.fullmatch(text.strip())
        if match is None:
            raise MusicError(f"'{text}' is not a key; write it like 'A minor', 'C# major' or 'Eb'")
        letter, accidental, mode = match.group(1), (match.group(2) or "").lower(), match.group(3) or "major"
        shift = 0
        if accidental:
            shift = 1 if accidental in ("#", "♯") or accidental.endswith("sharp") else -1
        minor = mode == "m" or mode.lower().startswith("min")
        return cls((_NATURALS[letter.lower()] + shift) % 12, "minor" if minor else "major")

    @property
    def index(self) -> int:
        """The key as `Conditions.key` counts it: 0-11 major, 12-23 minor."""
        return self.tonic + (12 if self.mode == "minor" else 0)

    def __str__(self) -> str:
        return f"{_KEY_NAMES[self.mode][self.tonic]} {self.mode}"


@dataclass(frozen=True)
class Chord:
    """A chord: `root` and `bass` are pitch classes 0-11, `quality` a key of `QUALITIES`."""

    root: int
    quality: str
    bass: int

    @classmethod
    def parse(cls, text: str) -> Chord:
        """Read "Am7", "F#m7b5", "Bbmaj7", "C/G", and what else people write: "A min7", "C-7", "G+", "EbΔ".

        Raises:
            MusicError: the text is not a chord, or one of a quality that `QUALITIES` lacks.
        """
        match = _CHORD.fullmatch(text.strip())
        quality = None if match is None else _quality(match.group(3))
        if match is None or quality not in QUALITIES:
            known = ", ".join(name for name in QUALITIES if name)
            raise MusicError(f"{text!r} is not a chord; write it like 'F#m7' or 'C/G', with one of: {known}")
        letter, accidental, _, below, shift = match.groups("")
        root = (_NATURALS[letter.lower()] + _SHIFTS[accidental]) % 12
        bass = (_NATURALS[below.lower()] + _SHIFTS[shift]) % 12 if below else root
        return cls(root, quality, bass)

    @cached_property
    def pitch_classes(self) -> tuple[int, ...]:
        """The chord's pitch classes, root first, without repeats."""
        return tuple(dict.fromkeys((self.root + interval) % 12 for interval in QUALITIES[self.quality]))

    def __str__(self) -> str:
        slash = "" if self.bass == self.root else f"/{_SHARPS[self.bass]}"
        return f"{_SHARPS[self.root]}{self.quality}{slash}"


def _quality(text: str) -> str:
    """A chord's quality in the spelling of `QUALITIES`, as far as it can be told."""
    text = re.sub(r"[\s()]", "", text)
    for pattern, meaning in _SYNONYMS:
        text = re.sub(pattern, meaning, text)
    return text


@dataclass(frozen=True)
class Part:
    """One instrument of a piece: General MIDI `program` (ignored for drums), `pan` and `level`, all 0-127."""

    name: str
    program: int
    is_drums: bool = False
    pan: int = 64
    level: int = 100

    @property
    def family(self) -> int:
        """Column of this part in `conditions.INSTRUMENTS`."""
        return DRUM_KIT if self.is_drums else self.program // 8


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the part named `part`: `start` in the bar and `duration` in beats, velocity 1-127."""

    start: float
    duration: float
    pitch: int
    velocity: int
    part: str


@dataclass(frozen=True)
class Bar:
    """One bar: everything that sounds in it, and what it means.

    Attributes:
        index: counted from the start of the piece.
        section: "intro", "verse", "build", "drop", "break" or "ending".
        beats_per_bar: length in beats.
        bpm: beats per minute.
        key: the key of the piece.
        chords: (beat, chord) pairs in order; the first is at beat 0.
        parts: the parts that play in this bar.
        notes: ordered by start; 0 <= start < beats_per_bar; a note may ring on past the bar line.
    """

    index: int
    section: str
    beats_per_bar: int
    bpm: float
    key: Key
    chords: tuple[tuple[float, Chord], ...]
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.beats_per_bar * 60.0 / self.bpm

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds at a position in the bar, in beats."""
        return [chord for start, chord in self.chords if start <= max(beat, 0.0)][-1]


@dataclass(frozen=True)
class Score:
    """A piece: its style's name and its bars (at least one)."""

    style: str
    bars: tuple[Bar, ...]

    @property
    def seconds(self) -> float:
        """Length to the last bar line."""
        return sum(bar.seconds for bar in self.bars)

    @property
    def bpm(self) -> float:
        """Tempo of the first bar (composed pieces keep one tempo)."""
        return self.bars[0].bpm

    @property
    def key(self) -> Key:
        """Key of the first bar."""
        return self.bars[0].key

    @property
    def beats_per_bar(self) -> int:
        """Metre of the first bar."""
        return self.bars[0].beats_per_bar

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every part that plays somewhere, in order of first appearance."""
        return tuple(dict.fromkeys(part for bar in self.bars for part in bar.parts))
