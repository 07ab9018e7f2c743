"""Judging codec and model on held-out music, and saying so in a report: aims, sections, a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from simba_live.errors import OptionError

from .bench import Bench, Evaluation
from .overview import overview
from .pieces import pieces_section
from .report import Section, aims_table, make_folder, write_report
from .sections import changes_section, codec_section, controls_section, long_section, prompts_section

SECTIONS: dict[str, Callable[[Bench], Section]] = {
    "codec": codec_section,
    "pieces": pieces_section,
    "controls": controls_section,
    "changes": changes_section,
    "prompts": prompts_section,
    "long": long_section,
}
"""What can be judged, in the report's order."""

_LAST_MINUTE = 600


def evaluate(
    plan: Evaluation, only: Sequence[str] = tuple(SECTIONS), say: Callable[[str], None] = lambda _: None
) -> str:
    """Judge what is asked for; returns the report's text, which is written after every section.

    What the model has played is kept in the report's folder: the same evaluation, started again, goes on.

    Args:
        plan: what to judge, and by what.
        only: names from `SECTIONS`.
        say: is told how far things are.

    Raises:
        SimbaLiveError: corpus, model, codec or output folder cannot be used.
    """
    make_folder(plan.output)
    bench = Bench(plan)
    done: list[Section] = []
    text = ""
    chosen = [name for name in SECTIONS if name in only]
    for number, name in enumerate(chosen, 1):
        say(f"section {number} of {len(chosen)}: {name}")
        started = time.monotonic()
        done.append(SECTIONS[name](bench))
        say(f"{name} took {(time.monotonic() - started) / 60.0:.1f} minutes")
        text = _text(done)
        figures = {key: value for section in done for key, value in section.figures.items()}
        figures["aims"] = [aim for section in done for aim in section.aims]
        picture = overview(figures) if number == len(chosen) else None
        write_report(plan.output, text, figures, picture)
    return text


def choose_sections(names: str | None) -> tuple[str, ...]:
    """Sections by their names, parted by commas; None is all of them.

    Raises:
        OptionError: there is no such section.
    """
    chosen = (
        tuple(SECTIONS) if names is None else tuple(name.strip() for name in names.split(",") if name.strip())
    )
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown or not chosen:
        raise OptionError(f"--only {names}: there are {', '.join(SECTIONS)}")
    return chosen


def minutes_wanted(text: str) -> tuple[int, ...]:
    """Numbers of minutes, parted by commas.

    Raises:
        OptionError: one is no whole number from 2 to 600.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and 2 <= int(part) <= _LAST_MINUTE for part in parts):
        raise OptionError(
            f"--long-minutes {text}: give whole numbers from 2 to {_LAST_MINUTE}, such as 10,60"
        )
    return tuple(sorted({int(part) for part in parts}))


def _text(sections: Sequence[Section]) -> str:
    parts = ["# Evaluation", "![at a glance](report.png)", "## Aims", aims_table(sections), AIMS_NOTE]
    for section in sections:
        parts += [f"## {section.title}", section.text]
    return "\n\n".join(parts)


AIMS_NOTE = (
    "In brackets: how many of how many, and the 95 % interval (Wilson; for ratios by drawing streams anew)."
)
