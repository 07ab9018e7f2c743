"""Instruments by name: the General MIDI programs a word stands for, and what such an instrument plays."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.conditions import INSTRUMENTS
from simba_live.music.score import MusicError


@dataclass(frozen=True)
class Instrument:
    """A named instrument.

    Attributes:
        name: as messages and captions call it.
        programs: General MIDI programs it may be; the first is the usual one.
        words: other names, singular.
        chords: whether it plays chords (a piano) or one line (a flute).
        bass: whether it plays the bass.
    """

    name: str
    programs: tuple[int, ...]
    words: tuple[str, ...] = ()
    chords: bool = False
    bass: bool = False


TABLE = (
    Instrument(
        "electric piano", (4, 5), ("rhodes", "wurlitzer", "e-piano", "fender rhodes", "epiano"), chords=True
    ),
    Instrument("harpsichord", (6,), ("cembalo",), chords=True),
    Instrument("clavinet", (7,), ("clav",), chords=True),
    Instrument(
        "piano", (0, 1), ("grand piano", "pianoforte", "upright piano", "keys", "keyboard"), chords=True
    ),
    Instrument("celesta", (8,), ("celeste",), chords=True),
    Instrument("glockenspiel", (9,), ("bells", "chimes", "bell"), chords=True),
    Instrument("music box", (10,), (), chords=True),
    Instrument("vibraphone", (11,), ("vibes",), chords=True),
    Instrument("marimba", (12,), (), chords=True),
    Instrument("xylophone", (13,), (), chords=True),
    Instrument("church organ", (19,), ("pipe organ",), chords=True),
    Instrument("accordion", (21,), ("bandoneon", "concertina"), chords=True),
    Instrument("harmonica", (22,), ("mouth organ", "blues harp")),
    Instrument("organ", (16, 17, 18), ("hammond", "b3", "hammond organ"), chords=True),
    Instrument("bass guitar", (33, 34), ("electric bass",), bass=True),
    Instrument(
        "acoustic guitar",
        (25, 24),
        ("steel guitar", "steel string guitar", "fingerstyle guitar"),
        chords=True,
    ),
    Instrument(
        "classical guitar", (24,), ("nylon guitar", "spanish guitar", "nylon string guitar"), chords=True
    ),
    Instrument("electric guitar", (27, 26), ("clean guitar", "jazz guitar"), chords=True),
    Instrument(
        "distorted guitar", (30, 29), ("distortion guitar", "overdriven guitar", "heavy guitar"), chords=True
    ),
    Instrument("guitar", (25, 27, 24), (), chords=True),
    Instrument(
        "double bass", (32,), ("upright bass", "contrabass", "acoustic bass", "string bass"), bass=True
    ),
    Instrument("slap bass", (36, 37), (), bass=True),
    Instrument("fretless bass", (35,), (), bass=True),
    Instrument("synth bass", (38, 39), ("sub bass", "808 bass", "acid bass", "synthesizer bass"), bass=True),
    Instrument("bass", (33, 32, 38), ("bassline", "bass line"), bass=True),
    Instrument("violin", (40,), ()),
    Instrument("viola", (41,), ()),
    Instrument("cello", (42,), ("violoncello",)),
    Instrument("fiddle", (110,), ()),
    Instrument("harp", (46,), (), chords=True),
    Instrument("pizzicato strings", (45,), ("pizzicato",), chords=True),
    Instrument(
        "strings",
        (48, 49),
        ("string section", "string ensemble", "string orchestra", "orchestral strings"),
        chords=True,
    ),
    Instrument("synth strings", (50, 51), (), chords=True),
    Instrument("choir", (52,), ("voices", "vocals", "oohs", "aahs", "singers"), chords=True),
    Instrument("trumpet", (56,), ()),
    Instrument("muted trumpet", (59,), ()),
    Instrument("trombone", (57,), ()),
    Instrument("french horn", (60,), ("horn",)),
    Instrument("synth brass", (62, 63), (), chords=True),
    Instrument("brass", (61,), ("horns", "brass section", "horn section"), chords=True),
    Instrument("soprano saxophone", (64,), ("soprano sax",)),
    Instrument("alto saxophone", (65,), ("alto sax",)),
    Instrument("tenor saxophone", (66,), ("tenor sax",)),
    Instrument("saxophone", (66, 65), ("sax",)),
    Instrument("oboe", (68,), ()),
    Instrument("bassoon", (70,), ()),
    Instrument("clarinet", (71,), ()),
    Instrument("piccolo", (72,), ()),
    Instrument("pan flute", (75,), ("panpipe", "pan pipes", "panpipes")),
    Instrument("whistle", (78, 72), ("tin whistle", "penny whistle")),
    Instrument("ocarina", (79,), ()),
    Instrument("recorder", (74,), ()),
    Instrument("flute", (73,), ()),
    Instrument("synth pad", (89, 95, 90), ("pad", "warm pad", "synthesizer pad", "synth pads"), chords=True),
    Instrument("synth lead", (81, 80), ("lead synth", "saw lead", "square lead", "synthesizer lead")),
    Instrument("synthesizer", (90, 81, 50), ("synth", "synthesiser"), chords=True),
    Instrument("sitar", (104,), ()),
    Instrument("banjo", (105,), (), chords=True),
    Instrument("shamisen", (106,), ()),
    Instrument("koto", (107,), (), chords=True),
    Instrument("kalimba", (108,), ("thumb piano", "mbira"), chords=True),
    Instrument("bagpipes", (109,), ("bagpipe",)),
    Instrument("steel drums", (114,), ("steelpan", "steel pan", "steel drum"), chords=True),
)
"""Every instrument that can be asked for by name."""

BY_NAME: dict[str, Instrument] = {name: entry for entry in TABLE for name in (entry.name, *entry.words)}
"""Instruments by every one of their names."""

_FAMILY_DEFAULTS = (
    "piano", "vibraphone", "organ", "guitar", "bass", "violin", "strings", "brass", "saxophone", "flute",
    "synth lead", "synth pad", "synth pad", "sitar", "steel drums", "synth pad",
)  # fmt: skip


def find_instrument(name: str | int) -> Instrument:
    """The instrument of a name (plurals too), of a family's name or number in `conditions.INSTRUMENTS`.

    Raises:
        MusicError: there is none; the message lists some.
    """
    if isinstance(name, str):
        wanted = name.strip().lower()
        for spelling in (wanted, wanted.removesuffix("s"), wanted + "s"):
            if spelling in BY_NAME:
                return BY_NAME[spelling]
        if wanted in INSTRUMENTS[:16]:
            return BY_NAME[_FAMILY_DEFAULTS[INSTRUMENTS.index(wanted)]]
    elif 0 <= name < 16:
        return BY_NAME[_FAMILY_DEFAULTS[name]]
    some = ", ".join(entry.name for entry in TABLE if len(entry.name) < 12)
    raise MusicError(f"there is no instrument '{name}'; choose from: {some}")


def program_name(program: int) -> str:
    """What to call a General MIDI program, "flute" for 73."""
    for entry in TABLE:
        if program == entry.programs[0]:
            return entry.name
    for entry in TABLE:
        if program in entry.programs:
            return entry.name
    return INSTRUMENTS[program // 8]


_COMPASS: dict[int, tuple[int, int]] = {
    **dict.fromkeys(range(8), (21, 108)),
    8: (60, 108), 9: (60, 103), 10: (55, 103), 11: (53, 89), 12: (45, 96), 13: (60, 96), 14: (60, 84),
    15: (48, 88), **dict.fromkeys(range(16, 21), (28, 96)), 21: (36, 93), 22: (55, 96), 23: (36, 93),
    **dict.fromkeys(range(24, 32), (40, 88)), **dict.fromkeys(range(32, 40), (26, 67)),
    40: (55, 100), 41: (48, 88), 42: (36, 76), 43: (26, 62), 44: (36, 96), 45: (36, 96), 46: (26, 100),
    47: (36, 60), **dict.fromkeys(range(48, 52), (28, 96)), **dict.fromkeys(range(52, 55), (41, 86)),
    56: (52, 86), 57: (40, 74), 58: (28, 60), 59: (52, 86), 60: (36, 77), 61: (36, 86), 62: (28, 96),
    63: (28, 96), 64: (56, 88), 65: (49, 84), 66: (44, 78), 67: (36, 70), 68: (58, 91), 69: (52, 82),
    70: (34, 74), 71: (50, 91), 72: (72, 105), **dict.fromkeys((73, 74, 75, 78, 79), (60, 96)),
    76: (48, 84), 77: (55, 88), 104: (45, 86), 105: (45, 86), 106: (48, 81), 107: (48, 91), 108: (48, 86),
    109: (58, 82), 110: (55, 96), 114: (45, 88),
}  # fmt: skip


def compass(program: int) -> tuple[int, int]:
    """The lowest and highest MIDI pitch of a General MIDI program; synthesizers have all there are."""
    return _COMPASS.get(program, (21, 108))
