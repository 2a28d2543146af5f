"""Score a sealed forecast on what production showed after release."""

from collections.abc import Iterable
from statistics import median

from foretaste.findings import Estimate
from foretaste.forecasts import Forecast, ForecastError, Scorecard, Sealed
from foretaste.methods import DEFAULT
from foretaste.stats.belief import Belief
from foretaste.stats.counts import best_rate, chances, predictive
from foretaste.stats.proportion import jeffreys_rate
from foretaste.stats.scoring import binomial_nll, direction, moved, noise_error, ratio_error


def validate(sealed: Sealed, realized: Iterable[Estimate]) -> Scorecard:
    """Hold each forecast of the sealed method against production's counts (method.md 4.2).

    Args:
        sealed: the forecast; the caller has checked its seal.
        realized: estimates of the recorded lane of the later log.
    """
    found = {each.behavior: each for each in realized}
    errors = [
        _score(each, found[each.behavior]) for each in sealed.forecasts if each.behavior in found
    ]
    scored = tuple(each for each in errors if each.method == sealed.method)
    others = tuple(each for each in errors if each.method != sealed.method)
    directions = [each.direction_correct for each in scored if each.moved]
    covered = [each.covered for each in scored if each.covered is not None]
    return Scorecard(
        behaviors=scored,
        median_multiplicative_error=_median(e.multiplicative_error for e in scored),
        directional_accuracy=sum(map(bool, directions)) / len(directions) if directions else None,
        direction_n=len(directions),
        coverage=sum(covered) / len(covered) if covered else None,
        noise_multiplicative_error=_median(e.noise_error for e in scored),
        alternatives=_alternatives(others),
        others=others,
    )


def _alternatives(others: Iterable[ForecastError]) -> dict[str, float]:
    """Median multiplicative error of each other method."""
    by_method: dict[str, list[float]] = {}
    for each in others:
        if each.multiplicative_error is not None:
            by_method.setdefault(each.method, []).append(each.multiplicative_error)
    return {name: median(values) for name, values in by_method.items()}


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _score(forecast: Forecast, realized: Estimate) -> ForecastError:
    k, n = realized.present, realized.graded
    known = realized.rate is not None
    least, most = predictive(Belief(forecast.a, forecast.b), n) if known else (0, 0)
    real = jeffreys_rate(k, n) if known else None
    events = forecast.rate * forecast.graded
    return ForecastError(
        behavior=forecast.behavior,
        method=forecast.method,
        forecast_rate=forecast.rate,
        lower=least / n if known else forecast.lower,
        upper=most / n if known else forecast.upper,
        today=forecast.today,
        realized_rate=realized.rate,
        realized_count=k,
        realized_n=n,
        ungraded=realized.ungraded,
        multiplicative_error=ratio_error(_point(forecast, n), real) if real is not None else None,
        noise_error=noise_error(events, forecast.graded, k, n) if known else None,
        moved=_moved(forecast, real),
        direction_correct=_direction_correct(forecast, real),
        covered=least <= k <= most if known else None,
        nll=binomial_nll(forecast.rate, k, n) if known else None,
    )


def _point(forecast: Forecast, n: int) -> float:
    """The rate that a forecast is scored by: for the default, the one this score asks for."""
    if forecast.method != DEFAULT:
        return forecast.rate
    return float(best_rate(chances(forecast.a, forecast.b, n))[0])


def _today(forecast: Forecast) -> float | None:
    if forecast.today is None:
        return None
    return jeffreys_rate(forecast.today * forecast.today_graded, forecast.today_graded)


def _moved(forecast: Forecast, real: float | None) -> bool | None:
    today = _today(forecast)
    return None if today is None or real is None else moved(today, real)


def _direction_correct(forecast: Forecast, real: float | None) -> bool | None:
    """Whether the sign of the change was right; a tie on either side is wrong."""
    today = _today(forecast)
    if today is None or real is None:
        return None
    really = direction(today, real)
    return really != 0 and really == direction(today, forecast.rate)
