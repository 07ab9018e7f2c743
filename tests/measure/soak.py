"""Playing for long under load: underruns, frame times and memory.

    python -m tests.measure.soak --minutes 30

A session plays while a thread of this very interpreter counts without end, another process keeps one core
busy, and somebody turns a control every two seconds. Every minute a line says how things stand; at the end,
whether memory has grown: the slope of a straight line through the engine's resident size, with its standard
error, after the first two minutes.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from simba_live.events import MAX_BARS
from simba_live.server.session import Session

SETTLED_SECONDS = 120.0


def main() -> None:
    """Play, look and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--audio", default="null")
    parser.add_argument("--quiet", action="store_true", help="neither busy thread nor busy process")
    parser.add_argument(
        "--loaded", action="store_true", help="no busy process: something else keeps a core busy"
    )
    arguments = parser.parse_args()
    busy = []
    if not arguments.quiet:
        threading.Thread(target=count_without_end, daemon=True).start()
    if not arguments.quiet and not arguments.loaded:
        busy.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Session(audio=arguments.audio, folder=folder) as session,
        ):
            _soak(session, 60.0 * arguments.minutes)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def count_without_end() -> None:
    """Keep the interpreter busy."""
    number = 0
    while True:
        number += 1


def _soak(session: Session, seconds: float) -> None:
    dice = random.Random(1)
    session.play()
    started = time.monotonic()
    times, sizes, slowest = [], [], []
    next_line = 60.0
    while (now := time.monotonic() - started) < seconds:
        time.sleep(2.0)
        session.set("temperature", round(dice.uniform(0.7, 1.1), 3))
        status = session.status()
        if now > SETTLED_SECONDS:
            times.append(now)
            sizes.append(_resident(session.engine_pid))
        slowest.append(status.step_p99)
        if now >= next_line:
            next_line += 60.0
            print(
                f"{now / 60:5.1f} min: underruns {status.underruns}, "
                f"frame p50 {status.step_p50:.1f} p99 {status.step_p99:.1f} ms, "
                f"plan {status.plan_seconds:.2f} s, undo {status.undo_bars}/{MAX_BARS}, "
                f"engine {_resident(session.engine_pid):.1f} MB, session {_resident('self'):.1f} MB",
                flush=True,
            )
    status = session.status()
    print(f"underruns: {status.underruns}")
    print(f"frame p99 over 10 s: median {np.median(slowest):.1f} ms, largest {max(slowest):.1f} ms")
    if len(times) > 2:
        fit, covariance = np.polyfit(times, sizes, 1, cov=True)
        error = 60 * covariance[0, 0] ** 0.5
        print(f"engine memory: {60 * fit[0]:+.3f} MB a minute, standard error {error:.3f}")


def _resident(process: int | str) -> float:
    """Resident size in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main()
