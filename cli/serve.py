"""`simba-live serve`: a model that stays, played over OSC."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simba_live.controls import NUMBERS

from .options import Codec, Device, Model


def serve(
    prompt: Annotated[
        str | None, typer.Option(help="What to play at first; every status says what it is.")
    ] = None,
    play: Annotated[bool, typer.Option("--play", help="Start playing as soon as it is ready.")] = False,
    audio: Annotated[
        str,
        typer.Option(
            help="Where the sound goes: default, a device's name or number (`simba-live devices`), jack, "
            "null (nowhere, in real time) or file:PATH.",
            metavar="SINK",
        ),
    ] = "default",
    host: Annotated[
        str, typer.Option(help="Address that OSC listens on; 0.0.0.0 lets others in.")
    ] = "127.0.0.1",
    osc_port: Annotated[
        int, typer.Option(help="Port of OSC (UDP) and OSCQuery (TCP); 0 takes free ones.", min=0, max=65535)
    ] = 9000,
    free: Annotated[
        bool, typer.Option("--free", help="No arranger: the model alone finds the notes.")
    ] = False,
    seed: Annotated[
        float, typer.Option(parser=NUMBERS["seed"].parse, metavar="N", help=NUMBERS["seed"].help)
    ] = NUMBERS["seed"].preset,
    lookahead: Annotated[
        float, typer.Option(help="Seconds to play ahead: stalls up to that long are survived.")
    ] = 1.0,
    latency: Annotated[
        float, typer.Option(help="Seconds of music that a control can no longer change.")
    ] = 0.04,
    record: Annotated[
        bool, typer.Option("--record", help="Record everything from the start, under a name of the time.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of snapshots, recordings and logs; else the user's own data folder."),
    ] = None,
    model: Model = None,
    codec: Codec = None,
    device: Device = "auto",
    no_rollback: Annotated[
        bool,
        typer.Option(
            "--no-rollback", help="For comparison: changes wait until what is planned has been played."
        ),
    ] = False,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Lines of text instead of the screen.")] = False,
    json_lines: Annotated[
        bool, typer.Option("--json", help="Lines of JSON instead of the screen: statuses and news.")
    ] = False,
) -> None:
    """Keep a model playing, and let OSC clients drive it: Max, Pd, SuperCollider, TouchOSC, Ableton, Python.

    Every control takes effect within a tenth of a second, on music that is planned ahead; any moment can be
    kept, recalled and undone while it plays. Ctrl-C fades out and ends. `simba-live osc list` shows all
    messages.
    """
    import signal
    import threading

    from simba_live.control.osc import OscServer
    from simba_live.control.oscquery import OscQuery
    from simba_live.errors import SimbaLiveError
    from simba_live.server.session import DEFAULT_PROMPT, Session

    from .display import show

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with Session(
        DEFAULT_PROMPT if prompt is None else prompt,
        free=free,
        seed=int(seed),
        model=model,
        codec=codec,
        device=device,
        audio=audio,
        lookahead=lookahead,
        latency=latency,
        folder=data_dir,
        rollback=not no_rollback,
        wait=False,
    ) as session:
        session.subscribe(lambda news: stop.set() if news.kind == "quit" else None)
        if record:
            session.start_recording()
        if play:
            session.play()
        with OscServer(session, host, osc_port) as osc, OscQuery(session, host, osc.port, osc_port):
            session.clients = lambda: osc.clients
            way = "json" if json_lines else "lines" if no_ui else "screen"
            show(session, stop, way, f"{host}:{osc.port}")
    if session.failure:
        raise SimbaLiveError(session.failure)
