"""After a run: open it, decide on it, and score it on later production logs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath

from foretaste.assembly import Parts, assemble
from foretaste.conclusion import (
    Validation,
    columns_of,
    keep_validation,
    require_evidence,
    sealed_study,
    write_report,
)
from foretaste.errors import PlanError, SealBroken
from foretaste.findings import Decision, Study
from foretaste.forecasts import Scorecard, Sealed
from foretaste.pipeline import Watch, gather, quiet
from foretaste.plan import LogPlan, WindowPlan, load_plan
from foretaste.protocols import Store
from foretaste.provenance import code_hash
from foretaste.records import Lane, identity
from foretaste.registry import build
from foretaste.stages.estimate import estimate
from foretaste.stages.validate import validate as score


def open_study(path: str) -> Study:
    """The conclusions of a finished run.

    Raises:
        StoreUnavailable: no run is kept there.
        PlanError: the run is not finished.
        SealBroken: the forecast is not the one that was sealed.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return _finished(store, path)


def _finished(store: Store, path: str) -> Study:
    study = sealed_study(store)
    if study is None:
        raise PlanError(f"{path}: the run is not finished; `foretaste run` its plan again")
    return study


def gate(path: str) -> Decision:
    """The decision on a finished run: release, hold, or not enough evidence.

    Raises:
        PlanError: the run is not finished, or its plan sets no limit: there is nothing to decide.
        SealBroken: the study, or a verdict behind it, is not what was sealed.
    """
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        study = _finished(store, path)
        require_evidence(store, study)
    decision = study.decision
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


def validate(
    path: str,
    log: str,
    *,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    watch: Watch = quiet,
) -> Scorecard:
    """Score a run's sealed forecast on a production log of the released candidate.

    Args:
        path: the run.
        log: the later log: file, folder or glob.
        use: its format; found by content if left out.
        where: keep only records with these tags.
        watch: told of progress.

    Raises:
        SealBroken: the forecast, or a grader behind it, is not what was sealed.
    """
    study = open_study(path)
    plan = load_plan({key: value for key, value in study.plan.items() if value is not None})
    plan = replace(
        plan, log=LogPlan(path=log, use=use, where=dict(where or {})), window=WindowPlan()
    )
    parts = replace(assemble(plan, known=study.behaviors), lanes={})
    _same_graders(study.sealed, parts)
    if not parts.panel.judged:  # rules are free: take every turn
        plan = replace(plan, sample=replace(plan.sample, size=None, per_user=None))
    cut = identity(parts.log_fingerprint, use, plan.log.where)  # another cut is another release
    kept = f"{path}/releases/{cut[:12]}"
    with build("stores", {"use": "files", "path": kept}) as store:
        gather(plan, parts, store, watch)
        realized = estimate(columns_of(store, parts, (Lane.RECORDED,)))
    card = score(study.sealed, realized)
    card = replace(card, pipeline_changed=study.sealed.code != code_hash())
    with build("stores", {"use": "files", "path": path}) as store:
        keep_validation(
            store,
            Validation(
                log=_log_name(log, plan.log.where),
                fingerprint=cut,
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                seal=study.sealed.seal,
                scorecard=card,
            ),
        )
        write_report(store, study)
    return card


def _log_name(log: str, where: Mapping[str, str | int | bool]) -> str:
    """What a reader calls a log: its last folder or file, and the tags it was cut down to."""
    tags = ", ".join(f"{name} {value}" for name, value in sorted(where.items()))
    name = PurePath(log).name or log
    return f"{name} ({tags})" if tags else name


def _same_graders(sealed: Sealed, parts: Parts) -> None:
    now = parts.panel.fingerprints
    changed = [name for name, then in sealed.graders.items() if now.get(name) != then]
    if changed:
        raise SealBroken(
            f"the graders of {', '.join(changed)} are not those that the forecast was sealed with; "
            f"score it with Foretaste {sealed.version}"
        )
