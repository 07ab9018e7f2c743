"""`simba-live jam`: a player is heard, followed and answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from simba_live.controls import CONTROLS, NUMBERS, Value

from .live import Live, perform, takes_live_options


@takes_live_options
def jam(
    live: Live,
    mode: Annotated[
        str,
        typer.Option(
            parser=CONTROLS["jam"].check,
            metavar="MODE",
            help="continue: listen, then go on in the same vein. trade: listen for some bars, play for as "
            "many, and so on. shadow: play all the time, and hear the player meanwhile.",
        ),
    ] = str(CONTROLS["jam"].default),
    bars: Annotated[
        float, typer.Option(parser=NUMBERS["jam_bars"].parse, metavar="N", help=NUMBERS["jam_bars"].help)
    ] = NUMBERS["jam_bars"].preset,
    silence: Annotated[
        float,
        typer.Option(
            help="With continue: beats of silence after which the music goes on; 0 is only when told.",
            metavar="BEATS",
        ),
    ] = 4.0,
) -> None:
    """Play with somebody: listen to them by a microphone, a line or a file, follow their tempo, answer.

    In every mode /simba/jam/listen 0 ends the listening and 1 begins it again; /simba/jam/mode and
    /simba/jam/bars change the rest. Headphones, or a line instead of a microphone, keep the music's own sound
    out of the input. Everything that `serve` can do works here too.
    """
    heard = live if live.input is not None else replace(live, input="default")
    controls: dict[str, Value] = {"jam": mode, "jam_bars": int(bars), "listen": 1}
    perform(heard, play=True, controls=controls, silence=silence, follow=True)
