"""The OSC server: a UDP socket, and one thread that alone reads it, answers, and knows the clients.

A session calls back on threads of its own; those calls only put something into a queue and wake the thread.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from simba_live.control.clients import Place
from simba_live.control.dialogue import Dialogue
from simba_live.control.driven import Done, Driven, News
from simba_live.errors import OptionError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 9000

MAX_PACKET = 65535
"""Largest datagram there is, in bytes."""

AT_ONCE = 200
"""Packets read before everything else gets its turn."""

_LOOPBACK = ("127.", "::1", "localhost")

_log = logging.getLogger(__name__)


class OscServer:
    """Drives a session from OSC messages; also a context manager.

    Args:
        driven: the session.
        host: address to listen on; other machines reach only a wider one than 127.0.0.1, such as 0.0.0.0.
        port: UDP port; 0 takes a free one.
        learn: lets the next MIDI knob be for a control or action; None where there is no MIDI.
    """

    def __init__(
        self,
        driven: Driven,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        learn: Callable[[str, Done], None] | None = None,
    ) -> None:
        self.host, self.port = host, port
        self._driven = driven
        self._dialogue = Dialogue(driven, self._send, self._post, learn)
        self._mail: deque[Callable[[float], None]] = deque()
        self._closing = threading.Event()
        self._clients: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def clients(self) -> tuple[str, ...]:
        """Host and port of every client heard of lately."""
        return self._clients

    def start(self) -> OscServer:
        """Open the port (`port` then says which) and begin to answer.

        Raises:
            OptionError: the port is in use, or the host is none of this machine's.
        """
        self._socket = _open(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        if not self.host.startswith(_LOOPBACK):
            _log.warning("OSC on %s:%d: whoever reaches this machine can play it", self.host, self.port)
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._unsubscribe = self._driven.subscribe(self._on_news)
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and wait for the thread; does nothing if it is not running."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._unsubscribe()
        self._closing.set()
        self._wake()  # what the session has just said, such as that it ends, is still passed on
        if thread is not threading.current_thread():
            thread.join()

    def __enter__(self) -> OscServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_news(self, news: News) -> None:
        self._post(partial(self._dialogue.tell, news))

    def _post(self, call: Callable[[float], None]) -> None:
        """Have something called on the server's thread, with the time; on any thread."""
        self._mail.append(call)
        self._wake()

    def _wake(self) -> None:
        # A full pipe means that the thread is about to wake up anyway; a closed one, that it is over.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        with self._socket, self._woken, self._waker, selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._closing.is_set():
                selector.select(max(0.0, self._dialogue.next - time.monotonic()))
                try:
                    self._turn()
                except Exception:  # the music must stay playable whatever goes wrong here
                    _log.exception("the OSC server stumbled")
                    time.sleep(0.01)
            self._read_mail()

    def _turn(self) -> None:
        """Whatever is there to be done now."""
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        self._read_mail()
        for _ in range(AT_ONCE):
            try:
                packet, source = self._socket.recvfrom(MAX_PACKET)
            except BlockingIOError:
                break
            except OSError:  # on Windows, that an earlier answer found nobody
                continue
            self._dialogue.hear(packet, source[:2], time.monotonic(), time.time())
        self._dialogue.tick(time.monotonic())
        self._clients = tuple(f"{client.source[0]}:{client.source[1]}" for client in self._dialogue.clients)

    def _read_mail(self) -> None:
        for _ in range(len(self._mail)):
            self._mail.popleft()(time.monotonic())

    def _send(self, place: Place, packet: bytes) -> None:
        # Nobody there, or a full socket: OSC over UDP promises nothing, and the music does not wait.
        with contextlib.suppress(OSError):
            self._socket.sendto(packet, place)


def _open(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except (OSError, UnicodeError):
        raise OptionError(
            f"host is {host[:100]!r}: give an address of this machine, such as 127.0.0.1"
        ) from None
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        opened.bind(place)
    except OSError as error:
        opened.close()
        raise OptionError(
            f"OSC port {port} of {host} cannot be used ({error.strerror}): give another with --osc-port"
        ) from None
    opened.setblocking(False)
    return opened
