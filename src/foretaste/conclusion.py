"""From verdicts to what a run concludes: sealed, written down and drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from foretaste.assembly import Parts
from foretaste.columns import Columns
from foretaste.errors import StoreUnavailable
from foretaste.findings import (
    Account,
    Collected,
    Drawn,
    Example,
    Study,
)
from foretaste.forecasts import Forecast, Scorecard, Sealed
from foretaste.plan import Plan
from foretaste.protocols import Store
from foretaste.provenance import code_hash, foretaste_version
from foretaste.records import (
    Failure,
    Lane,
    Outcome,
    Prefix,
    Rollout,
    Verdict,
    identity,
)
from foretaste.report.html import render
from foretaste.sealing import results_hash, seal
from foretaste.stages.account import gap_account, lane_account
from foretaste.stages.estimate import compare, estimate, tabulate
from foretaste.stages.forecast import Unseen, forecast
from foretaste.stages.gate import gate
from foretaste.stages.shift import NOT_COVERED, Shifted

VALIDATIONS = "validations.json"
"""Document with every scoring of a run's forecasts."""

EXAMPLES = 400
"""Flagged prefixes of each behavior that a report is given; it says how many more there are."""


def columns_of(store: Store, parts: Parts, lanes: tuple[Lane, ...]) -> Columns:
    """All verdicts of a store, as columns."""
    return tabulate(
        store.read(Prefix),
        store.read(Rollout),
        store.read(Verdict),
        behaviors=parts.panel.graders,
        lanes=lanes,
    )


def conclude(
    plan: Plan,
    parts: Parts,
    store: Store,
    collected: Collected,
    drawn: Drawn,
    shifted: Shifted | None = None,
) -> Study:
    """Estimate, compare, forecast, decide, seal; write `study.json` and `report.html`.

    The forecasts alone are weighted to the traffic that `shifted` is for; all else is of the
    traffic that was replayed.
    """
    lanes = (Lane.RECORDED, *parts.lanes)
    columns = columns_of(store, parts, lanes)
    estimates = estimate(columns)
    paired = Lane.INCUMBENT in lanes
    fidelity = compare(columns, Lane.RECORDED, Lane.INCUMBENT) if paired else ()
    changes = compare(columns, Lane.INCUMBENT, Lane.CANDIDATE) if paired else ()
    decision = gate(estimates, parts.panel.limits)
    traffic = shifted.finding if shifted else None
    results = results_hash(estimates, fidelity, changes, decision, traffic)
    uncovered = traffic is not None and traffic.uncovered > NOT_COVERED
    unseen = plan.forecast.unseen
    forecasts = forecast(
        estimates,
        (*fidelity, *changes),
        turns=plan.forecast.turns,
        target=estimate(columns.reweighted(shifted.weight)) if shifted else None,
        unseen=Unseen(unseen.share, unseen.rate) if unseen else None,
        warning=traffic.warnings[0] if traffic and uncovered else "",
    )
    study = Study(
        run=plan.id,
        plan=plan.filled(),
        account=_account(plan, parts, store, collected, drawn),
        behaviors=parts.panel.behaviors,
        skipped=dict(parts.panel.skipped),
        estimates=estimates,
        fidelity=fidelity,
        changes=changes,
        sealed=_seal(plan, parts, store, forecasts, results),
        decision=decision,
        traffic=traffic,
    )
    before = store.read_document("study.json")
    if before is not None:
        old = msgspec.json.decode(before, type=Study)
        store.write_document(f"study-{old.sealed.seal[:8]}.json", before)
    write_report(store, study)
    store.write_document("study.json", msgspec.json.encode(study))
    return study


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One scoring of a sealed forecast on a later log."""

    log: str  # as the reader knows it: file name and tags
    fingerprint: str  # of the log's content and of what was taken from it
    at: str  # UTC, ISO 8601
    seal: str  # of the forecast that was scored
    scorecard: Scorecard


def read_validations(store: Store) -> list[Validation]:
    """Every scoring of this run's forecasts, oldest first.

    Raises:
        StoreUnavailable: `validations.json` is there and cannot be read.
    """
    found = store.read_document(VALIDATIONS)
    try:
        return msgspec.json.decode(found, type=list[Validation]) if found is not None else []
    except msgspec.DecodeError as error:
        raise StoreUnavailable(f"{VALIDATIONS} cannot be read: {error}") from error


def keep_validation(store: Store, new: Validation) -> None:
    """Add a scoring; it replaces one of the same forecast on the same log."""
    same = (new.fingerprint, new.seal)
    kept = [v for v in read_validations(store) if (v.fingerprint, v.seal) != same]
    store.write_document(VALIDATIONS, msgspec.json.format(msgspec.json.encode([*kept, new])))


def write_report(store: Store, study: Study) -> None:
    """Draw `report.html` from what the store holds."""
    scored = [
        (each.log, each.scorecard)
        for each in read_validations(store)
        if each.seal == study.sealed.seal
    ]
    page = render(study, _examples(store, [each.name for each in study.behaviors]), scored)
    store.write_document("report.html", page.encode())


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


def _seal(
    plan: Plan, parts: Parts, store: Store, forecasts: tuple[Forecast, ...], results: str
) -> Sealed:
    prefixes = sorted(prefix.id for prefix in store.read(Prefix))
    sealed = Sealed(
        forecasts=forecasts,
        method=_method(plan, forecasts),
        sealed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        prefixes=identity("prefixes", prefixes),
        prefix_count=len(prefixes),
        plan=plan.id,
        behaviors={each.name: each.version for each in parts.panel.behaviors},
        graders=parts.panel.fingerprints,
        results=results,
        code=code_hash(),
        version=foretaste_version(),
        seal="",
    )
    return seal(sealed)


def _method(plan: Plan, forecasts: tuple[Forecast, ...]) -> str:
    """The method that the plan asks for, or the direct one where the log allows no other."""
    possible = {each.method for each in forecasts}
    return plan.forecast.method if plan.forecast.method in possible else "direct"


def _examples(store: Store, behaviors: list[str]) -> Iterator[Example]:
    """Flagged prefixes with all their lanes: those on which the lanes differ come first."""
    place = {rollout.id: (rollout.parent, rollout.lane) for rollout in store.read(Rollout)}
    found: dict[str, dict[str, dict[Lane, Verdict]]] = {name: {} for name in behaviors}
    for verdict in store.read(Verdict):
        if verdict.behavior in found and verdict.parent in place:
            prefix, lane = place[verdict.parent]
            found[verdict.behavior].setdefault(prefix, {})[lane] = verdict
    flagged = {name: _flagged(verdicts) for name, verdicts in found.items()}
    wanted = {prefix for chosen in flagged.values() for prefix in chosen}
    prefixes = {each.id: each for each in store.read(Prefix) if each.id in wanted}
    rollouts: dict[str, dict[Lane, Rollout]] = {}
    for rollout in store.read(Rollout):
        if rollout.parent in wanted:
            rollouts.setdefault(rollout.parent, {})[rollout.lane] = rollout
    for name, chosen in flagged.items():
        for prefix in chosen:
            yield Example(
                behavior=name,
                prefix=prefixes[prefix],
                rollouts=rollouts[prefix],
                verdicts=found[name][prefix],
            )


def _flagged(verdicts: dict[str, dict[Lane, Verdict]]) -> list[str]:
    def outcome(prefix: str, lane: Lane) -> bool:
        verdict = verdicts[prefix].get(lane)
        return verdict is not None and verdict.outcome is Outcome.PRESENT

    seen = [p for p in verdicts if any(outcome(p, lane) for lane in Lane)]
    differ = {p: outcome(p, Lane.INCUMBENT) != outcome(p, Lane.CANDIDATE) for p in seen}
    return sorted(seen, key=lambda p: not differ[p])[:EXAMPLES]
