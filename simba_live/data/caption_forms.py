"""The facts of a piece put into words, in many forms; each is true whatever words are chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from simba_live.music.instruments import program_name
from simba_live.music.score import Key

from .style_words import StyleWords
from .words import METRES, PROGRAMS


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
        absent: kinds of instruments, drums aside, of which none sounds.
        drums: whether a drum kit sounds.
        sections: its sections in order, each as often as it comes.
    """

    style: str
    description: str
    words: StyleWords
    bpm: float
    key: Key
    beats_per_bar: int
    programs: tuple[int, ...]
    absent: tuple[str, ...]
    drums: bool
    sections: tuple[str, ...]


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
    def place(self) -> str:
        return self.choose(self.facts.words.places)

    @property
    def moods(self) -> str:
        """Two moods, such as "dark and cold"."""
        one, other = self.rng.permutation(len(self.facts.words.moods))[:2]
        words = self.facts.words.moods[one], self.facts.words.moods[other]
        return self.choose((" and ", ", ")).join(words)

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
    def mode(self) -> str:
        return self.choose((f"in a {self.facts.key.mode} key", f"in {self.key}", f"in {self.facts.key.mode}"))

    @property
    def metre(self) -> str:
        return self.choose(METRES[self.facts.beats_per_bar])

    @property
    def drums(self) -> str:
        if self.facts.drums:
            return self.choose(("with drums", "with a drum beat", "drums and percussion", "steady drums"))
        return self.choose(
            (
                "no drums",
                "without drums",
                "without percussion",
                "drumless",
                "no drums at all",
                "without any drums",
            )
        )

    @property
    def lacking(self) -> str:
        """One or two kinds of players that are not there, such as "without guitar"; nothing if all are."""
        absent = [*self.facts.absent, *([] if self.facts.drums else ["drums"] * 4)]
        if not absent:
            return self.mood
        chosen = list(dict.fromkeys(absent[i] for i in self.rng.permutation(len(absent))[:2]))
        if self.rng.random() < 0.6:
            chosen = chosen[:1]
        start = self.choose(("no", "without", "without any", "but no"))
        return f"{start} {' or '.join(chosen)}"

    @property
    def course(self) -> str:
        """Something about how it goes on, such as "that builds up to a drop"."""
        sections = self.facts.sections
        options = [
            phrase
            for needed, phrase in _COURSES
            if any(sections[i : i + len(needed)] == needed for i in range(len(sections)))
        ]
        if sections[0] == "intro":
            options += ["with an intro", "that begins with a short intro"]
        if sections[-1] == "ending":
            options += ["with an ending", "that comes to an end"]
        return self.choose(options or ["all in one piece"])

    @property
    def band(self) -> str:
        """Who plays together: "solo harp", "a duo of flute and guitar", "piano, bass and drums"."""
        names = list(dict.fromkeys(self.named(program) for program in self.facts.programs))
        if len(names) != len(self.facts.programs) or not names:
            return self.instruments(4)
        if self.facts.drums:
            return f"{', '.join(names[:4])} and drums" if len(names) <= 4 else self.instruments(5)
        if len(names) == 1:
            return self.choose((f"solo {names[0]}", f"{names[0]} alone", f"only {names[0]}"))
        kind = {2: "a duo of ", 3: "a trio of ", 4: "a quartet of "}.get(len(names), "")
        return f"{kind}{', '.join(names[:-1])} and {names[-1]}"

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


_COURSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("build", "drop"), "that builds up to a drop"),
    (("build", "drop"), "with a build-up and a drop"),
    (("verse", "build"), "that grows from a verse into a build-up"),
    (("break",), "with a break in it"),
    (("break", "verse"), "that starts over after a break"),
)
"""Sections that follow each other, and what to say of them."""

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
    lambda s: f"{s.mood} {s.instrument}",
    lambda s: f"{s.moods} {s.name} for {s.use}",
    lambda s: f"I need something {s.mood} for {s.use}, {s.pace} and {s.drums}",
    lambda s: f"background music for {s.use}, {s.lacking}",
    lambda s: f"{s.name} {s.lacking}",
    lambda s: f"{s.moods}, {s.lacking}, {s.tempo}",
    lambda s: f"{s.era} {s.name} from {s.place}, {s.moods}",
    lambda s: f"the sound of {s.place}, {s.mood}, {s.instruments(3)}",
    lambda s: f"{_a(f'{s.mood} {s.name} tune')} {s.course}, {s.mode}",
    lambda s: f"{s.band}, {s.moods}, {s.mode}",
    lambda s: f"{s.name} played by {s.band}, {s.drums}",
    lambda s: f"play me {_a(f'{s.pace} {s.name}')} {s.mode}, {s.instrument}, {s.lacking}",
    lambda s: f"{_a(f'{s.moods} piece of {s.name}')} for {s.use}, {s.course}; {s.band}, {s.drums}, {s.bpm}",
    lambda s: f"{s.use}, {s.place}, {s.mood}",
    lambda s: f"{s.era} feeling, {s.moods}, {s.instrument} and {s.pace} tempo",
    lambda s: f"instrumental {s.name} {s.course}, for {s.use}",
)
"""Ways of putting facts into a caption, the plainest first."""


def one_of_each(facts: Facts, rng: np.random.Generator) -> Iterator[str]:
    """A caption in each form, the plainest first."""
    speaker = _Speaker(facts, rng)
    for form in _FORMS:
        yield " ".join(form(speaker).split())
