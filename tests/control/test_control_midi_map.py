"""The MIDI map: what knobs do, its file, what is learned, and how mistakes in it are told."""

import pytest

from simba_live.control.midi_map import Dial, Knob, MidiMap, append_knob, knob_for, read_map
from simba_live.controls import LIVE
from simba_live.errors import OptionError

WHOLE = """
channels = [1, 10]
chords = false
velocity = { control = "gain", low = -12, high = 0 }

[programs]
1 = "intro"
128 = "the end"

[[knob]]
cc = 74
channel = 1
control = "brightness"
low = 0.9
high = 0.2
quantum = "beat"

[[knob]]
cc = 20
control = "key"
values = ["auto", "A minor", "C major"]

[[knob]]
cc = 65
action = "undo"
quantum = "bar"

[[knob]]
cc = 66
control = "listen"
toggle = true
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "midi.toml"
        path.write_text(text)
        return path

    return write


def test_a_file_says_it_all(written):
    read = read_map(written(WHOLE))
    assert read.channels == {1, 10}
    assert not read.chords
    assert [read.velocity.at(value) for value in (0, 127)] == [-12, 0]
    assert read.programs == {0: "intro", 127: "the end"}
    brightness, key, undo, listen = read.knobs
    assert [brightness.does.at(value) for value in (0, 127)] == pytest.approx([0.9, 0.2])
    assert (brightness.channel, brightness.quantum) == (1, "beat")
    assert [key.does.at(value) for value in (0, 42, 43, 86, 127)] == [
        None, None, "A minor", "C major", "C major",
    ]  # fmt: skip
    assert (undo.does, undo.quantum) == ("undo", "bar")
    assert listen.toggle


@pytest.mark.parametrize("name", [name for name in LIVE if name not in ("key", "style", "chord")])
def test_every_control_that_is_no_free_text_can_be_on_a_knob(name):
    dial = knob_for(name, 1, 1).does
    for position in range(128):
        LIVE[name].check(dial.at(position))
    if hasattr(LIVE[name], "minimum"):
        assert (dial.at(0), dial.at(127)) == (LIVE[name].minimum, LIVE[name].maximum)
    else:
        assert {dial.at(position) for position in range(128)} == set(LIVE[name].choices)


def test_a_switch_is_up_from_its_middle():
    assert [Dial("mute").at(value) for value in (0, 63, 64, 127)] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[knob]\n", "is no TOML"),
        ("knobs = []", "the map has 'knobs': use channels"),
        ("velocity = 'loudness'", "no control 'loudness'"),
        ("channels = [0]", "channel is 0: give a whole number from 1 to 16"),
        ("channels = 1", "channels is 1: give a list"),
        ("chords = 1", "chords is 1: give true or false"),
        ("[programs]\n0 = 'a'", "program is 0: give a whole number from 1 to 128"),
        ("[programs]\none = 'a'", "program is 'one'"),
        ("[programs]\n1 = '../a'", "name is '../a'"),
        ("[[knob]]\ncontrol = 'gain'", "knob 1: cc is None: give a whole number from 0 to 119"),
        ("[[knob]]\ncc = 1", "knob 1: it has to have either a control or an action"),
        ("[[knob]]\ncc = 1\naction = 'jump'", "no action 'jump': use one of play"),
        ("[[knob]]\ncc = 1\ncontrol = 'gain'\nlow = -100", "gain is -100: give a number from -60"),
        ("[[knob]]\ncc = 1\ncontrol = 'key'", "give its knob a list of values"),
        ("[[knob]]\ncc = 1\ncontrol = 'gain'\nquantum = 'soon'", "quantum is 'soon'"),
        ("[[knob]]\ncc = 1\ncontrol = 'gain'\ncurve = 2", "it has 'curve'"),
        ("[[knob]]\ncc = true\ncontrol = 'gain'", "cc is True"),
    ],
)
def test_a_mistake_is_told_in_one_line_that_names_the_file(written, text, words):
    path = written(text)
    with pytest.raises(OptionError, match=words) as caught:
        read_map(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OptionError, match=r"none\.toml cannot be read"):
        read_map(tmp_path / "none.toml")


def test_what_is_learned_is_read_back_and_leaves_the_rest_of_the_file_alone(written):
    path = written(f"# mine\n{WHOLE}".rstrip())
    append_knob(path, knob_for("density", 74, 1))
    append_knob(path, knob_for("undo", 21, 2))
    assert path.read_text().startswith(f"# mine\n{WHOLE}".rstrip())
    read = read_map(path)
    targets = {(knob.number, knob.channel): knob.target for knob in read.knobs}
    assert targets == {(20, None): "key", (66, None): "listen", (74, 1): "density", (21, 2): "undo"}


def test_a_file_is_made_for_what_is_learned(tmp_path):
    path = tmp_path / "new.toml"
    append_knob(path, knob_for("gain", 7, 16))
    assert read_map(path).knobs == (Knob(7, Dial("gain"), 16, learned=True),)


def test_a_file_that_cannot_be_added_to_stays_as_it_is(written, tmp_path):
    path = written("knob = []\n")
    with pytest.raises(OptionError, match="cannot be added to"):
        append_knob(path, knob_for("gain", 7, 1))
    assert path.read_text() == "knob = []\n"
    with pytest.raises(OptionError, match="cannot be added to"):
        append_knob(tmp_path / "no" / "midi.toml", knob_for("gain", 7, 1))


def test_learning_gives_a_control_one_knob_and_a_knob_one_control():
    learned = MidiMap().learn(knob_for("gain", 7, 1)).learn(knob_for("gain", 8, 1))
    assert [knob.number for knob in learned.knobs] == [8]
    learned = learned.learn(knob_for("density", 8, 1))
    assert [knob.target for knob in learned.knobs] == ["density"]
    assert len(learned.learn(knob_for("gain", 8, 2)).knobs) == 2
