"""Codec folders that cannot be used are refused in one line that says why."""

import json

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file, save_file

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.errors import CheckpointError

TINY = CodecConfig(
    num_filters=2,
    hidden_size=4,
    codebook_dim=4,
    upsampling_ratios=(3, 2),
    codebook_size=4,
    sampling_rate=600,
    target_bandwidths=(0.4,),
)


@pytest.fixture
def folder(tmp_path):
    Codec(TINY).save(tmp_path / "codec")
    return tmp_path / "codec"


def refusal(source):
    with pytest.raises(CheckpointError) as caught:
        Codec.load(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


def change_weights(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def change_settings(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_what_was_saved_loads(folder):
    assert Codec.load(folder).config == TINY
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]


def test_missing_tensor(folder):
    change_weights(folder, lambda tensors: tensors.pop("decoder.layers.1.lstm.weight_ih_l0"))
    assert "lack decoder.layers.1.lstm.weight_ih_l0" in refusal(folder)


def test_unknown_tensor(folder):
    change_weights(folder, lambda tensors: tensors.update(surprise=torch.zeros(1)))
    assert "unknown tensors: surprise" in refusal(folder)


def test_wrong_shape(folder):
    change_settings(folder, num_filters=3)
    message = refusal(folder)
    assert "config.json asks for (3" in message


def test_values_that_are_not_finite(folder):
    change_weights(folder, lambda tensors: tensors["encoder.layers.0.conv.bias"].fill_(float("nan")))
    assert "encoder.layers.0.conv.bias holds values that are not finite" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_truncated_weights(folder, keep):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert "cannot read codec weights" in refusal(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "codec.pt", "model.pth"])
def test_pickles_are_refused_by_name(folder, name):
    (folder / "model.safetensors").rename(folder / name)
    message = refusal(folder)
    assert f"pickle {name}" in message


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_missing_file(folder, name):
    (folder / name).unlink()
    assert f"lacks {name}" in refusal(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_broken_settings(folder, text):
    (folder / "config.json").write_text(text)
    assert "cannot read codec settings" in refusal(folder)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"tempo": 3}, "unknown keys: tempo"),
        ({"model_type": "dac"}, "for a 'dac' model"),
        ({"normalize": True}, "cannot stream"),
        ({"norm_type": "time_group_norm"}, "cannot stream"),
        ({"chunk_length_s": 1.0}, "cannot stream"),
        ({"pad_mode": "replicate"}, "pad_mode 'replicate'"),
        ({"codebook_dim": 5}, "codebook_dim 5"),
        ({"codebook_size": 1000}, "codebook_size 1000"),
        ({"audio_channels": 8}, "audio_channels 8"),
        ({"upsampling_ratios": []}, "upsampling_ratios"),
        ({"upsampling_ratios": 4}, "wrong kind"),
        ({"num_filters": 0}, "num_filters 0"),
        ({"num_filters": "many"}, "wrong kind"),
        ({"num_residual_layers": -1}, "num_residual_layers -1"),
        ({"target_bandwidths": [0.0]}, "target_bandwidths"),
        ({"use_causal_conv": False, "trim_right_ratio": 0.5}, "trim_right_ratio 0.5"),
    ],
)
def test_settings_that_cannot_be(folder, values, expected):
    change_settings(folder, **values)
    assert expected in refusal(folder)


def test_notes_that_transformers_keeps_for_itself_are_no_settings(folder):
    change_settings(folder, transformers_version="4.31.0", torch_dtype="float32", _name_or_path="x")
    assert Codec.load(folder).config == TINY


@pytest.mark.parametrize("source", ["nowhere", "/no/such/folder", "./a/b", "a/b/c"])
def test_no_such_folder(source):
    assert f"no codec folder {source}" in refusal(source)


def test_a_name_is_fetched_from_the_hub(folder, monkeypatch):
    asked = []

    def fetch(name, allow_patterns):
        asked.append((name, sorted(allow_patterns)))
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    assert Codec.load("someone/codec").config == TINY
    assert asked == [("someone/codec", ["config.json", "model.safetensors"])]


def test_a_hub_that_does_not_answer_is_one_line(monkeypatch):
    def fetch(name, allow_patterns):
        raise OSError("first line\nsecond line")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    message = refusal("someone/codec")
    assert "hub did not give it (first line)" in message


def test_a_folder_that_cannot_be_written(folder):
    (folder / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot write codec"):
        Codec(TINY).save(folder / "file" / "codec")


def test_the_fingerprint_names_what_the_codes_mean():
    torch.manual_seed(0)
    codec = Codec(TINY)
    before, sound = codec.fingerprint(), codec.fingerprint(decoder=True)
    assert len(before) == len(sound) == 16
    assert codec.fingerprint() == before != sound
    with torch.no_grad():
        next(codec.decoder.parameters()).add_(1.0)
        assert codec.fingerprint() == before
        assert codec.fingerprint(decoder=True) != sound
        next(codec.encoder.parameters()).add_(1.0)
    assert codec.fingerprint() != before
    changed = codec.fingerprint()
    codec.quantizer.codebooks[0, 0, 0] += 1e-3
    assert codec.fingerprint() not in (before, changed)


def test_the_default_is_ours():
    codec = Codec()
    assert (codec.sample_rate, codec.hop_length, codec.frame_rate) == (24_000, 480, 50.0)
    assert (codec.num_codebooks, codec.codebook_size, codec.channels) == (16, 1024, 1)
    assert codec.latency == codec.encoder_latency == 0
