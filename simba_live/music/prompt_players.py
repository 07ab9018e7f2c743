"""Who plays, by a prompt's words: instruments and drums by name, which of them alone, which of them not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from simba_live.music.instruments import BY_NAME

RHYTHM_SECTION = "rhythm section"

_Value = TypeVar("_Value")

_DRUMS = (
    "bass drum", "kick drum", "snare drum", "drum machine", "drum kit", "drum set", "drumkit", "drum loop",
    "drum beat", "drum", "drums", "drumming", "drummer", "percussion", "percussions", "beats", "beat",
    "rhythm", "snare", "hi-hat", "hihat", "congas", "bongos", "timbales", "djembe", "shaker", "tabla",
)  # fmt: skip
_KIN = {
    "bass clarinet": "clarinet", "bass flute": "flute", "cornet": "trumpet", "flugelhorn": "trumpet",
    "tuba": "trombone", "english horn": "oboe", "squeezebox": "accordion", "melodica": "harmonica",
    "ukulele": "acoustic guitar", "mandolin": "acoustic guitar", "bouzouki": "acoustic guitar",
    "lute": "classical guitar", "oud": "classical guitar", "slide guitar": "electric guitar",
    "wah-wah guitar": "electric guitar", "wah guitar": "electric guitar", "kora": "harp", "zither": "harp",
    "erhu": "violin", "guzheng": "koto", "balafon": "marimba", "toy piano": "music box",
    "handpan": "steel drums", "felt piano": "piano", "tin whistle": "whistle", "whistling": "whistle",
    "singing": "choir", "singer": "choir", "vocal": "choir", "moog": "synth lead", "supersaw": "synth lead",
    "808s": "synth bass", "808": "synth bass", "sub-bass": "synth bass", "violas": "viola",
    "electronics": "synthesizer",
}  # fmt: skip
"""Instruments that have no sound of their own here, and the nearest that has."""

_NAMED: dict[str, str] = {
    **{name: entry.name for name, entry in BY_NAME.items()},
    **dict.fromkeys(_DRUMS, "drums"),
    RHYTHM_SECTION: RHYTHM_SECTION,
    **{name: near for name, near in _KIN.items() if near in BY_NAME},
}
_ONLY_RULED_OUT = frozenset({"beats", "beat", "rhythm", "singing", "singer", "vocal", "electronics"})
"""Words too loose to ask for a player ("lofi beats"), but that rule one out ("no beats")."""
_NOT_INSTRUMENTS = re.compile(
    r"\b(?:all|different|other|change|changing|change of|minor|major|black|white) keys\b|\bb3\b(?! organ)"
)

# Words that may stand between "solo", "only" or "no" and the instrument: "only a gentle flute".
_BETWEEN = (
    r"(?!(?:add|adds|with|and|or|for|in|on|like|as|but|the|if|of|to|that|not|only|just)\b)"
    r"[\w'\u2019-]+\s+"
)
_DETERMINER = r"(?:(?:an?|any|the|one|some|all|single|my|our)\s+)*"
_ALONE_BEFORE = re.compile(
    r"(?<!not )(?<!n't )\b(?:solo|just|only|lone|nothing but|nothing else but|unaccompanied)\s+"
    rf"{_DETERMINER}(?:{_BETWEEN}){{0,2}}$"
)
_ALONE_AFTER = re.compile(
    r"^s?\s*(?:,\s*)?(?:only|alone|on its own|by itself|by themselves|unaccompanied|and nothing else)\b"
)
_SOLO_AFTER = re.compile(r"^\s*solo\b(?!\s+(?:in|over|on top|at the))")
# "with a saxophone solo" is a band in which the saxophone has its moment.
_JOINED = re.compile(r"\b(?:with|and|featuring|has|plus|then|includes?|including|having)\s+[^,.;]*$")
_NO_BEFORE = re.compile(
    r"\b(?:no|without|w/o|minus|sans|lacking|lacks|exclude|excluding|except|except for|omit|remove|drop|zero"
    r"|free of|don['\u2019]?t (?:want|use|like|add)|do not (?:want|use|add)|avoid|leave out|skip)\s+"
    rf"{_DETERMINER}(?:{_BETWEEN}){{0,2}}$"
    rf"|\b(?:not|nothing|(?:hold|lose) the|i hate)\s+{_DETERMINER}$"
)
_LEFT_OUT_AFTER = re.compile(r"^s?\s*(?:left out|removed|muted|excluded)\b")
_LIST_OR = re.compile(r"^s?\s*,?\s*(?:and no|or any|nor any|or|nor|and|&|/)\s+(?:any\s+|the\s+|an?\s+)?$")
_LIST_COMMA = re.compile(r"^s?\s*,\s*$")
_COMMA_THEN_OR = re.compile(r"^s?\s*,?\s*(?:or|nor)\s")

# How far back a "no" or "solo" is looked for, in characters.
_REACH = 80

Place = tuple[int, int, str]
"""Where an instrument is named: start and end in the text, and its name."""


def whole_words(names: list[str]) -> re.Pattern[str]:
    """A pattern for any of the names as whole words, the longest first; group 1 leaves a plural's s out."""
    longest_first = sorted(names, key=len, reverse=True)
    spelled = "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in longest_first)
    return re.compile(rf"(?<![\w#])({spelled})(?:s|es)?(?![\w])")


def look_up(found: str, table: Mapping[str, _Value]) -> _Value:
    """The table's value for a word that `whole_words` found, however its blanks and hyphens are set."""
    if found in table:
        return table[found]
    plain = re.sub(r"[\s-]+", " ", found)
    return next(value for name, value in table.items() if re.sub(r"[\s-]+", " ", name) == plain)


_NAMED_PATTERN = whole_words(list(_NAMED))


def find_players(lower: str) -> list[Place]:
    """Every instrument in a lower-case text, in order; drums are "drums"."""
    masked = _NOT_INSTRUMENTS.sub(lambda match: "~" * len(match.group()), lower)
    return [
        (match.start(), match.end(1), look_up(match.group(1), _NAMED))
        for match in _NAMED_PATTERN.finditer(masked)
        if match.group(1) not in _ONLY_RULED_OUT
        or _NO_BEFORE.search(masked[max(match.start() - _REACH, 0) : match.start()])
    ]


def ruled_out(lower: str, found: list[Place]) -> list[Place]:
    """The places that a "no" or "without" reaches, also along a list: "without drums, bass or guitar"."""
    reached: list[Place] = []
    for number, place in enumerate(found):
        before, after = lower[max(place[0] - _REACH, 0) : place[0]], lower[place[1] : place[1] + _REACH]
        if _NO_BEFORE.search(before) or _LEFT_OUT_AFTER.match(after):
            reached.append(place)
            continue
        if not reached or reached[-1] != found[number - 1]:
            continue
        gap = lower[found[number - 1][1] : place[0]]
        # A comma alone ends the reach ("no drums, piano"), unless an "or" still comes.
        following = lower[place[1] : found[number + 1][0]] if number + 1 < len(found) else ""
        if _LIST_OR.match(gap) or (_LIST_COMMA.match(gap) and _COMMA_THEN_OR.match(following)):
            reached.append(place)
    return reached


def alone(lower: str, place: Place) -> bool:
    """Whether the text says that this instrument plays alone."""
    before, after = lower[max(place[0] - _REACH, 0) : place[0]], lower[place[1] : place[1] + _REACH]
    if _ALONE_BEFORE.search(before) or _ALONE_AFTER.match(after):
        return True
    return bool(_SOLO_AFTER.match(after)) and not _JOINED.search(before)
