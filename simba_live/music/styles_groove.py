"""Styles that live by their groove."""

from __future__ import annotations

from simba_live.music.style import Layer, Style, drum

LOFI = Style(
    name="lofi",
    description=(
        "Mellow lofi hip hop with dusty drums, a lazy swing, jazzy electric piano chords and a soft "
        "bass, for study, rain and late evenings."
    ),
    words=("lo-fi", "lo fi", "chillhop", "chill beats", "study beats", "study music", "chill"),
    bpm=(70, 88),
    modes=("major", "minor"),
    progressions={
        "major": ("2m9 57 1maj9 6m7", "1maj7 3m7 4maj7 4m6", "4maj7 3m7 2m7 1maj7", "1maj9 6m9 2m9 5sus4"),
        "minor": ("1m9 4m9 b7 b3maj7", "b6maj7 57 1m7 1m7", "1m9 b6maj7 4m7 57", "4m9 1m9 b6maj7 b7"),
    },
    layers=(
        Layer(
            "comp",
            (4, 5, 0, 26),
            "grid",
            ("C...|...C|..C.|....", "C..c|....|c.C.|....", "..C.|....|C...|.c..", "C...|....|C.c.|..c."),
            50,
            74,
            "ivbdke",
            "shell",
            hold=0.95,
            velocity=74,
            strum=0.02,
            pan=56,
        ),
        Layer(
            "bass",
            (32, 33, 35),
            "grid",
            ("R...|..R.|....|F.A.", "R..r|....|R...|..A.", "R...|....|R.F.|...."),
            28,
            48,
            "Vbdk",
            hold=0.9,
            velocity=86,
            level=104,
        ),
        Layer("lead", (11, 73, 4, 26, 66), "melody", (), 62, 82, "Vd", hold=0.9, velocity=70, pan=76),
        Layer("pad", (89, 49), "pad", (), 52, 72, "bdk", "open", velocity=44, level=74),
    ),
    kits=(
        (
            drum(36, "X...|..x.|.x..|....", "vbd"),
            drum(38, "....|x..g|....|x...", "vbde"),
            drum(42, "o.g.|o.go|o.g.|o.g.", "Ivbdk"),
        ),
        (
            drum(36, "X..x|....|..x.|....", "vbd"),
            drum(38, "....|x...|.g..|x..g", "vbd"),
            drum(42, "x.o.|x.o.|x.o.|x.o.", "ivbdke"),
        ),
        (
            drum(36, "X...|....|x.x.|....", "vbd"),
            drum(37, "....|x...|....|x...", "Ivbde"),
            drum(42, "o.oo|o.o.|o.oo|o.og", "vbdk"),
            drum(70, "..g.|..g.|..g.|..g.", "d"),
        ),
    ),
    cells="x-x- ..x- .... x--- xx-. ---- ..xx",
    scales={"major": "major pentatonic", "minor": "dorian"},
    swing=0.6,
    swing_unit=0.5,
    loose=0.02,
    fill="light",
)

BOOM_BAP = Style(
    name="hip hop",
    description=(
        "Nineties boom bap hip hop: a heavy swung drum break with fat kick and snare, a looped jazzy "
        "sample and a deep upright bass, for rapping."
    ),
    words=("hip-hop", "hiphop", "boom bap", "rap", "old school", "trip hop", "breaks"),
    bpm=(84, 98),
    modes=("minor", "minor", "major"),
    progressions={
        "minor": ("1m7 4m7", "1m9 b6maj7", "1m7 b7 b6maj7 57", "1m7 1m7 4m7 5m7"),
        "major": ("1maj7 2m7", "1maj7 6m7 2m7 57"),
    },
    layers=(
        Layer(
            "bass",
            (32, 33, 38),
            "grid",
            ("R..R|....|..R.|.FA.", "R...|..RR|..O.|....", "R..r|.R..|F.R.|..A."),
            28,
            48,
            "Ivbd",
            hold=0.8,
            velocity=96,
            level=112,
        ),
        Layer(
            "comp",
            (4, 0, 26, 11),
            "grid",
            ("C...|....|...C|....", "C..C|....|....|..c.", "..C.|...C|....|....", "1.2.|3.4.|3.2.|1..."),
            50,
            74,
            "ivbdke",
            hold=0.9,
            velocity=76,
            pan=50,
        ),
        Layer("riff", (61, 48, 73, 11, 28), "riff", (), 60, 80, "Vdk", hold=0.7, velocity=76, pan=80),
        Layer("lead", (56, 66, 80), "answer", (), 62, 82, "d", hold=0.85, velocity=78, pan=40),
    ),
    kits=(
        (
            drum(36, "X..x|....|..xx|....", "ivbd"),
            drum(38, "....|X..g|....|X..g", "ivbde"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivbdk"),
        ),
        (
            drum(36, "X.x.|....|.x.x|....", "vbd"),
            drum(38, "....|X...|.g..|X...", "ivbd"),
            drum(42, "x.xo|x.x.|x.xo|x.x.", "ivbdke"),
            drum(46, "....|....|....|..x.", "d"),
        ),
        (
            drum(36, "X...|..x.|x.x.|....", "vbd"),
            drum(38, "....|X.g.|.g..|X...", "vbd"),
            drum(42, "x.o.|x.o.|x.o.|xoo.", "ivbdke"),
        ),
    ),
    cells="x-x. ..x- .... x-.. .xx. x--x",
    scales={"minor": "minor pentatonic", "major": "major pentatonic"},
    swing=0.58,
    swing_unit=0.5,
    loose=0.012,
    fill="break",
)

FUNK = Style(
    name="funk",
    description=(
        "Tight syncopated funk with slap bass, scratchy rhythm guitar, clavinet and punchy horn stabs: "
        "groovy, sweaty, playful."
    ),
    words=("funky", "groove", "groovy", "p-funk", "slap bass"),
    bpm=(96, 114),
    modes=("minor", "major", "minor"),
    progressions={
        "minor": ("1m7", "1m7 47", "1m7 1m7 4m7 4m7", "1m7 b37 47 1m7"),
        "major": ("19", "17 47", "19 19 49 19", "17 b77 47 17"),
    },
    layers=(
        Layer(
            "bass",
            (36, 33, 37),
            "grid",
            ("R..R|..O.|.R.R|S.O.", "R...|..RO|..S.|F.A.", "R.R.|.O.R|..F.|S.O.", "RR.O|..R.|S.R.|.OFA"),
            28,
            48,
            "ivbdKe",
            hold=0.6,
            velocity=104,
            level=114,
        ),
        Layer(
            "comp",
            (28, 27, 7),
            "grid",
            ("c.Cc|.cC.|c.Cc|.cC.", "..C.|c.C.|.cC.|c.Cc", "ccCc|.c.C|c.Cc|.c.c"),
            56,
            76,
            "vbdke",
            "triad",
            hold=0.4,
            velocity=80,
            pan=34,
        ),
        Layer(
            "counter",
            (7, 16, 4),
            "grid",
            ("....|..C.|....|C..C", "C...|....|.C.C|....", "..UU|....|..U.|.U.."),
            53,
            74,
            "Ivdk",
            hold=0.5,
            velocity=76,
            pan=92,
        ),
        Layer("riff", (61, 62, 56), "riff", (), 60, 80, "Bd", hold=0.5, velocity=92, pan=64),
        Layer("lead", (66, 65, 56, 18), "melody", (), 62, 84, "Dk", hold=0.8, velocity=86),
    ),
    kits=(
        (
            drum(36, "X..x|....|..x.|..x.", "ivbd"),
            drum(38, "....|X..g|.g.g|X..g", "ivbde"),
            drum(42, "xoxo|xoxo|xoxo|xoxo", "ivbdk"),
        ),
        (
            drum(36, "X.x.|...x|..x.|....", "vbd"),
            drum(38, ".g..|X.g.|.g..|X.g.", "vbd"),
            drum(42, "x.xx|x.x.|x.xx|x...", "ivbdke"),
            drum(46, "....|....|....|..x.", "vbd"),
            drum(54, "..x.|..x.|..x.|..x.", "d"),
        ),
        (
            drum(36, "X..x|..x.|..x.|.x..", "vbd"),
            drum(38, "....|X..g|....|X.gg", "vbd"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivbdke"),
            drum(56, "x...|x...|x...|x...", "d"),
        ),
    ),
    cells="x.x. .xx. ..xx x..x .... xx.x x-..",
    riff_cells="x.x. .x.x ..xx .... x... ...x",
    scales={"minor": "minor pentatonic", "major": "blues"},
    swing=0.54,
    swing_unit=0.5,
    loose=0.008,
    fill="snare",
    form=("verse", "drop", "break", "build", "drop"),
)

DISCO = Style(
    name="disco",
    description=(
        "Glittering seventies disco with octave bass, four on the floor, open hi-hats, sweeping strings "
        "and chopping guitar, joyful on the dance floor."
    ),
    words=("nu disco", "seventies", "70s", "french house", "party"),
    bpm=(112, 124),
    modes=("minor", "major"),
    progressions={
        "minor": ("1m7 4m7 b7 b3maj7", "1m b7 b6 57", "1m7 1m7 4m7 57"),
        "major": ("1maj7 6m7 2m7 57", "4maj7 57 3m7 6m7", "1 5 6m 4"),
    },
    layers=(
        Layer(
            "bass",
            (33, 36, 38),
            "grid",
            ("R.O.|R.O.|R.O.|R.O.", "R.OR|.OR.|R.OR|.OAO", "R.OO|R.OO|R.OO|R.AA"),
            28,
            50,
            "ivbdKe",
            hold=0.7,
            velocity=98,
            level=108,
        ),
        Layer(
            "comp",
            (27, 28),
            "grid",
            ("..C.|.cC.|..C.|.cC.", ".cC.|.cC.|.cC.|.cCc", "c.Cc|c.Cc|c.Cc|c.Cc"),
            57,
            77,
            "vbdke",
            "triad",
            hold=0.4,
            velocity=76,
            pan=32,
        ),
        Layer("pad", (48, 50), "pad", (), 60, 82, "Vbdk", "close", velocity=70, level=94, pan=80),
        Layer(
            "counter",
            (0, 4, 1),
            "grid",
            ("C...|C..C|..C.|C...", "C..C|..C.|.C..|C..."),
            52,
            74,
            "Ibd",
            hold=0.6,
            velocity=78,
            pan=56,
        ),
        Layer("lead", (48, 61, 73, 56), "melody", (), 66, 88, "Dk", hold=0.9, velocity=84),
    ),
    kits=(
        (
            drum(36, "X...|X...|X...|X...", "ivbd"),
            drum(38, "....|X...|....|X...", "vbde"),
            drum(46, "..x.|..x.|..x.|..x.", "ivbd"),
            drum(42, "x..o|x..o|x..o|x..o", "ivdk"),
            drum(54, "x.xx|x.xx|x.xx|x.xx", "d"),
        ),
        (
            drum(36, "X...|X...|X...|X...", "ivbd"),
            drum(39, "....|x...|....|x...", "d"),
            drum(38, "....|X...|....|X..g", "vb"),
            drum(46, "..x.|..x.|..x.|..x.", "vbde"),
            drum(63, "..o.|o.oo|..o.|o.o.", "vdk"),
            drum(42, "xo.o|xo.o|xo.o|xo.o", "vdk"),
        ),
    ),
    cells="x-x- x--- ..x- x--x ---- x.xx",
    loose=0.006,
    fill="toms",
    crash=True,
    cadence={"minor": "57", "major": "57"},
)

GROOVE = (LOFI, BOOM_BAP, FUNK, DISCO)
