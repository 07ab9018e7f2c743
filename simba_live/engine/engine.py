"""The one data path from conditions to audio: model step, sampling, codec step; no threads, no ports."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.codec.encodec import Codec, DecoderState
from simba_live.codec.listening import CodeStream
from simba_live.conditions import FREE, NUM_FEATURES, Conditions
from simba_live.controls import Sampling
from simba_live.errors import CheckpointError
from simba_live.model import ModelState, TokenModel, load_model
from simba_live.model.checkpoint import load_score
from simba_live.model.sampling import Sampler, sample_frame
from simba_live.model.score import ScoreModel, ScoreState
from simba_live.model.score_writer import ScoreWriter
from simba_live.streaming import State

ABSORB_FRAMES = 500
"""Frames of recorded audio taken in at a time, which bounds the memory that takes."""

USUAL_TEMPERATURE = Sampling.preset(free=True).temperature
"""At which the score model's choices are drawn from its own distribution."""


@dataclasses.dataclass
class EngineState(State):
    """The whole past of a stream: `clone()` is a snapshot, and stepping from it again gives the same bits.

    Attributes:
        model: batch 1, or 2 where guidance needs the model's unprompted opinion too.
        codec: of the decoder.
        frame: frames generated so far, int64 scalar on the CPU: the counter of the sampling noise.
        score: of the score model; None where the model has none.
    """

    model: ModelState
    codec: DecoderState
    frame: Tensor
    score: ScoreState | None = None


class Engine:
    """Model and codec joined; all that changes is in the `EngineState`, so one engine serves many streams.

    Attributes:
        model: the token model.
        codec: the codec.
        score: writes what is left free to the model; None where it has no score model.
        latency: frames by which audio lags behind codes: a stream's first ones are silence.

    Raises:
        CheckpointError: the model was made for another kind of codec, or the score model for another model.
    """

    def __init__(self, model: TokenModel, codec: Codec, score: ScoreModel | None = None) -> None:
        for name, theirs, fits in (
            ("codebooks", codec.num_codebooks, model.config.num_codebooks <= codec.num_codebooks),
            ("codes a codebook", codec.codebook_size, model.config.codebook_size == codec.codebook_size),
            ("frames a second", codec.frame_rate, model.config.frame_rate == codec.frame_rate),
        ):
            if not fits:
                raise CheckpointError(
                    f"the model does not fit the codec, which has {theirs:g} {name}: use its own codec"
                )
        if model.config.num_features != NUM_FEATURES:
            raise CheckpointError(
                f"the model reads {model.config.num_features} features of a frame, this version tells "
                f"{NUM_FEATURES}: train it again"
            )
        ours = codec.fingerprint()
        if model.config.codec not in ("", ours):
            raise CheckpointError(
                f"the model speaks the codes of codec {model.config.codec}, not of {ours}: use its own codec"
            )
        if score is not None:
            for name in ("frame_rate", "style_dim", "text_encoder"):
                theirs, wanted = getattr(score.config, name), getattr(model.config, name)
                if theirs != wanted:
                    raise CheckpointError(
                        f"the score model has {name} {theirs}, its model {wanted}: train it again"
                    )
        model.prepare_for_steps()
        codec.prepare_for_steps()
        self.model = model
        self.codec = codec
        self.score = None if score is None else ScoreWriter(score)
        self.latency = codec.latency
        self.device = next(model.parameters()).device

    @classmethod
    def load(cls, model: str | Path, codec: str | Path, device: torch.device | str = "cpu") -> Self:
        """Read both checkpoints.

        Raises:
            CheckpointError: one is missing, damaged, or they do not fit each other.
        """
        return cls(load_model(Path(model), device), Codec.load(codec, device), load_score(model))

    def init_state(self, guided: bool = False) -> EngineState:
        """The state before the first frame.

        Args:
            guided: carry a second batch row, without which `Sampling.guidance` must stay 1.
        """
        return EngineState(
            self.model.init_state(2 if guided else 1),
            self.codec.init_decoder_state(1),
            torch.zeros((), dtype=torch.int64),
            None if self.score is None else self.score.init_state(),
        ).pooled()

    @torch.inference_mode()
    def step(
        self,
        conditions: Conditions,
        style: NDArray[np.float32],
        state: EngineState,
        sampling: Sampling,
        against: Conditions | None = None,
    ) -> tuple[Tensor, Tensor, EngineState]:
        """Generate as many frames as there are conditions.

        Args:
            conditions: n frames.
            style: [S] embedding of the prompt; zeros are no prompt.
            state: owned by this call.
            sampling: how codes are drawn.
            against: n frames that guidance leads away from (needs a guided state); None is the tempo and the
                beat alone.

        Returns:
            codes int64 [1, K, n], audio float32 [1, C, n * hop_length] `latency` frames late, and the state.
            Codes do not depend on how a stream is cut into steps; audio agrees to 1e-5.

        One frame of the default model with guidance, the codec and a `clone()` of the state take 4.1 ms of
        processor time, 5.2 in one frame of a hundred and 6.4 at most (one core of an AMD EPYC, 5,800 frames
        in a row, 100 snapshots alive, garbage collection frozen); by the plain modules it is 11.3 and 15.6.
        """
        conditions = self.with_score(conditions, style, state.score, sampling, int(state.frame))
        rows = [conditions] if against is None else [conditions, against]
        features = torch.from_numpy(np.stack([row.features() for row in rows])).to(self.device)
        embedding = torch.from_numpy(style).to(self.device)[None, None]
        sampler = Sampler(sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed)
        frames = []
        for index in range(len(conditions)):
            codes, state.model = sample_frame(
                self.model,
                features[:, index : index + 1],
                embedding,
                state.model,
                sampler,
                int(state.frame),
                sampling.guidance,
            )
            state.frame += 1
            frames.append(codes)
        codes = torch.cat(frames, dim=2)
        audio, state.codec = self.codec.decode_step(codes, state.codec)
        return codes, audio, state

    @torch.inference_mode()
    def with_score(
        self,
        conditions: Conditions,
        style: NDArray[np.float32],
        state: ScoreState | None,
        sampling: Sampling,
        frame: int,
        session: int = 0,
    ) -> Conditions:
        """What the model reads where notes are left free: the score model's part, if there is one.

        Args:
            conditions: n frames, left as they are.
            style: [S] embedding of the prompt.
            state: overwritten; None leaves all free to the model.
            sampling: how codes are drawn; the score is drawn as freely and guided as far.
            frame: number of the first frame in its stream.
            session: of the noise.
        """
        if self.score is None or state is None or (conditions.notes != FREE).all():
            return conditions
        temperature = sampling.temperature / USUAL_TEMPERATURE
        return self.score.write(
            conditions, style, state, temperature, sampling.seed, frame, session, sampling.guidance
        )

    @torch.inference_mode()
    def hear(
        self,
        codes: Tensor,
        conditions: Conditions,
        style: NDArray[np.float32],
        state: EngineState,
        decode: bool = True,
    ) -> tuple[Tensor, EngineState]:
        """Take known codes for the stream's own past, so that `step` goes on from their end.

        Args:
            codes: int64 [1, K, n].
            conditions: what is known of the n frames.
            style: [S] embedding of the prompt.
            state: owned by this call.
            decode: let the decoder go along. Without, its sound goes on as if nothing had been heard.

        Returns:
            audio rebuilt from the codes, [1, C, n * hop_length] and `latency` frames late like that of `step`
            (without `decode` there is none: n is 0), and the state.
        """
        rows = len(state.model.codes)
        features = torch.from_numpy(conditions.features()).to(self.device)[None].expand(rows, -1, -1)
        embedding = torch.from_numpy(style).to(self.device)[None, None]
        # The second row is the model unprompted; what is known here holds for both.
        styles = torch.cat([embedding, torch.zeros_like(embedding)])[:rows]
        codes = codes.to(self.device)
        state.model = self.model.prefill(codes.expand(rows, -1, -1), features, styles, state.model)
        sound = torch.zeros(1, self.codec.channels, 0, device=self.device)
        if decode:
            sound, state.codec = self.codec.decode_step(codes, state.codec)
        return sound, state

    def has_past(self, state: EngineState) -> bool:
        """Whether anything was played or heard."""
        return int(state.model.codes[0, 0]) < self.model.config.codebook_size

    @torch.inference_mode()
    def absorb(
        self, audio: Tensor, style: NDArray[np.float32], state: EngineState
    ) -> tuple[Tensor, Tensor, EngineState]:
        """Take recorded audio for the stream's own past, so that `step` goes on from its end.

        What the audio plays is not known, so all conditions are free meanwhile.

        Args:
            audio: float32 [1, C, T * hop_length] at the codec's rate, channels as the codec has them.
            style: [S] embedding of the prompt.
            state: owned by this call.

        Returns:
            the codes int64 [1, K, T]; audio rebuilt from them, [1, C, T * hop_length] and `latency` frames
            late like that of `step`; and the state.
        """
        codes = self._encode(audio.to(self.device))
        rebuilt = []
        for part in torch.split(codes, ABSORB_FRAMES, dim=2):
            sound, state = self.hear(part, Conditions.free(part.shape[2]), style, state)
            rebuilt.append(sound)
        return codes, torch.cat(rebuilt, dim=2), state

    def _encode(self, audio: Tensor) -> Tensor:
        """Codes of recorded audio through the streaming encoder, [1, C, T * hop_length] to [1, K, T]."""
        hop = self.codec.hop_length
        audio = torch.nn.functional.pad(audio, (0, self.codec.encoder_latency * hop))
        stream = CodeStream(self.codec, self.model.config.num_codebooks)
        return torch.cat([stream.push(block) for block in torch.split(audio, ABSORB_FRAMES * hop, dim=2)], 2)
