"""Against transformers' EncodecModel with the same weights: whole, as a stream, and through files."""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import EncodecConfig, EncodecModel

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec

SMALL = {
    "num_filters": 4,
    "hidden_size": 16,
    "codebook_size": 64,
    "num_lstm_layers": 1,
    "target_bandwidths": [0.6, 1.2],
}
KINDS = {
    "24 kHz, zeros": SMALL
    | {"upsampling_ratios": [8, 5, 4, 3], "pad_mode": "constant", "target_bandwidths": [0.6, 1.2]},
    "24 kHz, reflected": SMALL
    | {"upsampling_ratios": [8, 5, 4, 2], "pad_mode": "reflect", "target_bandwidths": [0.9, 1.8]},
    "32 kHz, not causal": SMALL
    | {
        "sampling_rate": 32_000,
        "upsampling_ratios": [8, 5, 4, 4],
        "pad_mode": "reflect",
        "use_causal_conv": False,
        "use_conv_shortcut": False,
        "num_lstm_layers": 2,
    },
}


def reference_model(kind):
    torch.manual_seed(6)
    model = EncodecModel(EncodecConfig(**KINDS[kind])).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Fresh weights whisper; louder ones make a difference of 1e-5 mean something.
            if name.endswith("original0"):
                parameter.mul_(1.6)
            elif name.endswith("bias"):
                parameter.normal_(0.0, 0.1)
        for layer in model.quantizer.layers:
            layer.codebook.embed.normal_(0.0, 0.3)
    return model


@pytest.fixture(params=list(KINDS))
def pair(request, tmp_path):
    """The reference and our codec read from what it saved."""
    model = reference_model(request.param)
    model.save_pretrained(tmp_path)
    return model, Codec.load(tmp_path)


def reference_codes(model, audio):
    return model.encode(audio, bandwidth=model.config.target_bandwidths[-1]).audio_codes[0]


@torch.no_grad()
def test_whole_signals_agree(pair):
    model, codec = pair
    # Not a whole number of frames: the encoder pads inside every strided layer.
    audio = torch.randn(2, 1, 20 * codec.hop_length + 123) * 0.3
    latent = model.encoder(audio)
    assert latent.std() > 0.1
    torch.testing.assert_close(codec.encoder(audio), latent, atol=1e-5, rtol=0)
    codes = reference_codes(model, audio)
    assert codes.shape == (2, 4, 21)
    assert codes.unique().numel() > 16
    assert torch.equal(codec.encode(audio), codes)
    expected = model.decode(codes[None], [None]).audio_values
    assert expected.std() > 0.05
    torch.testing.assert_close(codec.decode(codes), expected, atol=1e-5, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("block", [1, 3, 8])
def test_streams_agree(pair, block):
    model, codec = pair
    codes = torch.randint(0, 64, (1, 4, 24))
    expected = model.decode(codes[None], [None]).audio_values
    state = codec.init_decoder_state()
    blocks = []
    for part in codes.split(block, dim=2):
        audio, state = codec.decode_step(part, state)
        blocks.append(audio)
    late = codec.latency * codec.hop_length
    streamed = torch.cat(blocks, dim=2)[..., late:]
    torch.testing.assert_close(streamed, expected[..., : expected.shape[2] - late], atol=1e-5, rtol=0)

    expected_codes = reference_codes(model, expected)
    state = codec.init_encoder_state()
    blocks = []
    for part in expected.split(block * codec.hop_length, dim=2):
        encoded, state = codec.encode_step(part, state)
        blocks.append(encoded)
    streamed_codes = torch.cat(blocks, dim=2)[..., codec.encoder_latency :]
    assert torch.equal(streamed_codes, expected_codes[..., : 24 - codec.encoder_latency])


@torch.no_grad()
def test_a_causal_reflected_stream_is_exact_to_its_last_frame(tmp_path):
    reference_model("24 kHz, reflected").save_pretrained(tmp_path)
    codec = Codec.load(tmp_path)
    codes = torch.randint(0, 64, (1, 4, 12))
    flush = torch.zeros(1, 4, codec.latency, dtype=torch.int64)
    audio, _ = codec.decode_step(torch.cat([codes, flush], dim=2), codec.init_decoder_state())
    late = codec.latency * codec.hop_length
    torch.testing.assert_close(audio[..., late:], codec.decode(codes), atol=1e-5, rtol=0)


@torch.no_grad()
def test_transformers_reads_what_we_save(pair, tmp_path):
    _, codec = pair
    codec.save(tmp_path / "ours")
    again, problems = EncodecModel.from_pretrained(tmp_path / "ours", output_loading_info=True)
    assert not any(problems.values())
    codes = torch.randint(0, 64, (1, 4, 12))
    torch.testing.assert_close(
        again.eval().decode(codes[None], [None]).audio_values, codec.decode(codes), atol=1e-5, rtol=0
    )


def test_saving_and_loading_keeps_every_bit(pair, tmp_path):
    _, codec = pair
    with torch.no_grad():
        codec.encoder.layers[0].conv.weight[0] = 0.0  # a dead filter has no direction
    codec.save(tmp_path / "ours")
    loaded = Codec.load(str(tmp_path / "ours"))
    assert loaded.config == codec.config
    for name, value in codec.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    assert loaded.fingerprint() == codec.fingerprint()


def test_the_older_names_of_the_norm_are_read(tmp_path):
    model = reference_model("24 kHz, zeros")
    model.save_pretrained(tmp_path)
    codec = Codec.load(tmp_path)
    tensors = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): value
        for name, value in load_file(tmp_path / "model.safetensors").items()
    }
    assert any(name.endswith("weight_g") for name in tensors)
    save_file(tensors, tmp_path / "model.safetensors")
    assert Codec.load(tmp_path).fingerprint() == codec.fingerprint()


def test_settings_survive_both_ways(tmp_path):
    model = reference_model("32 kHz, not causal")
    model.save_pretrained(tmp_path)
    codec = Codec.load(tmp_path)
    assert (codec.sample_rate, codec.hop_length, codec.frame_rate) == (32_000, 640, 50.0)
    assert codec.num_codebooks == model.config.num_quantizers
    codec.save(tmp_path / "ours")
    written = EncodecConfig.from_dict(json.loads((tmp_path / "ours" / "config.json").read_text()))
    for name in ("upsampling_ratios", "use_causal_conv", "pad_mode", "codebook_dim", "target_bandwidths"):
        assert list(map(str, [getattr(written, name)])) == list(map(str, [getattr(model.config, name)])), name


def test_settings_left_out_have_the_values_of_transformers():
    config, reference = CodecConfig.from_dict({}), EncodecConfig()
    for field in dataclasses.fields(CodecConfig):
        ours, theirs = getattr(config, field.name), getattr(reference, field.name)
        assert ours == (tuple(theirs) if isinstance(theirs, list) else theirs), field.name
