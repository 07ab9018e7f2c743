"""Styles for acoustic players."""

from __future__ import annotations

from simba_live.music.style import Layer, Style, drum

_SONG_MAJOR = ("1 5 6m 4", "1 3m 4 5", "1 6m 4 5", "4 1 5 6m", "1 5/7 6m 3m 4 1/3 2m 5")
_SONG_MINOR = ("1m b6 b3 b7", "1m 4m b7 b3", "1m b7 b6 57", "1m 5m b6 b3 4m 1m 4m 57")

WALTZ = Style(
    name="waltz",
    description=(
        "Elegant waltz in three four time with an oom-pah-pah bass and chords, accordion, strings and a "
        "graceful turning melody, like a ballroom."
    ),
    words=("viennese", "ballroom", "musette", "oom-pah-pah", "carousel"),
    bpm=(92, 168),
    metres=(3,),
    modes=("major", "minor"),
    progressions={
        "major": ("1 1 57 57 57 57 1 1", "1 6m 2m 57", "4 1 57 1", "1 1/3 4 57"),
        "minor": ("1m 1m 57 57 4m 57 1m 1m", "1m 4m 57 1m", "b6 b3 57 1m"),
    },
    layers=(
        Layer(
            "bass",
            (32, 42, 43),
            "grid",
            ("R.|..|..", "R.|..|../F.|..|.."),
            28,
            48,
            "ivbdke",
            hold=0.5,
            velocity=88,
            level=106,
        ),
        Layer(
            "comp",
            (21, 0, 48, 24),
            "grid",
            ("..|C.|C.", "..|C.|c."),
            53,
            74,
            "ivbdke",
            "triad",
            hold=0.55,
            velocity=72,
            pan=48,
        ),
        Layer("lead", (40, 21, 0, 73, 71), "melody", (), 64, 86, "IvbdkE", hold=0.95, velocity=86, pan=72),
        Layer("pad", (48, 49), "pad", (), 55, 77, "bd", "open", velocity=52, level=82),
        Layer("counter", (71, 42, 60), "answer", (), 56, 76, "d", hold=0.9, velocity=70, pan=34),
    ),
    kits=((), (drum(36, "x.|..|..", "d"), drum(38, "..|g.|g.", "d"), drum(44, "..|o.|o.", "vd"))),
    cells="x- x- xx -- .x x- xx",
    loose=0.012,
    fill="none",
    form=("verse", "drop", "break", "verse", "build", "drop"),
    cadence={"major": "57", "minor": "57"},
    reverent=True,
)

FOLK = Style(
    name="folk",
    description=(
        "Acoustic folk song with finger-picked steel guitar, a simple fiddle or whistle tune and a "
        "rocking lilt: earthy, honest, campfire."
    ),
    words=(
        "acoustic",
        "celtic",
        "irish",
        "singer-songwriter",
        "country folk",
        "bluegrass",
        "campfire",
        "fingerpicking",
        "fingerpicked",
        "ballad in six eight",
        "jig",
        "sea shanty",
    ),
    bpm=(150, 200),
    metres=(6, 6, 3),
    modes=("major", "minor", "major"),
    progressions={
        "major": ("1 4 1 5", "1 5 6m 4", "1 b7 4 1", "6m 4 1 5"),
        "minor": ("1m b7 b6 b7", "1m b3 b7 1m", "1m 4m b7 1m"),
    },
    layers=(
        Layer(
            "comp",
            (25, 24, 105),
            "grid",
            ("R.|2.|3.|4.|3.|2.", "R.|3.|2.|R.|4.|3.", "R.|3.|4.|F.|3.|2."),
            48,
            70,
            "ivbdke",
            "close",
            hold=1.6,
            velocity=80,
            pan=50,
        ),
        Layer(
            "bass",
            (32, 33),
            "grid",
            ("R.|..|..|F.|..|..", "R.|..|..|R.|..|A."),
            28,
            48,
            "Vbd",
            hold=0.9,
            velocity=84,
            level=102,
        ),
        Layer("lead", (110, 73, 72, 22, 40), "melody", (), 64, 86, "Vdk", hold=0.95, velocity=84, pan=74),
        Layer("pad", (49, 21, 48), "pad", (), 52, 74, "Bdk", "open", velocity=48, level=78),
        Layer(
            "counter",
            (25, 105),
            "grid",
            ("C.|..|c.|C.|..|c.", "C.|..|..|C.|.c|c."),
            52,
            74,
            "d",
            "triad",
            hold=0.8,
            velocity=70,
            pan=92,
            strum=0.02,
        ),
    ),
    kits=(
        (),
        (
            drum(36, "x.|..|..|o.|..|..", "bd"),
            drum(54, "..|..|..|x.|..|..", "d"),
            drum(70, "o.|g.|g.|o.|g.|g.", "vbd"),
        ),
        (drum(36, "x.|..|..|x.|..|..", "vbd"), drum(45, "..|..|o.|..|..|o.", "d")),
    ),
    cells="x- x- xx -- x- .x x-",
    scales={"major": "major pentatonic", "minor": "dorian"},
    loose=0.015,
    fill="none",
    form=("verse", "drop", "verse", "build", "drop", "break"),
    reverent=True,
)

BALLAD = Style(
    name="ballad",
    description=(
        "Slow emotional piano ballad with broken chords, a singing melody and soft strings: tender, "
        "sad, intimate, for a film's quiet scene."
    ),
    words=(
        "piano ballad",
        "love song",
        "sad piano",
        "emotional",
        "tender",
        "melancholy",
        "sentimental",
        "slow song",
        "romantic",
    ),
    bpm=(58, 80),
    metres=(4, 4, 4, 3),
    modes=("major", "minor"),
    progressions={"major": _SONG_MAJOR, "minor": _SONG_MINOR},
    layers=(
        Layer(
            "comp",
            (0, 0, 2),
            "grid",
            ("R.2.|3.4.|3.2.|3.2.", "R.F.|3.4.|C...|3.2.", "R.1.|2.3.|4.3.|2.1.", "R..2|3.4.|R..2|4.3."),
            48,
            72,
            "ivbdke",
            "close",
            hold=1.8,
            velocity=70,
            pan=58,
        ),
        Layer("lead", (0, 0, 40, 42, 73), "melody", (), 64, 86, "IvbdkE", hold=0.98, velocity=86, pan=68),
        Layer("pad", (48, 49, 89), "pad", (), 52, 76, "Bdk", "open", velocity=54, level=84),
        Layer(
            "bass",
            (32, 42, 35),
            "grid",
            ("R...|....|....|....", "R...|....|R...|..A."),
            28,
            46,
            "bdK",
            hold=0.98,
            velocity=78,
            level=98,
        ),
    ),
    kits=(
        (),
        (
            drum(36, "x...|....|x...|....", "bd"),
            drum(37, "....|x...|....|x...", "bd"),
            drum(42, "o.o.|o.o.|o.o.|o.o.", "d"),
        ),
    ),
    cells="x--- x-x- ---- x--x ..x- --x- x---",
    loose=0.02,
    fill="none",
    form=("verse", "drop", "verse", "build", "drop", "break"),
    cadence={"major": "57", "minor": "57"},
    reverent=True,
)

ACOUSTIC = (WALTZ, FOLK, BALLAD)
