"""The whole evaluation on a small corpus: a model that knows nothing, and what is asked of one that does."""

import json
from pathlib import Path

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.errors import CorpusError, OptionError
from simba_live.training import listening, takes
from simba_live.training.evaluation import Evaluation, evaluate_all
from simba_live.training.held_out import draw_excerpts, read_conditions
from simba_live.training.listening import Lesson, learn
from simba_live.training.takes import draw_settings, generate_takes
from tests.checkpoints import make_codec, make_model, write_checkpoints
from tests.training.small_corpus import FRAME_RATE, RATE, play, write_corpus

SECONDS = 6.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("evaluation") / "corpus", train=6, test=4, seconds=6.5)


@pytest.fixture(scope="module")
def report(corpus: Path) -> Path:
    model, codec = write_checkpoints(corpus.parent)
    plan = Evaluation(
        corpus, corpus.parent / "report", str(codec), model, settings=3, seconds=SECONDS, lessons=6,
        sampling=Sampling(guidance=2.0),
    )  # fmt: skip
    text = evaluate_all(plan)
    assert (plan.output / "report.md").read_text() == text + "\n"
    return plan.output


def test_every_way_is_reported_with_its_ceiling_and_floor(report: Path) -> None:
    figures = json.loads((report / "report.json").read_text())
    columns = figures["pieces"]
    assert list(columns) == [
        "original", "codec (ceiling)", "arranger", "arranger, shuffled (floor)", "--free",
        "--free, shuffled (floor)",
    ]  # fmt: skip
    original = columns["original"]
    assert original["tempo octave-tolerant"] == {"value": 1.0, "pieces": 3}
    assert original["style"]["value"] == original["drums played"]["value"] == 1.0
    assert original["drums played"]["pieces"] + original["drums left out"]["pieces"] == 3
    assert original["chroma to notes"]["value"] > 0.85
    assert original["dead"]["value"] == original["stuck"]["value"] == 0.0
    assert columns["arranger"]["chroma to notes"]["value"] < 0.8
    share = (
        columns["arranger"]["chroma to notes"]["value"]
        / columns["codec (ceiling)"]["chroma to notes"]["value"]
    )
    assert columns["arranger"]["chroma to notes, of codec"]["value"] == pytest.approx(share, abs=1e-4)
    assert "chroma to notes" not in columns["--free"]
    assert columns["codec (ceiling)"]["frechet"]["value"] > original["frechet"]["value"] > 0.0
    assert figures["settings"] == len(figures["each"]) == 3
    assert figures["codec on held-out music"]["3"]["clips"] == 3
    assert set(figures["each"][0]["ways"]) == {"original", "codec (ceiling)", "arranger", "--free"}


def test_the_report_can_be_read_and_looked_at(report: Path) -> None:
    text = (report / "report.md").read_text()
    assert "3 held-out settings of 6 s" in text
    assert "guidance 2" in text
    assert "100% (3/3)" in text
    assert (report / "report.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in (report / "examples").iterdir()) == sorted(
        f"{index}-{way}.flac" for index in range(3) for way in ("original", "codec", "arranger", "free")
    )


def test_conditions_belong_to_their_excerpt(corpus: Path) -> None:
    excerpts = draw_excerpts(corpus, "test", 8, 3.0, 0, RATE)
    assert {excerpt.start for excerpt in excerpts} == {0.0, 3.0}
    for excerpt in excerpts:
        asked = read_conditions(corpus, excerpt, FRAME_RATE, 150)
        assert len(asked) == 150
        assert np.isnan(asked.brightness).all()
        played = play(asked)
        # What sounded before the cut is missing at first.
        np.testing.assert_allclose(excerpt.audio[RATE:], played[RATE:], atol=1e-3)
        if excerpt.start == 0.0:
            np.testing.assert_allclose(excerpt.audio, played, atol=1e-4)


def test_free_leaves_everything_but_clock_and_key(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(make_model(), make_codec())
    settings = draw_settings(corpus, "test", 2, 1.0, 0, engine.codec)
    seen = {}

    def remember(model, features, styles, sampling, sessions, description):
        seen[description] = features, styles
        return np.zeros((2, 3, 50), np.int64)

    monkeypatch.setattr(takes, "generate_batch", remember)
    for free in (False, True):
        generate_takes(engine, settings, Sampling(), free)
    asked = settings[0].conditions
    clock = Conditions.free(50)
    for name in ("tempo", "beat", "bar", "key"):
        getattr(clock, name)[:] = getattr(asked, name)
    np.testing.assert_array_equal(seen["generating: arranger"][0][0], asked.features())
    np.testing.assert_array_equal(seen["generating: --free"][0][0], clock.features())
    np.testing.assert_array_equal(seen["generating: --free"][1], seen["generating: arranger"][1])
    assert np.linalg.norm(seen["generating: --free"][1], axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)


def test_lessons_are_learnt_once(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = make_codec()
    lesson = Lesson(corpus, 2, SECONDS, 4, 0)
    first = learn(lesson, codec, tmp_path)

    def never(*arguments: object) -> None:
        raise AssertionError("learnt again")

    with monkeypatch.context() as patched:
        patched.setattr(listening, "reconstruct", never)
        again = learn(lesson, codec, tmp_path)
        for name, value in first.styles.arrays().items():
            assert np.array_equal(again.styles.arrays()[name], value), name
        with pytest.raises(AssertionError, match="learnt again"):
            learn(Lesson(corpus, 3, SECONDS, 4, 0), codec, tmp_path)
    audio = draw_excerpts(corpus, "test", 1, SECONDS, 0, RATE)[0].audio
    assert again.listen(audio).style == first.listen(audio).style
    (tmp_path / listening.KEPT).write_bytes(b"damaged")
    assert learn(lesson, codec, tmp_path).styles.labels == ("calm", "lively")


def test_what_is_missing_is_said(corpus: Path, tmp_path: Path) -> None:
    codec = make_codec()
    with pytest.raises(CorpusError, match="compose more styles"):
        learn(Lesson(corpus, 2, SECONDS, 1, 0), codec, tmp_path)
    excerpt = draw_excerpts(corpus, "test", 1, 3.0, 0, RATE)[0]
    with pytest.raises(CorpusError, match="compose the corpus again"):
        read_conditions(tmp_path, excerpt, FRAME_RATE, 10)
    (tmp_path / "file").write_text("")
    plan = Evaluation(corpus, tmp_path / "file" / "report", "nowhere", tmp_path)
    with pytest.raises(OptionError, match="cannot be written"):
        evaluate_all(plan)
