"""The order of the stages: from a log to a sealed forecast.

Each step takes what is in the store, does what is not there yet, and puts the result back; a run
that was killed goes on where it stopped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from foretaste.errors import PlanError
from foretaste.findings import Collected, Drawn, Study
from foretaste.ledger import lessons
from foretaste.plan import Plan, asking_of
from foretaste.planfile import load_plan
from foretaste.protocols import Store
from foretaste.records import Conversation, Dropped, Failure, Prefix, ScrubbedConversation
from foretaste.registry import build
from foretaste.runs.answering import answer_all
from foretaste.runs.assembly import Parts, assemble, fingerprint_of_all
from foretaste.runs.conclusion import conclude, require_evidence, sealed_study
from foretaste.runs.spending import hold_to_budget, quote
from foretaste.runs.traffic import weigh
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.curate import curate
from foretaste.stages.ingest import ingest
from foretaste.stages.sample import Sample, sample
from foretaste.stages.scrub import scrub
from foretaste.usable import usable


class Result(NamedTuple):
    """A finished run: where it is kept, and what it concludes."""

    path: str
    study: Study


def run(
    plan: str | Mapping[str, Any] | Plan,
    *,
    watch: Watch = quiet,
    announce: Announce = silent,
    retry: bool = False,
) -> Result:
    """Run a plan from its log to a sealed forecast and a report, or go on with a run of it.

    Args:
        plan: a YAML file, a mapping, or a plan.
        watch: told of progress.
        announce: told of the estimated cost before anything is sent.
        retry: ask again what failed in a finished run, grade again what is defined anew, and
            seal anew. The plan may name other behaviors, or another judge, than the run's did.

    Raises:
        PlanError: the plan is wrong, or its folder holds a run of another plan or log.
        LogError: the log cannot be read.
        SealBroken: the run is finished, and what it holds is not what was sealed; or the ledger of
            past forecasts is not whole.
        MachineFailed: no model answers, the store cannot be written, or the budget is spent.
    """
    plan = load_plan(plan)
    parts = assemble(plan)
    read = fingerprint_of_all(plan, parts)
    part = plan.store_part(read)
    with build("stores", part) as store:
        plans = _claim(plan, read, store, part["path"], retry=retry)
        study = None if retry else sealed_study(store)
        if study is not None:
            _same_graders(study, parts)
            require_evidence(store, study)
            return Result(part["path"], study)
        taught = lessons(plan.ledger(part["path"]) if plan.learns else None, plans)
        collect(plan, parts, store, watch)
        draw(plan, store, watch)
        shifted = weigh(plan, parts, store.read(Prefix))  # it may refuse: before anything is paid
        found = gather(plan, parts, store, watch, announce)
        study = conclude(plan, parts, store, *found, taught, shifted)
    return Result(part["path"], study)


def gather(
    plan: Plan, parts: Parts, store: Store, watch: Watch, announce: Announce = silent
) -> tuple[Collected, Drawn]:
    """Everything up to the verdicts: what costs time and money."""
    collected = collect(plan, parts, store, watch)
    drawn = draw(plan, store, watch)
    quoted = quote(parts, store.read(Prefix))
    hold_to_budget(plan, quoted)
    announce(quoted)
    answer_all(plan, parts, store, watch, drawn.size)
    return collected, drawn


def _claim(plan: Plan, read: str, store: Store, path: str, *, retry: bool) -> set[str]:
    """Write down whose run this is; refuse a folder that holds another's.

    A retry may grade by another plan, if that asks for the same answers. Gives the ids of all plans
    that the run was graded by.
    """
    mine: dict[str, Any] = {"id": plan.id, "log": read, "plan": plan.filled()}
    mine["folder"] = plan.folder_from(path)
    found = store.read_document("plan.json")
    if found is None and retry:
        raise PlanError(
            f"there is no run in {path} to retry. Leave out --retry to begin one; if the plan "
            "names other behaviors now, say under `store:` in which folder its run is"
        )
    theirs = msgspec.json.decode(found) if found is not None else mine
    same = theirs.get("id") == plan.id
    if not same and asking_of(theirs.get("plan", {})) != plan.asking:
        raise PlanError("this folder holds a run of another plan; name another `store: path`")
    if theirs.get("log") != read:
        what = "another state of the log, recorded answers or newer traffic"
        raise PlanError(f"this folder holds a run of {what}; name another `store: path`")
    if not same and not retry:
        raise PlanError(
            "this folder holds a run that was graded by another plan, with other behaviors or "
            "another judge; --retry grades what is new, asks for no answer again, and seals anew"
        )
    before = {*theirs.get("before", ()), theirs["id"]} - {plan.id}
    if found is None or not same:
        if before:
            mine["before"] = sorted(before)
        store.write_document("plan.json", msgspec.json.format(msgspec.json.encode(mine)))
    return {plan.id, *before}


def _same_graders(study: Study, parts: Parts) -> None:
    """Refuse to pass off a finished run as one of other graders."""
    now, then = parts.panel.fingerprints, study.sealed.graders
    changed = sorted(name for name in now if now[name] != then.get(name))
    if changed:
        raise PlanError(
            f"the graders of {', '.join(changed)} are not those that this run was sealed with; "
            "--retry grades and seals anew"
        )


def collect(plan: Plan, parts: Parts, store: Store, watch: Watch) -> Collected:
    """Ingest, scrub and curate: the log becomes the corpus."""
    found = store.read_document("corpus.json")
    if found is not None:
        return msgspec.json.decode(found, type=Collected)
    collected = Collected()
    unreadable: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    replaced: Counter[str] = Counter()

    def lose(failure: Failure) -> None:
        unreadable[failure.reason] += 1
        store.append(failure)

    conversations = _counted(usable(ingest(parts.reader), Conversation, lose), collected, watch)
    scrubbed = usable(scrub(conversations, scrubber=parts.scrubber), ScrubbedConversation, lose)
    since, until = plan.window.moments()
    for record in curate(scrubbed, since=since, until=until, consent=plan.consent):
        store.append(record)
        if isinstance(record, Dropped):
            dropped[record.reason] += 1
            continue
        collected.kept += 1
        collected.has_users |= record.user is not None
        replaced.update(record.replaced)
        started = record.dialogue.started_at
        if started is not None:
            collected.since = min(collected.since or started, started)
            collected.until = max(collected.until or started, started)
    collected.unreadable, collected.dropped = dict(unreadable), dict(dropped)
    collected.replaced = dict(replaced)
    if not collected.kept:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise PlanError(f"no conversation of the log can be used: {reasons}")
    store.write_document("corpus.json", msgspec.json.encode(collected))
    return collected


def _counted(
    conversations: Iterable[Conversation], collected: Collected, watch: Watch
) -> Iterator[Conversation]:
    for conversation in conversations:
        collected.read += 1
        watch("read", collected.read, None)
        yield conversation


def sample_of(plan: Plan, corpus: Iterable[ScrubbedConversation]) -> Sample:
    """The prefixes that a plan draws from a corpus, which is iterated twice."""
    spec = plan.sample
    return sample(
        corpus,
        unit=spec.unit,
        size=spec.size,
        per_user=spec.per_user,
        strata=spec.strata,
        rng=np.random.default_rng(plan.seed),
    )


def draw(plan: Plan, store: Store, watch: Watch) -> Drawn:
    """Sample prefixes from the corpus."""
    found = store.read_document("sample.json")
    if found is not None:
        return msgspec.json.decode(found, type=Drawn)
    drawn = sample_of(plan, store.read(ScrubbedConversation))
    if not drawn.size:
        raise PlanError("the log holds no assistant turn after a user message")
    for number, prefix in enumerate(drawn.prefixes, start=1):
        store.append(prefix)
        watch("sample", number, drawn.size)
    done = Drawn(population=drawn.population, size=drawn.size)
    store.write_document("sample.json", msgspec.json.encode(done))
    return done
