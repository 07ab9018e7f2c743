"""Jazz, blues and bossa nova."""

from __future__ import annotations

from simba_live.music.style import Layer, Modulation, Style, drum

BOSSA_NOVA = Style(
    name="bossa nova",
    description=(
        "Gentle Brazilian bossa nova with nylon guitar, soft shaker and rim clicks, rich jazz chords "
        "and a breezy flute tune, by the sea."
    ),
    words=("bossa", "brazilian", "samba", "lounge", "latin jazz"),
    bpm=(116, 144),
    modes=("major", "minor"),
    progressions={
        "major": (
            "1maj7 67 2m7 57",
            "4maj7 b77 3m7 67 2m7 57 1maj7 1maj7",
            "1maj7 1maj7 27 27 2m7 57 1maj7 57",
            "1maj7 6m7 2m7 57",
            "4maj7 4m6 3m7 6m7 2m7 57 1maj7 1maj7",
        ),
        "minor": (
            "1m6 1m6 4m7 b77 b3maj7 b6maj7 2m7b5 57b9",
            "1m7 1m7 2m7b5 57b9 1m7 1m7 2m7b5 57b9",
            "1m9 4m9 b7 b3maj7 b6maj7 2m7b5 57b9 1m7",
        ),
    },
    layers=(
        Layer(
            "comp",
            (24,),
            "grid",
            ("C..C|..C.|..C.|.C../..C.|..C.|C..C|..C.", "C.C.|..C.|.C..|C.../C..C|..C.|..C.|..C."),
            52,
            74,
            "ivbdke",
            "shell",
            hold=0.8,
            velocity=78,
            pan=48,
            strum=0.01,
        ),
        Layer(
            "bass",
            (32,),
            "grid",
            ("R...|..F.|F...|..R.", "R...|..R.|F...|..F."),
            28,
            48,
            "IvbdKe",
            hold=0.9,
            velocity=84,
            level=104,
        ),
        Layer("lead", (73, 66, 11, 24), "melody", (), 64, 86, "Vdk", hold=0.95, velocity=78, pan=72),
        Layer("pad", (49, 4), "pad", (), 55, 76, "D", "open", velocity=46, level=76),
    ),
    kits=(
        (
            drum(36, "o..o|o..o|o..o|o..o", "vbd"),
            drum(37, "x..x|..x.|..x.|.x../..x.|..x.|x..x|..x.", "vbde"),
            drum(42, "x.xx|x.xx|x.xx|x.xx", "Ivbdk"),
            drum(70, "gogo|gogo|gogo|gogo", "ivdk"),
        ),
        (
            drum(36, "o..o|o..o|o..o|o..o", "vd"),
            drum(37, "x..x|..x.|..x.|.x..", "bd"),
            drum(70, "oxoo|oxoo|oxoo|oxoo", "ivbdke"),
        ),
    ),
    cells="x-x- x--- ..x- x--x .xx- ---- .... ---x",
    loose=0.02,
    feel={"lead": 0.03},
    swell=0.08,
    approach=0.4,
    chromatic=0.25,
    colours="two-five tritone secondary minor-four passing",
    rich=0.45,
    modulations=(None, Modulation("break", 5), Modulation("break", "parallel")),
    fill="light",
    form=("verse", "drop", "break", "verse", "build", "drop"),
    cadence={"major": "57", "minor": "57b9"},
)

JAZZ = Style(
    name="jazz",
    description=(
        "Swinging jazz combo with walking double bass, a ride cymbal pattern, comping piano and a "
        "saxophone solo in a smoky club."
    ),
    words=("swing", "bebop", "jazz trio", "big band", "jazzy", "cool jazz", "smooth jazz", "hard bop"),
    bpm=(116, 176),
    modes=("major", "minor"),
    progressions={
        "major": (
            "1maj7 1maj7 5m7 17 4maj7 b77 3m7,67 2m7,57",
            "3m7 67 2m7 57",
            "1maj7 4maj7 3m7,67 2m7,57",
            "1maj7 6m7 2m7 57",
            "2m7 57 1maj7 67",
            "1maj7,67 2m7,57 3m7,67 2m7,57",
            "4maj7 b77 3m7,67 2m7,57",
        ),
        "minor": (
            "1m7 4m7 b77 b3maj7 b6maj7 2m7b5 57b9 1m7",
            "1m6 b6maj7 2m7b5 57b9",
            "1m7 2m7b5,57b9 1m7 4m7",
            "4m7 b77 b3maj7 b6maj7 2m7b5 57b9 1m6 1m6",
            "1m6 1m6 2m7b5 57b9",
        ),
    },
    layers=(
        Layer("bass", (32,), "walk", (), 28, 48, "ivbdke", hold=0.92, velocity=92, level=110),
        Layer(
            "comp",
            (0, 26, 0),
            "grid",
            ("C..|..C|...|...", "..C|...|..C|...", "...|C..|...|..C", "C..|...|..C|C.."),
            52,
            74,
            "Ivbd",
            "shell",
            hold=0.5,
            velocity=72,
            pan=44,
        ),
        Layer("lead", (66, 65, 56, 71, 11), "melody", (), 60, 84, "Vdk", hold=0.95, velocity=86, pan=76),
        Layer("counter", (61, 57), "answer", (), 58, 78, "d", hold=0.7, velocity=76, pan=90),
    ),
    kits=(
        (
            drum(51, "x..|x.o|x..|x.o", "ivbdke"),
            drum(44, "...|x..|...|x..", "vbdk"),
            drum(36, "g..|g..|g..|g..", "vd"),
            drum(38, "...|..?|...|g.?", "vd"),
        ),
        (
            drum(42, "x..|x.o|x..|x.o", "ivb"),
            drum(51, "x..|x.o|x..|x.o", "dk"),
            drum(44, "...|x..|...|x..", "vd"),
            drum(38, "..?|...|..g|?..", "vd"),
            drum(36, "o..|...|o..|..?", "bd"),
        ),
    ),
    cells="x-x x-- x-x ..x --x ... xxx x--",
    scales={"minor": "dorian"},
    swing=0.66,
    loose=0.03,
    feel={"lead": 0.035, "bass": -0.006, "snare": 0.01},
    swell=0.08,
    chromatic=0.35,
    colours="two-five tritone secondary turnaround backdoor passing",
    rich=0.5,
    modulations=(None, Modulation("break", 5), Modulation("break", "relative")),
    stop=0.3,
    fill="triplet",
    form=("verse", "drop", "drop", "break"),
    cadence={"major": "57", "minor": "57b9"},
)

BLUES = Style(
    name="blues",
    description=(
        "Twelve-bar blues shuffle with gritty electric guitar, harmonica, organ and a rolling bass: "
        "soulful, weary, road-house feeling."
    ),
    words=(
        "shuffle",
        "twelve bar",
        "12 bar",
        "12-bar",
        "boogie",
        "rhythm and blues",
        "delta",
        "rockabilly",
        "country",
    ),
    bpm=(88, 128),
    modes=("major", "major", "minor"),
    progressions={
        "major": (
            "17 47 17 17 47 #4dim7 17 67 2m7 57 17,67 2m7,57",
            "17 17 17 17 47 47 17 17 57 57 17 57",
            "17 17 17 17 47 47 17 17 57 47 17 57",
            "17 47 17 17 47 47 17 67 2m7 57 17 57",
        ),
        "minor": (
            "1m7 4m7 1m7 1m7 4m7 4m7 1m7 1m7 b67 57 1m7,b67 57",
            "1m7 1m7 1m7 1m7 4m7 4m7 1m7 1m7 b67 57 1m7 57",
        ),
    },
    layers=(
        Layer(
            "bass",
            (33, 32),
            "grid",
            ("R..|T..|F..|T..", "R..|R.r|F..|F.r", "R..|F..|S..|F.."),
            28,
            50,
            "ivbdke",
            hold=0.85,
            velocity=94,
            level=108,
        ),
        Layer(
            "comp",
            (27, 0, 26, 16),
            "grid",
            ("C.c|C.c|C.c|C.c", "..C|...|..C|...", "...|C..|...|C.c"),
            50,
            72,
            "ivbdk",
            "shell",
            hold=0.6,
            velocity=80,
            pan=42,
        ),
        Layer("lead", (29, 22, 27, 65), "melody", (), 60, 84, "Vdke", hold=0.9, velocity=90, pan=74),
        Layer("counter", (18, 0, 61), "answer", (), 58, 78, "vd", hold=0.8, velocity=74, pan=90),
    ),
    kits=(
        (
            drum(36, "X..|...|X..|..x", "vbd"),
            drum(38, "...|X..|...|X.g", "vbde"),
            drum(42, "x.o|x.o|x.o|x.o", "ivbk"),
            drum(51, "x.o|x.o|x.o|x.o", "d"),
        ),
        (
            drum(36, "X..|x..|X..|x..", "vbd"),
            drum(38, "..g|X.g|..g|X.g", "vbd"),
            drum(42, "x.x|x.x|x.x|x.x", "ivbdke"),
        ),
    ),
    cells="x-x x-- ..x x-x ... --x xxx .x-",
    scales={"major": "blues", "minor": "blues"},
    swing=0.66,
    loose=0.024,
    feel={"lead": 0.025, "snare": 0.012},
    swell=0.07,
    approach=0.45,
    chromatic=0.2,
    stop=0.3,
    fill="triplet",
    through=12,
    form=("verse", "drop", "verse", "drop", "break"),
    cadence={"major": "57", "minor": "57"},
)

JAZZ_AND_BLUES = (BOSSA_NOVA, JAZZ, BLUES)
