"""Rendering, on hand-made scores."""

import io

import mido
import numpy as np
import pytest
import scipy.signal

from simba_live.data.loudness import CEILING, KNEE, limit, loudness, normalise
from simba_live.data.midi import midi_bytes
from simba_live.data.render import render
from simba_live.data.soundfonts import find_soundfont
from simba_live.data.timeline import bar_starts, channels, timeline
from simba_live.errors import MissingDependencyError, OptionError
from simba_live.music.score import Bar, Chord, Key, Note, Part, Score

RATE = 24000


def one_bar(
    *notes: Note, parts: tuple[Part, ...] = (Part("keys", 0),), beats: int = 4, bpm: float = 120.0
) -> Score:
    chords = ((0.0, Chord(0, "", 0)),)
    return Score("lofi", (Bar(0, "verse", beats, bpm, Key(0, "major"), chords, parts, notes),))


def test_notes_fall_where_the_beats_are(score):
    notes = timeline(score)
    assert [note.channel for note in notes[:3]] == [0, 1, 9]
    kicks = [note.start for note in notes if note.channel == 9 and note.pitch == 36]
    np.testing.assert_allclose(kicks, [0.0, 1.2, 2.4, 3.6])
    assert bar_starts(score) == pytest.approx([0.0, 2.4, 4.8])


def test_a_repeated_pitch_ends_the_held_one():
    first, second = timeline(one_bar(Note(0.0, 4.0, 60, 90, "keys"), Note(1.0, 1.0, 60, 70, "keys")))
    assert (first.start, first.end) == (0.0, 0.5)
    assert (second.start, second.end, second.velocity) == (0.5, 1.0, 70)


def test_a_key_struck_twice_at_once_is_one_note():
    (note,) = timeline(one_bar(Note(0.0, 1.0, 60, 50, "keys"), Note(0.0, 1.0, 60, 90, "keys")))
    assert note.velocity == 90


def test_sixteen_parts_share_fifteen_channels():
    parts = tuple(Part(f"part {i}", i) for i in range(16))
    notes = tuple(Note(0.0, 1.0, 40 + i, 80, f"part {i}") for i in range(16))
    taken = [channel for channel, _ in channels(one_bar(*notes, parts=parts)).values()]
    assert 9 not in taken
    assert taken[15] == taken[0]
    assert len(timeline(one_bar(*notes, parts=parts))) == 16


def test_midi_says_what_the_score_says(score):
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(score)))
    meta = {message.type: message for message in file.tracks[0]}
    assert mido.tempo2bpm(meta["set_tempo"].tempo) == pytest.approx(100.0, abs=1e-3)
    assert (meta["time_signature"].numerator, meta["time_signature"].denominator) == (4, 4)
    assert meta["key_signature"].key == "Am"
    assert [track.name for track in file.tracks[1:]] == ["keys", "bass", "drums"]
    assert file.length == pytest.approx(score.seconds, abs=0.01)
    starts: list[tuple[float, int, int]] = []
    now = 0.0
    for message in file:
        now += message.time
        if message.type == "note_on":
            starts.append((round(now, 2), message.channel, message.note))
    assert sorted(starts) == sorted((round(n.start, 2), n.channel, n.pitch) for n in timeline(score))


def test_six_beats_are_eighths_in_midi():
    score = one_bar(Note(3.0, 1.0, 60, 90, "keys"), beats=6, bpm=180.0)
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(score)))
    meta = {message.type: message for message in file.tracks[0]}
    assert (meta["time_signature"].numerator, meta["time_signature"].denominator) == (6, 8)
    assert file.length == pytest.approx(2.0, abs=0.01)


def filtering_meter(audio: np.ndarray, rate: int) -> float:
    """Loudness by BS.1770's filters run over time, ungated, at 48 kHz."""
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    high = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    weighted = scipy.signal.lfilter(*high, scipy.signal.lfilter(*shelf, audio))
    return float(-0.691 + 10 * np.log10(np.mean(weighted**2)))


def test_loudness_agrees_with_a_filtering_meter():
    rate = 48000
    time = np.arange(5 * rate) / rate
    noise = np.random.default_rng(0).standard_normal(len(time)) * 0.05
    for audio in (np.sin(2 * np.pi * 997 * time), 0.1 * np.sin(2 * np.pi * 60 * time), noise):
        assert loudness(audio.astype(np.float32), rate) == pytest.approx(
            filtering_meter(audio, rate), abs=0.1
        )
    # BS.1770's own calibration: a full-scale 997 Hz sine in one channel is -3.01 LKFS.
    assert loudness(np.sin(2 * np.pi * 997 * time).astype(np.float32), rate) == pytest.approx(-3.01, abs=0.05)


def test_loudness_of_nothing():
    assert loudness(np.zeros(0, np.float32), RATE) == float("-inf")
    assert loudness(np.zeros(RATE, np.float32), RATE) == float("-inf")
    assert not normalise(np.zeros(RATE, np.float32), RATE).any()


def test_the_limiter_keeps_what_is_small_and_bounds_the_rest():
    audio = np.linspace(-5, 5, 1001, dtype=np.float32)
    limited = limit(audio)
    assert np.abs(limited).max() <= CEILING * (1 + 1e-6)
    small = np.abs(audio) <= KNEE
    np.testing.assert_array_equal(limited[small], audio[small])
    assert (np.diff(limited) >= 0).all()


def test_a_soundfont_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match=r"nowhere\.sf2: no such file"):
        find_soundfont(tmp_path / "nowhere.sf2")
    (tmp_path / "song.sf2").write_bytes(b"RIFF0000WAVEfmt ")
    with pytest.raises(OptionError, match="not a soundfont"):
        find_soundfont(tmp_path / "song.sf2")
    monkeypatch.setattr("simba_live.data.soundfonts.SOUNDFONT_FOLDERS", (str(tmp_path),))
    with pytest.raises(MissingDependencyError, match="apt install libfluidsynth3 fluid-soundfont-gm"):
        find_soundfont()


@pytest.mark.integration
def test_audio_depends_on_the_piece_alone(score, soundfont):
    other = one_bar(*(Note(i / 8, 2.0, 40 + i, 120, "keys") for i in range(30)))
    first = render(score, RATE, soundfont, seed=1)
    render(other, RATE, soundfont, seed=2)
    np.testing.assert_array_equal(render(score, RATE, soundfont, seed=1), first)
    assert not np.array_equal(render(score, RATE, soundfont, seed=3), first)


@pytest.mark.integration
def test_length_loudness_and_peak(score, soundfont):
    audio = render(score, RATE, soundfont)
    assert audio.dtype == np.float32
    assert audio.shape == (round(4.8 * RATE),)
    assert loudness(audio, RATE) == pytest.approx(-18.0, abs=0.5)
    assert np.abs(audio).max() <= CEILING * (1 + 1e-6)
    assert render(score, RATE, soundfont, num_samples=12345).shape == (12345,)


@pytest.mark.integration
def test_a_note_sounds_at_its_pitch_and_time(soundfont):
    audio = render(one_bar(Note(2.0, 1.5, 69, 100, "keys"), parts=(Part("keys", 80),)), RATE, soundfont)
    silent, sounding = audio[: RATE - 200], audio[RATE + 2400 : RATE + 12000]
    assert np.abs(silent).max() < 1e-3
    spectrum = np.abs(np.fft.rfft(sounding * np.hanning(len(sounding))))
    loudest = np.argmax(spectrum) * RATE / len(sounding)
    assert min(abs(loudest / (440.0 * n) - 1) for n in (1, 2, 3, 5)) < 0.01
