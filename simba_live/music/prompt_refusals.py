"""What a prompt does not want: "no drums", "anything but techno", "not too busy", up to where that ends."""

from __future__ import annotations

import re

_BEGIN = re.compile(
    r"\b(?:"
    r"(?:anything|everything|all) (?:but|except(?: for)?)|except(?: for)?|other than|rather than|instead of"
    r"|(?:do not|don['\u2019]?t) (?:want|use|like|add|play|need|make it)|i hate"
    r"|(?:is|are|should)n['\u2019]?t(?: be)?|should not be|leave out|leaving out|skip|avoid|avoiding|hold the"
    r"|without|w/o|minus|sans|lacking|free of|never"
    r"|not(?! (?:only|just|without|unlike)\b)|nothing(?! (?:but|else|like)\b)"
    r"|no(?! (?:one|cap|worries|matter|doubt|problem|hurry|rush|stress|way|end|mercy|nonsense|limits?)\b)"
    r")\b\s*"
)
# A refusal ends with its phrase, or where something wanted sets in.
_END = re.compile(
    r"[,.;:!?()\u2013\u2014]|\s-\s"
    r"|\b(?:but|just|only|instead|rather|more|with|while|because|for|in|at|i want|that|which|please"
    r"|and (?:an?|some|lots|the|then|only))\b"
)


def refusals(lower: str) -> list[tuple[int, int]]:
    """Where a lower-case text says what it does not want: starts and ends, refusing words included."""
    found: list[tuple[int, int]] = []
    for match in _BEGIN.finditer(lower):
        if found and match.start() < found[-1][1]:
            continue
        end = _END.search(lower, match.end())
        found.append((match.start(), end.start() if end else len(lower)))
    return found


def blank(text: str, places: list[tuple[int, int]]) -> str:
    """The text with these places made unreadable, every other letter where it was."""
    for start, end in places:
        text = text[:start] + "~" * (end - start) + text[end:]
    return text
