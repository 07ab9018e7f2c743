"""The log: what was written is read, torn ends are left out, and a full disk stops nobody."""

import json
import threading

import numpy as np
import pytest

from simba_live.events import (
    Branch,
    Delete,
    Note,
    Panic,
    Play,
    Prompt,
    Recall,
    Reset,
    Save,
    Set,
    Stop,
    Undo,
)
from simba_live.server.journal import Journal, LogError, read_log
from tests.server.stage import wait_until

HEADER = {"model": "m", "device": "cpu", "checkpoints": [None, None], "controls": {}, "prompt": {}}
HEADER["snapshots"] = {}
EVENTS = [
    Play(),
    Set("gain", -3.5),
    Set("key", "A minor"),
    Set("bpm", None),
    Note(60),
    Save("ä b"),
    Recall("ä b"),
    Delete("ä b"),
    Undo(3),
    Branch(),
    Branch(4),
    Reset(),
    Stop(),
    Panic(),
]


def never(why):
    raise AssertionError(why)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


def write(path, end=500):
    journal = Journal(path, HEADER, never)
    for frame, event in enumerate(EVENTS):
        journal.add(10 * frame, event)
    journal.recording(200, "a.wav")
    journal.mark(250)
    journal.recording(300, "b.wav")
    journal.recording(400, None)
    journal.recording(450, "c.wav")
    journal.close(end)
    return path


def test_what_was_written_is_read(path):
    log = read_log(write(path))
    assert log.events == tuple((10 * frame, event) for frame, event in enumerate(EVENTS))
    assert log.recordings == (("a.wav", 200, 300), ("b.wav", 300, 400), ("c.wav", 450, 500))
    assert log.num_frames == 500
    assert log.header["device"] == "cpu"


def test_a_prompt_keeps_every_bit_of_its_vector(path):
    vector = np.random.default_rng(0).standard_normal(384).astype(np.float32)
    journal = Journal(path, HEADER, never)
    journal.add(3, Prompt(("dub techno", "“déjà vu”"), (1.0, 0.25), vector, "techno"))
    journal.close(4)
    ((frame, prompt),) = read_log(path).events
    assert frame == 3
    assert np.array_equal(prompt.vector, vector)
    assert (prompt.texts, prompt.weights, prompt.style) == (
        ("dub techno", "“déjà vu”"),
        (1.0, 0.25),
        "techno",
    )


def test_lines_are_on_disk_at_once(path):
    """So that `kill -9` loses nothing."""
    journal = Journal(path, HEADER, never)
    journal.add(7, Play())
    wait_until(lambda: path.read_text().count("\n") == 2)
    assert read_log(path).events == ((7, Play()),)
    journal.close(8)


def test_a_torn_last_line_is_left_out(path):
    whole = write(path).read_bytes()
    path.write_bytes(whole[:-4])
    log = read_log(path)
    assert len(log.events) == len(EVENTS)
    assert log.num_frames == 450


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [], "is no log"),
        (lambda lines: ["{}", *lines[1:]], "is no log"),
        (lambda lines: ["[]", *lines[1:]], "is no log"),
        (lambda lines: ["RIFF", *lines[1:]], "line 1: it is no JSON"),
        (lambda lines: [json.dumps(json.loads(lines[0]) | {"simba_live_log": 2})], "format 2, not 1"),
        (lambda lines: ['{"simba_live_log": 1}'], "line 1: there is no checkpoints"),
        (lambda lines: [*lines[:3], "{" + lines[3], *lines[4:]], "line 4: it is no JSON"),
        (lambda lines: [*lines[:3], "7", *lines[4:]], "line 4"),
        (lambda lines: [*lines[:3], '{"frame": "x"}'], "line 4"),
        (lambda lines: [*lines[:3], '{"frame": 20, "event": {"type": "dance"}}'], "line 4.*no event 'dance'"),
        (lambda lines: [*lines[:3], '{"frame": 20, "event": {"type": "note", "pitch": 900}}'], "line 4"),
        (lambda lines: [*lines[:3], '{"frame": 20, "event": 5}'], "line 4"),
        (lambda lines: [*lines, lines[3]], "frame 20 follows frame 500"),
    ],
)
def test_what_is_damaged_is_told_in_one_line(path, change, told):
    lines = write(path).read_text().split("\n")[:-1]
    path.write_text("".join(f"{line}\n" for line in change(lines)))
    with pytest.raises(LogError, match=told) as error:
        read_log(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_no_text_or_no_file(path, content):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LogError, match="cannot be read"):
        read_log(path)


def test_a_log_is_never_written_over(path):
    write(path)
    with pytest.raises(LogError, match="cannot be written"):
        Journal(path, HEADER, never)


def test_a_full_disk_is_told_once_and_stops_nobody(path):
    told = []
    journal = Journal(path, HEADER, told.append)
    wait_until(lambda: path.exists() and path.read_text().count("\n") == 1)
    file, written = journal._file, threading.Event()

    class Full:
        def write(self, text):
            written.set()
            raise OSError(28, "No space left on device")

    journal._file.write = Full().write
    for frame in range(1000):
        journal.add(frame, Note(60))
    journal.close(1000)
    assert written.is_set()
    assert file.closed
    assert told == [
        f"the log {path} is at its end (No space left on device): make room and start again",
    ]
