"""How far a long command has come: a bar with the time left on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def audio_progress(what: str) -> Iterator[Callable[[float, float], None]]:
    """Show progress through some seconds of audio, on standard error.

    Args:
        what: the work in one word.

    Yields:
        a function to call with the seconds done and the seconds in all.
    """
    if sys.stderr.isatty():
        with _bar(what) as show:
            yield show
    else:
        yield _lines(what)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[float, float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[audio]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as progress:
        task = progress.add_task(what, total=None, audio="")

        def show(done: float, total: float) -> None:
            progress.update(task, completed=done, total=total, audio=f"{done:.1f} of {total:.1f} s")

        yield show


def _lines(what: str) -> Callable[[float, float], None]:
    started = time.monotonic()
    quarters = 0

    def show(done: float, total: float) -> None:
        nonlocal quarters
        if done < total and int(4 * done / total) > quarters:
            quarters = int(4 * done / total)
            left = (time.monotonic() - started) * (total - done) / done
            sys.stderr.write(f"{what}: {done:.1f} of {total:.1f} s, {left:.0f} s left\n")

    return show
