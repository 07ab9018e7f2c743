"""The option `--sync` of what plays live: whose beat to follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simba_live.control.clock import Clock
    from simba_live.server.session import Session

SOURCES = ("link", "midi", "player")

Sync = Annotated[
    str | None,
    typer.Option(
        help="Follow a shared beat: link (Ableton Link), midi (the clock that comes in at --midi) or player "
        "(whoever is heard at --input).",
        metavar="|".join(SOURCES),
    ),
]
"""The option."""


@contextmanager
def open_sync(
    session: Session, sync: str | None, midi: Clock | None = None, player: Clock | None = None
) -> Iterator[None]:
    """Let a session follow a beat for as long as the context is open.

    Args:
        session: what follows.
        sync: one of `SOURCES`, or None for nobody.
        midi: the clock of the MIDI input; None without one.
        player: the clock of who is listened to; None if nobody is.

    Raises:
        OptionError: there is no such source, or its clock is not there.
        MissingDependencyError: Ableton Link is not installed.
    """
    from simba_live.control.follow import Follower
    from simba_live.control.link import LinkClock
    from simba_live.errors import OptionError

    with ExitStack() as stack:
        if sync == "link":
            link = LinkClock()
            stack.callback(link.close)
            follower = Follower(session, link, link)
        elif sync == "midi":
            if midi is None:
                raise OptionError("--sync midi has no input: choose one with --midi")
            follower = Follower(session, midi)
        elif sync == "player":
            if player is None:
                raise OptionError("--sync player hears nobody: choose whom with --input")
            follower = Follower(session, player)
        elif sync is not None:
            raise OptionError(f"sync is {sync!r}: give one of {', '.join(SOURCES)}")
        else:
            yield
            return
        session.followed = lambda: follower.followed
        stack.enter_context(follower)
        yield
