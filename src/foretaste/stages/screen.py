"""Screen: whom a judge reads where a screen scored all, and the rates that follow."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from foretaste.errors import InsufficientData
from foretaste.findings import Estimate
from foretaste.records import Lane, Outcome, Prefix, Rollout, identity
from foretaste.scope import unmet
from foretaste.screenings import Asked, Course, Order, Scored, ScreenedRate, Screening, Waves
from foretaste.stats.bands import bands
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.proportion import clopper_pearson, detection_floor, wilson
from foretaste.stats.screened import NOT_ASKED, effective_count, screened_rate, widened
from foretaste.stats.screening import WAVES, Tally, draw_wave, next_wave
from foretaste.stats.totals import Floats
from foretaste.turns import is_blank

_HEX = 2.0**64
_LAST = -1.0  # below any chance


def scored(
    prefixes: Iterable[Prefix],
    rollouts: Iterable[Rollout],
    screenings: Iterable[Screening],
    *,
    behavior: str,
    lane: Lane,
    seed: int,
    screens: Sequence[str],
    applies: Collection[str] = (),
) -> Scored:
    """Columns of one behavior and lane. A rollout without a word is taken as not scored.

    `screens` are the content hashes of each wave's screen; a later one counts once it has scored
    all that the first did, and puts last what it cannot score. Prefixes that `applies` leaves out
    are outside.
    """
    everybody = list(prefixes)
    known = {each.id: each for each in everybody if unmet(applies, each) is None}
    total = sum(1 / each.probability for each in everybody)
    inside = sum(1 / each.probability for each in known.values())
    own: dict[str, str] = {}
    everyone: list[str] = []
    for rollout in rollouts:
        if rollout.lane == lane and rollout.parent in known:
            everyone.append(rollout.id)
            if not is_blank(rollout):
                own[rollout.id] = rollout.parent
    said: dict[str, dict[str, float | None]] = {screen: {} for screen in screens}
    for each in screenings:
        if each.behavior == behavior and each.parent in own and each.grader in said:
            said[each.grader][each.parent] = each.score
    first, *others = (said[screen] for screen in screens)
    score = {name: value for name, value in first.items() if value is not None}
    names = sorted(score)
    at = [known[own[name]] for name in names]
    later = {
        wave: Order(
            np.array([_LAST if by[name] is None else by[name] for name in names], np.float64),
            _numbers("draw", seed, behavior, wave, of=at),
        )
        for wave, by in enumerate(others, start=1)
        if names and by.keys() >= score.keys()
    }
    users = {user: code for code, user in enumerate(sorted({each.user for each in at}))}
    return Scored(
        behavior=behavior,
        lane=lane,
        id=tuple(names),
        prefix=tuple(each.id for each in at),
        score=np.array([score[name] for name in names], dtype=np.float64),
        weight=np.array([1 / each.probability for each in at], dtype=np.float64),
        cluster=np.array([users[each.user] for each in at], dtype=np.int64),
        draw=_numbers("draw", seed, behavior, of=at),
        unscored=sum(r not in score for r in everyone),
        missing=len(known) - len(everyone),
        outside=len(everybody) - len(known),
        outside_share=1 - inside / total if total else 0.0,
        later=later,
    )


def _numbers(*name: object, of: Iterable[Prefix]) -> Floats:
    """A random number for each prefix, even from 0 to 1."""
    return np.array([int(identity(*name, each.id)[:16], 16) / _HEX for each in of], np.float64)


def waves(
    rows: Scored,
    verdicts: Mapping[str, Outcome],
    *,
    calls: int,
    given_up: Collection[str] | None = None,
) -> Waves:
    """Go through the waves as far as verdicts reach; what they are decides all that follows.

    Nothing of this is kept but the verdicts: gone through again, it draws the same.

    Args:
        rows: the scored rollouts.
        verdicts: what the judge said so far, by rollout.
        calls: of all waves.
        given_up: rollouts that were asked about in vain; None: all that have no verdict.
    """
    size = len(rows.id)
    wave = np.full(size, NOT_ASKED, dtype=np.int64)
    probability, hit, stands = np.zeros(size), np.full(size, np.nan), np.zeros(size)
    if not size:
        return Waves(wave, probability, hit, stands)
    spent = 0
    for number, share in enumerate(WAVES):
        score, draw = rows.by(number)
        cut = bands(score, rows.weight)
        length = len(cut.size)
        asked = wave >= 0
        known = np.isfinite(hit)
        tally = Tally(
            np.bincount(cut.band[hit == 1], minlength=length).astype(np.float64),
            np.bincount(cut.band[known], minlength=length).astype(np.float64),
        )
        before = np.bincount(cut.band[asked], minlength=length).astype(np.float64)
        last = number == len(WAVES) - 1
        wanted = next_wave(cut, tally, before, calls - spent if last else round(calls * share))
        new = draw_wave(cut, draw, asked, wanted)
        wave[new] = number
        chance = (wanted / np.maximum(cut.size - before, 1))[cut.band]
        probability[new] = chance[new]
        stands[new] = 1 / chance[new]
        stands *= 1 - np.minimum(chance, 1.0)
        spent += len(new)
        names = [rows.id[place] for place in new]
        open_ = [] if given_up is None else [n for n in names if n not in {*verdicts, *given_up}]
        if open_:
            return Waves(wave, probability, hit, stands, tuple(open_), number)
        hit[new] = [_HIT.get(verdicts.get(name), np.nan) for name in names]
    return Waves(wave, probability, hit, stands)


_HIT: Mapping[Outcome | None, float] = {Outcome.PRESENT: 1.0, Outcome.ABSENT: 0.0}


def asked(rows: Scored, drawn: Waves, grader: str) -> list[Asked]:
    """A record for each rollout that the judge was to be asked about."""
    return [
        Asked(
            parent=rows.id[place],
            behavior=rows.behavior,
            grader=grader,
            wave=int(drawn.wave[place]),
            probability=float(drawn.probability[place]),
        )
        for place in np.flatnonzero(drawn.wave >= 0)
    ]


def measure(rows: Scored, drawn: Waves, course: Course) -> tuple[Estimate, ScreenedRate | None]:
    """The rate of one behavior in one lane; no screened rate where nothing was graded.

    The screened interval is for these rollouts. The estimate's is wider by what other traffic of
    the kind would show: both distances from the rate add up as squares. Its effective n is the
    number of graded turns of which Clopper and Pearson's upper limit is that of the interval.
    """
    asked_ = (drawn.wave >= 0) & (rows.weight > 0)
    judged, calls = int((asked_ & np.isfinite(drawn.hit)).sum()), int(asked_.sum())
    found = int((asked_ & (drawn.hit == 1)).sum())
    nothing = Estimate(
        behavior=rows.behavior,
        lane=rows.lane,
        present=found,
        graded=judged,
        ungraded=calls - judged + rows.unscored,
        missing=rows.missing,
        users=0,
        effective_n=0.0,
        rate=None,
        lower=None,
        upper=None,
        simple_lower=None,
        simple_upper=None,
        floor=None,
        least=0.0,
        least_n=1.0,
        most=1.0,
        most_n=1.0,
        outside=rows.outside,
        outside_share=rows.outside_share,
    )
    try:
        *earlier, last = (rows.by(number).score for number in range(len(WAVES)))
        rate = screened_rate(
            last,
            drawn.wave,
            drawn.hit,
            rows.weight,
            rng=np.random.default_rng(course.seed),
            earlier=earlier if rows.later else (),
            stands=drawn.stands if rows.later else None,
        )
    except InsufficientData:
        return nothing, None
    counts = rows.weight > 0
    first = clustered_rate(drawn.hit[counts] == 1, rows.cluster[counts], rows.weight[counts])
    simple = wilson(rate.rate * first.simple_n, first.simple_n)
    lower, upper = widened(rate.rate, rate.lower, rate.upper, first.effective_n)
    size = effective_count(rate.rate, upper)
    total = len(rows.id) + rows.unscored + rows.missing
    known = len(rows.id) / total * judged / calls
    account = ScreenedRate(
        behavior=rows.behavior,
        lane=rows.lane,
        scored=len(rows.id),
        unscored=rows.unscored,
        judged=judged,
        found=found,
        waves=tuple(np.bincount(drawn.wave[drawn.wave >= 0]).tolist()),
        everywhere=int((drawn.probability[drawn.wave >= 0] < _SPARSE).sum()),
        rate=rate.rate,
        lower=rate.lower,
        upper=rate.upper,
        sure_lower=rate.sure_lower,
        sure_upper=rate.sure_upper,
        random_width=_width(rate.rate, calls),
        course=course,
    )
    estimate = replace(
        nothing,
        users=first.clusters,
        effective_n=size,
        rate=rate.rate,
        lower=lower,
        upper=upper,
        simple_lower=min(rate.lower, simple.lower),
        simple_upper=max(rate.upper, simple.upper),
        floor=detection_floor(size),
        least=rate.rate * known,
        least_n=size,
        most=rate.rate * known + 1 - known,
        most_n=size,
    )
    return estimate, account


_SPARSE = 0.1  # chance below which a call tells of its part of the traffic, not of one rollout


def _width(rate: float, calls: int) -> float:
    interval = clopper_pearson(rate * calls, calls)
    return interval.upper - interval.lower
