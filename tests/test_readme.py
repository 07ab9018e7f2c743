"""The README's examples are commands and code that work as they stand."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from simba_live.control.addresses import ADDRESSES, REPLIES
from simba_live.control.midi_map import read_map
from simba_live.control.namespace import answer
from simba_live.controls import LIVE
from simba_live.paths import DEFAULT_CODEC, DEFAULT_MODEL
from simba_live.status import Status

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("console") for line in block.splitlines()]


def test_there_are_examples():
    assert len(COMMANDS) >= 8
    assert len(blocks("python")) == 2


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
    targets = re.findall(r"(?:^ {4}|`)make (\w[\w-]*)", README, re.MULTILINE)
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


@pytest.mark.timeout(120)
def test_python_example_of_playing_live_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("simba_live.server.session.default_folder", lambda: tmp_path)
    exec(compile(blocks("python")[1], "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0
    assert list((tmp_path / "logs").glob("*.jsonl"))


def table_of(first_column: str) -> list[list[str]]:
    """Rows of the table with that heading, without their backquotes."""
    lines = README[README.index(f"| {first_column} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def expanded(rows: list[list[str]]) -> dict[str, tuple[str, str]]:
    """Address to (arguments, help), with one row a control."""
    found = {}
    for usage, text in rows:
        path, _, arguments = usage.partition(" ")
        for name in LIVE if "<control>" in path else [""]:
            found[path.replace("<control>", name)] = arguments, text
    return found


def test_the_table_of_messages_the_code_and_oscquery_hold_the_same_addresses():
    written = expanded(table_of("message"))
    assert written.keys() == ADDRESSES.keys()
    for path, address in ADDRESSES.items():
        if not address.control:
            assert written[path] == (address.usage, address.help)
    assert set(methods(answer("/", Status(), {}).body)) == ADDRESSES.keys() | REPLIES.keys()


def methods(node: dict) -> list[str]:
    """Addresses of an OSCQuery tree that take messages or hold values."""
    own = [node["FULL_PATH"]] if "TYPE" in node else []
    return own + [path for child in node.get("CONTENTS", {}).values() for path in methods(child)]


def test_the_table_of_answers_holds_all_of_them():
    written = expanded(table_of("answer"))
    status = written.pop("/simba/status/<field>")[1]
    told = {path for path in REPLIES if path.startswith("/simba/status/")}
    assert {f"/simba/status/{name}" for name in re.findall(r"\w+(?=[,.])", status.split(": ")[1])} == told
    assert written.keys() == REPLIES.keys() - told


def test_the_table_of_controls_is_that_of_the_code():
    rows = {row[0]: row[1:] for row in table_of("control")}
    assert rows.keys() == LIVE.keys()
    for name, control in LIVE.items():
        values, first, text = rows[name]
        assert values == ("0, 1" if control.range == "0 to 1" and control.integer else control.range)
        assert first == ("auto" if control.auto else str(control.default).removesuffix(".0"))
        assert text == control.help


def test_folders_of_the_map_exist_and_are_all_there():
    mapped = set(re.findall(r"^\| `([\w.]+/[\w/.]*)`", README, re.MULTILINE))
    for path in mapped:
        assert (ROOT / path).exists(), path
    rooms = {f"simba_live/{path.parent.name}/" for path in (ROOT / "simba_live").glob("*/__init__.py")}
    assert rooms <= mapped


def test_pictures_exist():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path


def test_the_midi_map_is_one(tmp_path):
    path = tmp_path / "midi.toml"
    path.write_text(blocks("toml")[0])
    assert len(read_map(path).knobs) == 3
