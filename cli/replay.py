"""`simba-live replay`: a session's log in, the sound file of what was played out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Device


def replay(
    log: Annotated[Path, typer.Argument(help="Log of a session, a .jsonl file in its data folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Sound file to write.")] = Path("replay.wav"),
    recording: Annotated[
        str | None, typer.Option(help="Only what went into this recording; else everything from the start.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Data folder of the session, for snapshots from before it; else the log's own."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The session's model; else the one its log names.")
    ] = None,
    codec: Annotated[
        str | None, typer.Option(help="The session's codec; else the one its log names.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Play a session again from its log, to a file: the same samples as were heard, bit for bit.

    That holds on the machine, device and version of torch that it was played with.
    """
    import time

    from simba_live.audio import AudioWriter, check_writable
    from simba_live.server.journal import read_log
    from simba_live.server.replay import replay as frames_of
    from simba_live.server.replay import span_of

    played = read_log(log)
    span = span_of(played, recording)
    check_writable(output)

    import torch

    from simba_live.engine.performance import Performance
    from simba_live.generation import Generator

    from .progress import audio_progress

    torch.set_num_threads(1)
    started = time.monotonic()
    named_model, named_codec = played.header["checkpoints"]
    performance = Performance(Generator.load(model or named_model, codec or named_codec, device).engine)
    rate = performance.engine.codec.sample_rate
    snapshots = (log.resolve().parent.parent if data_dir is None else data_dir) / "snapshots"
    with (
        AudioWriter(output, rate, performance.engine.codec.channels) as writer,
        audio_progress("replaying") as show,
    ):
        length = (span.end - span.first) * performance.engine.codec.hop_length / rate
        for frame in frames_of(played, performance, snapshots, span):
            writer.write(frame)
            show(writer.num_samples / rate, length)
    took = time.monotonic() - started
    typer.echo(f"wrote {output}: {length:.3f} s with {len(played.events)} events in {took:.1f} s")
