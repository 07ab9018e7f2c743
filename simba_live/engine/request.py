"""What somebody asks for: a prompt and settings, checked before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from simba_live.controls import NUMBERS, Sampling
from simba_live.errors import OptionError
from simba_live.events import tidy_prompt
from simba_live.music.prompt import Understanding, understand
from simba_live.music.score import Key
from simba_live.music.settings import Settings, resolve
from simba_live.music.styles import STYLES, find_style


@dataclass(frozen=True)
class Request:
    """A piece of music to make. What is None is decided by the prompt's words, else by the style.

    Attributes:
        prompt: what to play, in words; blanks are tidied.
        seconds: length of the new music.
        sampling: how codes are drawn, and the seed.
        free: leave notes, chords, drums, instruments and density to the model.
        bpm: tempo in beats a minute.
        key: such as "A minor".
        metre: beats in a bar, such as 3, "3" or "3/4".
        style: name of a style.
        drums: whether there are any.

    Raises:
        SimbaLiveError: a value cannot be used.
    """

    prompt: str
    seconds: float = NUMBERS["seconds"].preset
    sampling: Sampling = field(default_factory=Sampling)
    free: bool = False
    bpm: float | None = None
    key: str | None = None
    metre: int | str | None = None
    style: str | None = None
    drums: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", tidy_prompt(self.prompt))
        NUMBERS["seconds"].check(self.seconds)
        if self.bpm is not None:
            NUMBERS["bpm"].check(self.bpm)
        # Whatever cannot be followed shows now; any style will do for that.
        resolve(self.settings(self.named_style or next(iter(STYLES))))

    @cached_property
    def understood(self) -> Understanding:
        """What the prompt's words state outright."""
        return understand(self.prompt)

    @property
    def named_style(self) -> str | None:
        """The style asked for by flag or word; None: whichever is nearest to the prompt."""
        name = self.style or self.understood.style
        return None if name is None else find_style(name).name

    @property
    def beats_per_bar(self) -> int | None:
        """Metre asked for by flag or word, in beats a bar."""
        if self.metre is None:
            return self.understood.beats_per_bar
        beats = str(self.metre).split("/")[0].strip()
        if not (beats.isascii() and beats.isdecimal()) or beats == "0":
            raise OptionError(f"metre is {self.metre!r}: give beats in a bar, such as 3 or 3/4")
        return int(beats)

    def settings(self, style: str) -> Settings:
        """What the arranger is asked for in a style: flags before words, words before the style's choice."""
        words = replace(self.understood, style=style).settings(seed=self.sampling.seed)
        return replace(
            words,
            bpm=words.bpm if self.bpm is None else float(self.bpm),
            key=words.key if self.key is None else Key.parse(self.key),
            beats_per_bar=self.beats_per_bar,
            drums=words.drums if self.drums is None else self.drums,
        )
