"""The `simba-live` command: its subcommands, and how a mistake is told.

Importing this costs little: whatever is heavy is imported inside the commands, so `--help` answers at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from simba_live.errors import SimbaLiveError

from . import data, devices, gen, jam, models, osc, replay, serve, train
from .compare import compare
from .eval import evaluate

FAILED, INTERRUPTED = 2, 130

app = typer.Typer(
    name="simba-live",
    help="A live music model that can be rewound.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("gen")(gen.generate)
app.command("serve")(serve.serve)
app.command("jam")(jam.jam)
app.command("replay")(replay.replay)
app.command("devices")(devices.list_devices)
app.add_typer(models.app, name="models")
app.add_typer(data.app, name="data")
app.add_typer(osc.app, name="osc")
app.add_typer(train.app, name="train")
app.command("eval")(evaluate)
app.command("compare")(compare)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"simba-live {version('simba-live')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """A live music model that can be rewound."""


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 2 a mistake the user can mend, told in a line, 130 stopped by Ctrl-C.

    Args:
        arguments: the command line without the program's name; None takes that of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        # A file name or prompt that the terminal cannot show must not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(_outcome(sys.argv[1:] if arguments is None else arguments))


def _outcome(arguments: Sequence[str]) -> int:
    """Run the command; the exit code."""
    try:
        # Typer hands back the code of an Exit, or what the command returned, which is nothing.
        code = app(args=list(arguments), prog_name="simba-live", standalone_mode=False)
    except SimbaLiveError as error:
        return _complain(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`simba-live models list | head`); that is no mistake.
        sys.stdout = None
        return 0
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        # Typer's own complaints about the command line; their class is private to it.
        # Without arguments it has shown the help, and there is nothing to add.
        return FAILED if type(error).__name__ == "NoArgsIsHelpError" else _complain(error.format_message())
    if code == INTERRUPTED:
        print("simba-live: stopped", file=sys.stderr)  # noqa: T201  the last word, when nothing else may work
    return int(code or 0)


def _complain(message: str) -> int:
    typer.echo(f"simba-live: {' '.join(message.split())}", err=True)
    return FAILED


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """End on SIGTERM as on Ctrl-C: unwinding, so that no half-written file stays behind."""
    raise SystemExit(143)
