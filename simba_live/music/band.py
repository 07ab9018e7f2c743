"""Who plays: the style's voices and drums, or those that were asked for, each given something to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simba_live.music.dice import Dice
from simba_live.music.instruments import Instrument, compass, find_instrument
from simba_live.music.patterns import ORDERS
from simba_live.music.score import Part
from simba_live.music.style import (
    CLAP,
    CLOSED,
    CRASH,
    KICK,
    OPEN,
    PEDAL,
    RIDE,
    SNARE,
    STICK,
    DrumLine,
    Layer,
    Style,
    drum,
)

ALWAYS = "ivbdke"
DRUM_WORDS = frozenset({"drum", "drums", "drum kit", "percussion"})

Names = tuple[str | int, ...]
"""Instruments as they are asked for: see `instruments.find_instrument`."""

_LEAD = Layer("lead", (0,), "melody", (), 62, 84, ALWAYS, hold=0.95, velocity=84)
_BASS = Layer("bass", (33,), "grid", ("R...|R...|R...|R.A.",), 28, 48, ALWAYS, velocity=92)
_TUNES = ("melody", "riff", "answer")
_PLAIN_KIT = (
    drum(KICK, "x...|....|x...|....", "ivbd"),
    drum(SNARE, "....|x...|....|x...", "vbd"),
    drum(CLOSED, "x.o.|x.o.|x.o.|x.o.", "ivbdke"),
)
_CYMBALS = frozenset({CLOSED, PEDAL, OPEN, RIDE, CRASH})
_DRUM_SET = frozenset({KICK, STICK, SNARE, CLAP, *_CYMBALS})

# A pianist's hands, and whoever else plays bass, chords and tune at once.
_CHORDS_BELOW, _TUNE_ABOVE, _TUNE_BELOW = 70, 65, 86


@dataclass(frozen=True)
class Voice:
    """A layer with its choices made: the `part` that plays it and the pattern of each kind of section."""

    layer: Layer
    part: Part
    verse_line: str
    drop_line: str
    order: str


def choose_kit(
    style: Style, seed: int, asked: bool | None, named: Names, only: bool, without: Names
) -> tuple[DrumLine, ...]:
    """The drum lines of a piece; see `settings.Settings` for the arguments."""
    if only:
        asked = any(not is_pitched(name) for name in named) or asked is True
    if asked is False or any(not is_pitched(name) for name in without):
        return ()
    full = tuple(kit for kit in style.kits if kit)
    dice = Dice(style.name, seed, "kit")
    if not asked:
        return _mixed(dice.pick(style.kits), full, dice) if style.kits else ()
    kit = dice.pick(full or (_PLAIN_KIT,))
    kit = _mixed(kit, full or (kit,), dice)
    # Drums that were asked for by name are never silent for a whole section.
    if set("".join(line.when.lower() for line in kit)) >= set(ALWAYS):
        return kit
    return (replace(kit[0], when=ALWAYS), *kit[1:])


def _mixed(
    kit: tuple[DrumLine, ...], kits: tuple[tuple[DrumLine, ...], ...], dice: Dice
) -> tuple[DrumLine, ...]:
    """A kit with cymbals or hand percussion of another of the style's kits, played in a way of its own."""
    if kit and dice.chance(0.6):
        swapped = _CYMBALS if dice.chance(0.6) else frozenset(range(128)) - _DRUM_SET
        theirs = tuple(line for line in dice.pick(kits) if line.pitch in swapped)
        if theirs:
            kit = (*(line for line in kit if line.pitch not in swapped), *theirs)
    return tuple(_own(line, dice) for line in kit)


def _own(line: DrumLine, dice: Dice) -> DrumLine:
    """A drummer's own way with a pattern: other accents on the hats, now and then a softer kick more."""
    if line.pitch == CLOSED and dice.chance(0.6):
        swap = dice.pick((str.maketrans("xo", "ox"), str.maketrans("x", "X"), str.maketrans("o", "g")))
        first, *rest = line.line.split("|")
        # Either every other beat, or all of them.
        beats = [first, *(cell.translate(swap) if n % 2 == 0 else cell for n, cell in enumerate(rest))]
        return replace(line, line="|".join(beats) if dice.chance(0.5) else line.line.translate(swap))
    if line.pitch == KICK and dice.chance(0.5):
        cells = line.line.split("|")
        place = int(dice.random() * len(cells))
        cell = cells[place]
        # Four to the floor stays that; elsewhere the end of a beat is free for a pick-up.
        if "/" not in cell and cell.endswith(".") and not all(c[:1] in "Xx" for c in cells):
            cells[place] = cell[:-1] + "o"
        return replace(line, line="|".join(cells))
    return line


def choose_voices(style: Style, seed: int, named: Names, only: bool, without: Names) -> tuple[Voice, ...]:
    """The pitched voices of a piece; see `settings.Settings` for the arguments."""
    layers = list(style.layers)
    programs = [Dice(style.name, seed, "program", n).pick(layer.programs) for n, layer in enumerate(layers)]
    if not any(layer.role == "lead" for layer in layers):
        layers.append(_LEAD)
        programs.append(programs[0])
    taken: set[int] = set()
    harmonist: int | None = None
    pitched = [name for name in named if is_pitched(name)]
    for name in pitched:
        instrument = find_instrument(name)
        program = Dice(style.name, seed, "named", instrument.name).pick(instrument.programs)
        seat = _seat(instrument, program, layers, taken, only and len(pitched) > 1)
        if seat == len(programs):  # a seat made for this instrument
            programs.append(program)
        if programs[seat] not in instrument.programs:
            programs[seat] = program
        if instrument.chords and harmonist is None:
            harmonist = seat
        taken.add(seat)
        if layers[seat].role != "bass":
            layers[seat] = replace(layers[seat], when=_more(layers[seat].when))
    if only:
        if harmonist is not None:
            _play_with_both_hands(harmonist, layers, programs, taken)
        kept = sorted(taken)
        programs = [programs[i] for i in kept]
        layers = [replace(layers[i], when=ALWAYS) for i in kept]
        # A tune that only answers another, or fills in beside it, cannot stand alone.
        layers = [replace(layer, kind="melody") if layer.kind == "answer" else layer for layer in layers]
    barred = {program for name in without if is_pitched(name) for program in _reach(find_instrument(name))}
    voices = []
    for number, (layer, program) in enumerate(zip(layers, programs, strict=True)):
        if program in barred:
            continue
        layer = _in_compass(layer, program)
        lines = layer.lines or ("",)
        dice = Dice(style.name, seed, "lines", number)
        verse = dice.pick(lines)
        drop = dice.pick(lines) if dice.chance(0.5) else verse
        part = Part(layer.role, program, False, layer.pan, layer.level)
        voices.append(Voice(layer, part, verse, drop, dice.pick(ORDERS)))
    return tuple(voices)


def _seat(instrument: Instrument, program: int, layers: list[Layer], taken: set[int], group: bool) -> int:
    """Which layer an instrument takes over, of those that are free; a new one if none suits it."""

    def of(*roles: str) -> list[int]:
        return [i for role in roles for i in range(len(layers)) if i not in taken and layers[i].role == role]

    low = group and not instrument.chords and compass(program)[0] <= 42 and bool(taken)
    if instrument.bass or (low and of("bass")):
        if not of("bass"):
            layers.append(_BASS)
        return (of("bass") or [len(layers) - 1])[0]
    if instrument.chords:
        pads = instrument.programs[0] in (89, 48, 50, 52)
        seats = of("pad", "comp", "counter") if pads else of("comp", "counter", "arp", "pad")
        seats = seats or of("lead", "riff")
    else:
        seats = of("lead", "riff", "counter", "arp")
    if seats:
        return seats[0]
    layers.append(replace(_LEAD, role=f"lead {len(layers)}"))
    return len(layers) - 1


def _play_with_both_hands(seat: int, layers: list[Layer], programs: list[int], taken: set[int]) -> None:
    """Let a player of chords take the bass and the tune too, where nobody else does."""
    added = []
    for role in ("bass", "lead"):
        served = {layers[i].role.split()[0] for i in taken}
        if role in served or (role == "lead" and "riff" in served):
            continue
        own = [i for i, layer in enumerate(layers) if layer.role == role and i not in taken]
        if not own:
            layers.append(_BASS if role == "bass" else _LEAD)
            programs.append(programs[seat])
            own = [len(layers) - 1]
        programs[own[0]] = programs[seat]
        added.append(own[0])
    if not added:
        return
    for index in added:
        taken.add(index)
        layer = layers[index]
        if layer.role == "lead":
            low, high = max(layer.low, _TUNE_ABOVE), max(layer.high, _TUNE_BELOW)
            layers[index] = replace(layer, kind="melody", low=low, high=high)
    chords = layers[seat]
    if chords.high > _CHORDS_BELOW and any(layers[i].role == "lead" for i in added):
        layers[seat] = replace(chords, low=min(chords.low, _CHORDS_BELOW - 18), high=_CHORDS_BELOW)


def _in_compass(layer: Layer, program: int) -> Layer:
    """The layer moved to where its instrument sounds: its range narrowed, or shifted by octaves."""
    lowest, highest = compass(program)
    low, high = layer.low, layer.high
    if layer.role == "bass":
        return replace(layer, low=max(low, lowest), floor=lowest)
    narrowest = 14 if layer.kind in _TUNES else 17
    while high - lowest < narrowest and high + 12 <= highest + 5:
        low, high = low + 12, high + 12
    while highest - low < narrowest and low - 12 >= lowest - 2:
        low, high = low - 12, high - 12
    if high - lowest >= narrowest:
        low = max(low, lowest)
    if highest - low >= narrowest:
        high = min(high, highest)
    return replace(layer, low=low, high=high, floor=lowest)


def is_pitched(name: str | int) -> bool:
    """Whether a name is not one for drums."""
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
