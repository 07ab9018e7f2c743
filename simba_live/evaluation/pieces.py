"""The section on held-out settings: what is asked of the model there, and how far it is heard in what comes.

Every setting is a held-out piece's own: its prompt, tempo, key and notes. So the piece itself, through the
codec, is what a perfect model could reach (the ceiling), and the same output judged by another piece's
setting is what comes by chance (the floor).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simba_live.audio.files import AudioWriter
from simba_live.controls import Sampling
from simba_live.training.watching import watch

from .bench import Bench, patches_of
from .held_out import draw_excerpts
from .judgement import Figure, Heard, judge, summarise
from .metrics import frechet_distance
from .pictures import spectrogram_grid
from .report import FRECHET, NOTES, Aim, Section, pieces_table
from .statistics import Share
from .takes import Setting, Take, scripts_of

ORIGINAL, CODEC, ARRANGER, FREE = "original", "codec (ceiling)", "arranger", "--free"
SHUFFLED = {ARRANGER: "arranger, shuffled (floor)", FREE: "--free, shuffled (floor)"}

NOT_ASKED = (
    "onset F1",
    "chroma to notes",
    "notes standing out",
    "notes found",
    "notes right",
    "drums played",
    "drums left out",
)
"""What says nothing about `--free`, where the model is told neither notes nor drums."""

SHOWN = 4
"""Pieces in the picture and in the folder of examples."""

PICTURE = "spectrograms.png"

Columns = dict[str, dict[str, Figure]]


def pieces_section(bench: Bench) -> Section:
    """Judge both ways of playing on held-out settings, and write spectrograms and examples of the first."""
    plan, settings = bench.plan, bench.settings
    takes = {
        ORIGINAL: [Take(setting.excerpt.audio) for setting in settings],
        CODEC: bench.through_codec,
        **{
            way: bench.studio.perform(
                scripts_of(bench.studio, settings, way == FREE), plan.sampling_of(way == FREE), way
            )
            for way in (ARRANGER, FREE)
        },
    }
    listener = bench.listener
    heard = {
        way: [listener.listen(take.audio, take.codes) for take in watch(those, f"listening: {way}")]
        for way, those in takes.items()
    }
    columns = _columns(settings, heard, plan.seed)
    columns[ORIGINAL][FRECHET] = _frechet_of_other_music(bench)
    _write_examples(bench, takes)
    figures = {
        "settings": len(settings),
        "seconds": plan.seconds,
        "sampling": {ARRANGER: plan.sampling, FREE: plan.free_sampling},
        "pieces": columns,
        "each": _each(settings, heard),
    }
    text = "\n\n".join([_preamble(bench), pieces_table(columns), NOTES, f"![spectrograms]({PICTURE})"])
    return Section("Held-out settings", text, figures, _aims(columns))


def _columns(settings: Sequence[Setting], heard: dict[str, list[Heard]], seed: int) -> Columns:
    """Every way judged by its own settings, and the model's ways by another piece's too."""
    others = _derangement(len(settings), seed)
    columns: Columns = {}
    for way, pieces in heard.items():
        asks = {way: [setting.ask for setting in settings]}
        if way in SHUFFLED:
            asks[SHUFFLED[way]] = [settings[other].ask for other in others]
        for name, those in asks.items():
            figures = summarise([judge(piece, ask) for piece, ask in zip(pieces, those, strict=True)])
            if way == FREE:
                figures = {key: figure for key, figure in figures.items() if key not in NOT_ASKED}
            for key, whole, of in (
                ("chroma to notes, of codec", CODEC, "chroma to notes"),
                ("confidence of original", ORIGINAL, "beat confidence"),
            ):
                if of in figures and whole in columns:
                    figures[key] = Figure(figures[of].value / columns[whole][of].value, len(pieces))
            columns[name] = figures
        if way != ORIGINAL:
            patches, originals = (np.concatenate([p.patches for p in heard[w]]) for w in (way, ORIGINAL))
            columns[way][FRECHET] = Figure(frechet_distance(patches, originals), len(pieces))
    return columns


def _derangement(count: int, seed: int) -> list[int]:
    """For each piece another one, each taken once."""
    order = np.random.default_rng([seed, 0x5F1E]).permutation(count)
    others = np.empty(count, np.int64)
    others[order] = np.roll(order, 1)
    return [int(other) for other in others]


def _frechet_of_other_music(bench: Bench) -> Figure:
    """How far as much train music is from the held-out: what cannot be told apart."""
    plan, rate = bench.plan, bench.codec.sample_rate
    others = draw_excerpts(plan.corpus, "train", len(bench.settings), plan.seconds, plan.seed + 1, rate)
    patches = patches_of([other.audio for other in others], rate)
    return Figure(frechet_distance(patches, bench.held_out_patches), len(others))


def _aims(columns: Columns) -> list[Aim]:
    def share(way: str, name: str, least: float, what: str) -> Aim:
        figure = columns[way][name]
        if not figure.pieces:
            return Aim(f"{way}: {what} in {least:.0%}", "-", None)
        counted = Share(round(figure.value * figure.pieces), figure.pieces)
        return Aim(f"{way}: {what} in {least:.0%}", str(counted), counted.value >= least)

    arranger, free = columns[ARRANGER], columns[FREE]
    chroma = arranger["chroma to notes, of codec"].value
    beat = 1000.0 * arranger["beat distance"].value
    firm = free["confidence of original"].value
    return [
        share(ARRANGER, "tempo octave-tolerant", 0.97, "tempo within 4 %"),
        Aim("arranger: asked beat to nearest onset, median, 25 ms or less", f"{beat:.0f} ms", beat <= 25.0),
        Aim("arranger: chroma to the asked notes 92 % of the codec's", f"{chroma:.0%}", chroma >= 0.92),
        share(ARRANGER, "notes standing out", 0.70, "asked note onsets found at their pitch"),
        share(ARRANGER, "style", 0.80, "style recognised"),
        share(ARRANGER, "drums left out", 0.95, "drums-off obeyed"),
        share(FREE, "tempo octave-tolerant", 0.70, "tempo within 4 %"),
        share(FREE, "style", 0.60, "style recognised"),
        Aim("--free: beat confidence half of held-out music's", f"{firm:.0%}", firm >= 0.5),
    ]


def _each(settings: Sequence[Setting], heard: dict[str, list[Heard]]) -> list[dict[str, object]]:
    """Every setting, and what was heard in each way, for whoever wants to look closer."""
    rows = []
    for index, setting in enumerate(settings):
        ask = setting.ask
        ways = {
            way: {
                "bpm": pieces[index].tempo.bpm,
                "style": pieces[index].style,
                "drums": pieces[index].drums,
                **{
                    name: value
                    for name, value in judge(pieces[index], ask).items()
                    if name
                    in (
                        "chroma to notes",
                        "onset F1",
                        "notes met",
                        "notes asked",
                        "beat confidence",
                        "dead",
                        "stuck",
                    )
                },
            }
            for way, pieces in heard.items()
        }
        piece = {"id": setting.excerpt.piece.id, "start": setting.excerpt.start}
        asked = {"prompt": ask.caption, "style": ask.style, "bpm": ask.bpm, "drums": ask.drums}
        rows.append({**piece, **asked, "ways": ways})
    return rows


def _preamble(bench: Bench) -> str:
    plan, config = bench.plan, bench.studio.engine.model.config
    return (
        f"{len(bench.settings)} held-out settings of {plan.seconds:g} s, seed {plan.seed}. Model: "
        f"{config.architecture}, {config.num_codebooks} codebooks, width {config.d_model}, "
        f"{config.num_layers} layers; {ARRANGER}: {_told(plan.sampling)}; "
        f"{FREE}: {_told(plan.free_sampling)}."
    )


def _told(sampling: Sampling) -> str:
    return (
        f"temperature {sampling.temperature:g}, top-k {sampling.top_k}, top-p {sampling.top_p:g}, "
        f"guidance {sampling.guidance:g}"
    )


def _write_examples(bench: Bench, takes: dict[str, list[Take]]) -> None:
    rate, output = bench.codec.sample_rate, bench.plan.output
    shown = bench.settings[:SHOWN]
    columns = {way: [take.audio for take in those[:SHOWN]] for way, those in takes.items()}
    titles = [f"{s.ask.style}, {s.ask.bpm:.0f} BPM: {s.ask.caption}" for s in shown]
    (output / PICTURE).write_bytes(spectrogram_grid(columns, titles, rate))
    folder = output / "examples"
    folder.mkdir(exist_ok=True)
    for way, pieces in columns.items():
        for index, audio in enumerate(pieces):
            name = f"{index}-{way.split()[0].lstrip('-')}.flac"
            with AudioWriter(folder / name, rate, 1) as writer:
                writer.write(audio[None])
