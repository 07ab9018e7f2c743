"""The codec as a stream: encoder, decoder, codes and chunks equal the whole, in every padding of EnCodec."""

import pytest
import torch

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.codec.seanet import ResidualBlock
from tests.contract import assert_streaming

SMALL = {
    "num_filters": 4,
    "hidden_size": 8,
    "codebook_dim": 8,
    "codebook_size": 16,
    "sampling_rate": 600,
    "upsampling_ratios": (4, 3),
    "target_bandwidths": (0.2, 0.6),
}
KINDS = {
    "causal, zeros": {},
    "causal, zeros, plain skip, two blocks, two LSTM layers": {
        "use_conv_shortcut": False,
        "num_residual_layers": 2,
        "num_lstm_layers": 2,
    },
    "causal, reflected": {"pad_mode": "reflect"},
    "not causal, reflected": {"pad_mode": "reflect", "use_causal_conv": False, "use_conv_shortcut": False},
    "not causal, zeros, stereo": {"use_causal_conv": False, "audio_channels": 2},
}


def small_codec(kind):
    torch.manual_seed(3)
    codec = Codec(CodecConfig(**(SMALL | KINDS[kind]))).eval()
    with torch.no_grad():
        for parameter in codec.parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 50
            parameter.normal_(0.0, fan_in**-0.5)
    codec.quantizer.codebooks.normal_()
    return codec


@pytest.fixture(params=list(KINDS))
def codec(request):
    return small_codec(request.param)


def test_latency_is_nought_for_the_causal_codec_with_zeros():
    codec = small_codec("causal, zeros")
    assert codec.latency == codec.encoder_latency == 0


def test_latency_of_the_published_configurations():
    causal = Codec(CodecConfig(num_filters=2, upsampling_ratios=(8, 5, 4, 2), pad_mode="reflect"))
    assert causal.latency == 7
    musicgen = Codec(
        CodecConfig(
            num_filters=2,
            sampling_rate=32_000,
            upsampling_ratios=(8, 5, 4, 4),
            pad_mode="reflect",
            use_causal_conv=False,
            use_conv_shortcut=False,
        )
    )
    assert musicgen.latency == 4


def test_decoder_streams(codec):
    assert_streaming(
        codec.decoder,
        torch.randn(2, 8, 20),
        2,
        upsample=codec.hop_length,
        delay=codec.decoder.output_delay,
        look_ahead=codec.latency,
    )


def test_encoder_streams(codec):
    assert_streaming(
        codec.encoder,
        torch.randn(2, codec.channels, 20 * codec.hop_length),
        2,
        stride=codec.hop_length,
        delay=codec.encoder_latency,
        look_ahead=codec.encoder_latency * codec.hop_length,
    )


@pytest.mark.parametrize("input_delay", [0, 5])
def test_residual_block_streams(input_delay):
    torch.manual_seed(0)
    block = ResidualBlock(CodecConfig(pad_mode="reflect"), 6, 2, input_delay=0)
    assert_streaming(block, torch.randn(2, 6, 15), 2, delay=block.output_delay, look_ahead=block.output_delay)


@pytest.mark.parametrize("prepared", [False, True])
def test_codes_decode_as_a_stream(codec, prepared):
    if prepared:
        codec.prepare_for_steps()
    assert_streaming(
        codec,
        torch.randint(0, 16, (2, codec.num_codebooks, 20)),
        2,
        forward=codec.decode,
        step=codec.decode_step,
        init_state=codec.init_decoder_state,
        upsample=codec.hop_length,
        delay=codec.latency * codec.hop_length,
        look_ahead=codec.latency,
    )


def test_a_stream_begins_with_silence_for_the_latency(codec):
    codes = torch.randint(0, 16, (1, codec.num_codebooks, codec.latency + 1))
    audio, _ = codec.decode_step(codes, codec.init_decoder_state())
    assert not audio[..., : codec.latency * codec.hop_length].any()
    assert audio[..., codec.latency * codec.hop_length :].any()


def test_audio_encodes_as_a_stream(codec):
    audio = torch.randn(2, codec.channels, 24 * codec.hop_length)
    whole = codec.encode(audio)
    assert whole.unique().numel() > 8, "a codec that uses few codes shows nothing"
    late = codec.encoder_latency
    for block in (1, 2, 4):
        state = codec.init_encoder_state(2)
        blocks = []
        for part in audio.split(block * codec.hop_length, dim=2):
            codes, state = codec.encode_step(part, state)
            blocks.append(codes)
        codes = torch.cat(blocks, dim=2)
        assert torch.equal(codes[..., late:], whole[..., : 24 - late])
        assert not codes[..., :late].any()


def test_a_block_of_broken_frames_is_refused():
    codec = small_codec("causal, zeros")
    with pytest.raises(ValueError, match="13 samples are not whole frames of 12"):
        codec.encode_step(torch.zeros(1, 1, 13), codec.init_encoder_state())


@pytest.mark.parametrize("chunk_seconds", [0.02, 0.2, 0.5, 10.0])
@pytest.mark.parametrize("surplus", [0, 5])
def test_chunks_leave_no_trace(codec, chunk_seconds, surplus):
    audio = torch.randn(1, codec.channels, 67 * codec.hop_length + surplus)
    codes = codec.encode(audio)
    assert torch.equal(codec.encode_chunked(audio, chunk_seconds), codes)
    difference = (codec.decode_chunked(codes, chunk_seconds) - codec.decode(codes)).abs().max()
    assert difference < 1e-5


def test_fewer_codebooks_are_a_prefix():
    codec = small_codec("causal, zeros")
    audio = torch.randn(1, 1, 120)
    codes = codec.encode(audio)
    assert codes.shape == (1, 3, 10)
    assert torch.equal(codec.encode(audio, num_codebooks=2), codes[:, :2])
    assert torch.equal(codec.encode_chunked(audio, num_codebooks=1), codes[:, :1])
    assert codec.decode(codes[:, :1]).shape == (1, 1, 120)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("kind", ["causal, zeros", "not causal, reflected"])
def test_the_gpu_streams_what_the_cpu_decodes(kind):
    codec = small_codec(kind)
    codes = torch.randint(0, 16, (2, codec.num_codebooks, 20))
    expected = codec.decode(codes)
    codec.cuda()
    late = codec.latency * codec.hop_length
    with torch.backends.cudnn.flags(allow_tf32=False):
        state = codec.init_decoder_state(2)
        blocks = []
        for part in codes.cuda().split(3, dim=2):
            audio, state = codec.decode_step(part, state)
            blocks.append(audio)
    streamed = torch.cat(blocks, dim=2).cpu()[..., late:]
    torch.testing.assert_close(streamed, expected[..., : expected.shape[2] - late], atol=1e-4, rtol=0)
