"""Electronic styles with a broken beat."""

from __future__ import annotations

from simba_live.music.style import Layer, Style, drum

_MINOR_LOOPS = ("1m b6 b3 b7", "1m 4m b6 b7", "1m b7 b6 b7", "1m b3 b7 4m", "b6 b7 1m 1m", "1m 5m b6 4m")
_MAJOR_LOOPS = ("1 5 6m 4", "6m 4 1 5", "1 3m 4 5", "4 5 6m 1", "1 6m 4 5")

DRUM_AND_BASS = Style(
    name="drum and bass",
    description=(
        "Fast drum and bass with chopped breakbeats, a rumbling sub bass and atmospheric chords: urgent "
        "energy, racing through the city."
    ),
    words=(
        "dnb",
        "d&b",
        "d'n'b",
        "drum & bass",
        "drum n bass",
        "drum'n'bass",
        "jungle",
        "breakbeat",
        "liquid",
    ),
    bpm=(168, 178),
    modes=("minor", "minor", "major"),
    progressions={
        "minor": ("1m9 1m9 b6maj7 b6maj7", "1m7 b3maj7 4m7 b6maj7", "1m 1m b6 b7"),
        "major": ("1maj7 1maj7 6m7 6m7", "4maj7 5 6m7 3m7"),
    },
    layers=(
        Layer(
            "bass",
            (38, 39, 87),
            "grid",
            ("R---|..R.|....|..F.", "R...|..RR|..R.|.A..", "R..R|....|..R.|...O", "R...|....|..R.|..A."),
            28,
            46,
            "Ivbd",
            hold=0.9,
            velocity=100,
            level=112,
        ),
        Layer("pad", (89, 95, 50, 91), "pad", (), 52, 74, "ivbdke", "open", velocity=58, level=88),
        Layer(
            "comp",
            (4, 5, 0, 90),
            "grid",
            ("C...|....|..C.|....", "...C|....|....|C...", "C..C|....|....|..C."),
            55,
            78,
            "vdk",
            hold=0.7,
            velocity=72,
            pan=44,
        ),
        Layer("lead", (81, 80, 73, 85, 11), "melody", (), 62, 84, "Vdk", hold=0.9, velocity=80, pan=70),
        Layer(
            "arp",
            (98, 88, 11),
            "arp",
            ("x.x.|x.x.|x.x.|x.x.", "x..x|..x.|.x..|x.x."),
            64,
            88,
            "iB",
            hold=0.7,
            velocity=60,
            pan=90,
            level=80,
        ),
    ),
    kits=(
        (
            drum(36, "X...|....|..x.|....", "vbd"),
            drum(38, "....|X..g|.g..|X..g", "vbd"),
            drum(42, "x.o.|x.o.|x.o.|x.o.", "ivbdke"),
            drum(51, "x.x.|x.x.|x.x.|x.x.", "D"),
        ),
        (
            drum(36, "X.x.|....|..x.|....", "Ivd"),
            drum(38, "....|X..g|.g.g|X.g.", "vbd"),
            drum(42, "xoxo|xoxo|xoxo|xoxo", "ivdk"),
            drum(46, "....|....|....|..x.", "d"),
        ),
        (
            drum(36, "X.x.|....|..xx|..../X...|..x.|..x.|....", "vbd"),
            drum(38, "....|X..g|.g..|X.../....|X..g|.g..|..X.", "vbd"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivbdke"),
            drum(54, "..o.|..o.|..o.|..o.", "d"),
        ),
    ),
    cells="x--- ---- x-x- ..x- .... x--x ----",
    scales={"minor": "dorian", "major": "major pentatonic"},
    loose=0.004,
    fill="break",
    crash=True,
    rolls=True,
)

TRAP = Style(
    name="trap",
    description=(
        "Hard trap beat with booming 808 bass, rattling hi-hat rolls, a sharp clap and dark bells, "
        "slow, heavy and menacing."
    ),
    words=("drill", "808", "dark beat", "rap beat"),
    bpm=(66, 76),
    modes=("minor",),
    progressions={
        "minor": ("1m 1m b6 b6", "1m b6 4m 57", "1m 1m 4m b2", "1m b7 b6 57"),
        "major": ("1 1 6m 6m", "1 4 6m 5"),
    },
    layers=(
        Layer(
            "bass",
            (38, 39),
            "grid",
            (
                "R...|..R.|..R.|....",
                "R..R|....|.R..|..A.",
                "R...|...R|..R.|.O..",
                "R.....R.|........|R...R...|....O...",
            ),
            28,
            45,
            "Ivbd",
            hold=0.95,
            velocity=106,
            level=118,
        ),
        Layer(
            "comp",
            (10, 14, 11, 0, 46),
            "arp",
            ("x.x.|x.x.|x.x.|x.x.", "x..x|..x.|x..x|..x.", "x.xx|..x.|x.xx|...."),
            60,
            84,
            "ivbdke",
            "triad",
            hold=0.9,
            velocity=76,
            pan=54,
        ),
        Layer("pad", (91, 52, 48, 95), "pad", (), 50, 72, "ibdk", velocity=54, level=84),
        Layer("lead", (80, 75, 79, 98), "melody", (), 64, 84, "Vdk", hold=0.9, velocity=78, pan=76),
    ),
    kits=(
        (
            drum(36, "X...|..x.|..x.|....", "vbd"),
            drum(39, "....|X...|....|X...", "vbdE"),
            drum(38, "....|x...|....|x...", "d"),
            drum(42, "x.x.x.x.|x.x.xxxx|x.x.x.x.|x.xxxxx.", "ivbdk"),
            drum(46, "....|....|...x|....", "d"),
        ),
        (
            drum(36, "X..x|....|.x..|x...", "vbd"),
            drum(39, "....|X...|....|X..?", "vbd"),
            drum(42, "x.x.x.x.|xxx.x.x.|x.x.x.x.|xxxxxx", "ivbdke"),
            drum(37, "...o|..o.|....|.o..", "dk"),
        ),
        (
            drum(36, "X...|...x|..x.|.x..", "vbd"),
            drum(39, "....|X...|....|X...", "vbd"),
            drum(42, "xox|x.x.x.x.|xox|x.x.xxxx", "ivbdke"),
            drum(45, "....|....|....|..oo", "d"),
        ),
    ),
    cells="x-x- x--- ---- .... x-.. ..x- xx..",
    scales={"minor": "harmonic"},
    loose=0.004,
    fill="hats",
    crash=True,
)

SYNTHWAVE = Style(
    name="synthwave",
    description=(
        "Retro eighties synthwave with pulsing synth bass, gated snare, shimmering arpeggios and a neon "
        "lead: a night drive with nostalgia."
    ),
    words=(
        "retrowave",
        "outrun",
        "eighties",
        "80s",
        "vaporwave",
        "electro pop",
        "synth pop",
        "synthpop",
        "new wave",
        "chiptune",
    ),
    bpm=(84, 118),
    modes=("minor", "minor", "major"),
    progressions={"minor": _MINOR_LOOPS, "major": _MAJOR_LOOPS},
    layers=(
        Layer(
            "bass",
            (38, 39),
            "grid",
            ("R.R.|R.R.|R.R.|R.R.", "RrRr|RrRr|RrRr|RrRr", "R.RO|.RR.|R.RO|.ROA"),
            28,
            48,
            "ivbdke",
            hold=0.75,
            velocity=94,
            level=106,
        ),
        Layer("pad", (50, 90, 51, 89), "pad", (), 52, 76, "ivbdke", "open", velocity=62, level=88),
        Layer(
            "arp",
            (81, 88, 80),
            "arp",
            ("xoxo|xoxo|xoxo|xoxo", "x.x.|x.x.|x.x.|x.x.", "xoox|ooxo|xoox|ooxo"),
            60,
            84,
            "Vbdk",
            hold=0.6,
            velocity=66,
            pan=84,
            level=88,
        ),
        Layer(
            "comp",
            (62, 90, 5),
            "grid",
            ("C...|....|..C.|....", "...C|....|...C|....", "C..C|..C.|....|...."),
            55,
            76,
            "d",
            hold=0.7,
            velocity=74,
            pan=46,
        ),
        Layer("lead", (81, 80, 84, 65), "melody", (), 64, 86, "dK", hold=0.95, velocity=88),
    ),
    kits=(
        (
            drum(36, "X...|....|X...|....", "ivbd"),
            drum(38, "....|X...|....|X...", "vbde"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivdk"),
            drum(45, "....|....|....|..?.", "d"),
        ),
        (
            drum(36, "X...|X...|X...|X...", "vbd"),
            drum(38, "....|X...|....|X...", "Ivd"),
            drum(42, "xoxo|xoxo|xoxo|xoxo", "ivdke"),
        ),
        (
            drum(36, "X...|..x.|X...|....", "vbd"),
            drum(38, "....|X...|....|X...", "Ivd"),
            drum(42, "..x.|..x.|..x.|..x.", "ivdke"),
            drum(39, "....|x...|....|x...", "d"),
        ),
    ),
    cells="x--- x-x- ---- x--x --x- .... x---",
    loose=0.003,
    fill="toms",
    crash=True,
)

BEATS = (DRUM_AND_BASS, TRAP, SYNTHWAVE)
