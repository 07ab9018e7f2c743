"""The table of all styles."""

from __future__ import annotations

from simba_live.music.score import MusicError
from simba_live.music.style import Style
from simba_live.music.styles_acoustic import ACOUSTIC
from simba_live.music.styles_beats import BEATS
from simba_live.music.styles_club import CLUB
from simba_live.music.styles_groove import GROOVE
from simba_live.music.styles_guitar import GUITAR
from simba_live.music.styles_jazz import JAZZ_AND_BLUES
from simba_live.music.styles_roots import ROOTS
from simba_live.music.styles_still import STILL

_ALL = (*CLUB, *BEATS, *GROOVE, *GUITAR, *JAZZ_AND_BLUES, *ROOTS, *ACOUSTIC, *STILL)

STYLES: dict[str, Style] = {style.name: style for style in _ALL}
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
