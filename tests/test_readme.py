"""The README's examples are commands and code that work as they stand."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from simba_live.paths import DEFAULT_CODEC, DEFAULT_MODEL

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("console") for line in block.splitlines()]


def test_there_are_examples():
    assert len(COMMANDS) >= 8
    assert len(blocks("python")) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command):
    from simba_live_cli.app import app

    program, *arguments = shlex.split(command, comments=True)
    assert program == "simba-live"
    command_object = typer.main.get_command(app)
    while arguments and arguments[0] in getattr(command_object, "commands", {}):
        command_object = command_object.commands[arguments.pop(0)]
    # Reads the options without running anything; an unknown one raises.
    assert not command_object.make_context(command, arguments).args


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"\bmake (\w[\w-]*)", README)
    assert {"demo", "test", "check"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target


def test_python_example_runs(tmp_path, monkeypatch, capsys):
    assert (DEFAULT_MODEL / "config.json").is_file()
    assert (DEFAULT_CODEC / "config.json").is_file()
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert "lofi" in capsys.readouterr().out
    assert (tmp_path / "lofi.wav").stat().st_size == 8 * 24000 * 2 + 44


def test_folders_of_the_map_exist_and_are_all_there():
    mapped = set(re.findall(r"^\| `([\w/.]+)`", README, re.MULTILINE))
    for path in mapped:
        assert (ROOT / path).exists(), path
    rooms = {f"simba_live/{path.parent.name}/" for path in (ROOT / "simba_live").glob("*/__init__.py")}
    assert rooms <= mapped


def test_pictures_exist():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
