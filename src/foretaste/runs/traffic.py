"""The traffic that a plan forecasts: weights for the prefixes, and forecasts made with them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from foretaste.adapters.readers.files.fingerprint import fingerprint
from foretaste.columns import Columns
from foretaste.errors import InsufficientData, PlanError
from foretaste.findings import Change, Estimate
from foretaste.forecasts import Forecast
from foretaste.methods import Past
from foretaste.plan import LogPlan, Plan, TrafficPlan
from foretaste.records import Conversation, Failure, Prefix, ScrubbedConversation
from foretaste.runs.assembly import Parts
from foretaste.runs.sources import open_log
from foretaste.stages.curate import curate
from foretaste.stages.estimate import estimate
from foretaste.stages.forecast import Unseen, forecast
from foretaste.stages.ingest import ingest
from foretaste.stages.sample import sample
from foretaste.stages.scrub import scrub
from foretaste.stages.shift import Shifted, shift_to_sample, shift_to_shares
from foretaste.usable import usable

NEWER = 20_000
"""Turns that are drawn of a newer log: many enough for weights, few enough to be held at once."""


def weigh(plan: Plan, parts: Parts, prefixes: Iterable[Prefix]) -> Shifted | None:
    """Weights for the traffic that the plan forecasts; None where it is like the log's.

    Raises:
        PlanError: the shares are of nothing that was sampled, or the newer log holds too little.
        LogError: the newer log cannot be read.
    """
    traffic = plan.forecast.traffic
    if traffic is None:
        return None
    if traffic.path is None:
        return shift_to_shares(prefixes, by=traffic.names, shares=traffic.shares)
    rng = np.random.default_rng(plan.seed)
    corpus = _Newer(plan, parts, traffic, plan.resolve(traffic.path))
    newer = list(sample(corpus, unit=plan.sample.unit, size=NEWER, rng=rng).prefixes)
    try:
        return shift_to_sample(
            prefixes,
            newer,
            name=traffic.path,
            fingerprint=fingerprint(plan.resolve(traffic.path)),
            lost=corpus.lost,
            rng=rng,
        )
    except InsufficientData as error:
        raise PlanError(
            f"forecast.traffic, {traffic.path}: too little to weigh by: {error}"
        ) from error


def forecast_for(
    plan: Plan,
    columns: Columns,
    estimates: Sequence[Estimate],
    paired: Iterable[Change],
    past: Past,
    shifted: Shifted | None,
    screened: Iterable[Estimate] = (),
) -> tuple[Forecast, ...]:
    """Forecasts, which alone are weighted to the traffic that the plan forecasts.

    Args:
        plan: says how many turns, and what it supposes of traffic that nobody has seen.
        columns: the run's verdicts, a row for each prefix.
        estimates: of those columns, as they were drawn.
        paired: lanes compared on the same prefixes.
        past: forecasts that were scored before.
        shifted: what `weigh` gave.
        screened: rates of screened behaviors, weighted by it.
    """
    unseen = plan.forecast.unseen
    return forecast(
        estimates,
        paired,
        past,
        turns=plan.forecast.turns,
        target=(*estimate(columns.reweighted(shifted.weight)), *screened) if shifted else None,
        unseen=Unseen(unseen.share, unseen.rate) if unseen else None,
        warning=shifted.warning if shifted else "",
    )


class _Newer:
    """A newer log's conversations, scrubbed anew at each pass: nothing of them is kept."""

    def __init__(self, plan: Plan, parts: Parts, traffic: TrafficPlan, path: str) -> None:
        self._consent = plan.consent
        self._scrubber = parts.scrubber
        log = LogPlan(path=path, use=traffic.use, where=traffic.where)
        self._reader = open_log(path, log)[1]
        self.lost: Counter[str] = Counter()

    def __iter__(self) -> Iterator[ScrubbedConversation]:
        self.lost.clear()
        raw = usable(ingest(self._reader), Conversation, self._lose)
        clean = usable(scrub(raw, scrubber=self._scrubber), ScrubbedConversation, self._lose)
        for record in curate(clean, since=None, until=None, consent=self._consent):
            if isinstance(record, ScrubbedConversation):
                yield record
            else:
                self.lost[record.reason] += 1

    def _lose(self, failure: Failure) -> None:
        self.lost[failure.reason] += 1
