"""Which way to the sound card survives a busy interpreter: underruns under load, for each of four.

    pip install rtmixer
    python -m tests.measure.ways_out --seconds 60

A thread of the interpreter counts without end and another process keeps one of the cores busy, while music
plays into PortAudio on a JACK server without hardware (48 kHz, 256 samples), which must be running:

    plain      the engine in this process, PortAudio's callback in Python in this process too
    rtmixer    the same with rtmixer's callback, which is C and never needs the interpreter
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
import rtmixer
import sounddevice
import torch

from simba_live.audio import output
from simba_live.audio.ring import Ring
from simba_live.events import Play
from simba_live.server.player import Player
from simba_live.server.session import Session
from simba_live.server.wire import Ask, Options
from tests.measure.soak import count_without_end

RATE, PERIOD = 48_000, 256
LATENCY_SECONDS = 0.04


class PlainSink:
    """PortAudio's callback in Python, in this process."""

    name, sample_rate, channels, failed = "plain", RATE, 2, ""
    block_seconds = 0.01

    def __init__(self) -> None:
        self.ring = Ring(2, 2**18)
        self._stream = sounddevice.OutputStream(
            device="system", samplerate=RATE, blocksize=PERIOD, channels=2, callback=self._call
        )

    def start(self) -> None:
        self._stream.start()

    def close(self) -> None:
        self._stream.abort()

    def _call(self, out: np.ndarray, *_: object) -> None:
        self.ring.fill(out)


class MixerRing:
    """A ring of rtmixer's in the shape of ours; it ends when it runs dry and is begun again."""

    def __init__(self, mixer: rtmixer.Mixer) -> None:
        self._mixer = mixer
        self._ring = rtmixer.RingBuffer(8, 2**16)
        self._enough, self._action = 0, None
        self.underruns, self.largest_bite = 0, PERIOD

    @property
    def available(self) -> int:
        return 2**16 - self._ring.write_available

    @property
    def asked_at(self) -> float:
        return time.monotonic()

    def start_at(self, frames: int) -> None:
        self._enough = frames

    def end(self) -> None:
        pass

    def write(self, block: np.ndarray) -> int:
        self._ring.write(np.ascontiguousarray(np.broadcast_to(block, (len(block), 2)), np.float32))
        if self._action is not None and self._action not in self._mixer.actions:
            self.underruns += 1
            self._action = None
        if self._action is None and self.available > self._enough:
            self._action = self._mixer.play_ringbuffer(self._ring)
        return len(block)


class MixerSink:
    """rtmixer's callback."""

    name, sample_rate, channels, failed = "rtmixer", RATE, 2, ""
    block_seconds = 0.01

    def __init__(self) -> None:
        self._mixer = rtmixer.Mixer(device="system", samplerate=RATE, blocksize=PERIOD, channels=2)
        self.ring = MixerRing(self._mixer)

    def start(self) -> None:
        self._mixer.start()

    def close(self) -> None:
        self._mixer.abort()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("ways", nargs="*", default=["plain", "rtmixer", "host", "process"])
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
        made = {"plain": PlainSink, "rtmixer": MixerSink}.get(way)
        opened = output.open_sink
        if made is not None:
            output.open_sink = lambda *_: made()
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
