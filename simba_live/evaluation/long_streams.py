"""What is left of a stream after ten minutes or an hour, against its own first minute.

Every figure of a minute is over all streams. The codes of all minutes are searched for loops and their levels
for silence; the minutes that are asked for are listened to as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array, log_mel
from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.training.watching import watch

from . import loops, metrics
from .ears import View
from .judgement import Listener, asked_onsets
from .note_onsets import asked_notes, match
from .statistics import Share, bootstrap_interval
from .steering import centroid
from .streams import Minute, Stream, score_of

WINDOW = 12.0
"""Seconds in which tempo is estimated."""

_DRAWS = 200
_STUCK = 0.5
"""Share of codes that repeat against the score from which on a stream is stuck."""


@dataclass(frozen=True)
class Sounds:
    """One stream's minute as it is heard.

    Attributes:
        patches: for the Frechet distance, [patches, D].
        spectrum: mean log-mel spectrum in dB, [bands].
        tempo: whether it is the one asked, octaves forgiven, window by window.
        confidence: of the beat.
        chroma: cosine to the asked notes.
        met: of the notes asked, and `asked` of them.
        asked: notes.
        onsets: a second, over those asked.
        centroid: in Hz.
        likeness: highest correlation with itself a period ago, where the score was another.
    """

    patches: NDArray[np.float64]
    spectrum: Array
    tempo: list[bool]
    confidence: float
    chroma: float
    met: int
    asked: int
    onsets: float
    centroid: float
    likeness: float


def listen_to(audio: Array, score: Conditions, bpm: float, listener: Listener) -> Sounds:
    """Hear a minute [N] of which the score is known."""
    rate = listener.sample_rate
    length = round(WINDOW * rate)
    windows = [audio[start : start + length] for start in range(0, len(audio) - length + 1, length)]
    tempi = [rhythm.estimate_tempo(window, rate) for window in windows]
    notes = match(listener.ears.note_onsets(View.of(audio, rate)), asked_notes(score, listener.frame_rate))
    wanted = max(len(asked_onsets(score, listener.frame_rate)), 1)
    return Sounds(
        patches=metrics.mel_patches(audio, rate),
        spectrum=np.asarray(log_mel(audio, rate).mean(axis=0), np.float32),
        tempo=[rhythm.judge_tempo(tempo.bpm, bpm) in rhythm.OCTAVE_TOLERANT for tempo in tempi],
        confidence=float(np.mean([tempo.confidence for tempo in tempi])),
        chroma=metrics.chroma_cosine(
            metrics.windowed_chroma(audio, rate), metrics.note_chroma(score.notes, listener.frame_rate)
        ),
        met=notes.met,
        asked=notes.asked,
        onsets=len(rhythm.onset_times(audio, rate)) / wanted,
        centroid=centroid(audio, rate),
        likeness=loops.repeats_in_sound(audio, rate, score, listener.frame_rate).likeness,
    )


@dataclass(frozen=True)
class MinuteFigures:
    """One minute over all streams.

    Attributes:
        number: of the minute, from 1.
        frechet: distance to held-out music.
        ratio: of that to minute 1's.
        ratio_low: lower end of its 95 % interval, streams drawn again and again.
        ratio_high: upper end.
        afresh: the distance of the same minute begun afresh: what of the ratio is the score's, not the
            stream's age.
        level: mean level in dB.
        level_change: largest change of a stream's level against its minute 1, in dB.
        silent: share of seconds that are silent.
        spectrum_change: mean distance of a stream's mean log-mel spectrum to its minute 1's, in dB.
        centroid: median in Hz.
        tempo: windows with the tempo asked, octaves forgiven.
        confidence: of the beat.
        chroma: cosine to the asked notes.
        notes: of the asked ones, those heard to begin.
        onsets: heard, over those asked.
        likeness: highest repetition in sound against the score, of any stream.
    """

    number: int
    frechet: float
    ratio: float
    ratio_low: float
    ratio_high: float
    afresh: float
    level: float
    level_change: float
    silent: Share
    spectrum_change: float
    centroid: float
    tempo: Share
    confidence: float
    chroma: float
    notes: Share
    onsets: float
    likeness: float


@dataclass(frozen=True)
class LongFigures:
    """All streams.

    Attributes:
        minutes: those listened to, minute 1 first.
        streams: how many.
        last: number of the last minute.
        fell_silent: streams that were silent for two seconds anywhere.
        stuck: streams whose codes repeat against their score in any minute.
        repeats: highest share of codes that do, in any stream and minute.
        levels: mean level of each minute in dB, over the streams.
    """

    minutes: tuple[MinuteFigures, ...]
    streams: int
    last: int
    fell_silent: Share
    stuck: Share
    repeats: float
    levels: tuple[float, ...]


def judge_streams(
    minutes: Sequence[Minute] | Iterator[Minute],
    streams: Sequence[Stream],
    held_out: NDArray[np.float64],
    listener: Listener,
    codec: Codec,
    seed: int,
) -> LongFigures:
    """Listen to streams while they are played.

    Args:
        minutes: from minute 1 on; the first one with its audio.
        streams: what they are.
        held_out: patches of held-out music, [patches, D].
        listener: hears the notes.
        codec: gives the rates.
        seed: of the bootstrap.
    """
    heard: dict[int, list[Sounds]] = {}
    afresh: dict[int, float] = {}
    levels: list[NDArray[np.float64]] = []
    repeats: list[list[float]] = []
    for minute in minutes:
        levels.append(minute.levels)
        scores = [score_of(stream, minute.number, codec.frame_rate) for stream in streams]
        found = [
            loops.repeats_in_codes(codes, score, codec.frame_rate).likeness
            for codes, score in zip(minute.codes, scores, strict=True)
        ]
        repeats.append(found)
        if minute.audio is not None and minute.afresh is not None:
            patches = [metrics.mel_patches(audio, listener.sample_rate) for audio in minute.afresh]
            afresh[minute.number] = metrics.frechet_distance(np.concatenate(patches), held_out)
            heard[minute.number] = [
                listen_to(audio, score, stream.bpm, listener)
                for audio, score, stream in watch(
                    list(zip(minute.audio, scores, streams, strict=True)),
                    f"listening: minute {minute.number}",
                )
            ]
    whole = np.concatenate(levels, axis=1)
    silent = whole < metrics.SILENT_DB
    return LongFigures(
        tuple(_figures(number, heard, afresh[number], levels, held_out, seed) for number in heard),
        len(streams),
        len(levels),
        Share.of([bool((row[1:] & row[:-1]).any()) for row in silent]),
        Share.of([max(found) > _STUCK for found in zip(*repeats, strict=True)]),
        float(np.max(repeats)),
        tuple(float(minute.mean()) for minute in levels),
    )


def _figures(
    number: int,
    heard: dict[int, list[Sounds]],
    afresh: float,
    levels: Sequence[NDArray[np.float64]],
    held_out: NDArray[np.float64],
    seed: int,
) -> MinuteFigures:
    sounds, first = heard[number], heard[1]
    now, then = levels[number - 1], levels[0]
    distance, ratio, low, high = _frechet_ratio(sounds, first, held_out, seed)
    return MinuteFigures(
        number=number,
        frechet=distance,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        afresh=afresh,
        level=float(_loudness(now).mean()),
        level_change=float(np.abs(_loudness(now) - _loudness(then)).max()),
        silent=Share.of((now < metrics.SILENT_DB).ravel()),
        spectrum_change=float(
            np.mean([np.abs(a.spectrum - b.spectrum).mean() for a, b in zip(sounds, first, strict=True)])
        ),
        centroid=float(np.median([sound.centroid for sound in sounds])),
        tempo=Share.of([right for sound in sounds for right in sound.tempo]),
        confidence=float(np.mean([sound.confidence for sound in sounds])),
        chroma=float(np.nanmean([sound.chroma for sound in sounds])),
        notes=Share(sum(sound.met for sound in sounds), sum(sound.asked for sound in sounds)),
        onsets=float(np.mean([sound.onsets for sound in sounds])),
        likeness=max(sound.likeness for sound in sounds),
    )


def _loudness(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level of each stream's minute in dB, from its seconds [streams, 60]."""
    return np.asarray(10.0 * np.log10((10.0 ** (levels / 10.0)).mean(axis=1)))


def _frechet_ratio(
    now: Sequence[Sounds], then: Sequence[Sounds], held_out: NDArray[np.float64], seed: int
) -> tuple[float, float, float, float]:
    """Distance to held-out music, and its ratio to minute 1's with the ends of its interval."""

    def distance(sounds: Sequence[Sounds], which: NDArray[np.integer]) -> float:
        return metrics.frechet_distance(np.concatenate([sounds[i].patches for i in which]), held_out)

    everyone = np.arange(len(now))
    whole = distance(now, everyone)
    ratio = whole / max(distance(then, everyone), 1e-9)
    rng = np.random.default_rng([seed, 0xB007])
    drawn = [rng.integers(0, len(now), len(now)) for _ in range(_DRAWS)]
    ratios = [distance(now, which) / max(distance(then, which), 1e-9) for which in drawn]
    return whole, ratio, *bootstrap_interval(np.array(ratios))
