"""What is left of held-out music after the codec, by number of codebooks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio import rhythm
from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec

from . import metrics

UNQUANTISED = "unquantised"


def reconstruct(
    codec: Codec, audio: Array, num_codebooks: int | None = None
) -> tuple[Array, NDArray[np.int64]]:
    """Through the codec and back: mono audio [N] and the codes [K, T]."""
    codes = codec.encode(_batch(codec, audio), num_codebooks)
    return decode(codec, codes[0].cpu().numpy())[: len(audio)], codes[0].cpu().numpy()


def decode(codec: Codec, codes: NDArray[np.int64]) -> Array:
    """Mono audio [T * hop_length] of codes [K, T]."""
    device = codec.quantizer.codebooks.device
    return _mono(codec.decode(torch.from_numpy(codes)[None].to(device)))


@torch.no_grad()
def judge_codec(codec: Codec, clips: Iterable[Array]) -> dict[str, dict[str, float]]:
    """The codec's figures on music that it never saw.

    Args:
        codec: what is judged.
        clips: mono audio [N] at the codec's rate, six seconds or more each (for the tempo).

    Returns:
        One row for each number of codebooks ("1", "2", ...) and one for the latent as it is ("unquantised"),
        means over the clips: `si_sdr` and `log_mel` in dB, `stft` (multi-resolution), `chroma` (cosine to the
        original's), `tempo_kept` (share whose tempo is the original's within 4 %, octaves forgiven), `clips`;
        with codebooks also `perplexity` and `used` (share of the codes) of the row's last.
    """
    rows: dict[str, list[dict[str, float]]] = {}
    counts = np.zeros((codec.num_codebooks, codec.codebook_size))
    for clip in clips:
        latent = codec.encoder(_batch(codec, clip))
        codes = codec.quantizer.encode(latent)
        for k in range(codec.num_codebooks):
            counts[k] += np.bincount(codes[0, k].cpu().numpy(), minlength=codec.codebook_size)
        wanted = _Wanted(clip, codec.sample_rate)
        for k in range(1, codec.num_codebooks + 1):
            rows.setdefault(str(k), []).append(wanted.compare(_mono(codec.decode(codes[:, :k]))))
        rows.setdefault(UNQUANTISED, []).append(wanted.compare(_mono(codec.decoder(latent))))
    table = {name: _means(figures) for name, figures in rows.items()}
    for k in range(codec.num_codebooks):
        table[str(k + 1)]["perplexity"] = perplexity(counts[k])
        table[str(k + 1)]["used"] = float((counts[k] > 0).mean())
    return table


def perplexity(counts: NDArray[np.float64]) -> float:
    """Exponential of the entropy of how often each code occurs: how many codes are in use as if evenly."""
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


class _Wanted:
    """An original, analysed once."""

    def __init__(self, audio: Array, sample_rate: int) -> None:
        self.audio, self.sample_rate = audio, sample_rate
        self.chroma = metrics.windowed_chroma(audio, sample_rate)
        self.tempo = rhythm.estimate_tempo(audio, sample_rate).bpm

    def compare(self, found: Array) -> dict[str, float]:
        found = found[: len(self.audio)]
        tempo = rhythm.estimate_tempo(found, self.sample_rate).bpm
        kept = rhythm.judge_tempo(tempo, self.tempo) in rhythm.OCTAVE_TOLERANT
        return {
            "si_sdr": metrics.si_sdr(found, self.audio),
            "log_mel": metrics.log_mel_distance(found, self.audio, self.sample_rate),
            "stft": metrics.multi_resolution_stft_distance(found, self.audio),
            "chroma": metrics.chroma_cosine(metrics.windowed_chroma(found, self.sample_rate), self.chroma),
            "tempo_kept": float(kept),
        }


def _means(figures: list[dict[str, float]]) -> dict[str, float]:
    """Means over the clips for which a figure is defined (a silent clip has no SI-SDR)."""
    means = {"clips": float(len(figures))}
    for name in figures[0]:
        values = np.array([figure[name] for figure in figures])
        defined = values[~np.isnan(values)]
        means[name] = float(defined.mean()) if len(defined) else float("nan")
    return means


def _batch(codec: Codec, audio: Array) -> torch.Tensor:
    """[1, C, N] on the codec's device."""
    batch = torch.from_numpy(np.ascontiguousarray(audio, np.float32))[None, None]
    return batch.expand(-1, codec.channels, -1).to(codec.quantizer.codebooks.device)


def _mono(audio: torch.Tensor) -> Array:
    """[N] of [1, C, N]."""
    return np.asarray(audio[0].float().mean(dim=0).cpu().numpy(), np.float32)
