"""`simba-live train codec`, `lm` and `score`: train on one's own corpus, in one go or in slices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Device

app = typer.Typer(
    no_args_is_help=True, help="Train the codec, the language model and the score model on a corpus."
)

Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder of the run; one that holds a run is gone on with.")
]
Minutes = Annotated[
    float | None, typer.Option(help="Stop after so many minutes; the same command goes on from there.")
]
Threads = Annotated[int, typer.Option(min=1, help="Compute threads on the CPU.")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything random in the run.")]
Bfloat16 = Annotated[bool, typer.Option(help="Compute in bfloat16 where that is safe.")]
Tokens = Annotated[list[Path], typer.Argument(help="Folders that `simba-live data tokenize` wrote.")]
Steps = Annotated[int, typer.Option(help="Updates in all.")]
Streams = Annotated[int, typer.Option(help="Streams side by side.")]
Length = Annotated[int, typer.Option(help="Frames of each stream a step.")]
MatrixRate = Annotated[float, typer.Option(help="Of Muon, at its highest; 0 is AdamW for all.")]
Rate = Annotated[float, typer.Option(help="Of AdamW, at its highest.")]
FreshRate = Annotated[float, typer.Option(help="Share of streams that a step begins anew, 0 to 1.")]
Compile = Annotated[
    bool, typer.Option("--compile", help="Minutes to begin with, less time a step (needs a C++ compiler).")
]
EvaluateEvery = Annotated[int, typer.Option(help="Steps between held-out measures.")]


@app.command()
def codec(
    corpora: Annotated[list[Path], typer.Argument(help="Folders that `simba-live data compose` wrote.")],
    output: Output,
    steps: Annotated[int, typer.Option(help="Updates in all.")] = 20000,
    waveform_steps: Annotated[
        int | None,
        typer.Option(help="First part: the waveform alone, unquantised; a 25th of STEPS if left out."),
    ] = None,
    freeze_step: Annotated[
        int | None,
        typer.Option(help="From here on codes are fixed and the decoder is tuned; 3/5 of STEPS if left out."),
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Excerpts a step.")] = 10,
    crop_seconds: Annotated[float, typer.Option(help="Length of an excerpt, in seconds.")] = 0.64,
    matrix_learning_rate: Annotated[float, typer.Option(help="Of Muon, at its highest.")] = 2e-3,
    learning_rate: Annotated[float, typer.Option(help="Of Adam, at its highest.")] = 1e-3,
    varied: Annotated[float, typer.Option(help="Share of excerpts with effects on them, 0 to 1.")] = 0.5,
    mel_weight: Annotated[float, typer.Option(help="Of the spectral loss while the encoder learns.")] = 0.25,
    tuning_mel_weight: Annotated[
        float,
        typer.Option(
            help="Of the spectral loss while only the decoder learns; the waveform's gradient is 1."
        ),
    ] = 8.0,
    adversarial_weight: Annotated[
        float, typer.Option(help="Of the discriminator while only the decoder learns; 0 is without one.")
    ] = 1.5,
    hours: Annotated[float | None, typer.Option(help="Hours of each corpus to use at most.")] = None,
    evaluate_every: EvaluateEvery = 500,
    minutes: Minutes = None,
    seed: Seed = 0,
    bfloat16: Bfloat16 = True,
    threads: Threads = 1,
    device: Device = "auto",
) -> None:
    """Train EnCodec's architecture from nothing; the codec lies in OUTPUT/model."""
    import dataclasses

    import torch

    from simba_live.codec.config import CodecConfig
    from simba_live.device import choose_device
    from simba_live.training.codec import CodecTrainer, CodecTraining
    from simba_live.training.loop import Schedule, train

    schedule = Schedule(steps, minutes, evaluate_every)
    settings = CodecTraining(
        steps=steps,
        batch_size=batch_size,
        crop_seconds=crop_seconds,
        matrix_learning_rate=matrix_learning_rate,
        learning_rate=learning_rate,
        varied=varied,
        waveform_steps=steps // 25 if waveform_steps is None else waveform_steps,
        freeze_step=steps * 3 // 5 if freeze_step is None else freeze_step,
        mel_weight=mel_weight,
        tuning_mel_weight=tuning_mel_weight,
        adversarial_weight=adversarial_weight,
        seed=seed,
        bfloat16=bfloat16,
    )
    torch.set_num_threads(threads)
    trainer = CodecTrainer(CodecConfig(), settings, corpora, choose_device(device), hours)
    made = train(trainer, output, schedule, _identity(dataclasses.asdict(settings)))
    _report(made, steps, output)


@app.command()
def lm(
    corpora: Tokens,
    output: Output,
    preset: Annotated[
        str, typer.Option(help="Architecture, by name: see `simba-live models list`.")
    ] = "mini",
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Begin with this model, not with PRESET and nothing: a folder, or `mini`, the default one.",
        ),
    ] = None,
    steps: Steps = 20000,
    batch_size: Streams = 8,
    length: Length = 384,
    matrix_learning_rate: MatrixRate = 2e-3,
    learning_rate: Rate = 1.5e-3,
    fresh_rate: FreshRate = 0.1,
    evaluate_every: EvaluateEvery = 500,
    minutes: Minutes = None,
    seed: Seed = 0,
    bfloat16: Bfloat16 = True,
    compiled: Compile = False,
    threads: Threads = 1,
    device: Device = "auto",
) -> None:
    """Train a SiMBA or Transformer decoder on tokens; the model lies in OUTPUT/model."""
    import dataclasses

    import torch

    from simba_live.data.tokens import TokenCorpus
    from simba_live.device import choose_device
    from simba_live.model import load_model
    from simba_live.model.presets import preset_config
    from simba_live.paths import model_folder
    from simba_live.training.lm import ModelTrainer, ModelTraining
    from simba_live.training.loop import Schedule, train

    schedule = Schedule(steps, minutes, evaluate_every)
    settings = ModelTraining(
        steps=steps,
        batch_size=batch_size,
        length=length,
        matrix_learning_rate=matrix_learning_rate,
        learning_rate=learning_rate,
        fresh_rate=fresh_rate,
        seed=seed,
        bfloat16=bfloat16,
    )
    torch.set_num_threads(threads)
    model = None if begin is None else load_model(model_folder(begin))
    config = preset_config(preset) if model is None else model.config
    trainer = ModelTrainer(config, settings, TokenCorpus(*corpora), choose_device(device), model)
    if compiled:
        trainer.compile()
    identity = {"preset": preset, "from": begin, **_identity(dataclasses.asdict(settings))}
    made = train(trainer, output, schedule, identity)
    _report(made, steps, output)


@app.command()
def score(
    corpora: Tokens,
    output: Output,
    into: Annotated[
        Path | None, typer.Option(help="Folder of the language model that is to play what this one writes.")
    ] = None,
    steps: Steps = 4000,
    batch_size: Streams = 8,
    length: Length = 384,
    matrix_learning_rate: MatrixRate = 2e-3,
    learning_rate: Rate = 1.5e-3,
    evaluate_every: EvaluateEvery = 500,
    minutes: Minutes = None,
    seed: Seed = 0,
    bfloat16: Bfloat16 = True,
    compiled: Compile = False,
    threads: Threads = 1,
    device: Device = "auto",
) -> None:
    """Train a score model, which writes what `--free` leaves open, on the notes of composed music."""
    import dataclasses

    import torch

    from simba_live.data.tokens import TokenCorpus
    from simba_live.device import choose_device
    from simba_live.model.checkpoint import SCORE, read_config
    from simba_live.model.score import ScoreConfig
    from simba_live.training.loop import Schedule, train
    from simba_live.training.score import ScoreTrainer, ScoreTraining

    if into is not None:
        read_config(into)  # what is no model is told before the training, not after it
    schedule = Schedule(steps, minutes, evaluate_every)
    settings = ScoreTraining(
        steps=steps,
        batch_size=batch_size,
        length=length,
        matrix_learning_rate=matrix_learning_rate,
        learning_rate=learning_rate,
        seed=seed,
        bfloat16=bfloat16,
    )
    torch.set_num_threads(threads)
    trainer = ScoreTrainer(ScoreConfig(), settings, TokenCorpus(*corpora), choose_device(device))
    if compiled:
        trainer.compile()
    made = train(trainer, output, schedule, _identity(dataclasses.asdict(settings)))
    _report(made, steps, output)
    if into is not None:
        trainer.export(into / SCORE, made)


def _identity(settings: dict[str, object]) -> dict[str, object]:
    """What makes a run the same run: all its settings but the length, which may be prolonged."""
    return {name: value for name, value in settings.items() if name != "steps"}


def _report(made: int, steps: int, output: Path) -> None:
    rest = "" if made >= steps else f"; the same command makes the other {steps - made}"
    typer.echo(
        f"{made} of {steps} steps made, model in {output / 'model'}, curves in {output / 'curves.png'}{rest}"
    )
