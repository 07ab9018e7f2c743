"""How long a key takes to be heard: from a MIDI message's sending to the first sample that it changed.

    python -m tests.measure.midi_to_sound --trials 300

As `control_to_sound`, with keys struck and let go of at random times on a real MIDI port, over JACK.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mido
from pythonosc.udp_client import SimpleUDPClient

from tests.measure.control_to_sound import PROMPTS, Trial, judge, stage


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # rtmidi holds the interpreter while it opens a port, and JACK waits for the recorder in it.
        with (
            stage(Path(folder), "--midi", "jack:virtual") as (port, ear),
            ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as player,
        ):
            trials = player.submit(_play, port, arguments.trials, arguments.seed).result()
        judge(Path(folder), trials, ear)


def _play(osc_port: int, count: int, seed: int) -> list[Trial]:
    dice = random.Random(seed)
    client = SimpleUDPClient("127.0.0.1", osc_port)
    client.send_message("/simba/prompt", PROMPTS[1])
    time.sleep(0.5)
    trials = [Trial("play", time.monotonic())]
    client.send_message("/simba/play", [])
    time.sleep(3.0)
    keys = mido.Backend("mido.backends.rtmidi/UNIX_JACK").open_output("simba-live:in")
    pitch = 60
    for number in range(count):
        time.sleep(dice.uniform(0.15, 0.6))
        struck = number % 2 == 0
        pitch = dice.randrange(48, 84) if struck else pitch
        trials.append(Trial("note on" if struck else "note off", time.monotonic()))
        keys.send(mido.Message("note_on", note=pitch, velocity=100 if struck else 0))
    keys.close()
    return trials


if __name__ == "__main__":
    main()
