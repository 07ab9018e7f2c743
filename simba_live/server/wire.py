"""What a session and its engine process say to each other: values sent over a pipe between the two."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simba_live.control.driven import News
from simba_live.events import Event
from simba_live.status import Status


@dataclass(frozen=True)
class Options:
    """How a session is set up.

    Attributes:
        prompt: what it is to play at first.
        free: without the arranger.
        seed: of the music.
        model: folder, or name of a model that ships; None is the default one.
        codec: folder, or name of an EnCodec on the Hugging Face hub; None is the default one.
        device: `cpu`, `cuda`, or `auto` for the GPU if there is one.
        audio: "default", a device's name, "jack", "null" or "file:PATH".
        lookahead: seconds to plan ahead.
        latency: seconds of music that can no longer be changed.
        folder: where snapshots, recordings and logs go.
        rollback: whether a change acts on the plan; without, it waits until the plan has been played.
    """

    prompt: str
    free: bool
    seed: int
    model: str | None
    codec: str | None
    device: str
    audio: str
    lookahead: float
    latency: float
    folder: Path
    rollback: bool = True


@dataclass(frozen=True)
class Ask:
    """To the engine: do this; `token` names the answer."""

    token: int
    event: Event
    quantum: str | None


@dataclass(frozen=True)
class Record:
    """To the engine: begin to record under a name, or stop (None)."""

    token: int
    name: str | None


@dataclass(frozen=True)
class Leave:
    """To the engine: fade out, close everything and end."""


@dataclass(frozen=True)
class Ready:
    """From the engine: warmed up."""

    status: Status


@dataclass(frozen=True)
class Failed:
    """From the engine: it cannot go on, and why, in one line."""

    reason: str


@dataclass(frozen=True)
class Answer:
    """From the engine: what became of an `Ask` or `Record`."""

    token: int
    frame: int | None
    reason: str


ToEngine = Ask | Record | Leave
FromEngine = Ready | Failed | Answer | News | Status
