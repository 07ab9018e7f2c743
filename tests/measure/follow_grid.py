"""How close the music that is heard lies to a beat that others keep, and how soon it is back after a jump.

    python -m tests.measure.follow_grid --sync link
    python -m tests.measure.follow_grid --sync midi

A session follows a Link peer, or a MIDI clock, that is another process. It plays into a JACK server without
hardware, whose recorder notes when it was given each block; the session's own recording, found in that, tells
when each frame was heard. Two things are compared with the grid of the other process:

- the music's own beat: where bars and beats of each frame say that the music is, to the nearest bar;
- onsets as `simba-live eval` finds them, to the nearest sixteenth. How far they lie from the music's own beat
  is the model's share, and a quarter of a sixteenth is what chance would give.

Everything runs in a network of its own, so that no Link session outside is disturbed.
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from simba_live.audio.rhythm import onset_times
from simba_live.control.follow import Follower
from simba_live.events import Align, Event, Set
from simba_live.server.session import Session
from tests.audio.jack_parts import Server

RATE = 24_000
PERIOD = 256
MIDI_RATE, MIDI_PERIOD = 48_000, 128
PROMPT = "rock with drums"
NETWORK = "ip link set lo up; ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo; exec "
SIXTEENTHS = 4
MATCHED = 2 * RATE
AUDIBLE_SECONDS = 0.03


class Ear:
    """A JACK client that keeps what it hears and when it was given it."""

    def __init__(self) -> None:
        import jack

        self.client = jack.Client("ear", no_start_server=True)
        self.port = self.client.inports.register("in")
        self.blocks: list[np.ndarray] = []
        self.times: list[float] = []
        self.client.set_process_callback(self._hear)
        self.client.activate()
        told = subprocess.run(
            ["jack_lsp", "-l", "system:playback_1"], capture_output=True, text=True, check=True
        )
        # What JACK says of the time from there to the air; the samples are those that we are given.
        self.speakers = int(told.stdout.split("playback latency = [")[1].split()[1]) / RATE

    def _hear(self, _frames: int) -> None:
        self.times.append(time.monotonic())
        self.blocks.append(self.port.get_array().copy())

    def close(self) -> None:
        self.client.deactivate()
        self.client.close()

    def sound(self) -> np.ndarray:
        return np.concatenate(self.blocks)

    def time_of(self, sample: np.ndarray) -> np.ndarray:
        """When samples left the loudspeakers: a line through the blocks' times, none of which comes early."""
        numbers = np.arange(len(self.times))
        slope, start = np.polyfit(numbers, self.times, 1)
        start -= np.percentile(start + slope * numbers - self.times, 90)
        return start + self.speakers + slope * sample / PERIOD


class Other:
    """The process that keeps the beat; it says where it is and takes tempos."""

    def __init__(self, sync: str, bpm: float) -> None:
        command = [sys.executable, "-m", f"tests.measure.beat_{sync}", str(bpm)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        _put_first(self._process.pid, in_real_time=True)
        self._told: list[tuple[float, float, float]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            at, beat, bpm = map(float, line.split())
            self._told.append((at, beat, bpm))

    def tempo(self, bpm: float) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{bpm}\n")
        self._process.stdin.flush()

    def at(self, when: float) -> tuple[float, float]:
        """Beat and tempo at a time."""
        index = max(0, bisect.bisect_right(self._told, (when, np.inf, np.inf)) - 1)
        at, beat, bpm = self._told[index]
        return beat + (when - at) * bpm / 60.0, bpm

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(5)


@dataclass
class Take:
    """What happened: events sent, the music's place frame by frame, times of the changes."""

    sent: list[tuple[float, Event]] = field(default_factory=list)
    places: list[tuple[int, float, float]] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)
    first_frame: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sync", choices=("link", "midi"), default="link")
    parser.add_argument("--bpm", type=float, default=80.0)
    parser.add_argument("--jump", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--prompt", default=PROMPT)
    arguments = parser.parse_args()
    if "FOLLOW_GRID_ALONE" not in os.environ:
        os.environ["FOLLOW_GRID_ALONE"] = "1"
        again = f'{NETWORK}{sys.executable} -m tests.measure.follow_grid "$@"'
        command = ["unshare", "-n" if os.geteuid() == 0 else "-rn", "bash", "-c", again, "bash"]
        os.execvp("unshare", [*command, *sys.argv[1:]])
    os.environ["JACK_DEFAULT_SERVER"] = "follow-grid"
    server = Server(PERIOD, RATE)
    try:
        _put_first(server.pid, in_real_time=True)
        with tempfile.TemporaryDirectory() as folder:
            _measure(arguments, Path(folder))
    finally:
        server.stop()


def _put_first(pid: int, in_real_time: bool = False) -> None:
    """Let a session of processes come first, where the machine lets us: others must not be what is measured.

    Args:
        pid: one of them.
        in_real_time: put all that this one does by now before everything else; little enough is done.
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("-19")
        if in_real_time:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(5))


def _measure(arguments: argparse.Namespace, folder: Path) -> None:
    take = Take()
    with Session(arguments.prompt, audio="jack:played", folder=folder) as session:
        _put_first(session.engine_pid)
        ear = Ear()
        _put_first(os.getpid(), in_real_time=True)
        ear.client.connect("played:out_1", ear.port)
        send = session.send

        def noted(event: Event, *more: Any) -> None:
            take.sent.append((time.monotonic(), event))
            send(event, *more)

        session.send = noted  # type: ignore[method-assign,assignment]
        with _clock(arguments.sync, session) as clock:
            session.start_recording("take", lambda outcome: setattr(take, "first_frame", outcome.frame))
            session.play()
            _watch(session, take, 3.0)
            other = Other(arguments.sync, arguments.bpm)
            _watch(session, take, 3.0)
            with Follower(session, clock):
                for bpm in (arguments.bpm, arguments.bpm + arguments.jump, arguments.bpm):
                    other.tempo(bpm)
                    take.marks.append(time.monotonic())
                    _watch(session, take, arguments.seconds)
                take.marks.append(time.monotonic())
            status = session.status()
            print(
                f"{arguments.sync}: {status.underruns} underruns, a frame takes {status.step_p50:.1f} ms "
                f"(p99 {status.step_p99:.1f}), at the end {status.bpm:.3f} bpm"
            )
            other.close()
        ear.close()
        hop = round(status.frame_ms * RATE / 1000)
    recorded, _ = soundfile.read(folder / "recordings" / "take.wav", dtype="float32")
    _judge(take, ear, other, recorded, hop)


@contextlib.contextmanager
def _clock(sync: str, session: Session) -> Iterator[Any]:
    """The clock that is followed."""
    if sync == "midi":
        from simba_live.control.midi import Midi

        # A server of its own: ports that come and go must not hold up the sound.
        os.environ["JACK_DEFAULT_SERVER"] = "follow-grid-midi"
        server = Server(MIDI_PERIOD, MIDI_RATE)
        _put_first(server.pid, in_real_time=True)
        try:
            with Midi(session, lambda news: None, ["jack:virtual"]) as midi:
                _put_first(os.getpid(), in_real_time=True)
                yield midi.clock
        finally:
            server.stop()
        return
    from simba_live.control.link import LinkClock

    clock = LinkClock()
    yield clock
    clock.close()


def _watch(session: Session, take: Take, seconds: float) -> None:
    """Note where the music is, for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = session.status()
        if status.playing and (not take.places or take.places[-1][0] != status.frame):
            take.places.append((status.frame, status.heard_beat, status.bpm))
        time.sleep(0.02)


def _judge(take: Take, ear: Ear, other: Other, recorded: np.ndarray, hop: int) -> None:
    heard = ear.sound()
    recorded = recorded if recorded.ndim == 1 else recorded[:, 0]
    starts = range(RATE, len(recorded) - MATCHED, 4 * MATCHED)
    offsets = [_find(recorded[start : start + MATCHED], heard) - start for start in starts]
    print(f"from the server to the air: {1000 * ear.speakers:.1f} ms")
    print(f"the recording lies in what was heard at {sorted(set(offsets))} ({len(offsets)} places looked at)")
    offset = offsets[-1]
    frames = np.array([place[0] for place in take.places])
    times = ear.time_of((frames - take.first_frame) * hop + offset)
    own = [(when, beat, bpm) for when, (_, beat, bpm) in zip(times, take.places, strict=True)]
    onsets = ear.time_of(offset + onset_times(recorded, RATE) * RATE)
    off_own = np.array([_off(*_at(own, when), 1 / SIXTEENTHS) for when in onsets])
    off_grid = np.array([_off(*other.at(when), 1 / SIXTEENTHS) for when in onsets])
    # The music is late where the others are further.
    off_beat = np.array([_off(other.at(when)[0] - beat, other.at(when)[1], 4.0) for when, beat, _ in own])
    for start, end in itertools.pairwise(take.marks):
        bpm = other.at(start + 1.0)[1]
        wrong = times[(times >= start) & (times < end) & (np.abs(off_beat) > AUDIBLE_SECONDS)]
        back = 0.0 if not len(wrong) else (wrong[-1] - start) * bpm / 60.0
        print(f"{bpm:.0f} bpm: less than {1000 * AUDIBLE_SECONDS:.0f} ms off for good after {back:.1f} beats")
        for name, low, high in (
            ("two bars", start, start + 480.0 / bpm),
            ("after", start + 480.0 / bpm, end),
        ):
            events = [event for at, event in take.sent if low <= at < high]
            now = (onsets >= low) & (onsets < high)
            print(
                f"{bpm:.0f} bpm, {name}: beat {_told(off_beat[(times >= low) & (times < high)])}; onsets "
                f"{_told(off_grid[now])}, from the music's own beat {_told(off_own[now])}, by chance "
                f"{60_000 / bpm / SIXTEENTHS / 4:.0f}; {sum(isinstance(event, Set) for event in events)} "
                f"tempos and {sum(isinstance(event, Align) for event in events)} jumps sent"
            )


def _told(seconds: np.ndarray) -> str:
    if not len(seconds):
        return "none"
    off = 1000 * np.abs(seconds)
    late = 1000 * np.median(seconds)
    return f"{np.median(off):.1f} ms (p90 {np.percentile(off, 90):.1f}, {late:+.1f} late, n {len(off)})"


def _at(places: list[tuple[float, float, float]], when: float) -> tuple[float, float]:
    """Beat and tempo at a time, from the last place before it."""
    index = max(0, bisect.bisect_right(places, (when, np.inf, np.inf)) - 1)
    at, beat, bpm = places[index]
    return beat + (when - at) * bpm / 60.0, bpm


def _off(beat: float, bpm: float, period: float) -> float:
    """Seconds from the nearest multiple of `period` beats."""
    return (beat - period * round(beat / period)) * 60.0 / bpm


def _find(piece: np.ndarray, heard: np.ndarray) -> int:
    """Where a piece begins in what was heard."""
    size = 1 << (len(heard) + len(piece)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(heard) - len(piece)]))


if __name__ == "__main__":
    main()
