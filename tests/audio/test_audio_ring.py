import mmap
import threading
import time

import numpy as np
import pytest

from simba_live.audio.ring import Ring


def read(ring, frames):
    """What a device would get, and how much of it is music."""
    out = np.full((frames, ring.channels), 7.0, np.float32)
    return out, ring.fill(out)


def test_what_is_written_is_read_and_the_rest_is_silence():
    ring = Ring(2, 10)
    block = np.arange(12, dtype=np.float32).reshape(6, 2)
    assert ring.write(block) == 6
    assert ring.available == 6
    ring.end()
    out, music = read(ring, 10)
    assert music == 6
    assert np.array_equal(out[:6], block)
    assert not out[6:].any()
    assert ring.underruns == 0


def test_a_full_ring_takes_what_fits():
    ring = Ring(1, 10)
    assert ring.write(np.zeros((8, 1), np.float32)) == 8
    assert ring.write(np.ones((8, 1), np.float32)) == 2
    assert ring.write(np.ones((8, 1), np.float32)) == 0


def test_one_channel_spreads_over_two():
    ring = Ring(2, 10)
    ring.write(np.array([[1.0], [2.0]], np.float32))
    ring.end()
    assert read(ring, 2)[0].tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_nothing_is_played_before_enough_waits():
    ring = Ring(1, 100)
    ring.write(np.ones((50, 1), np.float32))
    assert read(ring, 10)[1] == 0
    ring.start_at(50)
    assert read(ring, 10)[1] == 0
    ring.write(np.ones((1, 1), np.float32))
    assert read(ring, 10)[1] == 10
    assert read(ring, 10)[1] == 10
    assert ring.underruns == 0


def test_it_remembers_bites_and_when_they_were_taken():
    ring = Ring(1, 100)
    assert (ring.asked_at, ring.largest_bite) == (0.0, 0)
    read(ring, 30)
    read(ring, 20)
    assert 0 <= time.monotonic() - ring.asked_at < 1.0
    assert ring.largest_bite == 30


def test_two_rings_on_one_memory_are_one():
    memory = mmap.mmap(-1, Ring.size(2, 100))
    ours, theirs = Ring(2, 100, memory), Ring(2, 100, memory)
    ours.write(np.full((7, 2), 0.25, np.float32))
    ours.end()
    out, music = read(theirs, 10)
    assert music == 7
    assert (out[:7] == 0.25).all()
    assert ours.available == 0


@pytest.mark.parametrize("seed", range(3))
def test_two_threads_with_blocks_of_any_size(seed):
    total = 30_000
    signal = np.random.default_rng(seed).standard_normal((total, 2)).astype(np.float32)
    ring = Ring(2, 2000)
    ring.start_at(1)
    heard = []

    def feed():
        sizes = np.random.default_rng(seed + 10)
        done = 0
        while done < total:
            done += ring.write(signal[done : done + sizes.integers(1, 1500)])

    feeder = threading.Thread(target=feed)
    feeder.start()
    sizes = np.random.default_rng(seed + 20)
    while sum(map(len, heard)) < total:
        if not feeder.is_alive():
            ring.end()
        out, music = read(ring, sizes.integers(1, 1500))
        heard.append(out[:music])
    feeder.join()
    assert np.array_equal(np.concatenate(heard), signal)
