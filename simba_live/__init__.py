"""A live music model that can be rewound.

    import simba_live
    music = simba_live.generate("warm lofi piano, 80 bpm", seconds=30)
    music.save("out.wav")

    with simba_live.Session("dub techno") as session:
        session.play()

Names are imported when they are first used, so that `import simba_live` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simba_live.errors import SimbaLiveError
    from simba_live.generation import Generator, Music, generate
    from simba_live.server.session import Session

__all__ = ["Generator", "Music", "Session", "SimbaLiveError", "generate"]

_HOMES = {
    "Generator": "simba_live.generation",
    "Music": "simba_live.generation",
    "Session": "simba_live.server.session",
    "SimbaLiveError": "simba_live.errors",
    "generate": "simba_live.generation",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("simba-live")
    if name not in _HOMES:
        raise AttributeError(f"module 'simba_live' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
