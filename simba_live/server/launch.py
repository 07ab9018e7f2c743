"""How a session starts the processes of its engine and its ear, and meets them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener

from simba_live.errors import SimbaLiveError

from .hearing import EarOptions
from .wire import Options


def start_engine(options: Options) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start the engine's process and hand it its options.

    Returns:
        the process, and the pipe to it.

    Raises:
        SimbaLiveError: it ended before it could take them.
    """
    return _start("engine", options)


def start_ear(options: EarOptions) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start the ear's process and hand it its options; see `start_engine`."""
    return _start("ear", options)


def meet() -> Connection:
    """In the process that was started: the pipe to whoever started it."""
    where = json.loads(sys.stdin.readline())
    return Client(where["address"], authkey=bytes.fromhex(where["key"]))


def _start(name: str, options: Options | EarOptions) -> tuple[subprocess.Popen[bytes], Connection]:
    key = secrets.token_bytes(32)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with Listener(authkey=key) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", f"simba_live.server.{name}_process"],
            stdin=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        assert process.stdin is not None
        # A process that dies at once cannot read it; whoever knocks below tells.
        with suppress(OSError), process.stdin as start:
            start.write(json.dumps({"address": listener.address, "key": key.hex()}).encode() + b"\n")
        # Without it, a process that dies before it connects would be waited for in vain.
        threading.Thread(target=_knock, args=(process, listener.address), daemon=True).start()
        try:
            pipe = listener.accept()
        except (OSError, EOFError, AuthenticationError):
            code = process.wait()
            raise SimbaLiveError(f"the {name} ended with code {code} before it began") from None
    pipe.send(options)
    return process, pipe


def _knock(process: subprocess.Popen[bytes], address: str) -> None:
    """Connect in the process's place, without its key, when it has ended."""
    process.wait()
    with suppress(OSError):
        Client(address).close()
