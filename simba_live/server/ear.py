"""A session's ear as seen from the session: a process that listens, and is started again if it ends.

Who calls what: any thread may call any method. One thread of the ear's own starts the process, reads what it
says and calls `take`, which must be quick.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from simba_live.errors import SimbaLiveError

from .hearing import Attend, EarFailed, EarNews, EarOptions, EarReady, FromEar, LeaveEar, ToEar
from .launch import start_ear

RESTART_SECONDS = 2.0
"""Time between the end of an ear that nobody ended and the next one."""

LEAVE_SECONDS = 3.0
"""Longest that an ear may take to end."""


class Ear:
    """Listens until it is closed.

    Args:
        options: what to listen to, and how.
        take: called with all that the ear says.
    """

    def __init__(self, options: EarOptions, take: Callable[[FromEar], None]) -> None:
        self._options, self._take = options, take
        self._wanted = False
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._heard_ever = False
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)
        self._thread.start()

    def attend(self, wanted: bool) -> None:
        """Whether what is heard is to be told, or only how loud it is."""
        with self._lock:
            if wanted != self._wanted:
                self._wanted = wanted
                self._tell(Attend(wanted))

    def close(self) -> None:
        """Let go of the source and end the process."""
        self._closing.set()
        with self._lock:
            process = self._process
            self._tell(LeaveEar())
        if process is not None:
            try:
                process.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def pid(self) -> int:
        """Process that listens; 0 if there is none at the moment."""
        process = self._process
        return 0 if process is None else process.pid

    def _run(self) -> None:
        while not self._closing.is_set():
            failure = ""
            try:
                process, pipe = start_ear(self._options)
            except SimbaLiveError as error:
                failure = str(error)
            else:
                failure = self._listen(process, pipe)
            if self._closing.is_set():
                return
            if not self._heard_ever:
                self._take(EarFailed(failure))
                return
            self._take(EarNews(f"the ear is lost ({failure}): it is started again"))
            self._closing.wait(RESTART_SECONDS)

    def _listen(self, process: subprocess.Popen[bytes], pipe: Connection) -> str:
        """Read what the process says until it ends; why it did."""
        with self._lock:
            self._process, self._pipe = process, pipe
            if self._closing.is_set():
                self._tell(LeaveEar())
            elif self._wanted:
                self._tell(Attend(True))
        failure = ""
        with suppress(EOFError, OSError):
            while True:
                message = pipe.recv()
                if isinstance(message, EarFailed):
                    failure = message.reason
                    continue
                self._heard_ever = self._heard_ever or isinstance(message, EarReady)
                self._take(message)
        code = process.wait()
        with self._lock:
            self._process = self._pipe = None
            pipe.close()
        return failure or f"it ended with code {code}"

    def _tell(self, message: ToEar) -> None:
        """Say something, if there is somebody; whoever calls holds the lock."""
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.send(message)
