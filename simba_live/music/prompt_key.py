"""The key in a prompt. English makes it hard: "a minor detail", "Am I dreaming", "in A world of ice"."""

from __future__ import annotations

import re

from simba_live.music.score import Key

_ACCIDENTAL = r"(#|♯|♭|b(?![a-z])|[\s-]?(?:sharp|flat)\b)?"
_MODES = {
    "major": "major", "maj": "major", "ionian": "major", "lydian": "major", "mixolydian": "major",
    "minor": "minor", "min": "minor", "dorian": "minor", "aeolian": "minor", "phrygian": "minor",
    "locrian": "minor",
}  # fmt: skip
_LETTER_AND_MODE = re.compile(
    rf"(?<![\w'\u2019#♯♭-])([a-g]){_ACCIDENTAL}[\s-]*({'|'.join(_MODES)})\b", re.IGNORECASE
)
_SHORT = re.compile(r"(?<![\w'\u2019-])([A-G])(#|♯|♭|b)?(m|min|maj)(?![\w'\u2019#])")
_AFTER_IN = re.compile(
    r"\b(?:in|key|key of|key is|key:|tonic|tuned to)\s+(?:the\s+key\s+of\s+)?"
    r"([A-Ga-g])(#|♯|♭|b|[\s-]?(?:sharp|flat)\b)?(?![\w&'\u2019/])"
)
_MODE_ONLY = re.compile(
    r"\b(?:in\s+(?:an?\s+)?(major|minor)\b(?!\s+\w)|(major|minor)[\s-](?:key|mode|tonality|scale)\b)",
    re.IGNORECASE,
)
_KEY_BEFORE = re.compile(r"\b(?:in|key of|key|key:|key is|to|from|into)\s+$", re.IGNORECASE)
# What may follow "a minor" when it is a key and not an article with its adjective.
_ENDS = re.compile(
    r"^\s*(?:$|[,.;:!?)\]\"'/&+-]|(?:and|with|at|for|on|by|but|scale|please|tempo|key\s+signature)\b|\d)",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s*|[\"'(]\s*)$")


def find_key(text: str) -> tuple[Key | None, str | None, tuple[int, int] | None]:
    """The key a prompt names.

    Args:
        text: the prompt, with its capitals.

    Returns:
        The key (or None), the mode where only that is told (or None), and where it says so.
    """
    for match in _LETTER_AND_MODE.finditer(text):
        letter, accidental, mode = match.groups()
        if _is_key(text, match, letter, accidental):
            return _key(letter, accidental, _MODES[mode.lower()]), None, match.span()
    for match in _SHORT.finditer(text):
        letter, accidental, mode = match.groups()
        verb = (
            letter == "A" and not accidental and mode == "m" and not _KEY_BEFORE.search(text[: match.start()])
        )
        if verb and not _ENDS.match(text[match.end() :]):
            continue
        return _key(letter, accidental, "minor" if mode in ("m", "min") else "major"), None, match.span()
    for match in _AFTER_IN.finditer(text):
        letter, accidental = match.groups()
        told = match.group().lower()
        article = letter in "aA" and not accidental and "key of" not in told
        doubtful = article or (letter.islower() and "key" not in told)
        spelled_out = bool(accidental) and len(accidental) > 1
        if doubtful and not spelled_out and not _ENDS.match(text[match.end() :]):
            continue
        return _key(letter, accidental, "major"), None, match.span()
    only = _MODE_ONLY.search(text)
    if only:
        return None, (only.group(1) or only.group(2)).lower(), only.span()
    return None, None, None


def _is_key(text: str, match: re.Match[str], letter: str, accidental: str | None) -> bool:
    if letter not in "aA" or accidental:
        return True
    before, after = text[: match.start()], text[match.end() :]
    if re.match(r"\s+(?:key|mode|mood|chord|chords|feel|third|seventh|label|detail)\b", after, re.IGNORECASE):
        # "in A minor key" with a capital inside a sentence still means A.
        return (
            letter == "A"
            and bool(re.match(r"\s+(?:key|mode|mood|feel)\b", after))
            and not _SENTENCE_START.search(before)
        )
    if letter == "A" and not _SENTENCE_START.search(before):
        return True
    return bool(_ENDS.match(after))


def _key(letter: str, accidental: str | None, mode: str) -> Key:
    sign = (accidental or "").strip(" -").lower()
    sign = "#" if sign in ("#", "♯", "sharp") else "b" if sign else ""
    return Key.parse(f"{letter.upper()}{sign} {mode}")
