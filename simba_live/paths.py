"""Where things lie: the weights that ship inside the package."""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""Folder of the default checkpoints."""

DEFAULT_MODEL = ASSETS / "mini"
DEFAULT_CODEC = ASSETS / "codec"


def model_folder(model: str | Path | None) -> Path:
    """Folder of a model: one that is named, one that ships by its name, or for None the default one."""
    if model is None:
        return DEFAULT_MODEL
    shipped = ASSETS / str(model)
    return shipped if shipped.is_dir() else Path(model)
