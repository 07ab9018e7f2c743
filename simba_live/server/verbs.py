"""What a performer can do with a session, each a method of a line."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from simba_live.control.driven import Done, Outcome
from simba_live.controls import Value
from simba_live.errors import SimbaLiveError
from simba_live.events import (
    Branch,
    Delete,
    Event,
    Note,
    Panic,
    Play,
    Prompt,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)


class Verbs(ABC):
    """Events by name, for whatever takes events."""

    @abstractmethod
    def send(self, event: Event, quantum: str | None = None, done: Done | None = None) -> None:
        """See `control.driven.Driven`."""

    def call(self, event: Event, quantum: str | None = None, timeout: float = 30.0) -> int:
        """Send an event and wait until it has taken effect.

        Returns:
            the output frame.

        Raises:
            SimbaLiveError: it was refused, or did not take effect within `timeout` seconds.
        """
        over = threading.Event()
        outcomes: list[Outcome] = []

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            over.set()

        self.send(event, quantum, done)
        if not over.wait(timeout):
            raise SimbaLiveError(f"no effect within {timeout:g} s: wait longer, or choose another quantum")
        if outcomes[0].frame is None:
            raise SimbaLiveError(outcomes[0].reason)
        return outcomes[0].frame

    def prompt(self, *texts: str, weights: tuple[float, ...] = (), quantum: str | None = None) -> None:
        """Play to one prompt, or to several blended by weight; takes effect as `quantum` says."""
        self.send(Prompt(texts, weights), quantum)

    def set(self, control: str, value: Value, quantum: str | None = None) -> None:
        """Move a live control; "auto" or None leaves it to the music."""
        self.send(Set(control, value), quantum)

    def play(self) -> None:
        """Start, or go on."""
        self.send(Play())

    def stop(self) -> None:
        """Fade out and wait."""
        self.send(Stop())

    def reset(self, quantum: str | None = None) -> None:
        """Begin again."""
        self.send(Reset(), quantum)

    def panic(self) -> None:
        """Silence at once."""
        self.send(Panic())

    def note(self, pitch: int, velocity: int = 100) -> None:
        """Hold a MIDI pitch; velocity 0 releases it."""
        self.send(Note(pitch, velocity))

    def snapshot(self, name: str, quantum: str | None = None) -> None:
        """Keep this moment, here and on disk."""
        self.send(Save(name), quantum)

    def recall(self, name: str, quantum: str | None = None) -> None:
        """Go back to a kept moment."""
        self.send(Recall(name), quantum)

    def delete(self, name: str) -> None:
        """Forget a kept moment."""
        self.send(Delete(name))

    def undo(self, bars: int = 1, quantum: str | None = None) -> None:
        """Go back to the bar line that many bars ago."""
        self.send(Undo(bars), quantum)

    def branch(self, seed: int | None = None, quantum: str | None = None) -> None:
        """Go on from here with another seed."""
        self.send(Branch(seed), quantum)

    def listen(self, on: bool = True, quantum: str | None = None) -> None:
        """Hear the player, in the way of the control `jam`, or hear them no more."""
        self.send(Set("listen", int(on)), quantum)
