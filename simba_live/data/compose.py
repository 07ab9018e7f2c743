"""A corpus from nothing: pieces composed, rendered, captioned and listed, every frame's facts known.

A piece is a pure function of (seed, index), so a corpus can be made by several processes, interrupted and
gone on with. A piece counts as made when its conditions file stands: that one is written last and carries the
piece's line of the manifest.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import io
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import soundfile
from safetensors.numpy import save

from simba_live.errors import CorpusError, OptionError
from simba_live.music.composer import compose
from simba_live.music.frames import score_conditions
from simba_live.music.styles import STYLES

from .captions import captions
from .cast import cast
from .corpus_folder import EFFECTS, FRAME_RATE, OWN_VOICES, SAMPLE_RATE, Recipe, claim, made
from .draw import Draft, draft
from .manifest import ABOUT, Piece, write_beside, write_manifest
from .midi import midi_bytes
from .render import render
from .soundfonts import find_soundfonts

_LISTING = 10.0
"""Seconds between two writings of the manifest, for those who kill the process."""


def compose_corpus(
    folder: Path | str,
    hours: float,
    seed: int = 0,
    jobs: int = 1,
    soundfonts: Sequence[Path | str] = (),
    styles: tuple[str, ...] | None = None,
    own_voices: float = OWN_VOICES,
    effects: float = EFFECTS,
    on_progress: Callable[[float, float], None] | None = None,
) -> list[Piece]:
    """Compose and render pieces of 20 to 40 seconds until they last `hours`, and list them in the manifest.

    Pieces that are there already are kept, so the same call goes on after an interruption, and one with more
    hours makes the corpus longer.

    Args:
        folder: where to write; new, empty, or holding a corpus made with the same seed, styles, soundfonts,
            `own_voices` and `effects`.
        hours: how much audio there is to be.
        seed: another seed is another corpus.
        jobs: processes.
        soundfonts: each piece is played by one of them; the installed ones that `find_soundfonts` knows if
            none are named.
        styles: names from `STYLES`, in turns; all if None.
        own_voices: share of the pieces in which synthesised voices play some parts or all.
        effects: share of the pieces that go through mild effects.
        on_progress: called with the seconds of audio made so far and to be made in all.

    Returns:
        Every piece of the corpus, in order.

    Raises:
        OptionError: an argument cannot be used.
        CorpusError: the folder holds something else, or cannot be written (disk full).
        MissingDependencyError: FluidSynth or a soundfont is not installed.
        KeyboardInterrupt: after the manifest has been brought up to date.
    """
    if not 0 < hours < float("inf"):
        raise OptionError(f"--hours {hours}: must be a number above 0, such as 0.5")
    if jobs < 1:
        raise OptionError(f"--jobs {jobs}: must be 1 or more")
    if seed < 0:
        raise OptionError(f"--seed {seed}: must be 0 or more")
    for option, share in (("--own-voices", own_voices), ("--effects", effects)):
        if not 0.0 <= share <= 1.0:
            raise OptionError(f"{option} {share}: must be from 0 to 1")
    names = tuple(STYLES) if styles is None else styles
    if unknown := [name for name in names if name not in STYLES] or not names:
        raise OptionError(f"--styles {unknown}: must be some of {', '.join(STYLES)}")
    recipe = Recipe(Path(folder), seed, names, find_soundfonts(soundfonts), own_voices, effects)
    claim(recipe, hours)

    done = {piece.id: piece for piece in made(recipe.folder)}
    todo: list[Draft] = []
    planned = ready = 0.0
    for plan in _drafts(recipe):
        if planned >= hours * 3600.0:
            break
        planned += plan.seconds
        if plan.id in done:
            ready += plan.seconds
        else:
            todo.append(plan)
    if on_progress:
        on_progress(ready, planned)
    listed = time.monotonic()
    try:
        for piece in _work(recipe, todo, jobs):
            done[piece.id] = piece
            ready += piece.seconds
            if time.monotonic() - listed > _LISTING:
                _list(recipe.folder, done)
                listed = time.monotonic()
            if on_progress:
                on_progress(min(ready, planned), planned)
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(
            f"{folder}: cannot write ({reason}); make room and run the same command again"
        ) from None
    except BrokenProcessPool:
        raise CorpusError(
            f"{folder}: a process died, for want of memory perhaps; try again with fewer --jobs"
        ) from None
    finally:
        # Some were made while an interruption ended the other processes.
        done.update((piece.id, piece) for piece in made(recipe.folder))
        pieces = _list(recipe.folder, done)
    return pieces


def make_piece(recipe: Recipe, index: int) -> Piece:
    """Compose, render and write piece number `index`; its files appear whole or not at all.

    Raises:
        OSError: the disk is full or not writable.
    """
    plan = draft(recipe.seed, index, recipe.styles)
    score = compose(plan.settings, plan.bars)
    conditions = score_conditions(score.bars, FRAME_RATE)
    seconds = len(conditions) / FRAME_RATE
    players = cast(
        score,
        recipe.soundfonts,
        recipe.own_voices,
        recipe.effects,
        np.random.default_rng([recipe.seed, index, 3]),
    )
    audio = render(
        score,
        SAMPLE_RATE,
        players.soundfont,
        seed=int(np.random.default_rng([recipe.seed, index, 1]).integers(2**31)),
        num_samples=round(seconds * SAMPLE_RATE),
        own=players.own,
        chain=players.chain,
    )
    piece = Piece(
        id=plan.id,
        split=split_of(recipe.seed, index),
        style=score.style,
        bpm=round(score.bpm, 3),
        key=str(score.key),
        beats_per_bar=score.beats_per_bar,
        seconds=seconds,
        captions=tuple(captions(score, np.random.default_rng([recipe.seed, index, 2]), plan.typical)),
        audio=f"audio/{plan.id}.flac",
        midi=f"midi/{plan.id}.mid",
        conditions=f"conditions/{plan.id}.safetensors",
        voice=players.voice,
        effects=players.chain.names if players.chain else (),
    )
    # Encoded in memory first: libsndfile reports a full disk less clearly than Python's own files do.
    flac = io.BytesIO()
    soundfile.write(flac, audio, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    write_beside(recipe.folder / piece.audio, flac.getvalue())
    write_beside(recipe.folder / piece.midi, midi_bytes(score))
    # One entry only: safetensors writes several in an order that changes from run to run.
    about = json.dumps({"frame_rate": FRAME_RATE, "piece": piece.to_json()}, ensure_ascii=False)
    write_beside(recipe.folder / piece.conditions, save(conditions.arrays(), {ABOUT: about}))
    return piece


def split_of(seed: int, index: int) -> str:
    """Which split a piece belongs to, for ever: train 94 %, valid 3 %, test 3 %."""
    digest = hashlib.sha256(f"{seed}:{index}".encode()).digest()
    place = int.from_bytes(digest[:4], "big") / 2**32
    return "train" if place < 0.94 else "valid" if place < 0.97 else "test"


def _list(folder: Path, done: dict[str, Piece]) -> list[Piece]:
    """Write the manifest of the pieces made so far, in order."""
    pieces = [done[name] for name in sorted(done)]
    if pieces:
        write_manifest(folder, pieces)
    return pieces


def _drafts(recipe: Recipe) -> Iterator[Draft]:
    index = 0
    while True:
        yield draft(recipe.seed, index, recipe.styles)
        index += 1


def _work(recipe: Recipe, todo: list[Draft], jobs: int) -> Iterator[Piece]:
    """Make the pieces, yielding each when it is made."""
    if jobs == 1 or len(todo) <= 1:
        for plan in todo:
            yield make_piece(recipe, plan.index)
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        min(jobs, len(todo)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
    )
    try:
        futures = [pool.submit(make_piece, recipe, plan.index) for plan in todo]
        for future in concurrent.futures.as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """Let the first process decide when a worker ends: Ctrl-C reaches them all, and kill -9 only that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    """Without this a worker whose parent was killed would wait for work for ever."""
    parent.join()
    os._exit(1)
