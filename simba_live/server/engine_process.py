"""The engine in a process of its own, where no other Python code can make it wait.

It is started by `Session`, which sends on standard input where to connect, and it ends when told so or when the
session's end of the pipe is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from multiprocessing.connection import Client, Connection

from simba_live.errors import SimbaLiveError

from .wire import Ask, Failed, FromEngine, Leave, Options, Record

STATUS_SECONDS = 0.1
"""Time between two statuses."""


def main() -> None:
    """Connect, play, and leave."""
    # The session decides what Ctrl-C means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    where = json.loads(sys.stdin.readline())
    pipe = Client(where["address"], authkey=bytes.fromhex(where["key"]))
    options = pipe.recv()
    assert isinstance(options, Options)
    _run(pipe, options)
    # Threads of audio libraries must not hold up the end.
    sys.stdout.flush()
    os._exit(0)


def _run(pipe: Connection, options: Options) -> None:
    import torch

    from .player import Player

    # Two threads wait for each other on steps as small as one frame, whenever anything else runs.
    torch.set_num_threads(1)
    speaking = threading.Lock()

    def tell(message: FromEngine) -> None:
        with speaking:
            try:
                pipe.send(message)
            except OSError:
                pass  # The session is gone, which `poll` finds out.

    try:
        player = Player(options, tell)
        player.start()
    except SimbaLiveError as error:
        tell(Failed(str(error)))
        return
    try:
        while player.runner.failure is None:
            if pipe.poll(STATUS_SECONDS):
                message = pipe.recv()
                if isinstance(message, Leave):
                    break
                assert isinstance(message, Ask | Record)
                player.handle(message)
            else:
                tell(player.status())
    except (EOFError, OSError):
        pass  # The session is gone: end in good order.
    failure = player.runner.failure
    player.close()
    if failure is not None:
        tell(Failed(f"the engine failed: {failure!r}"))


if __name__ == "__main__":
    main()
