import http.client
import json
import logging
import socket
import threading
import time

import pytest

from simba_live.control.addresses import ADDRESSES, REPLIES
from simba_live.control.announce import OSC_TYPE, QUERY_TYPE, Announcement
from simba_live.control.fake import FakeDriven
from simba_live.control.namespace import PATHS, SUPPORTED, UNSUPPORTED, answer
from simba_live.control.oscquery import MAX_CONNECTIONS, OscQuery
from simba_live.controls import LIVE, SECTIONS, Number
from simba_live.errors import OptionError
from simba_live.events import Prompt, Set
from simba_live.status import Status

PER_VALUE = {"VALUE", "RANGE", "UNIT", "EXTENDED_TYPE"}


@pytest.fixture
def driven():
    return FakeDriven()


@pytest.fixture
def query(driven):
    with OscQuery(driven, "127.0.0.1", 9000, announce=False) as query:
        yield query


def get(query, target, method="GET"):
    """Status code, headers and JSON of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", query.port, timeout=5)
    connection.request(method, target)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, json.loads(body, parse_constant=pytest.fail) if body else None


def methods(node):
    """Every node that is more than a container, from there down."""
    found = [node] if "TYPE" in node else []
    return found + [below for child in node.get("CONTENTS", {}).values() for below in methods(child)]


def sample(tag, bounds):
    """Some values that such a node says it takes."""
    if bounds is None:
        return [{"f": 1.5, "i": 1, "s": "A minor"}[tag]]
    return bounds["VALS"] if "VALS" in bounds else [bounds["MIN"], bounds["MAX"]]


def test_it_describes_every_address_and_no_other(query):
    code, headers, tree = get(query, "/")
    assert code == 200
    assert headers["Content-Type"] == "application/json"
    assert [node["FULL_PATH"] for node in methods(tree)] == list(PATHS)
    assert set(PATHS) == ADDRESSES.keys() | REPLIES.keys()
    assert all(node["DESCRIPTION"] for node in methods(tree))
    taken = {node["FULL_PATH"] for node in methods(tree) if node["ACCESS"] & 2}
    asked = {node["FULL_PATH"] for node in methods(tree) if node["ACCESS"] == 1}
    assert taken <= ADDRESSES.keys()
    assert ADDRESSES.keys() - taken == asked & ADDRESSES.keys()
    assert {f"/simba/{verb}/{name}" for verb in ("set", "listen") for name in LIVE} <= taken
    assert {f"/simba/get/{name}" for name in LIVE} <= asked


def test_what_it_says_can_be_sent_is_understood(query):
    """Types and ranges, of every address and every other form of it, against what reads real messages."""
    forms = 0
    for node in methods(get(query, "/")[2]):
        if not node["ACCESS"] & 2:
            continue
        for form in (node, *node.get("OVERLOADS", ())):
            tags = form["TYPE"] if form["TYPE"] != "N" else ""
            bounds = form.get("RANGE", [None] * len(tags))
            choices = [sample(tag, bound) for tag, bound in zip(tags, bounds, strict=True)]
            for pick in (0, -1):
                ADDRESSES[node["FULL_PATH"]].read([values[pick] for values in choices])
            forms += 1
    assert forms > 100
    # A button of a page may send nil along.
    assert ADDRESSES["/simba/play"].read([None]) == ((), None)


def test_every_attribute_has_one_item_a_type(query, driven):
    driven.send(Prompt(("a", "b", "c"), (1, 2, 0)))
    driven.change(snapshots=("x", "y"), held_notes=(60,), clients=("127.0.0.1:1",), recording="x.wav")
    for node in methods(get(query, "/")[2]):
        for form in (node, *node.get("OVERLOADS", ())):
            for attribute in form.keys() & PER_VALUE:
                assert len(form[attribute]) == len(form["TYPE"]), (node["FULL_PATH"], attribute)
        for tag, value in zip(node["TYPE"], node.get("VALUE", ()), strict=False):
            assert type(value) in {"i": (int,), "f": (float, int), "s": (str,)}[tag], node["FULL_PATH"]


def test_ranges_come_from_the_controls(query):
    for name, control in LIVE.items():
        node = get(query, f"/simba/set/{name}")[2]
        if isinstance(control, Number):
            (bounds,) = node["RANGE"]
            assert bounds["MIN"] == control.minimum
            assert bounds["MAX"] == (control.maximum if name != "seed" else 2**31 - 1)
            assert node["TYPE"] == ("i" if control.integer else "f")
        assert node["DESCRIPTION"] == control.help
        autos = [one for one in node["OVERLOADS"] if one.get("RANGE", [None])[0] == {"VALS": ["auto"]}]
        assert bool(autos) == (control.auto and isinstance(control, Number)), name
    assert get(query, "/simba/set/section?RANGE")[2] == {"RANGE": [{"VALS": [*SECTIONS, "auto"]}]}
    assert get(query, "/simba/set/gain?UNIT")[2] == {"UNIT": ["gain.db"]}
    assert get(query, "/simba/set/bpm?UNIT")[2] == {"UNIT": ["time.bpm"]}


def test_what_a_page_offers_for_verbs(query):
    def kind(path):
        return get(query, path + "?TYPE")[2]["TYPE"]

    buttons = ("play", "stop", "panic", "undo", "branch", "record/start", "quit")
    assert {kind(f"/simba/{verb}") for verb in buttons} == {"N"}
    assert kind("/simba/note") == "ii", "a page must be able to release what it holds"
    assert kind("/simba/prompt") == "s"
    assert kind("/simba/snapshot/save") == "s"


def test_values_are_live(query, driven):
    assert get(query, "/simba/set/gain?VALUE")[2] == {"VALUE": [0.0]}
    driven.send(Set("gain", -3.5))
    driven.send(Set("key", "A minor"))
    driven.send(Prompt(("dub techno", "rain"), (1, 0.5)))
    driven.change(playing=True, step_p50=float("nan"))
    assert get(query, "/simba/set/gain?VALUE")[2] == {"VALUE": [-3.5]}
    assert get(query, "/simba/get/gain?VALUE")[2] == {"VALUE": [-3.5]}
    assert get(query, "/simba/set/key?VALUE")[2] == {"VALUE": ["A minor"]}
    assert get(query, "/simba/status/playing?VALUE")[2] == {"VALUE": [1]}
    assert get(query, "/simba/status/step_p50?VALUE")[2] == {}
    prompts = get(query, "/simba/status/prompts")[2]
    assert (prompts["TYPE"], prompts["VALUE"]) == ("sfsf", ["dub techno", 1.0, "rain", 0.5])
    weights = get(query, "/simba/prompt/weights")[2]
    assert (weights["TYPE"], weights["VALUE"], weights["ACCESS"]) == ("ff", [1.0, 0.5], 3)
    # What is left to the music has no number; a text can say so.
    assert get(query, "/simba/set/bpm?VALUE")[2] == {}
    assert get(query, "/simba/set/style?VALUE")[2] == {"VALUE": ["auto"]}


def test_a_session_that_is_not_ready_yet_is_described_too(query, driven):
    driven.change(**vars(Status()))
    assert [node["FULL_PATH"] for node in methods(get(query, "/")[2])] == list(PATHS)


@pytest.mark.parametrize(
    ("target", "code", "body"),
    [
        ("/nothing", 404, None),
        ("/simba/set/nothing?VALUE", 404, None),
        ("/simba/set/gain/deeper", 404, None),
        ("/simba/../simba", 404, None),
        ("/simba?VALUE", 204, None),
        ("/simba/play?VALUE", 204, None),
        ("/simba/fail?VALUE", 204, None),
        ("/simba/set/gain?CLIPMODE", 204, None),
        ("/simba/set/gain?HTML", 204, None),
        ("/simba/set/gain?GABBAGABBAHEY", 400, None),
        ("/simba/set/gain?value", 400, None),
        ("/simba/set?TYPE", 200, {}),
        ("/simba/play?RANGE", 200, {}),
        ("/simba/play?CONTENTS", 200, {}),
        ("/simba/set/gain?VALUE", 200, {"VALUE": [0.0]}),
        ("/simba/set/gain?VALUE=", 200, {"VALUE": [0.0]}),
        ("/simba/set/gain/?ACCESS", 200, {"ACCESS": 3}),
        ("/simba/s%65t/gain?FULL%5FPATH", 200, {"FULL_PATH": "/simba/set/gain"}),
        ("/%00%ff", 404, None),
    ],
)
def test_attributes_and_errors(query, target, code, body):
    found, headers, said = get(query, target)
    assert (found, said) == (code, body)
    # A 204 has no body, not even an empty one that is announced.
    assert ("Content-Length" in headers) == (code != 204)


def test_host_info_tells_where_osc_goes(query):
    for path in ("/", "/simba/set/gain", "/nothing"):
        code, _, host = get(query, path + "?HOST_INFO")
        assert code == 200
        assert (host["NAME"], host["OSC_IP"], host["OSC_PORT"], host["OSC_TRANSPORT"]) == (
            "simba-live", "127.0.0.1", 9000, "UDP",
        )  # fmt: skip
    extensions = host["EXTENSIONS"]
    assert {name for name, there in extensions.items() if there} == set(SUPPORTED)
    assert {name for name, there in extensions.items() if not there} >= {*UNSUPPORTED, "LISTEN"}


def test_nothing_can_be_changed_over_http(query, driven):
    for method in ("POST", "PUT", "DELETE"):
        connection = http.client.HTTPConnection("127.0.0.1", query.port, timeout=5)
        connection.request(method, "/simba/play", body="1")
        assert connection.getresponse().status == 501
        connection.close()
    assert driven.sent == []


def test_bad_clients_do_not_hold_it_up(query, capfd):
    silent = [socket.create_connection(("127.0.0.1", query.port)) for _ in range(MAX_CONNECTIONS // 2)]
    rubbish = b"\r\n\r\n", b"GET", b"\xff" * 1000 + b"\r\n", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n"
    for request in (*rubbish, b"GET http://[/ HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", query.port)) as client:
            client.sendall(request)
    before = threading.active_count()
    assert get(query, "/simba/set/gain?VALUE")[2] == {"VALUE": [0.0]}
    # More than it serves at once are closed, and it is there again when they are gone.
    more = [socket.create_connection(("127.0.0.1", query.port)) for _ in range(3 * MAX_CONNECTIONS)]
    time.sleep(0.2)
    assert threading.active_count() <= before + MAX_CONNECTIONS
    for client in (*silent, *more):
        client.close()
    deadline = time.monotonic() + 5
    while True:
        try:
            assert get(query, "/simba/set/gain?VALUE")[0] == 200
            break
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert capfd.readouterr() == ("", "")


def test_a_busy_port_is_told_in_a_line(query):
    with pytest.raises(OptionError, match=str(query.port)) as error:
        OscQuery(FakeDriven(), "127.0.0.1", 9000, query.port).start()
    assert "\n" not in str(error.value)
    for host, port in (
        ("203.0.113.1", 0),
        ("no.such.host.invalid", 0),
        ("x" * 300, 0),
        ("127.0.0.1", 70_000),
    ):
        with pytest.raises(OptionError):
            OscQuery(FakeDriven(), host, 9000, port).start()


def test_it_stops_soon_and_frees_its_port(driven):
    query = OscQuery(driven, "127.0.0.1", 9000, announce=False).start()
    started = time.monotonic()
    query.close()
    query.close()
    assert time.monotonic() - started < 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", query.port))
    OscQuery(driven, "127.0.0.1", 9000, query.port, announce=False).start().close()


def test_describing_everything_costs_little(driven):
    status = driven.status()
    started = time.perf_counter()
    for _ in range(20):
        json.dumps(answer("/", status, {}).body)
    # Two milliseconds on a quiet machine.
    assert (time.perf_counter() - started) / 20 < 0.05


def test_without_zeroconf_one_line_says_so(monkeypatch, caplog):
    def fail(*_, **__):
        raise OSError("no such device")

    monkeypatch.setattr("zeroconf.Zeroconf", fail)
    with caplog.at_level(logging.INFO), OscQuery(FakeDriven(), "127.0.0.1", 9000) as query:
        assert get(query, "/simba/set/gain?VALUE")[0] == 200
        deadline = time.monotonic() + 5
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "no such device" in record.getMessage()
    assert "\n" not in record.getMessage()


@pytest.mark.integration
def test_zeroconf_finds_two_sessions_on_one_machine(caplog):
    zeroconf = pytest.importorskip("zeroconf")
    try:
        ours = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    except OSError as error:
        pytest.skip(f"no multicast here: {error}")
    ports = {40001, 40002, 40003, 40004}
    found, gone = {}, set()

    class Listener:
        def add_service(self, browsing, kind, name):
            service = browsing.get_service_info(kind, name)
            # Other sessions may be playing on this machine.
            if service is not None and service.port in ports:
                found[name] = (kind, service.port, service.parsed_addresses())

        def remove_service(self, browsing, kind, name):
            if name in found:
                gone.add(name)

        def update_service(self, *_):
            pass

    browser = zeroconf.ServiceBrowser(ours, [QUERY_TYPE, OSC_TYPE], Listener())
    first = Announcement("127.0.0.1", 40001, 40002)
    second = Announcement("127.0.0.1", 40003, 40004)
    try:
        first.start()
        second.start()
        await_all(lambda: {port for _, port, _ in found.values()} == ports)
    finally:
        for announcement in (first, second):
            announcement.close()
    try:
        await_all(lambda: gone == found.keys())
    finally:
        browser.cancel()
        ours.close()
    assert {(kind, port) for kind, port, _ in found.values()} == {
        (QUERY_TYPE, 40001), (OSC_TYPE, 40002), (QUERY_TYPE, 40003), (OSC_TYPE, 40004),
    }  # fmt: skip
    assert {tuple(addresses) for _, _, addresses in found.values()} == {("127.0.0.1",)}
    assert not [record for record in caplog.records if record.name.startswith("simba_live")]


def await_all(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
