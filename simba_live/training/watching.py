"""A progress bar with the time left, on standard error, so that standard output holds nothing but results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def watch(items: Sequence[Item], description: str) -> Iterable[Item]:
    """The items, while a bar shows how many are done and how long the rest takes."""
    return track(items, description=description, console=Console(stderr=True))
