"""The codec: audio to codes and back, whole or as a stream; EnCodec's architecture, transformers' weights."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from simba_live.modules.lstm import StreamingLSTM
from simba_live.modules.prepared import PREPARED_FRAMES
from simba_live.streaming import State

from . import weights
from .chunks import run_in_chunks
from .config import CodecConfig
from .prepared import DecoderPlan
from .rvq import ResidualVectorQuantizer
from .seanet import Seanet, StackState, build_decoder, build_encoder


@dataclasses.dataclass
class EncoderState(State):
    """The encoder's layers, and the frames read so far: a scalar on the CPU, counting up to the latency."""

    stack: StackState
    frames: Tensor


@dataclasses.dataclass
class DecoderState(State):
    """The decoder's layers, audio held back to make up whole frames [B, C, n], and the frames read so far."""

    stack: StackState
    held: Tensor
    frames: Tensor


class Codec(nn.Module):
    """EnCodec with exact streaming.

    Attributes:
        latency: frames by which `decode_step` lags behind `decode`; 0 for causal codecs with zero padding.
        encoder_latency: frames by which `encode_step` lags behind `encode`.
    """

    def __init__(self, config: CodecConfig | None = None) -> None:
        super().__init__()
        config = CodecConfig() if config is None else config
        self.config = config
        self.sample_rate = config.sampling_rate
        self.channels = config.audio_channels
        self.hop_length = config.hop_length
        self.frame_rate = config.frame_rate
        self.num_codebooks = config.num_codebooks
        self.codebook_size = config.codebook_size
        self.encoder = build_encoder(config)
        self.decoder = build_decoder(config)
        self.quantizer = ResidualVectorQuantizer(
            config.num_codebooks, config.codebook_size, config.codebook_dim
        )
        self.encoder_latency = self.encoder.output_delay
        self.latency = -(-self.decoder.output_delay // self.hop_length)
        self._plan: DecoderPlan | None = None

    @classmethod
    def load(cls, source: str | Path, device: torch.device | str = "cpu") -> Self:
        """Read a codec from a folder in transformers' format, or from the Hugging Face hub by name.

        Args:
            source: a folder with config.json and model.safetensors, or a name: "facebook/encodec_24khz".
            device: where the weights go.

        Raises:
            CheckpointError: nothing there, damaged, of another shape, or offered as a pickle only.
        """
        folder = weights.resolve(source)
        codec = cls(CodecConfig.load(folder / weights.CONFIG_NAME))
        weights.load_into(codec, folder / weights.WEIGHTS_NAME)
        return codec.to(device).eval()

    def save(self, folder: str | Path) -> None:
        """Write config.json and model.safetensors, for transformers' `EncodecModel.from_pretrained` too."""
        weights.save(self, self.config, Path(folder))

    def fingerprint(self, *, decoder: bool = False) -> str:
        """Sixteen hexadecimal digits that name what the codes mean.

        They are of the SHA-256 of the encoder's and codebooks' weights. The decoder is left out, for one that
        was tuned further still plays the same codes.

        Args:
            decoder: leave it in: what is named is how the codes sound.
        """
        digest = hashlib.sha256()
        for name, value in sorted(self.state_dict().items()):
            if decoder or not name.startswith("decoder."):
                digest.update(name.encode())
                digest.update(value.detach().float().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    @torch.no_grad()
    def encode(self, audio: Tensor, num_codebooks: int | None = None) -> Tensor:
        """Codes of a whole signal.

        Args:
            audio: [B, C, N], -1 to 1, at `sample_rate`; a broken last frame is padded as transformers does.
            num_codebooks: use only the first ones.

        Returns:
            int64 [B, K, ceil(N / hop_length)].
        """
        return self.quantizer.encode(self.encoder(audio), num_codebooks)

    @torch.no_grad()
    def encode_chunked(
        self, audio: Tensor, chunk_seconds: float = 1.0, num_codebooks: int | None = None
    ) -> Tensor:
        """`encode` for long signals, faster: the convolutions in chunks, the LSTM over the whole.

        Args:
            audio: [B, C, N] as for `encode`.
            chunk_seconds: length of a chunk, raised to the context that the convolutions need.
            num_codebooks: use only the first ones.

        Returns:
            int64 [B, K, ceil(N / hop_length)].
        """
        convolutions, rest = _split(self.encoder, after=False)
        chunk = round(chunk_seconds * self.frame_rate)
        latent = run_in_chunks(convolutions, audio, chunk, self.hop_length, 1)
        for layer in rest:
            latent = layer(latent)
        return self.quantizer.encode(latent, num_codebooks)

    @torch.no_grad()
    def decode(self, codes: Tensor) -> Tensor:
        """Audio [B, C, T * hop_length] of codes [B, K, T]; K may be fewer than `num_codebooks`."""
        audio: Tensor = self.decoder(self.quantizer.decode(codes))
        return audio

    @torch.no_grad()
    def decode_chunked(self, codes: Tensor, chunk_seconds: float = 1.0) -> Tensor:
        """`decode` for long signals, faster: the LSTM over the whole, the convolutions in chunks."""
        first, convolutions = _split(self.decoder, after=True)
        x = self.quantizer.decode(codes)
        for layer in first:
            x = layer(x)
        return run_in_chunks(convolutions, x, round(chunk_seconds * self.frame_rate), 1, self.hop_length)

    def init_encoder_state(self, batch: int = 1) -> EncoderState:
        """The state before the first sample."""
        return EncoderState(self.encoder.init_state(batch), torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def encode_step(self, audio: Tensor, state: EncoderState) -> tuple[Tensor, EncoderState]:
        """Codes of the next block of a stream.

        Args:
            audio: [B, C, n * hop_length].
            state: owned by this call.

        Returns:
            int64 [B, K, n], `encoder_latency` frames late: a stream begins with so many frames of zeros, to
            be dropped. The codes are those of `encode`, and further silence brings out the held ones; only
            where the codec is not causal do the last `encoder_latency` frames depend on what follows.
        """
        if audio.shape[-1] % self.hop_length:
            raise ValueError(f"{audio.shape[-1]} samples are not whole frames of {self.hop_length}")
        latent, state.stack = self.encoder.step(audio, state.stack)
        codes = self.quantizer.encode(latent)
        codes[..., : _still_silent(state.frames, codes.shape[-1], self.encoder_latency)] = 0
        return codes, state

    def init_decoder_state(self, batch: int = 1) -> DecoderState:
        """The state before the first frame."""
        stack = self.decoder.init_state(batch)
        held = self.latency * self.hop_length - self.decoder.output_delay
        zeros = self.quantizer.codebooks.new_zeros(batch, self.channels, held)
        return DecoderState(stack, zeros, torch.zeros((), dtype=torch.int64))

    def prepare_for_steps(self) -> None:
        """Make `decode_step` of a few frames fast by computing what depends on the weights alone, once.

        The step stays the same function. On a GPU, or for a codec that looks ahead, this does nothing. When
        weights are trained or loaded afterwards, the copy is made again at the next step; whoever writes to a
        single weight by hand calls this again.
        """
        self._plan = DecoderPlan.of(self)

    def _current_plan(self) -> DecoderPlan | None:
        """The prepared step, where it may be used."""
        if self._plan is not None and not self._plan.is_current():
            self.prepare_for_steps()
        return self._plan

    @torch.no_grad()
    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Audio of the next frames of a stream.

        Args:
            codes: int64 [B, K, n]; K may be fewer than `num_codebooks`.
            state: owned by this call.

        Returns:
            [B, C, n * hop_length], `latency` frames late: a stream begins with so many frames of silence. The
            samples are those of `decode`, and further frames bring out the held ones; only where the codec
            is not causal do the last `latency` frames depend on what follows.
        """
        plan = self._current_plan() if codes.shape[2] <= PREPARED_FRAMES else None
        if plan is not None:
            return plan.decode(codes, state), state
        audio, state.stack = self.decoder.step(self.quantizer.decode(codes), state.stack)
        if self.latency:
            ready = audio.shape[-1]
            audio = torch.cat([state.held, audio], dim=-1)
            state.held.copy_(audio[..., ready:])
            silent = _still_silent(state.frames, codes.shape[-1], self.latency)
            audio = audio[..., :ready]
            audio[..., : silent * self.hop_length] = 0.0
        return audio, state


def _still_silent(frames: Tensor, count: int, latency: int) -> int:
    """How many of the next `count` frames fall into the latency at a stream's start; counts them in place."""
    silent = min(max(latency - int(frames), 0), count)
    frames += silent
    return silent


def _split(stack: Seanet, *, after: bool) -> tuple[list[nn.Module], list[nn.Module]]:
    """The layers of a stack cut before or after its LSTM."""
    layers = list(stack.layers)
    cut = next(i for i, layer in enumerate(layers) if isinstance(layer, StreamingLSTM)) + int(after)
    return layers[:cut], layers[cut:]
