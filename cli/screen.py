"""The page that `simba-live serve` shows: a session's status in lines that fit the terminal.

Rows that matter most stay longest when the terminal is small. What comes from outside (prompts, names,
addresses) is cleaned before it is shown, so that nobody can move the cursor or change colours from afar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions
from rich.text import Text

from simba_live.controls import AUTO, LIVE, NUMBERS, Number, Value
from simba_live.status import Status

MAX_WIDTH = 100
"""Columns that the page takes at most: what belongs together stays together on a wide terminal."""

QUIETEST = -60.0
"""Left end of the level meter, in dB of full scale."""

HOLD_SECONDS = 1.5
FALL = 20.0
"""How long the meter's mark stays at a peak, and how fast it falls then, in dB per second."""

_LABEL = 11
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_ASCII = str.maketrans("━─┃●○►■…·", "=-|*.>#~-")
"""For terminals that know no more than ASCII, sign by sign."""


@dataclass(frozen=True)
class Message:
    """Something that happened.

    Attributes:
        clock: when, as it is shown.
        text: what, in a line.
        urgent: whether it should catch the eye.
    """

    clock: str
    text: str
    urgent: bool = False


@dataclass(frozen=True)
class Peak:
    """The meter's mark: stays at the highest level for `HOLD_SECONDS`, then falls.

    Attributes:
        level: where it stands, in dB of full scale.
        seconds: how long it has been held.
    """

    level: float = QUIETEST
    seconds: float = 0.0

    def after(self, level: float, seconds: float) -> Peak:
        """The mark `seconds` later, when the sound has the peak `level` in dB."""
        fallen = self.level - FALL * max(0.0, seconds - max(0.0, HOLD_SECONDS - self.seconds))
        return Peak(level) if level >= fallen else Peak(fallen, self.seconds + seconds)


@dataclass(frozen=True)
class Page:
    """One view of a session; rich prints it in as many rows as the terminal has.

    Attributes:
        status: how the session stands.
        messages: what happened lately, the newest last.
        peak: the level meter's mark.
        listening: where clients can reach the session.
    """

    status: Status
    messages: tuple[Message, ...] = ()
    peak: Peak = Peak()
    listening: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The rows, none wider than the terminal, and no more of them than it has."""
        height = options.height or options.size.height
        width = min(options.max_width, MAX_WIDTH)
        rows = list(self._rows(width))
        # Messages fill what is left, and the oldest give way first.
        rows += [
            (30 + age if age else 14, row) for age, row in enumerate(map(_told, reversed(self.messages)))
        ][::-1]
        kept = sorted(sorted(range(len(rows)), key=lambda index: rows[index][0])[:height])
        for index in kept:
            row = rows[index][1]
            row.no_wrap = True
            row.truncate(width, overflow="ellipsis")
            if options.ascii_only:
                row.plain = row.plain.translate(_ASCII).encode("ascii", "replace").decode()
            yield row

    def _rows(self, width: int) -> Iterator[tuple[int, Text]]:
        """Every row from the top with its rank: those of high rank are left out first."""
        status, blank, rule = self.status, Text(), Text("─" * width, style="dim")
        yield 0, self._head(width)
        yield 20, rule
        for place, row in enumerate(_prompts(status, width)):
            yield (1 if place == 0 else 12), row
        yield 22, blank
        tempo = f"{status.bpm:.1f}".removesuffix(".0") + " BPM" if status.bpm else ""
        yield 2, _labelled("music", _joined(", ", status.style, status.key, tempo))
        yield 1, _labelled("now", self._position())
        if status.input or status.tempo_source:
            yield 2, _jam(status)
        yield 9, _listed("set", _moved(status), "everything as it comes")
        yield 21, blank
        yield 3, self._level(width)
        if status.input:
            yield (1 if status.input_lost or status.input_clipped else 3), _input(status, width)
        yield 4, _step(status, width)
        yield 5, _plan(status)
        yield 23, blank
        yield (1 if status.sink_lost else 6), _sound(status)
        yield 7, _recording(status)
        notes = [f"{_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in status.held_notes]
        yield 13, _listed("notes", notes, "none held")
        yield 10, _snapshots(status)
        yield 11, _listed("osc", [self.listening] if self.listening else [], "not listening")
        yield 8, _listed("clients", status.clients, "none heard lately")
        yield 20, rule

    def _head(self, width: int) -> Text:
        """Whether it plays, and what on."""
        status = self.status
        silent = status.values.get("mute") or status.values.get("gain") == NUMBERS["gain"].minimum
        if not status.ready:
            state = Text("warming up", style="yellow")
        elif status.playing:
            state = Text(
                "► playing, muted" if silent else "► playing", style="yellow" if silent else "bold green"
            )
        else:
            state = Text("■ stopped", style="bold")
        left = Text.assemble(("simba-live", "bold"), "  ", state)
        where = f"{status.model} on {status.device}" if status.model else ""
        right = Text(clean(where) + "  " + clock(status.seconds), style="dim")
        if left.cell_len + 2 + right.cell_len > width:
            right = Text(clock(status.seconds), style="dim")
        return Text.assemble(left, " " * max(2, width - left.cell_len - right.cell_len), right)

    def _position(self) -> Text:
        """Bar and beat, section and chord."""
        status = self.status
        beats = "".join("●" if int(status.beat) == beat else "○" for beat in range(status.beats_per_bar))
        place = Text(f"bar {position(status):<7} ")
        place.append(beats, style="bold cyan" if status.playing else "dim")
        return _joined("  ", place, status.section, status.chord)

    def _level(self, width: int) -> Text:
        """The level meter, green to red, with the mark of its peak."""
        peak = max(self.peak.level, QUIETEST)
        style = "red" if peak > -1 else "yellow" if peak > -6 else "green"
        words = f"{self.status.rms:.1f} dB, peak {peak:.1f}" if peak > QUIETEST else "silence"
        share, mark = (1 - level / QUIETEST for level in (self.status.rms, peak))
        return _gauge("level", share, mark, words, style, width)


def clock(seconds: float) -> str:
    """A length of time as 0:01:23."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def position(status: Status) -> str:
    """Bar and beat as a musician counts them, from 1: "13.3"."""
    return f"{status.bar + 1}.{int(status.beat) + 1}"


def setting(name: str, value: Value) -> str:
    """What a control is set to, such as "gain -3 dB"."""
    control = LIVE[name]
    shown = AUTO if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    unit = f" {control.unit}" if isinstance(control, Number) and control.unit and value is not None else ""
    return f"{name.replace('_', '-')} {shown}{unit}"


def _moved(status: Status) -> list[str]:
    """Controls that are set to something else than their default."""
    return [
        setting(name, value)
        for name, value in status.values.items()
        if value is not None and name in LIVE and value != LIVE[name].default
    ]


def _prompts(status: Status, width: int) -> Iterator[Text]:
    """A row for each prompt; of several also their weights."""
    if not status.prompts:
        yield _labelled("prompt", Text("none yet", style="dim"))
    heaviest = max((weight for _, weight in status.prompts), default=0.0) or 1.0
    share = 10 if width >= 60 else 0
    for place, (words, weight) in enumerate(status.prompts):
        text = Text(clean(words), style="bold")
        if len(status.prompts) > 1:
            room = width - _LABEL - share - 8
            text.truncate(room, overflow="ellipsis", pad=True)
            text.append("  " + ("━" * round(share * weight / heaviest)).ljust(share), style="cyan")
            text.append(f"{weight:6.3g}", style="dim" if weight == 0 else "")
        yield _labelled("" if place else "prompt", text)


def _jam(status: Status) -> Text:
    """Whose turn it is and for how long, and whose tempo is followed."""
    mode, bars = str(status.values.get("jam", "")), status.turn_bars
    if status.listening:
        turn = Text("hearing and playing" if mode == "shadow" else "listening", style="bold yellow")
    else:
        turn = Text("playing", style="bold green") if status.playing else Text("stopped", style="dim")
    left = f"{bars} bar{'s' * (bars != 1)} left" if bars else ""
    tempo = f"{status.followed_bpm:.1f}".removesuffix(".0") + f" BPM by {status.tempo_source}"
    return _labelled(
        "jam",
        _joined(
            ", ",
            turn,
            mode if status.values.get("listen") else "",
            left,
            tempo if status.tempo_source else "",
        ),
    )


def _input(status: Status, width: int) -> Text:
    """How loud the player is, or why they are not heard."""
    if status.input_lost:
        return _labelled("input", Text(f"lost: {clean(status.input_lost)}", style="bold red"))
    if status.input_peak <= QUIETEST:
        return _labelled("input", Text(f"silence, {clean(status.input)}", style="dim"))
    rms, peak = status.input_rms, status.input_peak
    words = f"clipped, peak {peak:.1f}" if status.input_clipped else f"{rms:.1f} dB, peak {peak:.1f}"
    style = "bold red" if status.input_clipped else "green"
    share, mark = (1 - level / QUIETEST for level in (rms, peak))
    return _gauge("input", share, mark, words, style, width)


def _step(status: Status, width: int) -> Text:
    """What a frame costs, against what it lasts."""
    limit = status.frame_ms
    style = "red" if status.step_p99 >= limit else "yellow" if status.step_p99 >= limit / 2 else "green"
    words = f"{status.step_p50:.1f}, p99 {status.step_p99:.1f} of {limit:g} ms"
    return _gauge("step", status.step_p50 / limit, status.step_p99 / limit, words, style, width)


def _plan(status: Status) -> Text:
    """How deep the plan is, and whether the output ever ran dry."""
    dry = status.underruns
    under = Text(f"{dry or 'no'} underrun{'s' * (dry != 1)}", style="bold red" if dry else "dim")
    ahead = f"{status.plan_seconds:.2f} s ahead, {status.committed_seconds * 1000:.0f} ms fixed"
    return _labelled("plan", _joined(", ", under, ahead))


def _sound(status: Status) -> Text:
    """Where the sound goes, or why it does not."""
    if status.sink_lost:
        return _labelled("sound", Text(f"lost: {clean(status.sink_lost)}", style="bold red"))
    return _listed("sound", [status.sink] if status.sink else [], "nowhere yet")


def _recording(status: Status) -> Text:
    if not status.recording:
        return _labelled("recording", Text("no", style="dim"))
    return _labelled(
        "recording", Text(f"● {clock(status.recorded_seconds)}  {clean(status.recording)}", style="red")
    )


def _snapshots(status: Status) -> Text:
    """Where the music can go back to."""
    bars = status.undo_bars
    ways = [f"undo {bars} bar{'s' * (bars != 1)}"] if bars else []
    return _listed("back", [*ways, *status.snapshots], "nowhere yet")


def _listed(label: str, names: Sequence[str], none: str) -> Text:
    return _labelled(label, Text(clean(", ".join(names)) or none, style="" if names else "dim"))


def _told(message: Message) -> Text:
    return Text.assemble(
        (message.clock.ljust(_LABEL), "dim"), (clean(message.text), "bold red" if message.urgent else "")
    )


def _labelled(label: str, text: Text) -> Text:
    return Text.assemble((label.ljust(_LABEL), "dim"), text)


def _joined(between: str, *parts: str | Text) -> Text:
    """The parts that are not empty."""
    texts = [part if isinstance(part, Text) else Text(clean(part)) for part in parts]
    return Text(between).join([text for text in texts if text])


def _gauge(label: str, share: float, mark: float, words: str, style: str, width: int) -> Text:
    """A bar that is full at 1, with a mark, and what it says in words; narrow pages have the words only."""
    cells = min(40, width - _LABEL - 2 - 26)
    if cells < 8:
        return _labelled(label, Text(words, style=style))
    # In this order, not a number counts as 0.
    filled, at = (round(cells * min(1.0, max(0.0, value))) for value in (share, mark))
    at = max(0, at - 1)
    bar = Text("━" * filled, style=style).append("─" * (cells - filled), style="dim")
    return _labelled(label, Text.assemble(bar[:at], ("┃", style), bar[at + 1 :], "  ", words))


def clean(text: str) -> str:
    """Text from outside in one row: what is no printable sign becomes "?"."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))
