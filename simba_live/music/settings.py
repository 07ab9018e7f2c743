"""What the player asks for, and what it comes to: every open choice made by the style and the seed."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.music.band import Voice, choose_kit, choose_voices
from simba_live.music.dice import Dice
from simba_live.music.harmony import enrich
from simba_live.music.melody import Theme
from simba_live.music.score import Key, MusicError
from simba_live.music.style import DrumLine, Modulation, Style
from simba_live.music.styles import find_style

LOWEST_BPM, HIGHEST_BPM = 20.0, 300.0


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
        modulates: whether the piece may leave its key for a while; None: only if `key` is left open.
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
    modulates: bool | None = None


@dataclass(frozen=True)
class Plan:
    """Everything about a piece that does not change from bar to bar.

    Attributes:
        settings: what was asked.
        style: the style.
        bpm: tempo.
        key: home key.
        modulation: where it goes from there; None: nowhere.
        beats: beats per bar.
        voices: the pitched voices.
        kit: the drum lines; empty: no drums.
        progressions: chord texts of verse, drop and break, by mode.
        theme: the motifs.
    """

    settings: Settings
    style: Style
    bpm: float
    key: Key
    modulation: Modulation | None
    beats: int
    voices: tuple[Voice, ...]
    kit: tuple[DrumLine, ...]
    progressions: dict[str, tuple[str, str, str]]
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
    voices, kit = _players(style, settings)
    if not voices and not kit:
        raise MusicError("nothing is left to play; ask for an instrument that is not also ruled out")
    return Plan(
        settings,
        style,
        float(bpm),
        key,
        _modulation(style, settings),
        beats,
        voices,
        kit,
        {mode: _progressions(style, mode, seed) for mode in ("major", "minor")},
        Theme.draw(style.cells, style.riff_cells, beats, name, seed),
    )


def _players(style: Style, settings: Settings) -> tuple[tuple[Voice, ...], tuple[DrumLine, ...]]:
    named, without = settings.instruments or (), settings.without
    voices = choose_voices(style, settings.seed, named, settings.only, without)
    return voices, choose_kit(style, settings.seed, settings.drums, named, settings.only, without)


def _modulation(style: Style, settings: Settings) -> Modulation | None:
    free = settings.key is None if settings.modulates is None else settings.modulates
    return Dice(style.name, settings.seed, "modulation").pick(style.modulations) if free else None


def _progressions(style: Style, mode: str, seed: int) -> tuple[str, str, str]:
    options = style.progressions[mode]
    dice = Dice(style.name, seed, "harmony")
    if style.through:
        chosen = dice.pick(options)
        return chosen, chosen, chosen
    verse = dice.pick(options)
    others = tuple(option for option in options if option != verse) or options
    drop = dice.pick(others) if dice.chance(0.6) else verse
    rest = dice.pick((verse, *others))
    rich = Dice(style.name, seed, "colours", mode)
    # The same words in two sections stay the same music.
    richer = {
        text: enrich(text, style.colours, style.rich, mode, rich)
        for text in dict.fromkeys((verse, drop, rest))
    }
    return richer[verse], richer[drop], richer[rest]
