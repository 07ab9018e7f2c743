"""What a frame costs, and what a stream's past takes in memory, against the position in the stream."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import torch

from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.model import TokenModel
from simba_live.model.decoder import build_model
from simba_live.model.sampling import Sampler, sample_frame
from simba_live.modules.attention import AttentionState
from simba_live.modules.mamba import MambaState

POSITIONS = (1, 100, 300, 1000, 3000, 10_000, 20_000)
"""Frames into a stream."""

ROUNDS = 60
"""Frames timed at each position."""

PREFILL = 500
"""Known frames absorbed at a time on the way to a position."""

CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


def without_window(model: TokenModel, reach: int) -> TokenModel:
    """The same Transformer with a memory of `reach` frames, so that up to there nothing is forgotten."""
    whole = build_model(dataclasses.replace(model.config, window=reach)).to(model.embedding.device)
    whole.load_state_dict(model.state_dict())
    return whole.eval()


@torch.inference_mode()
def measure_cost(
    models: Mapping[str, TokenModel],
    positions: Sequence[int],
    clock: str,
    watch: Callable[[Sequence[int]], Iterable[int]],
    rounds: int = ROUNDS,
) -> dict[str, list[list[float]]]:
    """Time single frames of one stream (batch 1, no guidance) at each position, the models by turns.

    Args:
        models: by name.
        positions: ascending.
        clock: "wall" or "cpu".
        watch: wraps the positions, to show progress.
        rounds: frames timed at each position; a few more come before.

    Returns:
        by model, for every position: the position, milliseconds a frame (median), bytes of the past.
    """
    streams = {name: _Stream(model) for name, model in models.items()}
    costs: dict[str, list[list[float]]] = {name: [] for name in models}
    for position in watch(positions):
        times: dict[str, list[float]] = {name: [] for name in models}
        memory = {}
        for name, stream in streams.items():
            stream.go_to(position)
            memory[name] = stream.memory()
        for _ in range(rounds + 3):
            for name, stream in streams.items():
                started = CLOCKS[clock]()
                stream.play()
                times[name].append(CLOCKS[clock]() - started)
        for name in models:
            costs[name].append([position, 1000.0 * float(np.median(times[name][3:])), memory[name]])
    return costs


class _Stream:
    """One stream of a model that plays by itself."""

    def __init__(self, model: TokenModel) -> None:
        model.prepare_for_steps()
        self.model, self.state, self.position = model, model.init_state(1), 0
        sampling = Sampling(guidance=1.0)
        self.sampler = Sampler(sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed)
        self.device = model.embedding.device
        self.features = torch.from_numpy(Conditions.free(1).features())[None].to(self.device)
        self.style = torch.zeros(1, 1, model.config.style_dim, device=self.device)

    def play(self) -> None:
        """The next frame, sampled."""
        _, self.state = sample_frame(
            self.model, self.features, self.style, self.state, self.sampler, self.position, 1.0
        )
        self.position += 1

    def go_to(self, position: int) -> None:
        """Come to a later position."""
        if self.model.config.architecture == "simba":
            while (missing := position - self.position) > 0:
                self._absorb(min(missing, PREFILL))
        elif position > self.position:
            # What lies in a cache does not change what reading it costs, and computing it would take minutes.
            generator = torch.Generator(self.device).manual_seed(position)
            for block in self.state.blocks:
                assert isinstance(block, AttentionState)
                block.keys.normal_(generator=generator)
                block.values.normal_(generator=generator)
                block.position.fill_(position)
            self.position = position

    def memory(self) -> int:
        """Bytes of the past that are in use; a cache that is not full counts as far as it is filled."""
        return sum(_used(block, self.model.config.window) for block in self.state.blocks)

    def _absorb(self, count: int) -> None:
        config = self.model.config
        codes = torch.randint(config.codebook_size, (1, config.num_codebooks, count), device=self.device)
        features = self.features.expand(1, count, -1)
        self.state = self.model.prefill(codes, features, self.style, self.state)
        self.position += count


def _used(block: MambaState | AttentionState, window: int) -> int:
    if isinstance(block, MambaState):
        return block.num_bytes()
    return (block.keys.nbytes + block.values.nbytes) * min(int(block.position.max()), window) // window
