"""When a change is heard, in music whose change is known to come at once, late, or not at all."""

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.evaluation import shifts
from simba_live.evaluation.changes import TEMPO, Promptness, spliced_cases
from simba_live.evaluation.recogniser import Recogniser, describe
from simba_live.evaluation.shifts import Evidence
from simba_live.evaluation.statistics import Share
from tests.training.small_corpus import FRAME_RATE, RATE, play, scale

CHANGE = 5.0
"""Seconds; a bar line of either piece."""

OLD = scale(12.0, 96.0, 60, drums=True)
NEW = scale(12.0, 132.0, 66, drums=True)


def spliced(late: float = 0.0) -> np.ndarray:
    """The old piece, and from `late` seconds after the change the new one, as far as it would be by then."""
    cut, at = round((CHANGE + late) * RATE), round(late * RATE)
    return np.concatenate([play(OLD)[:cut], play(NEW)[at:]])[: 12 * RATE]


ASKED = Conditions.concatenate([OLD[:250], NEW[:350]])


@pytest.mark.parametrize("by", [shifts.by_pitch, shifts.by_onsets])
def test_a_change_at_once_is_heard_at_once(by) -> None:
    assert by(spliced(), RATE, ASKED, OLD, FRAME_RATE).seconds_after(CHANGE) < 0.6


@pytest.mark.parametrize("by", [shifts.by_pitch, shifts.by_onsets])
def test_a_late_change_is_heard_late(by) -> None:
    assert by(spliced(late=2.0), RATE, ASKED, OLD, FRAME_RATE).seconds_after(CHANGE) == pytest.approx(
        2.0, abs=0.7
    )


@pytest.mark.parametrize("by", [shifts.by_pitch, shifts.by_onsets])
def test_what_does_not_change_is_never_heard_to(by) -> None:
    assert by(play(OLD), RATE, ASKED, OLD, FRAME_RATE).seconds_after(CHANGE) > 3.0


def test_the_style_is_heard_to_change() -> None:
    old, new = play(OLD), play(scale(12.0, 132.0, 66, drums=False))
    length = round(shifts.STYLE_SECONDS * RATE)
    parts = [audio[start : start + length] for audio in (old, new) for start in range(0, 9 * RATE, RATE)]
    ears = Recogniser.fit(np.stack([describe(part, RATE) for part in parts]), ["old"] * 9 + ["new"] * 9)
    music = np.concatenate([old[: round(CHANGE * RATE)], new])[: 12 * RATE]
    assert shifts.by_style(music, RATE, ears, "new", "old", CHANGE).seconds_after(CHANGE) < 1.6
    assert shifts.by_style(old, RATE, ears, "new", "old", CHANGE).seconds_after(CHANGE) == np.inf


def test_evidence_must_last() -> None:
    centres = np.arange(0.0, 8.0, 0.5)
    values = np.where(centres >= 4.0, 1.0, -1.0)
    values[3] = 1.0  # a moment at 1.5 s
    assert Evidence(centres, values).seconds_after(1.0) == 3.0
    values[10] = np.nan  # no word on it
    assert Evidence(centres, values).seconds_after(1.0) == 3.0
    assert Evidence(centres, -values).seconds_after(4.0) == np.inf


def test_promptness_counts_bars_and_seconds() -> None:
    found = Promptness.of([0.5, 1.0, 3.0, np.inf], [2.0, 2.0, 2.0, 2.0])
    assert found.within_a_bar == Share(2, 4)
    assert found.median == 1.0
    assert found.slow == 3.0
    assert Promptness.of([], []).within_a_bar == Share(0, 0)


def test_the_ceiling_is_spliced_at_bar_lines(tmp_path) -> None:
    from simba_live.evaluation.takes import draw_settings
    from tests.checkpoints import make_codec
    from tests.training.small_corpus import write_corpus

    codec = make_codec()
    corpus = write_corpus(tmp_path / "corpus", train=0, test=2, seconds=13.0)
    settings = draw_settings(corpus, "test", 2, 12.0, 0, codec)
    cases = spliced_cases(settings, codec, None)
    assert {kind: len(those) for kind, those in cases.items()} == {"tempo": 2, "chord": 2, "prompt": 2}
    for case in cases[TEMPO]:
        cut = round(case.second * FRAME_RATE)
        assert case.new.bar[cut] < 0.02
        assert case.second >= 4.0
        assert case.styles[0] != case.styles[1]
        assert case.seconds_after(TEMPO, codec, None) < case.bar
