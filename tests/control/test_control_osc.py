"""The OSC server over real sockets: python-osc as a client, two clients at once, floods, noise, its end."""

import logging
import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from simba_live.control.driven import News
from simba_live.control.fake import FakeDriven
from simba_live.control.osc import OscServer
from simba_live.control.osc_client import OscClient
from simba_live.control.packets import encode
from simba_live.errors import OptionError, SimbaLiveError
from simba_live.events import Note, Play, Set


@pytest.fixture
def driven():
    return FakeDriven()


@pytest.fixture
def server(driven):
    with OscServer(driven, port=0) as running:
        yield running


@pytest.fixture
def client(server):
    with OscClient(port=server.port) as talking:
        yield talking


def ask(client, path, *values, timeout=5.0):
    client.send(path, *values)
    return [(message.path, *message.values) for message in client.answers(path, timeout)]


def wait_for(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


def built(path, *values):
    builder = OscMessageBuilder(path)
    for value in values:
        builder.add_arg(value)
    return builder.build()


def test_python_osc_plays_and_hears_the_answer(server, driven):
    with UDPClient("127.0.0.1", server.port) as talking:
        talking.send(built("/simba/set/mute", True))
        answer = OscMessage(talking.receive(5))
    assert (answer.address, answer.params) == ("/simba/done", ["/simba/set/mute", 1])
    assert driven.events == [Set("mute", 1)]
    assert len(server.clients) == 1
    assert server.clients[0].startswith("127.0.0.1:")


def test_bundles_with_time_tags_act_on_time(server, driven):
    seen = []
    driven.subscribe(lambda news: seen.append(time.time()))
    at = time.time() + 0.3
    bundle = OscBundleBuilder(at)
    bundle.add_content(built("/simba/set/bpm", 99.0))
    with UDPClient("127.0.0.1", server.port) as talking:
        talking.send(bundle.build())
        wait_for(lambda: seen)
    assert -0.001 <= seen[0] - at < 0.05


def test_two_clients_at_once_each_hear_their_own_answers(server, driven):
    heard = {}

    def play(first):
        with OscClient(port=server.port) as talking:
            answers = []
            for pitch in range(first, first + 50):
                answers += ask(talking, "/simba/note", pitch)
                answers += ask(talking, "/simba/sync", pitch)
            heard[first] = answers

    threads = [threading.Thread(target=play, args=(first,)) for first in (0, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for first, answers in heard.items():
        assert [answer[:2] for answer in answers[::2]] == [("/simba/done", "/simba/note")] * 50
        assert answers[1::2] == [("/simba/synced", pitch) for pitch in range(first, first + 50)]
        mine = [event.pitch for event in driven.events if first <= event.pitch < first + 50]
        assert mine == list(range(first, first + 50))
    assert len(driven.events) == 100


def test_news_reach_a_client_from_another_thread(client, driven):
    driven.change(ready=False)
    ask(client, "/simba/notify", 1)
    threading.Thread(target=driven.tell, args=(News("sink", "unplugged", frame=3),)).start()
    messages = iter(lambda: client.receive(5.0), None)
    news = next(message for message in messages if message.path != "/simba/heartbeat")
    assert (news.path, news.values) == ("/simba/news", ("sink", "unplugged", 3))
    times = []
    while len(times) < 2:
        assert client.receive(3.0).path == "/simba/heartbeat"
        times.append(time.monotonic())
    assert times[1] - times[0] == pytest.approx(1.0, abs=0.3)


def test_answers_go_to_the_port_asked_for(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear, OscClient(port=server.port) as talking:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(5)
        talking.send("/simba/reply", ear.getsockname()[1])
        talking.send("/simba/sync", 5)
        received = [ear.recv(4096), ear.recv(4096)]
        assert received[0].startswith(b"/simba/done")
        assert received[1] == encode("/simba/synced", (5,))


def test_a_busy_port_is_named(server):
    with pytest.raises(OptionError, match=rf"OSC port {server.port} of 127.0.0.1 cannot be used.*--osc-port"):
        OscServer(FakeDriven(), port=server.port).start()


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_is_heard_too(driven):
    try:
        server = OscServer(driven, host="::1", port=0).start()
    except OptionError:
        pytest.skip("this machine has no IPv6 loopback")
    with OscClient("::1", server.port) as client:
        assert ask(client, "/simba/play") == [("/simba/done", "/simba/play", 1)]
    server.close()


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid", "x" * 300])
def test_a_host_that_is_not_ours_is_refused(host):
    with pytest.raises(OptionError) as caught:
        OscServer(FakeDriven(), host=host, port=0).start()
    assert len(str(caught.value)) < 250


def test_a_wide_bind_warns(driven, caplog):
    with caplog.at_level(logging.WARNING), OscServer(driven, host="0.0.0.0", port=0):
        assert "whoever reaches this machine can play it" in caplog.text


def test_close_frees_the_port_and_ends_the_thread(driven):
    server = OscServer(driven, port=0).start()
    server.close()
    server.close()
    assert "osc" not in {thread.name for thread in threading.enumerate()}
    driven.tell(News("sink", "after the end"))
    with OscServer(driven, port=server.port), OscClient(port=server.port) as client:
        assert ask(client, "/simba/play")[-1][0] == "/simba/done"


def test_the_last_news_is_still_told(driven):
    server = OscServer(driven, port=0).start()
    with OscClient(port=server.port) as client:
        ask(client, "/simba/notify", 1)
        driven.quit()
        server.close()
        messages = iter(lambda: client.receive(5.0), None)
        assert ("quit", "the session ends") in (message.values[:2] for message in messages)


def test_nobody_there_is_told():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with OscClient(port=port) as client, pytest.raises(SimbaLiveError, match="nothing answers at 127"):
        ask(client, "/simba/play")
    with pytest.raises(OptionError, match="host is 'no such host'"):
        OscClient("no such host")


def test_an_answer_that_does_not_come_is_told(client, driven):
    driven.held = True
    with pytest.raises(SimbaLiveError, match=r"within 0.1 s: wait longer"):
        ask(client, "/simba/play", timeout=0.1)


STATM = Path("/proc/self/statm")


def resident_bytes():
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not STATM.exists(), reason="needs /proc")
def test_a_flood_neither_fills_memory_nor_silences_others(server, driven, client):
    """10,000 messages a second: moved faders, notes, noise, 60 kB texts, bundles with far time tags."""
    chance = random.Random(2)
    far = b"#bundle\0" + b"\xff" * 8 + b"\0\0\0\x10" + encode("/simba/play")
    noise = [chance.randbytes(chance.randrange(1, 200)) for _ in range(50)]
    packets = [
        encode("/simba/set/gain", (-1.0,)),
        encode("/simba/set/bpm", (90.0,)),
        encode("/simba/set/bpm", (1e9,)),
        encode("/simba/nothing", ("x" * 100,)),
        encode("/simba/note", (60,)),
        far,
        *noise,
    ]
    long = encode("/simba/prompt", ("x" * 60000,))
    sent = []

    def flood(seconds, rate=10000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            began = time.monotonic()
            while (passed := time.monotonic() - began) < seconds:
                for _ in range(int(passed * rate) - len(sent)):
                    packet = long if len(sent) % 100 == 0 else packets[len(sent) % len(packets)]
                    out.sendto(packet, ("127.0.0.1", server.port))
                    sent.append(0)
                time.sleep(0.001)

    flood(0.5)  # whatever is allocated once
    sent.clear()
    before, calls = resident_bytes(), len(driven.sent)
    thread = threading.Thread(target=flood, args=(3.0,))
    thread.start()
    waits = []
    while thread.is_alive():
        began = time.monotonic()
        client.send("/simba/sync", len(waits))
        if client.receive(1.0) is not None:
            waits.append(time.monotonic() - began)
        time.sleep(0.01)
    thread.join()
    assert len(sent) > 15000
    assert ask(client, "/simba/play")[-1][:2] == ("/simba/done", "/simba/play")
    assert isinstance(driven.events[-1], Play)
    # 200 changes a second of each of two controls, 500 notes a second and a burst of 1000.
    assert len(driven.sent) - calls < 3.5 * (2 * 200 + 500) + 1000
    assert {event for event in driven.events if isinstance(event, Note)} == {Note(60)}
    driven.sent.clear()
    assert resident_bytes() - before < 8e6
    assert len(waits) > 20
    assert sorted(waits)[len(waits) // 2] < 0.05
