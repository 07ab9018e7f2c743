"""`simba-live data`: compose a corpus, and turn a corpus or a folder of one's own audio into codes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .progress import audio_progress

app = typer.Typer(no_args_is_help=True, help="Make training data: compose a corpus, tokenize audio.")


@app.command()
def compose(
    folder: Annotated[
        Path, typer.Argument(help="Where to write: a new or empty folder, or a corpus to go on with.")
    ],
    hours: Annotated[float, typer.Option(help="Hours of audio in all.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Another seed composes another corpus.")] = 1,
    jobs: Annotated[int, typer.Option(help="Processes; 0 takes one for each core.")] = 0,
    soundfont: Annotated[
        list[Path] | None,
        typer.Option(
            help="A General MIDI soundfont (.sf2, .sf3); may be given several times: each piece is played "
            "by one of them. Left out: those installed of FluidR3 and MuseScore General."
        ),
    ] = None,
    styles: Annotated[
        str, typer.Option(help="Names of styles, separated by commas; all of them if left out.")
    ] = "",
    own_voices: Annotated[
        float, typer.Option(help="Share of the pieces in which synthesised voices play all parts or some.")
    ] = 0.25,
    effects: Annotated[
        float,
        typer.Option(help="Share of the pieces that go through mild effects: rooms, equalisers, drive."),
    ] = 0.3,
) -> None:
    """Compose, play and caption pieces of 20 to 40 seconds; an interrupted run goes on where it stopped.

    The manifest says of each piece which voice played it, and corpus.json which soundfonts there were.
    """
    from simba_live.data.compose import compose_corpus

    names = tuple(name.strip() for name in styles.split(",") if name.strip())
    with audio_progress("composing") as show:
        pieces = compose_corpus(
            folder,
            hours,
            seed=seed,
            jobs=jobs or os.cpu_count() or 1,
            soundfonts=soundfont or (),
            styles=names or None,
            own_voices=own_voices,
            effects=effects,
            on_progress=show,
        )
    seconds = sum(piece.seconds for piece in pieces)
    counts = {split: sum(piece.split == split for piece in pieces) for split in ("train", "valid", "test")}
    typer.echo(
        f"{folder}: {len(pieces)} pieces, {seconds / 3600:.2f} hours; "
        + ", ".join(f"{count} {split}" for split, count in counts.items())
    )


@app.command()
def tokenize(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A composed corpus, or a folder of audio files, with captions in .txt or .json beside them."
        ),
    ],
    out: Annotated[
        Path, typer.Argument(help="Where to write the tokens: a new folder, or one to go on with.")
    ],
    codec: Annotated[
        str, typer.Option(help="An EnCodec checkpoint: a folder or a hub name; the shipped one if left out.")
    ] = "",
    text_encoder: Annotated[
        str, typer.Option(help="What embeds the captions: all-MiniLM-L6-v2 or flan-t5-base.")
    ] = "all-MiniLM-L6-v2",
    device: Annotated[str, typer.Option(help="Where to compute: cpu, cuda or auto.")] = "auto",
    shard_hours: Annotated[float, typer.Option(help="Hours of audio in one file.")] = 1.0,
    keep_loudness: Annotated[
        bool, typer.Option("--keep-loudness", help="Leave audio as loud as it is; else it comes to -18 LUFS.")
    ] = False,
) -> None:
    """Encode audio and its captions for `simba-live train lm`; an interrupted run goes on from there."""
    from simba_live.codec.encodec import Codec
    from simba_live.data.tokenize import tokenize_corpus
    from simba_live.device import choose_device
    from simba_live.model.text import load_text_encoder
    from simba_live.paths import DEFAULT_CODEC

    network = Codec.load(codec or DEFAULT_CODEC, choose_device(device))
    with audio_progress("encoding") as show:
        index = tokenize_corpus(
            folder,
            network,
            out,
            encode_text=load_text_encoder(text_encoder).encode,
            text_encoder=text_encoder,
            shard_hours=shard_hours,
            keep_loudness=keep_loudness,
            on_progress=show,
            warn=lambda line: typer.echo(line, err=True),
        )
    frames = {split: sum(piece["length"] for piece in pieces) for split, pieces in index["splits"].items()}
    hours = sum(frames.values()) / index["frame_rate"] / 3600
    typer.echo(
        f"{out}: {hours:.2f} hours, {index['num_codebooks']} codes a frame, "
        f"{len(index['captions'])} captions; "
        + ", ".join(f"{count} frames {split}" for split, count in frames.items())
    )
