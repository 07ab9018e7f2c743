"""The report says what the runs say, whichever way that goes."""

import dataclasses

import pytest

from simba_live.comparison.figure import draw
from simba_live.comparison.plan import Comparison
from simba_live.comparison.report import tell
from simba_live.comparison.results import (
    Arm,
    Pair,
    Results,
    SeedRun,
    Spread,
    Sweep,
    differences,
    loss,
    ratios_to_level,
    reached,
    verdict,
)
from simba_live.comparison.runs import Point
from simba_live.comparison.sizes import Size, model_pair
from simba_live.errors import OptionError
from simba_live.training.lm import ModelConfig


def point(step, seconds, first, codebooks=1):
    losses = {f"{way} {k}": first + 0.5 * (way == "free") + k - 1 for way in ("arranger", "free")
              for k in range(1, codebooks + 1)}  # fmt: skip
    return Point(step, seconds, losses)


def run(ends, curve=(5.0, 4.0, 3.5), seconds=1.0, codebooks=1, heard=True):
    """A run that ends at two losses, `seconds` a step."""
    points = [point(100 * n, 100 * n * seconds, value, codebooks) for n, value in enumerate(curve, 1)]
    names = ("equal steps", "equal time")
    figures = {"frechet": 1000.0 * ends[0], "tempo": 0.5, "chroma": 0.25, "dead": 0.0}
    music = {name: dict.fromkeys(("arranger", "free"), figures) for name in names} if heard else {}
    return SeedRun(
        points, {n: point(400, 400 * seconds, e, codebooks) for n, e in zip(names, ends, strict=True)}, music
    )


COSTS = {
    "simba": [[1, 0.5, 300_000], [20_000, 0.5, 300_000]],
    "transformer": [[1, 0.4, 1024], [20_000, 0.9, 262_144]],
    "transformer whole": [[1, 0.4, 1024], [20_000, 7.25, 20_480_000]],
}


def pair(ours, theirs, codebooks=1, heard=True):
    """SiMBA takes a second a step, the Transformer half of one."""
    configs = model_pair(Size(64, 2), ModelConfig(num_codebooks=codebooks))
    ends = {"simba": ours, "transformer": theirs}
    arms = {
        name: Arm(
            config,
            1_000_000 + 4000 * (name == "simba"),
            0.002,
            {"simba": 1.0, "transformer": 0.5}[name],
            {"equal steps": 400, "equal time": {"simba": 400, "transformer": 800}[name]},
            [
                run(end, seconds={"simba": 1.0, "transformer": 0.5}[name], codebooks=codebooks, heard=heard)
                for end in ends[name]
            ],
        )
        for name, config in configs.items()
    }
    return Pair("64x2", codebooks, arms, COSTS)


def results(*pairs, heard=True):
    codec = {str(p.num_codebooks): {"frechet": 70.0, "tempo": 0.9, "chroma": 0.8, "dead": 0.0} for p in pairs}
    sweeps = {
        "64x2 simba": Sweep({"0.001": 4.2, "0.002": 4.1, "0.004": 4.3}),
        "64x2 transformer": Sweep({"0.001": 4.4, "0.002": 4.0}),
    }
    return Results(list(pairs), sweeps, codec if heard else {})


@pytest.fixture
def plan(tmp_path):
    return Comparison(
        tmp_path / "tokens", tmp_path, steps=400, sizes=(Size(64, 2),), command="simba-live compare x"
    )


BETTER, WORSE = [(3.0, 3.0), (3.1, 3.1), (3.2, 3.2)], [(3.3, 2.9), (3.4, 3.0), (3.3, 3.1)]


def test_agreement_and_contradiction_are_both_told(plan):
    text = tell(plan, results(pair(BETTER, WORSE)), "Machine: a loom.")
    steps, time = (
        next(line for line in text.splitlines() if f"1 codebook, {name}, free" in line)
        for name in ("equal steps", "equal time")
    )
    assert "lower than the Transformer's with every seed, which agrees with the paper" in steps
    assert "SiMBA minus Transformer -0.233 ± 0.115 nats" in steps
    assert "higher than the Transformer's with every seed, which contradicts the paper" in time
    assert "+0.100 ± 0.000" in time
    assert "simba-live compare x" in text
    assert "a loom" in text
    mixed = tell(plan, results(pair([(3.0, 3.0), (3.4, 3.4)], [(3.1, 3.1), (3.1, 3.1)])), "")
    assert mixed.count("which decides nothing") == 4
    alone = tell(plan, results(pair([(3.0, 3.0)], [(3.1, 3.1)])), "")
    assert alone.count("a single seed, which decides nothing") == 4


def test_tables_hold_what_the_runs_hold(plan):
    text = tell(plan, results(pair(BETTER, WORSE), pair(BETTER, WORSE, codebooks=2)), "")
    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]]
        for line in text.split("64x2, 2 codebooks:")[1].splitlines()
        if line.startswith("| ")
    }
    assert rows["SiMBA, equal steps"] == [
        "400",
        "6.7 ± 0.0",
        *(f"{v} ± 0.100" for v in ("3.100", "3.600", "3.600", "4.100")),
    ]
    assert rows["Transformer, equal time"][:2] == ["800", "3.3 ± 0.0"]
    assert rows["SiMBA minus Transformer, equal time, by seed"][2] == "+0.100, +0.100, +0.100"
    assert rows["20,000"] == ["0.50", "0.90", "7.25", "300", "262", "20,480"]
    heard = ["free", "3100 ± 100", "50% ± 0%", "-", "0% ± 0%"]
    assert rows["SiMBA, 2 codebooks, equal steps"] == heard
    assert "0.40% apart at most" in text
    assert "chosen, at the edge of what was tried" in text
    assert "chroma cosine to the asked notes: the codec 0.80, SiMBA 0.25, Transformer 0.25" in text


def test_a_loss_is_reached_sooner_or_later(plan):
    compared = pair(BETTER, WORSE)
    # The same curve in steps, so twice the time for SiMBA, whose steps take twice as long.
    assert ratios_to_level(compared, "free", lambda p: float(p.step)).values == (1.0, 1.0, 1.0)
    assert ratios_to_level(compared, "free", lambda p: p.seconds).values == (2.0, 2.0, 2.0)
    slow = dataclasses.replace(compared.arms["transformer"], runs=[run((3.3, 3.3), (5.0, 4.5, 4.0))] * 3)
    compared = dataclasses.replace(compared, arms=compared.arms | {"transformer": slow})
    assert ratios_to_level(compared, "free", lambda p: float(p.step)).mean == pytest.approx(200 / 300)
    assert reached([1.0, 2.0, 4.0], [5.0, 4.0, 3.0], 3.5) == 3.0
    assert reached([1.0, 2.0], [5.0, 4.0], 5.0) == 1.0
    assert reached([1.0, 2.0], [5.0, 4.0], 3.0) != reached([1.0, 2.0], [5.0, 4.0], 3.0)  # NaN


def test_statistics(plan):
    spread = Spread((1.0, 2.0, 4.0))
    assert (spread.mean, spread.deviation) == (pytest.approx(7 / 3), pytest.approx(1.5275, abs=1e-4))
    assert Spread((2.0,)).told("{:.1f}") == "2.0"
    assert [verdict(Spread(v)) for v in ((-1, -2), (1, 2), (-1, 1), (0, -1), (-1,))] == [
        "lower", "higher", "mixed", "mixed", "alone",
    ]  # fmt: skip
    two = point(1, 1.0, 3.0, codebooks=2)
    assert loss(two, "arranger", first=True) == 3.0
    assert loss(two, "free", first=False) == 4.0
    found = differences(pair(BETTER, WORSE), lambda r: r.ends["equal time"].losses["free 1"])
    assert found.values == pytest.approx((0.1, 0.1, 0.1))


def test_the_best_rate_has_the_lowest_loss():
    assert Sweep({"0.001": 4.0, "0.002": 3.9, "0.004": 4.1}).best == 0.002
    assert not Sweep({"0.001": 4.0, "0.002": 3.9, "0.004": 4.1}).is_at_edge
    assert Sweep({"0.001": 4.0, "0.01": float("nan")}).best == 0.001
    assert Sweep({"0.003": None}).best == 0.003
    assert not Sweep({"0.003": None}).is_at_edge


def test_budgets_are_equal_in_steps_and_in_time(plan):
    speeds = {"simba": 1.0, "transformer": 0.4}
    assert plan.budgets(speeds) == {"simba": (400, 400), "transformer": (400, 1000)}
    timed = dataclasses.replace(plan, minutes=2.0)
    assert timed.budgets(speeds) == {"simba": (400, 120), "transformer": (400, 300)}
    with pytest.raises(OptionError, match=r"--minutes is 0.1, which is 6 steps of the SiMBA; give more"):
        dataclasses.replace(plan, minutes=0.1).budgets(speeds)


@pytest.mark.parametrize("heard", [True, False])
def test_the_figure_is_drawn(plan, heard):
    compared = results(
        pair(BETTER, WORSE, heard=heard), pair(BETTER, WORSE, codebooks=4, heard=heard), heard=heard
    )
    assert draw(plan, compared, "64x2").startswith(b"\x89PNG")
