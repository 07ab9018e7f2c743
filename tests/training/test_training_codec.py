"""The codec's training on a few seconds of sound: every part of the run works, learns and resumes."""

import json

import numpy as np
import pytest
import soundfile
import torch

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.errors import CorpusError, OptionError
from simba_live.training.codec import CodecTrainer, CodecTraining
from simba_live.training.crops import AudioCrops
from simba_live.training.initialise import start_from_data
from simba_live.training.loop import Schedule, load_checkpoint, save_checkpoint, train
from simba_live.training.losses import MelLoss, mel_filters, normalised_error
from simba_live.training.quantizer import CodebookLearner, nearest

CONFIG = CodecConfig(num_filters=4, hidden_size=16, codebook_dim=16, codebook_size=16)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "audio").mkdir()
    lines = []
    generator = np.random.default_rng(0)
    for index, split in enumerate(["train", "train", "valid"]):
        seconds = np.arange(24000 * 6) / 24000
        audio = sum(0.1 * np.sin(2 * np.pi * hertz * seconds) for hertz in generator.uniform(100, 1000, 4))
        soundfile.write(folder / f"audio/{index}.flac", audio, 24000)
        lines.append(
            {
                "id": str(index),
                "split": split,
                "style": "test",
                "bpm": 120.0,
                "key": "C major",
                "beats_per_bar": 4,
                "seconds": 6.0,
                "captions": ["a test"],
                "audio": f"audio/{index}.flac",
                "midi": "none.mid",
                "conditions": "none.safetensors",
            }
        )
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def trainer(corpus, **changes):
    values = {
        "steps": 40,
        "batch_size": 4,
        "crop_seconds": 0.2,
        "waveform_steps": 20,
        "freeze_step": 30,
        "adversarial_weight": 0.0,
        "matrix_learning_rate": 0.01,
        "bfloat16": False,
    }
    return CodecTrainer(CONFIG, CodecTraining(**(values | changes)), [corpus], torch.device("cpu"))


def losses(folder):
    return [json.loads(line)["error"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_run_learns_resumes_exactly_and_exports(corpus, tmp_path):
    train(trainer(corpus), tmp_path / "whole", Schedule(40, evaluate_every=40), {})
    made = 0
    while made < 40:
        made = train(trainer(corpus), tmp_path / "sliced", Schedule(40, minutes=0.002, evaluate_every=40), {})
    whole = losses(tmp_path / "whole")
    assert losses(tmp_path / "sliced") == whole
    assert np.mean(whole[-5:]) < 0.85 * whole[0]
    codec = Codec.load(tmp_path / "whole" / "model")
    assert codec.fingerprint() == Codec.load(tmp_path / "sliced" / "model").fingerprint()


def test_only_the_decoder_changes_after_the_freeze(corpus):
    run = trainer(corpus, waveform_steps=2, freeze_step=4)
    for index in range(4):
        run.step(index)
    before = {name: tensor.clone() for name, tensor in run.codec.state_dict().items()}
    for index in range(4, 7):
        run.step(index)
    after = run.codec.state_dict()
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]) != name.startswith("decoder"), name


def judged(corpus):
    return trainer(corpus, waveform_steps=1, freeze_step=2, adversarial_weight=2.0, lead_steps=2)


def test_the_adversary_is_heard_after_its_lead_and_only_when_it_has_a_weight(corpus):
    plain, run = trainer(corpus, waveform_steps=1, freeze_step=2), judged(corpus)
    for index in range(5):
        assert ("adversarial" in run.step(index)) == (index >= 2)
        assert "adversarial" not in plain.step(index)
        weights, others = run.codec.decoder.state_dict(), plain.codec.decoder.state_dict()
        alike = all(torch.equal(tensor, others[name]) for name, tensor in weights.items())
        assert alike == (index < 4)
    assert not any("discriminator" in name for name in plain.tensors())


@pytest.mark.parametrize("cut", [2, 3, 5])
def test_a_judged_run_resumes_exactly_before_in_and_after_the_lead(corpus, cut, tmp_path):
    whole, before, after = judged(corpus), judged(corpus), judged(corpus)
    expected = [whole.step(index) for index in range(7)]
    for index in range(cut):
        before.step(index)
    save_checkpoint(tmp_path / "checkpoint", before.tensors(), cut)
    after.load_tensors(load_checkpoint(tmp_path / "checkpoint")[0])
    assert [after.step(index) for index in range(cut, 7)] == expected[cut:]
    wanted, found = whole.tensors(), after.tensors()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())


def test_crops_depend_on_seed_and_step_alone(corpus):
    crops = AudioCrops([corpus], "train", 24000)
    assert torch.equal(crops.batch(1, 5, 3, 100), AudioCrops([corpus], "train", 24000).batch(1, 5, 3, 100))
    assert not torch.equal(crops.batch(1, 5, 3, 100), crops.batch(1, 6, 3, 100))


def test_unusable_corpora_are_named(corpus):
    with pytest.raises(CorpusError, match="test"):
        AudioCrops([corpus], "test", 24000)
    with pytest.raises(CorpusError, match="24000 Hz"):
        AudioCrops([corpus], "train", 32000)


def test_parts_must_follow_each_other():
    with pytest.raises(OptionError, match="waveform_steps 30"):
        CodecTraining(steps=40, waveform_steps=30, freeze_step=20)


def test_start_gives_every_layer_unit_variance():
    torch.manual_seed(0)
    model = torch.nn.Sequential(*[torch.nn.Conv1d(8, 8, 3) for _ in range(6)])
    batch = 5.0 * torch.randn(4, 8, 100)
    start_from_data(model, batch, last=model[-1], last_scale=0.1)
    for depth, layer in enumerate(model, 1):
        expected = 0.1 if depth == 6 else 1.0
        assert float(model[:depth](batch).detach().std()) == pytest.approx(expected, rel=1e-3), layer


def test_codebooks_find_clusters_and_revive_dead_codes():
    generator = torch.Generator().manual_seed(0)
    centres = 10.0 * torch.randn(8, 4, generator=generator)
    vectors = centres.repeat(50, 1) + 0.01 * torch.randn(400, 4, generator=generator)
    learner = CodebookLearner(torch.zeros(2, 8, 4), patience=3)
    learner.initialise(vectors, generator, iterations=30)
    latent = vectors.T[None]
    everything = torch.tensor([2])
    for _ in range(200):
        learner.quantize(latent, everything, generator)
    assert len(nearest(vectors, learner.codebooks[0]).unique()) == 8
    error = (learner.quantize(latent, everything, None) - latent).square().mean()
    assert error < 1e-3
    one = (learner.quantize(latent, torch.tensor([1]), None) - latent).square().mean()
    assert one > error


def test_losses_are_zero_for_equals_and_one_for_silence():
    audio = 0.1 * torch.randn(2, 1, 8000, generator=torch.Generator().manual_seed(0))
    assert float(normalised_error(audio, audio)) == 0.0
    assert float(normalised_error(torch.zeros_like(audio), audio)) == pytest.approx(1.0, abs=0.01)
    mel = MelLoss(24000)
    assert float(mel(audio, audio)) == 0.0
    # Half the level is ln 2 in every band that is above the floor.
    assert float(mel(0.5 * audio, audio)) == pytest.approx(0.693, abs=0.05)


def test_mel_filters_cover_every_band():
    for window, bands in ((512, 40), (1024, 64), (2048, 80)):
        assert torch.allclose(mel_filters(24000, window, bands).sum(1), torch.ones(bands), atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_slice_on_the_gpu_passes_through_every_part(corpus, tmp_path):
    settings = CodecTraining(steps=12, batch_size=4, crop_seconds=0.2, waveform_steps=4, freeze_step=8)
    run = CodecTrainer(CONFIG, settings, [corpus], torch.device("cuda"))
    train(run, tmp_path, Schedule(12, evaluate_every=12), {})
    assert all(np.isfinite(losses(tmp_path)))
    assert Codec.load(tmp_path / "model").num_codebooks == CONFIG.num_codebooks
