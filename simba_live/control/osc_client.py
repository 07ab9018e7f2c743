"""An OSC client that waits for its answers, for the command line and tests; one thread at a time uses it."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Iterator

from simba_live.control.osc import DEFAULT_HOST, DEFAULT_PORT, MAX_PACKET
from simba_live.control.packets import Message, decode, encode
from simba_live.errors import OptionError, SimbaLiveError

CLOSING = ("/simba/done", "/simba/fail", "/simba/synced")
"""What ends the answer to a message."""


class OscClient:
    """Talks to one OSC server; also a context manager.

    Args:
        host: the server's address.
        port: the server's port.

    Raises:
        OptionError: there is no such host.
    """

    def __init__(self, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
        self.place = f"{host}:{port}"
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        except (OSError, UnicodeError):
            raise OptionError(f"host is {host[:100]!r}: give a server's address, such as 127.0.0.1") from None
        self._socket = socket.socket(family, kind, protocol)
        # Connected, so that the machine can tell us that nobody listens there.
        self._socket.connect(place)
        self._messages: deque[Message] = deque()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> OscClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, path: str, *values: float | int | str) -> None:
        """Send one message.

        Raises:
            SimbaLiveError: nobody listens there, as far as this machine can tell.
        """
        try:
            self._socket.send(encode(path, values))
        except OSError as error:
            raise self._silent(error) from None

    def receive(self, timeout: float) -> Message | None:
        """The next message from the server; None if none comes within `timeout` seconds.

        Raises:
            SimbaLiveError: nobody listens there, as far as this machine can tell.
        """
        until = time.monotonic() + timeout
        while not self._messages:
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                self._messages.extend(decode(self._socket.recv(MAX_PACKET)))
            except TimeoutError:
                return None
            except OSError as error:
                raise self._silent(error) from None
        return self._messages.popleft()

    def answers(self, path: str, timeout: float) -> Iterator[Message]:
        """What comes until the message just sent to `path` is done or refused, that included.

        Raises:
            SimbaLiveError: that takes more than `timeout` seconds.
        """
        until = time.monotonic() + timeout
        while (message := self.receive(until - time.monotonic())) is not None:
            yield message
            if message.path in CLOSING and (message.path == CLOSING[2] or message.values[:1] == (path,)):
                return
        raise SimbaLiveError(
            f"no answer from {self.place} within {timeout:g} s: wait longer, as for a bar line, with --wait"
        )

    def _silent(self, error: OSError) -> SimbaLiveError:
        return SimbaLiveError(
            f"nothing answers at {self.place} ({error.strerror}): start `simba-live serve` first"
        )
