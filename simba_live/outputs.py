"""Files appear whole or not at all: they are written beside their place and renamed when complete."""

from __future__ import annotations

import secrets
from pathlib import Path

from simba_live.errors import SimbaLiveError


def reserve(path: Path, failure: type[SimbaLiveError]) -> Path:
    """Create an empty hidden file beside `path`, to become `path` when it is complete.

    Args:
        path: where the whole file will go.
        failure: what to raise.

    Raises:
        SimbaLiveError: `path` is a folder, or its folder is missing or cannot be written to.
    """
    try:
        if path.is_dir():
            raise failure(f"{path} is a folder: name a file in it")
        if path.exists() and not path.is_file():
            raise failure(f"{path} is a device, not a file: choose another name")
        path = path.resolve()  # A link stays, what it points to is replaced.
        if not path.parent.is_dir():
            raise failure(f"the folder {path.parent} does not exist: create it or choose another")
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        temporary.touch(exist_ok=False)
    except (OSError, RuntimeError) as error:
        raise failure(f"{path} cannot be written ({reason(error)}): choose another place") from error
    return temporary


def reason(error: BaseException) -> str:
    """An error's own words, on one line and without the path, which our message names already."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
