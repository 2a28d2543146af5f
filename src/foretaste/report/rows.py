"""Rows of the tables: forecasts and changes, as text that is ready to draw."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from foretaste.findings import Change, Direction, Estimate, Study
from foretaste.forecasts import Forecast
from foretaste.records import Lane
from foretaste.report.visible import one_line
from foretaste.report.wording import (
    NONE_SEEN,
    UNKNOWN,
    between,
    chance,
    digits,
    moves,
    of,
    per_100k,
    rounded,
    share,
    sighted,
    signed,
    some,
    times,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A rate and its interval as numbers (shares of turns), for the plot."""

    rate: float | None  # None: none seen, only the upper end is known
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRow:
    """The forecast of one behavior; rates per 100,000 turns, as text."""

    behavior: str
    forecast: str  # a rate, "none seen; up to X" or "unknown"
    interval: str  # empty where `forecast` says all there is to say
    today: str
    today_counts: str
    counts: str  # sightings of graded turns in the candidate lane
    ungraded: str
    missing: str
    floor: str
    method: str
    in_turns: str  # the count to expect in the future turns
    others: tuple[str, ...]  # what the methods say that are not scored
    with_unseen: str  # its limits if there is traffic that nobody has seen; empty: not supposed
    ahead: Spread | None
    now: Spread | None

    @property
    def reading(self) -> str:
        """Forecast with its interval, as one phrase."""
        return f"{self.forecast} ({self.interval})" if self.interval else self.forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One behavior in two lanes on the same prefixes; rates per 100,000 turns, as text."""

    behavior: str
    sign: str  # up, down or unclear
    direction: str
    before: str
    after: str
    difference: str
    interval: str
    ratio: str
    error: str
    noise: str
    p_value: str
    q_value: str
    only_before: str  # pairs that show it in that lane alone
    only_after: str
    pairs: str
    clusters: str  # the people or conversations that the pairs come from


def rank(study: Study) -> dict[str, int]:
    """Place of each behavior: by evidence of change first, then by rate."""
    changes = {change.behavior: change for change in study.changes}
    forecasts = primary(study)

    def place(name: str) -> tuple[int, float, float, str]:
        change, forecast = changes.get(name), forecasts.get(name)
        clear = change is not None and change.direction is not Direction.UNCLEAR
        q = change.q_value if change is not None else None
        seen = forecast is not None and forecast.events > 0 and forecast.graded > 0
        rate = forecast.rate if forecast is not None and seen else -1.0
        return (0 if clear else 1, 2.0 if q is None else q, -rate, name)

    names = {behavior.name for behavior in study.behaviors if behavior.name not in study.skipped}
    return {
        name: i for i, name in enumerate(sorted(names | set(forecasts) | set(changes), key=place))
    }


def unseen(study: Study) -> frozenset[str]:
    """Behaviors that every lane was graded for and none showed."""
    lanes: dict[str, list[Estimate]] = {}
    for estimate in study.estimates:
        lanes.setdefault(estimate.behavior, []).append(estimate)
    chosen = primary(study)
    return frozenset(
        name
        for name, found in lanes.items()
        if all(each.graded > 0 and each.present == 0 for each in found)
        and name in chosen
        and chosen[name].graded > 0
        and chosen[name].events == 0
    )


def at_most(study: Study, names: Collection[str]) -> str:
    """Behaviors that nothing showed, in one line, with the rate that each may still have."""
    chosen = primary(study)
    most = per_100k(max(chosen[name].upper for name in names), 0)
    told = ", ".join(one_line(name) for name in rank(study) if name in names)
    return f"{told} ({'each ' if len(names) > 1 else ''}at most {most} per 100,000)"


def unseen_line(study: Study) -> str:
    """The behaviors of `unseen` in one line; empty where there are none."""
    names = unseen(study)
    return f"Seen in no lane: {at_most(study, names)}." if names else ""


def primary(study: Study) -> dict[str, Forecast]:
    """The forecast to show of each behavior: of the sealed method, or of another if need be."""
    chosen: dict[str, Forecast] = {}
    for forecast in study.sealed.forecasts:
        if forecast.behavior not in chosen or forecast.method == study.sealed.method:
            chosen[forecast.behavior] = forecast
    return chosen


def _point(forecast: Forecast) -> tuple[str, str]:
    """What a forecast says, and its interval where there is more to say."""
    if forecast.graded <= 0:
        return UNKNOWN, ""
    if forecast.events == 0:
        return f"{NONE_SEEN}; up to {per_100k(forecast.upper, 0)}", ""
    seen = forecast.events
    return per_100k(forecast.rate, seen), between(forecast.lower, forecast.upper, seen)


def _ahead(forecast: Forecast) -> Spread | None:
    if forecast.graded <= 0:
        return None
    rate = forecast.rate if forecast.events else None
    return Spread(rate=rate, lower=forecast.lower, upper=forecast.upper)


def _now(forecast: Forecast, recorded: Estimate | None) -> Spread | None:
    today = forecast.today
    if today is None or forecast.today_graded <= 0:
        return None
    seen = forecast.today_present > 0
    known = recorded is not None and recorded.lower is not None and recorded.upper is not None
    if known and recorded is not None:
        lower, upper = recorded.lower or 0.0, recorded.upper or today
    elif seen:
        lower = upper = today  # a rate without its interval is still a mark
    else:
        return None
    return Spread(rate=today if seen else None, lower=lower, upper=upper)


def _in_turns(forecast: Forecast) -> str:
    if forecast.graded <= 0:
        return UNKNOWN
    few = digits(forecast.events)
    upper = f"{rounded(forecast.turns_upper, few)} in {forecast.turns:,} turns"
    if not forecast.events:
        return f"up to {upper}"
    return f"{rounded(forecast.turns_lower, few)} to {upper}"


def _with_unseen(forecast: Forecast) -> str:
    if forecast.unseen_lower is None or forecast.graded <= 0:
        return ""
    return between(forecast.unseen_lower, forecast.unseen_upper, forecast.events)


def _other(forecast: Forecast) -> str:
    point, interval = _point(forecast)
    return f"{one_line(forecast.method)}: {point} ({interval})" if interval else point


def _unknown(behavior: str) -> ForecastRow:
    return ForecastRow(
        behavior=one_line(behavior),
        forecast=UNKNOWN,
        interval="",
        today=UNKNOWN,
        today_counts=UNKNOWN,
        counts=UNKNOWN,
        ungraded=UNKNOWN,
        missing=UNKNOWN,
        floor=UNKNOWN,
        method=UNKNOWN,
        in_turns=UNKNOWN,
        others=(),
        with_unseen="",
        ahead=None,
        now=None,
    )


def _counted(forecast: Forecast, candidate: Estimate | None) -> str:
    """Sightings of graded turns; turns that the behavior is not defined for are in neither."""
    found = of(forecast.events, forecast.graded)
    outside = candidate.outside if candidate else 0
    return f"{found}; not defined for {outside:,} more" if outside else found


def forecast_rows(study: Study) -> tuple[ForecastRow, ...]:
    """A row for each behavior that was graded, in the order of `rank`."""
    chosen = primary(study)
    recorded, candidate = (
        {e.behavior: e for e in study.estimates if e.lane is lane}
        for lane in (Lane.RECORDED, Lane.CANDIDATE)
    )
    rows = []
    for name in rank(study):
        forecast = chosen.get(name)
        if forecast is None:
            rows.append(_unknown(name))
            continue
        point, interval = _point(forecast)
        rows.append(
            ForecastRow(
                behavior=one_line(name),
                forecast=point,
                interval=interval,
                today=sighted(forecast.today, forecast.today_present, forecast.today_graded),
                today_counts=of(forecast.today_present, forecast.today_graded),
                counts=_counted(forecast, candidate.get(name)),
                ungraded=share(forecast.ungraded, forecast.graded + forecast.ungraded),
                missing=f"{forecast.missing:,}",
                floor=per_100k(forecast.floor, 0),
                method=one_line(forecast.method),
                in_turns=_in_turns(forecast),
                others=tuple(
                    _other(other)
                    for other in study.sealed.forecasts
                    if other.behavior == name and other is not forecast
                ),
                with_unseen=_with_unseen(forecast),
                ahead=_ahead(forecast),
                now=_now(forecast, recorded.get(name)),
            )
        )
    return tuple(rows)


def change_rows(study: Study, changes: Iterable[Change]) -> tuple[ChangeRow, ...]:
    """A row for each change, in the order of `rank`."""
    order = rank(study)
    cluster = "conversation" if study.account.users is None else "user"
    ranked = sorted(changes, key=lambda c: (order.get(c.behavior, len(order)), c.behavior))
    return tuple(_change_row(change, cluster) for change in ranked)


def _change_row(change: Change, cluster: str) -> ChangeRow:
    pairs = change.pairs
    old, new = change.both + change.only_before, change.both + change.only_after
    apart = change.only_before + change.only_after
    return ChangeRow(
        behavior=one_line(change.behavior),
        sign=change.direction.name.lower(),
        direction=moves(change.direction),
        before=sighted(old / pairs if pairs else None, old, pairs),
        after=sighted(new / pairs if pairs else None, new, pairs),
        difference=signed(change.difference, apart),
        interval=between(change.lower, change.upper, apart, signed),
        ratio=times(change.ratio),
        error=times(change.multiplicative_error),
        noise=times(change.noise_error),
        p_value=chance(change.p_value),
        q_value=chance(change.q_value),
        only_before=f"{change.only_before:,}" if pairs else UNKNOWN,
        only_after=f"{change.only_after:,}" if pairs else UNKNOWN,
        pairs=some(pairs, "pair") if pairs else UNKNOWN,
        clusters=some(change.users, cluster) if pairs else "",
    )
