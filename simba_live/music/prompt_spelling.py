"""Misspelt names of styles and instruments, put right before a prompt is read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simba_live.music.instruments import BY_NAME

_SHORTEST = 6
"""Letters of the shortest name that is guessed; shorter ones are too near to other words."""

_STYLE_WORDS = (
    "acoustic", "afrobeat", "ambient", "ballad", "baroque", "bluegrass", "chillhop", "cinematic", "classical",
    "dancehall", "dubstep", "electronic", "gospel", "grunge", "industrial", "lullaby", "meditation",
    "orchestra", "orchestral", "reggae", "reggaeton", "soundscape", "synthwave", "techno", "quartet", "waltz",
    "bossa nova", "hip hop", "disco", "restaurant", "relaxing", "relaxation", "christmas", "percussion",
)  # fmt: skip
_COMMON = {
    "jaz": "jazz", "jass": "jazz", "regae": "reggae", "regge": "reggae", "raggae": "reggae",
    "tecno": "techno",
    "lofy": "lofi", "lowfi": "lofi", "low-fi": "lofi", "hiphop": "hip hop", "hip-pop": "hip hop",
    "disko": "disco", "walz": "waltz", "metel": "metal", "mettal": "metal",
    "bosa": "bossa", "drumn": "drum n", "clasic": "classic", "hevy": "heavy",
    "smoth": "smooth", "paino": "piano", "pinao": "piano", "gitar": "guitar", "gutar": "guitar",
    "vilin": "violin", "strngs": "strings", "flut": "flute", "drms": "drums",
    "acustic": "acoustic", "synt": "synth", "chil": "chill", "sould": "soul", "blus": "blues",
    "beatz": "beats", "vibez": "vibes", "nite": "night", "muzak": "elevator music", "guitare": "guitar",
}  # fmt: skip
_KNOWN_WORDS = frozenset({
    "classically", "meditations", "celeste", "organs", "electronics", "electronica", "salads", "viola",
    "violas", "cellos", "ballads", "ballade", "ballet", "trumpets", "guitars", "guitarist", "hammond",
    "harmonic", "harmonics", "harmonicas", "accordions", "banjos", "bagpipe", "quartets", "quarter",
    "waltzing",
    "clarinets", "marimbas", "pianos", "pianist", "violins", "violinist", "fiddles", "fiddler", "strings",
    "orchestras", "gospels", "techne", "piccolos", "whistles", "whistled", "vocals", "singers", "chimed",
    "sittar", "koto", "recorders", "recorded", "horns", "keyboards", "voices", "bassline", "basslines",
    "synths",
})  # fmt: skip
"""Words of English that are one letter from a name and mean themselves."""

_WORD = re.compile(r"[^\W\d_](?:[\w'\u2019-]*[^\W_])?")


def _guessable(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if len(name) >= _SHORTEST and name.isalpha()}))


_NAMES = _guessable((*_STYLE_WORDS, *BY_NAME))
_PLAIN = frozenset(word for name in (*_STYLE_WORDS, *BY_NAME) for word in name.split())


def correct(text: str) -> str:
    """The text with misspelt names put right; a word is guessed only where one slip of a key explains it."""
    return _WORD.sub(lambda match: _correct_word(match.group()), text)


def _correct_word(word: str) -> str:
    lower = word.lower()
    if lower in _COMMON:
        return _COMMON[lower]
    if len(lower) < _SHORTEST - 1 or lower in _PLAIN or lower in _KNOWN_WORDS or lower[:-1] in _PLAIN:
        return word
    return next((name for name in _NAMES if lower[0] == name[0] and _one_slip(lower, name)), word)


def _one_slip(word: str, name: str) -> bool:
    """Whether a letter was added, left out, mistaken or swapped with the next."""
    if abs(len(word) - len(name)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name))
    )
    one, other = word[start:], name[start:]
    return (
        one[1:] == other  # added
        or one == other[1:]  # left out
        or one[1:] == other[1:]  # mistaken
        or (one[:2] == other[1::-1] and one[2:] == other[2:])  # swapped
    )
