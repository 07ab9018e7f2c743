"""Options that several commands share, told in the same words everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(help="Folder of a model, or the name of one that ships (`simba-live models list`)."),
]
Codec = Annotated[
    str | None,
    typer.Option(help="EnCodec folder, or its name on the Hugging Face hub; else the one that ships."),
]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto for the GPU if there is one.")]
