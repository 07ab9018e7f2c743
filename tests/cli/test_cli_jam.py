"""The command line of `jam`: what it asks of a session, and that it shares the options of `serve`."""

import pytest

from simba_live.errors import OptionError
from simba_live_cli import jam, serve
from simba_live_cli.live import channels_of


@pytest.fixture
def performed(monkeypatch):
    calls = []
    for room in (jam, serve):
        monkeypatch.setattr(room, "perform", lambda live, **settings: calls.append((live, settings)))
    return calls


def test_jam_listens_to_the_default_input_and_plays(simba_live, performed):
    assert simba_live("jam")[0] == 0
    ((live, settings),) = performed
    assert (live.input, live.audio, live.gate) == ("default", "default", -50.0)
    assert settings["controls"] == {"jam": "continue", "jam_bars": 4, "listen": 1}
    assert (settings["play"], settings["silence"], settings["follow"]) == (True, 4.0, True)


def test_what_is_asked_for_arrives(simba_live, performed):
    arguments = ["--mode", "trade", "--bars", "2", "--silence", "8", "--input", "take.wav", "--audio", "null"]
    arguments += ["--prompt", "dub techno", "--seed", "7", "--osc-port", "0", "--input-channels", "3,4"]
    assert simba_live("jam", *arguments)[0] == 0
    ((live, settings),) = performed
    assert settings["controls"] == {"jam": "trade", "jam_bars": 2, "listen": 1}
    assert settings["silence"] == 8.0
    assert (live.input, live.audio, live.prompt) == ("take.wav", "null", "dub techno")
    assert (live.seed, live.osc_port, live.input_channels) == (7, 0, "3,4")


def test_serve_takes_the_same_and_hears_nobody_unasked(simba_live, performed):
    assert simba_live("serve", "--play")[0] == 0
    assert simba_live("serve", "--input", "jack")[0] == 0
    assert [(live.input, settings) for live, settings in performed] == [
        (None, {"play": True}),
        ("jack", {"play": False}),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mode", "sing"), "jam is 'sing': give one of continue, trade, shadow"),
        (("--bars", "0"), "give a whole number from 1 to 32"),
        (("--bars", "many"), "give a whole number from 1 to 32"),
    ],
)
def test_mistakes_are_one_line(simba_live, performed, arguments, words):
    code, _, err = simba_live("jam", *arguments)
    assert code == 2
    assert words in err
    assert err.count("\n") == 1


def test_the_help_says_what_each_mode_is(simba_live):
    text = " ".join(simba_live("jam", "--help")[1].replace("│", " ").split())
    for words in ("continue: listen, then go on", "trade: listen for some bars", "shadow: play all the time"):
        assert words in text
    for option in ("--input", "--gate", "--osc-port", "--lookahead", "--silence", "--bars"):
        assert option in text


def test_channels_are_numbers():
    assert channels_of(None) == ()
    assert channels_of("3, 4") == (3, 4)
    for wrong in ("0", "left", "-1", "1.5"):
        with pytest.raises(OptionError, match="give numbers from 1"):
            channels_of(wrong)
