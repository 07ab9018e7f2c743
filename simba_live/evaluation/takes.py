"""What is asked in an evaluation, and what the model answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.engine.performance import Performance
from simba_live.errors import CorpusError
from simba_live.model.text import Encoder, load_text_encoder
from simba_live.training.token_streams import WRITTEN, set_free
from simba_live.training.watching import watch

from .batch_generate import BatchPlayer
from .codec_quality import decode
from .held_out import Excerpt, draw_excerpts, read_conditions
from .judgement import Ask
from .kept import Kept

ROWS_AT_ONCE = 32
"""Pieces played side by side and then kept: a broken-off evaluation loses no more."""

_STRETCH = 1000
"""Frames whose features are in memory at a time."""


@dataclass(frozen=True)
class Setting:
    """One thing to ask for: a held-out excerpt, its conditions and what they amount to."""

    excerpt: Excerpt
    conditions: Conditions
    ask: Ask


@dataclass(frozen=True)
class Take:
    """One way's audio [N] of a setting, and its codes [K, T] if it has any."""

    audio: Array
    codes: NDArray[np.int64] | None = None


def draw_settings(
    corpus: Path, split: str | None, count: int, seconds: float, seed: int, codec: Codec
) -> list[Setting]:
    """Held-out excerpts in whole frames, each with one of its piece's captions.

    Args:
        corpus: folder that `simba-live data compose` wrote.
        split: which split of it; None is all.
        count: how many at most.
        seconds: length of each.
        seed: of the draw.
        codec: gives sample rate and frame rate.

    Raises:
        CorpusError: fewer than two are held out.
    """
    num_frames = round(seconds * codec.frame_rate)
    seconds = num_frames / codec.frame_rate
    excerpts = draw_excerpts(corpus, split, count, seconds, seed, codec.sample_rate)
    if len(excerpts) < 2:
        raise CorpusError(f"{corpus}: only one excerpt of {seconds:g} s is held out; compose more hours")
    rng = np.random.default_rng([seed, 0xCA97])
    settings = []
    for excerpt in excerpts:
        conditions = read_conditions(corpus, excerpt, codec.frame_rate, num_frames)
        captions = excerpt.piece.captions or (excerpt.piece.style,)
        caption = captions[int(rng.integers(len(captions)))]
        ask = Ask.of(conditions, codec.frame_rate, excerpt.piece.style, caption)
        settings.append(Setting(excerpt, conditions, ask))
    return settings


@dataclass(frozen=True)
class Script:
    """What one piece is to be, frame by frame.

    Attributes:
        conditions: [T] frames.
        style: embedded prompt, float32 [1, S], or [T, S] where it changes.
        session: of the sampling noise.
        against: what guidance leads away from, [T]; None is tempo and beat alone.
    """

    conditions: Conditions
    style: NDArray[np.float32]
    session: int
    against: Conditions | None = None

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All of it but the session, by name."""
        against = {} if self.against is None else self.against.arrays()
        return {
            **self.conditions.arrays(),
            "style": self.style,
            **{f"against {name}": array for name, array in against.items()},
        }


@dataclass(frozen=True)
class Studio:
    """Where pieces are played: an engine, and what it has played already."""

    engine: Engine
    kept: Kept

    @classmethod
    def open(cls, engine: Engine, folder: Path) -> Studio:
        """A studio whose takes are kept in `folder`."""
        return cls(engine, Kept(folder, Performance(engine).fingerprint))

    @cached_property
    def encoder(self) -> Encoder:
        """Reads prompts for the model; takes seconds to load."""
        return load_text_encoder(self.engine.model.config.text_encoder)

    def perform(self, scripts: Sequence[Script], sampling: Sampling, what: str) -> list[Take]:
        """Takes of the scripts, in their order; those kept from earlier are not played again.

        Args:
            scripts: pieces of any lengths, played side by side.
            sampling: how codes are drawn; a script's session is its own.
            what: says on the progress bar what this is.
        """
        keys = [
            self.kept.key({"sampling": sampling, "session": script.session}, script.arrays())
            for script in scripts
        ]
        missing = [index for index, key in enumerate(keys) if self.kept.find(key) is None]
        # Pieces of like length go side by side, as the shorter ones wait for the longest.
        missing.sort(key=lambda index: len(scripts[index].conditions))
        for first in range(0, len(missing), ROWS_AT_ONCE):
            group = missing[first : first + ROWS_AT_ONCE]
            name = f"generating: {what}, {first + 1}-{first + len(group)} of {len(missing)}"
            for index, codes in zip(
                group, self._play([scripts[i] for i in group], sampling, name), strict=True
            ):
                self.kept.keep(keys[index], {"codes": codes.astype(np.int32)})
        takes = []
        for key in watch(keys, f"decoding: {what}"):
            codes = np.asarray((self.kept.find(key) or {})["codes"], np.int64)
            takes.append(Take(decode(self.engine.codec, codes), codes))
        return takes

    def _written(self, script: Script, sampling: Sampling) -> Script:
        """The script with what it leaves free written by the model's score model, if it has one."""
        if self.engine.score is None:
            return script
        state, style = self.engine.score.init_state(), script.style
        changes = np.flatnonzero((style[1:] != style[:-1]).any(axis=1)) + 1
        lines = [0, *changes.tolist(), len(script.conditions)]
        parts = [
            self.engine.with_score(
                script.conditions[first:last], style[first], state, sampling, first, script.session
            )
            for first, last in pairwise(lines)
        ]
        return replace(script, conditions=Conditions.concatenate(parts))

    def _play(self, scripts: Sequence[Script], sampling: Sampling, name: str) -> list[NDArray[np.int64]]:
        scripts = [self._written(script, sampling) for script in watch(scripts, f"{name}, scores")]
        longest = max(len(script.conditions) for script in scripts)
        player = BatchPlayer(self.engine.model, sampling, [script.session for script in scripts])
        codes = []
        for start in range(0, longest, _STRETCH):
            stretch = range(start, min(start + _STRETCH, longest))
            features = np.stack([_features(script.conditions, stretch) for script in scripts])
            styles = np.stack([script.style[_rows(len(script.style), stretch)] for script in scripts])
            against = None
            if any(script.against is not None for script in scripts):
                against = np.stack([_features(_against(script), stretch) for script in scripts])
            so_far = f"{name}, {stretch[-1] + 1:,} of {longest:,} frames"
            codes.append(player.play(features, styles, against, so_far))
        whole = np.concatenate(codes, axis=2)
        return [piece[:, : len(script.conditions)] for piece, script in zip(whole, scripts, strict=True)]


def _against(script: Script) -> Conditions:
    return script.conditions.clock() if script.against is None else script.against


def _rows(length: int, stretch: range) -> NDArray[np.int64]:
    """Which rows of `length` a stretch reads; beyond the end the last one."""
    return np.asarray(np.minimum(np.asarray(stretch), length - 1), np.int64)


def _features(conditions: Conditions, stretch: range) -> NDArray[np.float32]:
    inside = conditions[stretch.start : stretch.stop].features()
    return np.pad(inside, ((0, len(stretch) - len(inside)), (0, 0)))


def scripts_of(studio: Studio, settings: Sequence[Setting], free: bool) -> list[Script]:
    """What the settings come to for the model; the session of a setting's noise is its number.

    Args:
        studio: reads the prompts.
        settings: what is asked.
        free: prompt, tempo, beat and key alone, instead of all that the piece's composer wrote.
    """
    styles = studio.encoder.encode([setting.ask.caption for setting in settings])
    scripts = []
    for index, setting in enumerate(settings):
        conditions = Conditions.concatenate([setting.conditions])
        if free:
            set_free(conditions, *WRITTEN)
        scripts.append(Script(conditions, styles[index : index + 1], index))
    return scripts
