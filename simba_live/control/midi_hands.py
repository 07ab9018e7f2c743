"""What MIDI messages mean: keys, pedals, knobs and programs to events.

There is no port and no thread in here: `Midi` calls everything on its own thread. However much comes, the
session gets what a performer's hands could do: of a flood, the newest of each key and knob. A key that was
let go is never forgotten.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from mido import Message

from simba_live.control.clients import Allowance
from simba_live.control.driven import Done, Driven, News, Outcome
from simba_live.control.midi_chords import chord_of
from simba_live.control.midi_map import ACTIONS, HIGHEST, Dial, Knob, MidiMap, dial_for, knob_for
from simba_live.control.schedule import Newest
from simba_live.errors import SimbaLiveError
from simba_live.events import Event, Note, Panic, Recall, Set

SUSTAIN, SOUND_OFF, RESET_CONTROLLERS, NOTES_OFF = 64, 120, 121, 123
"""Control changes that mean the same everywhere; those above `NOTES_OFF` let go of all notes, too."""

DATA = (0, 6, 32, 38, 96, 97, 98, 99, 100, 101)
"""Control changes that belong to others (banks, parameters) and are never learned."""

PRESSED = 64
"""From here on a switch is down."""

LEARN_SECONDS = 60.0
"""After so long without a knob moved, nothing is learned any more."""

SLOWEST = 20.0
"""Lowest tempo, in BPM: a bar after the last key was let go of, the band has its own chords again."""

AGAIN = 0.05
"""Seconds until a session that was too busy is asked again."""

SILENT_AGAIN = 1.0
"""A panic button sends one message a channel; within so many seconds they are one."""

Cable = tuple[str, int]
"""Port, and channel from 1 to 16."""


class Hands:
    """Drives a session from MIDI messages.

    Args:
        driven: the session.
        map: what knobs, keys and programs do.
        tell: takes news for people.
        keep: called with what was learned.
    """

    def __init__(
        self,
        driven: Driven,
        map: MidiMap,  # noqa: A002  the word for it
        tell: Callable[[News], None],
        keep: Callable[[Knob], None] = lambda _knob: None,
    ) -> None:
        self.map = map
        self._driven, self._tell, self._keep = driven, tell, keep
        self._fingers: dict[int, set[Cable]] = {}
        self._pedalled: dict[int, set[Cable]] = {}
        self._pedals: set[Cable] = set()
        self._positions: dict[tuple[Cable, int], int] = {}
        self._notes: dict[int, Note] = {}
        self._notes_at = 0.0
        self._strokes = Allowance(500, 200)
        self._moves: Newest[tuple[Set, str | None]] = Newest()
        self._complaints = Allowance(1, 5)
        self._panicked = -SILENT_AGAIN
        self._led = ""
        """The chord that the keys gave the band; empty while it has its own."""
        self._back_at = math.inf
        self._learning: tuple[str, Done, float] | None = None

    def hear(self, message: Message, port: str, now: float) -> None:
        """Do what a message says.

        Args:
            message: whatever came; what means nothing here is left alone.
            port: where it came from.
            now: the time, by a clock that never jumps, in seconds.
        """
        if message.type == "reset":
            self.release(port, now)
        elif hasattr(message, "channel") and (channel := message.channel + 1) in self.map.channels:
            cable = port, channel
            match message.type:
                case "note_on" if message.velocity:
                    self._press(message.note, message.velocity, cable, now)
                case "note_on" | "note_off":
                    self._lift(message.note, cable, now)
                case "control_change":
                    self._control(message.control, message.value, cable, now)
                case "program_change":
                    self._program(message.program, now)

    def release(self, port: str, now: float) -> None:
        """Let go of everything that a port holds: it has gone, or says so itself."""
        self._pedals = {cable for cable in self._pedals if cable[0] != port}
        self._let_go(lambda cable: cable[0] == port, now)

    def learn(self, target: str, done: Done, now: float) -> None:
        """Let the next knob that is moved be the one for a control or action.

        Args:
            target: name of the control or action.
            done: told when a knob was found, or that none was.
            now: the time.
        """
        self._end_learning("something else is learned now")
        self._learning = target, done, now + LEARN_SECONDS
        self._news(f"move a knob or press a switch for {target}")

    def tick(self, now: float) -> None:
        """Do what is due."""
        for move, quantum in self._moves.due(now):
            self._send(move, quantum, now)
        if now >= self._notes_at:
            self._send_notes(now)
        if now >= self._back_at:
            self._back_at = math.inf
            self._lead("", now)
        if self._learning is not None and now >= self._learning[2]:
            self._end_learning(f"no knob was moved within {LEARN_SECONDS:g} s: ask again")

    @property
    def next(self) -> float | None:
        """When `tick` has something to do; None if nothing waits."""
        times = (
            self._moves.next,
            self._notes_at if self._notes else None,
            self._learning[2] if self._learning else None,
            self._back_at if self._back_at < math.inf else None,
        )
        return min((time for time in times if time is not None), default=None)

    def _press(self, pitch: int, velocity: int, cable: Cable, now: float) -> None:
        self._fingers.setdefault(pitch, set()).add(cable)
        self._pedalled.get(pitch, set()).discard(cable)
        if self.map.velocity is not None:
            self._move(self.map.velocity, velocity, None, now)
        self._play(Note(pitch, velocity), now)
        self._back_at = math.inf
        if self.map.chords and (chord := chord_of(self._sounding)):
            self._lead(chord, now)

    @property
    def _sounding(self) -> list[int]:
        """Pitches that are held, by fingers or pedal."""
        pitches = {*self._fingers, *self._pedalled}
        return [pitch for pitch in pitches if self._fingers.get(pitch) or self._pedalled.get(pitch)]

    def _lead(self, chord: str, now: float) -> None:
        """Give the band a chord, or with "" its own back."""
        if chord != self._led:
            self._led = chord
            move = Set("chord", chord or None)
            if self._moves.offer(("chord", "now"), (move, "now"), now):
                self._send(move, "now", now)

    def _lift(self, pitch: int, cable: Cable, now: float) -> None:
        if cable not in self._fingers.get(pitch, ()):
            return
        self._fingers[pitch].discard(cable)
        if cable in self._pedals:
            self._pedalled.setdefault(pitch, set()).add(cable)
        else:
            self._end(pitch, now)

    def _pedal(self, down: bool, cable: Cable, now: float) -> None:
        if down:
            self._pedals.add(cable)
            return
        self._pedals.discard(cable)
        for pitch, cables in self._pedalled.items():
            if cable in cables:
                cables.discard(cable)
                self._end(pitch, now)

    def _let_go(self, of: Callable[[Cable], bool], now: float) -> None:
        """Fingers and pedal up, for these cables."""
        for pitch in {*self._fingers, *self._pedalled}:
            holders = (self._fingers.get(pitch, set()), self._pedalled.get(pitch, set()))
            gone = [{cable for cable in cables if of(cable)} for cables in holders]
            for cables, these in zip(holders, gone, strict=True):
                cables -= these
            if any(gone):
                self._end(pitch, now)

    def _end(self, pitch: int, now: float) -> None:
        """Release a pitch, unless somebody else still holds it."""
        if not self._fingers.get(pitch) and not self._pedalled.get(pitch):
            self._play(Note(pitch, 0), now)
            if self._led and not self._sounding:
                status = self._driven.status()
                self._back_at = now + status.beats_per_bar * 60 / max(status.bpm, SLOWEST)

    def _play(self, note: Note, now: float) -> None:
        self._notes.pop(note.pitch, None)
        self._notes[note.pitch] = note
        if now >= self._notes_at:
            self._send_notes(now)

    def _send_notes(self, now: float) -> None:
        """Send the notes that wait, the oldest first, as many as a session takes."""
        while self._notes:
            if not self._strokes.take(now):
                self._notes_at = now + AGAIN / 10
                return
            pitch = next(iter(self._notes))
            try:
                self._driven.send(self._notes[pitch])
            except SimbaLiveError as error:
                self._notes_at = now + AGAIN
                self._complain(str(error), now)
                return
            del self._notes[pitch]

    def _control(self, number: int, value: int, cable: Cable, now: float) -> None:
        before = self._positions.get((cable, number), 0)
        self._positions[cable, number] = value
        if self._learning is not None and value and number < SOUND_OFF and number not in DATA:
            self._learn(number, cable[1])
            return
        knobs = [knob for knob in self.map.knobs if knob.hears(number, cable[1])]
        for knob in knobs:
            self._turn(knob, value, value >= PRESSED > before, now)
        if knobs:
            return
        if number == SUSTAIN:
            self._pedal(value >= PRESSED, cable, now)
        elif number == SOUND_OFF:
            self._panic(now)
        elif number == RESET_CONTROLLERS:
            self._pedal(False, cable, now)
        elif number >= NOTES_OFF:
            self._pedals.discard(cable)
            self._let_go(lambda other: other == cable, now)

    def _turn(self, knob: Knob, position: int, pressed: bool, now: float) -> None:
        if isinstance(knob.does, str):
            if pressed:
                self._act(ACTIONS[knob.does](), knob.quantum, now)
        elif not knob.toggle:
            self._move(knob.does, position, knob.quantum, now)
        elif pressed:
            self._move(knob.does, self._following(knob.does), knob.quantum, now)

    def _following(self, dial: Dial) -> int:
        """Position of a dial at which it has the value after the present one, the first after the last."""
        count = len(dial.values) or 2
        positions = [place * HIGHEST // (count - 1) if count > 1 else 0 for place in range(count)]
        now_at = self._driven.status().values.get(dial.control)
        at = next((place for place, position in enumerate(positions) if dial.at(position) == now_at), -1)
        return positions[(at + 1) % count]

    def _move(self, dial: Dial, position: int, quantum: str | None, now: float) -> None:
        move = Set(dial.control, dial.at(position))
        if self._moves.offer((dial.control, quantum), (move, quantum), now):
            self._send(move, quantum, now)

    def _act(self, event: Event, quantum: str | None, now: float) -> None:
        # Nothing may overtake what was done before it.
        for move, its in self._moves.flush(now):
            self._send(move, its, now)
        self._send(event, quantum, now)

    def _panic(self, now: float) -> None:
        if now - self._panicked < SILENT_AGAIN:
            return
        self._panicked = now
        self._fingers, self._pedalled, self._notes = {}, {}, {}
        self._pedals = set()
        self._back_at = now
        self._act(Panic(), None, now)

    def _program(self, program: int, now: float) -> None:
        name = self.map.programs.get(program) or snapshot_of(program, self._driven.status().snapshots)
        if name is None:
            self._complain(f"program {program + 1} recalls nothing: save a snapshot for it first", now)
        else:
            self._act(Recall(name), None, now)

    def _send(self, event: Event, quantum: str | None, now: float) -> None:
        def done(outcome: Outcome) -> None:
            if outcome.reason:
                self._news(outcome.reason)

        try:
            self._driven.send(event, quantum, done)
        except SimbaLiveError as error:
            self._complain(str(error), now)

    def _learn(self, number: int, channel: int) -> None:
        assert self._learning is not None
        target, done, _ = self._learning
        self._learning = None
        knob = knob_for(target, number, channel)
        self.map = self.map.learn(knob)
        self._news(f"control change {number} on channel {channel} is for {target} now")
        self._keep(knob)
        done(Outcome())

    def _end_learning(self, why: str) -> None:
        if self._learning is not None:
            (_, done, _), self._learning = self._learning, None
            done(Outcome(None, why))

    def _complain(self, text: str, now: float) -> None:
        if self._complaints.take(now):
            self._news(text)

    def _news(self, text: str) -> None:
        self._tell(News("midi", text))


def check_target(target: str) -> None:
    """Refuse what no knob can be for.

    Raises:
        OptionError: there is no such control or action, or it needs a list of values.
    """
    if target not in ACTIONS:
        dial_for(target)


def snapshot_of(program: int, names: tuple[str, ...]) -> str | None:
    """The snapshot that a program change recalls: the one whose name begins with its number, else by order.

    Args:
        program: from 0; people count from 1.
        names: of all snapshots, in their order.
    """
    for name in names:
        number = re.match(r"\d+", name)
        if number is not None and int(number[0]) == program + 1:
            return name
    return names[program] if program < len(names) else None
