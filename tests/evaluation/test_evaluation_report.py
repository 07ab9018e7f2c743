"""The whole evaluation on a small corpus: a model that knows nothing, and what is asked of one that does."""

import json
from pathlib import Path

import numpy as np
import pytest

from simba_live.conditions import Conditions
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.errors import CorpusError, OptionError
from simba_live.evaluation import changes, listening, natural_prompts, steering, streams
from simba_live.evaluation.bench import Evaluation
from simba_live.evaluation.evaluate import SECTIONS, choose_sections, evaluate, minutes_wanted
from simba_live.evaluation.held_out import draw_excerpts, read_conditions
from simba_live.evaluation.listening import Lesson, learn
from simba_live.evaluation.takes import Studio, draw_settings, scripts_of
from tests.checkpoints import make_codec, make_model, write_checkpoints
from tests.training.small_corpus import FRAME_RATE, RATE, play, write_corpus

SECONDS = 6.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("evaluation") / "corpus", train=6, test=4, seconds=13.0)


@pytest.fixture(scope="module")
def plan(corpus: Path) -> Evaluation:
    model, codec = write_checkpoints(corpus.parent)
    return Evaluation(
        corpus, corpus.parent / "report", str(codec), model, settings=3, seconds=SECONDS, lessons=6,
        ear_steps=4, prompts=2, heard=2, streams=2, long_minutes=(2,), sampling=Sampling(guidance=2.0),
    )  # fmt: skip


def shorten(patched: pytest.MonkeyPatch) -> None:
    """Minutes of 12 s, no intros, few prompts."""
    patched.setattr(streams, "MINUTE", 12.0)
    patched.setattr(steering, "LEAD", 0.0)
    patched.setattr(changes, "BEFORE", 1.0)
    patched.setattr(changes, "AFTER", 4.0)
    patched.setattr(natural_prompts, "LEAD", 0.0)
    some = natural_prompts.natural_prompts()[::20]
    patched.setattr(natural_prompts, "natural_prompts", lambda: some)


@pytest.fixture(scope="module")
def report(plan: Evaluation) -> Path:
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        shorten(patched)
        text = evaluate(plan, say=said.append)
    assert (plan.output / "report.md").read_text() == text + "\n"
    assert [line for line in said if line.startswith("section")][2] == "section 3 of 6: controls"
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
    assert original["style"]["value"] == 1.0
    assert original["drums played"]["pieces"] + original["drums left out"]["pieces"] == 3
    assert original["chroma to notes"]["value"] > 0.85
    assert original["dead"]["value"] == original["stuck"]["value"] == 0.0
    assert columns["arranger"]["chroma to notes"]["value"] < 0.8
    share = (
        columns["arranger"]["chroma to notes"]["value"]
        / columns["codec (ceiling)"]["chroma to notes"]["value"]
    )
    assert columns["arranger"]["chroma to notes, of codec"]["value"] == pytest.approx(share, abs=1e-4)
    assert not {"chroma to notes", "notes found"} & columns["--free"].keys()
    assert original["notes found"]["pieces"] == 27
    assert columns["--free"]["confidence of original"]["value"] < 0.5
    assert columns["codec (ceiling)"]["frechet"]["value"] > original["frechet"]["value"] > 0.0
    assert figures["settings"] == len(figures["each"]) == 3
    assert figures["codec on held-out music"]["3"]["clips"] == 3
    assert set(figures["each"][0]["ways"]) == {"original", "codec (ceiling)", "arranger", "--free"}


def test_the_report_can_be_read_and_looked_at(report: Path) -> None:
    text = (report / "report.md").read_text()
    assert "3 held-out settings of 6 s" in text
    assert "guidance 2" in text
    assert "100% (3/3)" in text
    for heading in (
        "Aims",
        "Codec",
        "Held-out settings",
        "Controls",
        "Changes in mid-stream",
        "Long streams",
    ):
        assert f"\n## {heading}\n" in text
    for picture in ("report.png", "spectrograms.png"):
        assert (report / picture).read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in (report / "examples").iterdir()) == sorted(
        f"{index}-{way}.flac" for index in range(3) for way in ("original", "codec", "arranger", "free")
    )


def test_conditions_belong_to_their_excerpt(corpus: Path) -> None:
    excerpts = draw_excerpts(corpus, "test", 8, 3.0, 0, RATE)
    assert {excerpt.start for excerpt in excerpts} <= {0.0, 3.0, 6.0, 9.0}
    assert len({excerpt.start for excerpt in excerpts}) > 1
    for excerpt in excerpts:
        asked = read_conditions(corpus, excerpt, FRAME_RATE, 150)
        assert len(asked) == 150
        assert np.isnan(asked.brightness).all()
        played = play(asked)
        # What sounded before the cut is missing at first.
        np.testing.assert_allclose(excerpt.audio[RATE:], played[RATE:], atol=1e-3)
        if excerpt.start == 0.0:
            np.testing.assert_allclose(excerpt.audio, played, atol=1e-4)


def test_every_section_has_its_figures(report: Path) -> None:
    figures = json.loads((report / "report.json").read_text())
    controls = figures["controls"]["arranger"]
    assert len(controls["density"]["levels"]) == 3
    assert controls["drums_off"]["total"] == 2
    assert figures["controls"]["--free"]["score"] is None
    # The arranger's own score is busier where more density is asked.
    assert controls["score"]["correlation"] > 0.0
    found = figures["changes"]
    assert (
        set(found["arranger"])
        == set(found["unchanged (floor)"])
        == {"tempo", "chord", "prompt", "held notes"}
    )
    assert "held notes" not in found["original, spliced"]
    assert found["arranger"]["tempo"]["within_a_bar"]["total"] == 2
    assert [minute["number"] for minute in figures["long"]["minutes"]] == [1, 2]
    assert figures["prompts"]["understood"]["style"]["total"] == 8
    assert figures["prompts"]["heard"]["arranger"]["expected"]["total"] == 2
    assert len(figures["aims"]) == 2 + 9 + 3 + 4 + 1 + 3
    assert {aim["met"] for aim in figures["aims"]} <= {True, False, None}


def test_what_was_played_is_not_played_again(
    plan: Evaluation, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("played again")

    shorten(monkeypatch)
    monkeypatch.setattr(Studio, "_play", never)
    monkeypatch.setattr(streams._Band, "play", never)
    before = json.loads((report / "report.json").read_text())
    evaluate(plan, ("changes", "long"))
    after = json.loads((report / "report.json").read_text())
    assert after["changes"] == before["changes"]
    assert after["long"] == before["long"]
    assert "pieces" not in after


def test_sections_and_minutes_are_chosen_by_name() -> None:
    assert choose_sections(None) == tuple(SECTIONS)
    assert choose_sections("long, codec") == ("long", "codec")
    assert minutes_wanted("60,10,10") == (10, 60)
    for text in ("nonsense", "codec,nonsense", ""):
        with pytest.raises(OptionError, match="there are codec, pieces"):
            choose_sections(text)
    for text in ("1", "ten", "", "10,700", "-3"):
        with pytest.raises(OptionError, match="give whole numbers from 2 to 600"):
            minutes_wanted(text)


def test_free_leaves_everything_but_clock_and_key(corpus: Path, tmp_path: Path) -> None:
    studio = Studio.open(Engine(make_model(), make_codec()), tmp_path)
    settings = draw_settings(corpus, "test", 2, 1.0, 0, studio.engine.codec)
    arranged, free = (scripts_of(studio, settings, way) for way in (False, True))
    asked = settings[0].conditions
    clock = Conditions.free(50)
    for name in ("tempo", "beat", "bar", "key"):
        getattr(clock, name)[:] = getattr(asked, name)
    np.testing.assert_array_equal(arranged[0].conditions.features(), asked.features())
    np.testing.assert_array_equal(free[0].conditions.features(), clock.features())
    np.testing.assert_array_equal(free[1].style, arranged[1].style)
    assert np.linalg.norm(arranged[1].style) == pytest.approx(1.0, abs=1e-5)
    assert [script.session for script in free] == [0, 1]


def test_lessons_are_learnt_once(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = make_codec()
    lesson = Lesson(corpus, 2, SECONDS, 4, 0, 2)
    first = learn(lesson, codec, tmp_path)

    def never(*arguments: object) -> None:
        raise AssertionError("learnt again")

    with monkeypatch.context() as patched:
        patched.setattr(listening, "reconstruct", never)
        again = learn(lesson, codec, tmp_path)
        for name, value in first.styles.arrays().items():
            assert np.array_equal(again.styles.arrays()[name], value), name
        with pytest.raises(AssertionError, match="learnt again"):
            learn(Lesson(corpus, 3, SECONDS, 4, 0, 2), codec, tmp_path)
    audio = draw_excerpts(corpus, "test", 1, SECONDS, 0, RATE)[0].audio
    assert again.listen(audio).style == first.listen(audio).style
    (tmp_path / listening.KEPT).write_bytes(b"damaged")
    assert learn(lesson, codec, tmp_path).styles.labels == ("ambient", "house")


def test_what_is_missing_is_said(corpus: Path, tmp_path: Path) -> None:
    codec = make_codec()
    with pytest.raises(CorpusError, match="compose more styles"):
        learn(Lesson(corpus, 2, SECONDS, 1, 0, 2), codec, tmp_path)
    excerpt = draw_excerpts(corpus, "test", 1, 3.0, 0, RATE)[0]
    with pytest.raises(CorpusError, match="compose the corpus again"):
        read_conditions(tmp_path, excerpt, FRAME_RATE, 10)
    (tmp_path / "file").write_text("")
    plan = Evaluation(corpus, tmp_path / "file" / "report", "nowhere", tmp_path)
    with pytest.raises(OptionError, match="cannot be written"):
        evaluate(plan)
