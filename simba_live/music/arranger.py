"""The arranger: any bar of an endless piece, as a pure function of settings, bar number and section."""

from __future__ import annotations

from dataclasses import replace

from simba_live.controls import SECTIONS
from simba_live.music.density import thin
from simba_live.music.drums import CRASH, KICK, play_drums, roll
from simba_live.music.form import Spot, find_spot
from simba_live.music.melody import sing
from simba_live.music.patterns import Dice, Event, Harmony, hits, play_arp, play_grid, play_pad, play_walk
from simba_live.music.score import Bar, Chord, MusicError, Note, Part
from simba_live.music.settings import Plan, Settings, Voice, resolve
from simba_live.music.style import SECTION_LETTERS
from simba_live.music.theory import (
    lead_voices,
    local_scale,
    nearest,
    parse_chord,
    parse_progression,
    pitches_in,
    place,
)

__all__ = ["Arranger", "Settings", "resolve"]

_LEVELS = {"intro": 0.84, "verse": 0.9, "build": 0.92, "drop": 1.0, "break": 0.8, "ending": 0.84}

Chords = tuple[tuple[float, Chord], ...]


class Arranger:
    """Writes a piece bar by bar.

    Two arrangers with equal settings give equal bars, in whatever order they are asked; what is remembered
    between calls only saves work.
    """

    def __init__(self, settings: Settings) -> None:
        """Make the open choices of `settings`; raises `MusicError` where they cannot be followed."""
        self.settings = settings
        self.plan: Plan = resolve(settings)
        plan = self.plan
        self._tables: dict[str, tuple[Chords, ...]] = {
            text: parse_progression(text, plan.key, plan.beats) for text in plan.progressions
        }
        self._voicings: dict[tuple[str, str, int, int], tuple[tuple[tuple[int, ...], ...], ...]] = {}
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
            section: play this section whatever the form says; None follows the form.
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
        plan = self.plan
        spot = find_spot(plan.style, index, section, total_bars, since)
        if spot.final:
            return self._final(index, spot)
        if density is not None:
            spot = replace(spot, full=True)
        text, chords = self._chords(spot, chord)
        following = chord or self._upcoming(index, section, total_bars, since, spot)
        ends = [start for start, _ in chords[1:]] + [float(plan.beats)]
        spans = tuple((start, end, chord) for (start, chord), end in zip(chords, ends, strict=True))
        harmony = Harmony(plan.beats, spans, following)
        scale = plan.style.scale(plan.key.mode)
        scales = tuple(local_scale(plan.key.tonic, scale, chord) for _, chord in chords)
        played: list[tuple[Part, list[Event]]] = []
        for voice in self._active(spot):
            events = self._play(voice, spot, text, harmony, scales)
            if events:
                played.append((voice.part, events))
        drums = self._drum_events(spot)
        if drums:
            played.append((self._drums, drums))
        bar = self._finish(index, spot, chords, played)
        return bar if density is None else thin(bar, plan, density)

    def _chords(self, spot: Spot, called: Chord | None = None) -> tuple[str, Chords]:
        """The progression a bar belongs to (none if it is told its chord), and the bar's chords."""
        if called is not None:
            return "", ((0.0, called),)
        plan = self.plan
        verse, drop, rest = plan.progressions
        text = {"drop": drop, "break": rest}.get(spot.section, verse)
        table = self._tables[text]
        if plan.style.through:
            return text, table[spot.index % len(table)]
        # The bar before the last one turns to the cadence, where the style has one.
        cadence = plan.style.cadence.get(plan.key.mode)
        if spot.left == 1 and spot.section == "ending" and cadence:
            return "", ((0.0, parse_chord(cadence, plan.key.tonic)),)
        return text, table[spot.place % len(table)]

    def _upcoming(
        self, index: int, section: str | None, total_bars: int | None, since: int, spot: Spot
    ) -> Chord:
        if spot.left == 1 and total_bars is not None:
            return self._tonic()
        after = find_spot(self.plan.style, index + 1, section, total_bars, since)
        return self._tonic() if after.final else self._chords(after)[1][0][1]

    def _tonic(self) -> Chord:
        texts = self._tables[self.plan.progressions[0]]
        for bar in texts:
            for _, chord in bar:
                if chord.root == self.plan.key.tonic:
                    return replace(chord, bass=chord.root)
        return parse_chord("1m" if self.plan.key.mode == "minor" else "1", self.plan.key.tonic)

    def _voicing(
        self, voice: Voice, text: str, spot: Spot, chords: tuple[Chord, ...]
    ) -> tuple[tuple[int, ...], ...]:
        """The bar's voicings, each led from the chord before it in the progression."""
        layer = voice.layer
        if not text:
            return lead_voices(chords, layer.voicing, layer.low, layer.high)
        name = (text, layer.voicing, layer.low, layer.high)
        if name not in self._voicings:
            table = self._tables[text]
            chain = lead_voices(
                tuple(chord for bar in table for _, chord in bar), layer.voicing, layer.low, layer.high
            )
            bars, done = [], 0
            for bar in table:
                bars.append(chain[done : done + len(bar)])
                done += len(bar)
            self._voicings[name] = tuple(bars)
        bars_of = self._voicings[name]
        return bars_of[(spot.index if self.plan.style.through else spot.place) % len(bars_of)]

    def _active(self, spot: Spot) -> list[Voice]:
        """The voices that play in a bar; never none, unless the drums are alone."""
        letter = SECTION_LETTERS[spot.section]
        active = [voice for voice in self.plan.voices if enters(voice.layer.when, letter, spot)]
        if not active and not any(enters(line.when, letter, spot) for line in self.plan.kit):
            return list(self.plan.voices[:1])
        return active

    def _play(
        self, voice: Voice, spot: Spot, text: str, harmony: Harmony, scales: tuple[tuple[int, ...], ...]
    ) -> list[Event]:
        plan, layer = self.plan, voice.layer
        style, seed = plan.style, plan.settings.seed
        # Choices inside a pattern repeat with the four-bar phrase: variation that the ear can learn.
        dice = Dice(style.name, seed, layer.role, spot.section, spot.place % 4)
        line = voice.drop_line if spot.section == "drop" else voice.verse_line
        swing, unit = style.swing, style.swing_unit
        if layer.kind in ("melody", "riff", "answer"):
            return self._melodic(voice, spot, harmony, scales)
        if layer.kind == "walk":
            walk = Dice(style.name, seed, "walk", spot.section, spot.visit % 2, spot.place)
            return play_walk(layer, harmony, scales, swing, walk)
        voicings = self._voicing(voice, text, spot, tuple(chord for _, _, chord in harmony.spans))
        if layer.kind == "pad":
            return play_pad(layer, harmony, voicings)
        steps = hits(line, spot.place, plan.beats, swing, unit)
        if layer.kind == "arp":
            return play_arp(layer, steps, harmony, voicings, voice.order)
        return play_grid(layer, steps, harmony, voicings, dice)

    def _melodic(
        self, voice: Voice, spot: Spot, harmony: Harmony, scales: tuple[tuple[int, ...], ...]
    ) -> list[Event]:
        plan, layer = self.plan, voice.layer
        theme, style = plan.theme, plan.style
        if layer.kind == "riff":
            motif = theme.riff[spot.place % len(theme.riff)]
            return sing(layer, motif, 0, 0.0, harmony, scales, style.swing, style.swing_unit)
        if layer.kind == "answer":
            if spot.place % 2 == 0:
                return []
            motif = theme.motifs["d"].inverted()
            late = replace(motif, events=tuple(event for event in motif.events if event[0] >= plan.beats / 2))
            return sing(layer, late, 0, 0.0, harmony, scales, style.swing, style.swing_unit)
        motif = theme.bar(spot.place, spot.section, spot.visit, plan.beats)
        lift = {"drop": 2.5, "break": -2.0, "intro": -1.0, "ending": -2.0}.get(spot.section, 0.0)
        return sing(layer, motif, spot.place, lift, harmony, scales, style.swing, style.swing_unit)

    def _drum_events(self, spot: Spot) -> list[Event]:
        plan = self.plan
        style = plan.style
        if not plan.kit:
            return []
        letter = SECTION_LETTERS[spot.section]
        kit = tuple(line for line in plan.kit if enters(line.when, letter, spot))
        if not kit and not plan.voices:
            # Drums that are all there is do not fall silent.
            kit = plan.kit
        fill = 0
        if any(line.pitch in (KICK, 37, 38, 39) for line in kit) and spot.section not in ("intro", "ending"):
            fill = 2 if spot.left == 0 else 1 if spot.place % 4 == 3 else 0
        rolling = style.rolls and spot.section == "build"
        dice = Dice(style.name, plan.settings.seed, "drums", spot.section, spot.visit % 2, spot.place % 8)
        events = play_drums(style, kit, plan.beats, spot.place, 0 if rolling else fill, dice)
        if rolling:
            events = [event for event in events if event.pitch not in (38, 39)]
            events += roll(plan.beats, spot.progress, dice)
        if style.crash and spot.place == 0 and spot.section in ("verse", "drop") and spot.index > 0 and kit:
            events.append(Event(0.0, 0.25, CRASH, 92 if spot.section == "drop" else 76))
        return events

    def _finish(self, index: int, spot: Spot, chords: Chords, played: list[tuple[Part, list[Event]]]) -> Bar:
        """Dynamics, human timing, clean overlaps: events become notes."""
        plan = self.plan
        beats, loose = plan.beats, plan.style.loose
        level = _LEVELS[spot.section]
        if spot.section == "build":
            level += 0.12 * spot.progress
        notes: list[Note] = []
        for part, events in played:
            dice = Dice(plan.style.name, plan.settings.seed, index, part.name, "hand")
            # A chord's notes, and a player's whole hand, move together.
            shifts: dict[float, float] = {}
            ordered = sorted(events, key=lambda event: (event.start, event.pitch))
            until: dict[int, int] = {}
            placed: list[list[float]] = []
            for event in ordered:
                if event.start not in shifts:
                    shifts[event.start] = (dice.random() - 0.5) * 2 * loose
                start = min(max(event.start + shifts[event.start], 0.0), beats - 0.05)
                velocity = event.velocity * level * (0.95 + 0.1 * dice.random())
                if event.pitch in until:
                    earlier = placed[until[event.pitch]]
                    if start - earlier[0] < 0.02:
                        continue
                    earlier[1] = min(earlier[1], start - earlier[0])
                until[event.pitch] = len(placed)
                placed.append([start, min(event.duration, beats - start), event.pitch, velocity])
            notes += [
                Note(start, duration, int(pitch), int(min(max(velocity, 1), 127)), part.name)
                for start, duration, pitch, velocity in placed
            ]
        notes.sort(key=lambda note: (note.start, note.part, note.pitch))
        parts = tuple(part for part, _ in played)
        return Bar(index, spot.section, beats, plan.bpm, plan.key, chords, parts, tuple(notes))

    def _final(self, index: int, spot: Spot) -> Bar:
        """The last bar: everybody comes to rest on the tonic."""
        plan, chord = self.plan, self._tonic()
        length = float(plan.beats)
        played: list[tuple[Part, list[Event]]] = []
        for voice in self._final_voices():
            layer = voice.layer
            if layer.role == "bass":
                pitches: tuple[int, ...] = (place(chord.root, layer.low, layer.low + 18, layer.low + 7),)
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
        if plan.kit and (not plan.style.reverent or not played):
            played.append((self._drums, [Event(0.0, 0.25, KICK, 90.0), Event(0.0, 0.25, CRASH, 84.0)]))
        return self._finish(index, spot, ((0.0, chord),), played)

    def _final_voices(self) -> list[Voice]:
        chosen = [voice for voice in self.plan.voices if voice.layer.role in ("bass", "comp", "pad", "lead")]
        return chosen or list(self.plan.voices)


def enters(when: str, letter: str, spot: Spot) -> bool:
    """Whether a layer plays at a spot: a capital letter waits for the section's second half."""
    return spot.full or letter in when or (letter.upper() in when and spot.progress >= 0.5)
