"""Scores as standard MIDI files: tempo, metre and key in the first track, then one track for every part."""

from __future__ import annotations

import io
from bisect import bisect_right

import mido

from simba_live.music.score import Bar, Key, Score

from .timeline import bar_starts, channels, timeline

TICKS_PER_BEAT = 480
"""Ticks of a quarter note."""

# The spellings that MIDI key signatures know, by tonic.
_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")


def midi_bytes(score: Score) -> bytes:
    """The piece as the content of a type 1 MIDI file."""
    starts = bar_starts(score)
    ticks = [0]
    for bar in score.bars:
        ticks.append(ticks[-1] + bar.beats_per_bar * _ticks_per_beat(bar))

    def tick(seconds: float) -> int:
        """Position of a moment, which may lie after the last bar line."""
        index = max(0, bisect_right(starts, seconds, hi=len(score.bars)) - 1)
        beats = (seconds - starts[index]) * score.bars[index].bpm / 60.0
        return ticks[index] + round(beats * _ticks_per_beat(score.bars[index]))

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(score, ticks))
    notes = timeline(score)
    for name, (channel, part) in channels(score).items():
        # Two parts share a channel only beyond fifteen; then the first one's track carries both.
        events: list[tuple[int, int, mido.Message]] = []
        if next(n for n, (c, _) in channels(score).items() if c == channel) == name:
            for note in notes:
                if note.channel == channel:
                    on, off = tick(note.start), tick(note.end)
                    message = mido.Message(
                        "note_on", channel=channel, note=note.pitch, velocity=note.velocity
                    )
                    events.append((on, 1, message))
                    events.append(
                        (max(off, on + 1), 0, mido.Message("note_off", channel=channel, note=note.pitch))
                    )
        events.sort(key=lambda event: event[:2])
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        track.append(mido.Message("program_change", channel=channel, program=part.program))
        track.append(mido.Message("control_change", channel=channel, control=7, value=part.level))
        track.append(mido.Message("control_change", channel=channel, control=10, value=part.pan))
        _append(track, [(at, message) for at, _, message in events])
        file.tracks.append(track)
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


def _conductor(score: Score, ticks: list[int]) -> mido.MidiTrack:
    """Tempo, metre, key and section names, where they change."""
    events: list[tuple[int, mido.MetaMessage]] = []
    before: tuple[float, int, Key, str] | None = None
    for bar, at in zip(score.bars, ticks, strict=False):
        now = (bar.bpm, bar.beats_per_bar, bar.key, bar.section)
        if before is None or now[0] != before[0]:
            events.append(
                (
                    at,
                    mido.MetaMessage(
                        "set_tempo", tempo=mido.bpm2tempo(bar.bpm * _ticks_per_beat(bar) / TICKS_PER_BEAT)
                    ),
                )
            )
        if before is None or now[1] != before[1]:
            metre = mido.MetaMessage(
                "time_signature",
                numerator=bar.beats_per_bar,
                denominator=4 * TICKS_PER_BEAT // _ticks_per_beat(bar),
            )
            events.append((at, metre))
        if before is None or now[2] != before[2]:
            names = _MINOR if bar.key.mode == "minor" else _MAJOR
            events.append((at, mido.MetaMessage("key_signature", key=names[bar.key.tonic])))
        if before is None or now[3] != before[3]:
            events.append((at, mido.MetaMessage("marker", text=bar.section)))
        before = now
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=score.style)])
    _append(track, events)
    track.append(mido.MetaMessage("end_of_track", time=ticks[-1] - (events[-1][0] if events else 0)))
    return track


def _append(track: mido.MidiTrack, events: list[tuple[int, mido.Message]]) -> None:
    """Add events at absolute ticks, in order, to a track that counts from event to event."""
    at = 0
    for when, message in events:
        track.append(message.copy(time=when - at))
        at = when


def _ticks_per_beat(bar: Bar) -> int:
    """In six the beats are eighth notes, in every other metre quarters."""
    return TICKS_PER_BEAT // 2 if bar.beats_per_bar == 6 else TICKS_PER_BEAT
