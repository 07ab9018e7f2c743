"""Waiting for what happens in another process or thread."""

import time


def until(condition, seconds=8.0):
    """What `condition` gives once that is true, or when the time is over.

    It is asked no more once it is true: the question may be one that reads.
    """
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
