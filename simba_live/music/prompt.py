"""What a prompt states outright: tempo, key, metre, players, style. The rest is left to the model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simba_live.music.patterns import Dice
from simba_live.music.prompt_key import find_key
from simba_live.music.prompt_players import (
    RHYTHM_SECTION,
    alone,
    find_players,
    look_up,
    ruled_out,
    whole_words,
)
from simba_live.music.score import Key, MusicError
from simba_live.music.settings import Settings
from simba_live.music.styles import STYLES, find_style

_NUMBER = r"(\d{1,4}(?:[.,]\d+)?)"
_UNIT = r"(?:b\.?p\.?m\b\.?|beats?\s*(?:per|a|/)\s*min(?:ute)?)"
_RANGE = re.compile(rf"\b{_NUMBER}\s*(?:-|\u2013|to|and)\s*{_NUMBER}\s*-?\s*{_UNIT}")
_TEMPI = (
    re.compile(rf"\b{_NUMBER}\s*-?\s*{_UNIT}"),
    re.compile(rf"\b(?:tempo|bpm)\s*(?:of|is|at|about|around|:|=)?\s*{_NUMBER}\b(?!\s*(?:%|/))"),
    re.compile(r"\bat\s+(?:about\s+|around\s+)?(\d{2,3})\s*(?=$|[,.;!]|\b(?:in|and|with|for|on)\b)"),
)
_NOT_TOO = r"(?<!not )(?<!too )(?<!n't )"
_SLOW = re.compile(rf"{_NOT_TOO}\b(?:slow|slowly|downtempo|down-tempo|adagio|largo|lento|unhurried)\b")
_FAST = re.compile(
    rf"{_NOT_TOO}\b(?:fast|quick|uptempo|up-tempo|rapid|presto|allegro|frantic|racing|speedy)\b"
)

_SIGNATURES = {
    "2/4": 2, "3/4": 3, "4/4": 4, "5/4": 5, "6/4": 6, "7/4": 7, "3/8": 3, "5/8": 5, "6/8": 6, "7/8": 7,
    "9/8": 9, "12/8": 6,
}  # fmt: skip
_SIGNATURE = re.compile(r"(?<![\d/])(\d{1,2})\s*/\s*([48])(?![\d/])")
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "nine": 9, "twelve": 6}
_SPOKEN = re.compile(
    r"\b(two|three|four|five|six|seven|nine|twelve)[\s-]+(?:four|eight)(?:th)?s?\b(?![\s-]*(?:on|bars?)\b)"
)
_METRE_WORDS = {
    "waltz(?:es|ing)?": 3, "triple (?:time|metre|meter)": 3, "three[ -]quarter time": 3, "common time": 4,
    "jig": 6, "compound time": 6,
}  # fmt: skip
_METRE_NAMES = {6: "6/8", 7: "7/8", 9: "9/8"}

_BEATLESS = re.compile(r"\b(?:drumless|beatless|(?:drum|percussion|beat)s?[\s-]free)\b")

# Moods, uses and places among the styles' other names: a sentence encoder weighs them better than a table.
_MOODS = frozenset({
    "calm", "heavy", "party", "relaxing", "sleep", "meditation", "bells", "toy", "emotional", "tender",
    "melancholy", "sentimental", "romantic", "acoustic", "club", "breaks", "groove", "groovy", "roots",
    "island", "christmas", "chill", "festival", "uplifting", "progressive", "minimal", "stadium", "70s",
    "80s", "seventies", "eighties", "kalimba", "celesta", "childlike", "orchestra", "cinematic",
    "atmospheric", "ethereal", "tropical", "tribal", "lounge", "country", "hardcore", "acid", "industrial",
    "carousel", "ballroom", "campfire", "delta", "african", "brazilian", "cuban", "jamaican", "latin",
    "808", "love song", "slow song", "sad piano", "dance music", "dark beat", "slap bass", "guitar band",
    "old school"
})  # fmt: skip
_COMPOUNDS = {
    "lofi hip hop": "lofi", "lo-fi hip hop": "lofi", "lo fi hip hop": "lofi", "lofi beats": "lofi",
    "jazzhop": "lofi", "jazz hop": "lofi", "rock and roll": "rock", "rock'n'roll": "rock",
    "rock n roll": "rock", "jazz waltz": "jazz",
    "soft rock": "rock", "electronic dance music": "house", "death metal": "metal", "black metal": "metal",
    "drum'n bass": "drum and bass", "drum 'n' bass": "drum and bass", "drum n' bass": "drum and bass",
}  # fmt: skip
_STYLE_NAMES: dict[str, str] = {
    **{word: style.name for style in STYLES.values() for word in style.words if word not in _MOODS},
    **{name: name for name in STYLES},
    **_COMPOUNDS,
}
_STYLE_PATTERN = whole_words(list(_STYLE_NAMES))
_PHRASE_ENDS = re.compile(r"[,.;:!?]|\b(?:with|for|in|at|like|by|from|over|without|featuring|inspired|but)\b")


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
    text = " ".join(prompt.split())
    # Letter by letter, so that a place in one is the same place in the other.
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    bpm, tempo_place = _tempo(lower)
    key, mode, key_place = find_key(text)
    metre, metre_place = _metre(lower)
    style, style_place = _style(lower)
    if style_place and re.search("bass|drum", lower[slice(*style_place)]):
        # "drum and bass" names neither drums nor a bass.
        start, end = style_place
        lower = lower[:start] + "~" * (end - start) + lower[end:]
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
    places = [tempo_place, key_place, metre_place, style_place, *(place[:2] for place in found)]
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
        pace=_pace(lower) if bpm is None else None,
        words=tuple(text[slice(*place)].strip() for place in sorted({place for place in places if place})),
    )


def _tempo(lower: str) -> tuple[float | None, tuple[int, int] | None]:
    between = _RANGE.search(lower)
    if between:
        ends = [float(number.replace(",", ".")) for number in between.groups()]
        return sum(ends) / 2, between.span()
    for pattern in _TEMPI:
        match = pattern.search(lower)
        if match:
            return float(match.group(1).replace(",", ".")), match.span()
    return None, None


def _pace(lower: str) -> str | None:
    if _SLOW.search(lower):
        return "slow"
    return "fast" if _FAST.search(lower) else None


def _metre(lower: str) -> tuple[int | None, tuple[int, int] | None]:
    for match in _SIGNATURE.finditer(lower):
        name = f"{match.group(1)}/{match.group(2)}"
        if name in _SIGNATURES:
            return _SIGNATURES[name], match.span()
    spoken = _SPOKEN.search(lower)
    if spoken:
        return _COUNTS[spoken.group(1)], spoken.span()
    for word, beats in _METRE_WORDS.items():
        named = re.search(rf"\b{word}\b", lower)
        if named:
            return beats, named.span()
    return None, None


def _style(lower: str) -> tuple[str | None, tuple[int, int] | None]:
    """The style in the first phrase that names one; of several there, the last: "blues rock" is rock."""
    start = 0
    for end in [match.start() for match in _PHRASE_ENDS.finditer(lower)] + [len(lower)]:
        matches = list(_STYLE_PATTERN.finditer(lower, start, end))
        # A style's own name counts before a word that only suggests it.
        named = [match for match in matches if match.group(1) in STYLES or match.group(1) in _COMPOUNDS]
        if matches:
            chosen = (named or matches)[-1]
            return look_up(chosen.group(1), _STYLE_NAMES), chosen.span()
        start = end
    return None, None
