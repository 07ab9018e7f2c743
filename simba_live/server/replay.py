"""Playing a log again: the same samples as were played, without time, threads or a sound card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.level import Fader
from simba_live.controls import NOT_REWOUND, Controls
from simba_live.engine.performance import Performance
from simba_live.engine.scene import Moment
from simba_live.errors import OptionError
from simba_live.events import Delete, Event, Prompt, Recall, Save, Set, event_from_json

from .journal import Log, LogError
from .shelf import SnapshotError, digest_of, read_scene


@dataclass(frozen=True)
class Span:
    """Frames `first` to `end` (without) of a performance."""

    first: int
    end: int


def span_of(log: Log, recording: str | None = None) -> Span:
    """The frames to render: all that were played, or those of a recording.

    Args:
        log: the performance.
        recording: file name of a recording, with or without its ending.

    Raises:
        OptionError: there is no such recording.
    """
    if recording is None:
        return Span(0, log.num_frames)
    for name, first, end in log.recordings:
        if recording in (name, Path(name).stem):
            return Span(first, end)
    known = ", ".join(name for name, _, _ in log.recordings) or "none"
    raise OptionError(f"the log has no recording {recording!r}: it has {known}")


def replay(log: Log, performance: Performance, snapshots: Path, span: Span) -> Iterator[NDArray[np.float32]]:
    """Play a log again, frame by frame.

    Args:
        log: what was done.
        performance: on the same model and codec.
        snapshots: folder of the snapshots that were there at the start.
        span: the frames wanted; those before are made and dropped.

    Yields:
        float32 [C, hop_length] within full scale, one frame after the other.

    Raises:
        SimbaLiveError: the log is of another model or device, or a snapshot is missing or has changed.
    """
    moment = opening(log, performance, snapshots)
    controls = moment.scene.controls
    events: dict[int, list[Event]] = defaultdict(list)
    for frame, event in log.events:
        events[frame].append(event)
    fader, deck = Fader(), {name: getattr(controls, name) for name in NOT_REWOUND}
    for frame in range(span.end):
        for event in events[frame]:
            if isinstance(event, Set) and event.control in NOT_REWOUND:
                deck[event.control] = event.value
            else:
                moment = performance.apply(event, moment)
        audio, moment = performance.advance(moment)
        sound = fader.process(audio, deck["gain"], deck["mute"])
        if frame >= span.first:
            yield sound


def opening(log: Log, performance: Performance, snapshots: Path) -> Moment:
    """The moment in which a session began; arguments and errors are those of `replay`."""
    for what, then, now in (
        ("model", log.header["model"], performance.fingerprint),
        ("device", log.header["device"], performance.engine.device.type),
    ):
        if then != now:
            raise LogError(
                f"the log was played with {what} {then[:12]}, this one is {now[:12]}: "
                f"give {'--model and --codec' if what == 'model' else '--device'} as then"
            )
    controls, prompt = Controls(**log.header["controls"]), event_from_json(log.header["prompt"])
    assert isinstance(prompt, Prompt)
    moment = performance.begin(controls, prompt)
    saved = {}
    for name, digest in log.header["snapshots"].items():
        saved[name] = moment.scene
        if _is_recalled(name, log):
            path = snapshots / f"{name}.safetensors"
            saved[name] = read_scene(path, moment.scene.engine, performance.fingerprint)
            if digest_of(path) != digest:
                raise SnapshotError(f"{path} is not what the session recalled: it was saved anew since")
    return replace(moment, saved=saved)


def _is_recalled(name: str, log: Log) -> bool:
    """Whether a snapshot from before is needed; others may be gone by now."""
    uses = (event for _, event in log.events if isinstance(event, Save | Recall | Delete))
    return isinstance(next((event for event in uses if event.snapshot == name), None), Recall)
