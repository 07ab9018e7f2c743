"""Patterns turned into notes: grids, held and broken chords; pure functions of a bar."""

from __future__ import annotations

from functools import lru_cache

from simba_live.music.bass import bass_note
from simba_live.music.dice import Dice
from simba_live.music.events import Event, Harmony
from simba_live.music.style import Layer

ACCENTS = {"X": 1.16, "x": 1.0, "o": 0.78, "g": 0.46}


def swung(time: float, swing: float, unit: float) -> float:
    """A straight time moved to where the swing puts it; the pair's ends stay where they are."""
    pair, inside = divmod(time, unit)
    half = unit / 2
    if inside < half:
        return pair * unit + inside * swing * 2
    return pair * unit + swing * unit + (inside - half) * (1 - swing) * 2


@lru_cache(maxsize=4096)
def _cells(line: str, bar: int, beats: int) -> tuple[str, ...]:
    bars = line.split("/")
    cells = bars[bar % len(bars)].strip().split("|")
    if beats > len(cells):
        last = len(cells) - 1
        # The surplus beats walk back from the last cell, so that the downbeat's figure stays on the downbeat.
        cells += [cells[max(last - (extra % max(last, 1)), 0)] for extra in range(beats - len(cells))]
    return tuple(cells[:beats])


@lru_cache(maxsize=4096)
def hits(
    line: str, bar: int, beats: int, swing: float = 0.5, unit: float = 1.0
) -> tuple[tuple[float, str, float], ...]:
    """The events of one bar of a pattern text.

    Args:
        line: the pattern, see `style`.
        bar: which bar of a longer pattern (taken modulo its length).
        beats: the metre.
        swing: see `swung`; cells of three or six steps are triplets already and stay.
        unit: see `swung`.

    Returns:
        (start, character, beats until the next event or the bar's end), in order.
    """
    events: list[tuple[float, str]] = []
    for beat, cell in enumerate(_cells(line, bar, beats)):
        for step, character in enumerate(cell):
            if character in ".-":
                continue
            time = beat + step / len(cell)
            events.append((time if len(cell) % 3 == 0 else swung(time, swing, unit), character))
    ends = [time for time, _ in events[1:]] + [float(beats)] * bool(events)
    return tuple((time, character, end - time) for (time, character), end in zip(events, ends, strict=True))


def play_grid(
    layer: Layer,
    steps: tuple[tuple[float, str, float], ...],
    harmony: Harmony,
    scales: tuple[tuple[int, ...], ...],
    voicings: tuple[tuple[int, ...], ...],
    dice: Dice,
) -> list[Event]:
    """Play a grid of letters over the bar's chords.

    Letters: R r root in the bass (loud, soft), F fifth, O octave, T third, S seventh, A a step into the next
    chord; C c the whole voicing, U its upper notes, 1-6 its notes from below, ? the voicing or nothing.
    In a layer above the bass range the bass letters sound an octave below it: a pianist's left hand.
    What would ring on into another chord is struck anew with it.
    """
    events: list[Event] = []

    def strike(letter: str, span: int, start: float, duration: float, velocity: float) -> None:
        if letter in "RrFOTSA":
            low = (
                layer.low if layer.role == "bass" or layer.low <= 40 else max(layer.low - 12, layer.floor - 1)
            )
            chord = harmony.spans[span][2]
            pitch = bass_note(letter, chord, harmony.after(span), low, scales[span], dice)
            events.append(Event(start, duration, pitch, velocity))
            return
        notes = voicings[span]
        if letter in "123456":
            octaves, index = divmod(int(letter) - 1, len(notes))
            notes = (min(notes[index] + 12 * octaves, 96),)
        elif letter == "U":
            notes = notes[-2:]
        for order, pitch in enumerate(notes):
            late = order * layer.strum
            events.append(Event(start + late, max(0.08, duration - late), pitch, velocity - 2.0 * order))

    for start, letter, gap in steps:
        if letter == "?" and not dice.chance(0.5):
            continue
        span = harmony.at(start)
        velocity = layer.velocity * (0.8 if letter in "rcg?" else 1.0)
        duration = max(0.08, gap * layer.hold)
        end = harmony.spans[span][1]
        over = start + duration - end
        if span + 1 == len(harmony.spans) or over < 0.1:
            strike(letter, span, start, duration, velocity)
            continue
        strike(letter, span, start, max(0.08, end - start), velocity)
        if over > 0.4 and letter in "RrCcU?" and start + gap > end + 0.4:
            strike(letter, span + 1, end, over, velocity * 0.9)
    return events


def play_pad(layer: Layer, harmony: Harmony, voicings: tuple[tuple[int, ...], ...]) -> list[Event]:
    """Hold each chord for its whole length."""
    return [
        Event(start + order * layer.strum, (end - start) * layer.hold, pitch, layer.velocity)
        for (start, end, _), notes in zip(harmony.spans, voicings, strict=True)
        for order, pitch in enumerate(notes)
    ]


ORDERS = ("up", "down", "updown", "octaves", "leap")


def play_arp(
    layer: Layer,
    steps: tuple[tuple[float, str, float], ...],
    harmony: Harmony,
    voicings: tuple[tuple[int, ...], ...],
    order: str,
) -> list[Event]:
    """Break the chords in the rhythm of `steps`, anew with each chord; `order` is one of `ORDERS`."""
    events = []
    count, current = 0, -1
    for start, letter, gap in steps:
        span = harmony.at(start)
        if span != current:
            current, count = span, 0
        notes = list(voicings[span])
        if order == "octaves":
            notes += [notes[0] + 12]
        figure = {
            "up": notes,
            "octaves": notes,
            "down": notes[::-1],
            "updown": notes + notes[-2:0:-1],
            "leap": notes[::2] + notes[1::2],
        }[order]
        velocity = layer.velocity * ACCENTS.get(letter, 1.0)
        duration = gap * layer.hold
        if span + 1 < len(harmony.spans):
            duration = min(duration, harmony.spans[span][1] - start)
        events.append(Event(start, max(0.08, duration), figure[count % len(figure)], velocity))
        count += 1
    return events
