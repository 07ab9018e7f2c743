"""`simba-live osc`: sending, watching, and the table."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from simba_live.control.addresses import ADDRESSES, REPLIES
from simba_live.control.driven import News
from simba_live.control.fake import FakeDriven
from simba_live.control.osc import OscServer
from simba_live.events import Save, Set


@pytest.fixture
def driven():
    return FakeDriven()


@pytest.fixture
def port(driven):
    with OscServer(driven, port=0) as server:
        yield server.port


@pytest.mark.parametrize(
    ("arguments", "event", "quantum"),
    [
        (("/simba/set/gain", "-6.5"), Set("gain", -6.5), None),
        (("/simba/set/bpm", "120", "bar"), Set("bpm", 120.0), "bar"),
        (("/simba/set/bpm", "auto"), Set("bpm", None), None),
        (("/simba/set/chord", "Am7"), Set("chord", "Am7"), None),
        (("/simba/set/seed", "4294967295"), Set("seed", 2**32 - 1), None),
        (("/simba/snapshot/save", "007"), Save("007"), None),
    ],
)
def test_send_becomes_an_event(simba_live, driven, port, arguments, event, quantum):
    code, out, err = simba_live("osc", "send", *arguments, "--port", port)
    assert (code, err) == (0, "")
    assert f'/simba/done "{arguments[0]}" 1' in out
    assert driven.sent == [(event, quantum)]


def test_send_blends_prompts(simba_live, driven, port):
    code, _, _ = simba_live(
        "osc", "send", "/simba/prompt", "dub techno", "1.0", "pads", "0.5", "--port", port
    )
    assert code == 0
    assert (driven.events[0].texts, driven.events[0].weights) == (("dub techno", "pads"), (1.0, 0.5))


def test_send_prints_what_was_asked_for(simba_live, port):
    code, out, _ = simba_live("osc", "send", "/simba/get/top_p", "--port", port)
    assert (code, out) == (0, '/simba/get/top_p 1\n/simba/done "/simba/get/top_p"\n')


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("/simba/plya",), "did you mean /simba/play?"),
        (("/simba/set/bpm", "fast"), "bpm is 'fast': give a number from 20 to 300 BPM, or 'auto'"),
        (("/simba/undo", "1", "2", "3"), "quantum is '3'"),
        (("/simba/snapshot/save", "../x"), "name is '../x'"),
    ],
)
def test_what_is_refused_ends_with_2_and_one_line(simba_live, port, arguments, reason):
    code, _, err = simba_live("osc", "send", *arguments, "--port", port)
    assert code == 2
    assert err.startswith("simba-live: ")
    assert reason in err
    assert err.count("\n") == 1


def test_no_answer_and_no_server(simba_live, driven, port):
    driven.held = True
    code, _, err = simba_live("osc", "send", "/simba/play", "--port", port, "--wait", "0.1")
    assert code == 2
    assert "no answer" in err
    code, out, err = simba_live("osc", "send", "/simba/stop", "--port", port, "--wait", "0")
    assert (code, out, err) == (0, "", "")
    for command in (("send", "/simba/play"), ("watch",)):
        code, _, err = simba_live("osc", *command, "--port", 9)
        assert code == 2
        assert "nothing answers at 127.0.0.1:9" in err


def test_list_is_the_table(simba_live):
    code, out, _ = simba_live("osc", "list", "--markdown")
    assert code == 0
    understood, sent = out.split("| A server sends")
    assert re.findall(r"^\| `(/\S+)` \|", understood, re.MULTILINE) == list(ADDRESSES)
    assert re.findall(r"^\| `(/\S+)` \|", sent, re.MULTILINE) == list(REPLIES)
    _, out, _ = simba_live("osc", "list")
    for path in ADDRESSES | REPLIES:
        assert f"  {path} " in out
    assert "(20 to 300 BPM or auto) [quantum]" in out


def test_watch_prints_news_until_it_is_stopped_and_survives_a_restart(driven):
    command = [sys.executable, "-c", "from simba_live_cli import main; main()", "osc", "watch", "--dump"]
    with OscServer(driven, port=0) as server:
        watching = subprocess.Popen(
            [*command, "--port", str(server.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert "/simba/startup" in watching.stdout.readline()
        driven.send(Set("bpm", 99.0))
        driven.tell(News("sink", "unplugged"))
        time.sleep(0.3)
    with OscServer(driven, port=server.port):
        time.sleep(5.0)
        driven.tell(News("sink", "back again"))
        time.sleep(0.3)
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=10)
    assert watching.returncode == 130
    assert re.search(r"^\d\d:\d\d:\d\d /simba/get/bpm 99$", out, re.MULTILINE)
    assert '/simba/news "sink" "unplugged" 0' in out
    assert '/simba/news "sink" "back again" 0' in out
    assert "Traceback" not in err
