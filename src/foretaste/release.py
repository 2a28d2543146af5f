"""After a run: open it, decide on it, draw it again."""

from dataclasses import replace
from os.path import normpath
from pathlib import Path

import msgspec

from foretaste.conclusion import write_report
from foretaste.errors import PlanError, SealBroken
from foretaste.findings import Decision, Study
from foretaste.plan import Plan, load_plan
from foretaste.registry import build
from foretaste.sealing import is_whole


def open_study(path: str) -> Study:
    """The conclusions of a finished run.

    Raises:
        StoreUnavailable: no run is kept there.
        PlanError: the run is not finished.
        SealBroken: the forecast is not the one that was sealed.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        found = store.read_document("study.json")
    if found is None:
        raise PlanError(f"{path}: the run is not finished; `foretaste run` its plan again")
    try:
        study = msgspec.json.decode(found, type=Study)
    except msgspec.DecodeError as error:
        raise SealBroken(f"{path}/study.json cannot be read: {error}") from error
    if not is_whole(study):
        raise SealBroken(f"{path}/study.json is not what was sealed as {study.sealed.seal[:8]}")
    return study


def plan_of(path: str, study: Study) -> Plan:
    """The plan of a run, with its paths seen from where its file lay when it was run."""
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        found = store.read_document("plan.json")
    folder = msgspec.json.decode(found).get("folder") if found is not None else None
    plan = load_plan({key: value for key, value in study.plan.items() if value is not None})
    return replace(plan, folder=normpath(Path(path) / folder) if folder else "")


def gate(path: str) -> Decision:
    """The decision on a finished run: release, hold, or not enough evidence.

    Raises:
        PlanError: the plan sets no limit, so there is nothing to decide.
    """
    decision = open_study(path).decision
    if decision is None:
        raise PlanError(
            "the plan sets no limit, so there is nothing to decide; give a behavior one, "
            "like `limit: {per_100k: 20}`"
        )
    return decision


def redraw(path: str) -> str:
    """Draw a finished run's report again; gives the path of the page."""
    study = open_study(path)
    with build("stores", {"use": "files", "path": path}) as store:
        write_report(store, study)
    return f"{path}/report.html"
