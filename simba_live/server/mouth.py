"""Sends messages through a pipe from any thread, without ever waiting for whoever reads them."""

from __future__ import annotations

import queue
import threading
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

MessageT = TypeVar("MessageT")

MAX_UNREAD = 1000
"""Messages that may wait for the other side to read them."""

CLOSE_SECONDS = 1.0
"""Time given to the last of them."""


class Mouth(Generic[MessageT]):
    """The sending end of a pipe.

    Args:
        pipe: to the other process.
        vital: kinds of messages that are never dropped.
    """

    def __init__(self, pipe: Connection, vital: tuple[type, ...]) -> None:
        self._pipe = pipe
        self._vital = vital
        self._messages: queue.SimpleQueue[MessageT | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="mouth", daemon=True)
        self._thread.start()

    def say(self, message: MessageT) -> None:
        """Send a message soon. While nobody reads, what is not vital is dropped before memory grows."""
        if self._messages.qsize() < MAX_UNREAD or isinstance(message, self._vital):
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
                pass  # The other side is gone, which the other end of the pipe finds out.
