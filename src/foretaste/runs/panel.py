"""The behaviors of a plan, each with the grader that decides it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.scoped import Scoped
from foretaste.errors import PlanError, UnknownName
from foretaste.findings import Limit
from foretaste.plan import BehaviorPlan, Part, Plan
from foretaste.protocols import Grader, Model
from foretaste.records import Behavior
from foretaste.registry import build

NO_JUDGE = "needs a judge: name a model under `judge:` in the plan"

_PATHS = frozenset({"file", "model"})  # options of graders that are paths


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
        return [rules, *({name: self.graders[name]} for name in self.graders if name not in rules)]

    @property
    def fingerprints(self) -> dict[str, str]:
        """Behavior to content hash of its grader."""
        return {name: grader.fingerprint for name, grader in self.graders.items()}


def panel(plan: Plan, judge: Model | None, known: Iterable[Behavior] = ()) -> Panel:
    """Load and build; a plan that names no behavior gets those of `usual`.

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
    for entry in _entries(plan):
        wanted = BehaviorPlan(name=entry) if isinstance(entry, str) else entry
        behavior = given.get(wanted.name) or _load(plan, wanted)
        if behavior.name in behaviors or behavior.name in skipped:
            raise PlanError(f"behavior {behavior.name!r} stands twice in the plan")
        part = dict(wanted.grader or behavior.grader or {"use": "rubric"})
        needs_model = part.get("use") == "rubric"
        if needs_model and judge is None:
            if wanted.limit is not None:
                raise PlanError(f"behavior {behavior.name!r} has a limit, but {NO_JUDGE}")
            skipped[behavior.name] = NO_JUDGE
            continue
        behaviors[behavior.name] = behavior
        graders[behavior.name] = _grader(plan, behavior, part, judge if needs_model else None)
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


def usual() -> list[str]:
    """Shipped behaviors that a plan gets without naming any: all but disallowed content.

    That takes a judge for each of many kinds, and few deployments need them all: `tag:` names them.
    """
    return [name for name in shipped() if load_behavior(name).kind != "disallowed"]


def _entries(plan: Plan) -> Iterator[BehaviorPlan | str]:
    """What the plan names, with every shipped behavior of a tag in the tag's place."""
    if not plan.behaviors:
        yield from usual()
    known = {each if isinstance(each, str) else each.name for each in plan.behaviors}
    for entry in plan.behaviors:
        tag = entry.removeprefix("tag:") if isinstance(entry, str) else ""
        if not tag or tag == entry:
            yield entry
            continue
        of_tag = {name: load_behavior(name).tags for name in shipped()}
        found = [name for name, tags in of_tag.items() if tag in tags]
        if not found:
            raise UnknownName("tag", tag, {each for tags in of_tag.values() for each in tags})
        yield from (name for name in found if name not in known)
        known.update(found)


def _load(plan: Plan, wanted: BehaviorPlan) -> Behavior:
    source = plan.resolve(wanted.definition) if wanted.definition else wanted.name
    behavior = load_behavior(source)
    if behavior.name != wanted.name:
        raise PlanError(f"{source} defines {behavior.name!r}, the plan calls it {wanted.name!r}")
    return behavior


def _grader(plan: Plan, behavior: Behavior, part: Part, judge: Model | None) -> Grader:
    given: dict[str, object] = {"behavior": behavior}
    if judge is not None:
        given["model"] = judge
    if isinstance(part.get("embedder"), dict):
        given["embedder"] = build("embedders", part["embedder"])
    seen = {
        key: plan.resolve(value) if key in _PATHS and isinstance(value, str) else value
        for key, value in part.items()
        if key not in given
    }
    grader: Grader = build("graders", seen, **given)
    return Scoped(grader=grader, behavior=behavior) if behavior.applies else grader


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
