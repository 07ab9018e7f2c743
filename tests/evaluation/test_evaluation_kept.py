"""What was played is found again for the very same wish, and for no other."""

import numpy as np
import pytest

from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.evaluation import takes
from simba_live.evaluation.kept import Kept
from simba_live.evaluation.takes import Script, Studio
from tests.checkpoints import make_codec, make_model
from tests.training.small_corpus import scale


def test_a_key_is_of_everything(tmp_path) -> None:
    kept = Kept(tmp_path, "weights")
    arrays = {"a": np.arange(4), "b": np.zeros((2, 2), np.float32)}
    key = kept.key({"seed": 1}, arrays)
    assert kept.key({"seed": 1}, dict(reversed(arrays.items()))) == key
    others = [
        Kept(tmp_path, "other weights").key({"seed": 1}, arrays),
        kept.key({"seed": 2}, arrays),
        kept.key({"seed": 1}, {**arrays, "a": np.arange(4) + 1}),
        kept.key({"seed": 1}, {**arrays, "a": np.arange(4, dtype=np.int32)}),
        kept.key({"seed": 1}, {"a": arrays["a"]}),
    ]
    assert len({key, *others}) == 6


def test_what_is_damaged_is_not_there(tmp_path) -> None:
    kept = Kept(tmp_path / "new", "")
    assert kept.find("0" * 64) is None
    kept.keep("0" * 64, {"codes": np.arange(6).reshape(2, 3).T})
    np.testing.assert_array_equal(kept.find("0" * 64)["codes"], np.arange(6).reshape(2, 3).T)
    next((tmp_path / "new").iterdir()).write_bytes(b"damaged")
    assert kept.find("0" * 64) is None


def test_takes_are_played_once_and_in_order(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio.open(Engine(make_model(), make_codec()), tmp_path)
    rng = np.random.default_rng(0)
    styles = rng.standard_normal((3, 1, 384)).astype(np.float32)
    # Of three lengths; the second changes its style on the way.
    scripts = [
        Script(scale(1.0 + index / 10, 100.0 + index, 60, drums=False), style, index)
        for index, style in enumerate(styles)
    ]
    changing = np.concatenate([np.repeat(styles[1], 20, 0), np.repeat(styles[2], 35, 0)])
    scripts[1] = Script(scripts[1].conditions, changing, 1)
    sampling = Sampling(guidance=2.0)
    monkeypatch.setattr(takes, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(takes, "_STRETCH", 30)
    together = studio.perform(scripts, sampling, "test")
    assert [take.codes.shape[1] for take in together] == [50, 55, 60]
    alone = Studio.open(studio.engine, tmp_path / "other")
    for script, take in zip(scripts, together, strict=True):
        np.testing.assert_array_equal(alone.perform([script], sampling, "test")[0].codes, take.codes)

    def never(*_: object) -> None:
        raise AssertionError("played again")

    monkeypatch.setattr(Studio, "_play", never)
    for kept, take in zip(studio.perform(scripts[::-1], sampling, "test")[::-1], together, strict=True):
        np.testing.assert_array_equal(kept.codes, take.codes)
        np.testing.assert_array_equal(kept.audio, take.audio)
    with pytest.raises(AssertionError, match="played again"):
        studio.perform(scripts, Sampling(guidance=2.0, seed=1), "test")
