"""Ableton Link: what another peer sees of us, and we of it, in a network where nobody else is."""

import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from simba_live.control.link import LinkClock
from simba_live.errors import MissingDependencyError

NETWORK = ["unshare", "--map-root-user", "--net", "bash", "-c"]
UP = "ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo"


def why_not():
    """Why the real thing cannot be tested here; empty if it can."""
    if importlib.util.find_spec("link") is None:
        return "LinkPython-extern is not installed"
    if not all(map(shutil.which, ("unshare", "ip"))):
        return "a network of our own needs unshare and ip (util-linux, iproute2)"
    tried = subprocess.run([*NETWORK, UP], capture_output=True, text=True, check=False)
    return f"a network of our own is refused: {tried.stderr.strip()[:80]}" if tried.returncode else ""


@pytest.fixture(scope="module")
def found():
    if reason := why_not():
        pytest.skip(reason)
    command = f'{UP} && exec "{sys.executable}" -m tests.control.link_peers'
    done = subprocess.run([*NETWORK, command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_alone_there_is_no_beat_to_follow(found):
    assert found["alone"]


def test_who_joins_finds_our_tempo_and_beat(found):
    assert found["met"]
    assert found["joined our tempo"]
    assert found["joined our beat by"] < 0.01


def test_both_have_the_same_bar_lines(found):
    assert found["apart"] < 0.002
    assert found["apart at last"] < 0.002


def test_tempo_goes_both_ways(found):
    assert found["took their tempo"]
    assert found["left theirs alone"]
    assert found["gave our tempo"]


def test_starts_and_stops_go_both_ways(found):
    assert found["started with them"]
    assert found["stopped them"]
    assert found["ended together"]


def test_music_is_on_the_beat_within_two_bars_and_again_after_a_jump(found):
    assert found["followed"] < 0.03
    assert found["followed again"] < 0.03


def test_leaving_is_seen(found):
    assert found["left"]


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(MissingDependencyError, match=r"simba-live\[link\]") as error:
        LinkClock()
    assert "\n" not in str(error.value)
