"""`simba-live osc`: an OSC client for people without a controller at hand, and the table of all addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from simba_live.errors import OptionError, SimbaLiveError

if TYPE_CHECKING:
    from simba_live.control.grammar import Address
    from simba_live.control.packets import Message

app = typer.Typer(no_args_is_help=True, help="Play a running `simba-live serve` over OSC.")

SILENCE_SECONDS = 3.0
"""After this long without a heartbeat `watch` subscribes anew: the server may have been started again."""

Host = Annotated[str, typer.Option(help="Address of the server.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="OSC port of the server.")]


@app.command(context_settings={"ignore_unknown_options": True})
def send(
    address: Annotated[str, typer.Argument(help="Where to, such as /simba/prompt; see `osc list`.")],
    values: Annotated[
        list[str] | None, typer.Argument(help="What to send, such as 'dub techno' 1.0", show_default=False)
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 9000,
    wait: Annotated[
        float, typer.Option(min=0.0, max=600.0, help="Seconds to wait for the answer; 0 does not.")
    ] = 1.0,
) -> None:
    """Send one message, and print the answers."""
    from simba_live.control.addresses import find
    from simba_live.control.osc_client import OscClient

    known = find(address)
    typed = _typed(known, values or [])
    known.read(typed)
    with OscClient(host, port) as client:
        client.send(address, *typed)
        if not wait:
            return
        for message in client.answers(address, wait):
            if message.path == "/simba/fail":
                raise OptionError(str(message.values[-1]))
            typer.echo(_line(message))


@app.command()
def watch(
    host: Host = "127.0.0.1",
    port: Port = 9000,
    dump: Annotated[bool, typer.Option("--dump", help="Also show what all clients send.")] = False,
) -> None:
    """Print what the server tells (news, beats, controls that change) until Ctrl-C."""
    import time

    from simba_live.control.osc_client import OscClient

    with OscClient(host, port) as client:
        answered = False
        while True:
            try:
                for path, value in (("notify", 1), ("listen", 1), ("dump", int(dump))):
                    client.send(f"/simba/{path}", value)
                while (message := client.receive(SILENCE_SECONDS)) is not None:
                    answered = True
                    if message.path != "/simba/done":
                        typer.echo(f"{time.strftime('%H:%M:%S')} {_line(message)}")
            except SimbaLiveError:
                if not answered:
                    raise
                time.sleep(1.0)
            if not answered:
                raise SimbaLiveError(f"nothing answers at {client.place}: start `simba-live serve` first")


@app.command("list")
def list_addresses(
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table for a document.")] = False,
) -> None:
    """List what a server understands and what it sends."""
    from simba_live.control.addresses import ADDRESSES, REPLIES

    for title, table in (("A server understands", ADDRESSES), ("A server sends", REPLIES)):
        if markdown:
            typer.echo(f"| {title} | Values | |\n|---|---|---|")
            for one in table.values():
                typer.echo(f"| `{one.path}` | {_usage(one)} | {one.help} |")
        else:
            typer.echo(f"{title}:")
            for one in table.values():
                typer.echo(f"  {f'{one.path} {_usage(one)}':<58} {one.help}")
        typer.echo()


def _usage(address: Address) -> str:
    """The arguments, and the range of a control's value."""
    from simba_live.controls import AUTO

    usage = address.usage
    if address.arguments and address.arguments[0].control:
        value = address.arguments[0]
        bounds = "" if value.minimum is None else f"{value.minimum:.10g} to {value.maximum:.10g} {value.unit}"
        words = [bounds.rstrip() or ", ".join(value.choices) or "text", *([AUTO] if value.auto else [])]
        usage = f"({' or '.join(words)}){usage.removeprefix(value.name)}"
    return usage


def _typed(address: Address, values: list[str]) -> list[float | int | str]:
    """Values as a controller would send them: numbers where the address wants some, or among prompts."""
    kinds = [argument.type for argument in address.arguments]
    typed: list[float | int | str] = []
    for index, value in enumerate(values):
        numeric = address.repeats or (index < len(kinds) and kinds[index] != "s")
        number = _number(value) if numeric else None
        typed.append(value if number is None else number)
    return typed


def _number(text: str) -> float | int | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _line(message: Message) -> str:
    """A message in one line, such as `/simba/prompt "dub techno" 1`."""
    shown = (
        f"{one:g}" if isinstance(one, float) else f'"{one}"' if isinstance(one, str) else str(one)
        for one in message.values
    )
    return " ".join((message.path, *shown))
