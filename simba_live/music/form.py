"""Form: which section a bar belongs to, in an endless stream or in a piece of so many bars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simba_live.music.style import Style

_INTRO_BARS = 4
_PHRASE_BARS = 8
_ENDING_BARS = 4


@dataclass(frozen=True)
class Spot:
    """Where a bar is.

    Attributes:
        index: the bar's number in the piece.
        section: its section.
        place: its number within the section.
        length: bars in the section.
        visit: how many sections of this name came before.
        final: whether the music comes to rest in it: the last bar of a piece that ends, or of an ending.
        full: whether everything plays that the piece has, whatever the section.
        behind: the sections before this one, as far back as the form goes before it repeats.
        ahead: the sections after this one until the form repeats.
        round: how often the form has come round.
        rested: bars of rest before this one, where it comes after the last bar of an ending.
    """

    index: int
    section: str
    place: int
    length: int
    visit: int
    final: bool = False
    full: bool = False
    behind: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    round: int = 0
    rested: int = 0

    @property
    def progress(self) -> float:
        """How far the section has gone, 0 at its first bar."""
        return self.place / self.length

    @property
    def left(self) -> int:
        """Bars of the section still to come after this one."""
        return self.length - 1 - self.place

    @property
    def turn(self) -> int:
        """Bar of the eight-bar period: short sections go on where their last visit ended."""
        before = self.visit * self.length if self.length in (2, 4) else 0
        return (self.place + before) % _PHRASE_BARS


def _length(section: str) -> int:
    return _PHRASE_BARS if section in ("verse", "drop") else 4


def find_spot(style: Style, index: int, section: str | None, total_bars: int | None, since: int = 0) -> Spot:
    """Where bar `index` is; see `Arranger.bar` for the arguments."""
    if section == "ending" and index >= since:
        place = index - since
        last = _ENDING_BARS - 1
        return Spot(
            index, section, min(place, last), _ENDING_BARS, 0, place >= last, rested=max(place - last, 0)
        )
    if section is not None:
        length = _length(section)
        visit, place = divmod(index - since, length)
        return Spot(index, section, place, length, visit)
    if total_bars is not None:
        return _plan_piece(style.form, style.through, total_bars)[min(index, total_bars - 1)]
    if index < _INTRO_BARS:
        return Spot(index, "intro", index, _INTRO_BARS, 0, ahead=style.form)
    lengths = [_length(name) for name in style.form]
    rounds, inside = divmod(index - _INTRO_BARS, sum(lengths))
    for number, (name, length) in enumerate(zip(style.form, lengths, strict=True)):
        if inside < length:
            behind, ahead = style.form[:number], style.form[number + 1 :]
            visit = rounds * style.form.count(name) + behind.count(name)
            return Spot(index, name, inside, length, visit, behind=behind, ahead=ahead, round=rounds)
        inside -= length
    raise AssertionError("the form is longer than itself")


@lru_cache(maxsize=512)
def _plan_piece(form: tuple[str, ...], through: int, total: int) -> tuple[Spot, ...]:
    """Every bar of a piece: intro, the style's sections in a size that fits, ending."""
    intro = 0 if total < 5 else 1 if total < 8 else 2 if total < 20 or through else 4
    ending = 1 if total < 10 else 2 if total < 32 else 4
    body = total - intro - ending
    unit = 2 if body < 10 else 4 if body < 40 else 8
    blocks: list[tuple[str, int]] = [("intro", intro)] if intro else []
    filled, number = 0, 0
    while filled < body:
        name = form[number % len(form)]
        length = unit if name in ("verse", "drop") else max(1, unit // 2) if name == "build" else min(unit, 4)
        number += 1
        length = min(length, body - filled)
        # A lone bar left over belongs to the section before it.
        if body - filled - length == 1:
            length += 1
        blocks.append((name, length))
        filled += length
    blocks.append(("ending", ending))
    names = tuple(name for name, _ in blocks)
    spots: list[Spot] = []
    visits: dict[str, int] = {}
    for number, (name, length) in enumerate(blocks):
        behind, ahead = names[:number], names[number + 1 :]
        for bar in range(length):
            final = len(spots) == total - 1 and total > 1
            visit = visits.get(name, 0)
            spots.append(Spot(len(spots), name, bar, length, visit, final, False, behind, ahead))
        visits[name] = visits.get(name, 0) + 1
    return tuple(spots)
