"""Where things lie: the weights that ship inside the package."""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""Folder of the default checkpoints."""

DEFAULT_MODEL = ASSETS / "mini"
DEFAULT_CODEC = ASSETS / "codec"
