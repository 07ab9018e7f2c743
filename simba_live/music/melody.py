"""Melodies without harmony: motifs drawn once per piece, then repeated, answered, varied and closed."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.music.dice import Dice

_STEPS = (-2, -1, -1, -1, 1, 1, 1, 2, 0, 3, -3, 2, -2)
_PERIODS = ("abacabad", "aabcaabd", "abcbabcd", "aaabaacd", "ababcbcd", "aabbcdad", "abcdabad", "abacdbac")
"""Which motif each of eight bars sings: four bars that ask and four that answer."""

_VOICE_OF = {"drop": str.maketrans("abcd", "efgh")}
"""Sections with motifs of their own."""


@dataclass(frozen=True)
class Motif:
    """One bar of melody without harmony: (start, duration, scale steps from the anchor), straight time."""

    events: tuple[tuple[float, float, int], ...]

    def inverted(self) -> Motif:
        """Upside down."""
        return Motif(tuple((start, duration, -offset) for start, duration, offset in self.events))

    def shifted(self, steps: int) -> Motif:
        """Sequenced: the same figure some scale steps away."""
        return Motif(tuple((start, duration, offset + steps) for start, duration, offset in self.events))

    def stretched(self, beats: int) -> Motif:
        """Twice as slow: what fits of it in the bar."""
        return Motif(tuple((s * 2, min(d * 2, beats - s * 2), o) for s, d, o in self.events if s * 2 < beats))

    def adorned(self) -> Motif:
        """Its long notes turned into two, the second a step off."""
        events: list[tuple[float, float, int]] = []
        for start, duration, offset in self.events:
            if duration < 0.9:
                events.append((start, duration, offset))
            else:
                half = duration / 2
                events += [(start, half, offset), (start + half, half, offset + 1)]
        return Motif(tuple(events))

    def closing(self, beats: int) -> Motif:
        """Its beginning, then one long note that comes to rest."""
        turn = beats // 2 if beats > 2 else 1
        head = tuple(event for event in self.events if event[0] < turn - 0.01)[:4]
        head = tuple((s, min(d, turn - s), o) for s, d, o in head)
        return Motif((*head, (float(turn), beats - turn - 0.25, 0)))


def draw_motif(cells: tuple[str, ...], beats: int, dice: Dice) -> Motif:
    """A motif whose beats are drawn from rhythms of one beat; it has at least two notes."""
    spoken = [cell for cell in cells if "x" in cell]
    # A figure that returns within the bar makes it a motif and not a chain of accidents.
    first, second = dice.pick(spoken), dice.pick(cells)
    chosen = [first, second] + [dice.pick(cells) for _ in range(beats - 2)]
    if beats >= 4 and dice.chance(0.45):
        chosen[2] = first
    if sum(cell.count("x") for cell in chosen) < 2:
        chosen[1] = dice.pick(spoken)
    starts: list[list[float]] = []
    sounding = False
    for beat, cell in enumerate(chosen):
        for step, character in enumerate(cell):
            length = 1 / len(cell)
            if character == "x":
                starts.append([beat + step * length, length])
                sounding = True
            elif character == "-" and sounding:
                starts[-1][1] += length
            else:
                sounding = False
    events, offset, leap = [], dice.pick((0, 0, 1, 2)), 0
    for start, duration in starts:
        events.append((start, duration, offset))
        # After a leap the line turns back by a step.
        step = dice.pick(_STEPS) if abs(leap) < 2 else (-1 if leap > 0 else 1)
        if abs(offset + step) > 5:
            step = -step
        offset, leap = offset + step, step
    return Motif(tuple(events))


@dataclass(frozen=True)
class Theme:
    """The motifs of a piece by letter, the order they come in, and whether the fourth bar draws breath."""

    motifs: dict[str, Motif]
    plan: str
    breathes: bool
    riff: tuple[Motif, ...]

    @classmethod
    def draw(cls, cells: str, riff_cells: str, beats: int, *seed: object) -> Theme:
        """Draw a theme from a style's rhythms; `seed` names the piece."""
        dice = Dice(*seed, "theme", beats)
        chosen, riffs = _vocabulary(cells, dice), _vocabulary(riff_cells or cells, dice)
        motifs = {
            letter: draw_motif(chosen, beats, Dice(*seed, "motif", letter, beats)) for letter in "abcdefgh"
        }
        riff = tuple(draw_motif(riffs, beats, Dice(*seed, "riff", n, beats)) for n in range(2))
        if dice.chance(0.5):
            riff = riff[:1]
        return cls(motifs, dice.pick(_PERIODS), dice.chance(0.75), riff)

    def bar(self, turn: int, section: str, visit: int, beats: int) -> tuple[Motif, str]:
        """What to sing in bar `turn` of a period, and its cadence: "", "half" (open) or "full" (closed).

        Args:
            turn: 0-7.
            section: the section; a drop has a theme of its own, a break sings the verse's at half speed.
            visit: how many sections of this name came before; every other time the theme is varied.
            beats: the metre.
        """
        cadence = "full" if turn == 7 else "half" if turn == 3 and self.breathes else ""
        letters = self.plan.translate(_VOICE_OF.get(section, {}))
        motif = self.motifs[letters[turn]]
        if section == "break":
            motif = self.motifs["a"].stretched(beats)
            motif = motif.inverted() if turn % 2 else motif
            return (motif.closing(beats) if turn == 7 else motif), cadence
        if cadence:
            return motif.closing(beats), cadence
        varied = visit % 2 == 1
        if varied and turn in (4, 5):
            motif = motif.inverted()
        elif varied and turn in (1, 2):
            motif = motif.adorned()
        elif turn >= 4:
            motif = motif.shifted(2 if turn < 6 else 1)
        return motif, cadence


def _vocabulary(cells: str, dice: Dice) -> tuple[str, ...]:
    """The rhythms that this piece speaks: most of the style's, so that pieces differ in more than order."""
    every = tuple(cells.split())
    chosen = dice.some(every, max(4, round(0.7 * len(every))))
    return tuple(chosen) if any("x" in cell for cell in chosen) else every
