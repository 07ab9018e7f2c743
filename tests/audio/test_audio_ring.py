import threading

import numpy as np
import pytest

from simba_live.audio.ring import Ring


def test_what_is_written_is_read():
    ring = Ring(2, 10)
    block = np.arange(12, dtype=np.float32).reshape(6, 2)
    out = np.full((10, 2), -1.0, np.float32)
    assert ring.write(block) == 6
    assert ring.available == 6
    assert ring.read_into(out) == 6
    assert np.array_equal(out[:6], block)
    assert (out[6:] == -1.0).all()
    assert ring.read_into(out) == 0


def test_a_full_ring_takes_what_fits():
    ring = Ring(1, 10)
    assert ring.write(np.zeros((8, 1), np.float32)) == 8
    assert ring.write(np.ones((8, 1), np.float32)) == 2
    assert ring.write(np.ones((8, 1), np.float32)) == 0


def test_one_channel_spreads_over_two():
    ring = Ring(2, 10)
    ring.write(np.array([[1.0], [2.0]], np.float32))
    out = np.zeros((2, 2), np.float32)
    ring.read_into(out)
    assert out.tolist() == [[1.0, 1.0], [2.0, 2.0]]


@pytest.mark.parametrize("seed", range(3))
def test_two_threads_with_blocks_of_any_size(seed):
    total = 30_000
    signal = np.random.default_rng(seed).standard_normal((total, 2)).astype(np.float32)
    ring = Ring(2, 2000)
    result = np.zeros_like(signal)

    def feed():
        sizes = np.random.default_rng(seed + 10)
        done = 0
        while done < total:
            done += ring.write(signal[done : done + sizes.integers(1, 1500)])

    feeder = threading.Thread(target=feed)
    feeder.start()
    sizes = np.random.default_rng(seed + 20)
    done = 0
    while done < total:
        done += ring.read_into(result[done : done + sizes.integers(1, 1500)])
    feeder.join()
    assert np.array_equal(result, signal)
