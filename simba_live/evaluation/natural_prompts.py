"""Prompts as people write them, with what they must lead to: held out, nothing may be tuned on them.

The list beside this file was written from the styles' names and descriptions alone, without knowledge of how
prompts are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simba_live.controls import Sampling
from simba_live.engine.conductor import Conductor
from simba_live.engine.request import Request
from simba_live.music.settings import Plan
from simba_live.music.styles import STYLES
from simba_live.training.watching import watch

from .judgement import Listener
from .statistics import Share
from .steering import LEAD
from .takes import Script, Studio

LIST = Path(__file__).with_name("natural_prompts.json")

DRUM_WORD = "drums"


@dataclass(frozen=True)
class NaturalPrompt:
    """A prompt and what it must lead to.

    Attributes:
        prompt: the text.
        styles: any of these is right.
        bpm: lowest and highest tempo that is right.
        wanted: instruments that must play.
        unwanted: instruments that must not.
    """

    prompt: str
    styles: tuple[str, ...]
    bpm: tuple[float, float]
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


@cache
def natural_prompts() -> tuple[NaturalPrompt, ...]:
    """The held-out list."""
    return tuple(
        NaturalPrompt(
            row["prompt"],
            tuple(row["styles"]),
            (row["bpm"][0], row["bpm"][1]),
            tuple(row["wanted"]),
            tuple(row["unwanted"]),
        )
        for row in json.loads(LIST.read_text(encoding="utf-8"))["prompts"]
    )


@cache
def _programs() -> dict[str, frozenset[int]]:
    """General MIDI programs by the list's names of instruments."""
    spans = json.loads(LIST.read_text(encoding="utf-8"))["programs"]
    return {
        name: frozenset(program for low, high in some for program in range(low, high + 1))
        for name, some in spans.items()
    }


@dataclass(frozen=True)
class Reading:
    """What a prompt led to.

    Attributes:
        prompt: the prompt.
        style: of the arranger.
        bpm: its tempo.
        missing: wanted instruments that do not play.
        intruding: unwanted instruments that do.
    """

    prompt: NaturalPrompt
    style: str
    bpm: float
    missing: tuple[str, ...]
    intruding: tuple[str, ...]

    @classmethod
    def of(cls, prompt: NaturalPrompt, plan: Plan) -> Reading:
        """Compare a prompt with the arranger's plan for it."""
        playing = {voice.part.program for voice in plan.voices}

        def plays(name: str) -> bool:
            return bool(plan.kit) if name == DRUM_WORD else bool(playing & _programs()[name])

        return cls(
            prompt,
            plan.style.name,
            plan.bpm,
            tuple(name for name in prompt.wanted if not plays(name)),
            tuple(name for name in prompt.unwanted if plays(name)),
        )

    @property
    def style_right(self) -> bool:
        """Whether the style is one of those expected."""
        return self.style in self.prompt.styles

    def tempo_right(self, octaves: bool) -> bool:
        """Whether the tempo is in the range, or half or twice it is, if `octaves` are forgiven."""
        low, high = self.prompt.bpm
        return any(low <= self.bpm * factor <= high for factor in ((1.0, 2.0, 0.5) if octaves else (1.0,)))


@dataclass(frozen=True)
class Understood:
    """How the arranger understood all prompts."""

    style: Share
    tempo: Share
    tempo_octaves: Share
    wanted: Share
    unwanted: Share
    by_style: dict[str, Share]

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Understood:
        """Count them; instruments are counted prompt by prompt, where some are wanted or unwanted."""
        return cls(
            Share.of([reading.style_right for reading in readings]),
            Share.of([reading.tempo_right(octaves=False) for reading in readings]),
            Share.of([reading.tempo_right(octaves=True) for reading in readings]),
            Share.of([not reading.missing for reading in readings if reading.prompt.wanted]),
            Share.of([not reading.intruding for reading in readings if reading.prompt.unwanted]),
            {
                style: Share.of([r.style_right for r in readings if r.prompt.styles[0] == style])
                for style in STYLES
                if any(r.prompt.styles[0] == style for r in readings)
            },
        )


def conduct(
    studio: Studio, prompt: NaturalPrompt, seed: int, seconds: float, free: bool = False
) -> Conductor:
    """How a prompt is arranged."""
    request = Request(prompt.prompt, seconds=seconds, sampling=Sampling.preset(free, seed=seed), free=free)
    return Conductor(request, studio.engine.codec.frame_rate, studio.encoder.encode)


def read_all(studio: Studio, seed: int) -> list[Reading]:
    """What every prompt of the list leads to."""
    return [
        Reading.of(prompt, conduct(studio, prompt, seed + index, 30.0).plan)
        for index, prompt in enumerate(watch(natural_prompts(), "reading prompts"))
    ]


@dataclass(frozen=True)
class Sounding:
    """What the ears made of music to natural prompts: the style is an expected one, or the arranger's own."""

    expected: Share
    arranged: Share


def hear_some(
    studio: Studio,
    readings: Sequence[Reading],
    seed: int,
    seconds: float,
    sampling: Sampling,
    free: bool,
    listener: Listener,
) -> Sounding:
    """Play the prompts of these readings and listen to which style they sound like.

    Args:
        studio: where it is played.
        readings: of `read_all`, the first ones or any others.
        seed: as there.
        seconds: how long each is listened to.
        sampling: how codes are drawn.
        free: without the arranger.
        listener: recognises styles.
    """
    rate = studio.engine.codec.frame_rate
    lead, length = round(LEAD * rate), round(seconds * rate)
    places = {prompt.prompt: index for index, prompt in enumerate(natural_prompts())}
    scripts = []
    for reading in readings:
        place = places[reading.prompt.prompt]
        conductor = conduct(studio, reading.prompt, seed + place, LEAD + seconds + 8.0, free)
        scripts.append(Script(conductor.frames(lead, length), conductor.style[None], place))
    way = "--free" if free else "arranger"
    takes = studio.perform(scripts, sampling, f"prompts, {way}")
    heard = [listener.hear_style(take.audio) for take in watch(takes, f"listening: prompts, {way}")]
    return Sounding(
        Share.of([style in r.prompt.styles for style, r in zip(heard, readings, strict=True)]),
        Share.of([style == r.style for style, r in zip(heard, readings, strict=True)]),
    )
