import io
import json
import logging
import threading
import time
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from simba_live.control.driven import News
from simba_live.control.fake import FakeDriven
from simba_live.events import Play, Prompt, Set, event_from_json
from simba_live.status import Status
from simba_live_cli.display import show
from simba_live_cli.lines import JsonLines, Lines, Logged
from simba_live_cli.screen import Message, Page, Peak

STATUS = Status(
    ready=True, playing=True, model="mini", device="cpu", frame=37700, seconds=754.0, bpm=80.0, bar=12,
    beat=2.4, section="verse", chord="Am7", key="A minor", style="lofi",
    prompts=(("warm lofi piano, 80 bpm", 1.0),),
    values={"gain": -3.0, "temperature": None, "seed": 0, "mute": 0, "quantum": "now", "top_p": 0.8},
    held_notes=(60, 61), snapshots=("a", "drop"), undo_bars=8, step_p50=4.1, step_p99=7.9, plan_seconds=0.98,
    committed_seconds=0.04, peak=-6.1, rms=-14.2, sink="USB Audio", clients=("127.0.0.1:57120",),
)  # fmt: skip
PEAK = Peak(-6.1)


def rows(status=STATUS, messages=(), width=80, height=24, peak=PEAK, encoding="utf-8", **options):
    """The page as a terminal of that size shows it."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(file=file, width=width, height=height, **options)
    console.print(Page(status, tuple(messages), peak, "127.0.0.1:9000"), end="")
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


def row(page, label):
    """What the row of that label says."""
    (found,) = [line for line in page if line.startswith(label.ljust(11))]
    return found[11:].rstrip()


def test_the_page_says_it_all():
    page = rows()
    assert page[0].startswith("simba-live  ► playing ")
    assert page[0].endswith("mini on cpu  0:12:34")
    assert row(page, "prompt") == "warm lofi piano, 80 bpm"
    assert row(page, "music") == "lofi, A minor, 80 BPM"
    assert row(page, "now").split() == ["bar", "13.3", "○○●○", "verse", "Am7"]
    assert row(page, "set") == "gain -3 dB, top-p 0.8"
    assert row(page, "level").endswith("-14.2 dB, peak -6.1")
    assert row(page, "step").endswith("4.1, p99 7.9 of 20 ms")
    assert row(page, "plan") == "no underruns, 0.98 s ahead, 40 ms fixed"
    assert row(page, "sound") == "USB Audio"
    assert row(page, "recording") == "no"
    assert row(page, "notes") == "C4, C#4"
    assert row(page, "back") == "undo 8 bars, a, drop"
    assert row(page, "osc") == "127.0.0.1:9000"
    assert row(page, "clients") == "127.0.0.1:57120"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (40, 8), (20, 3), (200, 60)])
@pytest.mark.parametrize("count", [1, 8])
def test_the_page_fits_every_terminal(width, height, encoding, count):
    status = replace(
        STATUS,
        prompts=tuple((f"{place} warm ピアノ {'and so on ' * 90}", place / 3) for place in range(count)),
        snapshots=tuple(f"moment {number}" for number in range(100)),
        clients=tuple(f"10.0.0.{number}:57120" for number in range(50)),
        recording="x" * 300,
        sink_lost="y" * 300,
        beats_per_bar=12,
        held_notes=tuple(range(128)),
    )
    messages = [Message("08:00:00", f"message {number} " * 30) for number in range(60)]
    page = rows(status, messages, width, height, encoding=encoding)
    assert len(page) <= height
    assert max(cell_len(line) for line in page) <= width
    assert page[0].startswith("simba-live")
    if height == 8:
        text = "\n".join(page)
        assert "warm" in text
        assert "bar 13.3" in text
        assert "lost: yyy" in text
        assert "p99 7.9" in text


def test_a_full_page_keeps_the_newest_messages():
    messages = [Message("08:00:00", f"message {number}") for number in range(30)]
    page = rows(messages=messages)
    assert len(page) == 24
    assert page[-1].endswith("message 29")
    assert "message 28" in page[-2]
    assert len(rows(messages=messages, height=12)) == 12


def test_before_it_is_ready():
    page = rows(Status(), peak=Peak())
    assert "warming up" in page[0]
    assert row(page, "prompt") == "none yet"
    assert row(page, "music") == ""
    assert row(page, "level").endswith("silence")
    assert row(page, "sound") == "nowhere yet"


def test_what_is_wrong_catches_the_eye():
    status = replace(STATUS, sink_lost="USB Audio was unplugged", underruns=3, step_p99=25.0)
    plain = rows(status, height=7)
    assert "lost: USB Audio was unplugged" in "\n".join(plain)
    page = rows(status, force_terminal=True, color_system="standard", legacy_windows=False)
    red = [line for line in page if "\x1b[1;31m" in line]
    assert any("lost: USB Audio was unplugged" in line for line in red)
    assert any("3 underruns" in line for line in red)
    assert row(rows(replace(STATUS, underruns=1)), "plan").startswith("1 underrun,")


def test_silence_that_was_asked_for_is_told():
    assert "stopped" in rows(replace(STATUS, playing=False))[0]
    assert "playing, muted" in rows(replace(STATUS, values={"mute": 1}))[0]
    assert "playing, muted" in rows(replace(STATUS, values={"gain": -60.0}))[0]


def test_recording_and_several_prompts():
    status = replace(
        STATUS, recording="take-1.wav", recorded_seconds=3700.5, prompts=(("a", 0.5), ("b", 2.0), ("c", 0.0))
    )
    page = rows(status)
    assert row(page, "recording") == "● 1:01:40  take-1.wav"
    assert [line[11:].split() for line in page[2:5]] == [
        ["a", "━━", "0.5"],
        ["b", "━━━━━━━━━━", "2"],
        ["c", "0"],
    ]


def test_gauges_show_proportions():
    def bar(label, **values):
        return row(rows(replace(STATUS, **values), peak=Peak(values.get("peak", -60.0))), label)[:40]

    assert bar("step", step_p50=10.0, step_p99=20.0) == "━" * 20 + "─" * 19 + "┃"
    assert bar("step", step_p50=300.0, step_p99=400.0) == "━" * 39 + "┃"
    assert bar("level", rms=-30.0, peak=-15.0) == "━" * 20 + "─" * 9 + "┃" + "─" * 10
    assert bar("level", rms=float("-inf"), peak=-120.0)[1:] == "─" * 39


def test_nobody_moves_the_cursor_from_afar():
    evil = "\x1b[2J\x1b]0;title\x07[bold red]x[/]\u202e\u0085\r\nnext"
    status = replace(
        STATUS, prompts=((evil, 1.0), (evil, 2.0)), style=evil, key=evil, section=evil, chord=evil, sink=evil,
        recording=evil, snapshots=(evil,), clients=(evil,), model=evil, device=evil,
    )  # fmt: skip
    for shown in (status, replace(status, sink_lost=evil)):
        page = "\n".join(rows(shown, [Message("08:00:00", evil)], width=100, height=30))
        assert not {sign for sign in page if not sign.isprintable()} - {"\n"}
        assert "[bold red]x[/]" in page
    file = io.StringIO()
    lines = Lines(file)
    lines.hear(News("sink", evil))
    assert file.getvalue().count("\n") == 1
    assert file.getvalue()[:-1].isprintable()


def test_the_peak_stays_and_then_falls():
    peak = Peak().after(-6.0, 0.1)
    assert peak == Peak(-6.0)
    for _ in range(15):
        peak = peak.after(-40.0, 0.1)
    assert peak.level == pytest.approx(-6.0)
    peak = peak.after(-40.0, 0.5)
    assert peak.level == pytest.approx(-16.0)
    assert peak.after(-3.0, 0.1) == Peak(-3.0)
    assert peak.after(-40.0, 60.0).level == -40.0


def test_log_lines_tell_the_news_and_now_and_then_the_status(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    file = io.StringIO()
    with Lines(file) as lines:
        lines.look(replace(STATUS, playing=False))
        for step in range(601):
            now[0] = 100.0 + step / 10
            lines.hear(News("beat"))
            lines.hear(News("set", event=Set("gain", -step / 100)))
            lines.look(replace(STATUS, underruns=int(step > 300)))
        lines.hear(News("sink", "USB Audio is back"))
        lines.hear(News("set", event=Prompt(("dub techno", "rain"))))
        lines.hear(News("play", event=Play()))
        lines.hear(Logged(logging.WARNING, "no zeroconf"))
        lines.hear(News("set", event=Set("bpm", None)))
    written = [line.split(" ", 2) for line in file.getvalue().splitlines()]
    texts = [text for _, _, text in written]
    assert all(len(date) == 10 and len(clock) == 8 for date, clock, _ in written)
    assert [text.split(",")[0] for text in texts if "p99" in text] == [
        "stopped at 0:12:34",
        "playing at 0:12:34",
    ]
    assert sum(text == "playing" for text in texts) == 1
    assert sum(text == "WARNING the output ran dry (1 times in all)" for text in texts) == 1
    # A fader that moves ten times a second is told once a second.
    assert 60 <= sum(text.startswith("gain") for text in texts) <= 62
    last = ["USB Audio is back", "prompt dub techno, rain", "play", "WARNING no zeroconf", "bpm auto"]
    assert texts[-5:] == last


def test_json_lines_are_whole_and_finite():
    file = io.StringIO()
    lines = JsonLines(file)
    lines.look(replace(STATUS, peak=float("-inf"), step_p99=float("nan")))
    lines.look(STATUS)
    lines.hear(News("set", "gain", Set("gain", -3), 17))
    lines.hear(News("beat", frame=4))
    lines.hear(Logged(logging.WARNING, "no zeroconf\nTraceback"))
    status, news, beat, log = [
        json.loads(line, parse_constant=pytest.fail) for line in file.getvalue().splitlines()
    ]
    assert status["type"] == "status"
    assert status["prompts"] == [["warm lofi piano, 80 bpm", 1.0]]
    assert status["values"]["temperature"] is None
    assert (status["peak"], status["rms"]) == (None, -14.2)
    assert status.keys() - {"type", "time"} == Status.__dataclass_fields__.keys()
    assert (news["type"], news["kind"], news["frame"]) == ("news", "set", 17)
    assert event_from_json(news["event"]) == Set("gain", -3.0)
    assert (beat["kind"], beat["event"], beat["frame"]) == ("beat", None, 4)
    assert (log["type"], log["level"], log["text"]) == ("log", "warning", "no zeroconf\nTraceback")


class Showing:
    """`show` on a thread of its own."""

    def __init__(self, driven, way, **console):
        self.file = console.pop("file", None) or io.StringIO()
        self.stop = threading.Event()
        arguments = (driven, self.stop, way, "127.0.0.1:9000", Console(file=self.file, **console))
        self._thread = threading.Thread(target=show, args=arguments, daemon=True)
        self._thread.start()

    def wait_for(self, text):
        deadline = time.monotonic() + 5
        while text not in self.file.getvalue():
            assert time.monotonic() < deadline, self.file.getvalue()
            time.sleep(0.01)

    def end(self):
        self.stop.set()
        self._thread.join(2)
        assert not self._thread.is_alive()
        return self.file.getvalue()


@pytest.mark.parametrize(
    ("way", "console", "wanted"),
    [
        ("lines", {}, "lines"),
        ("json", {"force_terminal": True}, "json"),
        ("screen", {"force_terminal": True, "width": 80, "height": 24, "legacy_windows": False}, "screen"),
        ("screen", {"force_terminal": False}, "lines"),
    ],
)
def test_show_tells_until_it_is_stopped(way, console, wanted, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    logger, level = logging.getLogger("simba_live"), logging.getLogger("simba_live").level
    driven = FakeDriven(STATUS)
    showing = Showing(driven, way, **console)
    showing.wait_for("127.0.0.1:9000")
    driven.send(Set("brightness", 0.25))
    logging.getLogger("simba_live.control.oscquery").info("nobody answers")
    showing.wait_for("nobody answers")
    driven.tell(News("quit", "the very last word"))
    out = showing.end()
    assert "the very last word" in out
    assert "brightness" in out
    assert out.startswith("\x1b[?1049h") == (wanted == "screen")
    if wanted == "screen":
        assert out.endswith("\x1b[?25h\x1b[?1049l")
        assert "\x1b[2J" not in out, "clearing the screen flickers"
    if wanted == "json":
        assert {json.loads(line)["type"] for line in out.splitlines()} == {"status", "news", "log"}
    # Afterwards nothing of it is left behind.
    driven.send(Set("brightness", 0.5))
    logger.info("unheard")
    assert logger.level == level
    assert showing.file.getvalue() == out
    assert not driven._listeners


def test_a_pipe_that_goes_away_ends_the_telling_only():
    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    showing = Showing(FakeDriven(STATUS), "lines", file=Broken())
    time.sleep(0.3)
    assert showing._thread.is_alive()
    showing.end()


def test_a_flood_of_news_is_bounded():
    driven = FakeDriven(STATUS)
    showing = Showing(driven, "json")
    showing.wait_for("status")
    for number in range(20_000):
        driven.tell(News("sink", f"news {number}"))
    out = showing.end()
    assert "news 19999" in out
    assert out.count('"news"') < 20_000


def test_the_screen_keeps_one_message_a_control(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    driven = FakeDriven(STATUS)
    showing = Showing(driven, "screen", force_terminal=True, width=80, height=40, legacy_windows=False)
    showing.wait_for("127.0.0.1:9000")
    for number in range(100):
        driven.send(Set("gain", -number / 10))
        driven.send(Set("bpm", 60 + number))
    out = showing.end()
    last = out.rsplit("\x1b[H", 1)[1]
    assert last.count("gain -9.9 dB") == 2, "once as a control that is set, once as a message"
    assert last.count("bpm 159 BPM") == 2
    assert "gain -9.8 dB" not in last


JAMMING = replace(
    STATUS, input="Scarlett 2i2", input_rms=-20.1, input_peak=-9.3, listening=True, turn_bars=3,
    values=STATUS.values | {"listen": 1, "jam": "trade"}, tempo_source="link", followed_bpm=96.24,
)  # fmt: skip


def test_a_jam_shows_whose_turn_it_is_and_how_loud_the_player_is():
    page = rows(JAMMING, height=26)
    assert row(page, "jam") == "listening, trade, 3 bars left, 96.2 BPM by link"
    assert row(page, "input").endswith("-20.1 dB, peak -9.3")
    page = rows(replace(JAMMING, listening=False, turn_bars=1, tempo_source=""), height=26)
    assert row(page, "jam") == "playing, trade, 1 bar left"
    shadow = replace(JAMMING, turn_bars=0, values=JAMMING.values | {"jam": "shadow"}, tempo_source="")
    assert row(rows(shadow, height=26), "jam") == "hearing and playing, shadow"
    alone = rows()
    assert not any(line.startswith(("jam ", "input ")) for line in alone)


def test_a_player_too_loud_or_lost_catches_the_eye():
    assert row(rows(replace(JAMMING, input_clipped=True), height=26), "input").endswith("clipped, peak -9.3")
    assert row(rows(replace(JAMMING, input_lost="it was unplugged")), "input") == "lost: it was unplugged"
    quiet = replace(JAMMING, input_peak=-80.0, input_rms=-90.0)
    assert row(rows(quiet, height=26), "input") == "silence, Scarlett 2i2"
    page = rows(replace(JAMMING, input_clipped=True), force_terminal=True, color_system="standard",
                legacy_windows=False)  # fmt: skip
    assert any("\x1b[1;31m" in line and "clipped" in line for line in page)


def test_lines_tell_of_turns_and_of_a_player_too_loud():
    file = io.StringIO()
    with Lines(file) as lines:
        lines.look(replace(JAMMING, listening=False))
        lines.look(JAMMING)
        lines.look(replace(JAMMING, listening=False, input_clipped=True))
    text = file.getvalue()
    assert "96.2 BPM by link" in text
    assert " listening\n" in text
    assert " playing on\n" in text
    assert "WARNING Scarlett 2i2 is too loud: turn it down" in text
