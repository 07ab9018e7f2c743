"""What a style is: its instruments, their patterns, its harmony, its drums and its form, as data.

Patterns are written as text, one cell per beat: "x...|..x." has four steps in each of two beats, "x.x" three
(triplets). "/" parts the bars of a longer pattern. Another metre than the pattern
was written for takes the cells it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simba_live.controls import SECTIONS
from simba_live.music.score import Key

SECTION_LETTERS = dict(zip(SECTIONS, "ivbdke", strict=True))
"""The letter of each section in `Layer.when`."""

KICK, STICK, SNARE, CLAP, CLOSED, PEDAL, OPEN = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE = 45, 47, 50, 49, 51


@dataclass(frozen=True)
class Layer:
    """One voice of a style.

    Attributes:
        role: "bass", "comp", "pad", "lead", "arp", "riff" or "counter"; also the name of the part.
        programs: General MIDI programs; the seed picks one.
        kind: how its notes come about. "grid": `lines` with letters (see `patterns.play_grid`); "pad": held
            chords; "arp": broken chords in the rhythm of `lines`; "melody": the returning motifs; "riff": an
            ostinato; "answer": replies to the melody; "walk": a walking bass.
        lines: pattern texts; the seed picks one for the verses and one for the drops.
        low: lowest MIDI pitch.
        high: highest MIDI pitch.
        when: letters of the sections it plays in (i v b d k e); a capital: only in the section's second half.
        voicing: how chords are laid out, see `theory.voice`.
        hold: share of the time to its next event that a note sounds.
        velocity: loudness 1-127 before dynamics.
        pan: place in the stereo field 0-127.
        level: loudness of the part 0-127.
        strum: beats between the notes of one chord.
        floor: the lowest MIDI pitch of whoever plays it, for the bass notes under its chords.
    """

    role: str
    programs: tuple[int, ...]
    kind: str
    lines: tuple[str, ...] = ()
    low: int = 48
    high: int = 76
    when: str = "ivbdke"
    voicing: str = "close"
    hold: float = 0.95
    velocity: int = 80
    pan: int = 64
    level: int = 100
    strum: float = 0.0
    floor: int = 21


@dataclass(frozen=True)
class DrumLine:
    """One drum: General MIDI `pitch`, pattern (X accent, x, o soft, g ghost, ? maybe) and its sections."""

    pitch: int
    line: str
    when: str = "ivbdke"


@dataclass(frozen=True)
class Modulation:
    """Where a piece goes from its home key.

    Attributes:
        section: the sections that are elsewhere.
        to: semitones up in the same mode; or "relative", or "parallel": the other mode on the relative's
            tonic, or on the same one.
        lift: whether only the last such section of every other round of the form rises, and what comes after
            it until the form begins anew; else all of them are elsewhere.
    """

    section: str
    to: int | str
    lift: bool = False

    def of(self, home: Key) -> Key:
        """The key that a piece in `home` goes to."""
        if isinstance(self.to, int):
            return Key((home.tonic + self.to) % 12, home.mode)
        other = "minor" if home.mode == "major" else "major"
        steps = 0 if self.to == "parallel" else 3 if other == "major" else -3
        return Key((home.tonic + steps) % 12, other)


@dataclass(frozen=True)
class Style:
    """A way of making music.

    Attributes:
        name: as the user names it.
        description: one natural sentence, which free text is compared with.
        words: other names for it.
        bpm: lowest and highest tempo.
        metres: beats in a bar; patterns are written for the first, the seed picks one (repeats favour one).
        modes: "major" and "minor"; repeat one to favour it.
        scales: the melody's scale by mode, names from `theory.SCALES`.
        progressions: by mode, texts for `theory.parse_progression`.
        layers: the pitched voices.
        kits: drum patterns; the seed picks one. Empty: no drums.
        cells: rhythms of one beat for melodies, blank-separated (x begins a note, - holds it, . rests).
        riff_cells: the same for riffs; "" uses `cells`.
        swing: where the off-beat falls in its pair, 0.5 straight to 0.67 triplet.
        swing_unit: length of that pair in beats: 1 swings eighths, 0.5 sixteenths.
        loose: largest random shift of a note, in beats; half of them stay within three tenths of it.
        feel: how late a player is by habit, in beats, by role or "snare" or "hats"; negative is early.
        swell: how much louder the middle of a phrase is than its ends, as a share.
        approach: how often the bass leads into a new root.
        chromatic: how often a melody's short note before a chord note is a half step from it.
        colours: chords that may join a progression, names from `harmony`, blank-separated.
        rich: how often they do where they could.
        modulations: the seed picks one; None stays at home. Only pieces whose key is open modulate.
        stop: how often everybody stops for the last beat of a build or break.
        fill: kind of drum fill, see `fills.fill`, or "none".
        crash: whether sections open with a cymbal.
        rolls: whether build sections have a snare roll.
        form: sections after the intro, repeated for ever.
        through: bars of a form that runs through all sections, such as twelve for the blues; 0: none.
        cadence: chord of the last bar but one, by mode; missing: whatever the progression has.
        reverent: quiet music, without a drum hit on its last note.
    """

    name: str
    description: str
    words: tuple[str, ...]
    bpm: tuple[int, int]
    modes: tuple[str, ...]
    progressions: dict[str, tuple[str, ...]]
    layers: tuple[Layer, ...]
    kits: tuple[tuple[DrumLine, ...], ...] = ()
    cells: str = "x--- x-x- ..x- ---- .... x-x-"
    riff_cells: str = ""
    metres: tuple[int, ...] = (4,)
    scales: dict[str, str] = field(default_factory=dict)
    swing: float = 0.5
    swing_unit: float = 1.0
    loose: float = 0.008
    feel: dict[str, float] = field(default_factory=dict)
    swell: float = 0.05
    approach: float = 0.0
    chromatic: float = 0.0
    colours: str = ""
    rich: float = 0.4
    modulations: tuple[Modulation | None, ...] = (None,)
    stop: float = 0.0
    fill: str = "snare"
    crash: bool = False
    rolls: bool = False
    form: tuple[str, ...] = ("verse", "build", "drop", "break")
    through: int = 0
    cadence: dict[str, str] = field(default_factory=dict)
    reverent: bool = False

    def scale(self, mode: str) -> str:
        """Name of the melody's scale in a mode."""
        return self.scales.get(mode, mode)


def drum(pitch: int, line: str, when: str = "ivbdke") -> DrumLine:
    """Short for `DrumLine`."""
    return DrumLine(pitch, line, when)
