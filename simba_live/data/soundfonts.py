"""Finding General MIDI soundfonts on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simba_live.errors import MissingDependencyError, OptionError

SOUNDFONT_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
    "~/.local/share/soundfonts",
)
SOUNDFONT_NAMES = (
    "FluidR3_GM.sf2",
    "FluidR3Mono_GM.sf3",
    "MuseScore_General.sf3",
    "MuseScore_General_Lite.sf3",
    "TimGM6mb.sf2",
    "default-GM.sf2",
)

FOR_TRAINING = (
    ("FluidR3_GM.sf2", "FluidR3Mono_GM.sf3"),
    (
        "MuseScore_General_Full.sf3",
        "MuseScore_General_Full.sf2",
        "MuseScore_General.sf3",
        "MuseScore_General.sf2",
        "MuseScore_General_Lite.sf3",
    ),
)
"""Free soundfonts that sound well and may be trained on, each in the shapes it comes in, the best first.

TimGM6mb is not among them: what is trained is judged on it.
"""

HOW_TO_GET = "on Debian or Ubuntu: apt install libfluidsynth3 fluid-soundfont-gm"


def find_soundfont(soundfont: Path | str | None = None) -> Path:
    """The soundfont to play: the one named, else the first of the usual ones in the usual places.

    Raises:
        OptionError: the named file does not exist or is no soundfont.
        MissingDependencyError: none was named and none is installed.
    """
    if soundfont is not None:
        path = Path(soundfont).expanduser()
        if not path.is_file():
            raise OptionError(
                f"soundfont {path}: no such file; leave --soundfont out to use an installed one"
            )
        with path.open("rb") as file:
            start = file.read(12)
        if start[:4] != b"RIFF" or start[8:] != b"sfbk":
            raise OptionError(f"soundfont {path}: not a soundfont; name an .sf2 or .sf3 file")
        return path
    for name in SOUNDFONT_NAMES:
        for folder in SOUNDFONT_FOLDERS:
            path = Path(folder).expanduser() / name
            if path.is_file():
                return path
    raise MissingDependencyError(
        f"no General MIDI soundfont is installed; {HOW_TO_GET}, or name one with --soundfont"
    )


def find_soundfonts(named: Sequence[Path | str] = ()) -> tuple[Path, ...]:
    """The soundfonts to compose a corpus with: those named, else all installed ones of `FOR_TRAINING`.

    Raises:
        OptionError: a named file does not exist or is no soundfont.
        MissingDependencyError: none was named and none is installed.
    """
    if named:
        return tuple(dict.fromkeys(find_soundfont(name) for name in named))
    found = []
    for names in FOR_TRAINING:
        paths = (Path(folder).expanduser() / name for name in names for folder in SOUNDFONT_FOLDERS)
        # Some systems have a soundfont under another's name, as a link.
        own = [path for path in paths if path.is_file() and path.resolve().name == path.name]
        found += own[:1]
    if not found:
        raise MissingDependencyError(
            f"no soundfont to compose with is installed; {HOW_TO_GET}, or name one with --soundfont"
        )
    return tuple(found)
