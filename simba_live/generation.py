"""Making a piece from start to end: what `simba-live gen` and `simba_live.generate` have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio import AudioWriter, convert, limit, read_audio
from simba_live.controls import Sampling
from simba_live.device import choose_device
from simba_live.engine.conductor import Conductor
from simba_live.engine.engine import Engine, EngineState
from simba_live.engine.fades import crossfade, fade_out
from simba_live.engine.request import Request
from simba_live.model.text import load_text_encoder
from simba_live.paths import DEFAULT_CODEC, model_folder

Audio = NDArray[np.float32]

BLOCK_FRAMES = 25
"""Frames made at a time: the codec is slow on single frames, and a listener waits for a whole block."""

FADE_SECONDS = 0.5
"""The last half second dies away, since a piece may be cut off anywhere."""

SEAM_SECONDS = 0.1
"""How long a recording turns into what the codec makes of it, before the new music sets in."""


@dataclass(frozen=True)
class Block:
    """The next stretch of a piece: `audio` float32 [C, n] and the `codes` int64 [K, T] decoded for it."""

    audio: Audio
    codes: NDArray[np.int64]


@dataclass(frozen=True)
class Music:
    """A finished piece.

    Attributes:
        audio: float32 [C, N].
        sample_rate: in Hz.
        codes: int64 [K, T].
        description: how the request was understood.
    """

    audio: Audio
    sample_rate: int
    codes: NDArray[np.int64]
    description: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(self.audio.shape[1] / self.sample_rate)

    def save(self, path: str | Path) -> None:
        """Write a sound file, WAV or FLAC by its extension.

        Raises:
            AudioFileError: it cannot be written.
        """
        with AudioWriter(path, self.sample_rate, self.audio.shape[0]) as writer:
            writer.write(self.audio)

    def plot(self, path: str | Path) -> None:
        """Draw waveform, mel spectrogram and codes into a picture file.

        Raises:
            OptionError: it cannot be written.
        """
        from simba_live.plot import plot

        plot(path, self.audio, self.sample_rate, self.codes, self.description)


class Generator:
    """A model and a codec in memory, ready to make pieces.

    Attributes:
        engine: the two joined.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.encoder: Any = None

    @classmethod
    def load(
        cls, model: str | Path | None = None, codec: str | Path | None = None, device: str = "auto"
    ) -> Self:
        """Read the checkpoints.

        Args:
            model: folder, or name of a model that ships; None is the default one.
            codec: folder, or name of an EnCodec on the Hugging Face hub; None is the default one.
            device: `cpu`, `cuda`, or `auto` for the GPU if there is one.

        Raises:
            CheckpointError: a checkpoint is missing, damaged, or they do not fit each other.
            OptionError: no such device.
        """
        engine = Engine.load(
            model_folder(model), DEFAULT_CODEC if codec is None else codec, choose_device(device)
        )
        return cls(engine)

    def generate(self, prompt: str, continue_from: str | Path | None = None, **settings: Any) -> Music:
        """Make a piece.

        Args:
            prompt: what to play.
            continue_from: a sound file to go on from.
            settings: fields of `Request` (seconds, free, bpm, key, metre, style, drums) and of `Sampling`
                (temperature, top_k, top_p, guidance, seed).

        Raises:
            SimbaLiveError: a setting cannot be used.
        """
        drawn = {field.name for field in fields(Sampling)} & settings.keys()
        chosen = {name: settings.pop(name) for name in drawn}
        sampling = Sampling.preset(bool(settings.get("free")), **chosen)
        request = Request(prompt, sampling=sampling, **settings)
        take = self.take(request, None if continue_from is None else read_audio(continue_from))
        blocks = list(take.blocks())
        audio = np.concatenate([block.audio for block in blocks], axis=1)
        codes = np.concatenate([block.codes for block in blocks], axis=1)
        return Music(audio, take.sample_rate, codes, take.description)

    def take(self, request: Request, beginning: tuple[Audio, int] | None = None) -> Take:
        """Get ready to make a piece block by block.

        Args:
            request: what to make.
            beginning: audio [C, N] of any shape and its sample rate in Hz, to go on from.
        """
        if self.encoder is None:
            self.encoder = load_text_encoder(self.engine.model.config.text_encoder)
        conductor = Conductor(
            request, self.engine.codec.frame_rate, self.encoder.encode, beginning is not None
        )
        return Take(self.engine, conductor, beginning)


def generate(
    prompt: str,
    model: str | Path | None = None,
    codec: str | Path | None = None,
    device: str = "auto",
    **settings: Any,
) -> Music:
    """Load a model and make one piece with it; whoever makes several keeps a `Generator`.

    Args:
        prompt: what to play.
        model: see `Generator.load`, as for `codec` and `device`.
        codec: likewise.
        device: likewise.
        settings: see `Generator.generate`.

    Raises:
        SimbaLiveError: a checkpoint or a setting cannot be used.
    """
    return Generator.load(model, codec, device).generate(prompt, **settings)


class Take:
    """One piece in the making.

    Attributes:
        description: how the request was understood, in one line.
        sample_rate: in Hz.
        channels: of the audio.
        num_samples: length of the piece in samples, beginning included.
    """

    def __init__(self, engine: Engine, conductor: Conductor, beginning: tuple[Audio, int] | None) -> None:
        codec = engine.codec
        self._engine, self._conductor = engine, conductor
        self.sample_rate, self.channels = codec.sample_rate, codec.channels
        self._beginning = None
        if beginning is not None:
            self._beginning = convert(*beginning, codec.sample_rate, codec.channels)
        self._new_samples = round(conductor.request.seconds * codec.sample_rate)
        self.num_samples = self._new_samples + (0 if self._beginning is None else self._beginning.shape[1])
        self._fade_samples = min(round(FADE_SECONDS * self.sample_rate), self._new_samples // 4)
        self.description = conductor.describe()

    def blocks(self) -> Iterator[Block]:
        """Make the piece, `num_samples` samples in all; equal requests give equal bits."""
        engine, conductor = self._engine, self._conductor
        hop, sampling = engine.codec.hop_length, conductor.request.sampling
        state = engine.init_state(sampling.guided)
        # Audio lags behind codes: so much of what comes first is silence, or the beginning's last samples.
        late = engine.latency * hop
        recorded = echo = np.zeros((self.channels, 0), np.float32)
        if self._beginning is not None:
            heard, echo, state = self._absorb(self._beginning, state)
            seam = min(round(SEAM_SECONDS * self.sample_rate), self._beginning.shape[1])
            recorded = self._beginning[:, self._beginning.shape[1] - seam :]
            echo = echo[:, late:]
            yield Block(self._beginning[:, : self._beginning.shape[1] - seam], heard)
        frames = math.ceil(self._new_samples / hop)
        made = 0
        for start in range(0, frames + engine.latency, BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, frames + engine.latency - start)
            codes, audio, state = engine.step(
                conductor.frames(start, count), conductor.style, state, sampling
            )
            sound = limit(audio[0].float().cpu().numpy())
            opening = recorded[:, :0]
            if start == 0:
                echo = np.concatenate([echo, sound[:, :late]], 1)
                opening = crossfade(recorded, echo[:, echo.shape[1] - recorded.shape[1] :])
                sound = sound[:, late:]
            sound = sound[:, : self._new_samples - made]
            sound = fade_out(sound, self._new_samples - made, self._fade_samples)
            made += sound.shape[1]
            yield Block(np.concatenate([opening, sound], 1), codes[0, :, : frames - start].cpu().numpy())

    def _absorb(self, audio: Audio, state: EngineState) -> tuple[NDArray[np.int64], Audio, EngineState]:
        """Take a recording for the past: its codes, what the codec makes of it, and the state after it."""
        engine = self._engine
        # Silence goes before it, so that whole frames end where the recording ends.
        padding = -audio.shape[1] % engine.codec.hop_length
        whole = torch.from_numpy(np.pad(audio, ((0, 0), (padding, 0))))[None]
        codes, rebuilt, state = engine.absorb(whole, self._conductor.style, state)
        return codes[0].cpu().numpy(), limit(rebuilt[0].float().cpu().numpy()), state
