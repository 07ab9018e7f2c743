"""Did the machine itself stand still? A process that does nothing but sleep can tell.

A host may stop a virtual machine for longer than a sound card's buffer lasts; then every core is silent and
every timer late. An underrun of that moment is not the engine's, and no engine could have helped it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection

NAP_SECONDS = 0.001
STILL_SECONDS = 0.02
"""Lateness from which on it is told."""


class Witness:
    """Notes how late its naps end; a context manager."""

    def __enter__(self) -> Witness:
        context = multiprocessing.get_context("spawn")
        self._told, ours = context.Pipe(duplex=False)
        self._process = context.Process(target=_watch, args=(ours,), daemon=True)
        self._process.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.join()

    def stills(self) -> list[float]:
        """Seconds of every standstill since this was asked last."""
        seconds = []
        while self._told.poll():
            seconds.append(self._told.recv())
        return seconds


def _watch(pipe: Connection) -> None:
    with suppress(AttributeError, OSError):  # Where the system lets us, before everybody else.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    before = time.monotonic()
    while True:
        time.sleep(NAP_SECONDS)
        now = time.monotonic()
        if now - before - NAP_SECONDS > STILL_SECONDS:
            pipe.send(now - before - NAP_SECONDS)
        before = now
