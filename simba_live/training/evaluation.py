"""Judging codec and model on held-out music, and saying so in a report."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from rich.progress import track

from simba_live.codec.encodec import Codec
from simba_live.controls import Sampling

from .codec_quality import judge_codec
from .held_out import draw_audio
from .report import codec_table, make_folder, write_report


@dataclass(frozen=True)
class Evaluation:
    """What to judge, and by what.

    Attributes:
        corpus: folder that `simba-live data compose` wrote; its test split is used.
        output: folder of the report.
        codec: folder or hub name.
        model: folder.
        settings: how many held-out prompts and settings.
        seconds: length of each.
        seed: of the draw and of the sampling.
        other_corpus: a second corpus, or any folder of music, to judge the codec on.
        sampling: how the model's codes are drawn.
        device: where to compute.
    """

    corpus: Path
    output: Path
    codec: str
    model: Path
    settings: int = 64
    seconds: float = 12.0
    seed: int = 0
    other_corpus: Path | None = None
    sampling: Sampling = field(default_factory=Sampling)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


def evaluate_codec(plan: Evaluation) -> str:
    """Judge the codec alone; returns the report's text, which is written too.

    Raises:
        SimbaLiveError: corpus, codec or output folder cannot be used.
    """
    make_folder(plan.output)
    codec = Codec.load(plan.codec, plan.device)
    text, figures = _codec_part(plan, codec)
    write_report(plan.output, text, figures)
    return text


def _codec_part(plan: Evaluation, codec: Codec) -> tuple[str, dict[str, object]]:
    """The codec's tables: held-out music, and other music if there is any."""
    folders = {"held-out music": plan.corpus}
    if plan.other_corpus is not None:
        folders["other music"] = plan.other_corpus
    parts = []
    figures: dict[str, object] = {"codec_fingerprint": codec.fingerprint()}
    for name, folder in folders.items():
        started = time.monotonic()
        clips = draw_audio(folder, plan.settings, plan.seconds, plan.seed, codec.sample_rate)
        table = judge_codec(codec, track(clips, description=f"codec on {name}"))
        parts.append(
            f"Codec {codec.fingerprint()} on {name}: {len(clips)} excerpts of {plan.seconds:g} s "
            f"({time.monotonic() - started:.0f} s to judge)\n\n{codec_table(table)}"
        )
        figures[f"codec on {name}"] = table
    return "\n\n".join(parts), figures
