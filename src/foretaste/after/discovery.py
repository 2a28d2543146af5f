"""What nobody listed: how two lanes of a run differ, and how people took what production said."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from foretaste.after.release import open_study
from foretaste.discoveries import Discovery, Pair, Passed
from foretaste.errors import PlanError
from foretaste.protocols import Store
from foretaste.records import Lane, Prefix
from foretaste.registry import build
from foretaste.runs.pairing import Pairs, lanes_of, pairs_of
from foretaste.runs.presentation import keep_discovery, write_report
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.discover import discover as compare
from foretaste.stages.react import react

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
    """

    before: Lane | None = None
    after: Lane = Lane.CANDIDATE


def discover(
    path: str,
    wanted: Wanted | None = None,
    *,
    watch: Watch = quiet,
    announce: Announce = silent,  # noqa: ARG001 - for the passes that ask a model
) -> Discovery:
    """Look for what differs between two lanes of a finished run; kept in `discovery.json`.

    Raises:
        PlanError: the run lacks one of the lanes, or no prefix was answered in both.
        SealBroken: the run is not what was sealed.
    """
    wanted = wanted or Wanted()
    study = open_study(path)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        pairs = _pairs(store, wanted)
        whole = Discovery(
            seal=study.sealed.seal,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            features=_features(pairs, watch),
            reactions=react(store.read(Prefix)),
            warnings=(_REPLAY,) if Lane.RECORDED in {pairs.before, pairs.after} else (),
        )
    with build("stores", {"use": "files", "path": path}) as store:
        keep_discovery(store, whole)
        write_report(store, study)
    return whole


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
