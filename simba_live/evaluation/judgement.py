"""What a setting asked for, what is heard in the music that came, and how the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio import keys, rhythm
from simba_live.audio.spectra import Array
from simba_live.conditions import DRUM_ONSET, KEY_FREE, NOTE_ONSET, Conditions
from simba_live.music.prompt import understand

from . import metrics
from .ear_lessons import FEWEST_DRUMS
from .ears import Ears, View, onsets_in
from .note_onsets import asked_notes, match, standing_out
from .recogniser import Recogniser, describe

STUCK_SECONDS = 3.0
"""Music whose spectrum or codes stand still for longer is stuck."""

ONSET_TOLERANCE = 0.05
"""Seconds by which an onset may be off and still be the one asked for."""


def asked_onsets(score: Conditions, frame_rate: float) -> NDArray[np.float64]:
    """Seconds at which notes or drums of a score begin, ascending."""
    starts = (score.notes == NOTE_ONSET).any(axis=1) | (score.drums == DRUM_ONSET).any(axis=1)
    return np.asarray((np.flatnonzero(starts) + 0.5) / frame_rate, np.float64)


@dataclass(frozen=True)
class Ask:
    """What one setting asks for.

    Attributes:
        caption: the prompt.
        style: name of the style.
        bpm: tempo, beats per minute.
        key: as in `Conditions.key`.
        chroma: pitch classes of the notes, [windows, 12].
        onsets: seconds at which notes or drums begin, ascending.
        beats: seconds of the beats, ascending.
        names_style: whether the prompt says outright what the style is.
        notes: onsets of the pitches that the ears listen for, [T, pitches] in their frames.
        drums: whether there are any; None if there are too few to say.
    """

    caption: str
    style: str
    bpm: float
    key: int
    chroma: Array
    onsets: NDArray[np.float64]
    beats: NDArray[np.float64]
    names_style: bool
    notes: NDArray[np.bool_]
    drums: bool | None

    @classmethod
    def of(cls, conditions: Conditions, frame_rate: float, style: str, caption: str) -> Ask:
        """Read it from a composed piece's conditions, [T] frames."""
        drums = int((conditions.drums == DRUM_ONSET).any(axis=1).sum())
        keys = conditions.key[conditions.key != KEY_FREE]
        return cls(
            caption=caption,
            style=style,
            bpm=float(np.nanmedian(conditions.tempo)),
            key=int(np.bincount(keys, minlength=24).argmax()),
            chroma=metrics.note_chroma(conditions.notes, frame_rate),
            onsets=asked_onsets(conditions, frame_rate),
            beats=_beats(conditions, frame_rate),
            names_style=understand(caption).style == style,
            notes=asked_notes(conditions, frame_rate),
            drums=None if 0 < drums < FEWEST_DRUMS else drums > 0,
        )


def _beats(conditions: Conditions, frame_rate: float) -> NDArray[np.float64]:
    """Where the beat's phase begins anew, to a fraction of a frame."""
    wraps = np.flatnonzero(np.diff(conditions.beat) < -0.2) + 1
    since = conditions.beat[wraps] * 60.0 / conditions.tempo[wraps]
    return np.asarray(wraps / frame_rate - since, np.float64)


@dataclass(frozen=True)
class Heard:
    """What is heard in a piece by somebody who does not know what was asked.

    Attributes:
        tempo: beats per minute, and how firm the beat is.
        onsets: seconds at which something begins.
        chroma: pitch classes, [windows, 12].
        style: what the style sounds like.
        notes: onsets by pitch, [T, pitches] in the ears' frames.
        strengths: how surely each pitch begins, likewise.
        drums: whether it sounds as if there were drums.
        dead: silent for two seconds somewhere, or broken samples.
        stuck: spectrum or codes stand still for more than `STUCK_SECONDS`.
        patches: for the Frechet distance, [patches, D].
    """

    tempo: rhythm.Tempo
    onsets: NDArray[np.float64]
    chroma: Array
    style: str
    notes: NDArray[np.bool_]
    strengths: Array
    drums: bool
    dead: bool
    stuck: bool
    patches: NDArray[np.float64]


@dataclass(frozen=True)
class Listener:
    """Somebody who has learnt the corpus's styles, and to hear notes and drums.

    Attributes:
        styles: recognises the style of a whole piece.
        moments: that of a few seconds, see `shifts.STYLE_SECONDS`.
        ears: hear notes and drums begin.
        sample_rate: Hz, of what is listened to.
        frame_rate: of its codes.
    """

    styles: Recogniser
    moments: Recogniser
    ears: Ears
    sample_rate: int
    frame_rate: float

    def hear_style(self, audio: Array) -> str:
        """The style that a piece [N] sounds like."""
        return self.styles.recognise(describe(audio, self.sample_rate))

    def hear_drums(self, audio: Array) -> bool:
        """Whether a piece [N] sounds as if there were drums."""
        return self.ears.hears_drums(View.of(audio, self.sample_rate))

    def listen(self, audio: Array, codes: NDArray[np.integer] | None = None) -> Heard:
        """Hear a piece: mono audio [N], and its codes [K, T] if it was made of codes."""
        description = describe(audio, self.sample_rate)
        view = View.of(audio, self.sample_rate)
        strengths = self.ears.note_strengths(view)
        looping = 0.0 if codes is None else metrics.looping_frames(codes) / self.frame_rate
        return Heard(
            tempo=rhythm.estimate_tempo(audio, self.sample_rate),
            onsets=rhythm.onset_times(audio, self.sample_rate),
            chroma=metrics.windowed_chroma(audio, self.sample_rate),
            style=self.styles.recognise(description),
            notes=onsets_in(strengths, self.ears.note_level),
            strengths=strengths,
            drums=self.ears.hears_drums(view),
            dead=metrics.is_dead(audio, self.sample_rate),
            stuck=max(looping, metrics.stuck_seconds(audio, self.sample_rate)) > STUCK_SECONDS,
            patches=metrics.mel_patches(audio, self.sample_rate),
        )


def judge(heard: Heard, ask: Ask) -> dict[str, float]:
    """How far a piece is what was asked for; the names are those of `summarise`."""
    verdict = rhythm.judge_tempo(heard.tempo.bpm, ask.bpm)
    found, wanted = heard.onsets, ask.onsets
    hits = rhythm.distances(wanted, found) <= ONSET_TOLERANCE
    meant = rhythm.distances(found, wanted) <= ONSET_TOLERANCE
    notes = match(heard.notes, ask.notes)
    recall = float(hits.mean()) if len(hits) else float("nan")
    precision = float(meant.mean()) if len(meant) else 0.0
    return {
        **{f"tempo {name}": float(verdict == name) for name in rhythm.TEMPO_CLASSES},
        "tempo octave-tolerant": float(verdict in rhythm.OCTAVE_TOLERANT),
        "beat confidence": heard.tempo.confidence,
        "beat distance": _median(rhythm.distances(ask.beats, found)),
        "onset F1": 2.0 * precision * recall / max(precision + recall, 1e-9),
        "chroma to notes": metrics.chroma_cosine(heard.chroma, ask.chroma),
        "chroma to key": metrics.key_cosine(heard.chroma, ask.key),
        "in scale": metrics.in_scale(heard.chroma, ask.key),
        "key found": float(keys.estimate_key(heard.chroma) == ask.key),
        "style": float(heard.style == ask.style),
        "style named": float(heard.style == ask.style) if ask.names_style else float("nan"),
        "notes asked": float(notes.asked),
        "notes met": float(notes.met),
        "notes out": float(standing_out(heard.strengths, ask.notes)),
        "notes heard": float(notes.heard),
        "notes meant": float(notes.meant),
        "drums played": float(heard.drums) if ask.drums is True else float("nan"),
        "drums left out": float(not heard.drums) if ask.drums is False else float("nan"),
        "dead": float(heard.dead),
        "stuck": float(heard.stuck),
    }


def _median(seconds: NDArray[np.float64]) -> float:
    """Median, NaN of nothing, and never more than a second, which nobody would call near."""
    return float(np.median(np.minimum(seconds, 1.0))) if len(seconds) else float("nan")


@dataclass(frozen=True)
class Figure:
    """A figure over several pieces, and over how many of them (or notes) it is defined."""

    value: float
    pieces: int


RATIOS = {
    "notes standing out": ("notes out", "notes asked"),
    "notes found": ("notes met", "notes asked"),
    "notes right": ("notes meant", "notes heard"),
}
"""Figures that count notes rather than pieces; see `note_onsets`."""

COUNTS = {name for pair in RATIOS.values() for name in pair}


def summarise(judgements: Sequence[dict[str, float]]) -> dict[str, Figure]:
    """Means over pieces (the median for "beat distance"), and `RATIOS` over notes.

    Pieces for which a figure is not defined (NaN: no notes asked, no beat) do not count.
    """
    summary = {}
    for name in judgements[0]:
        if name in COUNTS:
            continue
        values = np.array([judgement[name] for judgement in judgements])
        values = values[~np.isnan(values)]
        middle = np.median if name == "beat distance" else np.mean
        summary[name] = Figure(float(middle(values)) if len(values) else float("nan"), len(values))
    for name, (part, whole) in RATIOS.items():
        if whole in judgements[0]:
            some, every = (sum(judgement[count] for judgement in judgements) for count in (part, whole))
            summary[name] = Figure(some / every if every else float("nan"), round(every))
    return summary
