"""`simba-live compare`: SiMBA against a Transformer on one's own tokens, with the same budget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from simba_live.paths import DEFAULT_CODEC

from .options import Device

Value = TypeVar("Value")


def compare(
    context: typer.Context,
    tokens: Annotated[Path, typer.Argument(help="Folder that `simba-live data tokenize` wrote.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder of the report and its runs; what is there is kept."),
    ],
    steps: Annotated[int, typer.Option(help="Updates of every run: the budget in steps.")] = 1000,
    minutes: Annotated[
        float | None,
        typer.Option(help="The budget in time; else as long as the slower of a pair takes for STEPS."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each model.")] = 3,
    sizes: Annotated[
        str, typer.Option(help="Models, as WIDTHxLAYERS with commas between; the Transformers are matched.")
    ] = "128x4",
    codebooks: Annotated[str, typer.Option(help="How many codebooks to train with, in turn.")] = "1,4",
    learning_rates: Annotated[
        str, typer.Option(help="To choose from, for each architecture by itself, on short runs.")
    ] = "1e-3,2e-3,4e-3",
    batch_size: Annotated[int, typer.Option(help="Streams side by side.")] = 8,
    length: Annotated[int, typer.Option(help="Frames of each stream a step.")] = 256,
    window: Annotated[int, typer.Option(help="Frames that the Transformer looks back on.")] = 256,
    channel_mixer: Annotated[str, typer.Option(help="SiMBA's: einfft or mlp.")] = "einfft",
    dropout: Annotated[float, typer.Option(help="Of both, while they train.")] = 0.0,
    optimizer: Annotated[str, typer.Option(help="Of both: muon (AdamW beside it) or adamw.")] = "muon",
    evaluations: Annotated[int, typer.Option(min=1, help="Held-out measures on the way.")] = 16,
    held_out: Annotated[
        Path | None,
        typer.Option(help="A corpus of another seed, to hear what the models play; else none is heard."),
    ] = None,
    codec: Annotated[
        str, typer.Option(help="The codec that made the tokens.", show_default="the shipped one")
    ] = str(DEFAULT_CODEC),
    settings: Annotated[int, typer.Option(min=2, help="How many held-out settings to play.")] = 32,
    seconds: Annotated[float, typer.Option(min=6.0, help="Length of each, in seconds.")] = 8.0,
    clock: Annotated[
        str, typer.Option(help="Time is wall or cpu; cpu where other programs use the processor too.")
    ] = "wall",
    slice_minutes: Annotated[
        float | None, typer.Option(help="Stop after so many minutes; the same command goes on from there.")
    ] = None,
    bfloat16: Annotated[bool, typer.Option(help="Compute in bfloat16 where that is safe.")] = True,
    threads: Annotated[int, typer.Option(min=1, help="Compute threads on the CPU.")] = 1,
    device: Device = "auto",
) -> None:
    """Train SiMBA and a Transformer of as many parameters, measure both, and report whatever comes out.

    Writes report.md, report.json and report.png to OUTPUT. It may be stopped: the same command goes on.
    """
    import torch

    from simba_live.comparison.compare import compare_and_report
    from simba_live.comparison.plan import Comparison, describe_machine
    from simba_live.comparison.runs import SliceOver
    from simba_live.comparison.sizes import Size
    from simba_live.device import choose_device

    torch.set_num_threads(threads)
    chosen = choose_device(device)
    plan = Comparison(
        tokens=tokens,
        output=output,
        steps=steps,
        minutes=minutes,
        seeds=seeds,
        sizes=_several(sizes, "--sizes", Size.parse),
        codebooks=_several(codebooks, "--codebooks", int),
        learning_rates=_several(learning_rates, "--learning-rates", float),
        batch_size=batch_size,
        length=length,
        window=window,
        channel_mixer=channel_mixer,
        dropout=dropout,
        optimizer=optimizer,
        evaluations=evaluations,
        held_out=held_out,
        codec=codec,
        settings=settings,
        seconds=seconds,
        clock=clock,
        bfloat16=bfloat16,
        device=chosen,
        slice_minutes=slice_minutes,
        command=_command(context),
    )
    try:
        text = compare_and_report(plan, describe_machine(chosen), lambda line: typer.echo(line, err=True))
    except SliceOver:
        typer.echo(f"{slice_minutes:g} minutes are over; the same command goes on from here", err=True)
        return
    typer.echo(text)
    typer.echo(f"written to {output / 'report.md'}")


def _several(text: str, option: str, read: Callable[[str], Value]) -> tuple[Value, ...]:
    """Values with commas between, each once.

    Raises:
        OptionError: one cannot be read.
    """
    from simba_live.errors import OptionError

    try:
        return tuple(dict.fromkeys(read(part) for part in text.split(",") if part.strip()))
    except ValueError:
        raise OptionError(f"{option} is {text!r}; give numbers with commas between") from None


def _command(context: typer.Context) -> str:
    """The command line that does the same: whatever is not the default, but for how it was sliced."""
    import shlex

    words = ["simba-live", "compare"]
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if value == parameter.default or parameter.name in ("slice_minutes", "help"):
            continue
        if parameter.param_type_name == "option":
            words.append(parameter.opts[0] if value is not False else parameter.secondary_opts[0])
        if not isinstance(value, bool):
            words.append(str(value))
    return shlex.join(words)
