"""`simba-live gen`: a prompt in, a sound file out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from simba_live.controls import NUMBERS

from .options import Codec, Device, Model


def _control(name: str, *names: str) -> Any:
    """The option of a control, told in the table's own words."""
    control = NUMBERS[name]
    flag = f"--{name.replace('_', '-')}"
    return typer.Option(
        flag, *names, parser=control.parse, help=f"{control.help} {control.range}.", metavar="N"
    )


def _sampling(name: str, *names: str) -> Any:
    """The option of a control whose default depends on --free."""
    option = _control(name, *names)
    option.help = f"{option.help} Default {NUMBERS[name].defaults}."
    return option


def generate(
    prompt: Annotated[str, typer.Argument(help="What to play: style, mood, instruments, tempo, key, metre.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Sound file to write; out.wav (or out-2.wav...) if left out."),
    ] = None,
    free: Annotated[
        bool,
        typer.Option(
            "--free",
            help="No arranger: the model alone finds notes, chords, drums and form; only the tempo and beat, "
            "and a key asked for, are given to it.",
        ),
    ] = False,
    seconds: Annotated[float, _control("seconds", "-s")] = NUMBERS["seconds"].preset,
    seed: Annotated[int, _control("seed")] = int(NUMBERS["seed"].preset),
    bpm: Annotated[float | None, _control("bpm")] = None,
    key: Annotated[
        str | None, typer.Option(help="Key, such as 'A minor' or 'Eb'; else the prompt's.")
    ] = None,
    metre: Annotated[
        str | None, typer.Option(help="Beats in a bar, such as 3 or 3/4; else the prompt's.")
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(help="Style by name (`simba-live models styles`); else the nearest to the prompt."),
    ] = None,
    drums: Annotated[
        bool | None, typer.Option("--drums/--no-drums", help="Else the prompt or the style says.")
    ] = None,
    temperature: Annotated[float | None, _sampling("temperature", "-t")] = None,
    top_k: Annotated[int | None, _sampling("top_k")] = None,
    top_p: Annotated[float | None, _sampling("top_p")] = None,
    guidance: Annotated[float | None, _sampling("guidance", "-g")] = None,
    model: Model = None,
    codec: Codec = None,
    device: Device = "auto",
    continued: Annotated[
        Path | None,
        typer.Option(
            "--continue", help="Sound file to go on from; the output has it first, then the new music."
        ),
    ] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="wav or flac; else by the output's extension.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--plot", help="Picture of waveform, mel spectrogram and codes to write.")
    ] = None,
) -> None:
    """Make music from a prompt and write it to a sound file.

    An arranger writes notes, chords, drums and form in the prompt's style, and the model plays them;
    with --free the model is alone. Flags win over words. The same seed and settings give the same file,
    bit for bit, on the same machine.
    """
    started = time.monotonic()
    from simba_live.audio import AudioWriter, check_writable, read_audio
    from simba_live.controls import Sampling
    from simba_live.engine.request import Request
    from simba_live.errors import OptionError

    sampling = Sampling.preset(
        free, temperature=temperature, top_k=top_k, top_p=top_p, guidance=guidance, seed=seed
    )
    request = Request(prompt, seconds, sampling, free, bpm, key, metre, style, drums)
    path = _unused(file_format or "wav") if output is None else output
    check_writable(path, file_format)
    if picture is not None:
        from simba_live.plot import check_picture

        check_picture(picture)
        if picture.resolve() == path.resolve():
            raise OptionError(f"--plot and --output are both {path}: give them different names")
    beginning = None if continued is None else read_audio(continued)

    import torch

    from simba_live.generation import Generator

    from .progress import audio_progress

    # Two threads wait for each other on steps as small as one frame, whenever anything else runs.
    torch.set_num_threads(1)
    generator = Generator.load(model, codec, device)
    take = generator.take(request, beginning)
    typer.echo(f"understood: {take.description}")

    codes, sounds, first = [], [], 0.0
    with (
        AudioWriter(path, take.sample_rate, take.channels, file_format) as writer,
        audio_progress("playing") as show,
    ):
        for block in take.blocks():
            writer.write(block.audio)
            first = first or time.monotonic() - started
            show(writer.num_samples / take.sample_rate, take.num_samples / take.sample_rate)
            if picture is not None:
                codes.append(block.codes)
                sounds.append(block.audio)
    took = time.monotonic() - started
    if picture is not None:
        import numpy as np

        from simba_live.plot import plot

        plot(picture, np.concatenate(sounds, 1), take.sample_rate, np.concatenate(codes, 1), take.description)
        typer.echo(f"drew {picture}")
    length = take.num_samples / take.sample_rate
    typer.echo(
        f"wrote {path}: {length:.3f} s in {took:.1f} s, first sound after {first:.1f} s, "
        f"real-time factor {seconds / took:.1f}"
    )


def _unused(extension: str) -> Path:
    """out.wav, or the first of out-2.wav, out-3.wav... that does not exist."""
    path, number = Path(f"out.{extension}"), 1
    while path.exists():
        number += 1
        path = Path(f"out-{number}.{extension}")
    return path
