"""The third pass: a model proposes behaviors nobody listed; fresh pairs say how often they show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from foretaste.adapters.auditors.comparing import Comparing
from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.graders.rubric import Rubric
from foretaste.after.release import open_study, plan_of
from foretaste.discoveries import Audited, Novel, Pair, Passed, Proposed, Showing
from foretaste.errors import PlanError
from foretaste.findings import Study
from foretaste.plan import Plan
from foretaste.planfile import named_judge
from foretaste.protocols import Engine, Model, Store
from foretaste.records import Behavior, Failure, Prefix, Rollout, Verdict
from foretaste.registry import build
from foretaste.runs.assembly import assemble
from foretaste.runs.drafting import draft, file_of
from foretaste.runs.pairing import drawn, pairs_of
from foretaste.runs.pricing import Price
from foretaste.runs.sources import model_of, scrubber_of
from foretaste.runs.spending import Spending, hold_to_budget, judging
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.gather import Kind, gather
from foretaste.stages.grade import Exchange, grade
from foretaste.stages.preview import Cost, tokens
from foretaste.stages.propose import propose, showings
from foretaste.stages.unseen import limits
from foretaste.stages.verify import Checked, Fresh, Words, corrected, unchecked, verified

MOST = 50_000
"""Pairs of which those to show and to check are drawn; of more, users are drawn first."""

LEAST = 10
"""Pairs below which neither showing nor checking is worth a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditing:
    """What a model is to look for, and at what.

    Args:
        judge: who proposes and checks: a model like `openai/gpt-x`, or `plan` for the plan's.
        pairs: shown for proposals, at most.
        fresh: on which each proposal is checked, at most; none of them was shown.
        most: proposals that are checked, those that most users met and that are worst.
    """

    judge: str
    pairs: int = 100
    fresh: int = 200
    most: int = 5


class _Judge(NamedTuple):
    """Who is asked, and what may be spent on it."""

    model: Model
    name: str
    price: Price | None
    engine: Engine
    spending: Spending
    watch: Watch


class _Check(NamedTuple):
    """A kind that is to be checked."""

    grader: Rubric
    about: Novel
    fresh: list[Fresh]


def audit(
    path: str,
    passed: Passed,
    wanted: Auditing,
    *,
    watch: Watch = quiet,
    announce: Announce = silent,
) -> Audited:
    """Let a model propose behaviors from pairs that differ, and check them on pairs it never saw.

    Drafts of what is new are kept in the run's folder under `discovered/`; one that is there is not
    written again, and checked as it stands. Replies and verdicts are kept in the run, so that
    asking again costs only what is missing.

    Args:
        path: of a finished run.
        passed: what the first pass found there; its two lanes are compared.
        wanted: who is asked, and how much.
        watch: told of progress.
        announce: told what it may cost, before anything is sent.

    Raises:
        PlanError: the run is not finished, an option is wrong, or the budget is too small.
        SealBroken: the run is not what was sealed.
        MachineFailed: no judge answers, or the budget is spent.
    """
    if min(wanted.pairs, wanted.fresh) < LEAST or wanted.most < 1:
        raise PlanError(f"an audit takes {LEAST} pairs to show, {LEAST} fresh ones, 1 proposal")
    study = open_study(path)
    plan = plan_of(path, study)
    with build("stores", {"use": "files", "path": path}) as store:
        pairs = list(drawn(pairs_of(store, passed.before, passed.after), MOST, plan.seed))
        judge = _judge(plan, wanted, watch)
        auditor = Comparing(model=judge.model, name=judge.name, known=study.behaviors)
        shown = showings(pairs, passed.differences, pairs=wanted.pairs, seed=plan.seed)
        seen = {each.id for each in shown}
        words = Words([pair for pair in pairs if pair.prefix.id not in seen])
        kept = {each.parent: each for each in _kept(store, auditor.fingerprint, seen)}
        missing = [each for each in shown if each.id not in kept]
        if missing:
            quoted = _at_most(missing, words.pairs, wanted, judge)
            hold_to_budget(plan, quoted)
            announce(quoted)
            kept |= {each.parent: each for each in _proposed(store, missing, auditor, judge)}
        kinds = gather(kept.values(), _users(shown), _known(study))
        own = {each.name for each in study.behaviors}
        chosen = [kind for kind in kinds if kind.known not in own][: wanted.most]
        checks = [_check(path, kind, words, judge, wanted, plan) for kind in chosen]
        had = {(v.parent, v.grader): v for v in store.read(Verdict)} if checks else {}
        if not missing and (cost := _checking(checks, had, judge)).calls:
            hold_to_budget(plan, (cost,))
            announce((cost,))
        novel = list(_verified(store, checks, had, judge))
    read = [each for each in shown if each.id in kept and not kept[each.id].unread]
    return Audited(
        judge=judge.name,
        shown=len(shown),
        unread=len(shown) - len(read),
        proposals=sum(len(each.proposals) for each in kept.values()),
        novel=corrected([each for each, _ in novel]),
        unproven=sum(each.unproven for each in kept.values()),
        kinds=len(kinds),
        known=tuple(kind.known for kind in kinds if kind.known in own),
        left=sum(kind.known not in own for kind in kinds) - len(chosen),
        unasked=sum(count for _, count in novel),
        **limits(read, [kind.users for kind in kinds])._asdict(),
    )


def _judge(plan: Plan, wanted: Auditing, watch: Watch) -> _Judge:
    part = named_judge(plan, wanted.judge)
    parts = assemble(replace(plan, judge=part), reader=lambda: iter(()))
    return _Judge(
        model=model_of(plan, part, scrubber_of(plan)),
        name=parts.judge_name,
        price=parts.judge_price,
        engine=parts.engine,
        spending=Spending(plan),
        watch=watch,
    )


def _kept(store: Store, auditor: str, shown: set[str]) -> Iterator[Proposed]:
    for each in store.read(Proposed):
        if each.grader == auditor and each.parent in shown:
            yield each


def _users(shown: Iterable[Showing]) -> dict[str, str]:
    return {each.id: each.pair.prefix.user for each in shown}


def _known(study: Study) -> list[Behavior]:
    own = {each.name for each in study.behaviors}
    return [*study.behaviors, *(load_behavior(n) for n in shipped() if n not in own)]


def _proposed(
    store: Store, missing: Sequence[Showing], auditor: Comparing, judge: _Judge
) -> Iterator[Proposed]:
    found = propose(missing, auditor=auditor, engine=judge.engine, using=(judge.model,))
    for number, each in enumerate(found, start=1):
        judge.watch("propose", number, len(missing))
        if isinstance(each, Failure):
            continue
        store.append(each)
        judge.spending.add(each.usage, judge.price)
        yield each


def _check(
    path: str, kind: Kind, words: Words, judge: _Judge, wanted: Auditing, plan: Plan
) -> _Check:
    behavior = load_behavior(kind.known) if kind.known else _drafted(path, kind)
    about = unchecked(
        behavior.name,
        behavior.description,
        draft="" if kind.known else file_of(kind.name),
        proposed=len({prefix for prefix, _ in kind.proposals}),
    )
    quotes = [each.quote for _, each in kind.proposals]
    fresh = words.fresh(quotes, size=wanted.fresh, seed=plan.seed)
    return _Check(Rubric(behavior=behavior, model=judge.model), about, fresh)


def _drafted(path: str, kind: Kind) -> Behavior:
    """The draft in the run's folder: as a person may have mended it, or written now."""
    file = Path(path, file_of(kind.name))
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(draft(kind), encoding="utf-8")
    return load_behavior(str(file.absolute()))


def _verified(
    store: Store,
    checks: Sequence[_Check],
    had: Mapping[tuple[str, str], Verdict],
    judge: _Judge,
) -> Iterator[tuple[Novel, int]]:
    """What was found of each kind, and the verdicts on it that could not be got."""
    total = sum(2 * len(each.fresh) for each in checks)
    done = 0
    for check in checks:
        name = check.grader.fingerprint
        said = {key[0]: verdict for key, verdict in had.items() if key[1] == name}
        open_ = [
            Exchange(prefix=fresh.pair.prefix, rollout=rollout, grader=check.grader)
            for fresh in check.fresh
            for rollout in fresh.pair[1:]
            if rollout.id not in said
        ]
        done += 2 * len(check.fresh) - len(open_)
        for each in grade(open_, graders=[check.grader], engine=judge.engine):
            done += 1
            judge.watch("check", done, total)
            if isinstance(each, Verdict):
                store.append(each)
                judge.spending.add(each.usage, judge.price)
                said[each.parent] = each
        checked = [
            Checked(f, said.get(f.pair.before.id), said.get(f.pair.after.id)) for f in check.fresh
        ]
        unasked = sum((each.before is None) + (each.after is None) for each in checked)
        yield verified(check.about, checked), unasked


def _at_most(
    missing: Sequence[Showing], pairs: Sequence[Pair], wanted: Auditing, judge: _Judge
) -> tuple[Cost, ...]:
    """What is still to be shown; and checks, as many as there may be, of the usual length."""
    shown = [_tokens(each.pair.prefix, each.pair.before, each.pair.after) for each in missing]
    lengths = [_tokens(p.prefix, a) for p in pairs for a in p[1:]] or [0]
    calls = wanted.most * 2 * min(wanted.fresh, len(pairs))
    usual = sum(lengths) // len(lengths)
    known = (judge.name, judge.price)
    return judging(known, shown, what="propose"), judging(known, [usual] * calls, what="check")


def _checking(
    checks: Iterable[_Check], had: Mapping[tuple[str, str], Verdict], judge: _Judge
) -> Cost:
    """What is still to be asked about these."""
    open_ = [
        _tokens(fresh.pair.prefix, rollout)
        for check in checks
        for fresh in check.fresh
        for rollout in fresh.pair[1:]
        if (rollout.id, check.grader.fingerprint) not in had
    ]
    return judging((judge.name, judge.price), open_, what="check")


def _tokens(prefix: Prefix, *answers: Rollout) -> int:
    return tokens((*prefix.messages, *(m for each in answers for m in each.messages)))
