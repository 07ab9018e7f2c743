"""The prepared decoder step: there where it can be, and true to the weights."""

import pytest
import torch

from tests.codec.test_codec_streaming import KINDS, small_codec


def decode(codec, frames=12):
    codes = torch.randint(0, 16, (2, codec.num_codebooks, frames), generator=torch.Generator().manual_seed(1))
    state = codec.init_decoder_state(2)
    return torch.cat([codec.decode_step(part, state)[0] for part in codes.split(1, dim=2)], 2)


@pytest.mark.parametrize("kind", KINDS)
def test_decoders_that_do_not_look_ahead_are_prepared(kind):
    codec = small_codec(kind)
    expected = decode(codec)
    codec.prepare_for_steps()
    assert (codec._plan is not None) == (codec.latency == 0)
    torch.testing.assert_close(decode(codec), expected, rtol=0, atol=1e-5)


def test_fewer_codebooks_and_longer_blocks_in_between_make_no_difference():
    codec = small_codec("causal, zeros")
    codes = torch.randint(0, 16, (1, 1, 12), generator=torch.Generator().manual_seed(1))
    expected = codec.decode(codes)
    codec.prepare_for_steps()
    state = codec.init_decoder_state()
    audio = torch.cat([codec.decode_step(part, state)[0] for part in codes.split([1, 1, 4, 1, 5], 2)], 2)
    torch.testing.assert_close(audio, expected, rtol=0, atol=1e-5)


def test_the_prepared_step_follows_the_weights():
    codec = small_codec("causal, zeros")
    codec.prepare_for_steps()
    before = decode(codec)
    codec.load_state_dict({name: 0.8 * weight for name, weight in codec.state_dict().items()})
    after = decode(codec)
    assert (after - before).abs().max() > 0.01
    codec._plan = None
    torch.testing.assert_close(after, decode(codec), rtol=0, atol=1e-5)


def test_the_prepared_step_is_dropped_in_another_precision():
    codec = small_codec("causal, zeros")
    codec.prepare_for_steps()
    expected = decode(codec)
    codec.double()
    audio = decode(codec)
    assert audio.dtype == torch.float64
    torch.testing.assert_close(audio.float(), expected, rtol=0, atol=1e-5)


def test_loud_gates_stay_finite_and_silent():
    codec = small_codec("causal, zeros")
    with torch.no_grad():
        codec.decoder.layers[1].lstm.bias_ih_l0.mul_(1e4)
    expected = decode(codec)
    codec.prepare_for_steps()
    torch.testing.assert_close(decode(codec), expected, rtol=0, atol=1e-5)
