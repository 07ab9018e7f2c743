"""What of the sound that comes is told to the session: music and short rests as codes, no long silence."""

from __future__ import annotations

from collections import deque

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.codec.encodec import Codec
from simba_live.codec.listening import CodeStream

from .hearing import Heard

BLOCK_FRAMES = 5
"""Frames that are encoded and told at a time: every tenth of a second."""

REST_BLOCKS = 10
"""The longest rest that is told, with what follows it; of a longer one the end."""

WARM_UP_FRAMES = 25
"""Frames before the first that is told, which the encoder hears too: it has a memory."""


class Attention:
    """From frames of sound to what is told of them; one thread uses it.

    Args:
        codec: encodes.
        num_codebooks: how many codebooks the model reads.

    Attributes:
        wanted: whether anything is told.
    """

    def __init__(self, codec: Codec, num_codebooks: int) -> None:
        self.wanted = False
        self._codec, self._num_codebooks = codec, num_codebooks
        self._frame_seconds = 1.0 / codec.frame_rate
        self._late_seconds = codec.encoder_latency * self._frame_seconds
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=WARM_UP_FRAMES)
        self._frames: list[NDArray[np.float32]] = []
        self._rests: deque[NDArray[np.int64]] = deque(maxlen=REST_BLOCKS)
        self._stream: CodeStream | None = None

    def push(self, audio: NDArray[np.float32], ended: float) -> list[Heard]:
        """Take in whole frames.

        Args:
            audio: [C, n * hop_length].
            ended: when the last of them ended, by `time.monotonic`.

        Returns:
            what there is to tell.
        """
        hop = self._codec.hop_length
        count = audio.shape[1] // hop
        told = []
        for index in range(count):
            frame = audio[:, index * hop : (index + 1) * hop]
            if self.wanted:
                told += self._attend(frame, ended - (count - 1 - index) * self._frame_seconds)
            else:
                self._stream = None
                self._recent.append(frame)
        return told

    def _attend(self, frame: NDArray[np.float32], ended: float) -> list[Heard]:
        if self._stream is None:
            self._begin()
        self._frames.append(frame)
        if len(self._frames) < BLOCK_FRAMES:
            return []
        block = np.concatenate(self._frames, 1)
        self._frames.clear()
        codes = self._codes(block)
        if not codes.shape[1]:
            return []
        if not block.any():  # The gate is closed.
            self._rests.append(codes)
            return []
        codes = np.concatenate([*self._rests, codes], 1)
        self._rests.clear()
        return [Heard(codes, ended - self._late_seconds)]

    def _begin(self) -> None:
        self._stream = CodeStream(self._codec, self._num_codebooks)
        self._frames.clear()
        self._rests.clear()
        if self._recent:
            self._codes(np.concatenate(self._recent, 1))
            self._recent.clear()

    def _codes(self, audio: NDArray[np.float32]) -> NDArray[np.int64]:
        assert self._stream is not None
        codes: NDArray[np.int64] = self._stream.push(torch.from_numpy(audio)[None])[0].numpy()
        return codes
