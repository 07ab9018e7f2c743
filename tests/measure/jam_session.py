"""A long jam by a script: does the music ever run dry, and does its log give the same samples again?

    python -m tests.measure.jam_session take.wav --minutes 20

A file plays the player, a clock changes its tempo every half minute, chords are held and let go, snapshots
are kept and recalled, bars undone, and the three modes take turns. Then `simba-live replay` makes the
recording again from the log, and both files are compared byte by byte. What listening costs is read from the
processes, and a witness tells when the machine itself stood still.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from simba_live.control.clock import Grid
from simba_live.control.follow import Follower
from simba_live.controls import JAMS
from simba_live.errors import SimbaLiveError
from simba_live.events import Event, Hear, Note, Recall, Save, Set, Undo
from simba_live.server.journal import read_log
from simba_live.server.session import Session
from tests.measure.witness import Witness

CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))
TEMPOS = (96.0, 116.0, 84.0, 104.0, 128.0, 90.0)
TEMPO_SECONDS = 30.0
MODE_SECONDS = 40.0
STEP_SECONDS = 2.0


class ScriptedClock:
    """A beat whose tempo jumps every half minute."""

    source = "midi"

    def __init__(self) -> None:
        self._grid = Grid(TEMPOS[0], 0.0, time.monotonic(), True, 4)
        self._begun = time.monotonic()

    def read(self, now: float) -> Grid:
        """The grid; its beat runs on through the jumps."""
        bpm = TEMPOS[int((now - self._begun) / TEMPO_SECONDS) % len(TEMPOS)]
        if bpm != self._grid.bpm:
            self._grid = Grid(bpm, self._grid.beat_at(now), now, True, 4)
        return self._grid

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    """Jam, print and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("player", type=Path, help="sound file, as long as the jam or longer")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--audio", default="null")
    parser.add_argument("--latency", type=float, default=0.02, help="as in simba-live jam")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        with Session(
            audio=arguments.audio,
            latency=arguments.latency,
            folder=folder,
            input=str(arguments.player),
            silence=4.0,
            follow=True,
        ) as session:
            _jam(session, 60.0 * arguments.minutes, random.Random(arguments.seed))
        path = next((folder / "logs").glob("*.jsonl"))
        log = read_log(path)
        heard = sum(event.codes.shape[1] for _, event in log.events if isinstance(event, Hear))
        print(
            f"{len(log.events)} events, {heard / 50:.0f} s of the player heard, "
            f"log {path.stat().st_size} bytes"
        )
        recorded, again = folder / "recordings" / "all.wav", folder / "again.wav"
        started = time.monotonic()
        simba_live = str(Path(sys.executable).with_name("simba-live"))
        subprocess.run([simba_live, "replay", path, "-o", again, "--recording", "all"], check=True)
        same = recorded.read_bytes() == again.read_bytes()
        print(f"replayed in {time.monotonic() - started:.0f} s")
        print(f"recording and replay are the same bytes: {same} ({recorded.stat().st_size} bytes)")


def _jam(session: Session, seconds: float, dice: random.Random) -> None:
    session.start_recording("all")
    session.set("jam_bars", 2)
    session.listen()
    session.play()
    partner = session.partner
    assert partner is not None
    started = time.monotonic()
    cost = _Cost({"engine": session.engine_pid, "ear": partner.pid, "session": os.getpid()})
    next_line, step, underruns = 60.0, 0, 0
    stills: list[float] = []
    script = _script(dice)
    with Follower(session, ScriptedClock()) as follower, Witness() as witness:
        session.followed = lambda: follower.followed
        while (now := time.monotonic() - started) < seconds:
            for event, quantum in next(script):
                try:
                    session.send(event, quantum)
                except SimbaLiveError as error:
                    print(f"refused: {error}")
            if now >= step * MODE_SECONDS:
                session.set("jam", JAMS[step % 3])
                session.listen()
                step += 1
            status = session.status()
            stills += (new := witness.stills())
            if status.underruns > underruns:
                stood = ", ".join(f"{1000 * seconds:.0f}" for seconds in new) or "0"
                print(
                    f"underrun {underruns + 1} to {status.underruns}; the machine stood still for {stood} ms"
                )
                underruns = status.underruns
            if now >= next_line:
                next_line += 60.0
                print(
                    f"{now / 60:5.1f} min: underruns {status.underruns}, {status.values['jam']}, "
                    f"{'listening' if status.listening else 'playing'}, {status.bpm:.1f} BPM, "
                    f"plan {status.plan_seconds:.2f} s, frame p99 {status.step_p99:.1f} ms, {cost}",
                    flush=True,
                )
            time.sleep(STEP_SECONDS)
    print(f"underruns: {session.status().underruns}")
    longest = max(stills, default=0.0)
    print(f"the machine stood still {len(stills)} times for 20 ms or more, at most {1000 * longest:.0f} ms")


def _script(dice: random.Random) -> Iterator[list[tuple[Event, str | None]]]:
    """What a player's hands do, every two seconds."""
    held: tuple[int, ...] = ()
    names: list[str] = []
    while True:
        events: list[tuple[Event, str | None]] = []
        kind = dice.randrange(8)
        if kind < 4:
            events += [(Note(pitch, 0), None) for pitch in held]
            held = dice.choice(CHORDS) if kind < 3 else ()
            events += [(Note(pitch), None) for pitch in held]
        elif kind == 4:
            names.append(f"moment {len(names) % 8}")
            events.append((Save(names[-1]), None))
        elif kind == 5 and names:
            events.append((Recall(dice.choice(names)), "bar"))
        elif kind == 6:
            events.append((Undo(1), "bar"))
        else:
            events.append((Set("density", dice.choice((None, 0.4, 1.0))), "beat"))
        yield events


class _Cost:
    """Processor time of processes as a share of real time, since the last look."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._before = {name: (time.monotonic(), _seconds(pid)) for name, pid in pids.items()}

    def __str__(self) -> str:
        parts = []
        for name, pid in self._pids.items():
            now, used = time.monotonic(), _seconds(pid)
            since, before = self._before[name]
            self._before[name] = now, used
            parts.append(f"{name} {(used - before) / (now - since):.0%}")
        return ", ".join(parts)


def _seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
