"""The options about MIDI that `serve` and `jam` share, and what they open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simba_live.control.midi import Midi
    from simba_live.server.session import Session

MidiIn = Annotated[
    list[str] | None,
    typer.Option(
        "--midi",
        metavar="PORT",
        help="MIDI that plays it; can be given again. all, a port's name or part of it (`simba-live "
        "devices`), or virtual for one that others connect to; jack:all and so on for JACK's.",
    ),
]
MidiMapFile = Annotated[
    Path | None,
    typer.Option(
        "--midi-map",
        metavar="FILE",
        help="TOML map of knobs, velocity and programs; what is learned is added to it. Else midi.toml in "
        "the data folder.",
    ),
]
MidiOut = Annotated[
    str,
    typer.Option("--midi-out", metavar="PORT", help="MIDI port that gets our clock; written as in --midi."),
]


@contextlib.contextmanager
def open_midi(
    session: Session, midi: list[str] | None, midi_map: Path | None, midi_out: str
) -> Iterator[Midi | None]:
    """MIDI as the options say; None if they ask for none.

    Args:
        session: what it plays.
        midi: ports to listen to.
        midi_map: file of the map; None is the one in the session's folder.
        midi_out: port that gets our clock; empty is none.

    Raises:
        SimbaLiveError: it cannot be opened; one line says why.
    """
    if not midi and not midi_out:
        yield None
        return
    from simba_live.control.midi import Midi

    path = session.folder / "midi.toml" if midi_map is None else midi_map
    with Midi(session, session.tell, midi or (), midi_out, path) as opened:
        session.midi = lambda: opened.inputs
        yield opened
