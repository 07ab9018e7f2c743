"""Harmony as arithmetic: scales, progressions in scale degrees, voicings that move as little as they can."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations, pairwise

from simba_live.music.score import QUALITIES, Chord, Key, MusicError

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
"""Semitones above the tonic."""

_DEGREES = (0, 2, 4, 5, 7, 9, 11)
_CHORD = re.compile(r"([b#]?)([1-7])([^/]*)(?:/([b#]?)([1-7]))?")
_VOICES = {"power": 3, "shell": 4, "close": 4, "open": 4, "triad": 3, "pair": 2}


def _degree(accidental: str, digit: str) -> int:
    return _DEGREES[int(digit) - 1] + {"": 0, "b": -1, "#": 1}[accidental]


@lru_cache(maxsize=4096)
def parse_chord(text: str, tonic: int) -> Chord:
    """A chord from a degree of the major scale on `tonic`: "1m", "b6maj7", "57" (seventh chord on 5), "1/3".

    Raises:
        MusicError: not a degree, or a quality that `QUALITIES` lacks.
    """
    match = _CHORD.fullmatch(text)
    if match is None or match.group(3) not in QUALITIES:
        raise MusicError(f"'{text}' is not a chord; write a degree and a quality, like '1m' or 'b6maj7'")
    root = (tonic + _degree(match.group(1), match.group(2))) % 12
    bass = root
    if match.group(5):
        bass = (tonic + _degree(match.group(4), match.group(5))) % 12
    return Chord(root, match.group(3), bass)


def parse_progression(text: str, key: Key, beats: int) -> tuple[tuple[tuple[float, Chord], ...], ...]:
    """Bars of (beat, chord) from "1m b6 b3,b7": blanks part bars, commas share a bar between chords."""
    bars = []
    for bar in text.split():
        names = bar.split(",")
        starts = [float(beats * place // len(names)) for place in range(len(names))]
        # A second chord never starts before the middle of an uneven bar.
        if len(names) == 2:
            starts[1] = float((beats + 1) // 2)
        bars.append(
            tuple((start, parse_chord(name, key.tonic)) for start, name in zip(starts, names, strict=True))
        )
    return tuple(bars)


@lru_cache(maxsize=4096)
def local_scale(tonic: int, scale: str, chord: Chord) -> tuple[int, ...]:
    """Pitch classes to play over a chord: the scale, bent where the chord has a note the scale lacks."""
    classes = {(tonic + step) % 12 for step in SCALES[scale]}
    for tone in chord.pitch_classes:
        if tone not in classes:
            classes -= {(tone + 1) % 12, (tone - 1) % 12} - set(chord.pitch_classes)
            classes.add(tone)
    return tuple(sorted(classes))


@lru_cache(maxsize=4096)
def pitches_in(classes: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """Every MIDI pitch from low to high (inclusive) whose class is among `classes`."""
    members = frozenset(classes)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in members)


def nearest(pitch: float, candidates: tuple[int, ...]) -> int:
    """The candidate closest to a pitch; of two equally close, the lower."""
    return min(candidates, key=lambda candidate: (abs(candidate - pitch), candidate))


def place(pitch_class: int, low: int, high: int, near: float) -> int:
    """The pitch of a class in [low, high] nearest to `near`; the range must span an octave."""
    return nearest(near, pitches_in((pitch_class % 12,), low, high))


def voiced_classes(chord: Chord, voicing: str) -> tuple[int, ...]:
    """Which of the chord's classes a voicing sounds, in order of importance."""
    intervals = QUALITIES[chord.quality]
    if voicing == "power":
        fifth = next((step for step in intervals if step % 12 in (6, 7, 8)), 7)
        return (chord.root, (chord.root + fifth) % 12)
    classes = chord.pitch_classes
    if voicing == "triad":
        return classes[:3]
    if voicing == "pair":
        return classes[1:3] if len(classes) < 4 else (classes[1], classes[3])
    if voicing == "shell" and len(classes) >= 4:
        # The bass has the root; third, seventh and colour tones carry the harmony.
        return (classes[1], classes[3], *classes[4:], classes[2])[:4] if len(classes) > 4 else classes[1:]
    if len(classes) > 4:
        return (classes[1], classes[2], classes[3], classes[4])
    return classes


@lru_cache(maxsize=4096)
def _shapes(classes: tuple[int, ...], voicing: str, low: int, high: int) -> tuple[tuple[int, ...], ...]:
    """Every way to lay the classes out between low and high, as ascending pitches."""
    pool = pitches_in(classes, low, high)
    if voicing == "power":
        roots = pitches_in(classes[:1], low, high - 12)
        return tuple((root, root + (classes[1] - classes[0]) % 12, root + 12) for root in roots)
    count = len(classes)
    widest = 21 if voicing == "open" else 13
    found = []
    for shape in combinations(pool, count):
        if shape[-1] - shape[0] > widest or len({pitch % 12 for pitch in shape}) < count:
            continue
        if voicing == "open" and count > 2 and shape[-1] - shape[0] < 12:
            continue
        if any(above - below < 2 for below, above in pairwise(shape)) and shape[0] < 52:
            continue
        found.append(shape)
    return tuple(found)


def voice(
    chord: Chord,
    voicing: str,
    low: int,
    high: int,
    before: tuple[int, ...] | None,
    came_from: Chord | None = None,
) -> tuple[int, ...]:
    """Lay a chord out near the voicing before it: the least total movement, common tones kept.

    Args:
        chord: what to sound.
        voicing: "close", "open", "shell", "triad", "pair" or "power".
        low: lowest MIDI pitch.
        high: highest MIDI pitch; the range should span an octave and a half.
        before: the voicing to move from; None starts in the middle of the range.
        came_from: the chord of `before`; the top voice shuns fifths and octaves in parallel with its bass.

    Returns:
        Ascending MIDI pitches.
    """
    classes = voiced_classes(chord, voicing)
    shapes = _shapes(classes, voicing, low, high) or _shapes(classes, "triad", low, high + 12)
    middle = (low + high) / 2
    if before is None:
        return min(shapes, key=lambda shape: (abs(sum(shape) / len(shape) - middle), shape))

    def movement(shape: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        if len(shape) == len(before):
            steps = [abs(pitch - other) for pitch, other in zip(shape, before, strict=True)]
            # One voice that leaps is worse than several that step.
            moved = sum(steps) + 2.0 * max(max(steps) - 5, 0)
        else:
            moved = sum(min(abs(pitch - other) for other in before) for pitch in shape)
            moved += sum(min(abs(pitch - other) for other in shape) for pitch in before)
        if came_from is not None and in_parallel(came_from.bass, before[-1], chord.bass, shape[-1]):
            moved += 9.0
        # A pull to the middle keeps a long chain from drifting to the edge of its range.
        return moved + 0.35 * abs(sum(shape) / len(shape) - middle), shape

    return min(shapes, key=movement)


def in_parallel(bass_before: int, before: int, bass: int, now: int) -> bool:
    """Whether an upper voice moves in fifths or octaves along with a bass of these pitch classes."""
    apart = (now - bass) % 12
    if apart not in (0, 7) or apart != (before - bass_before) % 12 or now == before:
        return False
    # The bass takes the shorter way to its next note.
    rises = (bass - bass_before) % 12 <= 6
    return rises == (now > before)


def lead_voices(
    chords: tuple[Chord, ...], voicing: str, low: int, high: int, round_and_round: bool = False
) -> tuple[tuple[int, ...], ...]:
    """Voice a chain of chords, each from the one before; one that repeats also leads back to its start."""
    voiced: list[tuple[int, ...]] = []
    last: Chord | None = None
    for chord in chords * (1 + round_and_round):
        voiced.append(voice(chord, voicing, low, high, voiced[-1] if voiced else None, last))
        last = chord
    return tuple(voiced[-len(chords) :])
