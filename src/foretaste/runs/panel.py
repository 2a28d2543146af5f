"""The behaviors of a plan, each with the grader that decides it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_type_hints

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.desk import Desk
from foretaste.adapters.graders.learning import Learning
from foretaste.adapters.graders.scoped import Scoped
from foretaste.adapters.graders.screened import Screened
from foretaste.errors import PlanError, UnknownName
from foretaste.findings import Limit
from foretaste.plan import BehaviorPlan, LimitPlan, Part, Plan
from foretaste.protocols import Grader, Model
from foretaste.records import Behavior, Outcome, Usage, Verdict
from foretaste.registry import build, options, resolve

SCREENED = "screened"
NO_JUDGE = "needs a judge: name a model under `judge:` in the plan"
_ON_REQUEST = "awareness"  # tag of what is read off reasoning, which few logs hold

_PATHS = frozenset({"file", "model"})  # options of graders that are paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What is looked for, and by whom."""

    behaviors: tuple[Behavior, ...]  # those that are graded
    graders: Mapping[str, Grader]
    judged: frozenset[str]  # behaviors that a model grades, and that cost
    skipped: Mapping[str, str]  # behavior -> why it is not graded
    limits: tuple[Limit, ...]
    tables: tuple[tuple[str, ...], ...] = ()  # behaviors that a judge is asked about in one call

    @property
    def rounds(self) -> list[dict[str, Grader]]:
        """The graders as they take turns: all rules on one answer after another, then each judge.

        What rules read of an answer is prepared once for all of them, and behaviors of one call
        follow each other on each answer. A judge that is down shows where its first items are asked
        in a row.
        """
        together = {name: table for table in self.tables for name in table}
        judges = self.judged - self.screened.keys()
        tables = dict.fromkeys(together.get(n, (n,)) for n in self.graders if n in judges)
        rules = {n: grader for n, grader in self.graders.items() if n not in self.judged}
        return [rules, *({name: self.graders[name] for name in table} for table in tables)]

    @property
    def screened(self) -> dict[str, Screened]:
        """Those of which a screen scores every rollout and a judge reads some: not in `rounds`."""
        return {n: each for n, each in self.graders.items() if isinstance(each, Screened)}

    @property
    def fingerprints(self) -> dict[str, str]:
        """Behavior to content hash of its grader."""
        return {name: grader.fingerprint for name, grader in self.graders.items()}

    def paid(self, verdict: Verdict) -> bool:
        """Whether a call was made for a verdict; of a panel's, one carries what all took."""
        if verdict.outcome is Outcome.OUTSIDE:
            return False
        shared = any(verdict.behavior in table for table in self.tables)
        return verdict.behavior in self.judged and not (shared and verdict.usage == Usage())


def panel(plan: Plan, judges: Sequence[Model] = (), known: Iterable[Behavior] = ()) -> Panel:
    """Load and build; a plan that names no behavior gets those of `usual`.

    Args:
        plan: names the behaviors.
        judges: the models of behaviors that no rule decides.
        known: definitions to take instead of loading them: those of a sealed run.

    Raises:
        PlanError: a behavior that does not exist, a wrong grader, or a limit without a number.
    """
    found: dict[str, tuple[Behavior, Part]] = {}
    judged: set[str] = set()
    skipped: dict[str, str] = {}
    limits: list[Limit] = []
    given = {behavior.name: behavior for behavior in known}
    for entry in _entries(plan):
        wanted = BehaviorPlan(name=entry) if isinstance(entry, str) else entry
        behavior = given.get(wanted.name) or _load(plan, wanted)
        if behavior.name in found or behavior.name in skipped:
            raise PlanError(f"behavior {behavior.name!r} stands twice in the plan")
        part = dict(wanted.grader or behavior.grader or {"use": "rubric"})
        if resolve("graders", str(part.get("use", ""))) is Learning:
            raise PlanError(f"behavior {behavior.name!r}: `learning` is a `screen:`, no grader")
        needs_model = asks_a_model(part)
        if needs_model and not judges:
            if wanted.limit is not None:
                raise PlanError(f"behavior {behavior.name!r} has a limit, but {NO_JUDGE}")
            skipped[behavior.name] = NO_JUDGE
            continue
        found[behavior.name] = behavior, part
        if needs_model:
            judged.add(behavior.name)
        if wanted.limit is not None:
            limits += _limits(behavior.name, wanted.limit)
    if not found:
        raise PlanError("not one behavior of the plan can be graded; every one " + NO_JUDGE)
    tables = _tables({name: found[name] for name in found if name in judged}, plan.judge_panel)
    return Panel(
        behaviors=tuple(behavior for behavior, _ in found.values()),
        graders=_graders(plan, found, frozenset(judged), tables, judges),
        judged=frozenset(judged),
        skipped=skipped,
        limits=tuple(limits),
        tables=tables,
    )


def usual() -> list[str]:
    """Shipped behaviors that a plan gets without naming any.

    Those on disallowed content take a judge for each of many kinds, and those on awareness visible
    reasoning; few deployments need them all: `tag:` names them.
    """
    loaded = map(load_behavior, shipped())
    return [
        each.name for each in loaded if each.kind != "disallowed" and _ON_REQUEST not in each.tags
    ]


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


def _graders(
    plan: Plan,
    found: Mapping[str, tuple[Behavior, Part]],
    judged: frozenset[str],
    tables: Iterable[tuple[str, ...]],
    judges: Sequence[Model],
) -> dict[str, Grader]:
    given: dict[str, dict[str, object]] = {name: {} for name in found}
    for name in judged:
        given[name] = {"model": judges[0], "others": tuple(judges[1:])}
    for table in tables:
        members, desk = tuple(found[name][0] for name in table), Desk[object](seats=len(table))
        for name in table:
            given[name] |= {"panel": members, "desk": desk}
    return {name: _grader(plan, *found[name], given[name]) for name in found}


def _tables(found: Mapping[str, tuple[Behavior, Part]], size: int) -> tuple[tuple[str, ...], ...]:
    """Behaviors to ask about in one call: those of the same grader, options and scope, in order."""
    alike: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for name, (behavior, part) in found.items():
        if "panel" not in options(resolve("graders", str(part.get("use", "")))):
            continue
        key = repr((sorted(part.items()), behavior.applies))
        alike.setdefault(key, []).append(name)
        sizes[key] = part.get("panel", size)
        if not isinstance(sizes[key], int) or sizes[key] < 1:
            raise PlanError(f"grader of {name!r}: panel is the number of behaviors in one call")
    return tuple(
        table
        for key, names in alike.items()
        for at in range(0, len(names), sizes[key])
        if len(table := tuple(names[at : at + sizes[key]])) > 1
    )


def _load(plan: Plan, wanted: BehaviorPlan) -> Behavior:
    source = plan.resolve(wanted.definition) if wanted.definition else wanted.name
    behavior = load_behavior(source)
    if behavior.name != wanted.name:
        raise PlanError(f"{source} defines {behavior.name!r}, the plan calls it {wanted.name!r}")
    return behavior


def asks_a_model(part: Part) -> bool:
    """Whether a grader takes one of the plan's judges, by itself or for what a screen leaves."""
    if part.get("use") == SCREENED:
        return asks_a_model(dict(part.get("judge") or {"use": "rubric"}))
    kind = resolve("graders", str(part.get("use", "")))
    return get_type_hints(kind).get("model") is Model


def _grader(plan: Plan, behavior: Behavior, part: Part, given: Mapping[str, object]) -> Grader:
    if part.get("use") == SCREENED:
        return _screened(plan, behavior, part, given)
    takes = options(resolve("graders", str(part.get("use", ""))))
    if given.get("others") and "others" not in takes:
        raise PlanError(f"grader {part['use']!r} of {behavior.name!r} takes one judge, not several")
    filled = {key: value for key, value in given.items() if key in takes}
    if isinstance(part.get("embedder"), dict):
        filled["embedder"] = build("embedders", part["embedder"])
    if "first" in part and "first" in takes:
        filled["first"] = part["first"]
    own = {
        key: plan.resolve(value) if key in _PATHS and isinstance(value, str) else value
        for key, value in part.items()
        if key not in filled and (key != "panel" or not given)
    }
    grader: Grader = build("graders", own, behavior=behavior, **filled)
    return Scoped(grader=grader, behavior=behavior) if behavior.applies else grader


def _screened(plan: Plan, behavior: Behavior, part: Part, given: Mapping[str, object]) -> Grader:
    """A screen and a judge, each a grader of its own.

    Raises:
        PlanError: one of them is no part of a plan.
    """
    own = dict(part)
    screen, judged_by = own.pop("screen", _screen_of(behavior)), own.pop("judge", {"use": "rubric"})
    if not (isinstance(screen, dict) and isinstance(judged_by, dict)):
        raise PlanError(
            f"behavior {behavior.name!r}: screened takes `screen: {{use: ...}}`, a grader that "
            "scores, and `judge: {use: rubric}`"
        )
    everywhere = replace(behavior, applies=())  # turns outside are left out before they are scored
    first = screen.get("first")
    if isinstance(first, dict):  # of a screen that learns
        screen = screen | {"first": _grader(plan, everywhere, first, {})}
    screener = _grader(plan, everywhere, screen, given if asks_a_model(screen) else {})
    judge = _grader(plan, everywhere, judged_by, given if asks_a_model(judged_by) else {})
    screened: Grader = build("graders", own, behavior=behavior, screen=screener, judge=judge)
    return screened


def _screen_of(behavior: Behavior) -> dict[str, object]:
    """The rule that the behavior's file brings; else a screen that learns from the judge."""
    if behavior.grader and not asks_a_model(behavior.grader):
        return dict(behavior.grader)
    return {"use": "learning"}


def _limits(name: str, wanted: LimitPlan) -> list[Limit]:
    """A limit for each number that the plan gives: a rate, an increase, or both."""
    limits = []
    if wanted.per_100k is not None:
        limits.append(Limit(behavior=name, per_100k=wanted.per_100k, decide_on=wanted.decide_on))
    if wanted.increase is not None:
        limits.append(Limit(behavior=name, increase=wanted.increase, decide_on=wanted.decide_on))
    if not limits:
        raise PlanError(f"limit of {name!r}: give per_100k, increase or both")
    return limits
