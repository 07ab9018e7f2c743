"""Batches for the score model: what each frame is told, and what it was written to hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.conditions import (
    CHORD_IN,
    CHORD_ROOT,
    CLOCK,
    DRUM_KIT,
    NOTE_OFF,
    NOTE_ONSET,
    NOTE_SUSTAINED,
    NUM_PITCHES,
    PRESENT,
    Conditions,
)
from simba_live.data.tokens import TokenCorpus, TokenPiece
from simba_live.model.score import OLDEST
from simba_live.model.score_frames import (
    BAND,
    CHORD,
    MEMORY,
    NOTES,
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

from .token_streams import TokenStreams

CAPTIONS = 64
"""Captions a step that are told apart by style."""


@dataclass(frozen=True)
class Telling:
    """How often a stretch is told something, or is not (probabilities).

    Attributes:
        style: that the text is hidden.
        clock: that tempo, beat and bar are.
        chord: that the chords are told.
        drums: that the drums' onsets are told.
        kit: that it is told whether there are drums.
        instruments: that all instruments are told.
        density: that density is told.
        register: that what sounds between two random pitches is told, as somebody plays it.
    """

    style: float = 0.1
    clock: float = 0.03
    chord: float = 0.12
    drums: float = 0.06
    kit: float = 0.12
    instruments: float = 0.1
    density: float = 0.1
    register: float = 0.12


@dataclass(frozen=True)
class Lists:
    """Places in lists of items that ascend, each with the item that follows there.

    Attributes:
        frame: int64 [M], the frame that the list is of; the first places are the lists' ends, in their order.
        before: float32 [M, size], the items that the list has already.
        item: int64 [M], the next one; `size` is the end.
    """

    frame: Tensor
    before: Tensor
    item: Tensor

    @classmethod
    def of(cls, marks: Marks, frames: NDArray[np.int64]) -> Lists:
        """All places of some lists: marks [n, size], and which frames they are of."""
        size = marks.shape[1]
        rows, items = np.nonzero(marks)
        before = np.concatenate([marks, marks[rows] & (np.arange(size) < items[:, None])])
        return cls(
            torch.from_numpy(np.concatenate([frames, frames[rows]])),
            torch.from_numpy(before.astype(np.float32)),
            torch.from_numpy(np.concatenate([np.full(len(marks), size), items])),
        )


@dataclass(frozen=True)
class ScoreBatch:
    """One step's input and what is to be written, N = B * T frames in all.

    Attributes:
        features: float32 [B, T, F].
        style: float32 [B, T, S].
        fresh: bool [B], rows that begin anew.
        minor: float32 [B, T], 1 where the key is minor.
        instruments: float32 [N, 17], 1 where they play.
        bands: the instruments' lists, of the frames that decide them.
        tones: float32 [N, 24], the chord's tones, then its root.
        changes: int64 [n], the frames that decide the chord.
        chords: int64 [n], 0 for the chord as before, or its number in `ScoreConfig.chords` and 1; -1 for
            what is no chord.
        onsets: the onsets' lists, of all frames.
        sounding: int64 [2, m], frames and the pitches that sounded before and do not begin anew.
        age: int64 [m], for how long, see `score_frames.age_steps`.
        ended: float32 [m], 1 where they no longer sound.
        density: float32 [N].
        captions: float32 [n, S], embedded; any of the corpus's, whatever the streams are at.
        caption_styles: int64 [n], the styles of their pieces; -1 for one that is not known.
    """

    features: Tensor
    style: Tensor
    fresh: Tensor
    minor: Tensor
    instruments: Tensor
    bands: Lists
    tones: Tensor
    changes: Tensor
    chords: Tensor
    onsets: Lists
    sounding: Tensor
    age: Tensor
    ended: Tensor
    density: Tensor
    captions: Tensor
    caption_styles: Tensor


def is_written(corpus: TokenCorpus, piece: TokenPiece) -> bool:
    """Whether a piece's notes, chords, drums and key are known, as those of composed ones are."""
    first = corpus.conditions(piece, 0, 1)
    return bool(written_rows(first).all() and first.key[0] >= 0)


def chord_shapes(corpus: TokenCorpus, pieces: tuple[TokenPiece, ...]) -> tuple[int, ...]:
    """The distinct chords of some pieces, as `ScoreConfig.chord_shapes`."""
    found: set[int] = set()
    for piece in pieces:
        chords = np.unique(corpus.conditions(piece).chord, axis=0)
        for chord in chords[(chords == CHORD_ROOT).any(1)]:
            intervals = np.roll(chord >= CHORD_IN, -int(np.argmax(chord == CHORD_ROOT)))
            found.add(int(intervals @ (1 << np.arange(12))))
    return tuple(sorted(found))


class ScoreStreams:
    """Streams of written pieces, as `TokenStreams` reads them.

    Args:
        corpus: what `simba-live data tokenize` wrote.
        split: `train` or `valid`.
        rows: streams side by side (B).
        length: frames a step (T).
        seed: of the order and of what is told.
        styles: names of the styles that captions are told apart by; None is all of the split.

    Raises:
        CorpusError: the split has no written piece.
    """

    def __init__(
        self,
        corpus: TokenCorpus,
        split: str,
        rows: int,
        length: int,
        seed: int,
        styles: tuple[str, ...] | None = None,
    ) -> None:
        self.streams = TokenStreams(
            corpus, split, rows, length, seed, fits=lambda piece: is_written(corpus, piece)
        )
        self.corpus = corpus
        pieces = self.streams.pieces
        self.styles = styles or tuple(sorted({piece.style for piece in pieces}))
        numbers = {name: number for number, name in enumerate(self.styles)}
        pairs = [(caption, numbers.get(piece.style, -1)) for piece in pieces for caption in piece.captions]
        self._captions = np.array(pairs, np.int64).reshape(-1, 2)

    def batch(
        self, step: int, telling: Telling, fresh_rate: float, known_chords: NDArray[np.uint8]
    ) -> ScoreBatch:
        """The batch of a step; the same for the same seed and step number."""
        streams = self.streams
        generator = np.random.Generator(np.random.Philox(key=[streams.seed, step]))
        fresh = generator.random(streams.rows) < fresh_rate
        rows = [self._row(row, step, telling, bool(fresh[row]), generator) for row in range(streams.rows)]
        features, style, now, before, age, lines, density, minor = (
            np.concatenate(parts) for parts in zip(*rows, strict=True)
        )
        shape = (streams.rows, streams.length, -1)
        tones = np.concatenate([now[:, CHORD] >= CHORD_IN, now[:, CHORD] == CHORD_ROOT], axis=1)
        on_beat, on_bar = (np.flatnonzero(line) for line in lines.T)
        sounding = np.nonzero((before[:, NOTES] >= NOTE_SUSTAINED) & (now[:, NOTES] != NOTE_ONSET))
        band = now[:, BAND] == PRESENT
        captions, caption_styles = self._some_captions(generator)
        return ScoreBatch(
            features=torch.from_numpy(features).view(shape),
            style=torch.from_numpy(style).view(shape),
            fresh=torch.from_numpy(fresh),
            minor=torch.from_numpy(minor.astype(np.float32)).view(shape[:2]),
            instruments=torch.from_numpy(band.astype(np.float32)),
            bands=Lists.of(band[on_bar], on_bar),
            tones=torch.from_numpy(tones.astype(np.float32)),
            changes=torch.from_numpy(on_beat),
            chords=torch.from_numpy(_chord_numbers(before[on_beat], now[on_beat], known_chords)),
            onsets=Lists.of(begun(now), np.arange(len(now))),
            sounding=torch.from_numpy(np.stack(sounding)),
            age=torch.from_numpy(age[sounding]),
            ended=torch.from_numpy((now[:, NOTES][sounding] == NOTE_OFF).astype(np.float32)),
            density=torch.from_numpy(density),
            captions=captions,
            caption_styles=caption_styles,
        )

    def _some_captions(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Embeddings of some captions, and the numbers of their styles; none where the corpus has none."""
        chosen = (
            self._captions[generator.integers(0, len(self._captions), CAPTIONS)]
            if len(self._captions)
            else self._captions
        )
        embedded = self.corpus.embeddings[chosen[:, 0]].astype(np.float32)
        return torch.from_numpy(embedded), torch.from_numpy(chosen[:, 1].copy())

    def _row(
        self, row: int, step: int, telling: Telling, fresh: bool, generator: np.random.Generator
    ) -> tuple[NDArray[np.generic], ...]:
        """Features, style, rows of the frames and of those before, ages of notes, lines, density and mode."""
        pieces, tolds, styles, begins = [], [], [], []
        for piece, start, length in self.streams.stretches(row, step, more=MEMORY):
            conditions = self.corpus.conditions(piece, start, length)
            caption = self.streams.caption(piece, generator)
            pieces.append(conditions)
            tolds.append(tell(conditions, telling, generator))
            styles.append(np.tile(caption * (generator.random() >= telling.style), (length, 1)))
            begins.append(np.arange(start, start + length) == 0)
        # The first frames are there only to be remembered.
        whole, told = Conditions.concatenate(pieces), Conditions.concatenate(tolds)[MEMORY:]
        now, last = whole[MEMORY:], whole[MEMORY - 1 : -1]
        turn = TURNS[now.key % 12]
        written = written_rows(whole)
        before = np.take_along_axis(written[MEMORY - 1 : -1], turn, 1)
        opening = np.concatenate(begins)[MEMORY:, None]
        lines = np.stack([now.beat < last.beat, now.bar < last.bar], 1) | opening
        marks, bars = begun(written), bar_length(last.bar, told.bar)
        if fresh:
            before[0], lines[0], marks[:MEMORY], bars[0] = 0, True, False, 0
        minor, rate = now.key >= 12, self.corpus.frame_rate
        again = _struck_again(marks, bars, turn)
        features = score_features(
            before, again, np.take_along_axis(written_rows(told), turn, 1), told, minor, rate
        )
        ages = np.take_along_axis(_ages(marks), turn[:, NOTES] - NOTES.start, 1)
        return (
            features,
            np.concatenate(styles)[MEMORY:].astype(np.float32),
            np.take_along_axis(written[MEMORY:], turn, 1),
            before,
            age_steps(ages, told.tempo[:, None], rate),
            lines,
            now.density.astype(np.float32),
            minor,
        )


def tell(conditions: Conditions, telling: Telling, generator: np.random.Generator) -> Conditions:
    """What is told of a stretch: all else is free, and is the model's to write."""

    def happens(probability: float) -> bool:
        return bool(generator.random() < probability)

    told = Conditions.free(len(conditions))
    fields = [
        *(() if happens(telling.clock) else CLOCK),
        *(name for name in ("chord", "drums", "instruments", "density") if happens(getattr(telling, name))),
    ]
    for field in fields:
        getattr(told, field)[:] = getattr(conditions, field)
    if happens(telling.kit):
        told.instruments[:, DRUM_KIT] = conditions.instruments[:, DRUM_KIT]
    if happens(telling.register):
        low, high = sorted(generator.integers(0, NUM_PITCHES, 2))
        told.notes[:, low:high] = conditions.notes[:, low:high]
    return told


def _struck_again(marks: Marks, length: NDArray[np.int64], turn: NDArray[np.int64]) -> Marks:
    """`again` of `score_features`, from what began in MEMORY frames and T more, and the bars' lengths [T]."""
    frames = np.arange(MEMORY, len(marks))[:, None] - length[:, None] + np.array(SLIPS)
    known = length[:, None, None] > 0
    again = marks[np.where(known[:, :, 0], frames, 0)] & known
    return np.take_along_axis(again, turn[:, None, ONSETS] - ONSETS.start, 2)


def _ages(marks: Marks) -> NDArray[np.int64]:
    """Frames since each pitch began, as of the last T frames, [T, NUM_PITCHES]."""
    number = np.arange(len(marks))[:, None]
    began = np.maximum.accumulate(np.where(marks[:, -NUM_PITCHES:], number, -OLDEST), axis=0)
    return np.minimum(number[MEMORY:] - began[MEMORY - 1 : -1], OLDEST)


def _chord_numbers(before: Rows, now: Rows, known: NDArray[np.uint8]) -> NDArray[np.int64]:
    """`ScoreBatch.chords` of n frames, -1 for what is no chord."""
    weights = 4 ** np.arange(12)
    codes, wanted = known.astype(np.int64) @ weights, now[:, CHORD].astype(np.int64) @ weights
    order = np.argsort(codes)
    place = order[np.minimum(np.searchsorted(codes, wanted, sorter=order), len(order) - 1)]
    numbers = np.where(codes[place] == wanted, place + 1, -1)
    return np.where((before[:, CHORD] == now[:, CHORD]).all(1), 0, numbers)
