"""A MIDI clock in a process of its own: takes tempos on standard input, says on standard output where it is.

It sends to the port `simba-live:in` of JACK. Each line is a time by `time.monotonic`, the beat since the
start, and the tempo from there on.
"""

from __future__ import annotations

import sys
import threading
import time

import rtmidi

TICKS = 24
CLOCK, START = (0xF8,), (0xFA,)


def main(bpm: float) -> None:
    port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="drum machine")
    port.open_port(port.get_ports().index("simba-live:in"))
    time.sleep(0.5)  # A cable is laid between two periods of the server.
    tempo, over = [bpm], threading.Event()
    threading.Thread(target=_obey, args=(tempo, over), daemon=True).start()
    due, tick = time.monotonic(), 0
    port.send_message(START)
    while not over.is_set():
        time.sleep(max(0.0, due - time.monotonic()))
        port.send_message(CLOCK)
        print(due, tick / TICKS, tempo[0], flush=True)
        due += 60.0 / tempo[0] / TICKS
        tick += 1
    port.close_port()
    port.delete()  # JACK waits for a client that just vanishes.


def _obey(tempo: list[float], over: threading.Event) -> None:
    for line in sys.stdin:
        tempo[0] = float(line)
    over.set()


if __name__ == "__main__":
    main(float(sys.argv[1]))
