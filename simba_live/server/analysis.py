"""What a player plays: tempo, beat and key, found in the last seconds of their sound, beside the ear.

The ear's thread calls `push`. A thread of our own looks at the sound every few seconds and calls `say`.

Tempo and key are found by the means that `simba-live eval` judges with. On 64 held-out pieces, 8 s of each,
that found the tempo in 62 with octaves forgiven (46 exactly); librosa 0.11 found it in 53 (38), and takes up
to 28 s of processor time to compile itself at first.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.keys import key_fits
from simba_live.audio.rhythm import ONSET_LEAD, ONSET_RATE, estimate_tempo, onset_strength
from simba_live.audio.spectra import chroma
from simba_live.music.score import Key

from .hearing import Tune

Audio = NDArray[np.float32]

WINDOW_SECONDS = 12.0
"""How far back it looks."""

EVERY_SECONDS = 2.0
"""Time between two looks."""

LEAST_SECONDS = 5.0
"""Sound that it wants to have heard before it says anything."""

SURE_OF_TEMPO = 0.15
"""Beat confidence from which on a tempo is believed."""

SURE_OF_KEY = 0.02
"""How far the best key's correlation must be above the next one's."""


class Analyst:
    """Looks at what is heard, every few seconds.

    Args:
        sample_rate: of the sound, in Hz.
        say: takes what was found.
    """

    def __init__(self, sample_rate: int, say: Callable[[Tune], None]) -> None:
        self._sample_rate, self._say = sample_rate, say
        self._lock = threading.Lock()
        self._blocks: deque[Audio] = deque()
        self._length = 0
        self._ended = 0.0
        threading.Thread(target=self._run, name="analyst", daemon=True).start()

    def push(self, audio: Audio, ended: float) -> None:
        """Take in sound [C, n] that ended at that time, by `time.monotonic`."""
        if not audio.shape[1]:
            return
        with self._lock:
            if ended - self._ended > 1.0 + audio.shape[1] / self._sample_rate:
                self._blocks.clear()  # Nobody listened in between.
                self._length = 0
            self._blocks.append(audio.mean(axis=0))
            self._length += audio.shape[1]
            self._ended = ended
            while self._length - len(self._blocks[0]) > WINDOW_SECONDS * self._sample_rate:
                self._length -= len(self._blocks.popleft())

    def _run(self) -> None:
        looked = 0.0
        while True:
            time.sleep(EVERY_SECONDS)
            with self._lock:
                audio, ended = np.concatenate([np.zeros(0, np.float32), *self._blocks]), self._ended
            sounding = np.trim_zeros(audio, "b")
            ended -= (len(audio) - len(sounding)) / self._sample_rate
            if ended > looked and len(sounding) >= LEAST_SECONDS * self._sample_rate:
                looked = ended
                bpm, beat = find_beat(sounding, self._sample_rate)
                key = find_key(sounding, self._sample_rate)
                self._say(Tune(bpm, ended - len(sounding) / self._sample_rate + beat, key))


def find_beat(audio: Audio, sample_rate: int) -> tuple[float, float]:
    """Tempo and beat of sound [N].

    Returns:
        beats per minute, 0 if they are not sure; and the time of the last beat, in seconds from the start.
    """
    tempo = estimate_tempo(audio, sample_rate)
    if not tempo.confidence >= SURE_OF_TEMPO:  # Not a number is not sure.
        return 0.0, 0.0
    # Where a row of pulses at that tempo meets the most of what begins.
    strength = onset_strength(audio, sample_rate)[:, 0]
    period = 60.0 / tempo.bpm * ONSET_RATE
    frames = np.arange(len(strength))
    offsets = np.arange(0.0, period, 0.25)
    met = [np.interp(np.arange(offset, len(strength), period), frames, strength).mean() for offset in offsets]
    first = offsets[int(np.argmax(met))] / ONSET_RATE + ONSET_LEAD
    seconds = 60.0 / tempo.bpm
    return tempo.bpm, float(first + (len(audio) / sample_rate - first) // seconds * seconds)


def find_key(audio: Audio, sample_rate: int) -> str:
    """Key of sound [N], such as "A minor"; empty if it is not sure."""
    fits = key_fits(chroma(audio, sample_rate))
    best, second = np.argsort(fits)[::-1][:2]
    if fits[best] - fits[second] < SURE_OF_KEY:
        return ""
    return str(Key(int(best) % 12, "major" if best < 12 else "minor"))
