"""Refusals, slips of the pen, names that mean something else, and key words."""

import pytest

from simba_live.music.prompt import understand
from simba_live.music.prompt_hints import style_hints
from simba_live.music.prompt_keywords import STYLE_KEYWORDS, keyword_votes
from simba_live.music.prompt_refusals import refusals
from simba_live.music.prompt_spelling import correct
from simba_live.music.settings import resolve
from simba_live.music.styles import STYLES, find_style


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("no drums, just piano", ["no drums"]),
        ("anything but techno, i want to relax", ["anything but techno"]),
        ("calm and not too busy", ["not too busy"]),
        ("strings only, nothing electronic", ["nothing electronic"]),
        ("please don't use guitars. warm", ["don't use guitars"]),
        ("no bass and no brass", ["no bass and no brass"]),
        ("no drums but a gentle harp", ["no drums "]),
        ("rock without keyboards for a chase", ["without keyboards "]),
        ("not only sad but tender", []),
        ("nothing but strings", []),
        ("no worries, beach", []),
        ("a notable piano", []),
        ("", []),
    ],
)
def test_refusals(text, refused):
    assert [text[start:end] for start, end in refusals(text)] == refused


@pytest.mark.parametrize(
    ("prompt", "style", "others"),
    [
        ("anything but techno, i want to relax", None, ("techno",)),
        ("not jazz, more like blues", "blues", ("jazz",)),
        ("fast electronic but please no trance", None, ("trance",)),
        ("house, not deep house but harder", "house", ()),
        ("rock instead of metal", "rock", ("metal",)),
    ],
)
def test_styles_that_are_not_wanted(prompt, style, others):
    told = understand(prompt)
    assert (told.style, told.other_styles) == (style, others)


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("a haunted house", None),
        ("house on the hill", None),
        ("rock the baby to sleep", None),
        ("kids on a swing", None),
        ("deep in the jungle", None),
        ("drone footage of a valley", None),
        ("my soul is tired", None),
        ("classical guitar", None),
        ("caught in a trap", None),
        ("old house music", "house"),
        ("a house track", "house"),
        ("rock", "rock"),
        ("the rock band", "rock"),
        ("jungle", "drum and bass"),
        ("swing", "jazz"),
        ("classical", "chamber strings"),
        ("bachata", "salsa"),
        ("shoegaze", "rock"),
        ("country", "folk"),
        ("phonk", "trap"),
        ("lovers rock", "reggae"),
        ("psytrance", "trance"),
    ],
)
def test_names_and_what_only_looks_like_one(prompt, style):
    assert understand(prompt).style == style


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("smoth jaz with saxaphone", "smooth jazz with saxophone"),
        ("Clasical strngs", "classical strings"),
        ("tecno", "techno"),
        ("ambeint", "ambient"),
        ("lulaby", "lullaby"),
        ("gutiar", "guitar"),
        ("trumpet", "trumpet"),
        ("violas and organs", "violas and organs"),
        ("ballet", "ballet"),
        ("recorded in a quarter", "recorded in a quarter"),
        ("", ""),
    ],
)
def test_spelling(wrong, right):
    assert correct(wrong) == right


@pytest.mark.parametrize("word", [word for style in STYLES.values() for word in (style.name, *style.words)])
def test_words_of_styles_are_not_corrected_away(word):
    assert find_style(correct(word)) is find_style(word)


@pytest.mark.parametrize(
    ("prompt", "drums", "instruments", "without"),
    [
        ("yoga, without any beat", False, (), ()),
        ("no rhythm, long tones", False, (), ()),
        ("funk, leave out the guitar", None, (), ("guitar",)),
        ("strings, nothing electronic", None, ("strings",), ()),
        ("no vocals", None, (), ("choir",)),
        ("folk with ukulele and squeezebox", None, ("acoustic guitar", "accordion"), ()),
        ("slow beat", None, (), ()),
        ("not a guitar but a harp", None, ("harp",), ("guitar",)),
        ("congas and timbales", True, (), ()),
    ],
)
def test_players(prompt, drums, instruments, without):
    told = understand(prompt)
    assert (told.drums, told.instruments, told.without) == (drums, instruments, without)


def test_what_is_ruled_out_is_not_in_the_wish():
    told = understand("Smooth and late, no DRUMS, without guitars")
    assert told.wish == "smooth and late, ,"
    assert resolve(told.settings("soul")).kit == ()


def test_every_style_has_key_words_in_lower_case():
    assert set(STYLE_KEYWORDS) == set(STYLES)
    for words in STYLE_KEYWORDS.values():
        assert len(words) > 50
        assert all(word == word.lower().strip() and word for word in words)


def test_key_words_are_whole_the_longest_and_shared():
    assert keyword_votes("a tavern")["folk"] == 1
    assert keyword_votes("taverns")["folk"] == keyword_votes("tavern, tavern")["folk"] == 1
    assert not any(keyword_votes("tavernous").values())
    assert keyword_votes("hip-shaking")["salsa"] == keyword_votes("hip shaking")["salsa"] == 1
    # "walking bass" is jazz, whatever "walking" may be.
    assert max(keyword_votes("walking bass"), key=keyword_votes("walking bass").get) == "jazz"
    shared = next(
        word
        for words in STYLE_KEYWORDS.values()
        for word in words
        if sum(word in other for other in STYLE_KEYWORDS.values()) == 2
    )
    assert sorted(keyword_votes(shared).values())[-3:] == [0, 0.5, 0.5]


def test_hints_of_tempo_and_pace():
    at_174, at_87 = style_hints(understand("174 bpm")), style_hints(understand("87 bpm"))
    assert max(at_174, key=at_174.get) in ("drum and bass", "metal", "waltz", "jazz", "folk")
    assert at_174["drum and bass"] > at_87["drum and bass"] > at_174["house"]
    slow, fast = style_hints(understand("slow")), style_hints(understand("fast"))
    assert slow["ballad"] > slow["drum and bass"]
    assert fast["drum and bass"] > fast["ballad"]
    assert not any(style_hints(understand("hm")).values())
