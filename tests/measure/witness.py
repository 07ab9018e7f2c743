"""Did the machine itself stand still? A process on every core that hardly does anything can tell.

A host may stop a virtual machine, or one core of it, for longer than a sound card's buffer lasts; then every
timer there is late. Or it takes away the memory for a moment, as it does to copy it; then whoever touches
much of it runs ten times as slowly. An underrun of that moment is not the engine's.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection

import numpy as np

NAP_SECONDS = 0.002
TOUCHED_PAGES = 512
PAGE_BYTES = 4096
STILL_SECONDS = 0.02
"""Lateness from which on it is told."""


class Witness:
    """Notes how late its naps end; a context manager."""

    def __enter__(self) -> Witness:
        context = multiprocessing.get_context("spawn")
        self._told, ours = context.Pipe(duplex=False)
        self._processes = [
            context.Process(target=_watch, args=(ours, core), daemon=True)
            for core in (sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0])
        ]
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def stills(self) -> list[float]:
        """Seconds of every standstill of a core since this was asked last."""
        seconds = []
        while self._told.poll():
            seconds.append(self._told.recv())
        return seconds


def _watch(pipe: Connection, core: int) -> None:
    with suppress(AttributeError, OSError):  # Where the system lets us, before everybody else.
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    memory = np.zeros(TOUCHED_PAGES * PAGE_BYTES, np.uint8)
    before = time.monotonic()
    while True:
        time.sleep(NAP_SECONDS)
        memory[::PAGE_BYTES] += 1
        now = time.monotonic()
        if now - before - NAP_SECONDS > STILL_SECONDS:
            pipe.send(now - before - NAP_SECONDS)
        before = now
