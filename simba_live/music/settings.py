"""What the player asks for, and what it comes to: every open choice made by the style and the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simba_live.music.instruments import Instrument, find_instrument
from simba_live.music.melody import Theme
from simba_live.music.patterns import ORDERS, Dice
from simba_live.music.score import Key, MusicError, Part
from simba_live.music.style import DrumLine, Layer, Style, drum
from simba_live.music.styles import find_style

ALWAYS = "ivbdke"
LOWEST_BPM, HIGHEST_BPM = 20.0, 300.0
DRUM_WORDS = frozenset({"drum", "drums", "drum kit", "percussion"})

# Cello, double bass, trombone, tuba, horn, baritone saxophone and bassoon sing an octave lower.
_LOW_PROGRAMS = frozenset({42, 43, 57, 58, 60, 67, 70})

_LEAD = Layer("lead", (0,), "melody", (), 62, 84, ALWAYS, hold=0.95, velocity=84)
_PLAIN_KIT = (
    drum(36, "x...|....|x...|....", "ivbd"),
    drum(38, "....|x...|....|x...", "vbd"),
    drum(42, "x.o.|x.o.|x.o.|x.o.", "ivbdke"),
)


@dataclass(frozen=True)
class Settings:
    """What the music is to be; None leaves a choice to the style and the seed.

    Attributes:
        style: a style's name or one of its other names.
        bpm: beats per minute.
        key: tonic and mode.
        beats_per_bar: the metre.
        seed: another seed, another piece.
        drums: True: with, False: without.
        instruments: names (see `instruments.TABLE`) or family numbers that replace the voices they suit.
        only: nothing but `instruments` plays ("drums" may be among them).
        without: instruments that must not play.
    """

    style: str
    bpm: float | None = None
    key: Key | None = None
    beats_per_bar: int | None = None
    seed: int = 0
    drums: bool | None = None
    instruments: tuple[str | int, ...] | None = None
    only: bool = False
    without: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Voice:
    """A layer with its choices made: the `part` that plays it and the pattern of each kind of section."""

    layer: Layer
    part: Part
    verse_line: str
    drop_line: str
    order: str


@dataclass(frozen=True)
class Plan:
    """Everything about a piece that does not change from bar to bar.

    Attributes:
        settings: what was asked.
        style: the style.
        bpm: tempo.
        key: key.
        beats: beats per bar.
        voices: the pitched voices.
        kit: the drum lines; empty: no drums.
        progressions: chord texts of verse, drop and break.
        theme: the motifs.
    """

    settings: Settings
    style: Style
    bpm: float
    key: Key
    beats: int
    voices: tuple[Voice, ...]
    kit: tuple[DrumLine, ...]
    progressions: tuple[str, str, str]
    theme: Theme


def resolve(settings: Settings) -> Plan:
    """Make every open choice. Each has its own dice, so that fixing one leaves the others as they were.

    Raises:
        MusicError: no such style or instrument, or a tempo or metre out of range.
    """
    style = find_style(settings.style)
    name, seed = style.name, settings.seed
    bpm = settings.bpm
    if bpm is None:
        low, high = style.bpm
        bpm = float(low + int(Dice(name, seed, "bpm").random() * (high - low + 1)))
    if not LOWEST_BPM <= bpm <= HIGHEST_BPM:
        raise MusicError(f"{bpm:g} bpm is out of range; choose {LOWEST_BPM:g} to {HIGHEST_BPM:g}")
    beats = settings.beats_per_bar or Dice(name, seed, "metre").pick(style.metres)
    if not 2 <= beats <= 12:
        raise MusicError(f"{beats} beats in a bar are out of range; choose 2 to 12")
    dice = Dice(name, seed, "key")
    key = settings.key or Key(int(dice.random() * 12), dice.pick(style.modes))
    voices, kit = _voices(style, settings), _kit(style, settings)
    if not voices and not kit:
        raise MusicError("nothing is left to play; ask for an instrument that is not also ruled out")
    return Plan(
        settings,
        style,
        float(bpm),
        key,
        beats,
        voices,
        kit,
        _progressions(style, key, seed),
        Theme.draw(style.cells, style.riff_cells, beats, name, seed),
    )


def _progressions(style: Style, key: Key, seed: int) -> tuple[str, str, str]:
    options = style.progressions[key.mode]
    if style.through:
        chosen = Dice(style.name, seed, "harmony").pick(options)
        return chosen, chosen, chosen
    dice = Dice(style.name, seed, "harmony")
    verse = dice.pick(options)
    others = tuple(option for option in options if option != verse) or options
    drop = dice.pick(others) if dice.chance(0.6) else verse
    return verse, drop, dice.pick((verse, *others))


def _kit(style: Style, settings: Settings) -> tuple[DrumLine, ...]:
    asked = settings.drums
    if settings.only:
        named = {str(name).strip().lower() for name in settings.instruments or ()}
        asked = bool(named & DRUM_WORDS) or settings.drums is True
    if asked is False or any(str(name).strip().lower() in DRUM_WORDS for name in settings.without):
        return ()
    full = tuple(kit for kit in style.kits if kit)
    dice = Dice(style.name, settings.seed, "kit")
    if asked:
        kit = dice.pick(full or (_PLAIN_KIT,))
        # Drums that were asked for by name are never silent for a whole section.
        sounding = set("".join(line.when.lower() for line in kit))
        if sounding >= set(ALWAYS):
            return kit
        return (replace(kit[0], when=ALWAYS), *kit[1:])
    return dice.pick(style.kits) if style.kits else ()


def _voices(style: Style, settings: Settings) -> tuple[Voice, ...]:
    layers = list(style.layers)
    programs = [
        Dice(style.name, settings.seed, "program", n).pick(layer.programs) for n, layer in enumerate(layers)
    ]
    if not any(layer.role == "lead" for layer in layers):
        layers.append(_LEAD)
        programs.append(programs[0])
    taken: set[int] = set()
    named = [name for name in settings.instruments or () if str(name).strip().lower() not in DRUM_WORDS]
    for name in named:
        instrument = find_instrument(name)
        for index in _seats(instrument, layers, taken, alone=settings.only and len(named) == 1):
            program = Dice(style.name, settings.seed, "named", instrument.name).pick(instrument.programs)
            if index == len(programs):  # a seat made for this instrument
                programs.append(program)
            programs[index] = programs[index] if programs[index] in instrument.programs else program
            taken.add(index)
            if layers[index].role not in ("bass",):
                layers[index] = replace(
                    layers[index], when=ALWAYS if settings.only else _more(layers[index].when)
                )
    if settings.only:
        kept = sorted(taken)
        programs = [programs[i] for i in kept]
        layers = [replace(layers[i], when=ALWAYS) for i in kept]
        # A tune that only answers another, or fills in beside it, cannot stand alone.
        layers = [replace(layer, kind="melody") if layer.kind == "answer" else layer for layer in layers]
    barred = {
        program for name in settings.without if _is_pitched(name) for program in _reach(find_instrument(name))
    }
    voices = []
    for number, (layer, program) in enumerate(zip(layers, programs, strict=True)):
        if program in barred:
            continue
        if program in _LOW_PROGRAMS and layer.kind in ("melody", "riff", "answer"):
            layer = replace(layer, low=layer.low - 12, high=layer.high - 12)
        lines = layer.lines or ("",)
        dice = Dice(style.name, settings.seed, "lines", number)
        verse = dice.pick(lines)
        drop = dice.pick(lines) if dice.chance(0.5) else verse
        part = Part(layer.role, program, False, layer.pan, layer.level)
        voices.append(Voice(layer, part, verse, drop, dice.pick(ORDERS)))
    return tuple(voices)


def _is_pitched(name: str | int) -> bool:
    return str(name).strip().lower() not in DRUM_WORDS


def _reach(instrument: Instrument) -> tuple[int, ...]:
    """Programs that a "without" rules out: a family for a general name, one instrument for a special one."""
    families = {program // 8 for program in instrument.programs}
    if instrument.name in (
        "guitar",
        "bass",
        "organ",
        "brass",
        "saxophone",
        "synth pad",
        "synth lead",
        "strings",
    ):
        reach = [program for program in range(128) if program // 8 in families]
        if instrument.name == "strings":
            reach += [program for program in range(40, 52) if program not in (46, 47)]
        if instrument.name == "bass":
            reach += [43, 87]
        if instrument.name == "saxophone":
            reach = [64, 65, 66, 67]
        return tuple(reach)
    if instrument.name == "piano":
        return (0, 1, 2, 3)
    if instrument.name == "synthesizer":
        return (38, 39, 50, 51, 54, 62, 63, *range(80, 104))
    return instrument.programs


def _more(when: str) -> str:
    """Sections of a voice that was asked for by name: it is heard from the verse on."""
    return "".join(dict.fromkeys(when.lower() + "vd"))


def _seats(instrument: Instrument, layers: list[Layer], taken: set[int], alone: bool) -> list[int]:
    """Which layers an instrument takes over."""
    free = [index for index in range(len(layers)) if index not in taken]

    def of(*roles: str) -> list[int]:
        return [index for role in roles for index in free if layers[index].role == role]

    if instrument.bass:
        if not of("bass"):
            layers.append(Layer("bass", (33,), "grid", ("R...|R...|R...|R.A.",), 28, 48, ALWAYS, velocity=92))
            return [len(layers) - 1]
        return of("bass")[:1]
    if instrument.chords:
        if alone:
            # One player with two hands: bass, chords and tune.
            return of("comp")[:1] + of("lead")[:1] + of("bass")[:1]
        pads = instrument.programs[0] in (89, 48, 50, 52)
        seats = of("pad", "comp", "counter") if pads else of("comp", "counter", "arp", "pad")
        return (seats or of("lead", "riff"))[:1]
    seats = of("lead", "riff", "counter", "arp")
    if seats:
        return seats[:1]
    layers.append(replace(_LEAD, role=f"lead {len(layers)}"))
    return [len(layers) - 1]
