"""Afro-Caribbean styles and soul."""

from __future__ import annotations

from simba_live.music.style import Layer, Style, drum

REGGAE = Style(
    name="reggae",
    description=(
        "Sunny roots reggae with an off-beat guitar skank, one-drop drums, bubbling organ and a deep "
        "melodic bass, relaxed island mood."
    ),
    words=("dub", "ska", "dancehall", "jamaican", "island", "one drop", "roots"),
    bpm=(70, 84),
    modes=("major", "minor"),
    progressions={
        "major": ("1 4 1 5", "1 5 6m 4", "1 2m 1 2m", "1 4"),
        "minor": ("1m 4m 1m 5m", "1m b7 b6 b7", "1m b7"),
    },
    layers=(
        Layer(
            "bass",
            (33, 32),
            "grid",
            ("R..R|..T.|F.F.|..A.", "..R.|R.T.|F...|..R.", "R.R.|F...|..R.|T.A.", "R...|R.F.|..T.|R..."),
            28,
            48,
            "IvbdKe",
            hold=0.8,
            velocity=104,
            level=118,
        ),
        Layer(
            "comp",
            (27, 28),
            "grid",
            ("..C.|..C.|..C.|..C.", "..C.|..CC|..C.|..C."),
            57,
            77,
            "ivbdke",
            "triad",
            hold=0.35,
            velocity=84,
            pan=36,
        ),
        Layer(
            "counter",
            (16, 17),
            "grid",
            (".cC.|.cC.|.cC.|.cC.", ".c.c|.c.c|.c.c|.c.c"),
            50,
            70,
            "Vbdk",
            "triad",
            hold=0.5,
            velocity=66,
            pan=92,
        ),
        Layer("lead", (22, 56, 66, 73), "melody", (), 62, 84, "dk", hold=0.9, velocity=80),
        Layer("riff", (61, 57), "riff", (), 58, 78, "D", hold=0.7, velocity=82, pan=70),
    ),
    kits=(
        (
            drum(36, "....|....|X...|....", "vbd"),
            drum(37, "....|....|X...|...?", "vbde"),
            drum(42, "x.xo|x.x.|x.xo|x.x.", "ivbdk"),
        ),
        (
            drum(36, "X...|X...|X...|X...", "d"),
            drum(36, "....|....|X...|....", "vb"),
            drum(37, "....|....|X...|..o.", "vbd"),
            drum(42, "x.x.|x.xx|x.x.|x.x.", "ivbdke"),
            drum(63, "...o|....|..o.|.o..", "dk"),
        ),
    ),
    cells="x-x- x--- ..x- .... ---- x--x .xx-",
    scales={"major": "major pentatonic"},
    swing=0.56,
    swing_unit=0.5,
    loose=0.012,
    fill="timbales",
)

AFROBEAT = Style(
    name="afrobeat",
    description=(
        "Hypnotic West African afrobeat: interlocking guitars, bells and congas, a circling bass and "
        "blazing horn lines, joyful and endless."
    ),
    words=("afro", "highlife", "african", "afro-beat", "afrobeats", "tribal"),
    bpm=(104, 124),
    modes=("minor", "minor", "major"),
    progressions={"minor": ("1m7", "1m7 1m7 4m7 4m7", "1m7 b7"), "major": ("17", "1 4 5 4", "1 1 4 5")},
    layers=(
        Layer(
            "bass",
            (33,),
            "grid",
            ("R..R|..F.|..S.|F.../..R.|R.F.|..O.|S.F.", "R.R.|..F.|S...|F.R.", "..R.|R..F|..F.|S.A."),
            28,
            48,
            "ivbdke",
            hold=0.7,
            velocity=98,
            level=112,
        ),
        Layer(
            "comp",
            (27, 28),
            "grid",
            ("1.3.|2.3.|1.3.|.23.", ".12.|3.2.|.12.|3..2", "1..2|..3.|1..2|.3.."),
            57,
            78,
            "IvbdkE",
            "triad",
            hold=0.6,
            velocity=78,
            pan=28,
        ),
        Layer("arp", (28, 27, 12), "riff", (), 60, 80, "Vbdk", hold=0.5, velocity=74, pan=100),
        Layer("riff", (61, 66), "riff", (), 58, 79, "Bd", hold=0.75, velocity=92),
        Layer("lead", (66, 65, 16, 56), "melody", (), 62, 84, "Dk", hold=0.85, velocity=86, pan=72),
    ),
    kits=(
        (
            drum(36, "X..x|..x.|..x.|x...", "vbd"),
            drum(38, "..g.|x..g|..x.|.g..", "vbd"),
            drum(42, "x.xx|x.xx|x.xx|x.xx", "ivbd"),
            drum(56, "x..x|..x.|..x.|x...", "bdk"),
            drum(63, "..o.|..oo|..o.|..oo", "ivdke"),
            drum(70, "xoxo|xoxo|xoxo|xoxo", "dk"),
        ),
        (
            drum(36, "X...|..x.|X...|..x.", "vbd"),
            drum(37, "x..x|..x.|..x.|x...", "ivbd"),
            drum(42, "xoxo|xoxo|xoxo|xoxo", "vbdk"),
            drum(64, "x..o|..x.|x..o|..xo", "Ivdke"),
            drum(82, "x.x.|x.x.|x.x.|x.x.", "d"),
        ),
    ),
    cells="x.x. .xx. x--x ..x. .... x-x- xx..",
    riff_cells=".xx. x.x. ..x. x..x .... xx..",
    scales={"minor": "dorian", "major": "major pentatonic"},
    loose=0.01,
    fill="timbales",
    form=("verse", "drop", "break", "build", "drop"),
)

SALSA = Style(
    name="salsa",
    description=(
        "Hot Latin salsa with piano montuno, clave, congas, timbales and bright brass: festive, fast, "
        "for dancing couples."
    ),
    words=("latin", "cuban", "mambo", "cha cha", "rumba", "tropical", "merengue", "reggaeton", "tango"),
    bpm=(92, 112),
    modes=("minor", "major"),
    progressions={
        "minor": ("1m 4m 57 1m", "1m b7 b6 57", "1m 57"),
        "major": ("1 4 57 4", "1 6m 2m 57", "1 57"),
    },
    layers=(
        Layer(
            "comp",
            (0, 1),
            "grid",
            ("C.12|.3.1|2.C.|.1.3/.C.1|.2.3|.C.2|.1.3", "C.3.|2.C.|.3.2|.C.3/.C.3|.2.C|.3.2|.C.3"),
            57,
            81,
            "ivbdke",
            "triad",
            hold=0.7,
            velocity=86,
            pan=48,
        ),
        Layer(
            "bass",
            (32, 33),
            "grid",
            ("...F|..A.|...F|..A.", "R..F|..A.|...F|..A.", "R..R|..F.|...R|..A."),
            28,
            48,
            "Vvbdke",
            hold=0.9,
            velocity=98,
            level=110,
        ),
        Layer("riff", (61, 56, 57), "riff", (), 60, 80, "bd", hold=0.6, velocity=92, pan=78),
        Layer("lead", (56, 73, 66), "melody", (), 64, 85, "Vdk", hold=0.85, velocity=86, pan=60),
    ),
    kits=(
        (
            drum(75, "x..x|..x.|..x.|x...", "ivbdk"),
            drum(64, "..x.|..xx|..x.|..xx", "vbde"),
            drum(62, "x...|x...|x...|x...", "vd"),
            drum(56, "x.x.|x.x.|x.x.|x.x.", "bd"),
            drum(36, "...x|..x.|...x|..x.", "d"),
            drum(70, "xoxo|xoxo|xoxo|xoxo", "Ivd"),
        ),
        (
            drum(75, "..x.|x...|x..x|..x.", "vbdk"),
            drum(64, "..x.|..xx|..x.|..xx", "ivbde"),
            drum(65, "x.xx|.x.x|x.xx|.x.x", "d"),
            drum(70, "x.xx|x.xx|x.xx|x.xx", "ivdk"),
            drum(36, "x...|..x.|x...|..x.", "bd"),
        ),
    ),
    cells="x.x. .xx. x--x ..x. .... x-x- .x.x",
    scales={"minor": "harmonic"},
    loose=0.008,
    fill="timbales",
    form=("verse", "drop", "break", "build", "drop"),
    cadence={"minor": "57", "major": "57"},
)

SOUL = Style(
    name="soul",
    description=(
        "Warm vintage soul and gospel ballad feel with electric piano, organ, tambourine, horns and a "
        "tender bass line, heartfelt and romantic."
    ),
    words=("gospel", "motown", "r&b", "rnb", "neo soul", "neo-soul"),
    bpm=(72, 104),
    modes=("major", "major", "minor"),
    progressions={
        "major": ("1maj7 6m7 2m7 57", "1 3m 4 57", "4maj7 3m7 2m7 5sus4", "1 1/3 4 4m6"),
        "minor": ("1m9 4m9 b7 b3maj7", "1m7 b6maj7 4m7 57"),
    },
    layers=(
        Layer(
            "comp",
            (4, 5, 0),
            "grid",
            ("C...|..c.|C...|..c.", "C..c|..C.|..c.|C...", "C...|C...|C...|C.c."),
            50,
            74,
            "ivbdke",
            "close",
            hold=0.9,
            velocity=78,
            pan=50,
            strum=0.012,
        ),
        Layer(
            "bass",
            (33, 32),
            "grid",
            ("R..R|..R.|F...|..A.", "R...|..RF|R...|..TA", "R.R.|..F.|R..R|.F.A"),
            28,
            48,
            "IvbdKe",
            hold=0.85,
            velocity=94,
            level=110,
        ),
        Layer("pad", (16, 48, 52), "pad", (), 55, 77, "bdk", "close", velocity=56, level=84, pan=84),
        Layer(
            "counter",
            (27, 28),
            "grid",
            ("....|..U.|....|..U.", "....|U...|....|U..."),
            60,
            80,
            "vd",
            "triad",
            hold=0.4,
            velocity=76,
            pan=30,
        ),
        Layer("riff", (61, 66), "riff", (), 60, 80, "D", hold=0.8, velocity=84, pan=70),
        Layer("lead", (66, 53, 65, 27), "melody", (), 62, 84, "Vdk", hold=0.95, velocity=82),
    ),
    kits=(
        (
            drum(36, "X...|..x.|X..x|....", "vbd"),
            drum(38, "....|X...|....|X..g", "vbde"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivbdk"),
            drum(54, "....|x...|....|x...", "d"),
        ),
        (
            drum(36, "X..x|..x.|..x.|....", "vbd"),
            drum(37, "....|x...|....|x...", "Ivk"),
            drum(38, "....|X..g|.g..|X...", "bd"),
            drum(42, "xoxo|xoxo|xoxo|xoxo", "vbdke"),
        ),
    ),
    cells="x-x- x--- ---- ..x- x--x .... -xx-",
    scales={"major": "major pentatonic", "minor": "minor pentatonic"},
    swing=0.57,
    swing_unit=0.5,
    loose=0.012,
    fill="snare",
    form=("verse", "drop", "verse", "build", "drop", "break"),
    cadence={"major": "5sus4"},
)

ROOTS = (REGGAE, AFROBEAT, SALSA, SOUL)
