"""Small hand-made scores, and FluidSynth when it is there."""

import os
from pathlib import Path

import pytest

from simba_live.data.soundfonts import find_soundfont
from simba_live.errors import MissingDependencyError
from simba_live.music.score import Bar, Chord, Key, Note, Part, Score


def hand_made_score(bpm: float = 100.0, bars: int = 2) -> Score:
    """A piano, a bass and drums in A minor, four beats to the bar."""
    parts = (Part("keys", 0), Part("bass", 33), Part("drums", 0, is_drums=True))
    notes = [Note(beat, 0.9, 57 + 3 * beat, 90, "keys") for beat in range(4)]
    notes += [Note(beat, 1.0, 33, 90, "bass") for beat in range(4)]
    notes += [Note(beat, 0.1, 36 if beat % 2 == 0 else 38, 100, "drums") for beat in range(4)]
    ordered = tuple(sorted(notes, key=lambda note: note.start))
    chords = ((0.0, Chord(9, "m", 9)),)
    return Score(
        "lofi",
        tuple(Bar(i, "verse", 4, bpm, Key(9, "minor"), chords, parts, ordered) for i in range(bars)),
    )


@pytest.fixture
def score() -> Score:
    return hand_made_score()


@pytest.fixture(scope="session")
def soundfont() -> Path:
    """An installed soundfont; without one a test is skipped, but fails where everything must be present."""
    try:
        import fluidsynth  # noqa: F401  (only whether it can be imported)

        return find_soundfont()
    except (ImportError, MissingDependencyError) as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have FluidSynth and a soundfont: {error}")
        pytest.skip(f"needs FluidSynth and a soundfont: {error}")
