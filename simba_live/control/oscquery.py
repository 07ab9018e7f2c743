"""The OSCQuery server: tells over HTTP which OSC addresses there are, their ranges and what they are at.

One thread accepts; each connection has a short-lived one of its own, of which there are never many. They only
read `Driven.status()`; nothing that comes over HTTP changes anything.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simba_live.control.announce import Announcement
from simba_live.control.driven import Driven
from simba_live.control.namespace import answer, host_info
from simba_live.errors import OptionError

MAX_CONNECTIONS = 16
"""Connections at once; further ones are closed."""

PATIENCE = 5.0
"""Seconds after which a client that says nothing is let go."""

NAME = "simba-live"

_log = logging.getLogger(__name__)


class OscQuery:
    """Describes a session's OSC addresses to programs that build a page from that; also a context manager.

    Args:
        driven: the session.
        osc_host: address that the OSC server listens on; this one listens there too.
        osc_port: UDP port of the OSC server.
        http_port: TCP port; 0 takes a free one.
        announce: whether to tell the network by zeroconf.
    """

    def __init__(
        self, driven: Driven, osc_host: str, osc_port: int, http_port: int = 0, announce: bool = True
    ) -> None:
        self.host, self.port = osc_host, http_port
        self._driven = driven
        self._osc_port = osc_port
        self._announce = announce
        self._announcement: Announcement | None = None
        self._server: _Server | None = None

    def start(self) -> OscQuery:
        """Open the port (`port` then says which) and begin to answer.

        Raises:
            OptionError: the port is in use, or the host is none of this machine's.
        """
        try:
            self._server = _Server((self.host, self.port), self._driven, self._osc_port)
        except (OSError, OverflowError, UnicodeError) as error:
            raise OptionError(
                f"OSCQuery port {self.port} of {self.host[:100]!r} cannot be used ({error}): "
                "give another with --osc-port"
            ) from None
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="oscquery", daemon=True
        )
        self._thread.start()
        if self._announce:
            self._announcement = Announcement(self.host, self.port, self._osc_port)
            self._announcement.start()
        return self

    def close(self) -> None:
        """Stop answering; does nothing if it does not run."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        self._thread.join()
        server.server_close()
        if self._announcement is not None:
            self._announcement.close()

    def __enter__(self) -> OscQuery:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Those who knock at the same time wait their turn rather than a second or more.
    request_queue_size = 128
    # Elsewhere than on POSIX it would let two servers have one port.
    allow_reuse_address = os.name == "posix"

    def __init__(self, place: tuple[str, int], driven: Driven, osc_port: int) -> None:
        self.driven = driven
        self.osc_port = osc_port
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self.address_family = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0][0]
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own would look up the machine's name, which can take many seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, *_: Any) -> None:
        # Mostly a client that went away before it had its answer.
        _log.debug("a request failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = NAME
    sys_version = ""
    timeout = PATIENCE

    def do_GET(self) -> None:
        """Answer, and close: a thread that waits for more would be one that others lack."""
        ip = self.connection.getsockname()[0]
        found = answer(self.path, self.server.driven.status(), host_info(NAME, ip, self.server.osc_port))
        body = b"" if found.body is None else json.dumps(found.body, allow_nan=False).encode()
        self.send_response(found.code)
        self.send_header("Connection", "close")
        if found.code != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that http.server gives it
        """Be quiet: standard error is the performer's screen."""
