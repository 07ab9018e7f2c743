"""The engine in a process of its own, where no other Python code can make it wait.

It is started by `Session`, which sends on standard input where to connect. It ends in good order when told
so, on SIGTERM, and when the session's end of the pipe is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from simba_live.errors import SimbaLiveError

from .launch import meet
from .mouth import Mouth
from .wire import Answer, Ask, Failed, FromEngine, Leave, Options, Ready, Record

PRIORITY = -11
"""Niceness wanted: that of other sound servers."""

STATUS_SECONDS = 0.1
"""Time between two statuses."""

END_SECONDS = 10.0
"""Longest that the end may take: a disk or a device that hangs must not keep an engine that nobody hears."""


def main() -> None:
    """Connect, play, and leave."""
    leave = threading.Event()
    # The session decides what Ctrl-C means; a system that shuts down tells every process by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: leave.set())
    with suppress(AttributeError, OSError):  # Where the system lets us, music comes first.
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    pipe = meet()
    options = pipe.recv()
    assert isinstance(options, Options)
    _run(pipe, options, leave)
    # Threads of audio libraries must not hold up the end.
    sys.stdout.flush()
    os._exit(0)


def _run(pipe: Connection, options: Options, leave: threading.Event) -> None:
    import torch

    from .player import Player

    # Two threads wait for each other on steps as small as one frame, whenever anything else runs.
    torch.set_num_threads(1)
    mouth: Mouth[FromEngine] = Mouth(pipe, (Answer, Ready, Failed))
    tell = mouth.say
    try:
        player = Player(options, tell)
        player.start()
    except SimbaLiveError as error:
        tell(Failed(str(error)))
        mouth.close()
        return
    next_status = 0.0
    with suppress(EOFError, OSError):  # The session is gone: end in good order.
        while player.runner.failure is None and not leave.is_set():
            now = time.monotonic()
            if now >= next_status:
                tell(player.status())
                next_status = now + STATUS_SECONDS
            if pipe.poll(max(0.0, next_status - now)):
                message = pipe.recv()
                if isinstance(message, Leave):
                    break
                assert isinstance(message, Ask | Record)
                player.handle(message)
    watchdog = threading.Timer(END_SECONDS, os._exit, (1,))
    watchdog.daemon = True
    watchdog.start()
    failure = player.runner.failure
    player.close()
    if failure is not None:
        tell(Failed(f"the engine failed: {failure!r}"))
    mouth.close()


if __name__ == "__main__":
    main()
