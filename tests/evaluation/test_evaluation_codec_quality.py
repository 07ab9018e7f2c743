"""The codec is judged on held-out excerpts, and a codec that is known to be perfect or bad is told apart."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.data.manifest import Piece, write_manifest
from simba_live.errors import CorpusError, OptionError
from simba_live.evaluation.bench import Evaluation
from simba_live.evaluation.codec_quality import judge_codec, perplexity, reconstruct
from simba_live.evaluation.evaluate import evaluate
from simba_live.evaluation.held_out import draw_audio, draw_excerpts

RATE = 24000


def music(seconds: float, seed: int) -> np.ndarray:
    """A plucked note of a random scale step on every beat at 120 BPM."""
    rng = np.random.default_rng(seed)
    beat = RATE // 2
    time = np.arange(beat) / RATE
    notes = []
    for _ in range(int(seconds * 2)):
        frequency = 220.0 * 2.0 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        notes.append(sum(np.sin(2 * np.pi * k * frequency * time) / k for k in (1, 2, 3)) * np.exp(-6 * time))
    return (0.2 * np.concatenate(notes)).astype(np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "audio").mkdir()
    pieces = []
    for index, seconds in enumerate((20.0, 14.0, 7.0, 21.0)):
        name = f"audio/{index}.flac"
        soundfile.write(folder / name, music(seconds, index), RATE)
        split = "train" if index == 3 else "test"
        pieces.append(
            Piece(str(index), split, "plain", 120.0, "A major", 4, seconds, ("a plain tune",), name, "m", "c")
        )
    write_manifest(folder, pieces)
    return folder


class Slices(nn.Module):
    """Stands in for a quantiser: the two bytes of a 16 bit sample as codes."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codebooks", torch.zeros(1))

    def encode(self, latent: Tensor) -> Tensor:
        whole = ((latent + 1.0) * 32768.0).round().long().clamp(0, 65535)
        return torch.cat([whole // 256, whole % 256], dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        whole = codes[:, :1] * 256 + (codes[:, 1:] if codes.shape[1] > 1 else 128)
        return whole / 32768.0 - 1.0


class PulseCode(Codec):
    """A codec whose truth is known: the upper and the lower byte of every sample are its two codebooks."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.sample_rate, self.channels, self.hop_length = RATE, 1, 1
        self.num_codebooks, self.codebook_size = 2, 256
        self.encoder = self.decoder = nn.Identity()
        self.quantizer = Slices()


def test_more_codebooks_of_a_known_codec_come_nearer(corpus: Path) -> None:
    clips = draw_audio(corpus, "test", 2, 7.0, 0, RATE)
    table = judge_codec(PulseCode(), clips)
    assert list(table) == ["1", "2", "unquantised"]
    eight, sixteen, whole = table.values()
    # Rounding to 8 bits: noise of step / sqrt(12), the step being 1/128.
    level = np.mean([10 * np.log10(np.mean(clip**2) * 128**2 * 12) for clip in clips])
    assert eight["si_sdr"] == pytest.approx(level, abs=1.5)
    for lossless in (sixteen, whole):  # the files have 16 bits themselves
        assert lossless["si_sdr"] == 80.0
        assert lossless["log_mel"] == lossless["stft"] == 0.0
        assert lossless["chroma"] == pytest.approx(1.0, abs=1e-5)
    assert eight["log_mel"] > 1.0
    assert eight["stft"] > 0.1
    assert 0.9 < eight["chroma"] < 1.0
    assert {row["tempo_kept"] for row in table.values()} == {1.0}
    assert all(row["clips"] == 2 for row in table.values())
    assert 1.0 < eight["perplexity"] < sixteen["perplexity"] <= 256.0
    assert "used" not in whole


def test_perplexity_counts_codes_as_if_evenly_used() -> None:
    assert perplexity(np.array([5.0, 5.0, 5.0, 5.0, 0.0])) == pytest.approx(4.0)
    assert perplexity(np.array([7.0, 0.0])) == pytest.approx(1.0)


def test_excerpts_come_from_different_pieces_first(corpus: Path) -> None:
    drawn = draw_excerpts(corpus, "test", 3, 7.0, 1, RATE)
    assert sorted(excerpt.piece.id for excerpt in drawn) == ["0", "1", "2"]
    everything = draw_excerpts(corpus, "test", 99, 7.0, 1, RATE)
    assert len({(excerpt.piece.id, excerpt.start) for excerpt in everything}) == len(everything) == 5
    for excerpt in everything:
        first = round(excerpt.start * RATE)
        wanted = music(excerpt.piece.seconds, int(excerpt.piece.id))[first : first + 7 * RATE]
        np.testing.assert_allclose(excerpt.audio, wanted, atol=1e-4)
    assert {excerpt.piece.id for excerpt in draw_excerpts(corpus, None, 99, 7.0, 1, RATE)} == set("0123")
    again = draw_excerpts(corpus, "test", 3, 7.0, 1, RATE)
    assert [(e.piece.id, e.start) for e in again] == [(e.piece.id, e.start) for e in drawn]


def test_what_cannot_be_drawn_is_said(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no piece of 60 s in its test split"):
        draw_excerpts(corpus, "test", 3, 60.0, 0, RATE)
    with pytest.raises(CorpusError, match="no sound file of 7 s"):
        draw_audio(tmp_path, None, 3, 7.0, 0, RATE)
    with pytest.raises(OptionError, match="is not a folder"):
        draw_audio(tmp_path / "nowhere", None, 3, 7.0, 0, RATE)


def test_any_folder_of_music_will_do(tmp_path: Path) -> None:
    stereo = np.repeat(music(8.0, 5)[:, None], 2, axis=1)
    soundfile.write(tmp_path / "take.wav", stereo, 48000)
    assert draw_audio(tmp_path, None, 5, 3.5, 0, RATE)[0].shape == (int(3.5 * RATE),)


def test_the_report_is_written(corpus: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    codec = Codec(
        CodecConfig(num_filters=2, hidden_size=8, codebook_dim=8, codebook_size=16, num_lstm_layers=1)
    )
    codec.save(tmp_path / "codec")
    other = corpus / "audio"
    plan = Evaluation(
        corpus, tmp_path / "report", str(tmp_path / "codec"), tmp_path, 2, 7.0, other_corpus=other
    )
    text = evaluate(plan, ("codec",))
    assert (tmp_path / "report" / "report.md").read_text() == text + "\n"
    figures = json.loads((tmp_path / "report" / "report.json").read_text())
    table = figures["codec on held-out music"]
    assert list(table) == [*(str(k + 1) for k in range(codec.num_codebooks)), "unquantised"]
    assert table["1"]["clips"] == 2
    assert figures["codec on other music"]["1"]["clips"] == 4  # ten minutes of it, if it were there
    assert f"| {codec.num_codebooks} " in text
    assert "2 excerpts of 7 s" in text


def test_a_reconstruction_is_as_long_as_its_original() -> None:
    codec = Codec(
        CodecConfig(num_filters=2, hidden_size=8, codebook_dim=8, codebook_size=16, num_lstm_layers=1)
    )
    audio, codes = reconstruct(codec, music(1.0, 0)[:-100], num_codebooks=2)
    assert audio.shape == (RATE - 100,)
    assert codes.shape == (2, 50)
