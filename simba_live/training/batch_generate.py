"""Many pieces at once: the rows of one batch, each with its own conditions and its own stream of noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simba_live.controls import Sampling
from simba_live.model import TokenModel
from simba_live.model.sampling import Sampler

from .watching import watch


@torch.no_grad()
def generate_batch(
    model: TokenModel,
    features: NDArray[np.float32],
    styles: NDArray[np.float32],
    sampling: Sampling,
    sessions: Sequence[int],
    description: str = "generating",
    rows_at_once: int = 64,
) -> NDArray[np.int64]:
    """Let the model play B pieces side by side, each from an empty state.

    A row's noise depends on the seed and its session alone, as in `sample_frame`: its place in the batch does
    not matter, and a piece generated on its own has the same codes (but for rounding in the last bits of the
    logits).

    Args:
        model: the model, on any device.
        features: what to do in each frame, from `Conditions.features`, [B, T, F].
        styles: embedded prompts, [B, S].
        sampling: how codes are drawn; guidance other than 1 doubles the rows.
        sessions: the session of each row.
        description: says on the progress bar what this is.
        rows_at_once: larger batches are split, to bound the memory.

    Returns:
        codes [B, K, T].
    """
    device = model.embedding.device
    parts = []
    for start in range(0, len(features), rows_at_once):
        rows = slice(start, start + rows_at_once)
        samplers = [
            Sampler(sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed, session)
            for session in sessions[rows]
        ]
        known = torch.from_numpy(features[rows]).to(device)
        style = torch.from_numpy(styles[rows, None]).to(device)
        parts.append(_generate(model, known, style, sampling.guidance, samplers, description))
    return np.concatenate(parts)


def _generate(
    model: TokenModel,
    features: Tensor,
    style: Tensor,
    guidance: float,
    samplers: Sequence[Sampler],
    description: str,
) -> NDArray[np.int64]:
    """One batch; with guidance its second half is what the model would do unprompted."""
    batch, num_frames, _ = features.shape
    if guidance != 1.0:
        features, style = model.conditioning.with_null(features, style)
    state = model.init_state(len(features))
    copies = len(features) // batch
    chosen = np.empty((batch, model.config.num_codebooks, num_frames), np.int64)
    for frame in watch(range(num_frames), description):
        now = slice(frame, frame + 1)
        hidden, state = model.hidden_step(features[:, now], style, state.codes[:, :, None], state)
        codes = torch.empty_like(state.codes)
        for codebook in range(model.config.num_codebooks):
            logits = model.head.logits(codebook, hidden[:, 0], codes[:, :codebook]).float()
            if guidance != 1.0:
                logits = torch.lerp(logits[batch:], logits[:batch], guidance)
            scores = logits.cpu().numpy()
            drawn = [
                sampler.choose(row, frame, codebook) for sampler, row in zip(samplers, scores, strict=True)
            ]
            chosen[:, codebook, frame] = drawn
            codes[:, codebook] = torch.tensor(drawn * copies, device=codes.device)
        state.codes.copy_(codes)
    return chosen
