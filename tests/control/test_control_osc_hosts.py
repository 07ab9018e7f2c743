"""Real Pure Data and SuperCollider, without screens or sound, playing and hearing an OSC server."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from simba_live.control.fake import FakeDriven
from simba_live.control.osc import OscServer
from simba_live.events import Note, Play, Prompt, Save, Set

pytestmark = pytest.mark.integration

needs_pd = pytest.mark.skipif(
    shutil.which("pd") is None, reason="needs Pure Data (apt install puredata-core)"
)
needs_sclang = pytest.mark.skipif(
    shutil.which("sclang") is None, reason="needs SuperCollider (apt install supercollider-language)"
)

PD_SECONDS = 3
"""How long the patch lives."""


def pd_patch(port, ear, messages):
    """A patch that connects to `port`, then sends `messages`, and prints what it hears there and at `ear`.

    Args:
        port: of the server.
        ear: port of a receiver of its own; 0 for none.
        messages: (words of the address, content of a message box).
    """
    objects = [
        "obj 10 10 loadbang",
        "obj 10 40 t b b b",
        f"msg 300 70 connect 127.0.0.1 {port}",
        "obj 10 70 delay 300",
        f"obj 150 70 delay {PD_SECONDS * 1000}",
        r"msg 150 100 \; pd quit",
        "obj 10 300 list prepend send",
        "obj 10 330 list trim",
        "obj 10 360 netsend -u -b",
        "obj 10 390 oscparse",
        "obj 10 420 print heard",
        "obj 10 100 t " + " ".join("b" * len(messages)),
    ]
    cords = ["0 0 1 0", "1 2 2 0", "1 1 3 0", "1 0 4 0", "2 0 8 0", "4 0 5 0", "3 0 11 0"]
    cords += ["6 0 7 0", "7 0 8 0", "8 1 9 0", "9 0 10 0"]
    for index, (address, content) in enumerate(messages):
        number = len(objects)
        objects += [f"msg 10 {130 + 30 * index} {content}", f"obj 200 {130 + 30 * index} oscformat {address}"]
        # A trigger fires from right to left.
        cords += [f"11 {len(messages) - 1 - index} {number} 0", f"{number} 0 {number + 1} 0"]
        cords += [f"{number + 1} 0 6 0"]
    if ear:
        number = len(objects)
        objects += [f"obj 400 300 netreceive -u -b {ear}", "obj 400 330 oscparse", "obj 400 360 print ear"]
        cords += [f"{number} 0 {number + 1} 0", f"{number + 1} 0 {number + 2} 0"]
    lines = [
        "#N canvas 0 0 600 500 12",
        *(f"#X {one}" for one in objects),
        *(f"#X connect {one}" for one in cords),
    ]
    return ";\n".join(lines) + ";\n"


def start_pd(path, *arguments):
    path.write_text(pd_patch(*arguments))
    return subprocess.Popen(
        ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-open", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def start_sclang(path, port, code):
    """Run `code` in a routine; `server` is the server, and what comes from it is printed."""
    path.write_text(
        "(\n"
        f'var server = NetAddr("127.0.0.1", {port});\n'
        "thisProcess.addOSCRecvFunc({ |message, time, from|\n"
        f'    if (from.port == {port}) {{ ("heard:" + message.asCompileString).postln }}\n'
        "});\n"
        "fork {\n    0.2.wait;\n" + code + "    0.exit;\n};\n)\n"
    )
    headless = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "HOME": str(path.parent)}
    return subprocess.Popen(
        ["sclang", "-D", str(path)], env=os.environ | headless,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def output_of(process, seconds=30):
    try:
        return process.communicate(timeout=seconds)[0]
    finally:
        process.kill()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def driven():
    return FakeDriven()


@pytest.fixture
def server(driven):
    with OscServer(driven, port=0) as running:
        yield running


@needs_pd
def test_pure_data_plays_and_hears(server, driven, tmp_path):
    messages = [
        ("simba set temperature", "0.9 bar"),
        ("simba set top_k", "42"),
        ("simba prompt", r"symbol warm\ analog\ pads"),
        ("simba note", "60 100"),
        ("simba snapshot save", "7"),
        ("simba set bpm", "symbol auto"),
        ("simba set bpm", "1000"),
        ("simba get temperature", "bang"),
        ("simba status", "bang"),
    ]
    heard = output_of(start_pd(tmp_path / "play.pd", server.port, 0, messages))
    sent = [(event, quantum) for event, quantum in driven.sent if not isinstance(event, Prompt)]
    # Whole numbers come as floats, and a name that is a number too.
    assert sent == [
        (Set("temperature", 0.9), "bar"),
        (Set("top_k", 42), None),
        (Note(60, 100), None),
        (Save("7"), None),
        (Set("bpm", None), None),
    ]
    assert [event.texts for event in driven.events if isinstance(event, Prompt)] == [("warm analog pads",)]
    for line in (
        "heard: list simba get temperature 0.9",
        "heard: list simba done /simba/set/temperature 1",
        "heard: list simba status snapshots 7",
        "heard: list simba status playing 0",
    ):
        assert line in heard
    assert "heard: list simba fail /simba/set/bpm bpm" in heard
    assert "unknown tag" not in heard
    assert "no method" not in heard


@needs_pd
def test_pure_data_hears_on_another_port(server, tmp_path):
    messages = [("simba reply", str(ear := free_port())), ("simba version", "bang"), ("simba sync", "5")]
    heard = output_of(start_pd(tmp_path / "reply.pd", server.port, ear, messages))
    assert "ear: list simba version simba-live" in heard
    assert "ear: list simba synced 5" in heard
    assert "heard:" not in heard


@needs_sclang
def test_supercollider_plays_and_hears(server, driven, tmp_path):
    times = {}
    driven.subscribe(lambda news: times.setdefault(news.kind, time.monotonic()))
    heard = output_of(
        start_sclang(
            tmp_path / "play.scd",
            server.port,
            """
    server.sendMsg("/simba/notify", 1);
    server.sendMsg("/simba/set/bpm", 98.5, "bar");
    server.sendBundle(0.4, ["/simba/snapshot/save", "a"], ["/simba/play"]);
    server.sendMsg("/simba/prompt", "dub techno", 1.0, "warm pads", 0.5);
    server.sendMsg("/simba/set/key", "H minor", "later");
    0.6.wait;
    server.sendMsg("/simba/get/bpm");
    server.sendMsg("/simba/sync", 42);
    0.7.wait;
""",
        )
    )
    bpm, prompt, save, play = driven.events
    assert (bpm, save, play) == (Set("bpm", 98.5), Save("a"), Play())
    assert (prompt.texts, prompt.weights) == (("dub techno", "warm pads"), (1.0, 0.5))
    assert driven.sent[0][1] == "bar"
    assert times["snapshots"] - times["set"] == pytest.approx(0.4, abs=0.1)
    for line in (
        "heard: [ '/simba/startup' ]",
        "heard: [ '/simba/done', '/simba/set/bpm', 1 ]",
        "heard: [ '/simba/get/bpm', 98.5 ]",
        "'/simba/status/prompts', 'dub techno', 1.0, 'warm pads', 0.5 ]",
        "heard: [ '/simba/synced', 42 ]",
    ):
        assert line in heard
    assert "'/simba/fail', '/simba/set/key', 'quantum is" in heard


@needs_pd
@needs_sclang
def test_both_at_once_hear_each_other(server, driven, tmp_path):
    pd = start_pd(tmp_path / "both.pd", server.port, 0, [("simba listen", "1"), ("simba set gain", "-6")])
    until = time.monotonic() + 10
    while not driven.events and time.monotonic() < until:
        time.sleep(0.02)
    code = """
    server.sendMsg("/simba/listen/gain", 1);
    0.2.wait;
    server.sendMsg("/simba/set/gain", -3);
    0.3.wait;
"""
    in_sclang = output_of(start_sclang(tmp_path / "both.scd", server.port, code))
    in_pd = output_of(pd)
    assert driven.events == [Set("gain", -6.0), Set("gain", -3.0)]
    assert "heard: list simba get gain -6" in in_pd
    assert "heard: list simba get gain -3" in in_pd
    assert "heard: [ '/simba/get/gain', -6.0 ]" in in_sclang
    assert "heard: [ '/simba/get/gain', -3.0 ]" in in_sclang
