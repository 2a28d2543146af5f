"""The behaviors of a plan, each with the grader that decides it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.screened import Screened
from foretaste.errors import PlanError
from foretaste.findings import Limit
from foretaste.plan import BehaviorPlan, Part, Plan
from foretaste.protocols import Grader, Model
from foretaste.records import Behavior
from foretaste.registry import build

SCREENED = "screened"
NO_JUDGE = "needs a judge: name a model under `judge:` in the plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What is looked for, and by whom."""

    behaviors: tuple[Behavior, ...]  # those that are graded
    graders: Mapping[str, Grader]
    judged: frozenset[str]  # behaviors that a model grades, and that cost
    skipped: Mapping[str, str]  # behavior -> why it is not graded
    limits: tuple[Limit, ...]

    @property
    def rounds(self) -> list[dict[str, Grader]]:
        """The graders as they take turns: all rules on one answer after another, then each judge.

        What rules read of an answer is prepared once for all of them. A judge that is down shows
        where its first items are asked in a row.
        """
        rules = {n: grader for n, grader in self.graders.items() if n not in self.judged}
        judges = self.graders.keys() - rules.keys() - self.screened.keys()
        return [rules, *({name: self.graders[name]} for name in self.graders if name in judges)]

    @property
    def screened(self) -> dict[str, Screened]:
        """Those of which a screen scores every rollout and a judge reads some: not in `rounds`."""
        return {n: each for n, each in self.graders.items() if isinstance(each, Screened)}

    @property
    def fingerprints(self) -> dict[str, str]:
        """Behavior to content hash of its grader."""
        return {name: grader.fingerprint for name, grader in self.graders.items()}


def panel(plan: Plan, judge: Model | None, known: Iterable[Behavior] = ()) -> Panel:
    """Load and build; a plan that names no behavior gets every shipped one.

    Args:
        plan: names the behaviors.
        judge: the model of behaviors that no rule decides.
        known: definitions to take instead of loading them: those of a sealed run.

    Raises:
        PlanError: a behavior that does not exist, a wrong grader, or a limit without a number.
    """
    behaviors: dict[str, Behavior] = {}
    graders: dict[str, Grader] = {}
    judged: set[str] = set()
    skipped: dict[str, str] = {}
    limits: list[Limit] = []
    given = {behavior.name: behavior for behavior in known}
    for entry in plan.behaviors or shipped():
        wanted = BehaviorPlan(name=entry) if isinstance(entry, str) else entry
        behavior = given.get(wanted.name) or _load(plan, wanted)
        if behavior.name in behaviors or behavior.name in skipped:
            raise PlanError(f"behavior {behavior.name!r} stands twice in the plan")
        part = dict(wanted.grader or behavior.grader or {"use": "rubric"})
        needs_model = _needs_model(part)
        if needs_model and judge is None:
            if wanted.limit is not None:
                raise PlanError(f"behavior {behavior.name!r} has a limit, but {NO_JUDGE}")
            skipped[behavior.name] = NO_JUDGE
            continue
        behaviors[behavior.name] = behavior
        graders[behavior.name] = _grader(behavior, part, judge)
        if needs_model:
            judged.add(behavior.name)
        if wanted.limit is not None:
            limits.append(_limit(behavior.name, wanted))
    if not behaviors:
        raise PlanError("not one behavior of the plan can be graded; every one " + NO_JUDGE)
    return Panel(
        behaviors=tuple(behaviors.values()),
        graders=graders,
        judged=frozenset(judged),
        skipped=skipped,
        limits=tuple(limits),
    )


def _load(plan: Plan, wanted: BehaviorPlan) -> Behavior:
    source = plan.resolve(wanted.definition) if wanted.definition else wanted.name
    behavior = load_behavior(source)
    if behavior.name != wanted.name:
        raise PlanError(f"{source} defines {behavior.name!r}, the plan calls it {wanted.name!r}")
    return behavior


def _grader(behavior: Behavior, part: Part, judge: Model | None) -> Grader:
    given: dict[str, object] = {"behavior": behavior}
    if part.get("use") == SCREENED:
        own = dict(part)
        screen, judged_by = own.pop("screen", None), own.pop("judge", {"use": "rubric"})
        if not (isinstance(screen, dict) and isinstance(judged_by, dict)):
            raise PlanError(
                f"behavior {behavior.name!r}: screened needs `screen: {{use: ...}}`, a grader that "
                "scores, and takes `judge: {use: rubric}`"
            )
        parts = {"screen": screen, "judge": judged_by}
        given |= {name: _grader(behavior, each, judge) for name, each in parts.items()}
        screened: Grader = build("graders", own, **given)
        return screened
    if judge is not None and _needs_model(part):
        given["model"] = judge
    grader: Grader = build("graders", part, **given)
    return grader


def _needs_model(part: Part) -> bool:
    """Whether a judge model decides: by itself, or what a screen leaves to it."""
    if part.get("use") == SCREENED:
        return _needs_model(dict(part.get("judge") or {"use": "rubric"}))
    return part.get("use") == "rubric"


def _limit(name: str, wanted: BehaviorPlan) -> Limit:
    limit = wanted.limit
    if limit is None or (limit.per_100k is None) == (limit.increase is None):
        raise PlanError(f"limit of {name!r}: give per_100k or increase, one of them")
    return Limit(
        behavior=name,
        per_100k=limit.per_100k,
        increase=limit.increase,
        decide_on=limit.decide_on,
    )
