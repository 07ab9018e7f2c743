"""Words for captions: what General MIDI programs, their kinds and metres are called by people."""

from __future__ import annotations

_FOURS = (
    "piano, bright piano, electric grand piano, honky-tonk piano",
    "electric piano, FM electric piano, harpsichord, clavinet",
    "celesta, glockenspiel, music box, vibraphone",
    "marimba, xylophone, tubular bells, dulcimer",
    "drawbar organ, percussive organ, rock organ, church organ",
    "reed organ, accordion, harmonica, tango accordion",
    "nylon-string guitar, steel-string guitar, jazz guitar, clean electric guitar",
    "muted guitar, overdriven guitar, distorted guitar, guitar harmonics",
    "acoustic bass, electric bass, picked bass, fretless bass",
    "slap bass, slap bass, synth bass, synth bass",
    "violin, viola, cello, double bass",
    "tremolo strings, pizzicato strings, harp, timpani",
    "strings, slow strings, synth strings, synth strings",
    "choir, voices, synth voice, orchestra hit",
    "trumpet, trombone, tuba, muted trumpet",
    "French horn, brass section, synth brass, synth brass",
    "soprano saxophone, alto saxophone, tenor saxophone, baritone saxophone",
    "oboe, English horn, bassoon, clarinet",
    "piccolo, flute, recorder, pan flute",
    "blown bottle, shakuhachi, whistle, ocarina",
    "square lead, saw lead, calliope lead, chiff lead",
    "charang lead, voice lead, fifths lead, bass and lead synth",
    "new age pad, warm pad, polysynth, choir pad",
    "bowed pad, metallic pad, halo pad, sweep pad",
    "rain synth, soundtrack synth, crystal synth, atmosphere synth",
    "brightness synth, goblin synth, echo synth, sci-fi synth",
    "sitar, banjo, shamisen, koto",
    "kalimba, bagpipes, fiddle, shanai",
    "tinkle bell, agogo, steel drums, woodblock",
    "taiko drum, melodic tom, synth drum, reverse cymbal",
    "fret noise, breath noise, seashore, bird song",
    "telephone, helicopter, applause, gunshot",
)
PROGRAMS = tuple(name for four in _FOURS for name in four.split(", "))
"""What each of the 128 General MIDI programs is called in a sentence."""

METRES: dict[int, tuple[str, ...]] = {
    2: ("2/4", "in two", "two four time"),
    3: ("3/4", "in three", "three four time"),
    4: ("4/4", "four four time", "common time", "in four"),
    5: ("5/4", "in five", "five four time"),
    6: ("6/8", "in six", "six eight time"),
    7: ("7/4", "in seven", "seven four time"),
}
"""What each number of beats in a bar is called."""

KINDS: dict[str, frozenset[int]] = {
    "piano": frozenset(range(6)),
    "organ": frozenset({16, 17, 18, 19, 20}),
    "guitar": frozenset(range(24, 32)),
    "bass": frozenset({*range(32, 40), 43, 58, 87}),
    "strings": frozenset({*range(40, 46), *range(48, 52), 110}),
    "voices": frozenset({52, 53, 54, 85, 91}),
    "brass": frozenset(range(56, 64)),
    "saxophone": frozenset(range(64, 68)),
    "flute": frozenset(range(72, 80)),
    "synthesizers": frozenset({5, 38, 39, 50, 51, 54, 62, 63, *range(80, 104), 118}),
}
"""What people miss or do not want, and the General MIDI programs that are it."""
