"""Judging codec and model on held-out music, and saying so in a report.

Every setting is a held-out piece's own: its prompt, tempo, key and notes. So the piece itself, through the
codec, is what a perfect model could reach (the ceiling), and the same output judged by another piece's
setting is what comes by chance (the floor).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio.files import AudioWriter
from simba_live.codec.encodec import Codec
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine

from .codec_quality import judge_codec, reconstruct
from .held_out import draw_audio, draw_excerpts
from .judgement import Figure, Heard, Listener, judge, summarise
from .listening import Lesson, learn
from .metrics import frechet_distance, mel_patches
from .pictures import spectrogram_grid
from .report import FRECHET, NOTES, codec_table, make_folder, pieces_table, write_report
from .takes import Setting, Take, draw_settings, generate_takes
from .watching import watch

ORIGINAL, CODEC, ARRANGER, FREE = "original", "codec (ceiling)", "arranger", "--free"
SHUFFLED = {ARRANGER: "arranger, shuffled (floor)", FREE: "--free, shuffled (floor)"}

NOT_ASKED = ("onset F1", "chroma to notes", "drums played", "drums left out")
"""What says nothing about `--free`, where the model is told neither notes nor drums."""

SHOWN = 4
"""Pieces in the picture and in the folder of examples."""


@dataclass(frozen=True)
class Evaluation:
    """What to judge, and by what.

    Attributes:
        corpus: folder that `simba-live data compose` wrote; the style classifier learns from its train split.
        held_out: a corpus of which every piece is judged; None is the test split of `corpus`.
        output: folder of the report.
        codec: folder or hub name.
        model: folder.
        settings: how many held-out prompts and settings.
        seconds: length of each.
        seed: of the draw and of the sampling.
        other_corpus: a second corpus, or any folder of music, to judge the codec on.
        lessons: train excerpts from which the style classifier learns.
        sampling: how the model's codes are drawn with the arranger.
        free_sampling: how they are drawn without it.
        device: where to compute.
    """

    corpus: Path
    output: Path
    codec: str
    model: Path
    settings: int = 64
    seconds: float = 12.0
    seed: int = 0
    held_out: Path | None = None
    other_corpus: Path | None = None
    lessons: int = 800
    sampling: Sampling = field(default_factory=Sampling)
    free_sampling: Sampling = field(default_factory=lambda: Sampling.preset(True))
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def judged(self) -> tuple[Path, str | None]:
        """The corpus that is judged, and which split of it, None for all."""
        return (self.corpus, "test") if self.held_out is None else (self.held_out, None)


def evaluate_codec(plan: Evaluation) -> str:
    """Judge the codec alone; returns the report's text, which is written too.

    Raises:
        SimbaLiveError: corpus, codec or output folder cannot be used.
    """
    make_folder(plan.output)
    text, figures = _codec_part(plan, Codec.load(plan.codec, plan.device))
    write_report(plan.output, text, figures)
    return text


def evaluate_all(plan: Evaluation) -> str:
    """Judge model and codec; returns the report's text, written too, with a picture and a few examples.

    Raises:
        SimbaLiveError: corpus, model, codec or output folder cannot be used.
    """
    make_folder(plan.output)
    engine = Engine.load(plan.model, plan.codec, plan.device)
    codec, num_codebooks = engine.codec, engine.model.config.num_codebooks
    settings = draw_settings(*plan.judged, plan.settings, plan.seconds, plan.seed, codec)
    lesson = Lesson(plan.corpus, num_codebooks, plan.seconds, plan.lessons, plan.seed)
    listener = learn(lesson, codec, plan.output)
    takes = {
        ORIGINAL: [Take(setting.excerpt.audio) for setting in settings],
        CODEC: [
            Take(*reconstruct(codec, setting.excerpt.audio, num_codebooks))
            for setting in watch(settings, "through the codec")
        ],
    }
    started = time.monotonic()
    for way in (ARRANGER, FREE):
        sampling = plan.free_sampling if way == FREE else plan.sampling
        takes[way] = generate_takes(engine, settings, sampling, free=way == FREE)
    generating = time.monotonic() - started
    heard = {
        way: [listener.listen(take.audio, take.codes) for take in watch(those, f"listening: {way}")]
        for way, those in takes.items()
    }
    columns = _columns(settings, heard, plan.seed)
    columns[ORIGINAL][FRECHET] = _frechet_of_other_music(plan, listener, heard[ORIGINAL])
    codec_text, codec_figures = _codec_part(plan, codec)
    text = "\n\n".join(
        [_preamble(plan, engine, len(settings), generating), pieces_table(columns), NOTES, codec_text]
    )
    figures = {
        "settings": len(settings),
        "seconds": plan.seconds,
        "sampling": {ARRANGER: plan.sampling, FREE: plan.free_sampling},
        "pieces": columns,
        "each": _each(settings, heard),
        **codec_figures,
    }
    write_report(plan.output, text, figures, _picture(settings, takes, codec.sample_rate))
    _write_examples(plan.output / "examples", takes, codec.sample_rate)
    return text


def _codec_part(plan: Evaluation, codec: Codec) -> tuple[str, dict[str, object]]:
    """The codec's tables: held-out music, and other music if there is any."""
    folders: dict[str, tuple[Path, str | None]] = {"held-out music": plan.judged}
    if plan.other_corpus is not None:
        folders["other music"] = plan.other_corpus, None
    parts = []
    figures: dict[str, object] = {"codec_fingerprint": codec.fingerprint()}
    for name, (folder, split) in folders.items():
        clips = draw_audio(folder, split, plan.settings, plan.seconds, plan.seed, codec.sample_rate)
        table = judge_codec(codec, watch(clips, f"codec on {name}"))
        heading = f"Codec {codec.fingerprint()} on {name}, {len(clips)} excerpts of {plan.seconds:g} s:"
        parts.append(f"{heading}\n\n{codec_table(table)}")
        figures[f"codec on {name}"] = table
    return "\n\n".join(parts), figures


def _columns(
    settings: Sequence[Setting], heard: dict[str, list[Heard]], seed: int
) -> dict[str, dict[str, Figure]]:
    """Every way judged by its own settings, and the model's ways by another piece's too."""
    others = _derangement(len(settings), seed)
    columns: dict[str, dict[str, Figure]] = {}
    for way, pieces in heard.items():
        asks = {way: [setting.ask for setting in settings]}
        if way in SHUFFLED:
            asks[SHUFFLED[way]] = [settings[other].ask for other in others]
        for name, those in asks.items():
            figures = summarise([judge(piece, ask) for piece, ask in zip(pieces, those, strict=True)])
            if way == FREE:
                figures = {key: figure for key, figure in figures.items() if key not in NOT_ASKED}
            if "chroma to notes" in figures and CODEC in columns:
                share = figures["chroma to notes"].value / columns[CODEC]["chroma to notes"].value
                figures["chroma to notes, of codec"] = Figure(share, len(pieces))
            columns[name] = figures
        if way != ORIGINAL:
            columns[way][FRECHET] = Figure(
                frechet_distance(_patches(pieces), _patches(heard[ORIGINAL])), len(pieces)
            )
    return columns


def _derangement(count: int, seed: int) -> list[int]:
    """For each piece another one, each taken once."""
    order = np.random.default_rng([seed, 0x5F1E]).permutation(count)
    others = np.empty(count, np.int64)
    others[order] = np.roll(order, 1)
    return [int(other) for other in others]


def _patches(pieces: Sequence[Heard]) -> NDArray[np.float64]:
    return np.concatenate([piece.patches for piece in pieces])


def _frechet_of_other_music(plan: Evaluation, listener: Listener, originals: Sequence[Heard]) -> Figure:
    """How far as much train music is from the held-out: what cannot be told apart."""
    rate = listener.sample_rate
    others = draw_excerpts(plan.corpus, "train", len(originals), plan.seconds, plan.seed + 1, rate)
    patches = np.concatenate([mel_patches(other.audio, rate) for other in others])
    return Figure(frechet_distance(patches, _patches(originals)), len(others))


def _each(settings: Sequence[Setting], heard: dict[str, list[Heard]]) -> list[dict[str, object]]:
    """Every setting, and what was heard in each way, for whoever wants to look closer."""
    rows = []
    for index, setting in enumerate(settings):
        ask = setting.ask
        ways = {
            way: {
                "bpm": pieces[index].tempo.bpm,
                "style": pieces[index].style,
                **{
                    name: value
                    for name, value in judge(pieces[index], ask).items()
                    if name in ("chroma to notes", "onset F1", "beat confidence", "dead", "stuck")
                },
            }
            for way, pieces in heard.items()
        }
        piece = {"id": setting.excerpt.piece.id, "start": setting.excerpt.start}
        rows.append({**piece, "prompt": ask.caption, "style": ask.style, "bpm": ask.bpm, "ways": ways})
    return rows


def _preamble(plan: Evaluation, engine: Engine, count: int, seconds_taken: float) -> str:
    config = engine.model.config
    frames = 2 * count * round(plan.seconds * engine.codec.frame_rate)
    return (
        f"{count} held-out settings of {plan.seconds:g} s, seed {plan.seed}. Model: {config.architecture}, "
        f"{config.num_codebooks} codebooks, width {config.d_model}, {config.num_layers} layers; "
        f"{ARRANGER}: {_told(plan.sampling)}; {FREE}: {_told(plan.free_sampling)}. "
        f"Both ways generated and decoded, in one batch each, at "
        f"{frames / seconds_taken:.0f} frames a second."
    )


def _told(sampling: Sampling) -> str:
    return (
        f"temperature {sampling.temperature:g}, top-k {sampling.top_k}, top-p {sampling.top_p:g}, "
        f"guidance {sampling.guidance:g}"
    )


def _picture(settings: Sequence[Setting], takes: dict[str, list[Take]], sample_rate: int) -> bytes:
    columns = {way: [take.audio for take in those[:SHOWN]] for way, those in takes.items()}
    titles = [f"{s.ask.style}, {s.ask.bpm:.0f} BPM: {s.ask.caption}" for s in settings[:SHOWN]]
    return spectrogram_grid(columns, titles, sample_rate)


def _write_examples(folder: Path, takes: dict[str, list[Take]], sample_rate: int) -> None:
    folder.mkdir(exist_ok=True)
    for way, those in takes.items():
        for index, take in enumerate(those[:SHOWN]):
            name = f"{index}-{way.split()[0].lstrip('-')}.flac"
            with AudioWriter(folder / name, sample_rate, 1) as writer:
                writer.write(take.audio[None])
