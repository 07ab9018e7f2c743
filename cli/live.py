"""What the commands that play live have in common: their options, and a session until it ends."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from simba_live.controls import NUMBERS, Value
from simba_live.errors import OptionError

from .midi import MidiIn, MidiMapFile, MidiOut, open_midi
from .options import Codec, Device, Model
from .sync import Sync, open_sync


@dataclass(frozen=True)
class Live:
    """The options; each field is one, told in the words beside it."""

    prompt: Annotated[
        str | None, typer.Option(help="What to play at first; every status says what it is.")
    ] = None
    audio: Annotated[
        str,
        typer.Option(
            help="Where the sound goes: default, a device's name or number (`simba-live devices`), jack, "
            "null (nowhere, in real time) or file:PATH.",
            metavar="SINK",
        ),
    ] = "default"
    input: Annotated[
        str | None,
        typer.Option(
            help="What a player is heard by: default, a device's name or number, jack, null (nothing) or a "
            "sound file, heard as if it were played now.",
            metavar="SOURCE",
        ),
    ] = None
    input_channels: Annotated[
        str | None,
        typer.Option(
            help="Numbers of its channels to hear, such as 3 or 3,4; else the first two.", metavar="N"
        ),
    ] = None
    gate: Annotated[
        float, typer.Option(help="Level in dB of full scale under which the player counts as silent.")
    ] = -50.0
    midi: MidiIn = None
    midi_map: MidiMapFile = None
    midi_out: MidiOut = ""
    sync: Sync = None
    host: Annotated[str, typer.Option(help="Address that OSC listens on; 0.0.0.0 lets others in.")] = (
        "127.0.0.1"
    )
    osc_port: Annotated[
        int, typer.Option(help="Port of OSC (UDP) and OSCQuery (TCP); 0 takes free ones.", min=0, max=65535)
    ] = 9000
    free: Annotated[bool, typer.Option("--free", help="No arranger: the model alone finds the notes.")] = (
        False
    )
    seed: Annotated[
        float, typer.Option(parser=NUMBERS["seed"].parse, metavar="N", help=NUMBERS["seed"].help)
    ] = NUMBERS["seed"].preset
    lookahead: Annotated[
        float, typer.Option(help="Seconds to play ahead: stalls up to that long are survived.")
    ] = 1.0
    latency: Annotated[float, typer.Option(help="Seconds of music that a control can no longer change.")] = (
        0.02
    )
    record: Annotated[
        bool, typer.Option("--record", help="Record everything from the start, under a name of the time.")
    ] = False
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of snapshots, recordings and logs; else the user's own data folder."),
    ] = None
    model: Model = None
    codec: Codec = None
    device: Device = "auto"
    no_rollback: Annotated[
        bool,
        typer.Option(
            "--no-rollback", help="For comparison: changes wait until what is planned has been played."
        ),
    ] = False
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Lines of text instead of the screen.")] = False
    json_lines: Annotated[
        bool, typer.Option("--json", help="Lines of JSON instead of the screen: statuses and news.")
    ] = False


def takes_live_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command for typer: its own options, then those of `Live`, which it gets as its first argument."""
    kinds = get_type_hints(Live, include_extras=True)
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=kinds[field.name]
        )
        for field in fields(Live)
        if field.default is not MISSING
    ]

    def call(**values: Any) -> None:
        live = Live(**{field.name: values.pop(field.name) for field in fields(Live)})
        command(live, **values)

    call.__name__, call.__doc__ = command.__name__, command.__doc__
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + shared
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def perform(
    live: Live,
    *,
    play: bool,
    controls: Mapping[str, Value] | None = None,
    silence: float = 0.0,
    follow: bool = False,
) -> None:
    """Hold up a session until it ends or is ended.

    Args:
        live: the options.
        play: start playing as soon as it is ready.
        controls: where live controls stand at first.
        silence: see `Session`.
        follow: follow the player's tempo and key; a tempo from elsewhere comes first.

    Raises:
        SimbaLiveError: it cannot be set up, or ended by itself; one line says why.
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
        DEFAULT_PROMPT if live.prompt is None else live.prompt,
        free=live.free,
        seed=int(live.seed),
        model=live.model,
        codec=live.codec,
        device=live.device,
        audio=live.audio,
        lookahead=live.lookahead,
        latency=live.latency,
        input=live.input,
        input_channels=channels_of(live.input_channels),
        gate=live.gate,
        silence=silence,
        follow=follow or live.sync == "player",
        folder=live.data_dir,
        rollback=not live.no_rollback,
        wait=False,
    ) as session:
        session.subscribe(lambda news: stop.set() if news.kind == "quit" else None)
        if live.record:
            session.start_recording()
        for control, value in (controls or {}).items():
            session.set(control, value, "now")
        if play:
            session.play()
        with (
            open_midi(session, live.midi, live.midi_map, live.midi_out) as midi,
            OscServer(session, live.host, live.osc_port, None if midi is None else midi.learn) as osc,
            OscQuery(session, live.host, osc.port, live.osc_port),
            open_sync(
                session,
                live.sync or ("player" if follow else None),
                midi.clock if midi is not None and live.midi else None,
                session.player_clock,
            ),
        ):
            session.clients = lambda: osc.clients
            way = "json" if live.json_lines else "lines" if live.no_ui else "screen"
            show(session, stop, way, f"{live.host}:{osc.port}")
    if session.failure:
        raise SimbaLiveError(session.failure)


def channels_of(text: str | None) -> tuple[int, ...]:
    """Numbers of channels from what a user writes, such as "3,4".

    Raises:
        OptionError: it is no such thing.
    """
    numbers = (text or "").replace(",", " ").split()
    if any(not (number.isascii() and number.isdecimal()) or int(number) < 1 for number in numbers):
        raise OptionError(f"input-channels is {text!r}: give numbers from 1, such as 3 or 3,4")
    return tuple(int(number) for number in numbers)
