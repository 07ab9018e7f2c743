"""The option --sync: who is followed, and what is said when nobody is there."""

import sys
import threading
import time

import pytest

from simba_live.control.fake import FakeDriven
from simba_live.errors import MissingDependencyError, OptionError
from simba_live.events import Set
from simba_live_cli.sync import SOURCES, open_sync
from tests.control.simulated_music import SharedBeat


class Session(FakeDriven):
    def followed(self):
        return "", 0.0


def following():
    return [thread for thread in threading.enumerate() if thread.name == "follower"]


def test_without_it_nobody_is_followed():
    with open_sync(Session(), None):
        assert not following()


@pytest.mark.parametrize("source", ["midi", "player"])
def test_a_clock_is_followed_as_long_as_it_is_open(source):
    session, clock = Session(), SharedBeat(97.0)
    clock.source = source
    session.change(ready=True, bpm=120.0)
    with open_sync(session, source, **{source: clock}):
        end = time.monotonic() + 5.0
        while not session.events and time.monotonic() < end:
            time.sleep(0.01)
        assert session.events[0] == Set("bpm", 97.0)
        assert session.followed() == (source, 97.0)
    assert not following()


@pytest.mark.parametrize(
    ("source", "way_out"), [("midi", "--midi"), ("player", "--input"), ("tape", ", ".join(SOURCES))]
)
def test_one_line_says_what_is_missing(source, way_out):
    with pytest.raises(OptionError, match=way_out) as error, open_sync(Session(), source):
        pass
    assert "\n" not in str(error.value)


def test_link_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(MissingDependencyError, match=r"simba-live\[link\]"), open_sync(Session(), "link"):
        pass
