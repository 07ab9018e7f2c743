"""What waits for its time, and the newest of a burst."""

import pytest

from simba_live.control.clients import FORGET_AFTER, MAX_CLIENTS, MAX_OPEN, Allowance, Client, Clients
from simba_live.control.schedule import MAX_AHEAD, MAX_WAITING, PAUSE, Newest, Schedule
from simba_live.errors import OptionError


def test_items_come_out_by_time_and_in_order():
    schedule = Schedule()
    for when, item in ((3.0, "c"), (1.0, "a"), (3.0, "d"), (2.0, "b")):
        schedule.add(when, item, 0.0)
    assert schedule.next == 1.0
    assert schedule.due(0.5) == []
    assert schedule.due(2.0) == ["a", "b"]
    assert schedule.due(9.0) == ["c", "d"]
    assert schedule.next is None


def test_the_schedule_is_bounded_in_time_and_number():
    schedule = Schedule()
    with pytest.raises(OptionError, match="86400 s ahead: send it less than 60 s before"):
        schedule.add(100.0 + 86400, "a", 100.0)
    for _ in range(MAX_WAITING):
        schedule.add(MAX_AHEAD, "a", 0.0)
    with pytest.raises(OptionError, match="1000 messages wait"):
        schedule.add(1.0, "b", 0.0)
    schedule.due(MAX_AHEAD)
    schedule.add(1.0, "b", 0.0)
    assert len(schedule) == 1


def test_the_first_of_a_burst_goes_at_once_and_then_the_newest():
    newest = Newest()
    assert newest.offer("gain", 0, 10.0)
    for value in range(1, 100):
        assert not newest.offer("gain", value, 10.001)
    assert newest.offer("bpm", 120, 10.001)
    assert newest.next == 10.0 + PAUSE
    assert newest.due(10.001) == []
    assert newest.due(10.0 + PAUSE) == [99]
    assert newest.next is None
    assert not newest.offer("gain", 100, 10.0 + PAUSE)
    assert newest.due(newest.next) == [100]
    assert newest.offer("gain", 101, 11.0)


def test_flush_gives_everything_in_the_order_of_the_last_changes():
    newest = Newest()
    for key in ("a", "b"):
        newest.offer(key, f"first {key}", 0.0)
    for key in ("a", "b", "a"):
        newest.offer(key, f"last {key}", 0.001)
    assert newest.flush(0.002) == ["last b", "last a"]
    assert newest.flush(0.002) == []


def test_an_allowance_refills():
    allowance = Allowance(rate=10, burst=3)
    assert [allowance.take(100.0) for _ in range(5)] == [True, True, True, False, False]
    assert allowance.take(100.15)
    assert not allowance.take(100.15)


def test_silent_clients_are_forgotten_and_listeners_last_longest():
    clients = Clients()
    listener = clients.at(("127.0.0.1", 1), 0.0)
    listener.listens.add("bpm")
    for port in range(2, 10 * MAX_CLIENTS):
        clients.at(("127.0.0.1", port), float(port))
    assert len(clients) == MAX_CLIENTS
    assert listener in set(clients)
    redirected = clients.at(("127.0.0.1", 9), 10.0 * MAX_CLIENTS)
    redirected.reply = ("127.0.0.1", 9000)
    clients.forget(10 * MAX_CLIENTS + FORGET_AFTER + 1)
    assert list(clients) == [listener, redirected]
    assert clients.at(("127.0.0.1", 1), 9999.0) is listener


def test_a_sync_waits_for_what_was_under_way_and_nothing_else():
    client = Client(("127.0.0.1", 1), ("127.0.0.1", 1), 0.0)
    assert client.sync(1)
    client.open(10)
    client.open(11)
    assert not client.sync(2)
    client.open(12)
    assert client.close(11) == []
    assert client.close(10) == [2]
    assert client.close(12) == []
    for serial in range(MAX_OPEN):
        client.open(serial)
    with pytest.raises(OptionError, match="not done yet"):
        client.open(-1)
    for number in range(64):
        client.sync(number)
    with pytest.raises(OptionError, match="64 syncs wait"):
        client.sync(64)
