"""A Link peer in a process of its own: takes tempos on standard input, says on standard output where it is.

Each line is a time by `time.monotonic`, the beat (a bar line of four every four of them), and the tempo.
"""

from __future__ import annotations

import sys
import threading
import time

import link

QUANTUM = 27720.0


def main(bpm: float) -> None:
    peer = link.Link(bpm)
    peer.enabled = True
    over = threading.Event()
    threading.Thread(target=_obey, args=(peer, bpm, over), daemon=True).start()
    while not over.wait(0.02):
        state = peer.captureSessionState()
        micros, now = peer.clock().micros(), time.monotonic()
        print(now, state.phaseAtTime(micros, QUANTUM), state.tempo(), flush=True)
    peer.enabled = False


def _obey(peer: link.Link, bpm: float, over: threading.Event) -> None:
    until = time.monotonic() + 10.0
    while not peer.numPeers() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    _set(peer, bpm)  # Whoever was there first has given the session its tempo.
    for line in sys.stdin:
        _set(peer, float(line))
    over.set()


def _set(peer: link.Link, bpm: float) -> None:
    state = peer.captureSessionState()
    state.setTempo(bpm, peer.clock().micros())
    peer.commitSessionState(state)


if __name__ == "__main__":
    main(float(sys.argv[1]))
