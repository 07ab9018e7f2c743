"""`simba-live eval`: how good codec and model are on music that they never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simba_live.paths import DEFAULT_CODEC, DEFAULT_MODEL

from .options import Device


def evaluate(
    corpus: Annotated[Path, typer.Option(help="Folder that `simba-live data compose` wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")] = Path("report"),
    model: Annotated[
        Path, typer.Option(help="Folder of the model.", show_default="the shipped one")
    ] = DEFAULT_MODEL,
    codec: Annotated[
        str, typer.Option(help="Folder or hub name of the codec.", show_default="the shipped one")
    ] = str(DEFAULT_CODEC),
    only: Annotated[
        str | None,
        typer.Option(
            help="Sections, such as codec,long; of codec, pieces, controls, changes, prompts, long."
        ),
    ] = None,
    settings: Annotated[
        int, typer.Option("--settings", "--excerpts", min=2, help="How many held-out prompts and settings.")
    ] = 128,
    seconds: Annotated[float, typer.Option(min=6.0, help="Length of each, in seconds.")] = 12.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw and of the sampling.")] = 0,
    held_out: Annotated[
        Path | None,
        typer.Option(
            help="Judge by all pieces of this corpus (another seed) instead of CORPUS's test split."
        ),
    ] = None,
    lessons: Annotated[
        int, typer.Option(min=2, help="Train excerpts from which the listener learns (once a codec).")
    ] = 1600,
    ear_steps: Annotated[
        int, typer.Option(min=2, help="Steps that its ears for notes and drums learn.")
    ] = 3000,
    codec_only: Annotated[bool, typer.Option("--codec-only", help="Judge the codec alone.")] = False,
    other_corpus: Annotated[
        Path | None,
        typer.Option(
            "--other",
            "--other-corpus",
            help="A second corpus, or any folder of music, to judge the codec on.",
        ),
    ] = None,
    prompts: Annotated[
        int, typer.Option(min=2, help="Prompts that are steered, and that are changed in mid-stream.")
    ] = 26,
    heard: Annotated[int, typer.Option(min=1, help="Natural prompts that are played too.")] = 48,
    streams: Annotated[int, typer.Option(min=2, help="Long streams.")] = 6,
    long_minutes: Annotated[
        str, typer.Option(help="Minutes of them that are held against the first, such as 10,60.")
    ] = "10",
    temperature: Annotated[float | None, typer.Option(help="As in gen, for both ways.")] = None,
    top_k: Annotated[int | None, typer.Option(help="As in gen, for both ways.")] = None,
    top_p: Annotated[float | None, typer.Option(help="As in gen, for both ways.")] = None,
    guidance: Annotated[float | None, typer.Option(help="As in gen, for both ways.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Compute threads on the CPU.")] = 1,
    device: Device = "auto",
) -> None:
    """Judge model and codec on held-out music; writes report.md, report.json and report.png.

    What was played is kept in the report's folder: broken off and started again, it goes on.
    """
    import torch

    from simba_live.controls import Sampling
    from simba_live.device import choose_device
    from simba_live.evaluation.bench import Evaluation
    from simba_live.evaluation.evaluate import choose_sections, minutes_wanted
    from simba_live.evaluation.evaluate import evaluate as judge

    chosen_sections = choose_sections("codec" if codec_only else only)
    torch.set_num_threads(threads)
    chosen = {
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "guidance": guidance,
        "seed": seed,
    }
    plan = Evaluation(
        corpus=corpus,
        output=output,
        codec=codec,
        model=model,
        settings=settings,
        seconds=seconds,
        seed=seed,
        held_out=held_out,
        other_corpus=other_corpus,
        lessons=lessons,
        ear_steps=ear_steps,
        prompts=prompts,
        heard=heard,
        streams=streams,
        long_minutes=minutes_wanted(long_minutes),
        sampling=Sampling.preset(False, **chosen),
        free_sampling=Sampling.preset(True, **chosen),
        device=choose_device(device),
    )
    typer.echo(judge(plan, chosen_sections, lambda line: typer.echo(line, err=True)))
    typer.echo(f"written to {output / 'report.md'}")
