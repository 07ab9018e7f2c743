"""The package as it is installed: its folders, its public face, and what importing it costs."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_folder_is_packaged():
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "simba_live").rglob("__init__.py")
    }
    assert set(project()["tool"]["setuptools"]["packages"]) == folders | {"simba_live_cli"}


def test_torch_is_pinned_where_it_was_tested():
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    assert "torch==2.13.0" in constraints
    lower_bounds = {requirement.split(">=")[0] for requirement in project()["project"]["dependencies"]}
    assert {"torch", "transformers", "safetensors", "typer"} <= lower_bounds


def test_import_does_nothing_heavy():
    script = (
        "import sys, threading; import simba_live; "
        "heavy = {'torch', 'transformers', 'matplotlib', 'scipy'} & sys.modules.keys(); "
        "print(sorted(heavy), threading.active_count())"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.split() == ["[]", "1"]


def test_music_and_audio_know_nothing_of_torch():
    script = (
        "import sys; import simba_live.audio.files, simba_live.music.composer, simba_live.music.frames, "
        "simba_live.music.prompt, simba_live.conditions, simba_live.controls; print('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "False"


def test_shipped_files_fit_the_wheel():
    size = sum(
        path.stat().st_size
        for path in (ROOT / "simba_live").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    assert size < 90e6
