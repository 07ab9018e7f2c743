"""Where a comparison's runs and measurements are made, and kept so that nothing is made twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simba_live.data.manifest import write_beside
from simba_live.data.tokens import TokenCorpus
from simba_live.model import ModelConfig, load_model
from simba_live.training.watching import watch

from .cost import measure_cost, without_window
from .music import Jury
from .plan import CHOOSE_BY, JUDGE_BY, Comparison
from .results import STEPS, TIME, Costs, SeedRun, Sweep
from .runs import ComparedTrainer, Job, Maker, measure_speed, read_points
from .sizes import TITLES, TRANSFORMER, WHOLE, Size

SWEEP_SEED = 9999
"""Learning rates are chosen with a seed that no reported run has."""

SPEED_ROUNDS = 10


@dataclass(frozen=True)
class Bench:
    """Makes and keeps.

    Attributes:
        plan: what is wanted.
        maker: trains.
        say: is told, in a line, what is begun.
    """

    plan: Comparison
    maker: Maker
    say: Callable[[str], None]

    def folder(self, size: Size, codebooks: int) -> Path:
        """Of a pair's runs."""
        return self.plan.output / "runs" / f"{size}-k{codebooks}"

    def measure_speed(self, size: Size, codebooks: int, pair: Mapping[str, ModelConfig]) -> dict[str, float]:
        """Seconds of a training step of each architecture."""
        plan = self.plan
        settings = plan.training(SWEEP_SEED, plan.learning_rates[0])

        def measure() -> dict[str, float]:
            self.maker.deadline.left()
            tokens = TokenCorpus(plan.tokens)
            trainers = {
                name: ComparedTrainer(config, settings, tokens, plan.device, CHOOSE_BY)
                for name, config in pair.items()
            }
            title = f"timing {size}, codebooks: {codebooks}"
            return measure_speed(trainers, plan.clock, SPEED_ROUNDS, lambda rounds: watch(rounds, title))

        of = {
            "models": {name: config.to_dict() for name, config in pair.items()},
            "batch": [plan.batch_size, plan.length, plan.bfloat16, str(plan.device)],
        }
        speeds: dict[str, float] = remembered(
            self.folder(size, codebooks) / f"speed-{plan.clock}.json", of, measure
        )
        return speeds

    def choose_rate(self, size: Size, config: ModelConfig, seconds_per_step: float) -> Sweep:
        """Try the learning rates on short runs."""
        plan, name = self.plan, config.architecture
        if len(plan.learning_rates) == 1:
            return Sweep({f"{plan.learning_rates[0]:g}": None})
        jobs = {
            f"{rate:g}": Job(
                f"{TITLES[name]} {size}, learning rate {rate:g}",
                self.folder(size, config.num_codebooks) / name / f"rate-{rate:g}",
                config,
                plan.training(SWEEP_SEED, rate),
                (plan.sweep_steps,),
                CHOOSE_BY,
                seconds_per_step,
            )
            for rate in plan.learning_rates
        }
        self.train("choosing", list(jobs.values()))
        scores: dict[str, float | None] = {}
        for rate, job in jobs.items():
            losses = read_points(job.branch(plan.sweep_steps), plan.clock)[-1].losses
            scores[rate] = sum(losses.values()) / len(losses)
        return Sweep(scores)

    def job(
        self,
        size: Size,
        codebooks: int,
        config: ModelConfig,
        seed: int,
        learning_rate: float,
        budgets: tuple[int, int],
        seconds_per_step: float,
    ) -> Job:
        """A run that is reported."""
        name = config.architecture
        return Job(
            f"{TITLES[name]} {size}, codebooks: {codebooks}, seed {seed}",
            self.folder(size, codebooks) / name / f"seed{seed}",
            config,
            self.plan.training(seed, learning_rate),
            budgets,
            JUDGE_BY,
            seconds_per_step,
        )

    def train(self, what: str, jobs: Sequence[Job]) -> None:
        """Make the runs one after the other."""
        for number, job in enumerate(jobs, 1):
            if job.seconds_left():
                minutes = sum(other.seconds_left() for other in jobs[number - 1 :]) / 60.0
                self.say(f"{what}, run {number} of {len(jobs)}: {job.name}; about {minutes:.0f} min left")
            self.maker.make(job)

    def gather(self, job: Job, jury: Jury | None) -> SeedRun:
        """What a run's logs say, and what its models play."""
        ends, music = {}, {}
        for name, budget in zip((STEPS, TIME), job.budgets, strict=True):
            folder = job.branch(budget)
            ends[name] = read_points(folder, self.plan.clock)[-1]
            if jury:
                music[name] = self._hear_model(jury, folder / "model", f"{job.name}, {budget} steps")
        return SeedRun(read_points(job.trunk, self.plan.clock), ends, music)

    def _hear_model(self, jury: Jury, model: Path, name: str) -> dict[str, dict[str, float]]:
        def hear() -> dict[str, dict[str, float]]:
            self.maker.deadline.left()
            self.say(f"listening: {name}")
            return jury.hear_model(model, self.plan.device)

        heard: dict[str, dict[str, float]] = remembered(model.parent / "music.json", self._asked(), hear)
        return heard

    def hear_codec(self, jury: Jury, codebooks: int) -> dict[str, float]:
        """The held-out music through the codec."""
        heard: dict[str, float] = remembered(
            self.plan.output / "runs" / f"codec-k{codebooks}.json",
            self._asked(),
            lambda: jury.hear_codec(codebooks),
        )
        return heard

    def _asked(self) -> dict[str, object]:
        plan = self.plan
        return {"held_out": str(plan.held_out), "settings": plan.settings, "seconds": plan.seconds}

    def measure_cost(self, size: Size, codebooks: int, folders: Mapping[str, Path]) -> Costs:
        """Milliseconds and bytes against the position, also of the Transformer without a window.

        Args:
            size: of the pair.
            codebooks: of the pair.
            folders: the trained models.
        """
        plan = self.plan

        def measure() -> Costs:
            self.maker.deadline.left()
            models = {name: load_model(folder / "model", plan.device) for name, folder in folders.items()}
            models[WHOLE] = without_window(models[TRANSFORMER], plan.positions[-1] + 1000)
            title = f"cost of a frame, {size}, codebooks: {codebooks}"
            return measure_cost(models, plan.positions, plan.clock, lambda at: watch(at, title))

        trained = [str(folder.relative_to(plan.output)) for folder in folders.values()]
        of = {"positions": list(plan.positions), "models": trained}
        costs: Costs = remembered(self.folder(size, codebooks) / f"cost-{plan.clock}.json", of, measure)
        return costs


def remembered(path: Path, of: Mapping[str, object], compute: Callable[[], Any]) -> Any:
    """What `compute` gives as JSON does, from `path` if that holds it for the same `of`."""
    wanted = json.loads(json.dumps(dict(of)))
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["of"] == wanted:
            return kept["figures"]
    written = json.dumps({"of": wanted, "figures": compute()})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_beside(path, (written + "\n").encode())
    return json.loads(written)["figures"]
