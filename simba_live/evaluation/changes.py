"""Changes in mid-stream: after how long, and how often within a bar, a new tempo, chord or style is heard.

The ceiling is held-out music that was cut at a bar line and goes on as another piece; the floor is a stream
in which nothing was changed, judged as if it had been.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.conditions import NOTE_SUSTAINED, Conditions
from simba_live.controls import Controls, Sampling
from simba_live.events import Event, Note, Prompt, Set
from simba_live.music.styles import STYLES
from simba_live.training.watching import watch

from . import shifts
from .codec_quality import reconstruct
from .dictation import Dictation, dictate
from .recogniser import Recogniser
from .statistics import Share
from .takes import Script, Setting, Studio

TEMPO, CHORD, PROMPT, NOTES = "tempo", "chord", "prompt", "held notes"
KINDS = (TEMPO, CHORD, PROMPT, NOTES)
UNCHANGED = "unchanged"

BEFORE, AFTER = 4.0, 8.0
"""Seconds before the earliest bar line on which something changes, and seconds from there to the end."""

FASTER = 1.3
"""Factor of a change of tempo: no simple ratio, so no octave of the old one."""

_ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LOWEST_HELD = 60


@dataclass(frozen=True)
class Case:
    """Music in which something is asked anew.

    Attributes:
        audio: [N].
        new: what is asked, with the change in it.
        old: what was asked, had it gone on.
        styles: the new one and the old one.
        second: of the change.
        bar: length in seconds of the bar that begins there.
    """

    audio: Array
    new: Conditions
    old: Conditions
    styles: tuple[str, str]
    second: float
    bar: float

    def seconds_after(self, kind: str, codec: Codec, ears: Recogniser) -> float:
        """When the change is heard, in seconds after it; infinite if not at all."""
        scores = self.new, self.old, codec.frame_rate
        if kind == TEMPO:
            evidence = shifts.by_onsets(self.audio, codec.sample_rate, *scores)
        elif kind == PROMPT:
            evidence = shifts.by_style(self.audio, codec.sample_rate, ears, *self.styles, self.second)
        else:
            evidence = shifts.by_pitch(self.audio, codec.sample_rate, *scores)
        return evidence.seconds_after(self.second)


@dataclass(frozen=True)
class Promptness:
    """How soon one kind of change is heard; `median` and `slow` (90 % are faster) in seconds."""

    within_a_bar: Share
    median: float
    slow: float

    @classmethod
    def of(cls, seconds: Sequence[float], bars: Sequence[float]) -> Promptness:
        """From seconds until it is heard, and the bars' lengths in seconds."""
        if not seconds:
            return cls(Share(0, 0), float("nan"), float("nan"))
        ordered = sorted(seconds)
        within = [heard <= bar + 1e-6 for heard, bar in zip(seconds, bars, strict=True)]
        # Not interpolated, so that what is never heard does not spoil what is.
        middle, late = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.9))
        return cls(Share.of(within), middle, late)


def judge_changes(
    cases: dict[str, list[Case]], codec: Codec, ears: Recogniser, what: str
) -> dict[str, Promptness]:
    """How soon each kind of change is heard in its cases."""
    found = {}
    for kind, those in cases.items():
        seconds = [
            case.seconds_after(kind, codec, ears) for case in watch(those, f"listening: {what}, {kind}")
        ]
        found[kind] = Promptness.of(seconds, [case.bar for case in those])
    return found


def live_cases(
    studio: Studio, captions: Sequence[tuple[str, str]], sampling: Sampling, seed: int
) -> tuple[dict[str, list[Case]], dict[str, list[Case]]]:
    """Streams of the model in which something changes, and the same without the change, by kind.

    Args:
        studio: where they are played.
        captions: prompts with their styles.
        sampling: how codes are drawn.
        seed: of what is changed to what.
    """
    codec = studio.engine.codec
    rng = np.random.default_rng([seed, 0xC4A6])
    vectors = studio.encoder.encode([caption for caption, _ in captions])
    prompts = [
        Prompt((caption,), vector=vector, style=style)
        for (caption, style), vector in zip(captions, vectors, strict=True)
    ]
    dictated: list[tuple[str, int, Dictation, Dictation, tuple[str, str]]] = []
    for index, prompt in enumerate(watch(prompts, "arranging changes")):
        after, length = round(BEFORE * codec.frame_rate), round((BEFORE + AFTER + 6.0) * codec.frame_rate)
        controls = Controls(seed=index)
        old = dictate(codec, controls, prompt, length)
        other = prompts[int(rng.integers(1, len(prompts)) + index) % len(prompts)]
        line = next(frame for frame in old.bars if frame >= after)
        for kind in KINDS:
            events = list(_events(kind, old, line, other, rng))
            new = dictate(codec, controls, prompt, length, events, after)
            styles = other.style if kind == PROMPT else prompt.style, prompt.style
            if kind != PROMPT or styles[0] != styles[1]:
                dictated.append((kind, index, new, old, styles))
    scripts = [Script(new.conditions, new.style, index, new.against) for _, index, new, _, _ in dictated]
    scripts += [Script(old.conditions, old.style, index) for _, index, _, old, _ in dictated]
    takes = studio.perform(scripts, sampling, "changes in mid-stream")
    changed: dict[str, list[Case]] = {kind: [] for kind in KINDS}
    unchanged: dict[str, list[Case]] = {kind: [] for kind in KINDS}
    for number, (kind, _, new, old, styles) in enumerate(dictated):
        second, bar = _bar_of(new, codec.frame_rate)
        for cases, take in ((changed, takes[number]), (unchanged, takes[len(dictated) + number])):
            end = round((second + AFTER) * codec.sample_rate)
            cases[kind].append(Case(take.audio[:end], new.conditions, old.conditions, styles, second, bar))
    return changed, unchanged


def _events(kind: str, old: Dictation, line: int, other: Prompt, rng: np.random.Generator) -> Iterable[Event]:
    """What the performer does."""
    if kind == TEMPO:
        bpm = float(old.conditions.tempo[line])
        yield Set("bpm", round(bpm * FASTER if bpm < 110.0 else bpm / FASTER, 1))
    elif kind == PROMPT:
        yield other
    else:
        root = _farthest_root(old.conditions.notes[line : line + 100])
        if kind == CHORD:
            yield Set("chord", _ROOTS[root] + ("m" if rng.random() < 0.5 else ""))
        else:
            low = _LOWEST_HELD + root
            yield from (Note(low + interval) for interval in (0, 4, 7))


def _farthest_root(notes: NDArray[np.uint8]) -> int:
    """Of the twelve major chords the one that has least in common with what would be played, [T, 128]."""
    sounding = (notes >= NOTE_SUSTAINED).sum(axis=0)
    classes = np.array([sounding[k::12].sum() for k in range(12)])
    return int(np.argmin([classes[[root, (root + 4) % 12, (root + 7) % 12]].sum() for root in range(12)]))


def _bar_of(dictation: Dictation, frame_rate: float) -> tuple[float, float]:
    """Second of the change, and the length of the bar that begins there."""
    changed = dictation.changed
    assert changed is not None, "the piece is longer than its longest bar"
    following = next(frame for frame in (*dictation.bars, len(dictation.conditions)) if frame > changed)
    return changed / frame_rate, (following - changed) / frame_rate


def spliced_cases(
    settings: Sequence[Setting], codec: Codec, num_codebooks: int | None
) -> dict[str, list[Case]]:
    """Held-out music cut at a bar line, going on as another piece; through so many codebooks, or as it is."""
    cases: dict[str, list[Case]] = {TEMPO: [], CHORD: [], PROMPT: []}
    hop = codec.hop_length
    for index, setting in enumerate(settings):
        other = settings[(index + 1) % len(settings)]
        lines, others = _bar_lines(setting.conditions), _bar_lines(other.conditions)
        after = [line for line in lines if line >= BEFORE * codec.frame_rate]
        if not after or not others:
            continue
        cut, begin = after[0], others[0]
        audio = np.concatenate([setting.excerpt.audio[: cut * hop], other.excerpt.audio[begin * hop :]])
        audio = audio[: len(setting.excerpt.audio)]
        if num_codebooks is not None:
            audio, _ = reconstruct(codec, audio, num_codebooks)
        new = Conditions.concatenate([setting.conditions[:cut], other.conditions[begin:]])
        tempo = float(other.conditions.tempo[begin])
        bar = (others[1] - begin) / codec.frame_rate if len(others) > 1 else AFTER
        styles = other.ask.style, setting.ask.style
        case = Case(audio, new, setting.conditions, styles, cut / codec.frame_rate, bar)
        cases[CHORD].append(case)
        if styles[0] != styles[1] and set(styles) <= set(STYLES):
            cases[PROMPT].append(case)
        if abs(np.log2(tempo / setting.ask.bpm)) > 0.1:
            cases[TEMPO].append(case)
    return cases


def _bar_lines(conditions: Conditions) -> list[int]:
    """Frames that begin a bar."""
    return [int(frame) for frame in np.flatnonzero(np.diff(conditions.bar) < -0.2) + 1]
