"""A MIDI system without cables: ports come and go as a test says, and what is sent is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from simba_live.control.midi_ports import Heard


class FakePort:
    """A port of a `FakeMidi`.

    Attributes:
        name: its name; "" for one of our own.
        sent: the bytes of every message sent to it.
        open: whether it is.
    """

    def __init__(self, name: str, heard: Heard | None = None) -> None:
        self.name = name
        self.sent: list[Sequence[int]] = []
        self.open = True
        self.heard = heard

    def send(self, data: Sequence[int]) -> None:
        """Remember it."""
        self.sent.append(data)

    def close(self) -> None:
        """Be closed."""
        self.open = False


class FakeMidi:
    """A `MidiSystem` for tests; any thread may call anything.

    Attributes:
        names: of the inputs there are; change it to let devices come and go.
        out_names: of the outputs there are.
        refused: names of ports that cannot be opened.
        opened: every input ever opened, in order.
        outs: every output ever opened, in order.
    """

    def __init__(self, names: Sequence[str] = (), out_names: Sequence[str] = ()) -> None:
        self.names, self.out_names = list(names), list(out_names)
        self.refused: set[str] = set()
        self.opened: list[FakePort] = []
        self.outs: list[FakePort] = []

    def inputs(self) -> list[str]:
        """Names of the inputs there are."""
        return list(self.names)

    def outputs(self) -> list[str]:
        """Names of the outputs there are."""
        return list(self.out_names)

    def open_input(self, name: str | None, heard: Heard) -> FakePort:
        """Open an input.

        Raises:
            OSError: it is one of the refused.
        """
        port = self._open(name, heard)
        self.opened.append(port)
        return port

    def open_output(self, name: str | None) -> FakePort:
        """Open an output.

        Raises:
            OSError: it is one of the refused.
        """
        port = self._open(name, None)
        self.outs.append(port)
        return port

    def _open(self, name: str | None, heard: Heard | None) -> FakePort:
        if name in self.refused:
            raise OSError("busy")
        return FakePort(name or "", heard)

    def play(self, name: str, data: Sequence[int]) -> None:
        """Let bytes come in at the open port of that name."""
        for port in self.opened:
            if port.open and port.name == name and port.heard is not None:
                port.heard(data)

    def close(self) -> None:
        """Nothing to let go of."""
