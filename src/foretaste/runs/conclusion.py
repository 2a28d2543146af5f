"""From verdicts to what a run concludes: sealed, written down and drawn."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from foretaste.errors import SealBroken
from foretaste.findings import (
    Account,
    Collected,
    Drawn,
    Estimate,
    Grading,
    Study,
)
from foretaste.forecasts import Forecast, Sealed
from foretaste.ledger import NOTHING, Lessons
from foretaste.methods import DEFAULT
from foretaste.plan import Plan
from foretaste.protocols import Store
from foretaste.provenance import code_hash, environment, foretaste_version
from foretaste.records import (
    Failure,
    Lane,
    Prefix,
    Rollout,
    identity,
)
from foretaste.runs.assembly import Parts
from foretaste.runs.presentation import write_report
from foretaste.runs.pricing import name_of
from foretaste.runs.reviewing import columns_of, reviewed_of, verdicts_of
from foretaste.runs.screening import ScreenedLanes
from foretaste.runs.traffic import forecast_for
from foretaste.sealing import close, environment_hash, is_whole
from foretaste.stages.account import gap_account, lane_account, steering_account, ungraded_account
from foretaste.stages.estimate import compare, estimate, pair_up
from foretaste.stages.gate import MAX_UNKNOWN, gate
from foretaste.stages.shift import Shifted


def unscreened(parts: Parts) -> dict[str, str]:
    """Graders that read every rollout, by behavior, each with its content hash."""
    graders, screened = parts.panel.fingerprints, parts.panel.screened
    return {name: grader for name, grader in graders.items() if name not in screened}


def estimates_of(
    plan: Plan, parts: Parts, store: Store, lanes: tuple[Lane, ...]
) -> tuple[Estimate, ...]:
    """The rate of every behavior in every lane."""
    screened = ScreenedLanes(plan, parts, store, lanes).estimates
    return (*estimate(columns_of(store, unscreened(parts), lanes)), *screened)


def conclude(
    plan: Plan,
    parts: Parts,
    store: Store,
    collected: Collected,
    drawn: Drawn,
    taught: Lessons = NOTHING,
    shifted: Shifted | None = None,
) -> Study:
    """Estimate, compare, forecast, decide, seal; write `study.json` and `report.html`."""
    lanes = (Lane.RECORDED, *parts.lanes)
    graders = unscreened(parts)
    columns = columns_of(store, graders, lanes)
    screened = ScreenedLanes(plan, parts, store, lanes)
    estimates = (*estimate(columns), *screened.estimates)
    paired = Lane.INCUMBENT in lanes
    fidelity, changes = (
        (*compare(columns, *two), *screened.changes(*two)) if paired else ()
        for two in ((Lane.RECORDED, Lane.INCUMBENT), (Lane.INCUMBENT, Lane.CANDIDATE))
    )
    by = _factors(store, shifted)
    forecasts = forecast_for(
        plan,
        columns,
        estimates,
        (*fidelity, *changes),
        taught.past,
        shifted,
        screened.reweighted(by) if by else (),
    )
    account = _account(plan, parts, store, collected, drawn)
    study = close(
        Study(
            run=plan.id,
            plan=plan.filled(),
            account=account,
            behaviors=parts.panel.behaviors,
            skipped=dict(parts.panel.skipped),
            estimates=estimates,
            fidelity=fidelity,
            changes=changes,
            sealed=_unsealed(plan, parts, store, forecasts, taught),
            decision=gate(
                estimates,
                parts.panel.limits,
                pairs=pair_up(columns, Lane.INCUMBENT, Lane.CANDIDATE) if paired else (),
                judged=parts.panel.judged,
                doubts=doubts_about(account),
            ),
            environment=environment(),
            screened=tuple(screened.rates),
            traffic=shifted.finding if shifted else None,
            reviewed=reviewed_of(
                store, parts.panel.fingerprints, parts.panel.behaviors, screened.rates
            ),
            grading=_grading(plan, parts, store),
        )
    )
    _set_aside(store)
    write_report(store, study)
    store.write_document("study.json", msgspec.json.encode(study))
    return study


def _factors(store: Store, shifted: Shifted | None) -> dict[str, float]:
    """By prefix, how much more of it the forecast traffic holds; {} where that is like the log."""
    if shifted is None:
        return {}
    return dict(zip((p.id for p in store.read(Prefix)), shifted.weight.tolist(), strict=True))


def _set_aside(store: Store) -> None:
    """Keep the study that a new one replaces."""
    before = store.read_document("study.json")
    if before is None:
        return
    try:
        name = msgspec.json.decode(before, type=Study).sealed.seal[:8]
    except msgspec.DecodeError:
        name = "unreadable"
    store.write_document(f"study-{name}.json", before)


def _account(plan: Plan, parts: Parts, store: Store, collected: Collected, drawn: Drawn) -> Account:
    prefixes = {prefix.id: prefix.user for prefix in store.read(Prefix)}
    return Account(
        sources=(plan.log.path,),
        conversations=collected.read,
        unreadable=collected.unreadable,
        dropped=collected.dropped,
        kept=collected.kept,
        replaced=collected.replaced,
        since=collected.since.isoformat() if collected.since else None,
        until=collected.until.isoformat() if collected.until else None,
        unit=plan.sample.unit,
        population=drawn.population,
        prefixes=len(prefixes),
        users=len(set(prefixes.values())) if collected.has_users else None,
        gaps=gap_account(store.read(Prefix)),
        lanes=tuple(
            lane_account(lane, prefixes, store.read(Rollout), store.read(Failure))
            for lane in (Lane.RECORDED, *parts.lanes)
        ),
    )


def _grading(plan: Plan, parts: Parts, store: Store) -> Grading:
    panel, lanes = parts.panel, (Lane.RECORDED, *parts.lanes)
    return Grading(
        judges=tuple(map(name_of, plan.judges)) if panel.judged else (),
        panel=max((len(table) for table in panel.tables), default=1),
        reasoning={
            name: bool(getattr(panel.graders[name], "reasoning", False))
            for name in sorted(panel.judged)
        },
        ungraded=ungraded_account(verdicts_of(store, panel.fingerprints)),
        steering=steering_account(store.read(Prefix), store.read(Rollout), lanes)
        if panel.judged
        else (),
    )


def doubts_about(account: Account) -> list[str]:
    """Why no number of a run can release anything: it says too little of log or candidate."""
    doubts = []
    lost = sum(account.unreadable.values())
    share = lost / (account.kept + sum(account.dropped.values()) + lost)
    if share > MAX_UNKNOWN:
        doubts.append(f"{share:.1%} of the log's records could not be read")
    (candidate,) = (each for each in account.lanes if each.lane is Lane.CANDIDATE)
    if 0 < candidate.rollouts == candidate.repeats:
        doubts.append("every answer of the candidate is production's own, word for word")
    return doubts


def _unsealed(
    plan: Plan,
    parts: Parts,
    store: Store,
    forecasts: tuple[Forecast, ...],
    taught: Lessons,
) -> Sealed:
    prefixes = sorted(prefix.id for prefix in store.read(Prefix))
    return Sealed(
        forecasts=forecasts,
        method=_method(plan, forecasts),
        sealed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        prefixes=identity("prefixes", prefixes),
        prefix_count=len(prefixes),
        plan=plan.id,
        behaviors={each.name: each.version for each in parts.panel.behaviors},
        graders=parts.panel.fingerprints,
        results="",
        evidence=_evidence(store, parts.panel.fingerprints),
        code=code_hash(),
        version=foretaste_version(),
        seal="",
        learned=taught.learned,
        environment=environment_hash(environment()),
    )


def _method(plan: Plan, forecasts: tuple[Forecast, ...]) -> str:
    """The method that the plan asks for, or the default where the log does not allow it."""
    possible = {each.method for each in forecasts}
    return plan.forecast.method if plan.forecast.method in possible else DEFAULT


def _evidence(store: Store, graders: Mapping[str, str]) -> str:
    """Hash over which answers there are and what was found in them, in any order."""
    answers = (identity(*key) for key in store.keys(Rollout))
    verdicts = (
        identity(each.parent, each.behavior, each.outcome, each.grader)
        for each in verdicts_of(store, graders)
    )
    total = sum(int(name, 16) for names in (answers, verdicts) for name in names)
    return identity("evidence", total % 2**128)


def sealed_study(store: Store) -> Study | None:
    """What a run was sealed with; None where it is not finished.

    Raises:
        SealBroken: it is not what was sealed, or it is another run's.
    """
    found = store.read_document("study.json")
    if found is None:
        return None
    try:
        study = msgspec.json.decode(found, type=Study)
    except msgspec.DecodeError as error:
        raise SealBroken(f"study.json cannot be read: {error}") from error
    if not is_whole(study):
        raise SealBroken(f"study.json is not what was sealed as {study.sealed.seal[:8]}")
    plan = store.read_document("plan.json")
    if plan is None or msgspec.json.decode(plan)["id"] != study.sealed.plan:
        raise SealBroken("study.json is not of the plan in plan.json")
    return study


def require_evidence(store: Store, study: Study) -> None:
    """Make sure that a run still holds what it was sealed with; reads every verdict.

    Raises:
        SealBroken: answers or verdicts are lost, changed or new.
    """
    if study.sealed.evidence != _evidence(store, study.sealed.graders):
        raise SealBroken(
            "the answers and verdicts in the run's folder are not those that were sealed; "
            "`foretaste run --retry` completes them and seals anew"
        )
