"""The report of a comparison in words: what the paper says, what came out, and how far it is fair."""

from __future__ import annotations

from collections.abc import Callable

from .music import CHROMA, FRECHET, TEMPO
from .plan import CHOOSE_BY, JUDGE_BY, OPTIMIZERS, Comparison
from .results import (
    ALONE,
    HIGHER,
    LOWER,
    MIXED,
    STEPS,
    TIME,
    Pair,
    Results,
    differences,
    over_seeds,
    verdict,
)
from .runs import DECAY, WAYS
from .sizes import SIMBA, TITLES, TOLERANCE, TRANSFORMER
from .tables import (
    WAY_TITLES,
    codebooks,
    convergence_table,
    cost_table,
    end_loss,
    form,
    heard,
    loss_table,
    models_table,
    music_table,
    pair_title,
    rates_table,
)

CLAIMS = (
    "The paper (arXiv 2507.06674) reports that SiMBA converges faster than a Transformer under limited "
    "resources, and that one codebook carries the content. Here:"
)

JUDGEMENT = {
    LOWER: "lower than the Transformer's with every seed, which agrees with the paper",
    HIGHER: "higher than the Transformer's with every seed, which contradicts the paper",
    MIXED: "lower with some seeds and not with others, which decides nothing",
    ALONE: "given for a single seed, which decides nothing",
}


def tell(plan: Comparison, results: Results, machine: str) -> str:
    """The report as Markdown."""
    sizes = list(dict.fromkeys(pair.size for pair in results.pairs))
    sections = {
        "What came out": "\n\n".join([CLAIMS, _found(sizes, results)]),
        "Models and budgets": _models(plan, results),
        "Held-out loss": (
            f"Cross-entropy in nats on the {JUDGE_BY} split, after the learning rate has fallen; mean ± "
            f"standard deviation over n = {plan.seeds}.\n\n{_by_pair(results, loss_table)}"
        ),
        "How soon a loss is reached": (
            "What SiMBA spends over what the Transformer spends until both have come to the same held-out "
            "loss of the first codebook: the higher of the two at the end of the constant learning rate. "
            "Below 1, SiMBA is sooner. Mean ± standard deviation, in brackets by "
            f"seed.\n\n{convergence_table(results)}"
        ),
        "Music": _music(plan, sizes, results),
        "A frame's cost, and the memory of the past": (
            f"One stream, frame by frame, with sampling; medians of {plan.clock} time, the models by turns. "
            "Memory is the recurrent state, or the key-value cache as far as it is filled, in kB. The "
            f"Transformer was trained to look back {plan.window} frames; with its whole past it is the same "
            "with a cache that forgets nothing, filled with noise up to each position, which costs the "
            "same.\n\n" + _by_pair(results, cost_table)
        ),
        "How far this is fair": "\n".join(f"- {note}" for note in _fairness(plan, results)),
    }
    head = [
        "# SiMBA against a Transformer",
        f"    {plan.command}",
        machine,
        "![Losses, music and cost of both architectures](report.png)",
        *(f"![The same of {size}](report-{size}.png)" for size in sizes[1:]),
    ]
    return "\n\n".join([*head, *(f"## {title}\n\n{text}" for title, text in sections.items())])


def _by_pair(results: Results, table: Callable[[Pair], str]) -> str:
    return "\n\n".join(f"{pair_title(pair)}:\n\n{table(pair)}" for pair in results.pairs)


def _found(sizes: list[str], results: Results) -> str:
    """Every outcome that the claims are about, whichever way it went."""
    lines = []
    for pair in results.pairs:
        for budget in (STEPS, TIME):
            for way in WAYS:
                difference = differences(pair, end_loss(budget, way, first=False))
                lines.append(
                    f"{pair_title(pair)}, {budget}, {WAY_TITLES[way]}: SiMBA's held-out loss is "
                    f"{JUDGEMENT[verdict(difference)]} (SiMBA minus Transformer "
                    f"{difference.told('{:+.3f}')} nats)."
                )
    for size in sizes:
        pairs = {pair.num_codebooks: pair for pair in results.pairs if pair.size == size}
        if results.codec and len(pairs) > 1:
            lines += [_content(size, pairs, results, count) for count in sorted(pairs)]
    return "\n".join(f"- {line}" for line in lines)


def _content(size: str, pairs: dict[int, Pair], results: Results, count: int) -> str:
    """What a number of codebooks keeps of the content, in the codec and as generated."""

    def told(name: str, how: str) -> str:
        generated = [
            f"{TITLES[architecture]} {form(over_seeds(arm, heard(STEPS, 'arranger', name)).mean, how)}"
            for architecture, arm in pairs[count].arms.items()
        ]
        return ", ".join([f"the codec {form(results.codec[str(count)][name], how)}", *generated])

    return (
        f"{size}, {codebooks(count)}, {WAY_TITLES['arranger']}: chroma cosine to the asked notes: "
        f"{told(CHROMA, '{:.2f}')}; tempo right: {told(TEMPO, '{:.0%}')}; Frechet distance: "
        f"{told(FRECHET, '{:.0f}')}."
    )


def _models(plan: Comparison, results: Results) -> str:
    time = (
        "as long as the slower of a pair takes for these" if plan.minutes is None else f"{plan.minutes:g} min"
    )
    parts = [
        models_table(plan, results),
        f"Equal steps: {plan.steps} of {plan.batch_size} x {plan.length} frames. Equal time: {time}, by the "
        "speed measured side by side beforehand.",
    ]
    if rates := rates_table(results):
        parts += [
            f"Learning rates, by the mean held-out loss ({CHOOSE_BY} split) after {plan.sweep_steps} steps, "
            f"decay included, with {codebooks(plan.codebooks[0])}:",
            rates,
        ]
    return "\n\n".join(parts)


def _music(plan: Comparison, sizes: list[str], results: Results) -> str:
    if not results.codec:
        return "No held-out corpus was named, so nothing was generated."
    text = (
        f"{plan.settings} settings of {plan.seconds:g} s from `{plan.held_out}`, sampled plainly: "
        "temperature 1, no top-k, no guidance. Frechet distance: of log-mel patches, to the same excerpts "
        "as they were composed. Tempo: within 4 %, octaves forgiven. Chroma: cosine to the asked notes, "
        "where they are asked for. Dead: two seconds of silence. Mean ± standard deviation over the seeds. "
        "The codec's rows are the excerpts themselves through it, the best that can be reached."
    )
    return "\n\n".join([text, *(f"{size}:\n\n{music_table(size, results)}" for size in sizes)])


def _fairness(plan: Comparison, results: Results) -> list[str]:
    mixers = {pair.arms[SIMBA].config.channel_mixer for pair in results.pairs}
    apart = max(
        abs(pair.arms[TRANSFORMER].parameters / pair.arms[SIMBA].parameters - 1.0) for pair in results.pairs
    )
    return [
        f"Parameters are {apart:.2%} apart at most ({TOLERANCE:.0%} is allowed); width, number of blocks, "
        "embeddings, conditioning and heads are the same. SiMBA mixes channels by "
        f"{' or '.join(sorted(mixers))}, the Transformer by an MLP as wide as the parameters allow. Other "
        "shapes of Transformer were not tried.",
        "Tokens, their order, what is hidden, batch, optimizer ("
        f"{OPTIMIZERS[plan.optimizer]}), seeds and averaging of the weights are the same. "
        "Initial weights are each architecture's own.",
        "Each architecture has the best of its learning rates above, chosen with another seed and on another "
        f"split than are reported, with {codebooks(plan.codebooks[0])} and kept for the others.",
        "The schedule favours no budget: the learning rate is constant, and towards every budget a branch "
        f"leaves the run for the last {DECAY:.0%} and falls to nothing exactly there. Curves are at the "
        "constant rate, dots are the ends of branches.",
        "Both carry their past from stretch to stretch, in training and in the held-out loss: SiMBA its "
        f"state, the Transformer keys and values of its last {plan.window} frames. Training on separate "
        "stretches would cost the Transformer less time.",
        "Time is that of training steps alone, on this machine, in this package's code. Other kernels and "
        "other processors would stretch the two axes of time differently.",
        f"Few seeds: were there no difference, all {plan.seeds} would still point the same way once in "
        f"{2 ** max(0, plan.seeds - 1)} comparisons. One corpus, composed by one programme, is one kind of "
        "music.",
    ]
