"""Words for captions: what General MIDI programs and metres are called by people."""

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
