"""Styles for listening: acoustic, classical and ambient."""

from __future__ import annotations

from simba_live.music.style import Layer, Style, drum

_SONG_MAJOR = ("1 5 6m 4", "1 3m 4 5", "1 6m 4 5", "4 1 5 6m", "1 5/7 6m 3m 4 1/3 2m 5")
_SONG_MINOR = ("1m b6 b3 b7", "1m 4m b7 b3", "1m b7 b6 57", "1m 5m b6 b3 4m 1m 4m 57")

WALTZ = Style(
    name="waltz",
    description="Elegant waltz in three four time with an oom-pah-pah bass and chords, accordion, strings and a graceful turning"
    " melody, like a ballroom.",
    words=("viennese", "ballroom", "musette", "oom-pah-pah", "carousel"),
    bpm=(92, 168),
    metres=(3,),
    modes=("major", "minor"),
    progressions={"major": ("1 1 57 57 57 57 1 1", "1 6m 2m 57", "4 1 57 1", "1 1/3 4 57"), "minor": ("1m 1m 57 57 4m 57 1m 1m", "1m 4m 57 1m", "b6 b3 57 1m")},
    layers=(
        Layer("bass", (32, 42, 43), "grid", ("R.|..|..", "R.|..|../F.|..|.."), 28, 48, "ivbdke", hold=0.5, velocity=88, level=106),
        Layer("comp", (21, 0, 48, 24), "grid", ("..|C.|C.", "..|C.|c."), 53, 74, "ivbdke", "triad", hold=0.55, velocity=72, pan=48),
        Layer("lead", (40, 21, 0, 73, 71), "melody", (), 64, 86, "IvbdkE", hold=0.95, velocity=86, pan=72),
        Layer("pad", (48, 49), "pad", (), 55, 77, "bd", "open", velocity=52, level=82),
        Layer("counter", (71, 42, 60), "answer", (), 56, 76, "d", hold=0.9, velocity=70, pan=34),
    ),
    kits=((), (drum(36, "x.|..|..", "d"), drum(38, "..|g.|g.", "d"), drum(44, "..|o.|o.", "vd"))),
    cells="x- x- xx -- .x x- xx",
    loose=0.012, fill="none", form=("verse", "drop", "break", "verse", "build", "drop"), cadence={"major": "57", "minor": "57"}, reverent=True,
)

FOLK = Style(
    name="folk",
    description="Acoustic folk song with finger-picked steel guitar, a simple fiddle or whistle tune and a rocking lilt: earthy,"
    " honest, campfire.",
    words=("acoustic", "celtic", "irish", "singer-songwriter", "country folk", "bluegrass", "campfire", "fingerpicking", "fingerpicked", "ballad in six eight", "jig", "sea shanty"),
    bpm=(150, 200),
    metres=(6, 6, 3),
    modes=("major", "minor", "major"),
    progressions={"major": ("1 4 1 5", "1 5 6m 4", "1 b7 4 1", "6m 4 1 5"), "minor": ("1m b7 b6 b7", "1m b3 b7 1m", "1m 4m b7 1m")},
    layers=(
        Layer("comp", (25, 24, 105), "grid", ("R.|2.|3.|4.|3.|2.", "R.|3.|2.|R.|4.|3.", "R.|3.|4.|F.|3.|2."), 48, 70, "ivbdke", "close", hold=1.6, velocity=80, pan=50),
        Layer("bass", (32, 33), "grid", ("R.|..|..|F.|..|..", "R.|..|..|R.|..|A."), 28, 48, "Vbd", hold=0.9, velocity=84, level=102),
        Layer("lead", (110, 73, 72, 22, 40), "melody", (), 64, 86, "Vdk", hold=0.95, velocity=84, pan=74),
        Layer("pad", (49, 21, 48), "pad", (), 52, 74, "Bdk", "open", velocity=48, level=78),
        Layer("counter", (25, 105), "grid", ("C.|..|c.|C.|..|c.", "C.|..|..|C.|.c|c."), 52, 74, "d", "triad", hold=0.8, velocity=70, pan=92, strum=0.02),
    ),
    kits=((), (drum(36, "x.|..|..|o.|..|..", "bd"), drum(54, "..|..|..|x.|..|..", "d"), drum(70, "o.|g.|g.|o.|g.|g.", "vbd")),
          (drum(36, "x.|..|..|x.|..|..", "vbd"), drum(45, "..|..|o.|..|..|o.", "d"))),
    cells="x- x- xx -- x- .x x-",
    scales={"major": "major pentatonic", "minor": "dorian"},
    loose=0.015, fill="none", form=("verse", "drop", "verse", "build", "drop", "break"), reverent=True,
)

BALLAD = Style(
    name="ballad",
    description="Slow emotional piano ballad with broken chords, a singing melody and soft strings: tender, sad, intimate, for a"
    " film's quiet scene.",
    words=("piano ballad", "love song", "sad piano", "emotional", "tender", "melancholy", "sentimental", "slow song", "romantic"),
    bpm=(58, 80),
    metres=(4, 4, 4, 3),
    modes=("major", "minor"),
    progressions={"major": _SONG_MAJOR, "minor": _SONG_MINOR},
    layers=(
        Layer("comp", (0, 0, 2), "grid", ("R.2.|3.4.|3.2.|3.2.", "R.F.|3.4.|C...|3.2.", "R.1.|2.3.|4.3.|2.1.", "R..2|3.4.|R..2|4.3."), 48, 72, "ivbdke", "close", hold=1.8,
              velocity=70, pan=58),
        Layer("lead", (0, 0, 40, 42, 73), "melody", (), 64, 86, "IvbdkE", hold=0.98, velocity=86, pan=68),
        Layer("pad", (48, 49, 89), "pad", (), 52, 76, "Bdk", "open", velocity=54, level=84),
        Layer("bass", (32, 42, 35), "grid", ("R...|....|....|....", "R...|....|R...|..A."), 28, 46, "bdK", hold=0.98, velocity=78, level=98),
    ),
    kits=((), (drum(36, "x...|....|x...|....", "bd"), drum(37, "....|x...|....|x...", "bd"), drum(42, "o.o.|o.o.|o.o.|o.o.", "d"))),
    cells="x--- x-x- ---- x--x ..x- --x- x---",
    loose=0.02, fill="none", form=("verse", "drop", "verse", "build", "drop", "break"), cadence={"major": "57", "minor": "57"}, reverent=True,
)

CHAMBER = Style(
    name="chamber strings",
    description="Classical string quartet in the manner of the eighteenth century: violins, viola and cello in four voices,"
    " elegant, clear and lively.",
    words=("classical", "string quartet", "chamber", "baroque", "orchestral", "orchestra", "symphony", "mozart", "cinematic", "film score", "chamber music"),
    bpm=(84, 126),
    metres=(4, 4, 3),
    modes=("major", "minor"),
    progressions={"major": ("1 57 6m 3m 4 1 4 5", "1 4 57 1", "1 5/7 6m 4 2m 57 1,4 5", "1 1/3 2m 57"),
                  "minor": ("1m 57 1m 4m b6 4m 57 1m", "1m b7 b3 b6 4m 57 1m 57", "1m 4m 57 1m")},
    layers=(
        Layer("lead", (40, 40, 68), "melody", (), 66, 88, "ivbdke", hold=0.92, velocity=88, pan=40),
        Layer("counter", (40, 41), "arp", ("x.x.|x.x.|x.x.|x.x.", "x.xx|x.xx|x.xx|x.xx", "....|x.x.|....|x.x."), 58, 78, "vbdk", "triad", hold=0.7, velocity=70, pan=54),
        Layer("comp", (41, 45, 48), "grid", ("C.C.|C.C.|C.C.|C.C.", "....|C...|C...|C...", "C...|C...|C...|C..."), 52, 74, "ivbde", "pair", hold=0.7, velocity=68, pan=76),
        Layer("bass", (42,), "grid", ("R...|R...|F...|T...", "R...|....|R...|..A.", "R.R.|R.R.|F.F.|R.A."), 36, 55, "ivbdke", hold=0.85, velocity=84, pan=92, level=104),
        Layer("pad", (48, 49, 60), "pad", (), 52, 76, "dk", "open", velocity=52, level=80),
    ),
    cells="x-x- x--- xxx- x-xx ..x- x--x xxxx ----",
    scales={"minor": "harmonic"},
    loose=0.012, fill="none", form=("verse", "drop", "break", "verse", "build", "drop"), cadence={"major": "57", "minor": "57"}, reverent=True,
)

AMBIENT = Style(
    name="ambient",
    description="Calm, slowly drifting ambient soundscape with warm synthesizer pads, distant bells and long quiet tones, for"
    " sleep, meditation and space.",
    words=("drone", "atmospheric", "meditation", "soundscape", "sleep", "relaxing", "space music", "new age", "ethereal", "pad music", "calm"),
    bpm=(60, 84),
    modes=("major", "minor"),
    progressions={"major": ("1maj9 4maj9", "1add9 6m7 4maj7 5sus4", "4maj7 1maj7", "1sus2 4add9 6m7 5sus4"), "minor": ("1m9 b6maj7", "1madd9 4m9", "1m7 b7 b6maj7 b7sus2", "b6maj7 1m9")},
    layers=(
        Layer("pad", (89, 95, 91, 94, 50), "pad", (), 50, 76, "ivbdke", "open", hold=1.0, velocity=70, level=104, pan=56),
        Layer("comp", (88, 92, 49, 52), "grid", ("C---|----|----|----", "....|....|C---|----"), 55, 79, "VbdK", "close", hold=1.0, velocity=54, level=86, pan=84),
        Layer("bass", (39, 38, 42), "grid", ("R---|----|----|----", "R---|----|----|F---"), 30, 48, "vbdk", hold=1.0, velocity=70, level=92),
        Layer("arp", (98, 11, 8, 46, 14), "arp", ("x...|..x.|....|x...", "x...|x...|x...|x...", "x.x.|..x.|x.x.|..x."), 64, 88, "ivbdKe", hold=1.6, velocity=56, pan=76, level=88),
        Layer("lead", (85, 99, 54, 75, 73), "melody", (), 62, 82, "dk", hold=1.0, velocity=56, pan=48, level=84),
    ),
    cells="x--- ---- ---- .... x--- ..x-",
    scales={"major": "major pentatonic", "minor": "minor pentatonic"},
    loose=0.02, fill="none", form=("verse", "drop", "break"), reverent=True,
)

MUSIC_BOX = Style(
    name="music box",
    description="Delicate music box lullaby with celesta, glockenspiel and toy-like chimes: innocent, childlike, a fairy tale at"
    " bedtime.",
    words=("lullaby", "toy", "celesta", "fairy tale", "childlike", "nursery", "bells", "kalimba", "christmas"),
    bpm=(84, 120),
    metres=(3, 4),
    modes=("major", "major", "minor"),
    progressions={"major": ("1 4 1 5", "1 6m 4 5", "1 5 1 4 1 4 5 1", "4 1 5 1"), "minor": ("1m 4m 57 1m", "1m b6 b3 57")},
    layers=(
        Layer("comp", (10, 8, 11, 108), "grid", ("1.|2.|3.|4.", "1.|3.|2.|3.", "12|3.|23|4.", "1.|U.|U.|U."), 57, 79, "ivbdke", "triad", hold=1.6, velocity=66, pan=48),
        Layer("lead", (10, 9, 8), "melody", (), 72, 93, "IvbdkE", hold=1.0, velocity=86, pan=70),
        Layer("arp", (9, 98, 46, 11), "arp", ("xx|xx|xx|xx", "x.|xx|x.|xx"), 69, 91, "Bd", "triad", hold=1.2, velocity=54, pan=92, level=86),
        Layer("bass", (46, 108, 32), "grid", ("R.|..|..|..", "R.|..|F.|.."), 36, 55, "Vbd", hold=0.95, velocity=72, level=92),
    ),
    cells="x- x- xx -- x- .x xx",
    loose=0.008, fill="none", form=("verse", "drop", "break"), cadence={"major": "5", "minor": "57"}, reverent=True,
)

QUIET = (WALTZ, FOLK, BALLAD, CHAMBER, AMBIENT, MUSIC_BOX)
