"""A long session of random events: is it replayed bit for bit, and do its seams land on the bar line unheard?

    python -m tests.measure.replayed --minutes 10 --events 200

Everything a performer can do is done at random times while the session records itself. Then `simba-live
replay` makes the recording again from the log, and both files are compared byte by byte. Recalls and undos,
which wait for a bar line here, are looked at one by one: whether the music was at a bar line, and how far
the sound jumps from sample to sample within the frame in which they take over, against the rest of the
recording.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
import torch

from simba_live.control.driven import Outcome
from simba_live.engine.performance import Performance
from simba_live.errors import SimbaLiveError
from simba_live.events import Branch, Event, Note, Play, Prompt, Recall, Reset, Save, Set, Stop, Undo
from simba_live.generation import Generator
from simba_live.server.journal import Log, read_log
from simba_live.server.replay import opening
from simba_live.server.session import Session
from tests.measure.control_to_sound import PROMPTS

NAMES = ("a", "b", "c")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        refused = _play(folder, 60.0 * arguments.minutes, arguments.events, arguments.seed)
        path = next((folder / "logs").glob("*.jsonl"))
        recorded, again = folder / "recordings" / "all.wav", folder / "again.wav"
        started = time.monotonic()
        simba_live = str(Path(sys.executable).with_name("simba-live"))
        subprocess.run([simba_live, "replay", path, "-o", again, "--recording", "all"], check=True)
        same = recorded.read_bytes() == again.read_bytes()
        print(f"{arguments.events} events, {refused} refused; replayed in {time.monotonic() - started:.0f} s")
        print(f"recording and replay are the same bytes: {same} ({recorded.stat().st_size} bytes)")
        _look_at_seams(read_log(path), folder, recorded)


def _play(folder: Path, seconds: float, count: int, seed: int) -> int:
    dice = random.Random(seed)
    outcomes: list[Outcome] = []
    with Session(audio="null", folder=folder) as session:
        session.start_recording("all")
        session.play()
        started = time.monotonic()
        for when in sorted(dice.uniform(1.0, seconds - 1.0) for _ in range(count)):
            time.sleep(max(0.0, started + when - time.monotonic()))
            try:
                session.send(*_draw(dice), outcomes.append)
            except SimbaLiveError as error:
                outcomes.append(Outcome(None, str(error)))
        time.sleep(max(0.0, started + seconds - time.monotonic()))
        print(f"underruns: {session.status().underruns}")
    return sum(outcome.frame is None for outcome in outcomes)


def _draw(dice: random.Random) -> tuple[Event, str | None]:
    """An event and its quantum."""
    quantum = dice.choice(("now", "beat", "bar"))
    kind = dice.choice((*range(12), 8, 9, 9, 10))
    if kind == 0:
        return Prompt(
            tuple(dice.sample(PROMPTS, 2)), (dice.uniform(0.1, 1.0), dice.uniform(0.1, 1.0))
        ), quantum
    if kind == 1:
        return Set("bpm", round(dice.uniform(70, 150), 1)), quantum
    if kind == 2:
        return Set("section", dice.choice(("auto", "intro", "verse", "build", "drop", "break"))), quantum
    if kind == 3:
        return Set("chord", dice.choice(("auto", "Am7", "Dm", "G7", "Cmaj7"))), quantum
    if kind == 4:
        return Set("density", dice.choice(("auto", 0.2, 0.5, 1.0))), quantum
    if kind == 5:
        return Set(*dice.choice((("temperature", 0.8), ("guidance", 2.0), ("free", 1), ("free", 0)))), quantum
    if kind == 6:
        return Set(*dice.choice((("gain", -6.0), ("gain", 0.0), ("gain", -3.0), ("mute", 0)))), None
    if kind == 7:
        return Note(dice.randrange(48, 84), dice.choice((0, 100))), None
    if kind == 8:
        return Save(dice.choice(NAMES)), quantum
    if kind == 9:
        return Recall(dice.choice(NAMES)), "bar"
    if kind == 10:
        return Undo(dice.randrange(1, 4)), "bar"
    return dice.choice((Branch(), Branch(), Reset(), Stop(), *[Play()] * 4)), None


def _look_at_seams(log: Log, folder: Path, recorded: Path) -> None:
    """Go through the session once more and look at every recall and undo."""
    torch.set_num_threads(1)
    performance = Performance(Generator.load().engine)
    moment, events = opening(log, performance, folder / "snapshots"), list(log.events)
    hop = performance.engine.codec.hop_length
    lines, seams = [], []
    for frame in range(log.num_frames):
        # Several may have waited for one line; the first of them leaves it.
        line = moment.scene.position.line
        while events and events[0][0] == frame:
            event = events.pop(0)[1]
            if isinstance(event, Recall | Undo) and moment.playing:
                lines.append(line)
                seams.append(frame)
            if not (isinstance(event, Set) and event.control in ("gain", "mute", "quantum")):
                moment = performance.apply(event, moment)
        moment = performance.advance(moment)[1]
    sound, _ = soundfile.read(recorded, dtype="float32")
    first = log.recordings[0][1]
    jumps = np.abs(np.diff(sound, prepend=0.0))
    at = [(frame - first) * hop for frame in seams]
    inside = np.array([jumps[start : start + hop].max() for start in at])
    frames = jumps[: len(jumps) // hop * hop].reshape(-1, hop).max(axis=1)
    print(f"{len(seams)} recalls and undos while playing, {lines.count('bar')} of them on a bar line")
    print("largest jump from sample to sample within a frame:")
    for what, found in (("theirs", inside), ("any", frames[frames > 0])):
        print(f"  {what}: median {np.median(found):.3f}, largest {found.max():.3f}")


if __name__ == "__main__":
    main()
