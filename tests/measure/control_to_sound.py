"""How long a control takes to be heard: from an OSC message's sending to the first sample that it changed.

    python -m tests.measure.control_to_sound --trials 500
    python -m tests.measure.control_to_sound --trials 60 --plain

`simba-live serve` plays into a JACK server without hardware, whose recorder notes when it was given each
block. Prompts, notes and gain are sent at random times. Afterwards the session's log is played again, from
every event on once with it and once without it; where the two part is the first changed sample, and the
recording, which must be those very samples, tells when it was heard. `--plain` measures the same with no
rollback: a change waits until the plan has been played.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jack
import numpy as np
import torch
from pythonosc.udp_client import SimpleUDPClient

from simba_live.audio.level import Fader
from simba_live.controls import NOT_REWOUND, Controls
from simba_live.engine.performance import Performance
from simba_live.events import Set, event_from_json
from simba_live.generation import Generator
from simba_live.server.journal import Log, read_log
from tests.ports import free_port

RATE = 24_000
PERIOD = 128
COMPARED_FRAMES = 100
PROMPTS = ("dub techno", "warm lofi piano", "solo piano ballad", "funk with brass", "ambient pads", "house")


class Ear:
    """A JACK client that keeps what it hears and when it was given it."""

    def __init__(self) -> None:
        self.client = jack.Client("ear", no_start_server=True)
        self.port = self.client.inports.register("in")
        self.blocks: list[np.ndarray] = []
        self.times: list[float] = []
        self.client.set_process_callback(self._hear)
        self.client.activate()

    def _hear(self, _frames: int) -> None:
        self.times.append(time.monotonic())
        self.blocks.append(self.port.get_array().copy())


@dataclass(frozen=True)
class Trial:
    """A message and when it was sent."""

    kind: str
    sent: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-rollback"] if arguments.plain else []
        with stage(Path(folder), *options) as (port, ear):
            trials = _play(port, arguments.trials, arguments.plain, arguments.seed)
        judge(Path(folder), trials, ear)


@contextmanager
def stage(folder: Path, *options: str) -> Iterator[tuple[int, Ear]]:
    """A session that plays into JACK, with a recorder: its OSC port, and the recorder."""
    command = ["jackd", "-r", "-S", "-d", "dummy", "-r", str(RATE), "-p", str(PERIOD)]
    jackd = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        port = free_port()
        command = [str(Path(sys.executable).with_name("simba-live")), "serve", "--audio", "jack:played"]
        command += ["--osc-port", str(port), "--data-dir", str(folder), "--json", *options]
        started = time.monotonic()
        serve = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert serve.stdout is not None
        assert any('"ready": true' in line for line in serve.stdout), "the session did not become ready"
        print(f"ready {time.monotonic() - started:.1f} s after the start of the command")
        threading.Thread(target=lambda: list(serve.stdout), daemon=True).start()
        ear = Ear()
        played = ear.client.get_ports("played:", is_audio=True, is_output=True)
        ear.client.connect(played[0], ear.port)
        yield port, ear
        time.sleep(2.0)
        ear.client.deactivate()
        ear.client.close()
        serve.send_signal(signal.SIGINT)
        serve.wait(30)
    finally:
        jackd.terminate()
        jackd.wait()


def _play(port: int, count: int, plain: bool, seed: int) -> list[Trial]:
    client = SimpleUDPClient("127.0.0.1", port)
    client.send_message("/simba/prompt", PROMPTS[0])
    time.sleep(0.5)
    dice, trials = random.Random(seed), [Trial("play", time.monotonic())]
    client.send_message("/simba/play", [])
    time.sleep(3.0)
    held = prompt = 0
    for number in range(count):
        time.sleep(dice.uniform(0.15, 0.45) if not plain else dice.uniform(1.2, 1.6))
        kind = ("gain", "note on", "prompt", "gain", "note off", "prompt")[number % 6]
        if kind == "gain":
            message = ("/simba/set/gain", float(dice.choice([-12, -9, -6, -3])) - number % 100 / 100)
        elif kind.startswith("note"):
            held = 60 + number % 12 if kind == "note on" else held
            message = ("/simba/note", [held, 100 if kind == "note on" else 0])
        else:
            prompt = (prompt + 1) % len(PROMPTS)
            message = ("/simba/prompt", PROMPTS[prompt])
        trials.append(Trial(kind, time.monotonic()))
        client.send_message(*message)
    return trials


def judge(folder: Path, trials: list[Trial], ear: Ear) -> None:
    """Print how long after its trial each event of a log was heard; the first and the last are no trials."""
    log = read_log(next(Path(folder, "logs").glob("*.jsonl")))
    torch.set_num_threads(1)
    performance = Performance(Generator.load().engine)
    timeline, changes = _changed_samples(log, performance)
    heard = np.concatenate(ear.blocks)
    # The recorder came later than the session: find where it came in.
    start = int(np.flatnonzero(heard)[0])
    first = int(np.flatnonzero(timeline)[0])
    offset = start - first
    end = min(len(heard) - offset, len(timeline))
    same = np.array_equal(heard[start : offset + end], timeline[first:end])
    print(f"recording == replay of the log, sample for sample: {same} ({(end - first) / RATE:.1f} s)")
    latencies: dict[str, list[float]] = {}
    # The first event is the opening's prompt, the last is the end's own stop.
    for trial, sample in zip(trials, changes[1:-1], strict=True):
        if sample is None:
            print(f"a {trial.kind} changed nothing within {COMPARED_FRAMES} frames")
            continue
        block, inside = divmod(sample + offset, PERIOD)
        when = ear.times[block] + inside / RATE
        latencies.setdefault(trial.kind, []).append(1000 * (when - trial.sent))
    # What a released note changes is up to the model, which may go on as before for a while.
    apart = ("play",)
    everything = [value for kind, values in latencies.items() if kind not in apart for value in values]
    for kind, values in {**latencies, "all but play and note off": everything}.items():
        median, late = np.percentile(values, (50, 99))
        print(f"{kind}: {len(values)} trials, p50 {median:.0f}, p99 {late:.0f}, max {max(values):.0f} ms")


def _changed_samples(log: Log, performance: Performance) -> tuple[np.ndarray, list[int | None]]:
    """The whole performance [N], and for every event the first sample that it changed."""
    controls, prompt = Controls(**log.header["controls"]), event_from_json(log.header["prompt"])
    moment = performance.begin(controls, prompt)
    deck = {name: getattr(controls, name) for name in NOT_REWOUND}
    hop = performance.engine.codec.hop_length
    fader, sounds, changes = Fader(), [], []
    events = list(log.events)
    for frame in range(log.num_frames):
        while events and events[0][0] == frame:
            event = events.pop(0)[1]
            if isinstance(event, Set) and event.control in NOT_REWOUND:
                changes.append(frame * hop if deck[event.control] != event.value else None)
                deck[event.control] = event.value
            else:
                with_it = performance.apply(event, moment)
                changes.append(_parting(performance, moment, with_it, frame * hop))
                moment = with_it
        audio, moment = performance.advance(moment)
        sounds.append(fader.process(audio, deck["gain"], deck["mute"])[0])
    return np.concatenate(sounds), changes


def _parting(performance: Performance, one: object, other: object, start: int) -> int | None:
    """The first sample at which two moments' music differs."""
    for _ in range(COMPARED_FRAMES):
        first, one = performance.advance(one)
        second, other = performance.advance(other)
        if not np.array_equal(first, second):
            return start + int(np.flatnonzero((first != second).any(axis=0))[0])
        start += first.shape[1]
    return None


if __name__ == "__main__":
    main()
