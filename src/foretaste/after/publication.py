"""Lay a sealed forecast open: one file that says it all, the ledger, and git as a witness."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

import msgspec

from foretaste.adapters import git
from foretaste.after.release import open_study, plan_of
from foretaste.errors import SealBroken
from foretaste.findings import Study
from foretaste.ledger import Foretold, ScoredEntry, SealedEntry, record, whole_ledger
from foretaste.protocols import Store
from foretaste.provenance import requirements
from foretaste.registry import build
from foretaste.report.ledger import named

FORECAST, ENVIRONMENT = "forecast.json", "environment.txt"
ABOUT = (
    "A forecast that Foretaste sealed. Rates are shares of turns. `study` holds all that the seal "
    "covers: forecasts by every method, estimates, the filled plan, the definitions of the "
    "behaviors, and the environment. No conversation is in it."
)

Git = Literal["note", "commit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastFile:
    """What `forecast.json` holds."""

    about: str
    seal: str
    sealed_at: str
    method: str
    forecasts: dict[str, Foretold]
    study: Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a sealed forecast now stands."""

    seal: str
    sealed_at: str
    forecast: str  # path of forecast.json
    sha256: str  # of it
    environment: str  # path of environment.txt
    ledger: str  # path
    line: int  # of the ledger
    git: Git | None = None
    commit: str = ""  # that brought in forecast.json, or that the note is attached to
    new: bool = False  # False: git held it before
    checks: tuple[str, ...] = ()  # what a third party does


def seal(path: str, *, ledger: str | None = None, git: Git | None = None) -> Published:
    """Write a run's sealed forecast out and into the ledger; done twice, it changes nothing.

    Args:
        path: the run.
        ledger: a ledger other than the plan's.
        git: also `commit` forecast, environment and ledger, or attach the seal to HEAD as a `note`.

    Raises:
        PlanError: the run is not finished, or git cannot do its part.
        SealBroken: the forecast, its file or the ledger is not what was written.
        StoreUnavailable: a file cannot be read or written.
    """
    study = open_study(path)
    done = write_down(path, study, ledger or plan_of(path, study).ledger(path))
    return _witnessed(done, path, git) if git else done


def write_down(
    path: str, study: Study, ledger: str, scored: ScoredEntry | None = None
) -> Published:
    """Write a study's forecast out, and it and a scoring of it into the ledger.

    Raises:
        SealBroken: the forecast's file or the ledger is not what was written.
        StoreUnavailable: a file cannot be read or written.
    """
    stories = whole_ledger(ledger).stories()
    with build("stores", {"use": "files", "path": path}) as store:
        sha256 = _write_out(store, study)
    for story in stories:
        if story.sealed.seal == study.sealed.seal and story.sealed.sha256 != sha256:
            raise SealBroken(
                f"{path}/{FORECAST} is not the file of line {story.line} of {ledger}: "
                "one of the two was changed"
            )
    return Published(
        seal=study.sealed.seal,
        sealed_at=study.sealed.sealed_at,
        forecast=f"{path}/{FORECAST}",
        sha256=sha256,
        environment=f"{path}/{ENVIRONMENT}",
        ledger=ledger,
        line=record(ledger, _entry(path, study, sha256), scored),
    )


def _write_out(store: Store, study: Study) -> str:
    """Write `forecast.json` and `environment.txt`, unless they stand; SHA-256 of the first."""
    written = store.read_document(FORECAST)
    if written is not None:
        before = _seal_in(written)
        if before != study.sealed.seal:
            store.write_document(f"forecast-{before[:8]}.json", written)
            written = None
    if written is None:
        whole = ForecastFile(
            about=ABOUT,
            seal=study.sealed.seal,
            sealed_at=study.sealed.sealed_at,
            method=study.sealed.method,
            forecasts=_foretold(study),
            study=study,
        )
        written = msgspec.json.format(msgspec.json.encode(whole)) + b"\n"
        store.write_document(FORECAST, written)
    known = study.environment
    text = requirements(known) if known else "# the environment of this run was not recorded\n"
    store.write_document(ENVIRONMENT, text.encode())
    return hashlib.sha256(written).hexdigest()


def _seal_in(written: bytes) -> str:
    try:
        return str(msgspec.json.decode(written)["seal"])
    except (ValueError, KeyError, TypeError) as error:
        raise SealBroken(f"{FORECAST} cannot be read: {error}") from error


def _foretold(study: Study) -> dict[str, Foretold]:
    return {
        each.behavior: Foretold(rate=each.rate, lower=each.lower, upper=each.upper)
        for each in study.sealed.forecasts
        if each.method == study.sealed.method
    }


def _entry(path: str, study: Study, sha256: str) -> SealedEntry:
    sealed = study.sealed
    own = [each for each in sealed.forecasts if each.method == sealed.method]
    return SealedEntry(
        seal=sealed.seal,
        run=PurePath(path).name,
        sealed_at=sealed.sealed_at,
        plan=sealed.plan,
        prefixes=sealed.prefixes,
        prefix_count=sealed.prefix_count,
        models={str(each.lane): named(study, each.lane) for each in study.account.lanes},
        method=sealed.method,
        forecasts=_foretold(study),
        evidence={each.behavior: each.evidence for each in own if each.evidence is not None},
        behaviors=sealed.behaviors,
        graders=sealed.graders,
        learned=sealed.learned,
        code=sealed.code,
        version=sealed.version,
        environment=study.environment,
        sha256=sha256,
    )


def _witnessed(done: Published, path: str, kind: Git) -> Published:
    if kind == "commit":
        files = (done.forecast, done.environment, done.ledger)
        found = git.commit(files, f"Seal forecast {done.seal}")
        look = f"git show --stat {found.commit}"
        push = "push this commit now, to a server that notes when it came"
    else:
        text = f"foretaste seal {done.seal}, {FORECAST} sha256 {done.sha256}"
        found = git.note(path, text)
        look = f"git notes --ref={git.NOTES} show {found.commit}"
        push = f"push the note now: git push origin refs/notes/{git.NOTES}"
    checks = (
        f"{push} (a date inside of git is the writer's own word)",
        f"{look}: came to that server before the later log begins",
        f"sha256sum {FORECAST}: {done.sha256}",
        f"foretaste ledger {done.ledger}: the chain is whole, and line {done.line} holds this seal",
    )
    return replace(done, git=kind, commit=found.commit, new=found.new, checks=checks)
