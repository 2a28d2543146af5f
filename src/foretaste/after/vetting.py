"""Check a judge on a run's answers, or on a log's, against labels and against itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from foretaste.adapters.graders.desk import Desk
from foretaste.after.release import open_study, plan_of
from foretaste.errors import InsufficientData, PlanError
from foretaste.plan import LogPlan, Plan
from foretaste.planfile import load_plan, model_part
from foretaste.protocols import Engine, Grader, Store
from foretaste.records import (
    JSON,
    Conversation,
    Label,
    Outcome,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Verdict,
)
from foretaste.registry import build
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.sources import reader_of
from foretaste.runs.spending import Spending, hold_to_budget
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.grade import Exchange, grade
from foretaste.stages.ingest import ingest
from foretaste.stages.preview import Asked, costs
from foretaste.stages.replay import recorded
from foretaste.stages.sample import sample
from foretaste.stages.scrub import scrub
from foretaste.stages.vet import Seen, vet
from foretaste.usable import usable
from foretaste.vetted import Vetted

_YES = {"present", "yes", "true", "1"}
_NO = {"absent", "no", "false", "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """What is to be checked, and how.

    Args:
        plan: names judge and behaviors of a log; a run has its own.
        labels: JSON lines of `item` (an answer's id, or a conversation's in the log), `behavior`
            and `present`; None: what the log itself holds under the behavior's name.
        behavior: the only one to check; None: all that a judge grades.
        items: answers to ask about, at most, by a seeded draw; labelled ones first.
        repeats: times that each is asked alike.
        own: the judge's own model, as answers name it; None: the name in the plan.
        reference: another judge, like `openai/gpt-x`, whose verdict stands for a missing label.
    """

    plan: str | None = None
    labels: str | None = None
    behavior: str | None = None
    items: int = 200
    repeats: int = 2
    own: str | None = None
    reference: str | None = None


class _Item(NamedTuple):
    """An answer, what it answers, and names under which a label may know it."""

    prefix: Prefix
    rollout: Rollout
    names: tuple[str, ...]
    labels: tuple[Label, ...]


def check_judge(
    path: str, wanted: Checking, *, watch: Watch = quiet, announce: Announce = silent
) -> tuple[Vetted, ...]:
    """Ask a judge again, in another order and of its own model's answers; hold it to labels.

    Raises:
        PlanError: no behavior is graded by a judge, or labels cannot be read.
        InsufficientData: there is no answer, or the judge graded none.
        MachineFailed: no judge answers, or the budget is spent.
    """
    if wanted.repeats < 1 or wanted.items < 1:
        raise PlanError("repeats and items must be at least 1")
    told = _labels_of(wanted.labels)
    plan, parts, items = _from_log(path, wanted) if wanted.plan else _from_run(path)
    names = sorted(parts.panel.judged)
    if wanted.behavior is not None:
        names = [name for name in names if name == wanted.behavior]
    if not names:
        raise PlanError(f"no judge grades {wanted.behavior or 'any behavior'} in this plan")
    reference = _reference(plan, wanted)
    found = []
    for name in names:
        drawn, truths = _drawn(items, name, told, wanted.items, plan.seed)
        _hold(plan, parts, drawn, wanted, announce)
        asked = _Judge(parts.panel.graders[name], parts.engine, Spending(plan), parts)
        seen = _asked(asked, drawn, wanted, watch)
        if reference is not None:
            open_ = [item for item in drawn if truths.get(item.rollout.id) is None]
            other = _Judge(reference.panel.graders[name], parts.engine, asked.spending, reference)
            for verdict in other.verdicts(other.grader, open_):
                if verdict.outcome is not Outcome.UNGRADED:
                    truths[verdict.parent] = verdict.outcome is Outcome.PRESENT
        own = wanted.own or str(plan.judges[0].get("model", ""))
        found.append(
            vet(
                name,
                [
                    Seen(
                        length=len(item.rollout.text),
                        verdicts=verdicts,
                        turned=turned,
                        own=bool(own) and own in _written_by(item.rollout),
                        truth=truths.get(item.rollout.id),
                    )
                    for item, verdicts, turned in seen
                ],
            )
        )
    return tuple(found)


class _Judge(NamedTuple):
    grader: Grader
    engine: Engine
    spending: Spending
    parts: Parts

    def verdicts(self, grader: Grader, items: Iterable[_Item]) -> Iterator[Verdict]:
        exchanges = (Exchange(prefix=i.prefix, rollout=i.rollout, grader=grader) for i in items)
        for each in grade(exchanges, graders=[grader], engine=self.engine):
            if isinstance(each, Verdict):
                self.spending.add(each.usage, self.parts.judge_price)
                yield each

    def variant(self, **options: object) -> Grader | None:
        """The grader with other options; None where it does not have them."""
        if not is_dataclass(self.grader) or isinstance(self.grader, type):
            return None
        has = {each.name for each in fields(self.grader)}
        if not options.keys() <= has:
            return None
        alone: dict[str, Any] = {"desk": Desk()} if "desk" in has else {}
        made: Grader = replace(self.grader, **alone, **options)
        return made


def _asked(
    judge: _Judge, items: list[_Item], wanted: Checking, watch: Watch
) -> Iterator[tuple[_Item, tuple[Verdict, ...], Verdict | None]]:
    votes = getattr(judge.grader, "votes", 1)
    first = getattr(judge.grader, "seed", 0)
    alike = [judge.variant(seed=first + n * votes) for n in range(wanted.repeats)]
    rounds = [each for each in alike if each is not None] or [judge.grader]
    turned = judge.variant(answer_first=True)
    said: list[dict[str, Verdict]] = []
    for number, grader in enumerate([*rounds, *([turned] if turned else [])], start=1):
        said.append({v.parent: v for v in judge.verdicts(grader, items)})
        watch("judge", number, len(rounds) + (turned is not None))
    other = said.pop() if turned else {}
    for item in items:
        own = tuple(each[item.rollout.id] for each in said if item.rollout.id in each)
        if own:
            yield item, own, other.get(item.rollout.id)


def _hold(
    plan: Plan, parts: Parts, items: list[_Item], wanted: Checking, announce: Announce
) -> None:
    if not items:
        raise InsufficientData("there is no answer to ask a judge about")
    price = parts.judge_price
    asked = Asked(
        what="judge",
        model=parts.judge_name,
        times=wanted.repeats + 1 + (wanted.reference is not None),
        settings={},
        usd_input=price.input if price else None,
        usd_output=price.output if price else None,
        judges=True,
    )
    quoted = costs((item.prefix for item in items), [asked])
    hold_to_budget(plan, quoted)
    announce(quoted)


def _reference(plan: Plan, wanted: Checking) -> Parts | None:
    if wanted.reference is None:
        return None
    part = model_part(wanted.reference, "--reference")
    return assemble(replace(plan, judge=part), reader=_nothing)


def _nothing() -> Iterator[Conversation]:
    return iter(())


def _written_by(rollout: Rollout) -> str:
    return rollout.answered_model or rollout.asked_model or ""


def _drawn(
    items: list[_Item], behavior: str, told: Mapping[tuple[str, str], bool], size: int, seed: int
) -> tuple[list[_Item], dict[str, bool]]:
    """The items to ask about, labelled ones first, and what labels say of them."""
    truths: dict[str, bool] = {}
    for item in items:
        truth = next((told[n, behavior] for n in item.names if (n, behavior) in told), None)
        if truth is None and not told:
            values = [_truth(each.value) for each in item.labels if each.name == behavior]
            truth = next((value for value in values if value is not None), None)
        if truth is not None:
            truths[item.rollout.id] = truth
    order = np.random.default_rng(seed).permutation(len(items))
    first = sorted(order, key=lambda place: items[place].rollout.id not in truths)
    return [items[place] for place in first[:size]], truths


def _truth(value: JSON) -> bool | None:
    said = str(value).strip().casefold().removesuffix(".0")
    return True if said in _YES else False if said in _NO else None


def _labels_of(path: str | None) -> dict[tuple[str, str], bool]:
    """Labels of a file: (item, behavior) -> whether it is present."""
    found: dict[tuple[str, str], bool] = {}
    if path is None:
        return found
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: labels cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = msgspec.json.decode(line, type=dict[str, Any])
            name = str(said["item"]), str(said["behavior"])
            truth = _truth(said["present"])
        except (msgspec.DecodeError, KeyError) as error:
            raise PlanError(
                f"{path}, line {number}: a label is an object with `item`, `behavior`, `present`"
            ) from error
        if truth is not None:  # what people could not decide is no label
            found[name] = truth
    if not found:
        raise PlanError(f"{path} holds no label")
    return found


def _from_run(path: str) -> tuple[Plan, Parts, list[_Item]]:
    study = open_study(path)
    plan = plan_of(path, study)
    parts = assemble(plan, known=study.behaviors, reader=_nothing)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return plan, parts, list(_of_store(store))


def _of_store(store: Store) -> Iterator[_Item]:
    prefixes = {prefix.id: prefix for prefix in store.read(Prefix)}
    for rollout in store.read(Rollout):
        yield _Item(prefixes[rollout.parent], rollout, (rollout.id,), ())


def _from_log(path: str, wanted: Checking) -> tuple[Plan, Parts, list[_Item]]:
    """The last answer of each conversation, scrubbed like a run's."""
    plan = load_plan(str(wanted.plan))
    own = LogPlan(path=str(Path(path).resolve()), use=plan.log.use, where=plan.log.where)
    plan = replace(plan, log=replace(own, options=plan.log.options, tools=plan.log.tools))
    parts = assemble(plan, reader=_nothing)
    names: dict[str, tuple[str, ...]] = {}

    def raw() -> Iterator[Conversation]:
        for each in usable(ingest(reader_of(plan, plan.log)), Conversation):
            names[each.id] = (each.id, *([each.key] if each.key else []))
            yield each

    corpus = list(usable(scrub(raw(), scrubber=parts.scrubber), ScrubbedConversation))
    of = {each.id: each for each in corpus}
    rng = np.random.default_rng(plan.seed)
    drawn = sample(corpus, unit="final", size=None, per_user=None, strata=(), rng=rng).prefixes
    prefixes = {each.id: each for each in drawn}
    items = []
    for rollout in usable(recorded(prefixes.values()), Rollout):
        prefix = prefixes[rollout.parent]
        source = of[prefix.parent]
        items.append(
            _Item(prefix, rollout, (rollout.id, *names[source.parent]), source.dialogue.labels)
        )
    return plan, parts, items
