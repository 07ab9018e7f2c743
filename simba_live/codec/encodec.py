"""The codec: audio to codes and back, whole or as a stream, in EnCodec's architecture with transformers' weights."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from simba_live.codec import weights
from simba_live.codec.chunks import run_in_chunks
from simba_live.codec.config import CodecConfig
from simba_live.codec.rvq import ResidualVectorQuantizer
from simba_live.codec.seanet import StackState, build_decoder, build_encoder
from simba_live.modules.lstm import StreamingLSTM
from simba_live.streaming import State


@dataclasses.dataclass
class EncoderState(State):
    """The encoder's layers, and the frames read so far up to the encoder's latency (a scalar on the CPU)."""

    stack: StackState
    frames: Tensor


@dataclasses.dataclass
class DecoderState(State):
    """The decoder's layers, audio held back to fill whole frames [B, C, n], and the frames read up to the latency."""

    stack: StackState
    held: Tensor
    frames: Tensor


class Codec(nn.Module):
    """EnCodec with exact streaming.

    Attributes:
        latency: frames by which `decode_step` lags behind `decode`; 0 for causal codecs with constant padding.
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

    @classmethod
    def load(cls, source: str | Path, device: torch.device | str = "cpu") -> Self:
        """Read a codec from a folder in transformers' format, or from the Hugging Face hub by name.

        Args:
            source: a folder with config.json and model.safetensors, or a name such as "facebook/encodec_24khz".
            device: where the weights go.

        Raises:
            CheckpointError: nothing there, damaged, of another shape, or offered as a pickle only.
        """
        folder = weights.resolve(source)
        codec = cls(CodecConfig.load(folder / weights.CONFIG_NAME))
        weights.load_into(codec, folder / weights.WEIGHTS_NAME)
        return codec.to(device).eval()

    def save(self, folder: str | Path) -> None:
        """Write config.json and model.safetensors, readable by transformers' `EncodecModel.from_pretrained`."""
        weights.save(self, self.config, Path(folder))

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that name these very weights (SHA-256 over names and float32 values)."""
        digest = hashlib.sha256()
        for name, value in sorted(self.state_dict().items()):
            digest.update(name.encode())
            digest.update(value.detach().float().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    @torch.no_grad()
    def encode(self, audio: Tensor, num_codebooks: int | None = None) -> Tensor:
        """Codes of a whole signal.

        Args:
            audio: [B, C, N], -1 to 1, at `sample_rate`; a last frame that is not full is padded as transformers does.
            num_codebooks: use only the first ones.

        Returns:
            int64 [B, K, ceil(N / hop_length)].
        """
        return self.quantizer.encode(self.encoder(audio), num_codebooks)

    @torch.no_grad()
    def encode_chunked(
        self, audio: Tensor, chunk_seconds: float = 1.0, num_codebooks: int | None = None
    ) -> Tensor:
        """`encode` for long signals: the convolutions in chunks that fit a processor's cache, the LSTM over the whole.

        Args:
            audio: [B, C, N] as for `encode`.
            chunk_seconds: length of a chunk; one frame at least.
            num_codebooks: use only the first ones.

        Returns:
            int64 [B, K, ceil(N / hop_length)].
        """
        layers = list(self.encoder.layers)
        recurrent = next(i for i, layer in enumerate(layers) if isinstance(layer, StreamingLSTM))
        chunk = max(1, round(chunk_seconds * self.frame_rate))
        latent = run_in_chunks(layers[:recurrent], audio, chunk, self.hop_length, 1)
        for layer in layers[recurrent:]:
            latent = layer(latent)
        return self.quantizer.encode(latent, num_codebooks)

    @torch.no_grad()
    def decode(self, codes: Tensor) -> Tensor:
        """Audio [B, C, T * hop_length] of codes [B, K, T]; K may be fewer than `num_codebooks`."""
        audio: Tensor = self.decoder(self.quantizer.decode(codes))
        return audio

    @torch.no_grad()
    def decode_chunked(self, codes: Tensor, chunk_seconds: float = 1.0) -> Tensor:
        """`decode` for long signals: the LSTM over the whole, the convolutions in chunks of so many seconds."""
        x = self.quantizer.decode(codes)
        layers = list(self.decoder.layers)
        recurrent = next(i for i, layer in enumerate(layers) if isinstance(layer, StreamingLSTM))
        for layer in layers[: recurrent + 1]:
            x = layer(x)
        chunk = max(1, round(chunk_seconds * self.frame_rate))
        return run_in_chunks(layers[recurrent + 1 :], x, chunk, 1, self.hop_length)

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
            int64 [B, K, n], `encoder_latency` frames late: the first `encoder_latency` frames of a stream are zeros to be
            dropped. Codes equal those of `encode` but for its last `encoder_latency` frames where the codec is not
            causal, since those depend on how the end is padded.
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

    @torch.no_grad()
    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Audio of the next frames of a stream.

        Args:
            codes: int64 [B, K, n]; K may be fewer than `num_codebooks`.
            state: owned by this call.

        Returns:
            [B, C, n * hop_length], `latency` frames late: a stream begins with `latency` frames of silence. Samples equal
            those of `decode` but for its last `latency` frames where the codec is not causal, since those depend on
            how the end is padded.
        """
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
    """How many of the next `count` frames fall into the latency at the start of a stream; counts them in place."""
    silent = min(max(latency - int(frames), 0), count)
    frames += silent
    return silent
