"""Learns to tell the styles apart by a sentence encoder: `python -m simba_live.training.style_head`.

One linear layer over the embeddings of what people say of each style, by logistic regression. The only dice
are those that combine words, and they have a seed: the same texts give the same layer.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from simba_live.data.manifest import write_beside
from simba_live.data.style_prompts import STYLE_PROMPTS
from simba_live.data.style_words import STYLE_WORDS
from simba_live.engine.style_choice import HEAD, PROBE, Encode
from simba_live.music.prompt_keywords import STYLE_KEYWORDS
from simba_live.music.styles import STYLES

_DECAY, _STEPS = 3e-5, 150
_AT_A_TIME = 1024
"""Texts, fewer than the encoder keeps in memory."""

Examples = list[tuple[str, int]]
"""Texts, each with the number of its style in `STYLES`."""


def examples() -> Examples:
    """What people say of each style: its words, alone and joined, phrases, key words."""
    found: Examples = []
    for number, name in enumerate(STYLES):
        rng = np.random.default_rng([0, number])
        words, phrases = STYLE_WORDS[name], STYLE_PROMPTS[name]

        def one_of(options: tuple[str, ...], rng: np.random.Generator = rng) -> str:
            return options[int(rng.integers(len(options)))]

        texts = [
            *words.names,
            *phrases,
            *STYLE_KEYWORDS[name],
            *(f"{mood} music" for mood in words.moods),
            *(f"in {place}" for place in words.places),
            *(f"{one_of(words.moods)} music for {use}" for use in words.uses),
            *(f"{mood}, {one_of(words.uses)}" for mood in words.moods),
            *(f"{one_of(words.moods)} {one_of(words.names)} for {use}" for use in words.uses),
            *(f"{one_of(words.moods)}, {phrase}" for phrase in phrases),
        ]
        found += [(text, number) for text in dict.fromkeys(texts)]
    return found


def digest(texts: Examples) -> str:
    """A name for a set of examples, to tell whether a head was learned from them."""
    return hashlib.sha256("\n".join(f"{number} {text}" for text, number in texts).encode()).hexdigest()


def learn(texts: Examples, encode: Encode) -> dict[str, NDArray[np.float32]]:
    """The head's tensors: `weight` float32 [S, styles], `bias` [styles], the `probe`'s vector [S]."""
    vectors = np.concatenate(
        [
            encode([text for text, _ in texts[start : start + _AT_A_TIME]])
            for start in range(0, len(texts), _AT_A_TIME)
        ]
    )
    weight = _regress(vectors, np.array([number for _, number in texts]))
    return {
        "weight": weight[:-1].astype(np.float32),
        "bias": weight[-1].astype(np.float32),
        "probe": encode([PROBE])[0],
    }


def _regress(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Multinomial logistic regression by Nesterov's accelerated gradient; every style weighs the same.

    Args:
        vectors: float32 [n, S].
        labels: [n].

    Returns:
        [S + 1, styles]; the last row is the bias, which does not decay.
    """
    count = np.bincount(labels)
    share = (1.0 / count[labels] / len(count))[:, None]
    x = np.concatenate([vectors, np.ones((len(vectors), 1))], axis=1).astype(np.float64)
    wanted = np.eye(len(count))[labels]
    decay = np.full((x.shape[1], 1), _DECAY)
    decay[-1] = 0.0
    rate = 1.0 / (0.5 * np.linalg.norm(x * np.sqrt(share), 2) ** 2 + _DECAY)
    weight = ahead = np.zeros((x.shape[1], len(count)))
    momentum = 1.0
    for _ in range(_STEPS):
        logits = x @ ahead
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        stepped = ahead - rate * (x.T @ ((chances - wanted) * share) + decay * ahead)
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        ahead = stepped + (momentum - 1.0) / following * (stepped - weight)
        weight, momentum = stepped, following
    return weight


def main() -> None:
    """Learn the head of the default encoder and write it into the package."""
    from simba_live.model.text import TextEncoder

    encoder, texts = TextEncoder(), examples()
    HEAD.parent.mkdir(exist_ok=True)
    write_beside(HEAD, save(learn(texts, encoder.encode), {"texts": digest(texts), "encoder": encoder.name}))


if __name__ == "__main__":
    main()
