"""Batches whose every row is an endless stream of pieces, and the conditions that are hidden from it.

A row reads piece after piece, and its next batch goes on where the last one ended, so the model's recurrent
state can be
carried from step to step: that is what keeps a stream of hours as good as its first seconds (arXiv
2507.02782), and it teaches the model to change over when the prompt does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.conditions import CLOCK, KEY_FREE, Conditions
from simba_live.data.tokens import TokenCorpus, TokenPiece
from simba_live.errors import CorpusError

WRITTEN = ("chord", "notes", "drums", "instruments", "programs", "density")
"""The fields that the arranger writes; all free in free running."""


@dataclass(frozen=True)
class Batch:
    """One step's input: codes int64 [B, K, T], features [B, T, F], style [B, T, S]; rows that begin anew."""

    codes: Tensor
    features: Tensor
    style: Tensor
    fresh: Tensor


@dataclass(frozen=True)
class Hiding:
    """How often each kind of condition is hidden from a stretch (probabilities).

    Attributes:
        everything: no condition at all, not even a style.
        free: everything the arranger writes, the setting of `--free`.
        style: the text alone.
        clock: tempo, beat and bar.
        key: the key, more often in free running.
        each: any single field that the arranger writes, in the other stretches.
        brightness: as its name says.
        register: all notes below or above a random pitch.
    """

    everything: float = 0.06
    free: float = 0.34
    style: float = 0.12
    clock: float = 0.08
    key: float = 0.25
    each: float = 0.12
    brightness: float = 0.5
    register: float = 0.06


_TOLD = Hiding(everything=0, free=0, style=0, clock=0, key=0, each=0, brightness=1, register=0)

JUDGED = {"arranger": _TOLD, "unprompted": replace(_TOLD, style=1), "free": replace(_TOLD, free=1)}
"""What a model is told when it is judged: the prompt and all that the arranger writes, the same without the
prompt, or prompt, clock and key."""


class TokenStreams:
    """Streams over one split of a tokenised corpus.

    Args:
        corpus: what `simba-live data tokenize` wrote.
        split: `train` or `valid`.
        rows: streams side by side (the batch size B).
        length: frames a step (T).
        seed: of the order and of what is hidden.
        fits: which pieces are read; None is all of them.
    """

    def __init__(
        self,
        corpus: TokenCorpus,
        split: str,
        rows: int,
        length: int,
        seed: int,
        fits: Callable[[TokenPiece], bool] | None = None,
    ) -> None:
        self.corpus, self.rows, self.length, self.seed = corpus, rows, length, seed
        self.pieces = tuple(filter(fits, corpus.pieces(split))) if fits else corpus.pieces(split)
        if not self.pieces:
            folders = " and ".join(map(str, corpus.folders))
            raise CorpusError(f"{folders}: no pieces in the {split} split; compose or add more music")
        self.captions = corpus.embeddings
        self.num_frames = sum(piece.length for piece in self.pieces)

    def batch(self, step: int, hiding: Hiding, fresh_rate: float) -> Batch:
        """The batch of a step; the same for the same seed and step number."""
        generator = np.random.Generator(np.random.Philox(key=[self.seed, step]))
        rows = [self._row(row, step, hiding, generator) for row in range(self.rows)]
        codes, features, style = (np.stack(parts) for parts in zip(*rows, strict=True))
        fresh = generator.random(self.rows) < fresh_rate
        return Batch(*(torch.from_numpy(array) for array in (codes, features, style, fresh)))

    def _row(
        self, row: int, step: int, hiding: Hiding, generator: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        codes, features, styles = [], [], []
        for piece, start, length in self.stretches(row, step):
            conditions = self.corpus.conditions(piece, start, length)
            keep_style = hide(conditions, hiding, generator)
            codes.append(self.corpus.codes(piece, start, length))
            features.append(conditions.features())
            styles.append(
                np.broadcast_to(self.caption(piece, generator) * keep_style, (length, self.captions.shape[1]))
            )
        return np.concatenate(codes, 1), np.concatenate(features), np.concatenate(styles)

    def caption(self, piece: TokenPiece, generator: np.random.Generator) -> NDArray[np.float32]:
        """The embedding of one of the piece's captions, drawn anew each time; zeros if it has none."""
        if not piece.captions:
            return np.zeros(self.captions.shape[1], np.float32)
        chosen: NDArray[np.float32] = self.captions[piece.captions[generator.integers(len(piece.captions))]]
        return chosen

    def stretches(self, row: int, step: int, more: int = 0) -> list[tuple[TokenPiece, int, int]]:
        """What a row reads in a step: (piece, first frame, number of frames), `length` + `more` in all.

        The `more` last frames are the first of the row's next step.
        """
        # Each pass over the corpus is one permutation; rows begin at different places of it.
        position = step * self.length + row * (self.num_frames // self.rows)
        stretches = []
        missing = self.length + more
        while missing:
            turn, offset = divmod(position, self.num_frames)
            order, ends = self._order(turn)
            index = int(np.searchsorted(ends, offset, side="right"))
            piece = self.pieces[order[index]]
            start = offset - (int(ends[index]) - piece.length)
            length = min(missing, piece.length - start)
            stretches.append((piece, start, length))
            position, missing = position + length, missing - length
        return stretches

    def _order(self, turn: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The permutation of a pass and the frame at which each of its pieces ends."""
        if turn not in (cache := self.__dict__.setdefault("_orders", {})):
            order = np.random.Generator(np.random.Philox(key=[self.seed + 7919, turn])).permutation(
                len(self.pieces)
            )
            cache[turn] = order, np.cumsum([self.pieces[index].length for index in order])
        found: tuple[NDArray[np.int64], NDArray[np.int64]] = cache[turn]
        return found


def hide(conditions: Conditions, hiding: Hiding, generator: np.random.Generator) -> float:
    """Set conditions to free, in place, as `hiding` says; 1.0 if the style stays, 0.0 if it goes."""

    def happens(probability: float) -> bool:
        return bool(generator.random() < probability)

    if happens(hiding.everything):
        set_free(conditions, *conditions.arrays())
        return 0.0
    free_running = happens(hiding.free / (1.0 - hiding.everything))
    if happens(hiding.clock):
        set_free(conditions, *CLOCK)
    if happens(hiding.key * (1.5 if free_running else 1.0)):
        set_free(conditions, "key")
    if happens(hiding.brightness):
        set_free(conditions, "brightness")
    for field in WRITTEN:
        if free_running or happens(hiding.each):
            set_free(conditions, field)
    if happens(hiding.register):
        split = generator.integers(36, 84)
        conditions.notes[:, slice(None, split) if happens(0.5) else slice(split, None)] = 0
    return 0.0 if happens(hiding.style) else 1.0


def set_free(conditions: Conditions, *names: str) -> None:
    """Leave the named fields to the model, in place."""
    for name in names:
        array = getattr(conditions, name)
        array[:] = np.nan if array.dtype == np.float32 else KEY_FREE if name == "key" else 0
