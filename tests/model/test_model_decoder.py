"""Both token models: the streaming contract, free conditions, gradients, and training under autocast."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from simba_live.conditions import NUM_FEATURES, Conditions
from simba_live.model import ModelConfig, ModelState, TokenModel, build_model, count_parameters, preset_config
from tests.contract import assert_streaming

SMALL = ModelConfig(
    d_model=32, num_layers=2, d_state=8, head_dim=16, num_heads=2, window=6, mlp_hidden=48,
    num_codebooks=3, codebook_size=20, depth_hidden=16, style_dim=12,
)  # fmt: skip
CONFIGS = {
    "simba": SMALL,
    "simba-mlp": dataclasses.replace(SMALL, channel_mixer="mlp"),
    "transformer": dataclasses.replace(SMALL, architecture="transformer", channel_mixer="mlp"),
    "one-codebook": dataclasses.replace(SMALL, num_codebooks=1),
}


def make_model(name: str) -> TokenModel:
    torch.manual_seed(0)
    model = build_model(CONFIGS[name]).eval()
    with torch.no_grad():
        model.head.linear.mul_(10.0)
        for parameter_name, parameter in model.named_parameters():
            if "complex" in parameter_name:
                parameter.mul_(5.0)
            if parameter_name.endswith("features.weight"):
                parameter.normal_(std=0.05)
    return model


def make_inputs(model: TokenModel, length: int = 13) -> tuple[Tensor, Tensor, Tensor]:
    config = model.config
    generator = torch.Generator().manual_seed(1)
    codes = torch.randint(config.codebook_size, (2, config.num_codebooks, length), generator=generator)
    features = torch.randn(2, length, config.num_features, generator=generator)
    style = functional.normalize(torch.randn(2, length, config.style_dim, generator=generator), dim=-1)
    return codes, features, style


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("name", CONFIGS)
def test_contract(name: str, prepared: bool) -> None:
    """Time is on axis 1 of features and style, on axis 2 of codes: so codes travel transposed."""
    model = make_model(name)
    if prepared:
        model.prepare_for_steps()
    codes, features, style = make_inputs(model)

    def forward(features: Tensor, style: Tensor, codes: Tensor) -> Tensor:
        return model(codes.transpose(1, 2), features, style)[0].transpose(1, 2)

    def step(features: Tensor, style: Tensor, codes: Tensor, state: ModelState) -> tuple[Tensor, ModelState]:
        logits, state = model.step(codes.transpose(1, 2), features, style, state)
        return logits.transpose(1, 2), state

    def resume(
        features: Tensor, style: Tensor, codes: Tensor, state: ModelState
    ) -> tuple[Tensor, ModelState]:
        logits, state = model(codes.transpose(1, 2), features, style, state)
        return logits.transpose(1, 2), state

    inputs = (features, 1, style, codes.transpose(1, 2))
    assert_streaming(model, *inputs, forward=forward, step=step, init_state=model.init_state)
    assert_streaming(model, *inputs, forward=forward, step=resume, init_state=model.init_state)


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("name", CONFIGS)
def test_drawing_codes_one_by_one_sees_what_training_saw(name: str, prepared: bool) -> None:
    model = make_model(name)
    if prepared:
        model.prepare_for_steps()
    codes, features, style = make_inputs(model)
    with torch.no_grad():
        expected, _ = model(codes, features, style)
        state = model.init_state(2)
        for t in range(codes.shape[2]):
            now = slice(t, t + 1)
            hidden, state = model.hidden_step(features[:, now], style[:, now], state.codes[:, :, None], state)
            for k in range(codes.shape[1]):
                logits = model.code_logits(k, hidden[:, 0], codes[:, :k, t])
                torch.testing.assert_close(logits, expected[:, k, t], rtol=1e-5, atol=1e-5)
            state.codes.copy_(codes[:, :, t])


@pytest.mark.parametrize("name", ["simba", "transformer"])
def test_logits_see_only_the_codes_they_may(name: str) -> None:
    """Changing code (k, t) may change later codebooks of t and later frames, nothing else."""
    model = make_model(name)
    codes, features, style = make_inputs(model)
    k, t = 1, 5
    other = codes.clone()
    other[:, k, t] = (other[:, k, t] + 7) % model.config.codebook_size
    with torch.no_grad():
        changed = (model(codes, features, style)[0] - model(other, features, style)[0]).abs().amax(
            (0, 3)
        ) > 1e-6
    assert not changed[:, :t].any()
    assert changed[:, t].tolist() == [False, False, True]
    assert changed[:, t + 1 :].all()


def test_free_conditions_add_nothing() -> None:
    model = make_model("simba")
    free = torch.from_numpy(Conditions.free(4).features())[None]
    no_prompt = torch.zeros(1, 1, model.config.style_dim)
    assert not model.conditioning(free, no_prompt).any()
    silent = Conditions.free(4)
    silent.notes[:] = 1
    added = model.conditioning(torch.from_numpy(silent.features())[None], no_prompt)
    assert added.any(), "that nothing sounds is something else than freedom"


def test_a_style_for_all_frames_is_that_style_in_each() -> None:
    model = make_model("transformer")
    codes, features, style = make_inputs(model)
    with torch.no_grad():
        once, _ = model(codes, features, style[:, :1])
        each, _ = model(codes, features, style[:, :1].expand_as(style))
    torch.testing.assert_close(once, each)


@pytest.mark.parametrize("name", ["simba", "transformer"])
def test_prefill_is_step_without_logits(name: str) -> None:
    model = make_model(name)
    inputs = make_inputs(model)
    with torch.no_grad():
        _, expected = model.step(*inputs, model.init_state(2))
        state = model.prefill(*inputs, model.init_state(2))
    for (leaf_name, leaf), (_, other) in zip(state.tensors(), expected.tensors(), strict=True):
        assert torch.equal(leaf, other), leaf_name


@pytest.mark.parametrize("name", CONFIGS)
def test_training_under_bfloat16_autocast(name: str) -> None:
    model = make_model(name)
    codes, features, style = make_inputs(model)
    state = model.init_state(2)
    for _ in range(2):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, state = model(codes, features, style, state)
        loss = functional.cross_entropy(logits.float().flatten(0, 2), codes.flatten())
        loss.backward()
        state = state.detach()
    assert loss.isfinite()
    for parameter_name, parameter in model.named_parameters():
        if not parameter.numel():
            continue  # with one codebook there are no later ones
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
    assert all(leaf.dtype in (torch.float32, torch.int64) for _, leaf in state.tensors())


def test_dropout_acts_in_training_alone() -> None:
    torch.manual_seed(0)
    model = build_model(dataclasses.replace(SMALL, dropout=0.5))
    inputs = make_inputs(model)
    with torch.no_grad():
        model.train()
        assert not torch.equal(model(*inputs)[0], model(*inputs)[0])
        model.eval()
        assert torch.equal(model(*inputs)[0], model(*inputs)[0])


@pytest.mark.parametrize(("name", "rival"), [("mini", "mini-transformer"), ("paper", "paper-transformer")])
def test_rivals_have_the_same_number_of_parameters(name: str, rival: str) -> None:
    counts = []
    for preset in (name, rival):
        with torch.device("meta"):
            counts.append(count_parameters(build_model(preset_config(preset))))
    assert abs(counts[0] - counts[1]) / counts[0] < 0.02
    expected = {"mini": 9.4e6, "paper": 282e6}[name]
    assert counts[0] == pytest.approx(expected, rel=0.01)


def test_memory_of_a_stream_is_constant() -> None:
    for name in ("simba", "transformer"):
        model = make_model(name)
        codes, features, style = make_inputs(model, 20)
        state = model.init_state(2)
        before = state.num_bytes()
        with torch.no_grad():
            _, state = model.step(codes, features, style, state)
        assert state.num_bytes() == before


def first_logits(model: TokenModel) -> Tensor:
    _, features, style = make_inputs(model, 1)
    state = model.init_state(2)
    hidden, _ = model.hidden_step(features, style, state.codes[:, :, None], state)
    return model.code_logits(0, hidden[:, 0], state.codes[:, :0])


def test_the_prepared_step_follows_the_weights() -> None:
    model = make_model("simba")
    model.prepare_for_steps()
    with torch.no_grad():
        before = first_logits(model)
        model.load_state_dict({name: 1.1 * weight for name, weight in model.state_dict().items()})
        after = first_logits(model)
        assert (after - before).abs().max() > 0.01
        fresh = build_model(model.config).eval()
        fresh.load_state_dict(model.state_dict())
        torch.testing.assert_close(after, first_logits(fresh), rtol=1e-5, atol=1e-5)
        fresh.load_state_dict(
            {name: 0.9 * weight for name, weight in model.state_dict().items()}, assign=True
        )
        model.load_state_dict(fresh.state_dict(), assign=True)
        torch.testing.assert_close(first_logits(model), first_logits(fresh), rtol=1e-5, atol=1e-5)


def test_frames_that_forget_all_before_them_stay_finite() -> None:
    """A decay that no float32 can hold, across frames that are taken at once."""
    model = make_model("simba")
    with torch.no_grad():
        for block in model.typed_blocks():
            block.frame_mixer.dt_bias.fill_(50.0)
        codes, features, style = make_inputs(model)
        expected, _ = model(codes, features, style)
        model.prepare_for_steps()
        logits, _ = model.step(codes, features, style, model.init_state(2))
    assert logits.isfinite().all()
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["simba", "transformer"])
def test_the_prepared_step_takes_rows_that_began_at_different_times(name: str) -> None:
    """As training leaves them, when one stream of a batch has ended and another begun."""
    model = make_model(name)
    codes, features, style = make_inputs(model)
    with torch.no_grad():
        _, state = model(codes[:, :, :4], features[:, :4], style[:, :4])
        empty = dict(model.init_state(2).tensors())
        for leaf_name, leaf in state.tensors():
            leaf[1] = empty[leaf_name][1]
        expected, _ = model(codes[:, :, 4:], features[:, 4:], style[:, 4:], state)
        model.prepare_for_steps()
        for t in range(4, codes.shape[2]):
            now = slice(t, t + 1)
            logits, state = model.step(codes[:, :, now], features[:, now], style[:, now], state)
            torch.testing.assert_close(logits[:, :, 0], expected[:, :, t - 4], rtol=1e-5, atol=1e-5)


def test_the_prepared_step_has_no_gradients_so_training_does_without() -> None:
    model = make_model("simba")
    model.prepare_for_steps()
    first_logits(model).sum().backward()
    assert model.embedding.grad is not None
    assert model.embedding.grad.abs().max() > 0


def test_the_prepared_step_is_dropped_in_another_precision() -> None:
    model = make_model("simba")
    model.prepare_for_steps()
    _, features, style = make_inputs(model, 1)
    with torch.no_grad():
        expected = first_logits(model)
        model.double()
        state = model.init_state(2)
        hidden, _ = model.hidden_step(features.double(), style.double(), state.codes[:, :, None], state)
    assert hidden.dtype == torch.float64
    torch.testing.assert_close(model.head.logits(0, hidden[:, 0], state.codes[:, :0]).float(), expected)


def test_a_model_made_in_inference_mode_can_be_prepared() -> None:
    with torch.inference_mode():
        model = make_model("simba")
        expected = first_logits(model)
        model.prepare_for_steps()
        torch.testing.assert_close(first_logits(model), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", CONFIGS)
def test_cuda_agrees_with_the_cpu(name: str) -> None:
    """Whole and step by step; mamba_ssm's kernels, where installed, round products to TF32."""
    model = make_model(name)
    codes, features, style = make_inputs(model)
    with torch.no_grad():
        expected, _ = model(codes, features, style)
        model.cuda().prepare_for_steps()
        inputs = [tensor.cuda() for tensor in (codes, features, style)]
        whole, _ = model(*inputs)
        state = model.init_state(2)
        steps = []
        for t in range(codes.shape[2]):
            now = slice(t, t + 1)
            logits, state = model.step(inputs[0][:, :, now], inputs[1][:, now], inputs[2][:, now], state)
            steps.append(logits)
    for logits in (whole, torch.cat(steps, 2)):
        torch.testing.assert_close(logits.cpu(), expected, rtol=1e-2, atol=1e-2)


def test_mini_has_the_features_of_the_conditions() -> None:
    assert preset_config("mini").num_features == NUM_FEATURES
