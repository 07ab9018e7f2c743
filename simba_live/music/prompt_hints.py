"""What a prompt's words say for and against each style, where they name none: key words, tempo, refusals."""

from __future__ import annotations

import math

from simba_live.music.prompt import Understanding
from simba_live.music.prompt_keywords import keyword_votes
from simba_live.music.style import Style
from simba_live.music.styles import STYLES

KEYWORD = 2.5
"""Nats a key word is worth: where the tuning half of tests/engine/development_prompts.json stops gaining."""

TEMPO, PACE, RULED_OUT = 10.0, 1.5, 100.0
"""Nats an octave outside a style's tempo costs, the opposite pace, a refusal; the first two are judgement:
too few prompts of the list state a tempo to tell."""

_SLOW_BELOW, _FAST_ABOVE = 95.0, 112.0


def style_hints(told: Understanding) -> dict[str, float]:
    """Evidence for each style by name, in nats: what to add to its log-probability."""
    votes = keyword_votes(told.wish)
    return {
        name: KEYWORD * votes[name]
        - TEMPO * min(_octaves_off(style, told.bpm), 0.5)
        - PACE * _against_pace(style, told.pace)
        - RULED_OUT * (name in told.other_styles)
        for name, style in STYLES.items()
    }


def _felt(style: Style) -> tuple[float, float]:
    """The style's tempi as one taps them: in six, twice a bar."""
    low, high = style.bpm
    return (low / 3, high / 3) if style.metres[0] == 6 else (low, high)


def _octaves_off(style: Style, bpm: float | None) -> float:
    """How far a tempo is outside the style's, in octaves; half and double of it are a quarter off."""
    if not bpm or bpm <= 0:
        return 0.0
    low, high = _felt(style)

    def off(asked: float) -> float:
        return max(math.log2(low / asked), math.log2(asked / high), 0.0)

    return min(off(bpm), off(bpm / 2) + 0.25, off(bpm * 2) + 0.25)


def _against_pace(style: Style, pace: str | None) -> float:
    low, high = _felt(style)
    if pace == "slow":
        return min(max(math.log2(low / _SLOW_BELOW), 0.0), 1.0)
    return min(max(math.log2(_FAST_ABOVE / high), 0.0), 1.0) if pace == "fast" else 0.0
