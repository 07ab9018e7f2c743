"""What is done to music before it is played: it gets the device's rate and channels."""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from .ring import Ring

HELD_SECONDS = 0.01
"""What the resampler holds back."""


class Outlet:
    """Plays a ring on a device; the device's thread alone calls `fill`.

    It stands behind the ring, not before it: music that was resampled cannot be taken back and gone on with
    from the middle.

    The rates are matched by soxr's variable-rate mode. soxr's other ways work on large blocks: fed 20 ms at a
    time from 24 to 48 kHz, HQ holds back 4 to 38 ms and hands on nothing or 35 ms at once, MQ likewise; LQ to
    44.1 kHz holds back 0.9 ms but takes 5 dB off 10 kHz. This mode holds back 10.0 ms, always, and hands on
    20 ms for 20; to 44.1 and 48 kHz it passes 10 kHz whole and 11 kHz within 0.4 dB, what it adds lies 120 dB
    below, and 20 ms of mono take 0.03 ms.

    Args:
        ring: the music.
        sample_rate: of the music, in Hz.
        device_rate: of the device, in Hz.

    Attributes:
        held_seconds: from the ring to the device: what the resampler holds back, if there is one.
    """

    def __init__(self, ring: Ring, sample_rate: int, device_rate: int) -> None:
        self.held_seconds = 0.0
        self._ring = ring
        self._ratio = sample_rate / device_rate
        self._resampler: soxr.ResampleStream | None = None
        if device_rate != sample_rate:
            self._resampler = soxr.ResampleStream(sample_rate, device_rate, ring.channels, vr=True)
            self.held_seconds = HELD_SECONDS
        self._ready = np.zeros((0, ring.channels), np.float32)

    def fill(self, room: NDArray[np.float32]) -> None:
        """What comes next into `room` [n, C]: one channel spreads over all there are, two become one."""
        if self._resampler is None and room.shape[1] == self._ring.channels:
            self._ring.fill(room)
            return
        music = self._taken(len(room)) if self._resampler is None else self._resampled(len(room))
        room[:] = music.mean(axis=1, keepdims=True) if music.shape[1] > room.shape[1] else music

    def _taken(self, length: int) -> NDArray[np.float32]:
        music = np.empty((length, self._ring.channels), np.float32)
        self._ring.fill(music)
        return music

    def _resampled(self, length: int) -> NDArray[np.float32]:
        assert self._resampler is not None
        while (short := length - len(self._ready)) > 0:
            more = self._resampler.resample_chunk(self._taken(math.ceil(short * self._ratio)))
            self._ready = np.concatenate([self._ready, more])
        music, self._ready = self._ready[:length], self._ready[length:]
        return music
