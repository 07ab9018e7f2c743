"""Club styles with four kicks to the bar."""

from __future__ import annotations

from simba_live.music.style import Layer, Modulation, Style, drum

_FOUR = "X...|X...|X...|X..."
_MINOR_LOOPS = ("1m b6 b3 b7", "1m 4m b6 b7", "1m b7 b6 b7", "1m b3 b7 4m", "b6 b7 1m 1m", "1m 5m b6 4m")
_MAJOR_LOOPS = ("1 5 6m 4", "6m 4 1 5", "1 3m 4 5", "4 5 6m 1", "1 6m 4 5")
_DEEP_MINOR = ("1m9 4m9", "1m7 b6maj7 4m7 5m7", "1m9 b3maj7 4m9 b7", "4m7 1m7 4m7 b6maj7")
_DEEP_MAJOR = ("1maj7 6m7 2m7 5sus4", "4maj7 3m7 2m7 1maj7", "1maj9 4maj9", "2m9 57 1maj7 6m7")

HOUSE = Style(
    name="house",
    description=(
        "Warm club house music with a steady four on the floor kick, claps, off-beat hi-hats, piano "
        "chord stabs and a bouncing bass, for dancing all night."
    ),
    words=(
        "deep house",
        "piano house",
        "club",
        "dance music",
        "edm",
        "four on the floor",
        "garage",
        "uk garage",
    ),
    bpm=(118, 128),
    modes=("minor", "minor", "major"),
    progressions={"minor": _DEEP_MINOR + _MINOR_LOOPS[:3], "major": _DEEP_MAJOR + _MAJOR_LOOPS[:2]},
    layers=(
        Layer(
            "bass",
            (38, 39, 33),
            "grid",
            ("..R.|..R.|..R.|..O.", "R..R|..O.|..R.|.R.A", "R.O.|..R.|R..O|..R.", "..RR|..O.|..RR|.FO."),
            28,
            48,
            "vbdKe",
            hold=0.7,
            velocity=96,
            level=108,
        ),
        Layer(
            "comp",
            (0, 1, 4, 16, 5),
            "grid",
            ("C..C|..C.|..C.|C...", "..C.|..C.|..C.|..C.", "C..C|..C.|.C..|C.C.", ".C..|C..C|..C.|.C.."),
            52,
            76,
            "ivbdke",
            hold=0.55,
            velocity=84,
            pan=54,
        ),
        Layer("pad", (89, 50, 90, 48), "pad", (), 52, 74, "Ibdk", "open", velocity=58, level=84),
        Layer("lead", (81, 80, 11, 73, 85), "riff", (), 64, 86, "Vd", hold=0.8, velocity=82, pan=72),
        Layer(
            "arp",
            (81, 98, 88),
            "arp",
            ("x.x.|x.x.|x.x.|x.x.", "x..x|..x.|x..x|..x."),
            60,
            84,
            "bDk",
            hold=0.6,
            velocity=62,
            pan=84,
            level=84,
        ),
    ),
    kits=(
        (
            drum(36, _FOUR, "ivbd"),
            drum(39, "....|X...|....|X...", "Vbde"),
            drum(46, "..x.|..x.|..x.|..x.", "Ivbd"),
            drum(42, "o.go|o.go|o.go|o.go", "ivdk"),
            drum(70, "gogo|gogo|gogo|gogo", "dk"),
        ),
        (
            drum(36, _FOUR, "vbde"),
            drum(38, "....|x...|....|x..g", "vd"),
            drum(39, "....|x...|....|x...", "Ivd"),
            drum(42, "..x.|..x.|..x.|..xo", "ivbdk"),
            drum(54, "x.xx|x.xx|x.xx|x.xx", "d"),
            drum(37, "...o|..o.|.o..|...?", "vdk"),
        ),
        (
            drum(36, "X...|X...|X...|X..?", "ivbd"),
            drum(39, "....|X...|....|X...", "vbd"),
            drum(42, "oxXo|oxXo|oxXo|oxXo", "Ivdke"),
            drum(75, "x..x|..x.|..x.|x...", "dk"),
        ),
    ),
    cells="x-.. ..x- x-x. .x-. ..x. x--x .... ..xx",
    scales={"minor": "minor pentatonic", "major": "major pentatonic"},
    swing=0.54,
    swing_unit=0.5,
    loose=0.006,
    feel={"hats": -0.004},
    swell=0.03,
    approach=0.25,
    colours="major-four suspended turnaround secondary",
    rich=0.3,
    modulations=(None, Modulation("break", "relative")),
    stop=0.5,
    fill="clap",
    crash=True,
    rolls=True,
)

TECHNO = Style(
    name="techno",
    description=(
        "Dark, driving, hypnotic warehouse techno: a pounding kick drum, rolling bass, metallic hats "
        "and a repeating synth sequence, cold and mechanical."
    ),
    words=("acid", "acid techno", "minimal", "warehouse", "rave", "industrial", "hard techno"),
    bpm=(128, 140),
    modes=("minor",),
    progressions={
        "minor": ("1m 1m b7 1m", "1m 1m 5m 4m", "1m b2", "1m", "1m 1m 1m b2", "1m 1m b3 b2", "1m 1m 1m 4m"),
        "major": ("1", "1 1 1 b7", "1 1 4 1"),
    },
    layers=(
        Layer(
            "bass",
            (38, 39, 87),
            "grid",
            (".RRR|.RRR|.RRR|.RRR", "..RR|..RO|..RR|..RA", ".R.R|.R.R|.R.R|.R.O", "..R.|.R..|..R.|.ROR"),
            28,
            46,
            "IvbdK",
            hold=0.6,
            velocity=92,
            level=106,
        ),
        Layer("riff", (81, 87, 80, 38), "riff", (), 52, 72, "vbdk", hold=0.5, velocity=84, pan=50),
        Layer(
            "comp",
            (90, 62, 81, 54),
            "grid",
            ("...C|....|..C.|....", "....|..C.|....|..C.", "..C.|.C..|..C.|....", "C...|...C|....|...."),
            55,
            76,
            "Bdk",
            "triad",
            hold=0.35,
            velocity=72,
            pan=80,
            level=88,
        ),
        Layer("pad", (95, 92, 89), "pad", (), 48, 70, "ik", "open", velocity=48, level=74),
        Layer(
            "lead",
            (80, 84, 81),
            "arp",
            ("xxxx|xxxx|xxxx|xxxx", "x.xx|x.xx|x.xx|x.xx", "x..x|..x.|.x.x|..x."),
            60,
            82,
            "Dk",
            hold=0.5,
            velocity=70,
            pan=76,
            level=88,
        ),
    ),
    kits=(
        (
            drum(36, _FOUR, "ivbde"),
            drum(46, "..x.|..x.|..x.|..x.", "vbd"),
            drum(42, "oogo|oogo|oogo|oogo", "Ivdke"),
            drum(39, "....|x...|....|x...", "d"),
            drum(76, "...x|..x.|.x..|x.?.", "dk"),
        ),
        (
            drum(36, _FOUR, "ivbd"),
            drum(42, "..X.|..X.|..X.|..X.", "ivdke"),
            drum(51, "x.x.|x.x.|x.x.|x.x.", "D"),
            drum(38, "....|....|....|...o", "vd"),
            drum(45, "...o|....|..o.|....", "vdk"),
        ),
        (
            drum(36, "X...|X...|X...|X.o.", "ivbd"),
            drum(42, "xgxg|xgxg|xgxg|xgxg", "Vdke"),
            drum(46, "..x.|..x.|..x.|..x.", "Vd"),
            drum(37, "..x.|.x..|x..x|..x.", "bdk"),
        ),
    ),
    cells="x.x. xx.x ..x. x..x .x.x x... ..xx",
    riff_cells="x.xx xx.x .x.x x..x ..x. x.x. xxx.",
    scales={"minor": "phrygian", "major": "mixolydian"},
    loose=0.002,
    swell=0.02,
    approach=0.1,
    stop=0.35,
    fill="hats",
    rolls=True,
    form=("verse", "build", "drop", "verse", "break", "build", "drop"),
)

DUB_TECHNO = Style(
    name="dub techno",
    description=(
        "Deep dub techno with echoing minor chord stabs, a soft muffled kick and hazy pads: hypnotic, "
        "foggy, spacious, late at night."
    ),
    words=("ambient techno", "deep techno", "dub house", "minimal dub"),
    bpm=(112, 122),
    modes=("minor",),
    progressions={
        "minor": ("1m9 5m7", "1m7 b7 4m7 1m7", "1m9", "1m9 1m9 4m9 4m9", "1m7 1m7 b6maj7 b6maj7"),
        "major": ("2m7 1maj7", "1maj9 6m7", "1maj9", "1maj7 4maj7"),
    },
    layers=(
        Layer(
            "bass",
            (38, 39, 33),
            "grid",
            ("R...|...R|....|..F.", "R..r|....|..R.|....", "..R.|....|R..r|...."),
            28,
            46,
            "vbdK",
            hold=0.8,
            velocity=90,
            level=104,
        ),
        Layer(
            "comp",
            (89, 4, 90, 99),
            "grid",
            ("..C.|..c.|.c..|c...", "...C|..c.|.c..|....", "..C.|.c..|c..c|...."),
            55,
            76,
            "ivbdke",
            hold=0.5,
            velocity=76,
            pan=44,
        ),
        Layer("pad", (95, 92, 94, 89), "pad", (), 50, 72, "ivdke", "open", velocity=50, level=82),
        Layer("lead", (11, 98, 99), "melody", (), 64, 84, "Dk", hold=1.0, velocity=58, pan=84, level=80),
    ),
    kits=(
        (
            drum(36, "x...|x...|x...|x...", "ivbde"),
            drum(42, "..o.|..o.|..o.|..og", "Ivdk"),
            drum(37, "....|...o|....|o...", "vd"),
            drum(70, "g.gg|g.gg|g.gg|g.gg", "bd"),
        ),
        (
            drum(36, "x...|x...|x...|x...", "ivbde"),
            drum(46, "..o.|..o.|..o.|..o.", "vd"),
            drum(39, "....|o...|....|o...", "d"),
            drum(42, "g.g.|g.go|g.g.|g.go", "Ivdk"),
        ),
    ),
    cells="x--- ---- .... ..x- .... x-.. ----",
    scales={"minor": "dorian"},
    swing=0.53,
    swing_unit=0.5,
    loose=0.006,
    swell=0.04,
    colours="major-four",
    rich=0.25,
    fill="none",
    form=("verse", "drop", "break"),
)

TRANCE = Style(
    name="trance",
    description=(
        "Euphoric uplifting trance: fast arpeggios, big supersaw chords, an off-beat bass and a soaring "
        "melody for a festival at sunrise."
    ),
    words=("uplifting", "festival", "progressive", "eurodance", "hands up", "big room"),
    bpm=(134, 142),
    modes=("minor", "minor", "major"),
    progressions={
        "minor": ("1m 4m b6 b7", "b6 b7 5m 1m", "1m b7 b6 5m", "b6 b7 1m 1m", "1m b6 b3 b7", "4m b6 b7 1m"),
        "major": ("4 1 5 6m", "1 3m 6m 4", "4 5 6m 6m", "1 5 6m 4", "6m 4 1 5"),
    },
    layers=(
        Layer(
            "bass",
            (38, 39),
            "grid",
            ("..R.|..R.|..R.|..R.", ".RRR|.RRR|.RRR|.RRR", ".R.R|.R.R|.R.R|.R.O"),
            28,
            46,
            "Ivbd",
            hold=0.7,
            velocity=94,
            level=104,
        ),
        Layer(
            "comp",
            (81, 90, 62),
            "grid",
            ("C..C|..C.|C..C|..C.", "..C.|..C.|..C.|..C.", "C.C.|C.CC|.C.C|C.C."),
            55,
            79,
            "bd",
            hold=0.7,
            velocity=78,
            pan=48,
        ),
        Layer(
            "arp",
            (81, 80, 88),
            "arp",
            ("xoxo|xoxo|xoxo|xoxo", "xoox|ooxo|xoox|ooxo"),
            60,
            86,
            "ivbdke",
            hold=0.6,
            velocity=74,
            pan=80,
        ),
        Layer("pad", (91, 50, 89), "pad", (), 52, 76, "ivbdke", "open", velocity=54, level=84),
        Layer("lead", (81, 84, 80), "melody", (), 67, 88, "dk", hold=0.95, velocity=90),
    ),
    kits=(
        (
            drum(36, _FOUR, "ivbd"),
            drum(46, "..X.|..X.|..X.|..X.", "vbd"),
            drum(39, "....|x...|....|x...", "Vd"),
            drum(42, "oogo|oogo|oogo|oogo", "Ivde"),
        ),
        (
            drum(36, _FOUR, "ivbde"),
            drum(46, "..x.|..x.|..x.|..x.", "vd"),
            drum(38, "....|X...|....|X...", "d"),
            drum(42, "x.x.|x.x.|x.x.|x.x.", "ivdke"),
            drum(54, "..x.|..x.|..x.|..x.", "d"),
        ),
    ),
    cells="x--- x-x- x--x --x- x-.. ---- x---",
    loose=0.002,
    swell=0.03,
    approach=0.15,
    colours="suspended inverted flat-six",
    rich=0.3,
    modulations=(None, Modulation("drop", 2, lift=True), Modulation("break", "relative")),
    stop=0.6,
    fill="snare",
    crash=True,
    rolls=True,
)

CLUB = (HOUSE, TECHNO, DUB_TECHNO, TRANCE)
