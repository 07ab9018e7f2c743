"""Tempo and metre in a prompt: "124 bpm", "at 90", "breakneck", "three four time"."""

from __future__ import annotations

import re

Found = tuple[int, int] | None
"""Where a text says something: start and end."""

_NUMBER = r"(\d{1,4}(?:[.,]\d+)?)"
_UNIT = r"(?:b\.?p\.?m\b\.?|beats?\s*(?:per|a|/)\s*min(?:ute)?)"
_RANGE = re.compile(rf"\b{_NUMBER}\s*(?:-|\u2013|to|and)\s*{_NUMBER}\s*-?\s*{_UNIT}")
_TEMPI = (
    re.compile(rf"\b{_NUMBER}\s*-?\s*{_UNIT}"),
    re.compile(rf"\b(?:tempo|bpm)\s*(?:of|is|at|about|around|:|=)?\s*{_NUMBER}\b(?!\s*(?:%|/))"),
    re.compile(r"\bat\s+(?:about\s+|around\s+)?(\d{2,3})\s*(?=$|[,.;!]|\b(?:in|and|with|for|on)\b)"),
)
_NOT_TOO = r"(?<!not )(?<!too )(?<!n't )"
_SLOW = re.compile(
    rf"{_NOT_TOO}\b(?:slow|slowly|slowed|slower|slow-burning|slow-motion|slo-mo|downtempo|down-tempo|adagio|largo"
    r"|lento|andante|unhurried|leisurely|sluggish|crawling|dragging|half[ -]time)\b"
)
_FAST = re.compile(
    rf"{_NOT_TOO}\b(?:fast|faster|quick|quickly|uptempo|up-tempo|rapid|presto|allegro|vivace|frantic|frenetic"
    r"|racing|speedy|speeding|breakneck|blistering|hyper|hyperactive|high-speed|fast-paced|hectic|hurried"
    r"|breathless|double[ -]time)\b"
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


def find_tempo(lower: str) -> tuple[float | None, Found]:
    """Beats a minute, as written, and where."""
    between = _RANGE.search(lower)
    if between:
        ends = [float(number.replace(",", ".")) for number in between.groups()]
        return sum(ends) / 2, between.span()
    for pattern in _TEMPI:
        match = pattern.search(lower)
        if match:
            return float(match.group(1).replace(",", ".")), match.span()
    return None, None


def find_pace(lower: str) -> str | None:
    """The words' pace, "slow" or "fast"; None if they tell of none."""
    if _SLOW.search(lower):
        return "slow"
    return "fast" if _FAST.search(lower) else None


def find_metre(lower: str) -> tuple[int | None, Found]:
    """Beats in a bar, and where."""
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
