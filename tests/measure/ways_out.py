"""Which way to the sound card survives a busy interpreter: underruns under load, for each of three.

    python -m tests.measure.ways_out --seconds 60

A thread of the interpreter counts without end and another process keeps one of the cores busy, while music
plays into PortAudio on a JACK server without hardware (48 kHz, 256 samples), which must be running:

    plain      the engine in this process, PortAudio's callback in Python in this process too
    host       the same with the device in a process of its own (`audio.device`)
    process    engine and device each in a process of their own: what `Session` does
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import sounddevice
import torch

from simba_live.audio import output
from simba_live.audio.outlet import Outlet
from simba_live.audio.sinks import music_ring
from simba_live.events import Play
from simba_live.server.player import Player
from simba_live.server.session import Session
from simba_live.server.wire import Ask, Options
from tests.measure.soak import count_without_end

RATE, PERIOD = 48_000, 256
LATENCY_SECONDS = 0.02


class PlainSink:
    """PortAudio's callback in Python, in this process."""

    name, failed, block_seconds, device_seconds = "plain", "", 0.01, 0.0

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.ring = music_ring(sample_rate, channels)
        self._outlet = Outlet(self.ring, sample_rate, RATE)
        self._stream = sounddevice.OutputStream(
            device="system", samplerate=RATE, blocksize=PERIOD, channels=2, callback=self._call
        )

    def start(self) -> None:
        self._stream.start()

    def close(self) -> None:
        self._stream.abort()

    def _call(self, out: np.ndarray, *_: object) -> None:
        self._outlet.fill(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("ways", nargs="*", default=["plain", "host", "process"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    threading.Thread(target=count_without_end, daemon=True).start()
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        for way in arguments.ways:
            with tempfile.TemporaryDirectory() as folder:
                print(way, _play(way, Path(folder), arguments.seconds), flush=True)
    finally:
        busy.kill()
        busy.wait()


def _play(way: str, folder: Path, seconds: float) -> str:
    if way == "process":
        with Session(audio="system", folder=folder) as session:
            session.play()
            time.sleep(seconds)
            status = session.status()
    else:
        opened = output.open_sink
        if way == "plain":
            output.open_sink = lambda _, *music: PlainSink(*music)
        options = Options(
            "warm lofi piano", False, 0, None, None, "cpu", "system", 1.0, LATENCY_SECONDS, folder
        )
        player = Player(options, lambda message: None)
        output.open_sink = opened
        player.start()
        player.handle(Ask(1, Play(), None))
        time.sleep(seconds)
        status = player.status()
        player.close()
    return (
        f"{seconds:.0f} s: underruns {status.underruns}, sound went out for {status.seconds:.1f} s, "
        f"frame p50 {status.step_p50:.1f}, p99 {status.step_p99:.1f} ms"
    )


if __name__ == "__main__":
    main()
