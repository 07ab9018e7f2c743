"""SiMBA against a Transformer with as many parameters: same tokens, same budget, and whatever comes out.

Everything made is kept in the output folder, so a call that was stopped or killed is gone on with by the same
command, and a finished one is told again in a moment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from simba_live.codec.encodec import Codec
from simba_live.data.manifest import write_beside
from simba_live.data.tokens import TokenCorpus
from simba_live.errors import CheckpointError, OptionError
from simba_live.evaluation.report import make_folder, write_report
from simba_live.model import ModelConfig

from .bench import Bench
from .figure import draw
from .music import Jury
from .plan import Comparison
from .report import tell
from .results import STEPS, TIME, Arm, Pair, Results
from .runs import Deadline, Maker
from .sizes import model_pair, parameters


def compare_and_report(plan: Comparison, machine: str, say: Callable[[str], None]) -> str:
    """Make what is not there yet, and write report.md, report.json and report.png.

    Args:
        plan: what to do.
        machine: on what, for the report.
        say: is told, in a line, what is begun.

    Returns:
        the report's text.

    Raises:
        SliceOver: the call's minutes are over; the same call goes on.
        SimbaLiveError: tokens, corpus, codec, sizes or output cannot be used.
    """
    make_folder(plan.output)
    try:
        results = compare(plan, say)
    except OSError as error:
        raise CheckpointError(
            f"{plan.output} cannot be written ({error.strerror or error}); make room, and run it again"
        ) from error
    text = tell(plan, results, machine)
    figures = {"command": plan.command, "machine": machine, **dataclasses.asdict(results)}
    first, *others = (str(size) for size in plan.sizes)
    write_report(plan.output, text, figures, draw(plan, results, first))
    for size in others:
        write_beside(plan.output / f"report-{size}.png", draw(plan, results, size))
    return text


def compare(plan: Comparison, say: Callable[[str], None]) -> Results:
    """The runs and measurements alone; arguments and errors as above."""
    deadline = Deadline(plan.slice_minutes)
    tokens = TokenCorpus(plan.tokens)
    if max(plan.codebooks) > tokens.num_codebooks:
        raise OptionError(
            f"--codebooks is {max(plan.codebooks)}; the tokens have {tokens.num_codebooks}, give no more"
        )
    models = {
        (size, count): model_pair(size, _common(plan, tokens, count))
        for size in plan.sizes
        for count in plan.codebooks
    }
    jury = _assemble(plan, tokens)
    bench = Bench(plan, Maker(plan.tokens, plan.device, plan.evaluate_every, deadline), say)
    speeds = {key: bench.measure_speed(*key, pair) for key, pair in models.items()}
    budgets = {key: plan.budgets(speeds[key]) for key in models}
    first = plan.codebooks[0]
    sweeps = {
        (size, name): bench.choose_rate(size, config, speeds[size, first][name])
        for size in plan.sizes
        for name, config in models[size, first].items()
    }
    # Seed by seed, so that a machine that slows down meanwhile does so for all.
    jobs = {
        (key, name, seed): bench.job(*key, config, seed, sweeps[key[0], name].best, budgets[key][name], speed)
        for seed in range(plan.seeds)
        for key, pair in models.items()
        for (name, config), speed in zip(pair.items(), speeds[key].values(), strict=True)
    }
    bench.train("training", list(jobs.values()))
    pairs = []
    for key, pair in models.items():
        arms = {
            name: Arm(
                config,
                parameters(config),
                sweeps[key[0], name].best,
                speeds[key][name],
                dict(zip((STEPS, TIME), budgets[key][name], strict=True)),
                [bench.gather(jobs[key, name, seed], jury) for seed in range(plan.seeds)],
            )
            for name, config in pair.items()
        }
        trained = {name: jobs[key, name, 0].branch(plan.steps) for name in pair}
        pairs.append(Pair(str(key[0]), key[1], arms, bench.measure_cost(*key, trained)))
    return Results(
        pairs=pairs,
        sweeps={f"{size} {name}": sweep for (size, name), sweep in sweeps.items()},
        codec={str(count): bench.hear_codec(jury, count) for count in plan.codebooks} if jury else {},
    )


def _common(plan: Comparison, tokens: TokenCorpus, num_codebooks: int) -> ModelConfig:
    """What both models of a pair share."""
    common = ModelConfig(
        window=plan.window,
        channel_mixer=plan.channel_mixer,
        dropout=plan.dropout,
        num_codebooks=num_codebooks,
        codebook_size=tokens.codebook_size,
        frame_rate=tokens.frame_rate,
        codec=tokens.codec,
        style_dim=tokens.embeddings.shape[1],
    )
    # Tokens made early do not say what encoded their captions; then it was the default.
    return dataclasses.replace(common, text_encoder=tokens.text_encoder or common.text_encoder)


def _assemble(plan: Comparison, tokens: TokenCorpus) -> Jury | None:
    """Held-out settings, drawn before anything is trained, so that what does not fit is told at once."""
    if plan.held_out is None:
        return None
    codec = Codec.load(plan.codec, plan.device)
    if codec.fingerprint() != tokens.codec:
        raise OptionError(
            f"--codec {plan.codec} is {codec.fingerprint()}, the tokens are {tokens.codec}'s; "
            "name the codec that made them"
        )
    encoder = _common(plan, tokens, 1).text_encoder
    return Jury.assemble(plan.held_out, codec, encoder, plan.settings, plan.seconds, seed=0)
