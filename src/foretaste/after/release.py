"""After a run: open it, decide on it, draw it again."""

from collections.abc import Iterable
from dataclasses import replace
from os.path import normpath
from pathlib import Path

import msgspec

from foretaste.errors import PlanError
from foretaste.findings import Decision, Limit, Study
from foretaste.plan import Plan
from foretaste.planfile import load_plan
from foretaste.protocols import Store
from foretaste.records import Behavior, Lane
from foretaste.registry import build
from foretaste.runs.conclusion import doubts_about, require_evidence, sealed_study
from foretaste.runs.presentation import write_report
from foretaste.runs.reviewing import columns_of
from foretaste.stages.estimate import pair_up
from foretaste.stages.gate import gate as decide


def open_study(path: str) -> Study:
    """The conclusions of a finished run.

    Raises:
        StoreUnavailable: no run is kept there.
        PlanError: the run is not finished.
        SealBroken: the forecast is not the one that was sealed.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return finished(store, path)


def finished(store: Store, path: str) -> Study:
    """The conclusions of an open store's run.

    Raises:
        PlanError: the run is not finished.
        SealBroken: the forecast is not the one that was sealed.
    """
    study = sealed_study(store)
    if study is None:
        raise PlanError(f"{path}: the run is not finished; `foretaste run` its plan again")
    return study


def behavior_of(study: Study, name: str | None) -> Behavior:
    """A run's behavior by name; None where it has but one.

    Raises:
        PlanError: the run has none of that name, or several and none is named.
    """
    defined = {each.name: each for each in study.behaviors}
    if name is None and len(defined) == 1:
        return next(iter(defined.values()))
    if name in defined:
        return defined[name]
    what = f"the run has no behavior {name!r}" if name else "name one with --behavior"
    raise PlanError(f"{what}; behaviors: {', '.join(defined)}")


def plan_of(path: str, study: Study) -> Plan:
    """The plan of a run, with its paths seen from where its file lay when it was run."""
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        found = store.read_document("plan.json")
    folder = msgspec.json.decode(found).get("folder") if found is not None else None
    plan = load_plan({key: value for key, value in study.plan.items() if value is not None})
    return replace(plan, folder=normpath(Path(path) / folder) if folder else "")


def whole_study(path: str) -> Study:
    """The conclusions of a finished run whose evidence still is what was sealed.

    Raises:
        PlanError: the run is not finished.
        SealBroken: the study, or a verdict behind it, is not what was sealed.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        study = finished(store, path)
        require_evidence(store, study)
    return study


def decided(path: str) -> Study:
    """A finished run that decides something, its evidence whole.

    Raises:
        PlanError: the run is not finished, or its plan sets no limit: there is nothing to decide.
        SealBroken: the study, or a verdict behind it, is not what was sealed.
    """
    study = whole_study(path)
    if study.decision is None:
        raise PlanError(
            "the plan sets no limit, so there is nothing to decide; give a behavior one, "
            "like `limit: {per_100k: 20}`"
        )
    return study


def gate(path: str) -> Decision:
    """The decision on a finished run: release, hold, or not enough evidence.

    Raises:
        PlanError: the run is not finished, or its plan sets no limit.
        SealBroken: the study, or a verdict behind it, is not what was sealed.
    """
    decision = decided(path).decision
    assert decision is not None  # noqa: S101  # `decided` refuses it
    return decision


def rule(path: str, study: Study, limits: Iterable[Limit]) -> Decision | None:
    """A finished run held against other limits than its plan's; None where these are none."""
    lanes = tuple(each.lane for each in study.account.lanes)
    screened = {each.behavior for each in study.screened}
    graders = {name: own for name, own in study.sealed.graders.items() if name not in screened}
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        columns = columns_of(store, graders, lanes)
    paired = Lane.INCUMBENT in lanes
    return decide(
        study.estimates,
        limits,
        pairs=pair_up(columns, Lane.INCUMBENT, Lane.CANDIDATE) if paired else (),
        judged=frozenset(study.grading.reasoning) if study.grading is not None else frozenset(),
        doubts=doubts_about(study.account),
    )


def definitions(path: str, study: Study) -> dict[str, str]:
    """Files that define a run's own behaviors, seen from where the run was looked at."""
    plan = plan_of(path, study)
    own = (each for each in plan.behaviors if not isinstance(each, str))
    return {each.name: plan.resolve(each.definition) for each in own if each.definition}


def redraw(path: str) -> str:
    """Draw a finished run's report again; gives the path of the page."""
    study = open_study(path)
    with build("stores", {"use": "files", "path": path}) as store:
        write_report(store, study)
    return f"{path}/report.html"
