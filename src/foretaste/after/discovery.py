"""What nobody listed: how two lanes of a run differ, where, what that is, and what was missed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from foretaste.after.auditing import Auditing, audit
from foretaste.after.release import open_study
from foretaste.discoveries import Detected, Discovery, Pair, Passed, Regions
from foretaste.errors import PlanError
from foretaste.findings import Study
from foretaste.learning import learns
from foretaste.protocols import Store
from foretaste.records import Lane, Prefix
from foretaste.registry import build
from foretaste.runs.pairing import Pairs, drawn, lanes_of, pairs_of
from foretaste.runs.presentation import keep_discovery, write_report
from foretaste.runs.reviewing import verdicts_of
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.ablate import ablation
from foretaste.stages.detect import detection
from foretaste.stages.discover import discover as compare
from foretaste.stages.react import react
from foretaste.stages.regions import LEAST_USERS, regions

MOST = 50_000
"""Pairs that regions are looked for in; of more, users are drawn first."""

_REPLAY = (
    "the recorded lane is one of the two: what the replay itself changes counts as a difference; "
    "give the plan an `incumbent`, the model that production runs, to leave it out"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared.

    Args:
        before: lane that the other is held against; None: the incumbent's, or where the run has
            none the recorded one.
        after: lane whose ways are looked for.
        regions: look for parts of the traffic that differ otherwise; needs scikit-learn. None:
            where that is installed.
        least_users: of a region that is shown.
        auditing: have a model propose behaviors, and check them; None: no model is asked.
        missed: plant behaviors into copies of the turns, to learn how many this audit finds.
    """

    before: Lane | None = None
    after: Lane = Lane.CANDIDATE
    regions: bool | None = None
    least_users: int = LEAST_USERS
    auditing: Auditing | None = None
    missed: bool = False


def discover(
    path: str,
    wanted: Wanted | None = None,
    *,
    watch: Watch = quiet,
    announce: Announce = silent,
) -> Discovery:
    """Look for what differs between two lanes of a finished run; kept in `discovery.json`.

    What costs nothing is kept before a model is asked, so that it stays if that fails.

    Raises:
        PlanError: the run lacks one of the lanes, no prefix was answered in both, or scikit-learn
            is missing.
        SealBroken: the run is not what was sealed.
        MachineFailed: no judge answers, or the budget is spent.
    """
    wanted = wanted or Wanted()
    study = open_study(path)
    seed, graders = study.plan["seed"], study.sealed.graders
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        pairs = _pairs(store, wanted)
        passed = _features(pairs, watch)
        whole = Discovery(
            seal=study.sealed.seal,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            features=passed,
            regions=_regions(pairs, passed, wanted, seed, watch),
            detected=_detected(pairs, seed, watch) if wanted.missed else (),
            ablated=ablation(pairs, verdicts_of(store, graders), passed, tuple(graders)),
            reactions=react(store.read(Prefix)),
            warnings=tuple(_warnings(pairs, wanted)),
        )
    _keep(path, study, whole)
    if wanted.auditing is not None:
        found = audit(path, passed, wanted.auditing, watch=watch, announce=announce)
        whole = replace(whole, audited=found)
        _keep(path, study, whole)
    return whole


def _keep(path: str, study: Study, whole: Discovery) -> None:
    with build("stores", {"use": "files", "path": path}) as store:
        keep_discovery(store, whole)
        write_report(store, study)


def _regions(
    pairs: Pairs, passed: Passed, wanted: Wanted, seed: int, watch: Watch
) -> Regions | None:
    if wanted.regions is False or (wanted.regions is None and not learns()):
        return None
    watch("regions", 0, None)
    return regions(
        list(drawn(pairs, MOST, seed)), passed, seed=seed, least_users=wanted.least_users
    )


def _detected(pairs: Pairs, seed: int, watch: Watch) -> tuple[Detected, ...]:
    each = partial(compare, before=pairs.before, after=pairs.after)
    return detection(list(drawn(pairs, MOST, seed)), audit=each, seed=seed, watch=watch)


def _warnings(pairs: Pairs, wanted: Wanted) -> Iterator[str]:
    if Lane.RECORDED in {pairs.before, pairs.after}:
        yield _REPLAY
    if wanted.regions is None and not learns():
        yield "regions of traffic were not looked for: pip install 'foretaste[learn]'"
    if len(pairs) > MOST and wanted.regions is not False and learns():
        yield f"regions were looked for in {MOST:,} of the {len(pairs):,} pairs, whole users by lot"


def _pairs(store: Store, wanted: Wanted) -> Pairs:
    there = lanes_of(store)
    before = wanted.before or (Lane.INCUMBENT if Lane.INCUMBENT in there else Lane.RECORDED)
    if before is wanted.after:
        raise PlanError(f"the {before} lane cannot be held against itself: name another")
    for lane in (before, wanted.after):
        if lane not in there:
            raise PlanError(f"the run has no {lane} lane; there are: {_named(there)}")
    found = pairs_of(store, before, wanted.after)
    if not len(found):
        raise PlanError(
            f"nothing to compare: no turn was answered in both lanes, {before} and {wanted.after}"
        )
    return found


def _named(lanes: Collection[Lane]) -> str:
    return ", ".join(lane for lane in Lane if lane in lanes)


def _features(pairs: Pairs, watch: Watch) -> Passed:
    return compare(
        _Watched(pairs, watch), before=pairs.before, after=pairs.after, missing=pairs.missing
    )


@dataclass(frozen=True, slots=True)
class _Watched:
    """Pairs, with word of how many were read."""

    pairs: Pairs
    watch: Watch

    def __iter__(self) -> Iterator[Pair]:
        for number, pair in enumerate(self.pairs, start=1):
            self.watch("compare", number, len(self.pairs))
            yield pair
