"""`simba-live data`: compose a corpus, and turn a corpus or a folder of one's own audio into codes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make training data: compose a corpus, tokenize audio.")


@app.command()
def compose(
    folder: Annotated[
        Path, typer.Argument(help="Where to write: a new or empty folder, or a corpus to go on with.")
    ],
    hours: Annotated[float, typer.Option(help="Hours of audio in all.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Another seed composes another corpus.")] = 1,
    jobs: Annotated[int, typer.Option(help="Processes; 0 takes one for each core.")] = 0,
    soundfont: Annotated[
        Path | None, typer.Option(help="A General MIDI soundfont (.sf2, .sf3); an installed one if left out.")
    ] = None,
    styles: Annotated[
        str, typer.Option(help="Names of styles, separated by commas; all of them if left out.")
    ] = "",
) -> None:
    """Compose, render and caption pieces of 20 to 40 seconds; an interrupted run goes on where it stopped."""
    from simba_live.data.compose import compose_corpus

    names = tuple(name.strip() for name in styles.split(",") if name.strip())
    with _progress("composing") as on_progress:
        pieces = compose_corpus(
            folder,
            hours,
            seed=seed,
            jobs=jobs or os.cpu_count() or 1,
            soundfont=soundfont,
            styles=names or None,
            on_progress=on_progress,
        )
    seconds = sum(piece.seconds for piece in pieces)
    counts = {split: sum(piece.split == split for piece in pieces) for split in ("train", "valid", "test")}
    typer.echo(
        f"{folder}: {len(pieces)} pieces, {seconds / 3600:.2f} hours; "
        + ", ".join(f"{count} {split}" for split, count in counts.items())
    )


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float, float], None]]:
    """A progress bar on standard error, with the time left; its values are seconds of audio."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[audio]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None, audio="")

        def show(done: float, total: float) -> None:
            progress.update(
                task, completed=done, total=total, audio=f"{done / 60:.1f} of {total / 60:.1f} min"
            )

        yield show
