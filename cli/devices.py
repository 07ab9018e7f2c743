"""`simba-live devices`: where sound can go, and which MIDI ports there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simba_live.errors import MissingDependencyError

if TYPE_CHECKING:
    from rich.table import Table

    from simba_live.audio.devices import AudioDevice
    from simba_live.control.midi_rtmidi import MidiPort


def list_devices() -> None:
    """List audio devices and MIDI ports, and how to choose one."""
    from rich.console import Console

    from simba_live.audio.devices import audio_devices
    from simba_live.control.midi_rtmidi import midi_ports

    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        devices = audio_devices()
        console.print(_audio_table(devices) if devices else "no audio devices")
    except MissingDependencyError as error:
        console.print(f"no audio devices: {error}")
    try:
        ports = midi_ports()
        console.print(_midi_table(ports) if ports else "no MIDI ports")
    except MissingDependencyError as error:
        console.print(f"no MIDI ports: {error}")
    console.print(
        "choose with --audio: default, a number, a name or part of one; or jack, null, file:PATH.wav"
    )
    console.print("choose with --midi: all, virtual, a name or part of one; jack:all and so on for JACK's")


def _audio_table(devices: Sequence[AudioDevice]) -> Table:
    table = _table(">#", "audio device", "system", ">in", ">out", ">Hz", "default")
    for device in devices:
        defaults = (("in", device.default_input), ("out", device.default_output))
        table.add_row(
            str(device.index),
            device.name,
            device.host,
            str(device.inputs),
            str(device.outputs),
            str(device.sample_rate),
            " ".join(name for name, chosen in defaults if chosen),
        )
    return table


def _midi_table(ports: Sequence[MidiPort]) -> Table:
    table = _table("MIDI port", "direction")
    for port in ports:
        table.add_row(port.name, port.direction)
    return table


def _table(*columns: str) -> Table:
    """An empty table; columns of numbers are marked with >."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, safe_box=True)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column[0] == ">" else "left", overflow="fold")
    return table
