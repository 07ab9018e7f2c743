import zlib

import numpy as np
import pytest

from simba_live.conditions import ABSENT, DRUM_NONE, DRUM_ONSET, NOTE_OFF, NOTE_ONSET, Conditions
from simba_live.controls import Sampling
from simba_live.engine.conductor import Conductor, bars_for
from simba_live.engine.request import Request
from simba_live.errors import SimbaLiveError
from simba_live.music.styles import STYLES

RATE = 50.0


def encode(texts):
    """Texts that share words are near each other."""
    rows = np.zeros((len(texts), 512), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.lower().replace(",", " ").replace(".", " ").split():
            row[zlib.crc32(word.encode()) % 512] += 1
        row /= np.linalg.norm(row)
    return rows


def conductor(prompt="house at 120 bpm", continuing=False, **settings):
    return Conductor(Request(prompt, **settings), RATE, encode, continuing)


def same(one, other):
    return all(
        np.array_equal(value, other.arrays()[name], equal_nan=value.dtype.kind == "f")
        for name, value in one.arrays().items()
    )


@pytest.mark.parametrize("settings", [{}, {"free": True}, {"continuing": True}])
def test_frames_are_a_pure_function(settings):
    one, other = (conductor(seconds=12, **settings) for _ in range(2))
    whole = one.frames(0, 600)
    pieces = [other.frames(start, 25) for start in range(0, 600, 25)]
    assert same(whole, Conditions.concatenate(pieces))
    assert same(whole[100:125], one.frames(100, 25))


def test_free_leaves_all_but_the_clock_to_the_model():
    plan = conductor(free=True)
    arranged, free = conductor().frames(0, 500), plan.frames(0, 500)
    expected = Conditions.free(500)
    for name in ("tempo", "beat", "bar"):
        assert np.array_equal(getattr(free, name), getattr(arranged, name))
        setattr(expected, name, getattr(arranged, name))
    assert same(free, expected)
    assert (free.tempo == 120).all()
    assert "free" in plan.describe()
    assert plan.plan.style.name not in plan.describe()


@pytest.mark.parametrize(
    ("prompt", "key"), [("in A minor", None), ("whatever", "A minor"), ("in C major", "Am")]
)
def test_free_keeps_a_key_that_was_asked_for(prompt, key):
    assert (conductor(prompt, free=True, key=key).frames(0, 10).key == 12 + 9).all()


def test_words_are_obeyed_and_flags_win():
    words = conductor("jazz waltz at 90 bpm in D minor without drums")
    assert (words.plan.bpm, str(words.plan.key), words.plan.beats, words.plan.kit) == (90, "D minor", 3, ())
    flags = conductor(
        "jazz waltz at 90 bpm in D minor without drums",
        bpm=100,
        key="F# major",
        metre="4/4",
        drums=True,
        style="rock",
    )
    assert (flags.plan.bpm, str(flags.plan.key), flags.plan.beats) == (100, "F# major", 4)
    assert flags.plan.kit
    assert flags.plan.style.name == "rock"
    said = flags.describe()
    for part in ("rock", "100 BPM", "F# major", "4 beats", "drums"):
        assert part in said
    assert "by style" not in said
    assert "\n" not in said


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_free_text_finds_the_style_described_so(style):
    found = conductor(" ".join(word for word in style.description.split() if word.lower() not in STYLES))
    if found.request.named_style is None:
        assert found.plan.style is style
        assert "(nearest)" in found.describe()
    assert np.allclose(found.style, encode([found.request.prompt])[0])


@pytest.mark.parametrize("seconds", [0.1, 1.0, 4.0, 15.0, 30.0, 61.7])
@pytest.mark.parametrize("bpm", [47, 124])
def test_the_piece_ends_in_time(seconds, bpm):
    """The closing chord begins before the end, and nothing begins after it."""
    plan = conductor("house", bpm=bpm, seconds=seconds)
    frames = round(seconds * RATE)
    conditions = plan.frames(0, frames + 10)
    bar = plan.plan.beats * 60 / bpm
    bars = bars_for(seconds, bar)
    start = round((bars - 1) * bar * RATE)
    assert start == 0 or start <= frames - min(1.5, bar) * RATE + 1
    assert (conditions.notes[start : start + 3] == NOTE_ONSET).any()
    later = conditions[start + 12 :]
    assert not (later.notes == NOTE_ONSET).any() or bars == 1
    over = conditions[round(bars * bar * RATE) + 1 :]
    assert (over.notes == NOTE_OFF).all()
    assert (over.drums == DRUM_NONE).all()
    assert (over.instruments == ABSENT).all()
    assert (over.programs == ABSENT).all()
    assert (over.tempo == bpm).all()


def test_continued_music_has_no_intro():
    fresh, under_way = conductor(seconds=60), conductor(seconds=60, continuing=True)
    for start, expected in ((0, 0), (3000 - 100, 3000 - 100)):
        assert under_way.frames(start, 1).bar[0] == fresh.frames(expected, 1).bar[0]
    onsets = [(plan.frames(0, 400).drums == DRUM_ONSET).sum() for plan in (fresh, under_way)]
    assert onsets[1] > onsets[0]


def test_the_seed_changes_the_piece():
    one = conductor("jazz").frames(0, 1000)
    assert same(one, conductor("jazz").frames(0, 1000))
    assert not same(one, conductor("jazz", sampling=Sampling(seed=1)).frames(0, 1000))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"prompt": " \t\n"}, "prompt is empty"),
        ({"prompt": "x" * 1001}, "1001 characters"),
        ({"seconds": float("nan")}, "seconds is nan"),
        ({"bpm": 1000}, "bpm is 1000"),
        ({"prompt": "rock at 1000 bpm"}, "1000"),
        ({"metre": "3,5"}, "'3,5'"),
        ({"metre": 1}, "1 beats"),
        ({"key": "Q"}, "'Q'"),
        ({"style": "noise core"}, "'noise core'"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(settings, words):
    with pytest.raises(SimbaLiveError) as caught:
        Request(**{"prompt": "rock", **settings})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_prompt_of_broken_bytes_is_tidied():
    assert Request("slow \udcff rock\n in  D").prompt == "slow ? rock in D"
