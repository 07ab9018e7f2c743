import pytest

from simba_live.conditions import INSTRUMENTS
from simba_live.errors import SimbaLiveError
from simba_live.music.score import QUALITIES, Chord, Key, Part


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("A minor", 9, "minor"),
        ("C# major", 1, "major"),
        ("Eb", 3, "major"),
        ("F sharp minor", 6, "minor"),
        ("B-flat major", 10, "major"),
        ("am", 9, "minor"),
        ("Cb", 11, "major"),
        (" g-minor ", 7, "minor"),
        ("D♭ maj", 1, "major"),
    ],
)
def test_keys_are_read_as_people_write_them(text, tonic, mode):
    assert Key.parse(text) == Key(tonic, mode)


@pytest.mark.parametrize("text", ["H minor", "", "A middling", "minor", "12", "A minor detail"])
def test_what_is_no_key_is_refused_by_name(text):
    with pytest.raises(SimbaLiveError, match=f"'{text}' is not a key"):
        Key.parse(text)


def test_every_key_reads_back_from_its_own_name():
    keys = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    assert [Key.parse(str(key)) for key in keys] == keys
    assert [key.index for key in keys] == list(range(24))


def test_chords_list_their_root_first_and_no_class_twice():
    for quality, intervals in QUALITIES.items():
        chord = Chord(7, quality, 7)
        assert chord.pitch_classes[0] == 7
        assert len(set(chord.pitch_classes)) == len(chord.pitch_classes)
        assert set(chord.pitch_classes) == {(7 + interval) % 12 for interval in intervals}


def test_parts_know_their_family():
    assert INSTRUMENTS[Part("lead", 73).family] == "pipe"
    assert INSTRUMENTS[Part("bass", 33).family] == "bass"
    assert INSTRUMENTS[Part("drums", 33, is_drums=True).family] == "drum kit"
