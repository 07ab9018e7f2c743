"""`simba-live compare` as somebody types it, on models that are made in seconds."""

import json
import re

import pytest

from simba_live.training import loop
from tests.checkpoints import make_codec
from tests.cli.conftest import FakeEncoder
from tests.training.small_corpus import write_corpus
from tests.training.small_tokens import write_tokens

SMALL = [
    "--steps", 24, "--seeds", 1, "--sizes", "32x1", "--codebooks", "1,2", "--learning-rates", "1e-3,4e-3",
    "--batch-size", 2, "--length", 16, "--window", 16, "--evaluations", 3, "--settings", 2, "--seconds", 6,
    "--no-bfloat16",
]  # fmt: skip


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Tokens, a corpus to be heard by, and the codec of both."""
    folder = tmp_path_factory.mktemp("comparison")
    codec = make_codec()
    codec.save(folder / "codec")
    tokens = write_tokens(folder / "tokens", codec.fingerprint())
    return tokens, write_corpus(folder / "corpus", train=1, test=1, seconds=6.5), folder / "codec"


@pytest.fixture
def quick(monkeypatch):
    """Neither curves of every run nor a text encoder."""
    monkeypatch.setattr(loop, "plot_log", lambda log, picture: None)
    monkeypatch.setattr("simba_live.comparison.music.load_text_encoder", lambda name: FakeEncoder())


def test_one_command_gives_the_report_and_gives_it_again(simba_live, parts, quick, tmp_path):
    tokens, corpus, codec = parts
    command = ["compare", tokens, "-o", "report", "--held-out", corpus, "--codec", codec, *SMALL]
    code, out, errors = simba_live(*command)
    assert code == 0, errors
    assert "training, run 1 of 4: SiMBA 32x1, codebooks: 1, seed 0" in errors
    folder = tmp_path / "work" / "report"
    report = (folder / "report.md").read_text()
    assert out == f"{report}written to report/report.md\n"
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")
    figures = json.loads((folder / "report.json").read_text())
    assert [pair["num_codebooks"] for pair in figures["pairs"]] == [1, 2]
    assert set(figures["pairs"][0]["costs"]) == {"simba", "transformer", "transformer whole"}
    assert set(figures["codec"]) == {"1", "2"}
    assert "--length 16 --window 16" in figures["command"]
    assert "--no-bfloat16" in figures["command"]
    assert "--clock" not in figures["command"]
    for pair in figures["pairs"]:
        for name, arm in pair["arms"].items():
            chosen = figures["sweeps"][f"32x1 {name}"]["scores"]
            assert arm["learning_rate"] == float(min(chosen, key=chosen.get))
            for seed, run in enumerate(arm["runs"]):
                place = folder / "runs" / f"32x1-k{pair['num_codebooks']}" / name / f"seed{seed}"
                last = json.loads((place / "24" / "log.jsonl").read_text().splitlines()[-1])
                end = run["ends"]["equal steps"]
                assert end["step"] == last["step"] == 24
                assert end["losses"]["free 1"] == last["valid/free 1"]
                assert run["music"]["equal time"]["arranger"]["frechet"] > 0.0
    # Nothing is made twice, and the report is the same.
    code, again, errors = simba_live(*command)
    assert (code, again) == (0, out)
    assert "run" not in errors.replace("runs", "")


def test_without_a_corpus_nothing_is_heard(simba_live, parts, quick, tmp_path):
    options = [*SMALL, "--codebooks", "1", "--learning-rates", "1e-3", "--seeds", "2"]
    code, out, _ = simba_live("compare", parts[0], "-o", "report", *options)
    assert code == 0
    assert "nothing was generated" in out
    assert out.count("SiMBA minus Transformer, equal time, by seed") == 1
    assert not re.search(r"\| +learning rate +\| +held-out loss", out)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sizes", "big"], "size 'big' is none; give WIDTHxLAYERS"),
        (["--sizes", "33x2"], "give a multiple of 32"),
        (["--sizes", ","], "--sizes is empty"),
        (["--codebooks", "1,x"], "--codebooks is '1,x'"),
        (["--codebooks", "8"], "--codebooks is 8; the tokens have 4"),
        (["--learning-rates", "0"], "--learning-rates is 0.0"),
        (["--steps", "3"], "--steps is 3; give 20 or more"),
        (["--minutes", "0"], "--minutes is 0.0; give more than 0"),
        (["--clock", "sun"], "--clock is sun; give wall or cpu"),
        (["--channel-mixer", "soup"], "channel_mixer"),
        (["--held-out", "nowhere"], "nowhere"),
    ],
)
def test_wrong_options_are_told_in_a_line(simba_live, parts, options, said):
    tokens, _, codec = parts
    code, _, errors = simba_live("compare", tokens, "-o", "report", "--codec", codec, *SMALL, *options)
    assert code == 2
    assert said in errors
    assert errors.count("\n") == 1


def test_another_codec_than_the_tokens_is_refused(simba_live, parts, tmp_path):
    _, corpus, codec = parts
    other = write_tokens(tmp_path / "other")
    code, _, errors = simba_live(
        "compare", other, "-o", "report", "--codec", codec, "--held-out", corpus, *SMALL
    )
    assert code == 2
    assert "the tokens are 0123456789abcdef's" in errors
