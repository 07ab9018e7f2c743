"""What a listener might say about a piece: paraphrases that are all true, from two words to a full sentence.

A model learns from them which words go with which sound, so they state the same facts in many ways, and each
leaves most of the facts out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simba_live.music.instruments import program_name
from simba_live.music.score import Key, Part, Score
from simba_live.music.styles import STYLES

from .style_words import STYLE_WORDS, StyleWords
from .words import METRES, PROGRAMS

NUM_CAPTIONS = 14


@dataclass(frozen=True)
class Facts:
    """What there is to say about a piece.

    Attributes:
        style: its name.
        description: the style in one sentence, as far as the piece keeps to it; else the style's name.
        words: names, moods, uses and times of the style.
        bpm: beats per minute.
        key: its key.
        beats_per_bar: its metre.
        programs: General MIDI programs of the pitched instruments that sound, the busiest first.
        drums: whether a drum kit sounds.
    """

    style: str
    description: str
    words: StyleWords
    bpm: float
    key: Key
    beats_per_bar: int
    programs: tuple[int, ...]
    drums: bool

    @classmethod
    def of(cls, score: Score, typical: bool) -> Facts:
        """The facts of a piece, as its notes have them; see `captions`."""
        parts: dict[str, Part] = {part.name: part for bar in score.bars for part in bar.parts}
        sounding: dict[str, int] = {}
        for bar in score.bars:
            for note in bar.notes:
                sounding[note.part] = sounding.get(note.part, 0) + 1
        busiest = sorted(sounding, key=lambda name: -sounding[name])
        pitched = [parts[name].program for name in busiest if not parts[name].is_drums]
        return cls(
            style=score.style,
            description=STYLES[score.style].description if typical else score.style,
            words=STYLE_WORDS[score.style],
            bpm=score.bpm,
            key=score.key,
            beats_per_bar=score.beats_per_bar,
            programs=tuple(dict.fromkeys(pitched)),
            drums=any(parts[name].is_drums for name in sounding),
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
    say = _Speaker(Facts.of(score, typical), rng)
    # Each form once, then again with other words until there are enough.
    found: dict[str, None] = {}
    for _ in range(6):
        for form in _FORMS:
            text = " ".join(form(say).split())
            found.setdefault(text, None)
        if len(found) >= count:
            break
    texts = list(found)
    # The plainest form comes first in every piece; of the others, a random choice in random order.
    rest = [texts[i] for i in rng.permutation(np.arange(1, len(texts)))]
    return [texts[0], *rest][: max(count, 10)]


class _Speaker:
    """Puts single facts into words, choosing anew each time it is asked."""

    def __init__(self, facts: Facts, rng: np.random.Generator) -> None:
        self.facts = facts
        self.rng = rng

    def choose(self, options: tuple[str, ...] | list[str]) -> str:
        return str(options[int(self.rng.integers(len(options)))])

    @property
    def name(self) -> str:
        return self.choose(self.facts.words.names)

    @property
    def mood(self) -> str:
        return self.choose(self.facts.words.moods)

    @property
    def use(self) -> str:
        return self.choose(self.facts.words.uses)

    @property
    def era(self) -> str:
        return self.choose(self.facts.words.eras)

    @property
    def bpm(self) -> str:
        number = f"{self.facts.bpm:g}"
        return self.choose(
            (f"{number} bpm", f"{number} BPM", f"{number} beats per minute", f"tempo {number}")
        )

    @property
    def pace(self) -> str:
        # In six a beat is an eighth note, and one feels two or three of them at a time.
        bpm = self.facts.bpm / (2 if self.facts.beats_per_bar == 6 else 1)
        if bpm < 80:
            return self.choose(("slow", "unhurried", "laid-back"))
        if bpm < 112:
            return self.choose(("mid-tempo", "moderate", "walking-pace"))
        if bpm < 138:
            return self.choose(("upbeat", "lively", "fairly fast"))
        return self.choose(("fast", "rapid", "driving"))

    @property
    def tempo(self) -> str:
        return self.bpm if self.rng.random() < 0.6 else self.pace

    @property
    def key(self) -> str:
        text = str(self.facts.key)
        if self.rng.random() < 0.3:
            text = text.replace("# ", " sharp ").replace("b ", " flat ")
        return text

    @property
    def metre(self) -> str:
        return self.choose(METRES[self.facts.beats_per_bar])

    @property
    def drums(self) -> str:
        if self.facts.drums:
            return self.choose(("with drums", "with a drum beat", "drums and percussion", "steady drums"))
        return self.choose(("no drums", "without drums", "without percussion", "drumless"))

    def named(self, program: int) -> str:
        """An instrument by its exact name or by the one that covers its kind."""
        return self.choose((PROGRAMS[program], program_name(program)))

    @property
    def instrument(self) -> str:
        programs = self.facts.programs
        return self.named(programs[int(self.rng.integers(len(programs)))]) if programs else "drums"

    def instruments(self, most: int) -> str:
        """Two or more of the instruments, up to `most`, as a list in words; all if there are fewer."""
        programs = self.facts.programs
        take = int(self.rng.integers(2, max(3, min(most, len(programs)) + 1)))
        chosen = sorted(self.rng.permutation(len(programs))[:take])
        names = list(dict.fromkeys(self.named(programs[i]) for i in chosen))
        if len(programs) <= 1:
            names.append("drums" if self.facts.drums else "nothing else")
        return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]

    @property
    def solo(self) -> str:
        """Such as "solo piano" where that is true, else the style's name."""
        alone = len(self.facts.programs) == 1 and not self.facts.drums
        return f"solo {self.named(self.facts.programs[0])}" if alone else self.name


def _a(text: str) -> str:
    """The text with its indefinite article."""
    return f"{'an' if text[:1].lower() in 'aeiou' else 'a'} {text}"


_FORMS: tuple[Callable[[_Speaker], str], ...] = (
    lambda s: s.facts.style,
    lambda s: s.facts.description,
    lambda s: f"{s.mood} {s.name}",
    lambda s: f"{s.name}, {s.bpm}",
    lambda s: f"{s.mood} {s.name} at {s.facts.bpm:g} bpm in {s.key}",
    lambda s: f"{_a(f'{s.pace} {s.name} piece')} with {s.instruments(4)}",
    lambda s: f"{s.solo}, {s.mood}, {s.tempo}",
    lambda s: f"{s.name} in {s.key}, {s.metre}, {s.drums}",
    lambda s: f"{s.mood} music for {s.use}, {s.instruments(3)}",
    lambda s: f"{s.era} {s.name}, {s.tempo}, {s.drums}",
    lambda s: (
        f"{_a(f'{s.mood}, {s.pace} {s.name} track')} at {s.facts.bpm:g} bpm in {s.key}, {s.metre}, "
        f"played by {s.instruments(5)}, {s.drums}; good for {s.use}"
    ),
    lambda s: f"{s.name}, {s.mood}, {s.instrument}, {s.bpm}, {s.key}",
    lambda s: f"{s.instrument} in {_a(f'{s.mood} {s.name}')} style, {s.drums}",
    lambda s: f"{s.pace} {s.instrument}, {s.key}, {s.metre}",
    lambda s: f"{s.facts.description.rstrip('.')}, {s.tempo}, {s.drums}",
    lambda s: f"something {s.mood} for {s.use}",
    lambda s: f"{s.solo}, {s.drums}, key of {s.key}",
)
