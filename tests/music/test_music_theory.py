import itertools

import pytest

from simba_live.music.score import Chord, Key, MusicError
from simba_live.music.theory import lead_voices, local_scale, parse_chord, parse_progression, voice

C_MAJOR = Key(0, "major")


@pytest.mark.parametrize(
    ("text", "root", "quality", "bass"),
    [("1m", 0, "m", 0), ("57", 7, "7", 7), ("b6maj7", 8, "maj7", 8), ("1/3", 0, "", 4), ("b77", 10, "7", 10)],
)
def test_degrees_become_chords(text, root, quality, bass):
    assert parse_chord(text, 0) == Chord(root, quality, bass)


@pytest.mark.parametrize("text", ["8", "m", "1foo", "1/", ""])
def test_what_is_no_chord_is_refused(text):
    with pytest.raises(MusicError, match="is not a chord"):
        parse_chord(text, 0)


def test_progressions_share_bars_by_commas():
    bars = parse_progression("1 2m,5", Key(2, "major"), 4)
    assert [[start for start, _ in bar] for bar in bars] == [[0.0], [0.0, 2.0]]
    assert [str(chord) for bar in bars for _, chord in bar] == ["D", "Em", "A"]
    assert [start for start, _ in parse_progression("1,5", C_MAJOR, 3)[0]] == [0.0, 2.0]


def test_voices_move_little_and_keep_what_is_common():
    chords = tuple(chord for bar in parse_progression("1 6m 4 5 1 3m 4 2m", C_MAJOR, 4) for _, chord in bar)
    led = lead_voices(chords, "close", 48, 76)
    for chord, voicing in zip(chords, led, strict=True):
        assert {pitch % 12 for pitch in voicing} == set(chord.pitch_classes)
        assert all(48 <= pitch <= 76 for pitch in voicing)
        assert list(voicing) == sorted(voicing)
    for before, after in itertools.pairwise(led):
        moves = [abs(low - high) for low, high in zip(before, after, strict=True)]
        assert max(moves) <= 5
        assert sum(moves) <= 9
    tonic, relative = led[0], led[1]
    assert len(set(tonic) & set(relative)) == 2


@pytest.mark.parametrize("voicing", ["close", "open", "shell", "triad", "pair", "power"])
@pytest.mark.parametrize("quality", ["", "m7", "maj9", "dim", "sus4", "13"])
def test_every_voicing_stays_in_range_with_the_chords_own_notes(voicing, quality):
    for root in range(12):
        chord = Chord(root, quality, root)
        pitches = voice(chord, voicing, 50, 76, None)
        assert 2 <= len(pitches) <= 4
        assert all(50 <= pitch <= 76 for pitch in pitches)
        assert {pitch % 12 for pitch in pitches} <= set(chord.pitch_classes) | {(root + 7) % 12}


def test_the_scale_bends_to_a_chord_from_outside():
    dominant = local_scale(9, "minor", parse_chord("57", 9))
    assert 8 in dominant
    assert 7 not in dominant
    assert set(local_scale(0, "major", parse_chord("4", 0))) == {0, 2, 4, 5, 7, 9, 11}
