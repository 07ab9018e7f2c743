"""A corpus of a few simple pieces without FluidSynth: notes are decaying tones, drums bursts of noise."""

import json
from pathlib import Path

import numpy as np
import soundfile
from safetensors.numpy import save_file

from simba_live.conditions import DRUM_NONE, DRUM_ONSET, NOTE_OFF, NOTE_ONSET, NOTE_SUSTAINED, Conditions
from simba_live.data.manifest import ABOUT, Piece, write_manifest

RATE, FRAME_RATE = 24000, 50.0
SCALE = [0, 2, 4, 5, 7, 9, 11, 12]


def scale(seconds: float, bpm: float, tonic: int, drums: bool) -> Conditions:
    """A scale up and down from the pitch `tonic`, a note a beat, with a drum on each or without any."""
    asked = Conditions.free(round(seconds * FRAME_RATE))
    beats = np.arange(len(asked)) / FRAME_RATE * bpm / 60.0
    asked.tempo[:] = bpm
    asked.beat[:] = beats % 1.0
    asked.bar[:] = beats / 4.0 % 1.0
    asked.key[:] = tonic % 12
    asked.notes[:] = NOTE_OFF
    asked.drums[:] = DRUM_NONE
    index = beats.astype(int)
    pitch = tonic + np.array(SCALE + SCALE[-2:0:-1])[index % 14]
    asked.notes[np.arange(len(asked)), pitch] = NOTE_SUSTAINED
    first = np.flatnonzero(np.diff(index, prepend=-1))
    asked.notes[first, pitch[first]] = NOTE_ONSET
    if drums:
        asked.drums[first, 0] = DRUM_ONSET
    return asked


def play(asked: Conditions) -> np.ndarray:
    """The conditions as audio, float32 [N]."""
    audio = np.zeros(round(len(asked) / FRAME_RATE * RATE))
    burst = 0.2 * np.random.default_rng(0).standard_normal(1200) * np.exp(-np.arange(1200) / 300)
    time = np.arange(RATE) / RATE
    for frame, pitch in np.argwhere(asked.notes == NOTE_ONSET):
        frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * k * frequency * time) / k for k in (1, 2, 3)) * np.exp(-6 * time)
        part = audio[frame * 480 : frame * 480 + RATE]
        part += 0.2 * tone[: len(part)]
    for frame, _ in np.argwhere(asked.drums == DRUM_ONSET):
        part = audio[frame * 480 : frame * 480 + 1200]
        part += burst[: len(part)]
    return (0.8 * audio).astype(np.float32)


STYLES = {"ambient": (72.0, False), "house": (126.0, True)}
"""Tempo and whether there are drums, by style; the names are the arranger's."""


def write_corpus(folder: Path, train: int, test: int, seconds: float) -> Path:
    """Pieces in two styles by turns, the first `train` of them for training."""
    for name in ("audio", "conditions"):
        (folder / name).mkdir(parents=True)
    pieces = []
    for index in range(train + test):
        style = list(STYLES)[index % 2]
        bpm, drums = STYLES[style]
        asked = scale(seconds, bpm + index % 5, 57 + index % 9, drums)
        piece = Piece(
            id=str(index),
            split="train" if index < train else "test",
            style=style,
            bpm=bpm + index % 5,
            key="A major",
            beats_per_bar=4,
            seconds=seconds,
            captions=(f"a {style} scale", f"{style} music"),
            audio=f"audio/{index}.flac",
            midi=f"midi/{index}.mid",
            conditions=f"conditions/{index}.safetensors",
        )
        soundfile.write(folder / piece.audio, play(asked), RATE)
        about = json.dumps({"frame_rate": FRAME_RATE, "piece": piece.to_json()})
        save_file(asked.arrays(), folder / piece.conditions, {ABOUT: about})
        pieces.append(piece)
    write_manifest(folder, pieces)
    return folder
