"""Scores made audible: with FluidSynth and a General MIDI soundfont, with voices of our own, or with both.

Every piece gets a synthesiser of its own: `system_reset` leaves the phase of the reverb's and the chorus's
modulation where it was, so with a shared one a piece's samples would depend on the pieces before it. Opening
one costs about 15 ms, since only the samples that are played are loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from simba_live.errors import MissingDependencyError, OptionError
from simba_live.music.score import Score

from .effects import Chain
from .loudness import normalise
from .soundfonts import HOW_TO_GET, find_soundfont
from .synth import own_channels, play
from .timeline import DRUM_CHANNEL, TimedNote, bar_starts, channels, timeline

SYNTH_RATE = 48000
"""FluidSynth runs at this rate, Hz, and the result is resampled: it folds what lies above half its rate."""

BLOCK = 64
"""FluidSynth's inner block, samples (1.3 ms): notes start on its borders."""

DRUM_BANK = 128
VOLUME, PAN, REVERB_SEND, CHORUS_SEND = 7, 10, 91, 93


def render(
    score: Score,
    sample_rate: int = 24000,
    soundfont: Path | str | None = None,
    seed: int = 0,
    num_samples: int | None = None,
    own: Collection[str] = (),
    chain: Chain | None = None,
) -> NDArray[np.float32]:
    """The piece as mono audio, float32 [N] at `sample_rate`, at -18 LUFS and never above -1 dBFS.

    The samples depend on nothing but the arguments.

    Args:
        score: what to play.
        sample_rate: Hz.
        soundfont: an .sf2 or .sf3 file; `find_soundfont` chooses if None.
        seed: chooses the voices of our own and the room: reverb size and amount, chorus on or off.
        num_samples: length N; by default the score's, so that what still rings at the end is faded out.
        own: names of the parts that voices of our own play instead of the soundfont.
        chain: effects on the whole.

    Raises:
        MissingDependencyError: FluidSynth or a soundfont is needed and not installed.
        OptionError: `soundfont` cannot be read.
    """
    seconds = bar_starts(score)[-1]
    length = round(seconds * sample_rate) if num_samples is None else num_samples
    mine = own_channels(score, own)
    notes = [note for note in timeline(score) if note.channel not in mine]
    audio = np.zeros(length, np.float32)
    if mine:
        audio += play(score, own, sample_rate, seed, length)
    if notes:
        audio += _sampled(score, notes, sample_rate, find_soundfont(soundfont), seed, length)
    if chain is not None:
        audio = chain(audio, sample_rate)
    fade = min(round(0.02 * sample_rate), length)
    audio[length - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return normalise(audio, sample_rate)


def _sampled(
    score: Score, notes: list[TimedNote], sample_rate: int, soundfont: Path, seed: int, length: int
) -> NDArray[np.float32]:
    """The notes with the soundfont's samples, float32 [length]."""
    needed = -(-length * SYNTH_RATE // sample_rate)
    with _synth(soundfont, np.random.default_rng([seed, 0x5EED])) as (synth, font):
        _choose_instruments(synth, font, score)
        stereo = _play(synth, notes, needed)
    mono = 0.5 * (stereo[:, 0] + stereo[:, 1])
    audio = soxr.resample(mono, SYNTH_RATE, sample_rate)[:length]
    padded: NDArray[np.float32] = np.pad(audio, (0, length - len(audio))).astype(np.float32)
    return padded


@contextlib.contextmanager
def _synth(soundfont: Path, rng: np.random.Generator) -> Iterator[tuple[Any, int]]:
    """A synthesiser in a room drawn from `rng`, and the number of the soundfont loaded in it."""
    synth = _fluidsynth().Synth(
        gain=0.4,
        samplerate=SYNTH_RATE,
        channels=16,
        **{
            "synth.dynamic-sample-loading": 1,
            "synth.reverb.active": 1,
            "synth.reverb.room-size": float(rng.uniform(0.1, 0.6)),
            "synth.reverb.damp": float(rng.uniform(0.1, 0.5)),
            "synth.reverb.width": 0.5,
            "synth.reverb.level": float(rng.uniform(0.2, 0.7)),
            "synth.chorus.active": int(rng.random() < 0.5),
        },
    )
    try:
        font = synth.sfload(str(soundfont))
        if font < 0:
            raise OptionError(f"soundfont {soundfont}: FluidSynth cannot read it; name an .sf2 or .sf3 file")
        yield synth, font
    finally:
        synth.delete()


def _choose_instruments(synth: Any, font: int, score: Score) -> None:
    """Give every part's channel its program (or the soundfont's first, lacking it), level, place, effects."""
    for channel, part in channels(score).values():
        bank = DRUM_BANK if channel == DRUM_CHANNEL else 0
        if synth.program_select(channel, font, bank, part.program) != 0:
            synth.program_select(channel, font, bank, 0)
        low = part.is_drums or 32 <= part.program < 40
        synth.cc(channel, VOLUME, part.level)
        synth.cc(channel, PAN, part.pan)
        synth.cc(channel, REVERB_SEND, 15 if low else 45)
        synth.cc(channel, CHORUS_SEND, 0 if low else 15)


def _play(synth: Any, notes: list[TimedNote], num_samples: int) -> NDArray[np.float32]:
    """Play the notes: float32 [num_samples or a little more, 2] at `SYNTH_RATE`."""
    # At equal times a note's end (0) comes before a note's start (1), so that a repeated pitch starts anew.
    events = sorted(
        [(_block_of(note.start), 1, note) for note in notes]
        + [(_block_of(note.end), 0, note) for note in notes],
        key=lambda event: (event[0], event[1], event[2].channel, event[2].pitch),
    )
    total = -(-num_samples // BLOCK)
    audio = np.zeros((total * BLOCK, 2), np.float32)
    write = _writer()
    position = 0
    for block, is_start, note in events:
        if block > position:
            stop = min(block, total)
            write(synth, audio[position * BLOCK : stop * BLOCK])
            position = stop
        if position >= total:
            break
        if is_start:
            synth.noteon(note.channel, note.pitch, note.velocity)
        else:
            synth.noteoff(note.channel, note.pitch)
    write(synth, audio[position * BLOCK :])
    return audio


def _block_of(seconds: float) -> int:
    return round(seconds * SYNTH_RATE / BLOCK)


@lru_cache(maxsize=1)
def _fluidsynth() -> ModuleType:
    """The bindings, with FluidSynth's own messages turned off: what matters is raised as an error."""
    try:
        # Under CI the bindings print where they found the library.
        with contextlib.redirect_stdout(io.StringIO()):
            import fluidsynth
    except ImportError as error:
        reason = "pyfluidsynth" if isinstance(error, ModuleNotFoundError) else "the FluidSynth library"
        raise MissingDependencyError(
            f"rendering needs {reason}, which is not installed; pip install 'simba-live[data]'; {HOW_TO_GET}"
        ) from None
    silence = fluidsynth.cfunc(
        "fluid_set_log_function",
        ctypes.c_void_p,
        ("level", ctypes.c_int, 1),
        ("function", ctypes.c_void_p, 1),
        ("data", ctypes.c_void_p, 1),
    )
    for level in range(5):
        silence(level, None, None)
    module: ModuleType = fluidsynth
    return module


@lru_cache(maxsize=1)
def _writer() -> Callable[[Any, NDArray[np.float32]], None]:
    """A function that fills a block of stereo float32 [n, 2] from a synth.

    `Synth.get_samples` gives 16 bits with dither, which clips and depends on what was played before.
    """
    write_float = _fluidsynth().cfunc(
        "fluid_synth_write_float",
        ctypes.c_int,
        ("synth", ctypes.c_void_p, 1),
        ("length", ctypes.c_int, 1),
        ("left", ctypes.c_void_p, 1),
        ("left_offset", ctypes.c_int, 1),
        ("left_step", ctypes.c_int, 1),
        ("right", ctypes.c_void_p, 1),
        ("right_offset", ctypes.c_int, 1),
        ("right_step", ctypes.c_int, 1),
    )

    def write(synth: Any, block: NDArray[np.float32]) -> None:
        address = block.ctypes.data
        write_float(synth.synth, len(block), address, 0, 2, address, 1, 2)

    return write
