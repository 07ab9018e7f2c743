"""Whole pieces through the Python API, with tiny models: seams, ends, lengths."""

import numpy as np
import pytest
import soundfile
import torch

from simba_live.audio import limit
from simba_live.controls import Sampling
from simba_live.engine.engine import Engine
from simba_live.engine.request import Request
from simba_live.errors import SimbaLiveError
from simba_live.generation import SEAM_SECONDS, Generator, crossfade, fade_out
from tests.checkpoints import CAUSAL, LATE, SIMBA, TRANSFORMER, make_codec, make_model


class Encoder:
    def encode(self, texts):
        return np.stack([np.full(384, (1 + len(text) % 7) / 140, np.float32) for text in texts])


@pytest.fixture(scope="module", params=[(SIMBA, CAUSAL), (SIMBA, LATE), (TRANSFORMER, CAUSAL)])
def generator(request):
    model, codec = request.param
    made = Generator(Engine(make_model(model), make_codec(codec)))
    made.encoder = Encoder()
    return made


def recording(sample_rate, samples, channels=2):
    times = np.arange(samples) / sample_rate
    wave = 0.3 * np.sin(2 * np.pi * 220 * times) + 0.2 * np.sin(2 * np.pi * 331 * times)
    return np.tile(wave.astype(np.float32), (channels, 1)), sample_rate


def joined(take):
    blocks = list(take.blocks())
    return (np.concatenate([getattr(block, name) for block in blocks], axis=1) for name in ("audio", "codes"))


@pytest.mark.parametrize("seconds", [0.1, 0.73, 1.5])
def test_a_piece_is_its_codes_decoded(generator, seconds):
    music = generator.generate("rock", seconds=seconds)
    assert music.audio.shape == (1, round(seconds * music.sample_rate))
    assert music.seconds == pytest.approx(seconds, abs=1e-4)
    decoded = generator.engine.codec.decode(torch.from_numpy(music.codes)[None])[0].numpy()
    # At the end comes the fade, and a codec that looks ahead heard more frames than the piece has codes.
    steady = max(round(music.audio.shape[1] * 0.6) - 4 * generator.engine.codec.hop_length, 0)
    np.testing.assert_allclose(music.audio[:, :steady], limit(decoded)[:, :steady], atol=1e-5)


@pytest.mark.parametrize("samples", [1, 479, 700, 24000, 24137])
def test_the_seam_of_a_continuation_is_clean(generator, samples):
    codec, request = generator.engine.codec, Request("rock", seconds=0.8)
    old, rate = recording(codec.sample_rate, samples)
    take = generator.take(request, (old, rate))
    audio, codes = joined(take)
    assert audio.shape == (1, samples + round(0.8 * rate))
    assert take.num_samples == audio.shape[1]

    # Before the seam the recording itself, after it what one unbroken decoder makes of all codes.
    seam = min(round(SEAM_SECONDS * rate), samples)
    np.testing.assert_array_equal(audio[:, : samples - seam], old[:1, : samples - seam])
    decoded = limit(codec.decode(torch.from_numpy(codes)[None])[0].numpy())
    padding = -samples % codec.hop_length
    steady = samples + round(0.4 * rate)
    np.testing.assert_allclose(
        audio[:, samples:steady], decoded[:, padding + samples : padding + steady], atol=1e-5
    )

    # So no step between two samples at the seam is larger than those on either side of it.
    steps = np.abs(np.diff(audio[0]))
    around = steps[max(samples - seam - 2, 0) : samples + 2]
    sides = [np.abs(np.diff(old[0])), np.abs(np.diff(decoded[0, padding:]))]
    assert around.max(initial=0) <= 1.05 * max(side.max(initial=0) for side in sides)


def test_an_unprimed_decoder_would_click(generator):
    """What the seam test guards against: the same new codes, decoded from an empty state."""
    codec = generator.engine.codec
    _, codes = joined(generator.take(Request("rock", seconds=0.8), recording(codec.sample_rate, 12000)))
    frames = -(-12000 // codec.hop_length)
    primed = codec.decode(torch.from_numpy(codes)[None])[0, :, frames * codec.hop_length :]
    unprimed = codec.decode(torch.from_numpy(codes[:, frames:])[None])[0]
    length = 3 * codec.hop_length
    assert (primed[:, :length] - unprimed[:, :length]).abs().max() > 1e-2


def test_the_past_changes_what_follows(generator):
    rate = generator.engine.codec.sample_rate
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, rate)).astype(np.float32)
    endings = []
    for past in (recording(rate, rate), (noise, rate)):
        _, codes = joined(generator.take(Request("rock", seconds=0.5), past))
        assert len(np.unique(codes[:, :50])) > 5
        endings.append(codes[:, 50:])
    assert not np.array_equal(*endings)


def test_equal_requests_give_equal_bits(generator):
    settings = {"seconds": 0.7, "temperature": 1.1, "guidance": 1.5, "bpm": 130}
    one, two = (generator.generate("rock", seed=3, **settings) for _ in range(2))
    assert np.array_equal(one.audio, two.audio)
    assert not np.array_equal(one.audio, generator.generate("rock", seed=4, **settings).audio)


def test_blocks_arrive_as_they_are_made(generator):
    take = generator.take(Request("rock", seconds=2.0, sampling=Sampling(seed=1)))
    lengths = [block.audio.shape[1] for block in take.blocks()]
    assert len(lengths) >= 4
    assert sum(lengths) == take.num_samples


def test_music_is_saved_and_drawn(generator, tmp_path):
    music = generator.generate("rock", seconds=0.5)
    music.save(tmp_path / "out.flac")
    music.plot(tmp_path / "out.png")
    samples, rate = soundfile.read(tmp_path / "out.flac", dtype="float32")
    assert rate == music.sample_rate
    np.testing.assert_allclose(samples, music.audio[0], rtol=0, atol=0.51 / 32768)
    assert (tmp_path / "out.png").stat().st_size > 10_000


def test_mistakes_are_told(generator, tmp_path):
    with pytest.raises(SimbaLiveError, match="seconds is 0"):
        generator.generate("rock", seconds=0)
    with pytest.raises(SimbaLiveError, match="does not exist"):
        generator.generate("rock", continue_from=tmp_path / "absent.wav")
    with pytest.raises(TypeError, match="tempo"):
        generator.generate("rock", tempo=3)


@pytest.mark.parametrize("length", [1, 2, 480])
def test_a_crossfade_goes_from_one_to_the_other(length):
    old, new = np.full((2, length), 1.0, np.float32), np.full((2, length), -1.0, np.float32)
    mixed = crossfade(old, new)
    assert mixed.shape == (2, length)
    assert (np.abs(mixed) < 1).all()
    assert (np.diff(mixed) < 0).all()


def test_a_fade_does_not_depend_on_blocks():
    sound = np.random.default_rng(0).standard_normal((1, 1000)).astype(np.float32)
    whole = fade_out(sound, 1000, 300)
    pieces = [fade_out(sound[:, at : at + 70], 1000 - at, 300) for at in range(0, 1000, 70)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    np.testing.assert_array_equal(whole[:, :700], sound[:, :700])
    gains = whole[0, 700:] / sound[0, 700:]
    assert (np.diff(gains) < 0).all()
    assert 0 < gains[-1] < 1e-3
