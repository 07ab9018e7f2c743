"""The table of all styles."""

from __future__ import annotations

from simba_live.music.score import MusicError
from simba_live.music.style import Style
from simba_live.music.styles_band import BAND
from simba_live.music.styles_electronic import ELECTRONIC
from simba_live.music.styles_quiet import QUIET
from simba_live.music.styles_world import WORLD

STYLES: dict[str, Style] = {style.name: style for style in (*ELECTRONIC, *BAND, *WORLD, *QUIET)}
"""Every style by name."""


def find_style(name: str) -> Style:
    """The style of a name or one of its other names, whatever the case.

    Raises:
        MusicError: there is none; the message lists the names.
    """
    wanted = name.strip().lower()
    if wanted in STYLES:
        return STYLES[wanted]
    for style in STYLES.values():
        if wanted in style.words:
            return style
    raise MusicError(f"there is no style '{name}'; choose one of: {', '.join(STYLES)}")
