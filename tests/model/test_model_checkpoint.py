"""Checkpoints come back as they were written, and whatever does not fit is refused by name."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from simba_live.conditions import NUM_FEATURES
from simba_live.errors import CheckpointError, OptionError
from simba_live.model import ModelConfig, TokenModel, build_model, load_model, preset_config, save_model
from simba_live.model.checkpoint import read_config

SMALL = ModelConfig(
    d_model=16, num_layers=1, d_state=4, head_dim=16, num_codebooks=2, codebook_size=8, depth_hidden=8,
    style_dim=6,
)  # fmt: skip


def make_model() -> TokenModel:
    torch.manual_seed(0)
    return build_model(SMALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(make_model(), tmp_path / "model", {"steps": 7})
    return tmp_path / "model"


def test_round_trip(folder: Path) -> None:
    model = load_model(folder)
    assert model.config == SMALL
    assert not model.training
    for name, tensor in make_model().state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    assert read_config(folder) == (SMALL, {"steps": 7})
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    with torch.inference_mode():
        logits, _ = model(
            torch.zeros(1, 2, 3, dtype=torch.int64), torch.zeros(1, 3, NUM_FEATURES), torch.zeros(1, 1, 6)
        )
    assert logits.isfinite().all()


def test_half_precision_on_disk_only(folder: Path, tmp_path: Path) -> None:
    save_model(make_model(), tmp_path / "half", dtype=torch.float16)
    sizes = [(path / "model.safetensors").stat().st_size for path in (folder, tmp_path / "half")]
    assert sizes[1] < 0.65 * sizes[0]
    loaded = load_model(tmp_path / "half").state_dict()
    for name, tensor in make_model().state_dict().items():
        assert loaded[name].dtype == torch.float32
        torch.testing.assert_close(loaded[name], tensor, rtol=1e-3, atol=1e-4)


def test_overwriting_leaves_no_other_files(folder: Path) -> None:
    save_model(make_model(), folder, {"steps": 8})
    assert read_config(folder)[1] == {"steps": 8}
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]


def refuse(folder: Path, match: str) -> None:
    with pytest.raises(CheckpointError, match=match) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def change_config(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"d_modle": 16}, "unknown key d_modle"),
        ({"architecture": "rnn"}, "architecture is 'rnn'"),
        ({"d_model": "16"}, "d_model is '16', expected a int"),
        ({"d_model": True}, "d_model is True"),
        ({"num_layers": 0}, "num_layers is 0"),
        ({"num_layers": 10**9}, "num_layers is 1000000000"),
        ({"d_model": 18}, "d_model is 18, expected a multiple of 4"),
        ({"head_dim": 5}, "head_dim is 5, expected a divisor"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"frame_rate": 0}, "frame_rate is 0.0"),
        ({"provenance": 3}, "provenance"),
    ],
)
def test_config_values_that_cannot_be_used(folder: Path, change: dict[str, object], named: str) -> None:
    change_config(folder, **change)
    refuse(folder, named)


def test_config_that_is_no_config(folder: Path) -> None:
    path = folder / "config.json"
    values = json.loads(path.read_text())
    del values["d_state"]
    path.write_text(json.dumps(values))
    refuse(folder, "missing key d_state")
    path.write_text("[]")
    refuse(folder, "no JSON object")
    path.write_text("{")
    refuse(folder, "cannot read")
    path.unlink()
    refuse(folder, "lacks config.json")


def test_weights_that_do_not_fit(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    save_file(tensors | {"extra": torch.zeros(1)}, path)
    refuse(folder, "holds the unknown tensor extra")
    save_file({name: tensor for name, tensor in tensors.items() if name != "norm.weight"}, path)
    refuse(folder, "lacks norm.weight")
    save_file(tensors | {"norm.weight": torch.zeros(3)}, path)
    refuse(folder, r"norm.weight is \(3,\), config.json asks for \(16,\)")
    save_file(tensors | {"norm.weight": torch.full((16,), float("nan"))}, path)
    refuse(folder, "norm.weight holds values that are not finite")


def test_damaged_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], content[:20], b"", b"not a tensor file at all"):
        path.write_bytes(damaged)
        refuse(folder, "cannot read")
    path.unlink()
    refuse(folder, "lacks model.safetensors")


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.pth", "last.ckpt"])
def test_pickles_are_refused_by_name_and_never_opened(folder: Path, name: str) -> None:
    (folder / name).write_bytes(pickle.dumps(Trap()))
    load_model(folder)  # beside safetensors they are ignored
    (folder / "model.safetensors").unlink()
    refuse(folder, f"{name} is a pickle")
    refuse(folder / name, f"{name} is a pickle")


def test_a_pickle_named_safetensors_is_no_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Trap()))
    refuse(folder, "cannot read")


def test_no_folder(tmp_path: Path) -> None:
    refuse(tmp_path / "nowhere", "there is no model folder")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="file"):
        save_model(make_model(), tmp_path / "file" / "model")
    (tmp_path / "model" / "model.safetensors").mkdir(parents=True)
    with pytest.raises(CheckpointError, match=r"model\.safetensors is a folder"):
        save_model(make_model(), tmp_path / "model")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["model.safetensors"]


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(OptionError, match="no preset 'maxi'; choose mini, mini-transformer, paper"):
        preset_config("maxi")
