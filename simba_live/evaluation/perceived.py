"""ViSQOL, which guesses how listeners would judge the codec (Chinen et al. 2020), if it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import torch
from numpy.typing import NDArray

from simba_live.audio.files import convert
from simba_live.audio.spectra import Array
from simba_live.codec.encodec import Codec
from simba_live.training.watching import watch

from .codec_quality import UNQUANTISED, decode

CLIPS, SECONDS = 8, 6.0
"""How much is judged: it takes most of the sound's own length."""

_RATE = 48_000


def perceive(codec: Codec, clips: Sequence[Array]) -> dict[str, float]:
    """Mean ViSQOL score (audio mode, 1 bad to 4.73 the same) by the rows of `judge_codec`; empty without it.

    Args:
        codec: what is judged.
        clips: mono audio [N] at the codec's rate; `CLIPS` of them count, `SECONDS` of each.
    """
    if find_spec("visqol") is None:
        return {}
    api = import_module("visqol").VisqolApi()
    api.create(mode="audio")
    scores: dict[str, list[float]] = {}
    for clip in watch(list(clips[:CLIPS]), "ViSQOL"):
        wanted = clip[: round(SECONDS * codec.sample_rate)]
        latent = torch.from_numpy(wanted)[None, None].expand(-1, codec.channels, -1)
        with torch.no_grad():
            latent = codec.encoder(latent.to(codec.quantizer.codebooks.device))
            codes = codec.quantizer.encode(latent)[0].cpu().numpy()
            whole = codec.decoder(latent)[0].float().mean(dim=0).cpu().numpy()
        found = {str(k): decode(codec, codes[:k]) for k in range(1, codec.num_codebooks + 1)}
        for row, audio in {**found, UNQUANTISED: whole}.items():
            reference, degraded = (_upsampled(a, codec.sample_rate) for a in (wanted, audio[: len(wanted)]))
            score = api.measure_from_arrays(reference, degraded, _RATE).moslqo
            scores.setdefault(row, []).append(float(score))
    return {row: float(np.mean(values)) for row, values in scores.items()}


def _upsampled(audio: Array, sample_rate: int) -> NDArray[np.float64]:
    return np.asarray(convert(audio[None], sample_rate, _RATE, channels=1)[0], np.float64)
