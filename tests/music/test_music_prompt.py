import pytest

from simba_live.music.arranger import Arranger
from simba_live.music.prompt import understand
from simba_live.music.score import Key, MusicError
from simba_live.music.styles import STYLES


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("house, 124 bpm", 124),
        ("at 124 beats per minute", 124),
        ("92.5bpm funk", 92.5),
        ("tempo 90", 90),
        ("tempo: 70, sad", 70),
        ("house at 124 in A minor", 124),
        ("120-130 bpm trance", 125),
        ("1000 BPM gabber", 1000),
        ("a song from 1984", None),
        ("at 808 Main Street", None),
        ("slow jazz", None),
        ("", None),
    ],
)
def test_tempo(prompt, bpm):
    assert understand(prompt).bpm == bpm


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("piano in A minor", "A minor"),
        ("piano in a minor, slow", "A minor"),
        ("C# major rock", "C# major"),
        ("Eb minor", "Eb minor"),
        ("F sharp minor strings", "F# minor"),
        ("in f-sharp minor", "F# minor"),
        ("in B-flat major", "Bb major"),
        ("music in G", "G major"),
        ("in the key of g, folk", "G major"),
        ("key: Dm", "D minor"),
        ("F#m trap", "F# minor"),
        ("jazz in Bb, 140 bpm", "Bb major"),
        ("synth pads in D dorian", "D minor"),
        ("nocturne in c sharp minor", "C# minor"),
        ("a minor", "A minor"),
    ],
)
def test_key(prompt, key):
    assert understand(prompt).key == Key.parse(key)


@pytest.mark.parametrize(
    "prompt",
    [
        "a minor detail in the rain",
        "A minor detail",
        "a major hit with strings",
        "Am I dreaming",
        "in A world of ice",
        "in a minor key",
        "music in a dark room",
        "the keys of the piano",
        "a flat tyre",
        "drum and bass",
    ],
)
def test_what_is_no_key(prompt):
    assert understand(prompt).key is None


def test_a_mode_alone_is_kept():
    told = understand("slow waltz in a minor key")
    assert (told.key, told.mode) == (None, "minor")
    assert told.settings(seed=5).key.mode == "minor"
    assert told.settings(seed=5) == told.settings(seed=5)


@pytest.mark.parametrize(
    ("prompt", "beats"),
    [
        ("three four time", 3),
        ("in 3/4", 3),
        ("a slow waltz", 3),
        ("six eight folk", 6),
        ("6/8 folk", 6),
        ("4/4 techno", 4),
        ("5/4 jazz", 5),
        ("four on the floor", None),
        ("24/7 radio", None),
        ("two four-bar phrases", None),
        ("house", None),
    ],
)
def test_metre(prompt, beats):
    assert understand(prompt).beats_per_bar == beats


@pytest.mark.parametrize(
    ("prompt", "drums"),
    [
        ("no drums", False),
        ("house without any drums", False),
        ("drumless ambient", False),
        ("ambient without beats", False),
        ("no percussion please", False),
        ("no rhythm section", False),
        ("with drums", True),
        ("soft brushed drums and piano", True),
        ("drum and bass", None),
        ("lofi beats", None),
        ("steel drums", None),
        ("piano", None),
    ],
)
def test_drums(prompt, drums):
    assert understand(prompt).drums is drums


@pytest.mark.parametrize(
    ("prompt", "instruments"),
    [
        ("warm rhodes and upright bass", ("electric piano", "double bass")),
        ("electric guitars and horns", ("electric guitar", "brass")),
        ("two violins, a cello and a flute", ("violin", "cello", "flute")),
        ("drum and bass with flute", ("flute",)),
        ("funky slap bass", ("slap bass",)),
        ("synth pads and sax", ("synth pad", "saxophone")),
        ("disco in all keys", ()),
        ("without guitar", ()),
        ("steel drums and marimba", ("steel drums", "marimba")),
        ("pan flute", ("pan flute",)),
    ],
)
def test_instruments(prompt, instruments):
    assert understand(prompt).instruments == instruments


@pytest.mark.parametrize(
    ("prompt", "instruments"),
    [
        ("solo piano", ("piano",)),
        ("just a gentle flute", ("flute",)),
        ("only strings", ("strings",)),
        ("no drums, piano only", ("piano",)),
        ("piano solo", ("piano",)),
        ("solo acoustic guitar, slow", ("acoustic guitar",)),
        ("only drums", ("drums",)),
        ("only piano and violin", ("piano", "violin")),
    ],
)
def test_alone(prompt, instruments):
    told = understand(prompt)
    assert told.only
    assert told.instruments == instruments


@pytest.mark.parametrize(
    "prompt", ["hip hop with a saxophone solo", "not only piano but strings", "piano", "just add strings"]
)
def test_not_alone(prompt):
    told = understand(prompt)
    assert not told.only
    assert told.instruments


@pytest.mark.parametrize(
    ("prompt", "without"),
    [
        ("techno, no bass", ("bass",)),
        ("without drums, bass or guitar", ("bass", "guitar")),
        ("no drums and no bass, guitar", ("bass",)),
        ("jazz minus the piano", ("piano",)),
        ("no drums, piano", ()),
        ("drum and bass", ()),
    ],
)
def test_without(prompt, without):
    assert understand(prompt).without == without


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("warm lofi piano", "lofi"),
        ("DnB at 174", "drum and bass"),
        ("drum & bass", "drum and bass"),
        ("hip-hop", "hip hop"),
        ("lo-fi hip hop", "lofi"),
        ("deep house with jazz chords", "house"),
        ("blues rock", "rock"),
        ("jazz waltz", "jazz"),
        ("string quartet in Eb", "chamber strings"),
        ("a rocking chair on the porch", None),
        ("something calm for the morning", None),
        ("piano in A minor", None),
    ],
)
def test_style(prompt, style):
    assert understand(prompt).style == style


def test_every_style_is_known_by_its_name():
    assert {name: understand(f"some {name} music").style for name in STYLES} == {
        name: name for name in STYLES
    }


def test_everything_at_once_in_one_line():
    told = understand(
        "Deep house at 124 bpm in A minor, rhodes and flute, no drums, without guitar, three four time"
    )
    assert (
        told.describe() == "house, 124 bpm, A minor, 3/4, with electric piano and flute, no drums, no guitar"
    )
    assert understand("make me smile").describe() == "nothing stated outright"
    arranger = Arranger(told.settings(seed=2))
    assert (arranger.plan.bpm, arranger.plan.beats, arranger.plan.key) == (124.0, 3, Key(9, "minor"))
    assert arranger.plan.kit == ()
    assert {4, 5} & {voice.part.program for voice in arranger.plan.voices}


def test_pace_is_only_a_hint():
    slow, fast = understand("slow house").settings(), understand("fast house").settings()
    low, high = STYLES["house"].bpm
    assert low <= slow.bpm < fast.bpm <= high
    assert understand("slow house, 126 bpm").settings().bpm == 126.0
    assert understand("not too fast, house").settings().bpm is None


def test_a_style_must_come_from_somewhere():
    with pytest.raises(MusicError, match="names no style"):
        understand("make me smile").settings()
    assert understand("make me smile").settings("ambient").style == "ambient"


@pytest.mark.parametrize(
    "prompt", ["piano " * 2000, "no " * 4000, "in a " * 3000, "\x00\ud83d", "1" * 10000, "İ" * 500, "  "]
)
def test_nothing_breaks_it(prompt):
    assert len(understand(prompt).describe()) > 0
