"""Going on from somebody else's music: are its tempo and key kept, more often than by chance?

    python -m tests.measure.continue_piece held-out --pieces 64

Of every piece ten seconds are heard as in `simba-live jam --mode continue`: through the same inlet, encoder,
tempo and key finding, and the same events; then ten seconds are played. All ways play to the name of a style
drawn by lot, so the prompt tells nothing of the piece. The floor is the same without having heard anything;
the ceiling is how the piece itself goes on, through the codec. The judge is that of `simba-live eval`, by
whose means the jam finds tempo and key, too: where it errs of a piece the music follows the error, and is
judged wrong by the piece's own tempo and key.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from simba_live.audio.files import read_audio
from simba_live.audio.inlet import Inlet
from simba_live.audio.keys import estimate_key
from simba_live.audio.rhythm import OCTAVE_TOLERANT, estimate_tempo, judge_tempo
from simba_live.codec.listening import CodeStream
from simba_live.controls import Controls
from simba_live.data.manifest import Piece, read_manifest
from simba_live.engine.performance import Performance
from simba_live.engine.scene import Moment
from simba_live.engine.words import read_prompt
from simba_live.evaluation.metrics import in_scale, windowed_chroma
from simba_live.events import Hear, Play, Prompt, Set
from simba_live.generation import Generator
from simba_live.model.text import load_text_encoder
from simba_live.music.score import Key
from simba_live.music.styles import STYLES
from simba_live.server.analysis import find_beat, find_key

HEARD_SECONDS, PLAYED_SECONDS = 10.0, 10.0
BLOCK_FRAMES = 5
LOOKS = (6.0, 8.0)
"""When the player's tempo and key are looked for, in seconds."""


@dataclass(frozen=True)
class Way:
    """One way to go on."""

    name: str
    heard: bool = True
    follow: bool = True
    free: int = 0


WAYS = (
    Way("jam"),
    Way("jam --free", free=1),
    Way("heard only", follow=False),
    Way("heard only, --free", follow=False, free=1),
    Way("nothing heard (floor)", heard=False, follow=False),
    Way("nothing heard, --free (floor)", heard=False, follow=False, free=1),
)


def main() -> None:
    """Play and judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--pieces", type=int, default=64)
    parser.add_argument("--ways", type=int, nargs="*", default=range(len(WAYS)))
    parser.add_argument("--model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    performance = Performance(Generator.load(arguments.model, None, "cpu").engine)
    encoder = load_text_encoder(performance.engine.model.config.text_encoder)
    dice = random.Random(1)
    scores: dict[str, list[tuple[str, bool, float]]] = {}
    took = {way.name: 0.0 for way in WAYS}
    found = []
    for number, (piece, before, after) in enumerate(_excerpts(performance, arguments)):
        prompt = read_prompt(Prompt((dice.choice(sorted(STYLES)),)), encoder)
        codec = performance.engine.codec
        found.append((judge_tempo(find_beat(before, codec.sample_rate)[0] or np.nan, piece.bpm),
                      find_key(before, codec.sample_rate) == piece.key))  # fmt: skip
        sounds = {
            "how it goes on": after,
            "the same through the codec (ceiling)": _through(performance, after),
        }
        for way in (WAYS[index] for index in arguments.ways):
            started = time.monotonic()
            sounds[way.name] = _go_on(performance, prompt, before, way, seed=number)
            took[way.name] += time.monotonic() - started
        for name, sound in sounds.items():
            scores.setdefault(name, []).append(_judge(sound, codec.sample_rate, piece))
        print(f"{number + 1}: {piece.id}", flush=True)
    count = len(found)
    print(f"\n{count} pieces, {HEARD_SECONDS:g} s heard, {PLAYED_SECONDS:g} s played")
    right = sum(verdict == "right" for verdict, _ in found)
    tolerant = sum(verdict in OCTAVE_TOLERANT for verdict, _ in found)
    keys = sum(right for _, right in found)
    print(f"found in what was heard: tempo {right} ({tolerant} with octaves forgiven), key {keys}")
    print("| | tempo within 4 % | octaves forgiven | key | in the key's scale |\n|---|---|---|---|---|")
    for name, rows in scores.items():
        exact = sum(verdict == "right" for verdict, _, _ in rows)
        near = sum(verdict in OCTAVE_TOLERANT for verdict, _, _ in rows)
        key = sum(right for _, right, _ in rows)
        scale = float(np.mean([share for _, _, share in rows]))
        print(
            f"| {name} | {_share(exact, count)} | {_share(near, count)} | {_share(key, count)} "
            f"| {scale:.2f} |"
        )


def _excerpts(
    performance: Performance, arguments: argparse.Namespace
) -> Iterator[tuple[Piece, np.ndarray, np.ndarray]]:
    """Pieces with what is heard of them and what follows it, mono at the codec's rate."""
    rate = performance.engine.codec.sample_rate
    whole = HEARD_SECONDS + PLAYED_SECONDS
    count = 0
    for piece in read_manifest(arguments.corpus):
        if count == arguments.pieces:
            return
        audio, sample_rate = read_audio(arguments.corpus / piece.audio)
        if audio.shape[1] < whole * sample_rate:
            continue
        count += 1
        start = (audio.shape[1] - round(whole * sample_rate)) // 2
        inlet = _inlet(performance)
        sound = inlet.push(np.ascontiguousarray(audio[:, start:].T), sample_rate)[0]
        cut = round(HEARD_SECONDS * rate)
        yield piece, sound[:cut], sound[cut : cut + round(PLAYED_SECONDS * rate)]


def _inlet(performance: Performance) -> Inlet:
    codec = performance.engine.codec
    return Inlet(codec.sample_rate, codec.channels, codec.hop_length)


def _go_on(performance: Performance, prompt: Prompt, before: np.ndarray, way: Way, seed: int) -> np.ndarray:
    """What is played after what was heard."""
    codec = performance.engine.codec
    moment = performance.apply(Play(), performance.begin(Controls(free=way.free, seed=seed), prompt))
    if way.heard:
        moment = performance.apply(Set("listen", 1), moment)
        stream = CodeStream(codec, performance.engine.model.config.num_codebooks)
        block = BLOCK_FRAMES * codec.hop_length
        looks = [round(look * codec.sample_rate) // block * block for look in LOOKS]
        for end in range(block, len(before) + 1, block):
            codes = stream.push(torch.from_numpy(before[None, None, end - block : end]))[0].numpy()
            moment = performance.apply(Hear(codes), moment)
            if way.follow and end in looks:
                moment = _follow(performance, moment, before[:end])
            for _ in range(BLOCK_FRAMES):
                moment = performance.advance(moment)[1]
        moment = performance.apply(Set("listen", 0), moment)
    sounds = []
    for _ in range(round(PLAYED_SECONDS * codec.frame_rate)):
        sound, moment = performance.advance(moment)
        sounds.append(sound[0])
    return np.concatenate(sounds)


def _follow(performance: Performance, moment: Moment, heard: np.ndarray) -> Moment:
    """Take over tempo and key, where they are sure."""
    rate = performance.engine.codec.sample_rate
    bpm, _ = find_beat(heard, rate)
    key = find_key(heard, rate)
    if bpm:
        moment = performance.apply(Set("bpm", bpm), moment)
    return performance.apply(Set("key", key), moment) if key else moment


def _through(performance: Performance, sound: np.ndarray) -> np.ndarray:
    """What the codec makes of it with the model's codebooks."""
    engine = performance.engine
    codes = engine.codec.encode(torch.from_numpy(sound)[None, None], engine.model.config.num_codebooks)
    return engine.codec.decode(codes)[0, 0].numpy()


def _judge(sound: np.ndarray, rate: int, piece: Piece) -> tuple[str, bool, float]:
    """Verdict on the tempo, whether the key is right, and how much is in its scale."""
    chroma = windowed_chroma(sound, rate)
    key = Key.parse(piece.key).index
    tempo = estimate_tempo(sound, rate).bpm
    return judge_tempo(tempo, piece.bpm), estimate_key(chroma) == key, in_scale(chroma, key)


def _share(count: int, of: int) -> str:
    return f"{count / of:.0%} ({count}/{of})"


if __name__ == "__main__":
    main()
