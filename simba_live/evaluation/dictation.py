"""What a live performance would ask of the model, frame by frame, without asking it: for judging in batches.

The performance is the one that plays live; only the engine under it writes down instead of playing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.controls import Controls, Sampling
from simba_live.engine.engine import Engine, EngineState
from simba_live.engine.performance import Performance
from simba_live.events import Event, Play, Prompt
from simba_live.model import ModelState


@dataclass(frozen=True)
class Dictation:
    """What was asked.

    Attributes:
        conditions: [T] frames.
        style: the prompt's vector in each frame, float32 [T, S].
        against: what guidance leads away from, [T]; None is tempo and beat alone throughout.
        bars: frames that begin a bar, ascending.
        changed: the frame on which the events took effect; None if there were none.
    """

    conditions: Conditions
    style: NDArray[np.float32]
    against: Conditions | None
    bars: tuple[int, ...]
    changed: int | None


class _Scribe(Engine):
    """Has the engine's face and a codec's sizes, and no model."""

    def __init__(self, codec: Codec) -> None:
        self.codec, self.latency = codec, codec.latency
        self.written: list[tuple[Conditions, NDArray[np.float32], Conditions | None]] = []

    def init_state(self, guided: bool = False) -> EngineState:  # noqa: ARG002  as the engine has it
        nothing = ModelState([], torch.zeros((1, 0), dtype=torch.int64))
        return EngineState(nothing, self.codec.init_decoder_state(1), torch.zeros((), dtype=torch.int64))

    def step(
        self,
        conditions: Conditions,
        style: NDArray[np.float32],
        state: EngineState,
        sampling: Sampling,  # noqa: ARG002  as the engine has it
        against: Conditions | None = None,
    ) -> tuple[Tensor, Tensor, EngineState]:
        self.written.append((conditions, style, against))
        state.frame += len(conditions)
        length = len(conditions)
        codes = torch.zeros((1, 0, length), dtype=torch.int64)
        return codes, torch.zeros((1, self.codec.channels, length * self.codec.hop_length)), state

    def has_past(self, state: EngineState) -> bool:
        return bool(state.frame)


def dictate(
    codec: Codec,
    controls: Controls,
    prompt: Prompt,
    num_frames: int,
    events: Sequence[Event] = (),
    after: int = 0,
) -> Dictation:
    """Play to `prompt` and apply `events` on the first bar line at or after frame `after`.

    Args:
        codec: for frame rate and sizes.
        controls: where the controls stand at first.
        prompt: with its vector and style.
        num_frames: how long.
        events: what the performer does on that bar line, in order.
        after: earliest frame of the change.

    Raises:
        SimbaLiveError: controls or events cannot be followed.
    """
    scribe = _Scribe(codec)
    performance = Performance(scribe)
    moment = performance.apply(Play(), performance.begin(controls, prompt))
    bars: list[int] = []
    changed = None
    for frame in range(num_frames):
        if moment.scene.position.line == "bar":
            bars.append(frame)
            if events and changed is None and frame >= after:
                for event in events:
                    moment = performance.apply(event, moment)
                changed = frame
        _, moment = performance.advance(moment)
    conditions, styles, against = zip(*scribe.written, strict=True)
    led_away = None
    if any(frame is not None for frame in against):
        led_away = Conditions.concatenate(
            [
                asked.clock() if frame is None else frame
                for asked, frame in zip(conditions, against, strict=True)
            ]
        )
    whole = Conditions.concatenate(list(conditions))
    return Dictation(whole, np.stack(styles), led_away, tuple(bars), changed)
