"""The arranger: any bar of an endless piece, as a pure function of settings, bar number and section."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from simba_live.controls import SECTIONS
from simba_live.music.band import Voice
from simba_live.music.bass import lead_on, play_walk
from simba_live.music.changes import Changes, Course, Measure
from simba_live.music.density import thin
from simba_live.music.dice import Dice
from simba_live.music.drums import play_drums
from simba_live.music.events import Event
from simba_live.music.form import Spot, find_spot
from simba_live.music.patterns import hits, play_arp, play_grid, play_pad
from simba_live.music.phrase import ARCH, Line, sing
from simba_live.music.score import Bar, Chord, MusicError, Part
from simba_live.music.settings import Plan, Settings, resolve
from simba_live.music.style import CRASH, KICK, SECTION_LETTERS
from simba_live.music.theory import lead_voices, nearest, pitches_in, place
from simba_live.music.touch import finish

__all__ = ["Arranger", "Settings", "resolve"]

_PHRASE_BARS = 4
_PHRASES = 16
"""How many phrases are remembered; a stream of hours needs no more than those under way."""

_LIFTS = {"drop": 2.5, "break": -2.0, "intro": -1.0, "ending": -2.0}
"""Semitones that a melody lies higher, by section."""

Played = list[tuple[Part, list[Event]]]


class Arranger:
    """Writes a piece bar by bar.

    Two arrangers with equal settings give equal bars, in whatever order they are asked; what is remembered
    between calls only saves work.
    """

    def __init__(self, settings: Settings) -> None:
        """Make the open choices of `settings`; raises `MusicError` where they cannot be followed."""
        self.settings = settings
        self.plan: Plan = resolve(settings)
        self._changes = Changes(self.plan)
        self._phrase = lru_cache(maxsize=_PHRASES)(self._sing)
        self._drums = Part("drums", 0, True, 64, 104)

    def bar(
        self,
        index: int,
        section: str | None = None,
        total_bars: int | None = None,
        *,
        since: int = 0,
        chord: Chord | None = None,
        density: float | None = None,
    ) -> Bar:
        """Bar `index` (from 0, without end).

        Args:
            index: the bar's number.
            section: play this section whatever the form says; None follows the form. An ending ends: from its
                fourth bar on the music rests on the tonic.
            total_bars: length of a piece that ends; None for a stream, which goes round its form for ever.
            since: bar in which `section` begins; the bar before it plays the section's last, and leads in.
            chord: the only harmony, whatever the progression says; None follows the progression.
            density: how much of the band plays, from 0 (one voice) to 1 (everything the piece has), whatever
                the section says; None follows the section. A denser bar has every note of a thinner one.

        Returns:
            The bar, with the parts that play in it.

        Raises:
            MusicError: no such section, a negative index, or a density that is not 0 to 1.
        """
        if index < 0:
            raise MusicError(f"there is no bar {index}; bars count from 0")
        if section is not None and section not in SECTIONS:
            raise MusicError(f"there is no section '{section}'; choose one of: {', '.join(SECTIONS)}")
        if density is not None and not 0.0 <= density <= 1.0:
            raise MusicError(f"density is {density:g}; choose 0 to 1")
        course = Course(section, total_bars, since, chord)
        measure = self._changes.measure(index, course)
        if measure.spot.final:
            bar = finish(self.plan, index, measure, self._rest(measure))
            return bar if density is None else thin(bar, self.plan, density)
        if density is not None:
            measure = replace(measure, spot=replace(measure.spot, full=True))
        spot = measure.spot
        played: Played = []
        for voice in self._active(spot):
            events = self._play(voice, measure, course)
            if events:
                played.append((voice.part, events))
        drums = self._drum_events(measure, course)
        if drums:
            played.append((self._drums, drums))
        if self._stops(spot):
            played = _stopped(played, self.plan.beats - 1.0) or played
        bar = finish(self.plan, index, measure, played)
        return bar if density is None else thin(bar, self.plan, density)

    def _active(self, spot: Spot) -> list[Voice]:
        """The voices that play in a bar; never none, unless the drums are alone."""
        letter = SECTION_LETTERS[spot.section]
        active = [voice for voice in self.plan.voices if enters(voice.layer.when, letter, spot)]
        if not active and not any(enters(line.when, letter, spot) for line in self.plan.kit):
            return list(self.plan.voices[:1])
        return active

    def _play(self, voice: Voice, measure: Measure, course: Course) -> list[Event]:
        plan, layer, spot, harmony = self.plan, voice.layer, measure.spot, measure.harmony
        style, seed = plan.style, plan.settings.seed
        # Choices inside a pattern repeat with the four-bar phrase: variation that the ear can learn.
        dice = Dice(style.name, seed, layer.role, spot.section, spot.place % 4)
        line = voice.drop_line if spot.section == "drop" else voice.verse_line
        if layer.kind == "melody":
            # The drum kit being full changes nothing in a melody.
            first = max(spot.index - spot.place % _PHRASE_BARS, 0)
            return [replace(event) for event in self._phrase(voice, first, course)[spot.index - first]]
        if layer.kind in ("riff", "answer"):
            return self._ostinato(voice, measure)
        if layer.kind == "walk":
            walk = Dice(style.name, seed, "walk", spot.section, spot.visit % 2, spot.place)
            return play_walk(layer, harmony, measure.scales, style.swing, walk)
        # A bass line is made of single notes.
        voicings = () if layer.role == "bass" else self._changes.voicing(layer, measure)
        if layer.kind == "pad":
            return play_pad(layer, harmony, voicings)
        steps = hits(line, spot.place, plan.beats, style.swing, style.swing_unit)
        if layer.kind == "arp":
            return play_arp(layer, steps, harmony, voicings, voice.order)
        events = play_grid(layer, steps, harmony, measure.scales, voicings, dice)
        if layer.role == "bass" and style.approach:
            dice = Dice(style.name, seed, "approach", spot.section, spot.turn)
            return lead_on(events, layer, harmony, measure.scales, style.approach, dice)
        return events

    def _sing(self, voice: Voice, first: int, course: Course) -> tuple[tuple[Event, ...], ...]:
        """The melody of the phrase that begins in bar `first`."""
        plan, layer = self.plan, voice.layer
        begin = self._changes.measure(first, course)
        lines = []
        for index in range(first, first + _PHRASE_BARS):
            measure = self._changes.measure(index, course)
            spot = measure.spot
            if (
                spot.section != begin.spot.section
                or spot.final
                or spot.place - begin.spot.place != index - first
            ):
                break
            motif, cadence = plan.theme.bar(spot.turn, spot.section, spot.visit, plan.beats)
            # A written range is shared by the line's own rise and fall; the anchor stays in its lower middle.
            centre = layer.low + (layer.high - layer.low) * 0.42 + ARCH[spot.turn] * 0.8
            centre += _LIFTS.get(spot.section, 0.0)
            lines.append(Line(motif, measure.harmony, measure.scales, centre, cadence))
        style = plan.style
        dice = Dice(style.name, plan.settings.seed, layer.role, begin.spot.section, begin.spot.turn)
        return sing(
            layer, tuple(lines), begin.key.tonic, style.swing, style.swing_unit, style.chromatic, dice
        )

    def _ostinato(self, voice: Voice, measure: Measure) -> list[Event]:
        """A riff, or an answer to the melody: one bar at a time, the same whenever the chords are."""
        plan, layer, spot = self.plan, voice.layer, measure.spot
        theme, style = plan.theme, plan.style
        if layer.kind == "riff":
            motif = theme.riff[spot.place % len(theme.riff)]
        elif spot.place % 2 == 0:
            return []
        else:
            motif = theme.motifs["d"].inverted()
            late = tuple(event for event in motif.events if event[0] >= plan.beats / 2)
            motif = replace(motif, events=late)
        centre = layer.low + (layer.high - layer.low) * 0.42
        line = Line(motif, measure.harmony, measure.scales, centre)
        dice = Dice(style.name, plan.settings.seed, layer.role, spot.place % 4)
        (events,) = sing(
            layer, (line,), measure.key.tonic, style.swing, style.swing_unit, style.chromatic, dice
        )
        return list(events)

    def _drum_events(self, measure: Measure, course: Course) -> list[Event]:
        plan, spot = self.plan, measure.spot
        if not plan.kit:
            return []
        letter = SECTION_LETTERS[spot.section]
        kit = tuple(line for line in plan.kit if enters(line.when, letter, spot))
        if not kit and not plan.voices:
            # Drums that are all there is do not fall silent.
            kit = plan.kit
        after = find_spot(plan.style, spot.index + 1, course.section, course.total_bars, course.since)
        dice = Dice(
            plan.style.name, plan.settings.seed, "drums", spot.section, spot.visit % 4, spot.place % 8
        )
        return play_drums(plan.style, kit, plan.beats, spot, after.section, dice)

    def _stops(self, spot: Spot) -> bool:
        """Whether everybody stops for the bar's last beat: the breath before what a build leads to."""
        style = self.plan.style
        if spot.section not in ("build", "break") or spot.left != 0 or self.plan.beats < 3:
            return False
        return Dice(style.name, self.plan.settings.seed, "stop", spot.section).chance(style.stop)

    def _rest(self, measure: Measure) -> Played:
        """Everybody comes to rest on the tonic."""
        plan, chord = self.plan, measure.chords[0][1]
        length = float(plan.beats)
        played: Played = []
        for voice in self._final_voices():
            layer = voice.layer
            if layer.role == "bass":
                pitches: tuple[int, ...] = (place(chord.bass, layer.low, layer.low + 18, layer.low + 7),)
            elif layer.kind in ("melody", "riff", "answer"):
                middle = layer.low + (layer.high - layer.low) * 0.42
                pitches = (
                    nearest(middle, pitches_in((chord.root, chord.pitch_classes[1]), layer.low, layer.high)),
                )
            else:
                pitches = lead_voices((chord,), layer.voicing, layer.low, layer.high)[0]
            strum = max(layer.strum, 0.02 if plan.style.reverent else 0.0)
            events = [
                Event(strum * order, length - strum * order, pitch, layer.velocity * 0.95)
                for order, pitch in enumerate(pitches)
            ]
            played.append((voice.part, events))
        struck = measure.spot.rested == 0 and not plan.style.reverent
        if plan.kit and (struck or not played):
            played.append((self._drums, [Event(0.0, 0.25, KICK, 90.0), Event(0.0, 0.25, CRASH, 84.0)]))
        return played

    def _final_voices(self) -> list[Voice]:
        chosen = [voice for voice in self.plan.voices if voice.layer.role in ("bass", "comp", "pad", "lead")]
        return chosen or list(self.plan.voices)


def enters(when: str, letter: str, spot: Spot) -> bool:
    """Whether a layer plays at a spot: a capital letter waits for the section's second half."""
    return spot.full or letter in when or (letter.upper() in when and spot.progress >= 0.5)


def _stopped(played: Played, beat: float) -> Played:
    """The same up to a beat, and then silence."""
    before: Played = []
    for part, events in played:
        kept = [
            replace(event, duration=min(event.duration, beat - event.start))
            for event in events
            if event.start < beat - 0.05
        ]
        if kept:
            before.append((part, kept))
    return before
