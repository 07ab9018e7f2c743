"""A JACK server without a sound card, and a client that records what reaches it."""

import contextlib
import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.waiting import until

RATE = 48000

SERVER_NAME = "simba-live-test"
"""Always the same: JACK has room for eight names, and forgets that of a server that was killed never."""


@contextlib.contextmanager
def alone():
    """Wait until no other test run uses the server's name."""
    with (Path(tempfile.gettempdir()) / f"{SERVER_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Server:
    """`jackd` with a dummy device in synchronous mode, which loses nothing; found by JACK_DEFAULT_SERVER."""

    def __init__(self, period=1024, rate=RATE):
        self._command = ["jackd", "-n", os.environ["JACK_DEFAULT_SERVER"], "-r", "-S", "-d", "dummy"]
        self._command += ["-r", str(rate), "-p", str(period), "-C", "2", "-P", "2"]
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        assert until(self._answers)

    @property
    def pid(self):
        return self._process.pid

    def _answers(self):
        said = subprocess.run(["jack_wait", "-c"], capture_output=True, check=False).stdout
        return b"not running" not in said

    def stop(self):
        """As its user would; it cleans up behind itself."""
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """As a fault would."""
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def recorder():
    """A client "rec" with two inputs; gives it, and a function for what it has recorded."""
    import jack

    client = jack.Client("rec", no_start_server=True)
    ports = [client.inports.register(f"in_{number}") for number in (1, 2)]
    blocks = []
    client.set_process_callback(
        lambda frames: blocks.append(np.stack([port.get_array().copy() for port in ports]))
    )
    client.activate()
    try:
        yield client, lambda: np.concatenate(blocks, axis=1)
    finally:
        client.deactivate()
        client.close()


def between_silence(audio):
    """[C, n] without the silence before and after."""
    sounding = np.flatnonzero(audio.any(axis=0))
    return audio[:, sounding[0] : sounding[-1] + 1] if len(sounding) else audio[:, :0]
