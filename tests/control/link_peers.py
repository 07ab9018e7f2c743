"""Two Link peers that meet in a network of their own; says in a line of JSON what became of each step.

It is run by `test_control_link.py`, in a network namespace, so that no Link session outside hears of it.
"""

import json
import sys
import time

import link

from simba_live.control.clock import Grid
from simba_live.control.follow import Follower
from simba_live.control.link import LinkClock
from tests.control.simulated_music import SimulatedMusic
from tests.waiting import until

QUANTUM = 4.0


class Peer:
    """Another program, by Link's own interface."""

    def __init__(self, bpm):
        self.link = link.Link(bpm)
        self.link.startStopSyncEnabled = True
        self.link.enabled = True

    @property
    def tempo(self):
        return self.link.captureSessionState().tempo()

    @property
    def playing(self):
        return bool(self.link.captureSessionState().isPlaying())

    def phase(self):
        """Beats since a bar line, and when."""
        micros, now = self.link.clock().micros(), time.monotonic()
        return self.link.captureSessionState().phaseAtTime(micros, QUANTUM), now

    def change(self, do):
        state = self.link.captureSessionState()
        do(state, self.link.clock().micros())
        self.link.commitSessionState(state)


def apart(clock, peer):
    """Beats between the bar lines of the two."""
    phase, now = peer.phase()
    beat = clock.read(now).beat
    off = (beat - phase) % QUANTUM
    return min(off, QUANTUM - off)


def meet(found):
    clock = LinkClock(100.0)
    found["alone"] = clock.read(time.monotonic()) is None
    started = time.monotonic()
    ours = Grid(101.0, 2.5, started, False, 4)
    clock.keep(ours)
    time.sleep(0.2)
    peer = Peer(90.0)
    found["met"] = until(lambda: clock.read(time.monotonic()) is not None and peer.link.numPeers() > 0)
    found["joined our tempo"] = until(lambda: abs(peer.tempo - 101.0) < 0.001)
    time.sleep(1.0)
    phase, now = peer.phase()
    off = (phase - ours.beat_at(now)) % QUANTUM
    found["joined our beat by"] = min(off, QUANTUM - off)
    found["apart"] = max(apart(clock, peer) for _ in range(20))
    peer.change(lambda state, micros: state.setTempo(133.0, micros))
    found["took their tempo"] = until(lambda: clock.read(time.monotonic()).bpm == 133.0)
    clock.keep(Grid(88.0, 0.0, time.monotonic(), False, 4))
    time.sleep(0.3)
    found["left theirs alone"] = abs(peer.tempo - 133.0) < 0.001
    clock.lead(140.0)
    found["gave our tempo"] = until(lambda: abs(peer.tempo - 140.0) < 0.001)
    found["apart at last"] = max(apart(clock, peer) for _ in range(20))
    peer.change(lambda state, micros: state.setIsPlaying(True, micros))
    found["started with them"] = until(lambda: clock.read(time.monotonic()).playing is True)
    clock.play(False)
    found["stopped them"] = until(lambda: not peer.playing)
    found["ended together"] = clock.read(time.monotonic()).playing is False
    return clock, peer


def follow(found, clock, peer):
    """Music in real time, on the beat of a peer that jumps."""
    music = SimulatedMusic(bpm=80.0, now=time.monotonic())
    follower = Follower(music, clock, clock)
    for name, change in (
        ("followed", lambda: None),
        ("followed again", lambda: peer.change(lambda state, micros: state.setTempo(120.0, micros))),
    ):
        change()
        start, errors = time.monotonic(), []
        while (now := time.monotonic()) < start + 5.5:
            music.run(now)
            follower.look(now)
            if now > start + 4.0:  # Two bars.
                phase, at = peer.phase()
                off = (music.heard(at) - phase) % QUANTUM
                errors.append(min(off, QUANTUM - off) * 60 / peer.tempo)
            time.sleep(0.01)
        found[name] = max(errors)
    follower.close()


def main():
    found = {}
    clock, peer = meet(found)
    follow(found, clock, peer)
    clock.close()
    found["left"] = until(lambda: peer.link.numPeers() == 0)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
