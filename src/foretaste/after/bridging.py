"""The bridge: a sealed run's own prefixes, gone through again by today's pipeline.

A forecast is made by a pipeline: models, tools, graders, Foretaste's code. Where that has changed
since, an error after release may be the forecast's or the change's. The bridge tells the two apart,
as it compares the sealed answers and verdicts with today's on the same prefixes.
"""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from foretaste.after.release import open_study, plan_of
from foretaste.columns import Columns
from foretaste.errors import StoreUnavailable
from foretaste.findings import Bridge, Change, Study
from foretaste.forecasts import Sealed
from foretaste.protocols import Store
from foretaste.provenance import code_hash, foretaste_version
from foretaste.records import Conversation, Failure, Lane, Prefix, Rollout, Verdict, identity
from foretaste.registry import build
from foretaste.runs.answering import answer_all
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.spending import hold_to_budget, quote
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.estimate import compare, tabulate

BRIDGES = "bridges.json"
"""Document with every bridge of a run."""


def bridge(
    path: str, *, grade_only: bool = False, watch: Watch = quiet, announce: Announce = silent
) -> Bridge:
    """Replay and grade a run's own prefixes again, and compare each lane with the sealed one.

    What was done stays in `bridge/<pipeline>` in the run's folder: stopped, it goes on from there.

    Args:
        path: the run.
        grade_only: ask no model for answers; grade the sealed run's again.
        watch: told of progress.
        announce: told of the estimated cost before anything is sent.

    Raises:
        SealBroken: the run is not what was sealed.
        PlanError: the plan can no longer be run, or its budget cannot pay for it.
        MachineFailed: no model answers, a file cannot be written, or the budget is spent.
    """
    study = open_study(path)
    plan = plan_of(path, study)
    parts = assemble(plan, reader=_no_log)
    lanes = (Lane.RECORDED, *parts.lanes)
    quoted_for = parts
    if grade_only:
        parts = replace(parts, lanes={})
    pipeline = _pipeline(parts, grade_only)
    with (
        build("stores", {"use": "files", "path": path, "reading": True}) as old,
        build("stores", {"use": "files", "path": f"{path}/bridge/{pipeline[:8]}"}) as new,
    ):
        prefixes = list(old.read(Prefix))
        new.append(*prefixes)
        if grade_only:
            new.append(*old.read(Rollout))
        quoted = quote(quoted_for, prefixes)
        if grade_only:
            quoted = tuple(each for each in quoted if each.what == "judge")
        hold_to_budget(plan, quoted)
        announce(quoted)
        answer_all(plan, parts, new, watch, len(prefixes))
        changes = _compared(prefixes, old, new, _common(study, parts), lanes)
    found = Bridge(
        seal=study.sealed.seal,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        pipeline=pipeline,
        code=code_hash(),
        version=foretaste_version(),
        sealed_code=study.sealed.code,
        sealed_version=study.sealed.version,
        regraded=grade_only,
        changes=changes,
        regraders=tuple(
            name
            for name, now in parts.panel.fingerprints.items()
            if name in study.sealed.graders and now != study.sealed.graders[name]
        ),
        absent=tuple(name for name in study.sealed.graders if name not in parts.panel.graders),
    )
    _keep(path, found)
    return found


def read_bridges(path: str) -> list[Bridge]:
    """Every bridge of a run, oldest first.

    Raises:
        StoreUnavailable: `bridges.json` is there and cannot be read.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return _kept(store)


def bridged(path: str, sealed: Sealed) -> dict[str, float | None] | None:
    """How many times the sealed candidate's rate today's replay gives, by behavior.

    None for a behavior whose grader is another today; None for all where no bridge leads from this
    forecast to the present code.
    """
    fit = [
        each for each in read_bridges(path) if (each.seal, each.code) == (sealed.seal, code_hash())
    ]
    if not fit:
        return None
    last = max(fit, key=lambda each: (not each.regraded, each.at))
    return {
        each.behavior: None if each.behavior in last.regraders else each.ratio
        for each in last.changes
        if each.before is Lane.CANDIDATE
    }


def _no_log() -> Iterator[Conversation | Failure]:
    """Reads nothing: the prefixes are in the run."""
    return iter(())


def _pipeline(parts: Parts, regraded: bool) -> str:  # noqa: FBT001  # a part of the hash
    """Hash of what answers and grades today; the plan is the same."""
    answering = [own.model for own in parts.lanes.values()]
    sources = [_source(type(each)) for each in (*answering, parts.simulator)]
    return identity("pipeline", code_hash(), parts.panel.fingerprints, sources, regraded)


def _source(kind: type) -> str:
    """Source of a plug-in's whole module; its name where there is no source to read."""
    try:
        return inspect.getsource(sys.modules[kind.__module__])
    except (OSError, TypeError):
        return f"{kind.__module__}:{kind.__qualname__}"


def _common(study: Study, parts: Parts) -> list[str]:
    # Of a screened behavior other rollouts are judged today: they make no pairs.
    known = parts.panel.graders.keys() - parts.panel.screened.keys()
    return [name for name in study.sealed.graders if name in known]


def _compared(
    prefixes: list[Prefix], old: Store, new: Store, behaviors: list[str], lanes: tuple[Lane, ...]
) -> tuple[Change, ...]:
    """Sealed against today's outcomes, lane by lane, on the same prefixes."""
    then, now = (
        tabulate(
            prefixes,
            store.read(Rollout),
            store.read(Verdict),
            behaviors=behaviors,
            lanes=lanes,
        )
        for store in (old, new)
    )
    return tuple(change for lane in lanes for change in _lane(then, now, lane))


def _lane(then: Columns, now: Columns, lane: Lane) -> Iterator[Change]:
    # Sealed and today's outcomes stand in two lanes' places, so that `compare` serves here too.
    first, second = Lane.INCUMBENT, Lane.CANDIDATE
    outcome = {(name, first): then.outcome[name, lane] for name in then.behaviors}
    outcome |= {(name, second): now.outcome[name, lane] for name in then.behaviors}
    for change in compare(replace(then, outcome=outcome), first, second):
        yield replace(change, before=lane, after=lane)


def _kept(store: Store) -> list[Bridge]:
    found = store.read_document(BRIDGES)
    try:
        return msgspec.json.decode(found, type=list[Bridge]) if found is not None else []
    except msgspec.DecodeError as error:
        raise StoreUnavailable(f"{BRIDGES} cannot be read: {error}") from error


def _keep(path: str, new: Bridge) -> None:
    """Add a bridge; it replaces one of the same forecast to the same pipeline."""
    same = (new.pipeline, new.seal)
    with build("stores", {"use": "files", "path": path}) as store:
        kept = [each for each in _kept(store) if (each.pipeline, each.seal) != same]
        store.write_document(BRIDGES, msgspec.json.format(msgspec.json.encode([*kept, new])))
