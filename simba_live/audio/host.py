"""The process that owns a device, started by `device.HostedDevice`.

It opens the device, says in one line of JSON what it opened or why not, and plays the ring, or fills it,
until its standard input closes. The device's callback copies and counts in an interpreter where nothing else
runs.
"""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import os
import signal
import sys
import threading
from pathlib import Path

from simba_live.errors import DeviceError, MissingDependencyError, OptionError
from simba_live.outputs import reason

from .device import heard_ring
from .listeners import LISTENERS
from .opened import Opened
from .outlet import Outlet
from .players import PLAYERS
from .sinks import music_ring

LOOK_SECONDS = 0.05
"""How often the device is looked at."""


def main(kind: str, spec: str, memory: str, size: str, *numbers: str) -> None:
    """Play or listen until standard input closes; leave a device that has gone without farewell: it may hang.

    Args:
        kind: key of `PLAYERS` or `LISTENERS`.
        spec: what to open.
        memory: of the ring; a file descriptor, or a name where descriptors are not inherited.
        size: of the memory, in bytes.
        numbers: for players the music's sample rate and number of channels; for listeners the channels
            wanted, from 1, at most two.
    """
    say = _own_output()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Whoever started us fades out first, then lets us go.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    gc.disable()
    with contextlib.suppress(AttributeError, OSError):  # Where the system lets us, the device comes first.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    try:
        device = _open(kind, spec, _memory(memory, int(size)), [int(number) for number in numbers])
    except Exception as error:
        known = isinstance(error, (OptionError, MissingDependencyError, DeviceError))
        facts = {"error": type(error).__name__ if known else DeviceError.__name__, "text": reason(error)}
        os.write(say, json.dumps(facts).encode() + b"\n")
        sys.exit(1)
    os.write(say, json.dumps(device.facts).encode() + b"\n")
    closing = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(closing,), daemon=True).start()
    while not closing.wait(LOOK_SECONDS):
        if why := device.trouble():
            os.write(say, why.encode())
            os._exit(1)
    device.close()


def _open(kind: str, spec: str, memory: mmap.mmap, numbers: list[int]) -> Opened:
    """A device that plays the ring, or fills it."""
    if kind in LISTENERS:
        listener = LISTENERS[kind](spec, numbers)
        listener.listen(heard_ring(listener.facts["channels"], memory).record)
        return listener
    player = PLAYERS[kind](spec)
    sample_rate, channels = numbers
    outlet = Outlet(music_ring(sample_rate, channels, memory), sample_rate, player.facts["sample_rate"])
    player.play(outlet.fill)
    player.facts["device_seconds"] = player.facts.get("device_seconds", 0.0) + outlet.held_seconds
    return player


def _own_output() -> int:
    """Standard output for ourselves alone: sound libraries print there and to standard error."""
    own = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    return own


def _memory(name: str, size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    return mmap.mmap(int(name), size)


def _wait_for_the_end(closing: threading.Event) -> None:
    sys.stdin.buffer.read()
    closing.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
