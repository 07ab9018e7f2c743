"""Which style a free text comes nearest to, by a sentence encoder and the words themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from simba_live.music.prompt import Understanding
from simba_live.music.prompt_hints import style_hints
from simba_live.music.styles import STYLES
from simba_live.paths import ASSETS

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, float32 [n, S]."""

HEAD = ASSETS / "styles" / "head.safetensors"
"""What `training.style_head` learned: `weight` [S, styles], `bias` [styles], `probe` [S]."""

PROBE = "music"
"""The text by whose embedding a head knows the encoder that it was learned for."""

_SIMILARITY = 10.0
"""Nats a step of 1 in cosine similarity is worth where no head was learned for the encoder."""


def nearest_style(told: Understanding, encode: Encode) -> str:
    """The name of the style that a prompt comes nearest to, without those that it rules out.

    Args:
        told: what the prompt's words state.
        encode: a sentence encoder; the one that the head was learned for, or any other.
    """
    wish = told.wish or told.prompt
    vector, probe = encode([wish, PROBE])
    weight, bias, expected = _head()
    if probe.shape == expected.shape and float(probe @ expected) > 0.999:
        logits = vector @ weight + bias
        scores = dict(zip(STYLES, logits - np.logaddexp.reduce(logits), strict=True))
    else:
        scores = _by_description(vector, encode)
    hints = style_hints(told)
    return max(STYLES, key=lambda name: float(scores[name]) + hints[name])


@lru_cache(maxsize=1)
def _head() -> tuple[NDArray[np.float32], ...]:
    tensors = load_file(HEAD)
    return tensors["weight"], tensors["bias"], tensors["probe"]


def _by_description(vector: NDArray[np.float32], encode: Encode) -> dict[str, float]:
    """Similarity to what the styles are described as.

    The nearest of a style's texts counts, since a prompt may be one word; so does their average, since a word
    can be near by accident.
    """
    texts = {
        style.name: (style.description, f"{style.name} music", *style.words) for style in STYLES.values()
    }
    near = iter(encode([text for some in texts.values() for text in some]) @ vector)
    similar = {name: [float(next(near)) for _ in some] for name, some in texts.items()}
    return {name: _SIMILARITY * (max(some) + sum(some) / len(some)) for name, some in similar.items()}
