"""What a player plays: tempo, beat and key, found in the last seconds of their sound, beside the ear.

The ear's thread calls `push`. A thread of our own looks at the sound every few seconds and calls `say`.

The key profiles are those of Temperley, "What's key for key?" (1999).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simba_live.errors import MissingDependencyError
from simba_live.music.score import Key

from .hearing import EarNews, Tune

Audio = NDArray[np.float32]

WINDOW_SECONDS = 12.0
"""How far back it looks."""

EVERY_SECONDS = 2.0
"""Time between two looks."""

LEAST_SECONDS = 5.0
"""Sound that it wants to have heard before it says anything."""

LEAST_BEATS = 8
"""Beats that it wants to have heard."""

SURE_OF_BEAT = 0.06
"""Scatter of the beats around an even grid, in beats, up to which a tempo is believed."""

SURE_OF_KEY = 0.03
"""How far the best key's correlation must be above the next one's."""

_MAJOR = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)
_HOP = 256


class Analyst:
    """Looks at what is heard, every few seconds.

    Args:
        sample_rate: of the sound, in Hz.
        say: takes what was found, and why nothing can be.
    """

    def __init__(self, sample_rate: int, say: Callable[[Tune | EarNews], None]) -> None:
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
        try:
            load_librosa()
        except MissingDependencyError as error:
            self._say(EarNews(f"the player's tempo and key are not followed: {error}"))
            return
        looked = 0.0
        while True:
            time.sleep(EVERY_SECONDS)
            with self._lock:
                audio, ended = np.concatenate([np.zeros(0, np.float32), *self._blocks]), self._ended
            sounding = np.count_nonzero(audio) / self._sample_rate
            if ended > looked and sounding >= LEAST_SECONDS:
                looked = ended
                bpm, beat = find_beat(audio, self._sample_rate)
                key = find_key(audio, self._sample_rate)
                self._say(Tune(bpm, ended - len(audio) / self._sample_rate + beat, key))


def load_librosa() -> Any:
    """The librosa module.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import librosa
    except ImportError as error:
        raise MissingDependencyError("that needs librosa: pip install 'simba-live[jam]'") from error
    return librosa


def find_beat(audio: Audio, sample_rate: int) -> tuple[float, float]:
    """Tempo and beat of sound [N].

    Returns:
        beats per minute, 0 if they are not sure; and the time of the last beat, in seconds from the start.
    """
    librosa = load_librosa()
    strength = librosa.onset.onset_strength(y=audio, sr=sample_rate, hop_length=_HOP)
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, sr=sample_rate, hop_length=_HOP, units="time", trim=False
    )
    if len(beats) < LEAST_BEATS:
        return 0.0, 0.0
    numbers = np.arange(len(beats))
    seconds, first = np.polyfit(numbers, beats, 1)
    scatter = np.std(beats - (first + seconds * numbers)) / seconds
    if scatter > SURE_OF_BEAT:
        return 0.0, 0.0
    return float(60.0 / seconds), float(first + seconds * numbers[-1])


def find_key(audio: Audio, sample_rate: int) -> str:
    """Key of sound [N], such as "A minor"; empty if it is not sure."""
    librosa = load_librosa()
    chroma = librosa.feature.chroma_stft(y=audio, sr=sample_rate, n_fft=8192, hop_length=2048).mean(axis=1)
    if not chroma.any() or not np.std(chroma):
        return ""
    profiles = np.stack([np.roll(mode, tonic) for mode in (_MAJOR, _MINOR) for tonic in range(12)])
    fits = np.array([np.corrcoef(chroma, profile)[0, 1] for profile in profiles])
    best, second = np.argsort(fits)[::-1][:2]
    if fits[best] - fits[second] < SURE_OF_KEY:
        return ""
    return str(Key(int(best) % 12, "major" if best < 12 else "minor"))
