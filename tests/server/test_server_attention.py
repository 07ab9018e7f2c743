"""What of the sound is told: music and short rests, from the moment that somebody wants it."""

import numpy as np
import pytest
import torch

from simba_live.server.attention import BLOCK_FRAMES, REST_BLOCKS, WARM_UP_FRAMES, Attention
from tests.checkpoints import make_codec

SECONDS = 1 / 50


@pytest.fixture(scope="module")
def codec():
    return make_codec()


def music(codec, frames, seed=0):
    shape = (1, frames * codec.hop_length)
    return (0.2 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def test_nothing_is_told_before_it_is_wanted(codec):
    attention = Attention(codec, 3)
    assert attention.push(music(codec, 50), 1.0) == []


def test_all_codes_are_told_with_their_times(codec):
    attention = Attention(codec, 3)
    attention.wanted = True
    audio = music(codec, 4 * BLOCK_FRAMES)
    # Frames do not come in blocks.
    told = attention.push(audio[:, : 7 * codec.hop_length], 10.0)
    told += attention.push(audio[:, 7 * codec.hop_length :], 10.0 + 13 * SECONDS)
    codes = np.concatenate([heard.codes for heard in told], 1)
    assert np.array_equal(codes, codec.encode(torch.from_numpy(audio)[None])[0, :3].numpy())
    ends = [10.0 + (frames - 7) * SECONDS for frames in (5, 10, 15, 20)]
    assert [heard.ended for heard in told] == pytest.approx(ends)


def test_the_encoder_remembers_what_went_before(codec):
    attention = Attention(codec, 3)
    before, audio = music(codec, WARM_UP_FRAMES, 1), music(codec, BLOCK_FRAMES)
    attention.push(music(codec, 30, 2), 1.0)
    attention.push(before, 2.0)
    attention.wanted = True
    (told,) = attention.push(audio, 3.0)
    whole = codec.encode(torch.from_numpy(np.concatenate([before, audio], 1))[None])[0, :3].numpy()
    assert np.array_equal(told.codes, whole[:, WARM_UP_FRAMES:])


def test_a_short_rest_is_told_with_what_follows_it_and_a_long_one_in_part(codec):
    attention = Attention(codec, 3)
    attention.wanted = True
    block = music(codec, BLOCK_FRAMES)
    rest = np.zeros_like(block)
    assert len(attention.push(block, 1.0)) == 1
    assert attention.push(np.concatenate([rest] * 3, 1), 2.0) == []
    (told,) = attention.push(block, 3.0)
    assert told.codes.shape[1] == 4 * BLOCK_FRAMES
    assert attention.push(np.concatenate([rest] * 50, 1), 4.0) == []
    (told,) = attention.push(block, 5.0)
    assert told.codes.shape[1] == (REST_BLOCKS + 1) * BLOCK_FRAMES


def test_who_listens_again_begins_anew(codec):
    attention = Attention(codec, 3)
    attention.wanted = True
    attention.push(music(codec, 3), 1.0)
    attention.wanted = False
    attention.push(music(codec, 1), 1.1)
    attention.wanted = True
    assert attention.push(music(codec, 4), 1.2) == []
    assert len(attention.push(music(codec, 1), 1.3)) == 1
