"""The adversarial stage: the critic learns, losses do as they are called, shares are kept, runs resume."""

import math

import pytest
import torch

from simba_live.training import discriminator
from simba_live.training.adversary import Adversary
from simba_live.training.balancer import GradientBalancer
from simba_live.training.discriminator import (
    WINDOWS,
    StftDiscriminator,
    adversarial_loss,
    discriminator_loss,
    matching_loss,
)

RATE = 24000
CPU = torch.device("cpu")


def tones(seed, batch=2, samples=4096):
    generator = torch.Generator().manual_seed(seed)
    hertz = 200.0 + 800.0 * torch.rand(batch, 1, 1, generator=generator)
    return 0.3 * torch.sin(2 * math.pi * hertz * torch.arange(samples) / RATE)


def noise(seed, batch=2, samples=4096):
    return 0.2 * torch.randn(batch, 1, samples, generator=torch.Generator().manual_seed(seed))


def verdicts(adversary, audio):
    """Share of positive scores."""
    with torch.no_grad():
        scores = [scale(audio)[-1].flatten() for scale in adversary.scales]
    return float((torch.cat(scores) > 0).float().mean())


@pytest.mark.parametrize("window", WINDOWS)
def test_a_scale_sees_a_picture_of_time_by_frequency(window):
    samples = 4096
    features = StftDiscriminator(window, filters=4)(noise(0, batch=2, samples=samples))
    spectra = (samples - window) // (window // 4) + 1
    bins = [window // 2 + 1]
    for stride in (4, 2, 2, 2, 1, 1):
        bins.append(-(-bins[-1] // stride))
    assert [tuple(layer.shape) for layer in features] == [
        (2, 1 if number == 5 else 4, spectra, count) for number, count in enumerate(bins[1:])
    ]


def test_a_score_sees_ten_spectra_to_both_sides_and_no_more():
    """Time kernels of 3 with dilations 1, 1, 2, 4, 1, 1: ten spectra to each side."""
    window, hop = 128, 32
    audio = noise(0, batch=1, samples=64 * hop).requires_grad_()
    score = StftDiscriminator(window, filters=4)(audio)[-1]
    middle = 30
    score[0, 0, middle].sum().backward()
    seen = audio.grad[0, 0].abs().nonzero()[:, 0]
    first, last = (middle - 10) * hop, (middle + 10) * hop + window
    # A Hann window is 0 at its first sample.
    assert (int(seen[0]), int(seen[-1])) == (first + 1, last - 1)


def test_the_critic_learns_to_tell_tones_from_noise():
    adversary = Adversary(CPU, filters=8, learning_rate=3e-3)
    for step in range(40):
        adversary.learn(adversary.examine(noise(step), tones(step), step))
    assert verdicts(adversary, tones(1000)) > 0.8
    assert verdicts(adversary, noise(1000)) < 0.2


def test_a_codec_that_follows_the_adversary_comes_nearer_to_the_original():
    """Noise that is free to move passes for a tone once it lowers the two losses of the codec."""
    adversary = Adversary(CPU, filters=8, learning_rate=3e-3)
    for step in range(40):
        adversary.learn(adversary.examine(noise(step), tones(step), step))
    wanted = tones(7)
    moved = noise(7).requires_grad_()
    before = verdicts(adversary, moved)
    optimizer = torch.optim.Adam([moved], 0.01)
    for step in range(40):
        found = adversary.examine(moved, wanted, step)
        optimizer.zero_grad()
        sum(found.codec.values()).backward()
        optimizer.step()
    assert verdicts(adversary, moved) > before + 0.5


def test_every_scale_has_its_turn_and_the_others_rest():
    adversary = Adversary(CPU, filters=8, scales_per_step=2)
    looked_at = []
    for step in range(5):
        before = [scale.state_dict() for scale in adversary.scales]
        before = [{name: value.clone() for name, value in scale.items()} for scale in before]
        adversary.learn(adversary.examine(noise(step), tones(step), step))
        after = [scale.state_dict() for scale in adversary.scales]
        changed = [
            any(not torch.equal(new[name], old[name]) for name in new)
            for new, old in zip(after, before, strict=True)
        ]
        looked_at += [number for number, moved in enumerate(changed) if moved]
        assert sum(changed) == 2
    assert sorted(looked_at) == sorted([*range(5)] * 2)


def test_losses_are_what_their_names_say():
    def scored(value):
        return [torch.ones(1, 2, 3, 3), torch.full((1, 1, 3, 3), value)]

    assert float(discriminator_loss(scored(1.0), scored(-1.0))) == 0.0
    assert float(discriminator_loss(scored(0.0), scored(0.0))) == 2.0
    assert float(discriminator_loss(scored(-1.0), scored(1.0))) == 4.0
    assert float(adversarial_loss(scored(1.5))) == 0.0
    assert float(adversarial_loss(scored(-1.0))) == 2.0


def test_matching_is_zero_for_equals_relative_and_blind_to_the_score():
    critic = StftDiscriminator(512, filters=4).requires_grad_(False)
    real, fake = critic(tones(0)), critic(noise(0))
    assert float(matching_loss(real, real)) == 0.0
    assert float(matching_loss(real, fake)) > 0.1

    def scaled(features, factor):
        return [layer * factor for layer in features]

    louder = matching_loss(scaled(real, 100.0), scaled(fake, 100.0))
    assert float(louder) == pytest.approx(float(matching_loss(real, fake)), rel=1e-5)
    assert float(matching_loss(real, scaled(real, 0.0))) == pytest.approx(1.0)
    assert float(matching_loss(real, [*real[:-1], real[-1] + 1.0])) == 0.0


def test_matching_does_not_move_what_the_critic_makes_of_originals():
    critic = StftDiscriminator(512, filters=4)
    original = tones(0).requires_grad_()
    decoded = noise(0).requires_grad_()
    matching_loss(critic(original), critic(decoded)).backward()
    assert original.grad is None
    assert decoded.grad.abs().sum() > 0


def test_the_spectrum_stays_in_float32_under_bfloat16():
    audio = noise(0)
    with torch.autocast("cpu", torch.bfloat16):
        low = discriminator._complex_spectrum(audio.bfloat16(), 256)
        features = StftDiscriminator(256)(audio)
    assert low.dtype == torch.float32
    assert features[0].dtype == torch.bfloat16
    for loss in (adversarial_loss(features), matching_loss(features, features)):
        assert loss.dtype == torch.float32


def test_shares_are_as_asked_whatever_the_losses_scales():
    generator = torch.Generator().manual_seed(0)
    directions = torch.linalg.qr(torch.randn(6, 3, generator=generator))[0].T
    weights = {"first": 1.0, "second": 3.0, "third": 0.5}
    scales = {"first": 2.0, "second": 1e-4, "third": 1e5}
    balancer = GradientBalancer()
    for _ in range(3):
        output = torch.randn(6, generator=generator).requires_grad_()
        losses = {
            name: scales[name] * output @ direction
            for name, direction in zip(weights, directions, strict=True)
        }
        gradient = balancer.gradient(losses, weights, output)
        parts = directions @ gradient
        assert parts.tolist() == pytest.approx([2.0, 6.0, 1.0], rel=1e-4)


def test_a_steeper_batch_still_counts_more():
    balancer = GradientBalancer(decay=0.9)
    output = torch.ones(1, requires_grad=True)
    plain = torch.ones(1)

    def part(steepness):
        losses = {"first": 0.0 * output.sum() + output[0], "second": steepness * output[0]}
        return float(balancer.gradient(losses, {"first": 1.0, "second": 1.0}, output) - plain)

    for _ in range(5):
        assert part(10.0) == pytest.approx(1.0)
    # The moving average after a norm of 30 among 10s, free of its start.
    weights = [0.1 * 0.9**age for age in range(6)]
    usual = (30.0 * weights[0] + 10.0 * sum(weights[1:])) / sum(weights)
    assert part(30.0) == pytest.approx(30.0 / usual)


def test_one_loss_alone_is_left_as_it_is():
    audio = noise(0).requires_grad_()
    balancer = GradientBalancer()
    for step in range(3):
        loss = (audio - tones(step)).square().mean()
        (plain,) = torch.autograd.grad(loss, audio, retain_graph=True)
        losses = {"waveform": loss, "resting": audio.abs().sum()}
        assert torch.equal(balancer.gradient(losses, {"waveform": 7.0, "resting": 0.0}, audio), plain)
    assert [*balancer.tensors()] == ["balancer.waveform"]


def test_a_broken_gradient_is_not_remembered():
    balancer = GradientBalancer()
    output = torch.ones(2, requires_grad=True)
    balancer.gradient({"first": output.sum()}, {"first": 1.0}, output)
    before = {name: value.clone() for name, value in balancer.tensors().items()}
    broken = balancer.gradient({"first": output.sum() * math.nan}, {"first": 1.0}, output)
    assert broken.isnan().all()
    assert {name: value.tolist() for name, value in balancer.tensors().items()} == {
        name: value.tolist() for name, value in before.items()
    }


def stage(steps, saved=None, first=0):
    """A decoder of one convolution, its adversary and a balancer, run for some steps; all of their state."""
    decoder = torch.nn.Conv1d(1, 1, 9, padding=4)
    with torch.no_grad():
        decoder.weight.fill_(0.1)
        decoder.bias.zero_()
    adversary, balancer = Adversary(CPU, seed=3, filters=8), GradientBalancer()
    if saved is not None:
        decoder.load_state_dict({name: saved[f"decoder.{name}"] for name in decoder.state_dict()})
        adversary.load_tensors(saved)
        balancer.load_tensors(saved)
    for step in range(first, steps):
        original = tones(step)
        decoded = decoder(original + noise(step))
        found = adversary.examine(decoded, original, step)
        losses = {"waveform": (decoded - original).square().mean(), **found.codec}
        gradient = balancer.gradient(losses, dict.fromkeys(losses, 1.0), decoded)
        adversary.learn(found)
        decoder.zero_grad()
        decoded.backward(gradient)
        with torch.no_grad():
            for parameter in decoder.parameters():
                parameter -= 0.1 * parameter.grad
    own = {f"decoder.{name}": value for name, value in decoder.state_dict().items()}
    state = own | adversary.tensors() | balancer.tensors()
    return {name: value.clone() for name, value in state.items()}


def test_a_resumed_run_equals_an_uninterrupted_one():
    whole = stage(7)
    # After one step most scales have not had their turn, so they have no moments yet.
    for cut in (1, 4):
        resumed = stage(7, stage(cut), cut)
        assert resumed.keys() == whole.keys()
        for name, value in whole.items():
            assert torch.equal(resumed[name], value), (cut, name)


def test_building_an_adversary_draws_nothing_from_the_common_generator():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    Adversary(CPU, seed=1)
    assert torch.equal(torch.rand(1), expected)
