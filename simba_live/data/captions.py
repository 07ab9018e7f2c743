"""What a listener might say about a piece: paraphrases that are all true, from two words to a full sentence.

A model learns from them which words go with which sound, so they state the same facts in many ways, and each
leaves most of the facts out.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np

from simba_live.music.score import Part, Score
from simba_live.music.styles import STYLES

from .caption_forms import Facts, one_of_each
from .style_words import STYLE_WORDS
from .words import KINDS

NUM_CAPTIONS = 24


def facts(score: Score, typical: bool) -> Facts:
    """The facts of a piece, as its notes have them; see `captions`."""
    parts: dict[str, Part] = {part.name: part for bar in score.bars for part in bar.parts}
    sounding: dict[str, int] = {}
    for bar in score.bars:
        for note in bar.notes:
            sounding[note.part] = sounding.get(note.part, 0) + 1
    busiest = sorted(sounding, key=lambda name: -sounding[name])
    pitched = [parts[name].program for name in busiest if not parts[name].is_drums]
    return Facts(
        style=score.style,
        description=STYLES[score.style].description if typical else score.style,
        words=STYLE_WORDS[score.style],
        bpm=score.bpm,
        key=score.key,
        beats_per_bar=score.beats_per_bar,
        programs=tuple(dict.fromkeys(pitched)),
        absent=tuple(kind for kind, programs in KINDS.items() if not programs & set(pitched)),
        drums=any(parts[name].is_drums for name in sounding),
        sections=tuple(section for section, _ in groupby(bar.section for bar in score.bars)),
    )


def captions(
    score: Score, rng: np.random.Generator, typical: bool = True, count: int = NUM_CAPTIONS
) -> list[str]:
    """At least ten different captions of a piece, all true; the same for the same piece and random state.

    Args:
        score: the piece.
        rng: chooses the words.
        typical: whether the style chose the instruments and drums, so that its description is true.
        count: how many to aim for.
    """
    told = facts(score, typical)
    # Each form once, then again with other words until there are enough.
    found: dict[str, None] = {}
    for _ in range(6):
        found |= dict.fromkeys(one_of_each(told, rng))
        if len(found) >= count:
            break
    texts = list(found)
    # The plainest form comes first in every piece; of the others, a random choice in random order.
    rest = [texts[i] for i in rng.permutation(np.arange(1, len(texts)))]
    return [texts[0], *rest][: max(count, 10)]
