"""The engine in a process of its own, where no other Python code can make it wait.

It is started by `Session`, which sends on standard input where to connect, and it ends when told so or when
the session's end of the pipe is gone.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from multiprocessing.connection import Client, Connection

from simba_live.errors import SimbaLiveError

from .wire import Answer, Ask, Failed, FromEngine, Leave, Options, Ready, Record

STATUS_SECONDS = 0.1
"""Time between two statuses."""

MAX_UNREAD = 1000
"""Messages that may wait for the session to read them."""

CLOSE_SECONDS = 1.0
"""Time given to the last of them."""


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
    mouth = Mouth(pipe)
    tell = mouth.say
    try:
        player = Player(options, tell)
        player.start()
    except SimbaLiveError as error:
        tell(Failed(str(error)))
        mouth.close()
        return
    next_status = 0.0
    try:
        while player.runner.failure is None:
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
    except (EOFError, OSError):
        pass  # The session is gone: end in good order.
    failure = player.runner.failure
    player.close()
    if failure is not None:
        tell(Failed(f"the engine failed: {failure!r}"))
    mouth.close()


class Mouth:
    """Sends messages from any thread without ever waiting for whoever reads them."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._messages: queue.SimpleQueue[FromEngine | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="mouth", daemon=True)
        self._thread.start()

    def say(self, message: FromEngine) -> None:
        """Send a message soon. While nobody reads, news and statuses are dropped before memory grows."""
        if self._messages.qsize() < MAX_UNREAD or isinstance(message, Answer | Ready | Failed):
            self._messages.put(message)

    def close(self) -> None:
        """Send what is left."""
        self._messages.put(None)
        self._thread.join(CLOSE_SECONDS)

    def _send(self) -> None:
        try:
            while (message := self._messages.get()) is not None:
                self._pipe.send(message)
        except OSError:
            while self._messages.get() is not None:
                pass  # The session is gone, which the other end of the pipe finds out.


if __name__ == "__main__":
    main()
