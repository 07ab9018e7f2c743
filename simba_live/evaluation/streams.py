"""Streams of an hour, played side by side minute by minute, and kept so that a broken-off run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio.files import FULL_SCALE, to_pcm16
from simba_live.audio.spectra import Array
from simba_live.codec.encodec import DecoderState
from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.request import Request
from simba_live.music.arranger import Arranger
from simba_live.music.frames import ConditionStream

from .batch_generate import BatchPlayer
from .takes import Studio

MINUTE = 60.0
"""Seconds played at a time."""


@dataclass(frozen=True)
class Stream:
    """What one stream is to be.

    Attributes:
        caption: the prompt.
        style: name of the arranger's style.
        bpm: its tempo.
        score: the arrangement, endless.
        vector: the prompt as the model reads it, float32 [S].
    """

    caption: str
    style: str
    bpm: float
    score: ConditionStream
    vector: NDArray[np.float32]

    @classmethod
    def of(cls, studio: Studio, caption: str, style: str, seed: int) -> Stream:
        """A stream to a caption, in a style that is known.

        Raises:
            SimbaLiveError: the caption asks for what cannot be played.
        """
        arranger = Arranger(Request(caption, sampling=Sampling(seed=seed)).settings(style))
        score = ConditionStream(arranger, studio.engine.codec.frame_rate)
        return cls(caption, style, arranger.plan.bpm, score, studio.encoder.encode([caption])[0])


@dataclass(frozen=True)
class Minute:
    """One minute of all streams.

    Attributes:
        number: from 1.
        levels: RMS of every second in dB, [streams, 60].
        codes: [streams, K, T].
        audio: [streams, N], if it was to be kept.
        afresh: the same minute of the scores played from nothing, as minute 1 always is; [streams, N], if the
            audio was to be kept.
    """

    number: int
    levels: NDArray[np.float64]
    codes: NDArray[np.int64]
    audio: list[Array] | None = None
    afresh: list[Array] | None = None


def play_streams(
    studio: Studio, streams: Sequence[Stream], sampling: Sampling, last: int, wanted: Sequence[int]
) -> Iterator[Minute]:
    """Minute after minute up to number `last`, each generated once and decoded without a seam.

    Args:
        studio: engine and what it has kept.
        streams: what each is to be; the session of a stream's noise is its number.
        sampling: how codes are drawn.
        last: number of the last minute.
        wanted: minutes whose audio is wanted.
    """
    prompts = [[stream.caption, stream.style, stream.bpm, index] for index, stream in enumerate(streams)]
    first = streams[0].score.frames(0, 500)
    about = {"sampling": sampling, "streams": prompts, "wanted": sorted(wanted)}
    run = studio.kept.key(about, first.arrays())
    band = _Band(studio, streams, sampling)
    done = band.load(studio.kept.find(run))
    for number in range(1, last + 1):
        key = studio.kept.key({"run": run, "minute": number}, {})
        kept = studio.kept.find(key) if number <= done else None
        if kept is None:
            kept = band.play(number, number in wanted, f"minute {number} of {last}, {len(streams)} streams")
            studio.kept.keep(key, kept)
            studio.kept.keep(run, band.state(number))
        levels, codes = np.asarray(kept["levels"], np.float64), np.asarray(kept["codes"], np.int64)
        minute = Minute(number, levels, codes)
        if number in wanted:
            again = kept if number == 1 else _afresh(studio, streams, sampling, number, run)
            minute = replace(minute, audio=_audio(kept), afresh=_audio(again))
        yield minute


def _afresh(
    studio: Studio, streams: Sequence[Stream], sampling: Sampling, number: int, run: str
) -> dict[str, NDArray[np.generic]]:
    """A minute of the streams as if it were their first."""
    key = studio.kept.key({"run": run, "afresh": number}, {})
    kept = studio.kept.find(key)
    if kept is None:
        band = _Band(studio, streams, sampling)
        band.player.frame = round((number - 1) * MINUTE * band.codec.frame_rate)
        kept = band.play(number, True, f"minute {number} begun afresh, {len(streams)} streams")
        studio.kept.keep(key, kept)
    return kept


def _audio(kept: dict[str, NDArray[np.generic]]) -> list[Array]:
    return [np.asarray(piece, np.float32) / np.float32(FULL_SCALE) for piece in kept["audio"]]


class _Band:
    """All streams under way."""

    def __init__(self, studio: Studio, streams: Sequence[Stream], sampling: Sampling) -> None:
        self.streams, self.codec = streams, studio.engine.codec
        self.player = BatchPlayer(studio.engine.model, sampling, range(len(streams)))
        self.decoder: DecoderState = self.codec.init_decoder_state(len(streams))

    def state(self, minute: int) -> dict[str, NDArray[np.generic]]:
        """Everything that the next minute depends on."""
        tensors = [*self.player.state.tensors("model."), *self.decoder.tensors("codec.")]
        arrays = {name: tensor.cpu().numpy() for name, tensor in tensors}
        return {"minute": np.array(minute), **arrays}

    def load(self, kept: dict[str, NDArray[np.generic]] | None) -> int:
        """Go on from there; returns the number of the last minute played."""
        if kept is None:
            return 0
        for prefix, state in (("model.", self.player.state), ("codec.", self.decoder)):
            inside = {name: torch.from_numpy(kept[name]) for name in kept if name.startswith(prefix)}
            state.load_tensors({name.removeprefix(prefix): value for name, value in inside.items()})
        minute = int(kept["minute"])
        self.player.frame = round(minute * MINUTE * self.codec.frame_rate)
        return minute

    def play(self, number: int, audio_too: bool, what: str) -> dict[str, NDArray[np.generic]]:
        count = round(MINUTE * self.codec.frame_rate)
        start = (number - 1) * count
        features = np.stack([stream.score.frames(start, count).features() for stream in self.streams])
        styles = np.stack([stream.vector[None] for stream in self.streams])
        codes = self.player.play(features, styles, description=what)
        sound = self._decode(codes)
        second = self.codec.sample_rate
        power = np.square(sound.reshape(len(sound), -1, second), dtype=np.float64).mean(axis=2)
        minute: dict[str, NDArray[np.generic]] = {
            "codes": codes.astype(np.int32),
            "levels": 10.0 * np.log10(power + 1e-12),
        }
        if audio_too:
            minute["audio"] = to_pcm16(sound).T
        return minute

    def _decode(self, codes: NDArray[np.int64]) -> Array:
        """Mono audio [streams, N] of codes [streams, K, T], as if nothing were cut."""
        device = self.codec.quantizer.codebooks.device
        parts = []
        for part in torch.split(torch.from_numpy(codes).to(device), 100, dim=2):
            audio, self.decoder = self.codec.decode_step(part, self.decoder)
            parts.append(audio.float().mean(dim=1).cpu().numpy())
        return np.concatenate(parts, axis=1)


def score_of(stream: Stream, number: int, frame_rate: float) -> Conditions:
    """What a stream was asked in a minute."""
    count = round(MINUTE * frame_rate)
    return stream.score.frames((number - 1) * count, count)
