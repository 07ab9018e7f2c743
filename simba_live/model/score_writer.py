"""Writing a score frame by frame: what is free of a frame's conditions, drawn from the score model.

One frame is small work, so it is numpy on the CPU with everything that does not change computed beforehand,
as in `prepared`, wherever the token model runs.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.conditions import (
    ABSENT,
    CHORD_IN,
    CHORD_OUT,
    CHORD_ROOT,
    DRUM_NONE,
    DRUM_ONSET,
    DRUMS,
    FREE,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    NUM_PITCHES,
    PRESENT,
    Conditions,
)
from simba_live.modules.prepared import Array, Panels, array

from .prepared import PreparedMLP, StreamPlan, gelu
from .sampling import Sampler
from .score import OLDEST, EndHead, ListHead, ScoreModel, ScoreState
from .score_frames import (
    BAND,
    CHORD,
    HITS,
    MEMORY,
    NOTES,
    NUM_ONSETS,
    ONSETS,
    SLIPS,
    TURNS,
    Marks,
    Rows,
    age_steps,
    bar_length,
    begun,
    score_features,
    written_rows,
)

SESSION = 1 << 63
"""Added to a session's number: the noise of its score is not that of its codes."""


class ScoreWriter:
    """A score model that writes; all that changes is in the `ScoreState`, so one writer serves many streams.

    Args:
        model: in float32, on a CPU; later changes of its weights are not seen.
    """

    def __init__(self, model: ScoreModel) -> None:
        self.model = model
        self._plan = StreamPlan(model)
        self._instruments = _List(model.instruments)
        self._chord = _Linear(model.chord)
        self._chords = model.config.chords()
        self._harmony = array(model.harmony.weight.T)
        self._onsets = _List(model.onsets)
        self._ends = _Ends(model.ends)
        self._density = _Linear(model.density)
        self._latest: tuple[Array, Array] | None = None

    def init_state(self) -> ScoreState:
        """The state before the first frame; the second row of its blocks goes on without the prompt."""
        return dataclasses.replace(self.model.init_state(1), blocks=self.model.init_state(2).blocks)

    def write(
        self,
        conditions: Conditions,
        style: Array,
        state: ScoreState,
        temperature: float,
        seed: int,
        frame: int,
        session: int = 0,
        guidance: float = 1.0,
    ) -> Conditions:
        """The next frames with everything written that is free in them, but for brightness and clock.

        Args:
            conditions: n frames, left as they are.
            style: [S] embedding of the prompt; zeros are no prompt.
            state: overwritten.
            temperature: of what is chosen, not of how much; 0 takes the likeliest everywhere.
            seed: of the noise, which is a pure function of seed, session and frame.
            frame: number of the first frame in its stream.
            session: another stream of noise under the same seed.
            guidance: how far to go from what would be written without the prompt to what is written with it;
                1 is as far as that. Between hidden states, not logits: each frame has one, and many logits.
        """
        sampler = Sampler(1.0 if temperature else 0.0, seed=seed, session=session + SESSION)
        written = Conditions.concatenate([conditions])
        for index in range(len(written)):
            draws = Draws(sampler, temperature, frame + index)
            self._write(written[index : index + 1], style, state, guidance, draws)
        return written

    def _write(self, now: Conditions, style: Array, state: ScoreState, guidance: float, draws: Draws) -> None:
        """One frame, in place."""
        row, position, latest = state.written.numpy()[0], state.position.numpy()[0], state.key.numpy()
        key = int(now.key[0]) if now.key[0] >= 0 else int(latest[0])
        if key < 0:
            minor = draws.happen(self.model.minor(torch.from_numpy(style)[None]).numpy())
            key = 12 * int(minor[0]) + draws.pick(np.zeros(12, np.float32), 12)
        turn = TURNS[key % 12]
        before, told = row[turn], written_rows(now)[0, turn]
        place = np.array([now.beat[0], now.bar[0]])
        again = self._again(state, place[1:], position[1:])[:, turn[ONSETS] - ONSETS.start]
        rate, minor = self.model.config.frame_rate, np.array([key >= 12])
        features = score_features(before[None], again[None], told[None], now, minor, rate)
        prompts, styled = self._with_and_without(style)
        prompted, plain = self._plan.from_told(np.repeat(features, 2, axis=0), prompts, state.blocks, styled)
        hidden = (prompted + np.float32(guidance - 1.0) * (prompted - plain))[None]
        # Nothing is less than what is not a number: without a clock there are no lines.
        on_beat, on_bar = (place < position) | (row[0] == FREE)
        ages = age_steps(state.age.numpy()[0, turn[NOTES] - NOTES.start], now.tempo, rate)
        row[turn] = self._row(before, ages, told, hidden, on_beat, on_bar, now, draws)
        self._remember(state, begun(row))
        position[:] = np.where(np.isnan(place), -1.0, place)
        latest[0] = now.key[0] = key
        for field, part in (
            (now.chord, CHORD),
            (now.notes, NOTES),
            (now.drums, HITS),
            (now.instruments, BAND),
        ):
            field[0] = row[part]

    def _with_and_without(self, style: Array) -> tuple[Array, Array]:
        """The prompt and none, [2, S], and what they add by their style, [2, D]; they seldom change."""
        if self._latest is None or not np.array_equal(style, self._latest[0][0]):
            prompts = np.stack([style, np.zeros_like(style)])
            with torch.no_grad():
                self._latest = prompts, self.model.styled(torch.from_numpy(prompts)).numpy()
        return self._latest

    def _again(self, state: ScoreState, place: Array, position: Array) -> Marks:
        """What was struck a bar ago, [3, NUM_ONSETS]."""
        length = int(bar_length(position, place)[0]) if position[0] >= 0.0 else 0
        if not length:
            return np.zeros((len(SLIPS), NUM_ONSETS), np.bool_)
        frames = MEMORY - length + np.array(SLIPS)
        return np.unpackbits(state.struck.numpy()[0, frames], axis=1).astype(np.bool_)

    def _remember(self, state: ScoreState, struck: Marks) -> None:
        """What began in the frame is the latest."""
        memory, age = state.struck.numpy()[0], state.age.numpy()[0]
        memory[:-1] = memory[1:]
        memory[-1] = np.packbits(struck)
        age += age < OLDEST
        age[struck[-NUM_PITCHES:]] = 1

    def _row(
        self,
        before: Rows,
        ages: NDArray[np.int64],
        told: Rows,
        hidden: Array,
        on_beat: bool,
        on_bar: bool,
        now: Conditions,
        draws: Draws,
    ) -> Rows:
        """What the frame holds, pitches counted from the tonic; density is filled into `now`."""
        after = told.copy()
        free = told == FREE

        band = before[BAND]
        if on_bar and free[BAND].any():
            chosen, _ = self._instruments.draw(hidden, told[BAND] == PRESENT, free[BAND], draws)
            band = np.where(chosen, PRESENT, ABSENT)
        after[BAND] = np.where(free[BAND], band, told[BAND])
        context = hidden + (after[BAND] == PRESENT).astype(np.float32) @ self._instruments.embedding

        chord = before[CHORD]
        if on_beat and free[CHORD].all():
            logits = self._chord(context)[0]
            if not chord.any():
                logits[0] = -np.inf  # there is none to stay with
            choice = draws.pick(logits, 0)
            chord = self._chords[choice - 1] if choice else chord
        # A chord that is told in part is meant as a whole.
        after[CHORD] = chord if free[CHORD].all() else np.maximum(told[CHORD], CHORD_OUT)
        tones = np.concatenate([after[CHORD] >= CHORD_IN, after[CHORD] == CHORD_ROOT])
        context = context + tones.astype(np.float32) @ self._harmony

        struck, context = self._onsets.draw(context, begun(told), free[ONSETS], draws)
        after[HITS] = np.where(free[HITS], np.where(struck[: len(DRUMS)], DRUM_ONSET, DRUM_NONE), told[HITS])
        notes = np.where(before[NOTES] >= NOTE_SUSTAINED, NOTE_SUSTAINED, NOTE_OFF)
        sounding = np.flatnonzero(notes == NOTE_SUSTAINED)
        if len(sounding):
            ended = draws.happen(self._ends.logits(context, sounding, ages[sounding]))
            notes[sounding[ended]] = NOTE_OFF
        notes[struck[len(DRUMS) :]] = NOTE_ONSET
        after[NOTES] = np.where(free[NOTES], notes, told[NOTES])

        if np.isnan(now.density[0]):
            now.density[0] = 1.0 / (1.0 + np.exp(-self._density(context)[0, 0]))
        return after


class Draws:
    """The draws of one frame, each with noise of its own."""

    def __init__(self, sampler: Sampler, temperature: float, frame: int) -> None:
        self._sampler, self._temperature, self._frame, self._count = sampler, temperature, frame, 0

    def pick(self, logits: Array, other: int) -> int:
        """One of several, [n]; temperature leaves it as likely as it is that it is number `other`.

        That number stands for the end of a list or for no change: at any temperature as many notes are
        struck, and chords change as often.
        """
        self._count += 1
        if self._temperature not in (0.0, 1.0):
            several = np.arange(len(logits)) != other
            cool = logits[several]
            warm = cool / np.float32(self._temperature)
            if np.isfinite(cool).any():
                warm += np.logaddexp.reduce(cool) - np.logaddexp.reduce(warm)
            logits[several] = warm
        return self._sampler.choose(logits, self._frame, self._count)

    def happen(self, logits: Array) -> Marks:
        """Which of several things happen, each for itself, [n]."""
        self._count += 1
        return self._sampler.toss(logits, self._frame, self._count)


class _Linear:
    def __init__(self, linear: torch.nn.Linear) -> None:
        self._weight = Panels(linear.weight.T)
        self._bias = array(linear.bias)

    def __call__(self, x: Array) -> Array:
        """[..., in] to [rows, out]."""
        return self._weight(np.atleast_2d(x)) + self._bias


class _Ends:
    def __init__(self, head: EndHead) -> None:
        self._context, self._linear = _Linear(head.context), _Linear(head.linear)
        self._pitch_embedding, self._age_embedding = array(head.pitch_embedding), array(head.age_embedding)

    def logits(self, context: Array, pitches: NDArray[np.int64], ages: NDArray[np.int64]) -> Array:
        """As `EndHead`, for notes in one frame: context [1, D] to [m]."""
        x = self._context(context) + self._pitch_embedding[pitches] + self._age_embedding[ages]
        return self._linear(gelu(x))[:, 0]


class _List:
    def __init__(self, head: ListHead) -> None:
        self.embedding = array(head.embedding)
        self._mixer = PreparedMLP(head.norm, head.mixer)
        self._linear = _Linear(head.linear)

    def draw(self, context: Array, sure: Marks, open_: Marks, draws: Draws) -> tuple[Marks, Array]:
        """A list of items, [n] marks, and what its end was read from, [1, D].

        Args:
            context: [1, D].
            sure: items that are on it whatever is drawn.
            open_: items that may be.
            draws: the frame's.
        """
        size = len(sure)
        chosen, floor = np.zeros(size, np.bool_), 0
        possible = sure | open_
        while True:
            x = self._mixer(context)
            logits = self._linear(x)[0]
            logits[:floor] = -np.inf
            logits[:-1][~possible] = -np.inf
            item = draws.pick(logits, size)
            ahead = np.flatnonzero(sure[floor:])
            if len(ahead):
                item = min(item, floor + int(ahead[0]))
            if item == size:
                return chosen, x
            chosen[item] = True
            context = context + self.embedding[item]
            floor = item + 1
