"""From sound that comes bit by bit to the codes that a model has heard."""

from __future__ import annotations

import torch
from torch import Tensor

from .encodec import Codec


class CodeStream:
    """Codes of a stream of sound, exactly those of the whole sound encoded at once.

    Args:
        codec: encodes.
        num_codebooks: how many codebooks are wanted, the first ones.
    """

    def __init__(self, codec: Codec, num_codebooks: int) -> None:
        self._codec, self._num_codebooks = codec, num_codebooks
        self._state = codec.init_encoder_state(1)
        self._late = codec.encoder_latency

    @torch.inference_mode()
    def push(self, audio: Tensor) -> Tensor:
        """The codes that are known by now.

        Args:
            audio: float32 [1, C, n * hop_length], -1 to 1, at the codec's rate.

        Returns:
            int64 [1, K, m]: m is n, less at the beginning of a stream where the codec looks ahead.
        """
        codes, self._state = self._codec.encode_step(audio, self._state)
        late, self._late = self._late, max(0, self._late - codes.shape[2])
        return codes[:, : self._num_codebooks, late:]
