"""Whether the music follows the chords that hands play: as MIDI gives them, as notes alone, and without any.

    python -m tests.measure.played_chords --takes 16
    python -m tests.measure.played_chords --takes 16 --free

Offline, at the speed that the machine has. Each take draws a progression of eight chords, a second and a half
each, and plays it three times with the same seed: as a MIDI keyboard does (keys held, which lead the band),
with the keys held alone, and without them. The chroma of each chord's time, without its first third of a
second, is compared with all triads: how often the nearest is the chord played (1 in 24 by chance), and the
cosine to the chord's own notes.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass

import numpy as np
import torch

from simba_live.audio.spectra import chroma
from simba_live.control.midi_chords import chord_of
from simba_live.controls import Controls
from simba_live.engine.performance import Performance
from simba_live.engine.words import read_prompt
from simba_live.events import Note, Play, Prompt, Set
from simba_live.generation import Generator
from simba_live.model.text import load_text_encoder

PROMPTS = ("warm lofi piano", "solo piano ballad", "ambient pads", "funk with brass", "house", "jazz trio")
CHORD_FRAMES, SKIPPED_FRAMES, CHORDS = 75, 17, 8
TRIADS = [(root, third) for root in range(12) for third in (3, 4)]


@dataclass(frozen=True)
class Heard:
    """How one chord's time sounded: whether its triad was the nearest, and the cosine to it."""

    right: bool
    cosine: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--takes", type=int, default=16)
    parser.add_argument("--free", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    engine = Generator.load().engine
    performance, encoder = Performance(engine), load_text_encoder(engine.model.config.text_encoder)
    dice = random.Random(arguments.seed)
    heard: dict[str, list[Heard]] = {"as MIDI gives them": [], "notes alone": [], "nothing held": []}
    for take in range(arguments.takes):
        prompt = read_prompt(Prompt((PROMPTS[take % len(PROMPTS)],)), encoder)
        controls = Controls(free=int(arguments.free), seed=dice.randrange(2**32))
        chords = [dice.choice(TRIADS) for _ in range(CHORDS)]
        for way, found in heard.items():
            held = [] if way == "nothing held" else chords
            audio = _perform(performance, controls, prompt, held, way == "as MIDI gives them")
            found += _hear(audio, engine.codec.sample_rate, engine.codec.hop_length, chords)
    for way, found in heard.items():
        right = np.array([one.right for one in found])
        cosine = np.array([one.cosine for one in found])
        print(f"{way}: {right.mean():.1%} of {len(right)} chords nearest, cosine {cosine.mean():.3f}")


def _pitches(chord: tuple[int, int]) -> tuple[int, ...]:
    root, third = chord
    return 48 + root, 60 + root, 60 + root + third, 60 + root + 7


def _perform(
    performance: Performance, controls: Controls, prompt: Prompt, chords: list[tuple[int, int]], lead: bool
) -> np.ndarray:
    """The audio [N] of a take, from its first frame on."""
    moment = performance.apply(Play(), performance.begin(controls, prompt))
    sounds = []
    for number in range(CHORDS):
        if chords:
            for pitch in _pitches(chords[number - 1]) if number else ():
                moment = performance.apply(Note(pitch, 0), moment)
            if lead:
                moment = performance.apply(Set("chord", chord_of(_pitches(chords[number]))), moment)
            for pitch in _pitches(chords[number]):
                moment = performance.apply(Note(pitch), moment)
        for _ in range(CHORD_FRAMES):
            audio, moment = performance.advance(moment)
            sounds.append(audio.mean(axis=0))
    return np.concatenate(sounds)


def _hear(audio: np.ndarray, sample_rate: int, hop: int, chords: list[tuple[int, int]]) -> list[Heard]:
    templates = np.zeros((len(TRIADS), 12))
    for row, (root, third) in zip(templates, TRIADS, strict=True):
        row[[root, (root + third) % 12, (root + 7) % 12]] = 1 / np.sqrt(3)
    found = []
    for number, chord in enumerate(chords):
        start, end = number * CHORD_FRAMES + SKIPPED_FRAMES, (number + 1) * CHORD_FRAMES
        classes = chroma(audio[start * hop : end * hop], sample_rate).mean(axis=0)
        cosines = templates @ classes / max(np.linalg.norm(classes), 1e-9)
        own = TRIADS.index(chord)
        found.append(Heard(int(np.argmax(cosines)) == own, float(cosines[own])))
    return found


if __name__ == "__main__":
    main()
