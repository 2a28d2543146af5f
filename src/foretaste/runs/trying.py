"""One behavior's grader, tried on the examples of the behavior's own file."""

from collections.abc import Sequence
from typing import NamedTuple

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.engines.local import Local
from foretaste.adapters.examples import Illustration, examples
from foretaste.adapters.graders.scoped import Scoped
from foretaste.errors import PlanError
from foretaste.plan import LogPlan, Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Grader
from foretaste.records import Behavior, Failure, Outcome, Prefix, Rollout, Verdict
from foretaste.runs.panel import asks_a_model, panel
from foretaste.runs.sources import model_of, scrubber_of
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.grade import Exchange, grade


class Bench(NamedTuple):
    """A behavior, and who decides it."""

    behavior: Behavior
    grader: Grader


class Tried(NamedTuple):
    """One example, and what the grader made of it."""

    example: Illustration
    verdict: Verdict | Failure

    @property
    def is_right(self) -> bool:
        """Whether the grader found what the file says."""
        wanted = Outcome.PRESENT if self.example.present else Outcome.ABSENT
        return isinstance(self.verdict, Verdict) and self.verdict.outcome is wanted

    @property
    def said(self) -> str:
        """What the grader found, with its reason where it found neither."""
        if isinstance(self.verdict, Failure):
            return f"nothing ({self.verdict.reason})"
        found = self.verdict
        return f"{found.outcome} ({found.reason})" if found.reason else str(found.outcome)


def bench(source: str | Behavior, judge: str | Part | None = None) -> Bench:
    """Build one behavior's grader.

    Args:
        source: a name, the path of a file, or the behavior itself.
        judge: the model that grades what no rule decides, as a plan names it.

    Raises:
        PlanError: no such behavior, a wrong file or grader, or a judge is needed and not named.
    """
    behavior = load_behavior(source) if isinstance(source, str) else source
    plan = Plan(log=LogPlan(path=""), candidate={}, behaviors=(behavior.name,))
    if judge is None and asks_a_model(behavior.grader or {"use": "rubric"}):
        raise PlanError(f"{behavior.name!r} needs a judge: name a model with --judge")
    judges = []
    if judge is not None:
        judges = [model_of(plan, model_part(judge, "the judge"), scrubber_of(plan))]
    return Bench(behavior, panel(plan, judges, [behavior]).graders[behavior.name])


def try_examples(on: Bench, watch: Watch = quiet) -> list[Tried]:
    """What the grader says of each example that can be run, in the order of the file.

    Raises:
        MachineFailed: the judge does not answer.
    """
    runnable = [each for each in examples(on.behavior) if each.turn is not None]
    turns = [each.turn for each in runnable if each.turn is not None]
    # An example is taken to be a turn that the behavior is defined for.
    grader = on.grader.grader if isinstance(on.grader, Scoped) else on.grader
    verdicts = judged(on._replace(grader=grader), turns, watch)
    return [Tried(each, verdict) for each, verdict in zip(runnable, verdicts, strict=True)]


def judged(
    on: Bench, turns: Sequence[tuple[Prefix, Rollout]], watch: Watch = quiet
) -> list[Verdict | Failure]:
    """A verdict for each turn, or why there is none, in order.

    Raises:
        MachineFailed: the judge does not answer.
    """
    exchanges = (
        Exchange(prefix=prefix, rollout=rollout, grader=on.grader) for prefix, rollout in turns
    )
    found: dict[str, Verdict | Failure] = {}
    for record in grade(exchanges, graders=[on.grader], engine=Local()):
        found[record.parent if isinstance(record, Verdict) else record.item] = record
        watch("grade", len(found), len(turns))
    return [found[rollout.id] for _, rollout in turns]
