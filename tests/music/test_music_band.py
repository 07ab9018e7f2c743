"""Who plays what: soloists with two hands, small groups that lack nothing, instruments in their compass."""

import numpy as np
import pytest

from simba_live.music.arranger import Arranger, Settings
from simba_live.music.band import ALWAYS, choose_kit, choose_voices
from simba_live.music.instruments import TABLE, compass
from simba_live.music.settings import resolve
from simba_live.music.styles import STYLES

NAMES = list(STYLES)


def bars_of(name, instruments, seeds=(1, 2), count=12):
    for seed in seeds:
        arranger = Arranger(Settings(name, seed=seed, instruments=instruments, only=True))
        yield from (arranger.bar(index) for index in range(4, 4 + count))


@pytest.mark.parametrize("name", NAMES)
def test_a_lone_pianist_plays_bass_chords_and_tune(name):
    covered = []
    for bar in bars_of(name, ("piano",)):
        parts = {note.part for note in bar.notes}
        assert {"bass", "comp", "lead"} <= parts
        assert {part.program for part in bar.parts} <= {0, 1}
        pitches = [note.pitch for note in bar.notes]
        assert min(pitches) < 50
        assert max(pitches) > 64
        for moment in np.arange(0.1, bar.beats_per_bar, 0.5):
            sounding = [n for n in bar.notes if n.start <= moment + 0.1 and n.start + n.duration > moment]
            covered.append(bool(sounding))
            # Two hands have ten fingers.
            assert len(sounding) <= 10
    assert np.mean(covered) > 0.8
    # The tune lies on top.
    above = [
        note.pitch >= max(other.pitch for other in bar.notes if other.part == "comp") - 4
        for bar in bars_of(name, ("piano",), seeds=(1,))
        for note in bar.notes
        if note.part == "lead"
    ]
    assert np.mean(above) > 0.9


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("instruments", "families"),
    [
        (("piano", "flute"), 2),
        (("violin", "cello"), 1),
        (("guitar", "double bass", "drums"), 3),
        (("accordion", "violin", "double bass"), 3),
    ],
)
def test_a_small_group_lacks_neither_bass_nor_tune(name, instruments, families):
    plan = resolve(Settings(name, seed=3, instruments=instruments, only=True))
    roles = [voice.layer.role for voice in plan.voices]
    assert "bass" in roles
    assert any(voice.layer.kind in ("melody", "riff", "arp") for voice in plan.voices)
    assert len(roles) == len(set(roles))
    heard = {part.family for bar in bars_of(name, instruments, seeds=(3,)) for part in bar.parts}
    assert len(heard) == families


@pytest.mark.parametrize("instrument", [entry for entry in TABLE if entry.name != "synthesizer"])
def test_soloists_stay_in_their_compass(instrument):
    for name in ("ballad", "metal"):
        for bar in bars_of(name, (instrument.name,), seeds=(1,), count=8):
            for note in bar.notes:
                low, high = compass(next(part for part in bar.parts if part.name == note.part).program)
                # A bass instrument's octave leaps and a fiddler's last high note are forgiven a third.
                assert low - 4 <= note.pitch <= high + 4, (instrument.name, name, note)


@pytest.mark.parametrize("name", NAMES)
def test_a_band_stays_in_compass_too(name):
    beyond = total = 0
    for seed in range(4):
        arranger = Arranger(Settings(name, seed=seed))
        for bar in (arranger.bar(index) for index in range(4, 20)):
            programs = {part.name: part.program for part in bar.parts if not part.is_drums}
            for note in bar.notes:
                if note.part in programs:
                    low, high = compass(programs[note.part])
                    total += 1
                    beyond += not low - 3 <= note.pitch <= high + 3
    assert beyond / total < 0.01


def test_drums_that_were_asked_for_never_rest_and_those_ruled_out_never_play():
    for name, style in STYLES.items():
        kit = choose_kit(style, 3, True, (), False, ())
        assert set(ALWAYS) <= set("".join(line.when.lower() for line in kit)), name
        assert choose_kit(style, 3, None, (), False, ("drums",)) == ()
        assert choose_kit(style, 3, False, (), False, ()) == ()
        assert choose_kit(style, 3, None, ("piano",), True, ()) == ()


def test_what_is_ruled_out_leaves_its_seat_empty():
    voices = choose_voices(STYLES["ballad"], 1, (), False, ("piano",))
    assert voices
    assert not {0, 1, 2, 3} & {voice.part.program for voice in voices}
