"""The arranger in real time: one frame after the other, whatever the player changes between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from math import ceil, floor
from typing import Any

import numpy as np

from simba_live.conditions import NOTE_SUSTAINED, Conditions
from simba_live.controls import NUMBERS
from simba_live.music.arranger import Arranger
from simba_live.music.frames import density_of, density_window
from simba_live.music.rows import TINY, BarRows, Span
from simba_live.music.score import Bar, Chord, MusicError
from simba_live.music.settings import HIGHEST_BPM, LOWEST_BPM, Settings

_ARRANGERS, _BARS = 8, 32


@dataclass(frozen=True)
class Calls:
    """What a performer has called; None leaves it to the form.

    Attributes:
        section: this section, from its own first bar on, until it is released.
        chord: the only harmony, until it is released.
        density: how much of the band plays, see `Arranger.bar`.
    """

    section: str | None = None
    chord: Chord | None = None
    density: float | None = None


@dataclass(frozen=True)
class Run:
    """A stretch of one tempo and metre, in which bars are placed by multiplication so that nothing drifts.

    Attributes:
        bpm: beats per minute; 0 before the first frame.
        beats_per_bar: the metre.
        bar: number of the bar in which it begins.
        beat: position in that bar, in beats.
        on_bar: whether its first frame is the bar's first.
    """

    bpm: float = 0.0
    beats_per_bar: int = 0
    bar: int = 0
    beat: float = 0.0
    on_bar: bool = True


@dataclass(frozen=True)
class Position:
    """Where the music is: all that the next frame needs to know of the frames before it.

    Attributes:
        bar: number of the bar, from 0.
        beat: position in the bar, in beats, at the start of the frame to be made next.
        line: "bar" or "beat" if that frame is the first of its bar or beat (a bar line is a beat line too).
        run: the tempo and metre of late.
        frames: frames since `run` began.
        section: the section that was called last; None if the form plays.
        section_bar: bar in which that section began.
        sounding: MIDI pitches that sound at the end of the frame before.
        onsets: onsets in each of the frames that density still counts, oldest first.
    """

    bar: int = 0
    beat: float = 0.0
    line: str | None = "bar"
    run: Run = field(default_factory=Run)
    frames: int = 0
    section: str | None = None
    section_bar: int = 0
    sounding: tuple[int, ...] = ()
    onsets: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The position as JSON values; `from_json` is the way back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Position:
        """Read what `to_json` wrote, also after it has been through a file.

        Raises:
            MusicError: it is no position.
        """
        try:
            run = values["run"]
            position = cls(
                bar=int(values["bar"]),
                beat=float(values["beat"]),
                line=values["line"],
                run=Run(
                    bpm=float(run["bpm"]),
                    beats_per_bar=int(run["beats_per_bar"]),
                    bar=int(run["bar"]),
                    beat=float(run["beat"]),
                    on_bar=bool(run["on_bar"]),
                ),
                frames=int(values["frames"]),
                section=values["section"],
                section_bar=int(values["section_bar"]),
                sounding=tuple(int(pitch) for pitch in values["sounding"]),
                onsets=tuple(int(count) for count in values["onsets"]),
            )
            beats = position.beat, position.run.beat
            if position.bar < 0 or not all(0.0 <= beat <= NUMBERS["metre"].maximum for beat in beats):
                raise ValueError(f"bar {position.bar}, beat {position.beat}")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise MusicError(f"this is no position in a piece: {error!r}") from None
        return position


@dataclass(frozen=True)
class LiveFrame:
    """One frame of live music.

    Attributes:
        conditions: what the frame is to be; one frame, the caller's to change.
        position: where the music is after it.
        bar: the bar it belongs to, as it is played now.
    """

    conditions: Conditions
    position: Position
    bar: Bar


class LiveArranger:
    """Writes the bar that plays, and reads one frame of it.

    `frame` is a pure function: what is remembered between calls only saves work, and is bounded. As long as
    nothing changes, it makes what `ConditionStream` makes.
    """

    def __init__(self, frame_rate: float) -> None:
        """Play at `frame_rate` frames per second."""
        self.frame_rate = frame_rate
        self._window = density_window(frame_rate)
        self._arranger = lru_cache(maxsize=_ARRANGERS)(Arranger)
        self._bar = lru_cache(maxsize=_BARS)(self._write)

    def frame(self, settings: Settings, position: Position, calls: Calls) -> LiveFrame:
        """The frame at `position`.

        Everything may change from one frame to the next. From there on the bar is written anew, with the
        position in it kept: notes that it should have begun earlier begin now. Tempo moves on smoothly. Where
        a shorter metre is over already, its last beat plays. A section that is called in the first half of a
        bar begins with this bar; later, the rest of the bar leads into it.

        Args:
            settings: what the music is to be; a bpm or metre of None is the style's.
            position: where it is; `Position()` is the beginning.
            calls: what the performer has called.

        Raises:
            MusicError: settings or calls that cannot be followed.
        """
        # Tempo does not change the notes.
        timeless = replace(settings, bpm=None)
        position = _called(self.in_force(settings, position), calls.section)
        bpm = position.run.bpm
        written = self._bar(timeless, calls, position.bar, position.section_bar)
        frame = position.frames
        span = _span(position.run, position.bar, self.frame_rate)
        conditions, counts = written.rows(span, frame, frame + 1, self.frame_rate, position.sounding)
        onsets = (*position.onsets, int(counts[0]))[-self._window :]
        conditions.density[:] = density_of(sum(onsets), len(onsets), self.frame_rate)
        sounding = tuple(np.flatnonzero(conditions.notes[0] >= NOTE_SUSTAINED).tolist())
        bar = written.bar if written.bar.bpm == bpm else replace(written.bar, bpm=bpm)
        after = replace(self._advanced(position, span), sounding=sounding, onsets=onsets)
        return LiveFrame(conditions, after, bar)

    def shifted(self, settings: Settings, position: Position, beats: float) -> Position:
        """The position so many beats on, or back.

        What is passed over is not played, and what is gone back over is played again. Before the beginning
        there is nothing, so there it is the same place in a later bar.

        Args:
            settings: what the music is to be.
            position: where it is.
            beats: how far to go, negative for back.

        Raises:
            MusicError: settings that cannot be followed.
        """
        position = self.in_force(settings, position)
        metre = position.run.beats_per_bar
        frame_beats = position.run.bpm / 60.0 / self.frame_rate
        there = position.bar * metre + position.beat + beats
        if abs(there - round(there)) < TINY * frame_beats:
            there = round(there)
        bar, beat = divmod(there + metre * max(ceil(-there / metre), 0), metre)
        begins = beat % 1.0 < frame_beats * (1.0 - TINY)
        line = ("bar" if beat < 1.0 else "beat") if begins else None
        run = replace(position.run, bar=int(bar), beat=float(beat), on_bar=line == "bar")
        return replace(position, bar=run.bar, beat=run.beat, line=line, run=run, frames=0)

    def in_force(self, settings: Settings, position: Position) -> Position:
        """The position in a run of the tempo and metre that these settings ask for.

        Raises:
            MusicError: settings that cannot be followed.
        """
        plan = self._arranger(replace(settings, bpm=None)).plan
        bpm = plan.bpm if settings.bpm is None else float(settings.bpm)
        if not LOWEST_BPM <= bpm <= HIGHEST_BPM:
            raise MusicError(f"{bpm:g} bpm is out of range; choose {LOWEST_BPM:g} to {HIGHEST_BPM:g}")
        return _in_run(position, bpm, plan.beats)

    def _write(self, settings: Settings, calls: Calls, index: int, since: int) -> BarRows:
        bar = self._arranger(settings).bar(
            index, calls.section, since=since, chord=calls.chord, density=calls.density
        )
        return BarRows(bar)

    def _advanced(self, position: Position, span: Span) -> Position:
        """The next frame's place in time."""
        frame = position.frames + 1
        over = frame >= span.last
        beat_seconds = 60.0 / span.bpm
        beat = max((frame / self.frame_rate - (span.end if over else span.start)) / beat_seconds, 0.0)
        # A frame that rounding puts an ulp before a beat is on it.
        beat = max(beat, float(floor(beat + TINY / beat_seconds / self.frame_rate)))
        line = "bar" if over else "beat" if floor(beat) > floor(position.beat) else None
        return replace(position, bar=position.bar + over, beat=beat, line=line, frames=frame)


def _in_run(position: Position, bpm: float, beats_per_bar: int) -> Position:
    """The position in a run of this tempo and metre: a new one, if either has changed."""
    run = position.run
    if run.bpm == bpm and run.beats_per_bar == beats_per_bar:
        return position
    beat = position.beat if position.beat < beats_per_bar else beats_per_bar - 1 + position.beat % 1.0
    run = Run(bpm, beats_per_bar, position.bar, beat, position.line == "bar")
    return replace(position, beat=beat, run=run, frames=0)


def _called(position: Position, section: str | None) -> Position:
    """The position with the section that is called now; a new one begins at the nearest bar line."""
    if section == position.section:
        return position
    late = 2 * position.beat >= position.run.beats_per_bar
    return replace(position, section=section, section_bar=position.bar + late)


def _span(run: Run, bar: int, frame_rate: float) -> Span:
    """Where a bar of a run lies, counted from the run's first frame."""
    seconds, before = run.beats_per_bar * 60.0 / run.bpm, run.beat * (60.0 / run.bpm)
    start, end = (bar - run.bar) * seconds - before, (bar + 1 - run.bar) * seconds - before
    span = Span.between(start, end, run.bpm, frame_rate)
    # What a bar has played before its tempo changed must not depend on where the new tempo would put it.
    return span if bar > run.bar else replace(span, first=0 if run.on_bar else -1)
