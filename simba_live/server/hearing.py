"""What a session and its ear process say to each other: values sent over a pipe between the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST_GATE = -120.0
"""Gate that is always open, in dB of full scale."""


@dataclass(frozen=True)
class EarOptions:
    """How an ear is set up.

    Attributes:
        source: what to listen to; see `audio.sources.open_source`.
        channels: numbers from 1 of its channels wanted; none are all of a file, the first two of a device.
        gate: level in dB of full scale under which sound counts as silence.
        model: folder, or name of a model that ships; None is the default one.
        codec: folder, or name of an EnCodec on the Hugging Face hub; None is the default one.
        analyse: whether to tell of the player's tempo and key.
    """

    source: str
    channels: tuple[int, ...] = ()
    gate: float = -50.0
    model: str | None = None
    codec: str | None = None
    analyse: bool = False


@dataclass(frozen=True)
class Attend:
    """To the ear: send what is heard (or only how loud it is)."""

    wanted: bool


@dataclass(frozen=True)
class LeaveEar:
    """To the ear: let go of the source and end."""


@dataclass(frozen=True, eq=False)
class Heard:
    """From the ear: sound that has come.

    Attributes:
        codes: int64 [K, n], the codec's codes of n frames, `n` at most `events.MAX_HEARD`.
        ended: when the last of them ended, by `time.monotonic`.
    """

    codes: NDArray[np.int64]
    ended: float


@dataclass(frozen=True)
class Level:
    """From the ear, ten times a second: how the input stands.

    Attributes:
        source: name of what is listened to.
        lost: why nothing comes from it; empty if it does.
        peak: largest sample of the last tenth of a second, in dB of full scale.
        rms: level of the same.
        clipped: whether it was too loud of late.
        silent_seconds: how long it has been too quiet to be heard.
        load: processor time that hearing takes, as a share of real time.
    """

    source: str = ""
    lost: str = ""
    peak: float = -120.0
    rms: float = -120.0
    clipped: bool = False
    silent_seconds: float = 0.0
    load: float = 0.0


@dataclass(frozen=True)
class Tune:
    """From the ear: what the player plays.

    Attributes:
        bpm: their tempo; 0 while it is not sure.
        beat_at: when one of their beats was, by `time.monotonic`.
        key: their key, such as "A minor"; empty while it is not sure.
    """

    bpm: float
    beat_at: float
    key: str


@dataclass(frozen=True)
class EarNews:
    """From the ear: something that people should know, in one line."""

    text: str


@dataclass(frozen=True)
class EarReady:
    """From the ear: it hears."""

    source: str


@dataclass(frozen=True)
class EarFailed:
    """From the ear: it cannot hear, and why, in one line."""

    reason: str


ToEar = EarOptions | Attend | LeaveEar
FromEar = EarReady | EarFailed | EarNews | Level | Heard | Tune
