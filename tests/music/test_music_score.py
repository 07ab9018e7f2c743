import pytest

from simba_live.conditions import INSTRUMENTS
from simba_live.errors import SimbaLiveError
from simba_live.music.score import QUALITIES, Bar, Chord, Key, MusicError, Part


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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("G", "G"),
        ("Am7", "Am7"),
        ("F#m7b5", "F#m7b5"),
        ("Bbmaj7", "A#maj7"),
        ("C/G", "C/G"),
        ("Dm7 / Ab", "Dm7/G#"),
        ("am", "Am"),
        ("bb7", "A#7"),
        ("b7", "B7"),
        ("E♭ min7", "D#m7"),
        ("A minor", "Am"),
        ("A minor 7", "Am7"),
        ("C-7", "Cm7"),
        ("Cmi", "Cm"),
        ("C major", "C"),
        ("Cmaj", "C"),
        ("CM7", "Cmaj7"),
        ("Cma9", "Cmaj9"),
        ("CΔ", "Cmaj7"),
        ("Cmaj6", "C6"),
        ("Cmin6", "Cm6"),
        ("Cø7", "Cm7b5"),
        ("C-7(b5)", "Cm7b5"),
        ("Cm7-5", "Cm7b5"),
        ("C7♭9", "C7b9"),
        ("C°", "Cdim"),
        ("Co7", "Cdim7"),
        ("C+", "Caug"),
        ("Csus", "Csus4"),
        ("C7sus", "C7sus4"),
        ("Cm(add9)", "Cmadd9"),
        ("Cdom7", "C7"),
        ("Fb5", "E5"),
        (" Ab5 ", "G#5"),
    ],
)
def test_chords_are_read_as_people_write_them(text, name):
    assert str(Chord.parse(text)) == name


def test_every_chord_reads_back_from_its_own_name():
    for quality in QUALITIES:
        for root in range(12):
            for bass in range(12):
                chord = Chord(root, quality, bass)
                assert Chord.parse(str(chord)) == chord


@pytest.mark.parametrize(
    "text", ["", "H", "Cfoo", "m7", "C/", "C/H", "C//G", "Am11", "C G", "\n", "7", "C#b"]
)
def test_what_is_no_chord_is_refused_in_one_line(text):
    with pytest.raises(MusicError, match="is not a chord; write it like") as caught:
        Chord.parse(text)
    assert "\n" not in str(caught.value)
    assert repr(text) in str(caught.value)


def test_a_bar_tells_the_chord_of_a_moment():
    chords = ((0.0, Chord.parse("Am")), (2.0, Chord.parse("F")))
    bar = Bar(0, "verse", 4, 120.0, Key(9, "minor"), chords, (), ())
    assert [str(bar.chord_at(beat)) for beat in (0.0, 1.99, 2.0, 3.9)] == ["Am", "Am", "F", "F"]
