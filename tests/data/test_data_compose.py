"""Composing a corpus: deterministic, resumable, refused where it would mix."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from safetensors.numpy import load_file

from simba_live.conditions import Conditions
from simba_live.data import compose as compose_module
from simba_live.data.compose import compose_corpus, split_of
from simba_live.data.manifest import read_manifest
from simba_live.errors import CorpusError, OptionError

STYLES = ("lofi", "house", "waltz")
HOURS = 0.02


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory, soundfont) -> Path:
    folder = tmp_path_factory.mktemp("made") / "corpus"
    compose_corpus(folder, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    return folder


@pytest.fixture
def corpus(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "corpus"))


@pytest.mark.integration
def test_pieces_are_whole(made):
    pieces = read_manifest(made)
    assert sum(piece.seconds for piece in pieces) >= HOURS * 3600
    assert [piece.style for piece in pieces] == [STYLES[i % 3] for i in range(len(pieces))]
    for piece in pieces:
        audio, rate = soundfile.read(made / piece.audio)
        conditions = Conditions.stored(load_file(made / piece.conditions))
        assert (rate, audio.ndim) == (24000, 1)
        assert len(audio) == len(conditions) * 480 == round(piece.seconds * 24000)
        np.testing.assert_allclose(conditions.tempo, piece.bpm, rtol=1e-5)
        assert np.isnan(conditions.brightness).all()
        assert (made / piece.midi).read_bytes()[:4] == b"MThd"
    assert not list(made.rglob("*.part"))


@pytest.mark.integration
def test_what_was_lost_is_made_again_to_the_bit(corpus, made, soundfont):
    first = read_manifest(corpus)[0]
    (corpus / first.audio).unlink()
    (corpus / first.conditions).write_bytes(b"torn")
    (corpus / "audio" / ".000009-x.flac.1.part").write_bytes(b"left by a kill")
    (corpus / "manifest.jsonl").unlink()
    seen: list[tuple[float, float]] = []
    compose_corpus(
        corpus, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES, on_progress=lambda *s: seen.append(s)
    )
    assert contents(corpus) == contents(made)
    assert 0 < seen[0][0] < seen[-1][0] == pytest.approx(seen[-1][1])


@pytest.mark.integration
def test_an_interruption_leaves_a_corpus_to_go_on_with(tmp_path, made, soundfont, monkeypatch):
    real, count = compose_module.make_piece, 0

    def interrupted(recipe, index):
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return real(recipe, index)

    monkeypatch.setattr(compose_module, "make_piece", interrupted)
    folder = tmp_path / "corpus"
    with pytest.raises(KeyboardInterrupt):
        compose_corpus(folder, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    assert len(read_manifest(folder)) == 1
    compose_corpus(folder, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    assert contents(folder) == contents(made)


@pytest.mark.integration
def test_two_processes_make_the_same(tmp_path, made, soundfont):
    compose_corpus(tmp_path / "corpus", HOURS, seed=4, jobs=2, soundfonts=[soundfont], styles=STYLES)
    assert contents(tmp_path / "corpus") == contents(made)


@pytest.mark.integration
def test_other_options_in_the_same_folder_are_refused(corpus, soundfont):
    before = contents(corpus)
    with pytest.raises(CorpusError, match="made with seed 4, not 5"):
        compose_corpus(corpus, HOURS, seed=5, soundfonts=[soundfont], styles=STYLES)
    with pytest.raises(CorpusError, match="made with styles"):
        compose_corpus(corpus, HOURS, seed=4, soundfonts=[soundfont], styles=("lofi",))
    with pytest.raises(CorpusError, match=r"own_voices 0\.25, not 0\.5"):
        compose_corpus(corpus, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES, own_voices=0.5)
    (corpus / "corpus.json").write_text("{")
    with pytest.raises(CorpusError, match="damaged"):
        compose_corpus(corpus, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    (corpus / "corpus.json").unlink()
    with pytest.raises(CorpusError, match="not a corpus"):
        compose_corpus(corpus, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    assert {**contents(corpus), "corpus.json": before["corpus.json"]} == before


@pytest.mark.integration
def test_a_full_disk_is_told_in_one_line(tmp_path, soundfont, monkeypatch):
    def full(path, content):
        if path.suffix == ".mid":
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(compose_module, "write_beside", full)
    with pytest.raises(CorpusError, match="No space left on device") as error:
        compose_corpus(tmp_path / "corpus", HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
    assert "\n" not in str(error.value)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"hours": 0}, "--hours 0"),
        ({"hours": float("nan")}, "--hours nan"),
        ({"hours": 1, "jobs": 0}, "--jobs 0"),
        ({"hours": 1, "seed": -1}, "--seed -1"),
        ({"hours": 1, "styles": ("lofi", "polka")}, "polka"),
        ({"hours": 1, "own_voices": 1.5}, "--own-voices 1.5"),
        ({"hours": 1, "effects": float("nan")}, "--effects nan"),
    ],
)
def test_options_that_cannot_be_used(tmp_path, soundfont, options, complaint):
    with pytest.raises(OptionError, match=re.escape(complaint)):
        compose_corpus(tmp_path / "corpus", soundfonts=[soundfont], **options)
    assert not (tmp_path / "corpus").exists()


@pytest.mark.integration
def test_more_than_the_disk_holds_is_refused(tmp_path, soundfont):
    with pytest.raises(CorpusError, match="GB are free"):
        compose_corpus(tmp_path / "corpus", 1e9, soundfonts=[soundfont])


def test_splits_are_stable_and_of_the_stated_sizes():
    splits = [split_of(1, index) for index in range(20000)]
    assert splits == [split_of(1, index) for index in range(20000)]
    shares = {name: splits.count(name) / len(splits) for name in ("train", "valid", "test")}
    assert shares == pytest.approx({"train": 0.94, "valid": 0.03, "test": 0.03}, abs=0.005)


def test_settings_are_stated(made):
    settings = json.loads((made / "corpus.json").read_text())
    assert settings["seed"] == 4
    assert settings["styles"] == list(STYLES)
    (font,) = settings["soundfonts"]
    assert re.fullmatch(r"[0-9a-f]{64}", font["sha256"])
    assert (settings["own_voices"], settings["effects"]) == (0.25, 0.3)


@pytest.mark.integration
def test_the_manifest_says_who_played(tmp_path, soundfont):
    twin = tmp_path / "Twin.sf2"
    twin.symlink_to(soundfont)
    options = {"seed": 5, "soundfonts": [soundfont, twin, twin], "styles": STYLES, "own_voices": 0.6}
    pieces = compose_corpus(tmp_path / "corpus", 0.05, effects=1.0, **options)
    voices = {piece.voice for piece in pieces}
    assert voices <= {f"{f}{o}" for f in (soundfont.name, twin.name) for o in ("", " + own")} | {"own"}
    assert len(voices) >= 3
    assert all(piece.effects for piece in pieces)
    settings = json.loads((tmp_path / "corpus" / "corpus.json").read_text())
    assert [font["name"] for font in settings["soundfonts"]] == [soundfont.name, "Twin.sf2"]
    assert read_manifest(tmp_path / "corpus") == pieces


@pytest.mark.integration
def test_a_corpus_of_one_soundfont_can_be_read_but_not_gone_on_with(corpus, soundfont):
    settings = json.loads((corpus / "corpus.json").read_text())
    del settings["soundfonts"], settings["own_voices"], settings["effects"]
    (corpus / "corpus.json").write_text(json.dumps({**settings, "format": 1, "soundfont": "x.sf2"}))
    lines = (corpus / "manifest.jsonl").read_text().splitlines()
    old = [{k: v for k, v in json.loads(line).items() if k not in ("voice", "effects")} for line in lines]
    (corpus / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old))
    assert [piece.voice for piece in read_manifest(corpus)] == [""] * len(lines)
    with pytest.raises(CorpusError, match=r"format 1.*name another folder"):
        compose_corpus(corpus, HOURS, seed=4, soundfonts=[soundfont], styles=STYLES)
