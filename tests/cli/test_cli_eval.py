"""`simba-live eval` as somebody types it."""

from tests.training.small_corpus import write_corpus


def test_a_codec_is_judged_alone(simba_live, checkpoints, tmp_path):
    corpus = write_corpus(tmp_path / "corpus", train=1, test=2, seconds=6.5)
    code, out, _ = simba_live(
        "eval",
        "--corpus",
        corpus,
        *checkpoints,
        "--codec-only",
        "--settings",
        2,
        "--seconds",
        6,
        "-o",
        "judged",
    )
    assert code == 0
    assert "\n## Codec\n" in out
    assert "| unquantised |" in out
    assert out.splitlines()[-1] == "written to judged/report.md"


def test_what_cannot_be_judged_is_said_in_a_line(simba_live, checkpoints, tmp_path):
    code, _, errors = simba_live("eval", "--corpus", tmp_path / "nowhere", *checkpoints, "--codec-only")
    assert code == 2
    assert "nowhere" in errors
    assert "Traceback" not in errors
    code, _, errors = simba_live("eval", "--corpus", tmp_path, *checkpoints, "--guidance", "nan")
    assert code == 2
    assert "guidance is nan" in errors
    code, _, errors = simba_live("eval", "--corpus", tmp_path, *checkpoints, "--only", "codec,rhythm")
    assert code == 2
    assert "--only codec,rhythm: there are codec, pieces" in errors
    code, _, errors = simba_live("eval", "--corpus", tmp_path, *checkpoints, "--long-minutes", "0")
    assert code == 2
    assert "--long-minutes 0" in errors
