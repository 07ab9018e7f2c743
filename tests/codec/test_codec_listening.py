import numpy as np
import pytest
import torch

from simba_live.codec.listening import CodeStream
from tests.checkpoints import CAUSAL, LATE, make_codec


@pytest.mark.parametrize("config", [CAUSAL, LATE])
@pytest.mark.parametrize("block", [1, 5])
def test_codes_come_bit_by_bit_as_they_would_at_once(config, block):
    codec = make_codec(config)
    audio = 0.2 * np.random.default_rng(0).standard_normal((1, 40 * codec.hop_length)).astype(np.float32)
    whole = codec.encode(torch.from_numpy(audio)[None])[0, :2].numpy()
    stream = CodeStream(codec, 2)
    size = block * codec.hop_length
    parts = [
        stream.push(torch.from_numpy(audio[None, :, start : start + size]))[0].numpy()
        for start in range(0, audio.shape[1], size)
    ]
    codes = np.concatenate(parts, 1)
    assert codes.shape == (2, 40 - codec.encoder_latency)
    assert np.array_equal(codes, whole[:, : codes.shape[1]])
    assert codes.dtype == np.int64
