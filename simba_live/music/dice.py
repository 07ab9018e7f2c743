"""Chance that depends on nothing but a text: the same on every machine and Python version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Numbers that the words it is made from decide."""

    def __init__(self, *words: object) -> None:
        text = "/".join(str(word) for word in words)
        self._state = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def random(self) -> float:
        """The next number in [0, 1), by SplitMix64."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.random() * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` of the options (all, if there are fewer), in their order."""
        drawn = sorted(range(len(options)), key=lambda _: self.random())[:count]
        return [options[index] for index in sorted(drawn)]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability
