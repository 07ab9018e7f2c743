"""The ear in a process of its own, so that listening takes no time from the music.

It is started by `ear.Ear`, which sends on standard input where to connect. It ends when told so, on SIGTERM,
and when the session's end of the pipe is gone.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from simba_live.errors import SimbaLiveError

from .hearing import Attend, EarFailed, EarNews, EarOptions, EarReady, FromEar, LeaveEar, Level
from .launch import meet
from .mouth import Mouth

if TYPE_CHECKING:
    from simba_live.codec.encodec import Codec

READ_SECONDS = 0.02
"""Longest wait for sound; so often the session's messages are looked at."""

LEVEL_SECONDS = 0.1
"""Time between two levels."""

CLOSE_SECONDS = 5.0
"""Longest that letting go of a source may take."""


def main() -> None:
    """Connect, listen, and leave."""
    leave = threading.Event()
    # The session decides what Ctrl-C means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: leave.set())
    pipe = meet()
    options = pipe.recv()
    assert isinstance(options, EarOptions)
    mouth: Mouth[FromEar] = Mouth(pipe, (EarReady, EarFailed))
    try:
        _run(pipe, mouth, options, leave)
    except SimbaLiveError as error:
        mouth.say(EarFailed(str(error)))
    mouth.close()
    os._exit(0)  # Threads of audio libraries must not hold up the end.


def _run(pipe: Connection, mouth: Mouth[FromEar], options: EarOptions, leave: threading.Event) -> None:
    from simba_live.audio.inlet import Inlet
    from simba_live.audio.input import Input

    from .analysis import Analyst
    from .attention import Attention

    codec, num_codebooks = _load(options)
    source = Input(options.source, options.channels, lambda text: mouth.say(EarNews(text)))
    try:
        inlet = Inlet(codec.sample_rate, codec.channels, codec.hop_length, options.gate)
        attention = Attention(codec, num_codebooks)
        analyst = Analyst(codec.sample_rate, mouth.say) if options.analyse else None
        mouth.say(EarReady(source.name))
        load = _Load()
        next_level = 0.0
        begun = source.live  # A file begins when somebody wants to hear it.
        with suppress(EOFError, OSError):  # The session is gone.
            while not leave.is_set():
                if begun:
                    heard, sample_rate = source.read(READ_SECONDS)
                    frames = inlet.push(heard, sample_rate)
                    ended = time.monotonic() - inlet.held_seconds - source.latency_seconds
                    for block in attention.push(frames, ended):
                        mouth.say(block)
                    if analyst is not None and attention.wanted:
                        analyst.push(frames, ended)
                now = time.monotonic()
                if now >= next_level:
                    next_level = now + LEVEL_SECONDS
                    mouth.say(
                        Level(
                            source.name,
                            source.lost,
                            inlet.peak,
                            inlet.rms,
                            inlet.clipped,
                            inlet.silent_seconds,
                            load.share(now),
                        )
                    )
                while pipe.poll(0.0 if begun else READ_SECONDS):
                    message = pipe.recv()
                    if isinstance(message, LeaveEar):
                        return
                    assert isinstance(message, Attend)
                    attention.wanted = message.wanted
                    begun = begun or message.wanted
    finally:
        watchdog = threading.Timer(CLOSE_SECONDS, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()
        source.close()


def _load(options: EarOptions) -> tuple[Codec, int]:
    """The codec, and how many of its codebooks the model reads."""
    import torch

    from simba_live.codec.encodec import Codec
    from simba_live.model.checkpoint import read_config
    from simba_live.paths import DEFAULT_CODEC, model_folder

    # Two threads wait for each other on work as small as a few frames, whenever anything else runs.
    torch.set_num_threads(1)
    codec = Codec.load(DEFAULT_CODEC if options.codec is None else options.codec)
    return codec, read_config(model_folder(options.model))[0].num_codebooks


class _Load:
    """Processor time of this process as a share of real time, over the last few seconds."""

    SECONDS = 5.0

    def __init__(self) -> None:
        self._share = 0.0
        self._since = time.monotonic(), time.process_time()

    def share(self, now: float) -> float:
        since, before = self._since
        if now - since > self.SECONDS:
            used = time.process_time()
            self._share, self._since = (used - before) / (now - since), (now, used)
        return self._share


if __name__ == "__main__":
    main()
