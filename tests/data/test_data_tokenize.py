"""Tokenizing: what goes in comes out, from composed corpora and users' folders; what is bad is named."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.numpy import save_file

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.conditions import KEY_FREE, Conditions
from simba_live.data import tokenize as tokenize_module
from simba_live.data.manifest import ABOUT, Piece, write_manifest
from simba_live.data.tokenize import tokenize_corpus
from simba_live.data.tokens import TokenCorpus
from simba_live.errors import CorpusError, OptionError

RATE = 24000


@pytest.fixture(scope="module")
def codec() -> Codec:
    torch.manual_seed(0)
    config = CodecConfig(
        num_filters=4, hidden_size=16, codebook_dim=16, codebook_size=32, upsampling_ratios=(8, 5, 4, 3)
    )
    codec = Codec(config).eval()
    codec.quantizer.codebooks.copy_(0.1 * torch.randn_like(codec.quantizer.codebooks))
    return codec


def tone(seconds: float, pitch: float = 440.0, rate: int = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.2 * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def embed(texts: list[str]) -> np.ndarray:
    return np.array([[len(text), ord(text[0])] for text in texts], np.float32)


def make_corpus(
    folder: Path, seconds: tuple[float, ...] = (2.0, 1.5, 1.7), rate: float = 50.0
) -> list[Piece]:
    pieces = []
    for name in ("audio", "conditions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for index, length in enumerate(seconds):
        piece = Piece(
            id=f"p{index}",
            split=("train", "train", "valid", "test")[index % 4],
            style="lofi",
            bpm=100.0,
            key="A minor",
            beats_per_bar=4,
            seconds=length,
            captions=("lofi", f"piece {index}"),
            audio=f"audio/p{index}.flac",
            midi=f"midi/p{index}.mid",
            conditions=f"conditions/p{index}.safetensors",
        )
        soundfile.write(folder / piece.audio, tone(length, 220.0 * 2**index), RATE)
        conditions = Conditions.free(round(length * rate))
        conditions.tempo[:] = 100.0
        conditions.notes[:, 57] = 1 + np.arange(len(conditions)) % 3
        conditions.key[:] = index
        about = {"frame_rate": rate, "piece": piece.to_json()}
        save_file(conditions.arrays(), folder / piece.conditions, {ABOUT: json.dumps(about)})
        pieces.append(piece)
    write_manifest(folder, pieces)
    return pieces


def test_a_corpus_comes_back(tmp_path, codec):
    pieces = make_corpus(tmp_path / "corpus")
    seen: list[tuple[float, float]] = []
    tokenize_corpus(
        tmp_path / "corpus", codec, tmp_path / "tokens", embed, on_progress=lambda *s: seen.append(s)
    )
    tokens = TokenCorpus(tmp_path / "tokens")
    assert [piece.id for piece in tokens.pieces("train")] == ["p0", "p1"]
    assert [piece.id for piece in tokens.pieces("valid")] == ["p2"]
    assert tokens.pieces("test") == ()
    assert (tokens.codec, tokens.frame_rate, tokens.num_codebooks) == (
        codec.fingerprint(),
        50.0,
        codec.num_codebooks,
    )
    assert seen[-1] == pytest.approx((5.2, 5.2))

    for index, piece in enumerate([*tokens.pieces("train"), *tokens.pieces("valid")]):
        audio, _ = soundfile.read(tmp_path / "corpus" / pieces[index].audio, dtype="float32")
        expected = codec.encode(torch.from_numpy(audio)[None, None])[0].numpy()
        codes = tokens.codes(piece)
        assert codes.dtype == np.int64
        np.testing.assert_array_equal(codes, expected)
        np.testing.assert_array_equal(tokens.codes(piece, 10, 20), expected[:, 10:30])
        known = tokens.conditions(piece, 10, 20)
        assert len(known) == 20
        np.testing.assert_array_equal(known.notes[:, 57], 1 + np.arange(10, 30) % 3)
        np.testing.assert_array_equal(known.key, index)
        assert np.isfinite(known.brightness).all()
        assert [tokens.captions[i] for i in piece.captions] == ["lofi", f"piece {index}"]
        assert (piece.style, piece.bpm, piece.key) == ("lofi", 100.0, "A minor")
    np.testing.assert_array_equal(tokens.embeddings, embed(list(tokens.captions)))
    assert len(tokens.captions) == 4

    brightness = [np.mean(tokens.conditions(piece).brightness) for piece in tokens.pieces("train")]
    assert brightness[0] < brightness[1]
    known.notes[:] = 0  # a copy: the corpus stays as it is
    assert tokens.conditions(piece).notes.any()
    with pytest.raises(CorpusError, match="are not among its"):
        tokens.codes(piece, 0, piece.length + 1)


def test_shards_that_stand_are_kept(tmp_path, codec, monkeypatch):
    make_corpus(tmp_path / "corpus")
    options = {"shard_hours": 2.5 / 3600}
    real, encoded = tokenize_module.encode_piece, []

    def encode_piece(source, *rest):
        encoded.append(source.id)
        if len(encoded) == 2 and not (tmp_path / "go on").exists():
            raise KeyboardInterrupt
        return real(source, *rest)

    monkeypatch.setattr(tokenize_module, "encode_piece", encode_piece)
    with pytest.raises(KeyboardInterrupt):
        tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens", **options)
    with pytest.raises(CorpusError, match="not finished"):
        TokenCorpus(tmp_path / "tokens")
    (tmp_path / "go on").touch()
    encoded.clear()
    tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens", **options)
    assert encoded == ["p1", "p2"]
    encoded.clear()
    index = tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens", **options)
    assert encoded == []
    assert [entry["shard"] for entry in index["splits"]["train"]] == [
        "train-0000.safetensors",
        "train-0001.safetensors",
    ]
    # A piece that changed is encoded again, with its shard.
    audio = tmp_path / "corpus" / "audio" / "p1.flac"
    soundfile.write(audio, tone(1.5, 99.0), RATE)
    os.utime(audio, (1, 1))
    tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens", **options)
    assert encoded == ["p1"]


def test_another_codec_or_folder_is_refused(tmp_path, codec):
    make_corpus(tmp_path / "corpus", (1.0,))
    tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens")
    before = (tmp_path / "tokens" / "index.json").read_bytes()
    torch.manual_seed(1)
    with pytest.raises(CorpusError, match="another codec"):
        tokenize_corpus(tmp_path / "corpus", Codec(codec.config), tmp_path / "tokens")
    assert (tmp_path / "tokens" / "index.json").read_bytes() == before
    with pytest.raises(CorpusError, match="not tokens"):
        tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "corpus")
    with pytest.raises(CorpusError, match="no such folder"):
        tokenize_corpus(tmp_path / "nowhere", codec, tmp_path / "new")
    with pytest.raises(OptionError, match="--shard-hours 0"):
        tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "new", shard_hours=0)


def test_a_users_folder(tmp_path, codec):
    music = tmp_path / "music"
    (music / "album").mkdir(parents=True)
    soundfile.write(music / "one.wav", tone(2.0, rate=44100), 44100)
    (music / "one.txt").write_text("a long tone\n\n a long tone\nsine wave\n")
    stereo = np.stack([tone(1.5), np.zeros(36000, np.float32)], axis=1)
    soundfile.write(music / "album" / "two.flac", stereo, RATE)
    facts = {"captions": ["left side only"], "bpm": 96, "key": "f# minor", "artist": "nobody"}
    (music / "album" / "two.json").write_text(json.dumps(facts))
    soundfile.write(music / "album" / "three.ogg", tone(1.2), RATE)
    (music / "album" / "three.json").write_text(json.dumps({"caption": "a tone", "bpm": "fast"}))
    (music / "cover.jpg").write_bytes(b"no audio")
    warnings: list[str] = []
    tokenize_corpus(music, codec, tmp_path / "tokens", embed, warn=warnings.append)

    tokens = TokenCorpus(tmp_path / "tokens")
    pieces = {piece.id: piece for split in ("train", "valid", "test") for piece in tokens.pieces(split)}
    assert [len(tokens.pieces(split)) for split in ("train", "valid", "test")] == [1, 1, 1]
    said = {name: [tokens.captions[i] for i in piece.captions] for name, piece in pieces.items()}
    assert said == {
        "one.wav": ["a long tone", "sine wave"],
        "album/two.flac": ["left side only"],
        "album/three.ogg": ["a tone"],
    }
    assert pieces["one.wav"].length == 100
    two = tokens.conditions(pieces["album/two.flac"])
    assert (two.tempo == 96).all()
    assert (two.key == 12 + 6).all()
    assert not two.notes.any()
    assert np.isnan(two.beat).all()
    one = tokens.conditions(pieces["one.wav"])
    assert np.isnan(one.tempo).all()
    assert (one.key == KEY_FREE).all()
    assert len(warnings) == 1
    assert "three.json: bpm is 'fast'" in warnings[0]


def test_long_files_become_several_pieces_of_one_split(tmp_path, codec, monkeypatch):
    monkeypatch.setattr("simba_live.data.sources.LONGEST", 2.0)
    for name in ("a", "b", "c"):
        soundfile.write(tmp_path / f"{name}.wav", tone(5.0), RATE)
    index = tokenize_corpus(tmp_path, codec, tmp_path / "tokens")
    for pieces in index["splits"].values():
        assert len(pieces) == 3
        assert len({piece["id"].split("#")[0] for piece in pieces}) == 1
        assert sum(piece["length"] for piece in pieces) == pytest.approx(250, abs=3)


def test_files_that_cannot_be_used_are_left_out_by_name(tmp_path, codec):
    music = tmp_path / "music"
    music.mkdir()
    for name in ("good", "fine"):
        soundfile.write(music / f"{name}.wav", tone(1.5), RATE)
    broken = tone(2.0)
    broken[5] = np.nan
    soundfile.write(music / "nan.wav", broken, RATE, subtype="FLOAT")
    soundfile.write(music / "eight.wav", np.repeat(tone(2.0)[:, None], 8, axis=1), RATE)
    soundfile.write(music / "empty.wav", np.zeros(0, np.float32), RATE)
    soundfile.write(music / "silent.wav", np.zeros(2 * RATE, np.float32), RATE)
    (music / "text.mp3").write_text("this is no audio")
    warnings: list[str] = []
    tokenize_corpus(music, codec, tmp_path / "tokens", warn=warnings.append)
    told = "\n".join(warnings)
    for words in (
        "nan.wav: 1 samples are not numbers",
        "eight.wav: 8 channels; mix it to mono or stereo",
        "empty.wav: lasts 0 s",
        "silent.wav: is silent",
        "text.mp3: cannot be read",
    ):
        assert words in told
    assert warnings[-1] == "5 of 7 pieces were left out"
    assert len(warnings) == 6

    for name in ("good", "fine"):
        (music / f"{name}.wav").unlink()
    with pytest.raises(CorpusError, match="can be used"):
        tokenize_corpus(music, codec, tmp_path / "none")
    with pytest.raises(CorpusError, match="no audio files"):
        tokenize_corpus(tmp_path / "tokens", codec, tmp_path / "none at all")


def test_user_audio_comes_to_the_corpus_loudness(tmp_path, codec):
    music = tmp_path / "music"
    music.mkdir()
    soundfile.write(music / "quiet.wav", 0.01 * tone(3.0), RATE, subtype="FLOAT")
    tokenize_corpus(music, codec, tmp_path / "levelled")
    tokenize_corpus(music, codec, tmp_path / "left", keep_loudness=True)
    levelled, left = TokenCorpus(tmp_path / "levelled"), TokenCorpus(tmp_path / "left")
    (first,), (second,) = levelled.pieces("train"), left.pieces("train")
    assert not np.array_equal(levelled.codes(first), left.codes(second))


def test_conditions_follow_the_codecs_frame_rate(tmp_path, codec):
    make_corpus(tmp_path / "corpus", (2.0,), rate=100.0)
    tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens")
    tokens = TokenCorpus(tmp_path / "tokens")
    (piece,) = tokens.pieces("train")
    assert len(tokens.conditions(piece)) == piece.length == 100


def test_several_folders_are_one_corpus(tmp_path, codec):
    for name, seconds in (("first", (2.0, 1.5, 1.7)), ("second", (1.2, 2.2))):
        make_corpus(tmp_path / name, seconds)
        tokenize_corpus(tmp_path / name, codec, tmp_path / f"{name}-tokens", embed)
    parts = [TokenCorpus(tmp_path / f"{name}-tokens") for name in ("first", "second")]
    both = TokenCorpus(tmp_path / "first-tokens", tmp_path / "second-tokens")
    assert both.captions == parts[0].captions + parts[1].captions
    apart = [(part, piece) for part in parts for piece in part.pieces("train")]
    assert len(apart) == len(both.pieces("train")) == 4
    for (part, there), here in zip(apart, both.pieces("train"), strict=True):
        np.testing.assert_array_equal(both.codes(here), part.codes(there))
        np.testing.assert_array_equal(both.conditions(here).tempo, part.conditions(there).tempo)
        assert [both.captions[n] for n in here.captions] == [part.captions[n] for n in there.captions]
        np.testing.assert_array_equal(
            both.embeddings[list(here.captions)], part.embeddings[list(there.captions)]
        )
    index = json.loads((tmp_path / "second-tokens" / "index.json").read_text())
    for name in ("codec", "text_encoder"):
        (tmp_path / "second-tokens" / "index.json").write_text(json.dumps({**index, name: "another"}))
        with pytest.raises(
            CorpusError, match=rf"second-tokens: its {name.replace('_', ' ')} is another, that"
        ):
            TokenCorpus(tmp_path / "first-tokens", tmp_path / "second-tokens")


def test_damage_is_told(tmp_path, codec):
    make_corpus(tmp_path / "corpus", (1.0,))
    tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "tokens", embed)
    with pytest.raises(CorpusError, match=r"no index\.json"):
        TokenCorpus(tmp_path / "corpus")
    shard = tmp_path / "tokens" / "train-0000.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])
    tokens = TokenCorpus(tmp_path / "tokens")
    with pytest.raises(CorpusError, match=r"train-0000\.safetensors: is missing or damaged"):
        tokens.codes(tokens.pieces("train")[0])
    (tmp_path / "tokens" / "captions.safetensors").unlink()
    with pytest.raises(CorpusError, match=r"captions\.safetensors: missing"):
        _ = tokens.embeddings
    (tmp_path / "corpus" / "conditions" / "p0.safetensors").write_bytes(b"torn")
    with pytest.raises(CorpusError, match=r"p0\.safetensors: cannot be read"):
        tokenize_corpus(tmp_path / "corpus", codec, tmp_path / "again")
    (tmp_path / "tokens" / "index.json").write_text("{}")
    with pytest.raises(CorpusError, match="damaged"):
        TokenCorpus(tmp_path / "tokens")
