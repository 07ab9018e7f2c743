"""`simba-live data` from the command line."""

import re

import numpy as np
import pytest
import soundfile
import torch

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.data.manifest import read_manifest
from simba_live.data.tokens import TokenCorpus
from simba_live_cli.app import run


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.mark.integration
def test_compose_then_tokenize(tmp_path, soundfont, capsys):
    corpus, tokens = tmp_path / "corpus", tmp_path / "tokens"
    twin = tmp_path / "Twin.sf2"
    twin.symlink_to(soundfont)
    options = ("--hours", "0.01", "--jobs", "1", "--soundfont", soundfont, "--soundfont", twin)
    options += ("--styles", "ambient, waltz", "--own-voices", "1", "--effects", "1")
    assert call("data", "compose", corpus, *options) == 0
    said = capsys.readouterr().out
    pieces = read_manifest(corpus)
    assert re.search(rf"{len(pieces)} pieces, 0\.0\d hours; \d train, \d valid, \d test", said)
    assert {piece.style for piece in pieces} == {"ambient", "waltz"}
    assert all(piece.voice.endswith("own") and piece.effects for piece in pieces)

    torch.manual_seed(0)
    Codec(CodecConfig(num_filters=2, hidden_size=8, codebook_dim=8, codebook_size=16)).save(
        tmp_path / "codec"
    )
    assert call("data", "tokenize", corpus, tokens, "--codec", tmp_path / "codec", "--device", "cpu") == 0
    assert "hours" in capsys.readouterr().out
    opened = TokenCorpus(tokens)
    captions = [opened.captions[i] for i in opened.pieces(pieces[0].split)[0].captions]
    assert tuple(captions) == pieces[0].captions
    assert opened.embeddings.shape == (len(opened.captions), 384)
    np.testing.assert_allclose(np.linalg.norm(opened.embeddings, axis=1), 1.0, rtol=1e-4)


def test_what_cannot_be_done_is_told_in_a_line(tmp_path, capsys):
    soundfile.write(tmp_path / "nothing.wav", np.zeros(0, np.float32), 24000)
    codec = tmp_path / "codec"
    Codec(CodecConfig(num_filters=2, hidden_size=8, codebook_dim=8, codebook_size=16)).save(codec)
    for arguments, complaint in (
        (("compose", tmp_path / "new", "--hours", "-1"), "--hours -1"),
        (("compose", tmp_path / "new", "--own-voices", "2"), "--own-voices 2"),
        (("compose", tmp_path / "new", "--soundfont", tmp_path / "no.sf2"), "no such file"),
        (("tokenize", tmp_path / "nowhere", tmp_path / "out", "--codec", codec), "no such folder"),
        (("tokenize", tmp_path, tmp_path / "out", "--codec", codec), "none of its 1 audio files can be used"),
        (("tokenize", tmp_path, tmp_path / "out", "--codec", tmp_path / "absent"), "absent"),
    ):
        assert call("data", *arguments) == 2
        last = capsys.readouterr().err.strip().splitlines()[-1]
        assert complaint in last
        assert last.startswith("simba-live: ")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "out").exists()
