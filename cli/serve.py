"""`simba-live serve`: a model that stays, played over OSC."""

from __future__ import annotations

from typing import Annotated

import typer

from .live import Live, perform, takes_live_options


@takes_live_options
def serve(
    live: Live,
    play: Annotated[bool, typer.Option("--play", help="Start playing as soon as it is ready.")] = False,
) -> None:
    """Keep a model playing, and let OSC clients drive it: Max, Pd, SuperCollider, TouchOSC, Ableton, Python.

    Every control takes effect within a tenth of a second, on music that is planned ahead; any moment can be
    kept, recalled and undone while it plays. Ctrl-C fades out and ends. `simba-live osc list` shows all
    messages.
    """
    perform(live, play=play)
