"""A score as what a synthesiser plays: notes in seconds on MIDI channels."""

from __future__ import annotations

from dataclasses import dataclass

from simba_live.music.score import Part, Score

DRUM_CHANNEL = 9
"""General MIDI plays the drum kit on this channel (channel 10 where channels are counted from one)."""

MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)


@dataclass(frozen=True)
class TimedNote:
    """One note as it sounds.

    Attributes:
        start: seconds from the start of the piece.
        end: seconds; always after `start`.
        channel: MIDI channel, 0-15.
        pitch: MIDI pitch, 0-127.
        velocity: 1-127.
    """

    start: float
    end: float
    channel: int
    pitch: int
    velocity: int


def channels(score: Score) -> dict[str, tuple[int, Part]]:
    """Each part's MIDI channel by the part's name, in the order of first appearance.

    All drums share channel 9. A sixteenth melodic part shares the channels again from the first.
    """
    assigned: dict[str, tuple[int, Part]] = {}
    melodic = 0
    for bar in score.bars:
        for part in bar.parts:
            if part.name in assigned:
                continue
            if part.is_drums:
                assigned[part.name] = (DRUM_CHANNEL, part)
            else:
                assigned[part.name] = (MELODIC_CHANNELS[melodic % len(MELODIC_CHANNELS)], part)
                melodic += 1
    return assigned


def bar_starts(score: Score) -> list[float]:
    """When each bar starts, in seconds, and at the end when the piece is over: one entry more than bars."""
    starts = [0.0]
    for bar in score.bars:
        starts.append(starts[-1] + bar.beats_per_bar * 60.0 / bar.bpm)
    return starts


def timeline(score: Score) -> list[TimedNote]:
    """Every note of the piece in seconds, in the order of their starts.

    MIDI cannot tell two notes of the same pitch on the same channel apart, so a note that is still held when
    its pitch starts again ends there; otherwise its end would cut the second one short.
    """
    by_name = channels(score)
    notes: list[TimedNote] = []
    for bar, bar_start in zip(score.bars, bar_starts(score), strict=False):
        beat = 60.0 / bar.bpm
        for written in bar.notes:
            start = max(0.0, bar_start + written.start * beat)
            end = max(start + 0.01, bar_start + (written.start + written.duration) * beat)
            channel = by_name[written.part][0]
            notes.append(TimedNote(start, end, channel, written.pitch, written.velocity))
    notes.sort(key=lambda note: (note.start, note.channel, note.pitch, -note.velocity))

    last: dict[tuple[int, int], int] = {}
    untangled: list[TimedNote] = []
    for note in notes:
        key = (note.channel, note.pitch)
        if key in last:
            before = untangled[last[key]]
            if note.start - before.start < 0.005:
                continue  # the same key struck twice at once is one note, the louder
            if before.end > note.start:
                untangled[last[key]] = TimedNote(before.start, note.start, *key, before.velocity)
        last[key] = len(untangled)
        untangled.append(note)
    return untangled
