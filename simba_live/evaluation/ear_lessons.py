"""Teaching the ears where notes and drums begin, on music whose score is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from simba_live.conditions import DRUM_ONSET, Conditions
from simba_live.training.watching import watch

from .course import Course
from .ears import FRAME_RATE, DrumEar, Ears, NoteEar, View, onsets_in
from .note_onsets import asked_notes, match

FEWEST_DRUMS = 3
"""Drum onsets from which on an excerpt has drums; with fewer, but some, it is not asked whether it has."""

_NOTE_FRAMES, _NOTE_ROWS = 150, 8
_DRUM_FRAMES, _DRUM_ROWS = 300, 16
_DRUM_SHARE = 0.6
"""Steps of the drum ear for each of the note ear."""

_WEIGHT_DECAY, _RISE = 0.01, 0.15

_KEPT_BACK = 8
"""One piece in so many is not learnt from: it sets the levels from which on the ears are believed."""


@dataclass(frozen=True)
class EarLesson:
    """A piece as the ears see it, and the `notes` [T, pitches] and `drums` [T, drums] that begin in it."""

    view: View
    notes: NDArray[np.bool_]
    drums: NDArray[np.bool_]

    @classmethod
    def of(cls, view: View, score: Conditions, frame_rate: float) -> EarLesson:
        """A view and its score."""
        length = len(view.mel)
        frames, drums = np.nonzero(score.drums == DRUM_ONSET)
        beaten = np.zeros((length, score.drums.shape[1]), np.bool_)
        places = np.minimum(((frames + 0.5) / frame_rate * FRAME_RATE).astype(np.int64), length - 1)
        beaten[places, drums] = True
        return cls(view, asked_notes(score, frame_rate)[:length], beaten)

    @property
    def has_drums(self) -> bool | None:
        """Whether there are drums; None with too few to say."""
        count = int(self.drums.any(axis=1).sum())
        return None if 0 < count < FEWEST_DRUMS else count > 0


def teach(pieces: Sequence[Sequence[EarLesson]], steps: int, seed: int) -> Ears:
    """Ears that have heard the pieces, which are all of one length.

    Args:
        pieces: each as it is and through the codec.
        steps: of the note ear; 3000 are enough.
        seed: of the first weights and the order.
    """
    kept_back = [lesson for piece in pieces[::_KEPT_BACK] for lesson in piece]
    others = [lesson for index, piece in enumerate(pieces) if index % _KEPT_BACK for lesson in piece]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rng = np.random.default_rng([seed, 0xEA25])
        notes, drums = NoteEar(), DrumEar()
        _teach_notes(notes, others, steps, rng)
        _teach_drums(drums, others, round(_DRUM_SHARE * steps), rng)
    notes.eval(), drums.eval()
    ears = Ears(notes, drums, 0.0, 0.0)
    return Ears(notes, drums, _best_note_level(ears, kept_back), _best_drum_level(ears, kept_back))


def _teach_notes(ear: NoteEar, lessons: Sequence[EarLesson], steps: int, rng: np.random.Generator) -> None:
    course = Course(ear.parameters(), steps, 6e-3, _WEIGHT_DECAY, _RISE)
    for _ in watch(range(steps), "teaching to hear notes"):
        long, short, wanted = _draw(
            lessons, _NOTE_ROWS, _NOTE_FRAMES, rng, lambda one: (one.view.long, one.view.short, one.notes)
        )
        logits = ear(long, short)
        loss = functional.binary_cross_entropy_with_logits(
            logits, _softened(wanted), pos_weight=torch.tensor(4.0)
        )
        course.learn(20.0 * loss)


def _teach_drums(ear: DrumEar, lessons: Sequence[EarLesson], steps: int, rng: np.random.Generator) -> None:
    course = Course(ear.parameters(), steps, 4e-3, _WEIGHT_DECAY, _RISE)
    share = float(np.mean([lesson.has_drums is True for lesson in lessons])) if lessons else 0.5
    for _ in watch(range(steps), "teaching to hear drums"):
        mel, wanted = _draw(lessons, _DRUM_ROWS, _DRUM_FRAMES, rng, lambda one: (one.view.mel, one.drums))
        # Other instruments and rooms have other colours.
        colour = 0.15 * rng.standard_normal((len(mel), 1, 1)) + 0.1 * rng.standard_normal(
            (len(mel), 1, mel.shape[2])
        )
        onsets, whole = ear(mel + torch.from_numpy(colour.astype(np.float32)))
        loss = 2.0 * functional.binary_cross_entropy_with_logits(
            onsets, _softened(wanted), pos_weight=torch.tensor(2.0)
        )
        count = wanted.any(2).sum(1)
        has = (count >= FEWEST_DRUMS).float()
        # With and without drums count alike, however many there are of each.
        weight = torch.where(has > 0, 0.5 / max(share, 0.05), 0.5 / max(1.0 - share, 0.05))
        weight = weight * ((count == 0) | (count >= FEWEST_DRUMS))
        loss = loss + functional.binary_cross_entropy_with_logits(whole, has, weight=weight)
        course.learn(loss)


def _draw(
    lessons: Sequence[EarLesson],
    rows: int,
    frames: int,
    rng: np.random.Generator,
    parts: Callable[[EarLesson], tuple[NDArray[np.generic], ...]],
) -> list[Tensor]:
    """Stretches of random lessons, each part [rows, frames, D] in float32."""
    drawn = []
    for index in rng.integers(0, len(lessons), rows):
        arrays = parts(lessons[index])
        start = int(rng.integers(0, max(len(arrays[0]) - frames, 0) + 1))
        drawn.append([np.asarray(array[start : start + frames], np.float32) for array in arrays])
    return [torch.from_numpy(np.stack(column)) for column in zip(*drawn, strict=True)]


def _softened(onsets: Tensor) -> Tensor:
    """Half an onset in the frames beside one, since a frame's border says little: [B, T, D]."""
    padded = functional.pad(onsets, (0, 0, 1, 1))
    return torch.maximum(onsets, 0.5 * torch.maximum(padded[:, :-2], padded[:, 2:]))


def _best_note_level(ears: Ears, lessons: Sequence[EarLesson]) -> float:
    """Where precision and recall together are best."""
    best, level = -1.0, 0.0
    strengths = []
    with torch.no_grad():
        for lesson in lessons:
            parts = (torch.from_numpy(part)[None].float() for part in (lesson.view.long, lesson.view.short))
            strengths.append(ears.notes(*parts)[0].numpy())
    for candidate in np.arange(-2.0, 2.01, 0.25).tolist():
        counts = [
            match(onsets_in(s, candidate), one.notes) for s, one in zip(strengths, lessons, strict=True)
        ]
        asked, met, heard, meant = (
            sum(getattr(count, name) for count in counts) for name in ("asked", "met", "heard", "meant")
        )
        recall, precision = met / max(asked, 1), meant / max(heard, 1)
        score = 2.0 * recall * precision / max(recall + precision, 1e-9)
        if score > best:
            best, level = score, candidate
    return float(level)


def _best_drum_level(ears: Ears, lessons: Sequence[EarLesson]) -> float:
    """Where as many pieces with drums as without are taken for what they are; 0 if there are not both."""
    with_drums: list[float] = []
    without: list[float] = []
    with torch.no_grad():
        for lesson in lessons:
            score = float(ears.drums(torch.from_numpy(lesson.view.mel)[None].float())[1])
            if lesson.has_drums is not None:
                (with_drums if lesson.has_drums else without).append(score)
    if not with_drums or not without:
        return 0.0
    candidates = np.sort([*with_drums, *without])
    right = [np.mean(np.array(with_drums) > c) + np.mean(np.array(without) <= c) for c in candidates]
    best = candidates[np.isclose(right, max(right))]
    above = candidates[candidates > best[-1]]
    # In the middle of the gap, since the next pieces will not be the same.
    return float((best[-1] + (above[0] if len(above) else best[-1])) / 2.0)
