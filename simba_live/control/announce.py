"""Tells programs on the network by zeroconf that there is a session to play, and where.

All of it happens on a thread of its own, which alone touches zeroconf: to ask whether a name is free takes a
second or two.
"""

from __future__ import annotations

import logging
import re
import socket
import threading

QUERY_TYPE, OSC_TYPE = "_oscjson._tcp.local.", "_osc._udp.local."

FAREWELL = 0.6
"""Seconds that `close` waits at most."""

_log = logging.getLogger(__name__)


class Announcement:
    """Two services, OSCQuery's and OSC's own, from `start` until `close`.

    Args:
        host: address that the servers listen on. On that of this machine alone nobody else is told.
        http_port: of the query server.
        osc_port: of the OSC server.
    """

    def __init__(self, host: str, http_port: int, osc_port: int) -> None:
        self._host = host
        self._ports = {QUERY_TYPE: http_port, OSC_TYPE: osc_port}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zeroconf", daemon=True)

    def start(self) -> None:
        """Begin to announce; if that cannot be, one log line says so and nothing else happens."""
        self._thread.start()

    def close(self) -> None:
        """Say that the session is over."""
        self._over.set()
        self._thread.join(FAREWELL)

    def _run(self) -> None:
        try:
            self._announce()
        except Exception as error:  # a network that forbids it has many ways to say so
            if not self._over.is_set():
                reason = str(error) or type(error).__name__
                _log.warning("not announced by zeroconf (%s): give clients the address by hand", reason)

    def _announce(self) -> None:
        from zeroconf import InterfaceChoice, ServiceInfo, Zeroconf

        everywhere = self._host in ("", "0.0.0.0")
        addresses = _own_addresses() if everywhere else [socket.gethostbyname(self._host)]
        machine = re.sub(r"[^A-Za-z0-9-]+", "-", socket.gethostname())[:40] or "computer"
        with Zeroconf(interfaces=InterfaceChoice.All if everywhere else addresses) as zeroconf:
            for kind, port in self._ports.items():
                service = ServiceInfo(
                    kind,
                    f"simba-live on {machine} {self._ports[OSC_TYPE]}.{kind}",
                    port=port,
                    parsed_addresses=addresses,
                    server=f"simba-live-{machine}-{port}.local.",
                )
                if not self._over.is_set():
                    zeroconf.register_service(service, allow_name_change=True)
            self._over.wait()


def _own_addresses() -> list[str]:
    """Where other machines find this one."""
    import ifaddr

    ips = (ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4)
    return [str(ip.ip) for ip in ips if not str(ip.ip).startswith("127.")]
