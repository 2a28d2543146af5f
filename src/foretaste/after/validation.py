"""After release: score a sealed forecast on production, split its error, write both down."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePath

from foretaste.after.bridging import bridged
from foretaste.after.publication import write_down
from foretaste.after.release import open_study, plan_of
from foretaste.errors import PlanError, SealBroken
from foretaste.findings import Estimate, Study
from foretaste.forecasts import Scorecard, Sealed, Split
from foretaste.ledger import ScoredEntry, whole_ledger
from foretaste.pipeline import gather
from foretaste.plan import LogPlan, Plan, WindowPlan
from foretaste.provenance import code_hash
from foretaste.records import Lane, identity
from foretaste.registry import build
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.conclusion import estimates_of
from foretaste.runs.presentation import Validation, keep_validation, write_report
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.split import split
from foretaste.stages.validate import validate as score


def validate(
    path: str,
    log: str,
    *,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    replay: bool = False,
    watch: Watch = quiet,
    announce: Announce = silent,
) -> Scorecard:
    """Score a run's sealed forecast on a production log of the released candidate.

    The score is kept beside the run and in the plan's ledger, which the next forecast learns from.

    Args:
        path: the run.
        log: the later log: file, folder or glob.
        use: its format; found by content if left out.
        where: keep only records with these tags.
        replay: also replay the candidate on the later log's own prefixes, as many as the plan
            samples, which splits the error into the replay's own and that of changed users.
        watch: told of progress.
        announce: told of the estimated cost before anything is sent.

    Raises:
        SealBroken: the forecast, a grader behind it or the ledger is not what was sealed.
        PlanError: the plan's budget cannot pay for the replay.
        MachineFailed: no model answers, a file cannot be written, or the budget is spent.
    """
    study = open_study(path)
    sealed_plan = plan_of(path, study)
    ledger = sealed_plan.ledger(path)
    whole_ledger(ledger)  # before anything is paid for
    place = log if log == "-" else str(Path(log).absolute())
    plan = replace(
        sealed_plan,
        log=LogPlan(path=place, use=use, where=dict(where or {})),
        window=WindowPlan(),
    )
    parts = assemble(plan, known=study.behaviors)
    _same_graders(study.sealed, parts)
    cut = identity(parts.log_fingerprint, use, plan.log.where)  # another cut is another release
    kept = f"{path}/releases/{cut[:12]}"
    # Rules are free, so every turn is scored; a replay is not, so it keeps to the plan's sample.
    whole = plan
    if not parts.panel.judged:
        whole = replace(plan, sample=replace(plan.sample, size=None, per_user=None))
    if replay and whole != plan and log == "-":
        raise PlanError("standard input can be read only once: --replay needs the log as a file")
    with build("stores", {"use": "files", "path": kept}) as store:
        gather(whole, replace(parts, lanes={}), store, watch)
        realized = estimates_of(whole, replace(parts, lanes={}), store, (Lane.RECORDED,))
    card = score(study.sealed, realized)
    changed = study.sealed.code != code_hash()
    card = replace(card, pipeline_changed=changed)
    if changed:
        card = replace(card, bridge=bridged(path, study.sealed))
    if replay:
        again = kept if whole == plan else f"{kept}-replayed"
        card = replace(card, split=_replayed(study, plan, parts, again, watch, announce))
    name = _log_name(log, plan.log.where)
    with build("stores", {"use": "files", "path": path}) as store:
        keep_validation(
            store,
            Validation(
                log=name,
                fingerprint=cut,
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                seal=study.sealed.seal,
                scorecard=card,
            ),
        )
        write_report(store, study)
    write_down(path, study, ledger, _entry(study.sealed.seal, name, cut, card, realized))
    return card


def _replayed(
    study: Study, plan: Plan, parts: Parts, path: str, watch: Watch, announce: Announce
) -> Split:
    """Replay the candidate on the release's own prefixes, and split the error."""
    lanes = {Lane.CANDIDATE: parts.lanes[Lane.CANDIDATE]}
    parts = replace(parts, lanes=lanes)
    with build("stores", {"use": "files", "path": path}) as store:
        gather(plan, parts, store, watch, announce)
        released = estimates_of(plan, parts, store, (Lane.RECORDED, Lane.CANDIDATE))
    return split(study.estimates, released)


def _entry(
    seal: str, log: str, fingerprint: str, card: Scorecard, realized: Iterable[Estimate]
) -> ScoredEntry:
    known = [each for each in realized if each.rate is not None]
    scored = card.behaviors
    others: dict[str, dict[str, float]] = {}
    for each in card.others:
        if each.multiplicative_error is not None:
            others.setdefault(each.method, {})[each.behavior] = each.multiplicative_error
    return ScoredEntry(
        seal=seal,
        log=log,
        fingerprint=fingerprint,
        realized={real.behavior: real.counts for real in known},
        shown={real.behavior: (real.present, real.graded) for real in known},
        errors={e.behavior: e.multiplicative_error for e in scored},
        noise={e.behavior: e.noise_error for e in scored},
        directions={e.behavior: bool(e.direction_correct) for e in scored if e.moved},
        covered={e.behavior: e.covered for e in scored if e.covered is not None},
        others=others,
        pipeline_changed=card.pipeline_changed,
    )


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
            f"score it with Foretaste {sealed.version}, or see what that changes: foretaste bridge"
        )
