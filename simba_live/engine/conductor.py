"""From what is asked for to what each frame is to be: a style vector, and `Conditions` from the arranger."""

from __future__ import annotations

import math

from simba_live.conditions import ABSENT, DRUM_NONE, INSTRUMENTS, NOTE_OFF, Conditions
from simba_live.engine.request import Request
from simba_live.engine.style_choice import Encode, nearest_style
from simba_live.music.arranger import Arranger
from simba_live.music.form import find_spot
from simba_live.music.frames import ConditionStream

LAST_CHORD_SECONDS = 1.5
"""The final bar begins at least this long (or a bar, if that is shorter) before the music ends."""


class Conductor:
    """Says what each frame of a piece is to be.

    With the arranger the piece has a form that ends in time: an intro (left out where music is continued),
    sections, an ending. With `Request.free` the arranger's notes, chords, drums, instruments and density are
    all left to the model; what stays is the beat clock (tempo, beat, bar), which is the player's control, and
    the key, if the player asked for one.

    Attributes:
        style: float32 [S], the prompt as the model reads it.
        settings: what the arranger was asked for.

    Raises:
        MusicError: the settings cannot be followed.
    """

    def __init__(self, request: Request, frame_rate: float, encode: Encode, continuing: bool = False) -> None:
        self.request = request
        self.style = encode([request.prompt])[0]
        self.settings = request.settings(request.named_style or nearest_style(request.understood, encode))
        arranger = Arranger(self.settings)
        self.plan = arranger.plan
        bar_seconds = self.plan.beats * 60.0 / self.plan.bpm
        needed = bars_for(request.seconds, bar_seconds)
        first = 0
        total = needed
        if continuing:
            # Music that is under way needs no intro; how long that is depends on the length of the whole.
            while total - (first := _intro(arranger, total)) < needed:
                total += 1
        self._stream = ConditionStream(arranger, frame_rate, total)
        self._first = math.ceil(first * bar_seconds * frame_rate - 1e-6)
        self._end = math.ceil(total * bar_seconds * frame_rate - 1e-6)

    def frames(self, start: int, count: int) -> Conditions:
        """Frames `start` to `start + count` of the new music; a pure function, whatever was asked before."""
        conditions = self._stream.frames(self._first + start, count)
        if self.request.free:
            clock = conditions.clock()
            if self.settings.key is not None:
                clock.key[:] = conditions.key
            return clock
        over = max(self._end - self._first - start, 0)
        conditions.notes[over:] = NOTE_OFF
        conditions.drums[over:] = DRUM_NONE
        conditions.instruments[over:] = ABSENT
        conditions.programs[over:] = ABSENT
        conditions.density[over:] = 0.0
        return conditions

    def describe(self) -> str:
        """How the request was understood, in one line."""
        plan, asked = self.plan, self.settings
        nearest = "" if self.request.named_style else " (nearest)"
        tempo = f"{plan.bpm:g} BPM{'' if asked.bpm else ' (by style)'}"
        metre = f"{plan.beats} beats a bar{'' if asked.beats_per_bar else ' (by style)'}"
        if self.request.free:
            key = str(asked.key) if asked.key else "any key"
            return f"{tempo}, {metre}, {key}; free: the model finds the notes, from the prompt's words alone"
        key = f"{plan.key}{'' if asked.key else ' (by style)'}"
        families = dict.fromkeys(INSTRUMENTS[voice.part.family] for voice in plan.voices)
        players = [*families, *(["drums"] if plan.kit else [])]
        drums = "" if plan.kit else ", no drums"
        return f"{plan.style.name}{nearest}, {tempo}, {key}, {metre}, {', '.join(players)}{drums}; arranged"


def bars_for(seconds: float, bar_seconds: float) -> int:
    """Bars of a piece whose last, the closing chord, begins well before `seconds` are over; at least 1."""
    return max(1, math.floor((seconds - min(LAST_CHORD_SECONDS, bar_seconds)) / bar_seconds + 1e-6) + 1)


def _intro(arranger: Arranger, total: int) -> int:
    """Bars of intro in a piece of `total` bars."""
    bars = (find_spot(arranger.plan.style, index, None, total) for index in range(total))
    return sum(1 for bar in bars if bar.section == "intro")
