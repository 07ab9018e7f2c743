"""What a prompt states outright: tempo, key, metre, players, style. The rest is left to the model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simba_live.music.dice import Dice
from simba_live.music.prompt_key import find_key
from simba_live.music.prompt_players import RHYTHM_SECTION, alone, find_players, ruled_out
from simba_live.music.prompt_refusals import blank, refusals
from simba_live.music.prompt_spelling import correct
from simba_live.music.prompt_style import all_named_styles, find_named_style
from simba_live.music.prompt_tempo import find_metre, find_pace, find_tempo
from simba_live.music.score import Key, MusicError
from simba_live.music.settings import Settings
from simba_live.music.styles import STYLES, find_style

_METRE_NAMES = {6: "6/8", 7: "7/8", 9: "9/8"}
_BEATLESS = re.compile(r"\b(?:drumless|beatless|(?:drum|percussion|beat)s?[\s-]free)\b")


@dataclass(frozen=True)
class Understanding:
    """What a prompt states outright; None or empty where it is silent.

    Attributes:
        prompt: the prompt itself.
        bpm: beats per minute, as written.
        key: the key.
        mode: "major" or "minor" where only that was said ("in a minor key").
        beats_per_bar: the metre.
        drums: True: with, False: without.
        instruments: the instruments named, "drums" among them only when `only`.
        only: nothing but `instruments` is to play.
        without: the instruments ruled out, drums aside.
        style: a style's name.
        pace: "slow" or "fast", a hint that counts only where no tempo was given.
        words: the words that told, in order.
        other_styles: styles that are ruled out ("anything but techno").
        wish: what is wished for, in free text: lower-case, misspelt names put right, without what is ruled
            out, tempo, key and metre.
    """

    prompt: str
    bpm: float | None = None
    key: Key | None = None
    mode: str | None = None
    beats_per_bar: int | None = None
    drums: bool | None = None
    instruments: tuple[str, ...] = ()
    only: bool = False
    without: tuple[str, ...] = ()
    style: str | None = None
    pace: str | None = None
    words: tuple[str, ...] = ()
    other_styles: tuple[str, ...] = ()
    wish: str = ""

    def describe(self) -> str:
        """One line for the user: what was understood."""
        told = [self.style] if self.style else []
        if self.bpm is not None:
            told.append(f"{self.bpm:g} bpm")
        elif self.pace:
            told.append(self.pace)
        if self.key or self.mode:
            told.append(str(self.key or self.mode))
        if self.beats_per_bar:
            told.append(_METRE_NAMES.get(self.beats_per_bar, f"{self.beats_per_bar}/4"))
        if self.instruments:
            told.append(("only " if self.only else "with ") + " and ".join(self.instruments))
        if self.drums is not None and not (self.only and self.drums):
            told.append("drums" if self.drums else "no drums")
        told += [f"no {name}" for name in self.without]
        return ", ".join(told) if told else "nothing stated outright"

    def settings(self, style: str | None = None, seed: int = 0) -> Settings:
        """Settings for the arranger.

        Args:
            style: the style to use where the prompt names none.
            seed: the seed.

        Raises:
            MusicError: neither the prompt nor `style` says which style.
        """
        name = self.style or style
        if name is None:
            raise MusicError(f"'{self.prompt[:60]}' names no style; choose one of: {', '.join(STYLES)}")
        chosen = find_style(name)
        bpm = self.bpm
        if bpm is None and self.pace:
            low, high = chosen.bpm
            bpm = float(round(low + (0.1 if self.pace == "slow" else 0.9) * (high - low)))
        key = self.key
        if key is None and self.mode:
            # The tonic is the one that the seed gives when nothing is said about the key.
            key = Key(int(Dice(chosen.name, seed, "key").random() * 12), self.mode)
        # Every style has a bass of its own; the bare word asks for no other.
        named = tuple(name for name in self.instruments if self.only or name != "bass")
        return Settings(
            style=chosen.name,
            bpm=bpm,
            key=key,
            beats_per_bar=self.beats_per_bar,
            seed=seed,
            drums=self.drums,
            instruments=named or None,
            only=self.only,
            without=self.without,
        )


def understand(prompt: str) -> Understanding:
    """Read what a prompt states outright; never fails, whatever the text."""
    text = correct(" ".join(prompt.split()))
    # Letter by letter, so that a place in one is the same place in the other.
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    bpm, tempo_place = find_tempo(lower)
    key, mode, key_place = find_key(text)
    metre, metre_place = find_metre(lower)
    refused = refusals(lower)
    wished = blank(lower, refused)
    style, style_place = find_named_style(wished)
    if style_place and re.search("bass|drum", lower[slice(*style_place)]):
        # "drum and bass" names neither drums nor a bass.
        start, end = style_place
        lower = lower[:start] + "~" * (end - start) + lower[end:]
    measures = (tempo_place, key_place, metre_place)
    found = find_players(lower)
    banned = ruled_out(lower, found)
    wanted = list(dict.fromkeys(place[2] for place in found if place not in banned))
    unwanted = {place[2]: None for place in banned}
    only = any(alone(lower, place) for place in found if place not in banned)
    drums = True if "drums" in wanted else None
    if RHYTHM_SECTION in unwanted:
        unwanted |= {"drums": None, "bass": None}
    if "drums" in unwanted or _BEATLESS.search(lower):
        drums = False
    instruments = tuple(name for name in wanted if name != RHYTHM_SECTION and (only or name != "drums"))
    places = [*measures, style_place, *(place[:2] for place in found)]
    return Understanding(
        prompt=prompt,
        bpm=bpm,
        key=key,
        mode=mode,
        beats_per_bar=metre,
        drums=drums,
        instruments=instruments,
        only=only and bool(instruments),
        without=tuple(name for name in unwanted if name not in ("drums", RHYTHM_SECTION)),
        style=style,
        pace=find_pace(lower) if bpm is None else None,
        other_styles=tuple(
            name for place in refused for name in all_named_styles(lower[slice(*place)]) if name != style
        ),
        wish=" ".join(blank(wished, [place for place in measures if place]).replace("~", "").split()),
        words=tuple(text[slice(*place)].strip() for place in sorted({place for place in places if place})),
    )
