"""How much data it takes.

Rare events are counted, not trialed: what decides is the expected number of sightings, so the
sizes are in events, and turns are events over the rate.
"""

from math import ceil, exp, floor, inf, log, log1p, sqrt

from scipy import special

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import clopper_pearson, normal_quantile
from foretaste.stats.search import crossing


def events_needed(ratio: float, power: float = 0.8, level: float = 0.05) -> float:
    """Events to expect before, for a change by `ratio` to be found with that power.

    (z_{a/2} + z_b)^2 (1 + 1/R) / (ln R)^2 for equally many turns before and after, a two-sided
    test at significance `level` (method.md 11.6, rare-event form). Turns a lane: events over rate.

    Raises:
        ValueError: `ratio` is not above 0, or is 1; `power` or `level` is not between 0 and 1.

    >>> round(events_needed(1.5))
    80
    """
    if not 0 < ratio < inf or ratio == 1:
        raise ValueError(f"a change is by a ratio above 0 other than 1, not {ratio}")
    return _reach(power, level) ** 2 * (1 + 1 / ratio) / log(ratio) ** 2


def minimum_detectable_ratio(
    events_before: float,
    events_after: float | None = None,
    power: float = 0.8,
    level: float = 0.05,
) -> float:
    """The smallest increase, as a ratio above 1, that is found with that power.

    exp((z_{a/2} + z_b) sqrt(1/k1 + 1/k2)), a two-sided test at significance `level` (method.md
    11.6). Without `events_after`, k2 is what the ratio itself makes of `events_before` on as many
    turns, so that this is the inverse of `events_needed`.

    Raises:
        InsufficientData: no events to go by.
        ValueError: `power` or `level` is not between 0 and 1.

    >>> round(minimum_detectable_ratio(100, 100), 2)
    1.49
    """
    if not events_before > 0 or not (events_after is None or events_after > 0):
        raise InsufficientData("a detectable ratio needs expected events in both lanes")
    reach = _reach(power, level) / sqrt(events_before)
    if events_after is not None:
        return exp(reach * sqrt(1 + events_before / events_after))
    # 1 + 1/R lies between 1 and 2.
    return exp(crossing(lambda x: x >= reach * sqrt(1 + exp(-x)), reach, reach * sqrt(2)))


def paired_minimum_difference(
    pairs: float, discordant_share: float, power: float = 0.8, level: float = 0.05
) -> float:
    """The smallest difference of two paired rates that McNemar's test finds with that power.

    The d that solves n d^2 = (z_{a/2} sqrt(s) + z_b sqrt(s - d^2))^2 for n pairs of which a share
    s is discordant (Miettinen 1968; Connor 1987), a two-sided test at significance `level`.

    Raises:
        InsufficientData: no difference is found at this number of pairs, as it would have to be
            larger than the share of discordant pairs.
        ValueError: `discordant_share` is not above 0 and at most 1, or `power` or `level` is not
            between 0 and 1.

    >>> round(paired_minimum_difference(1_000, 0.1), 3)
    0.028
    """
    if not 0 < discordant_share <= 1:
        raise ValueError(f"{discordant_share} is no share of discordant pairs")
    _reach(power, level)
    z_level, z_power = normal_quantile(1 - level), float(special.ndtri(power))
    room = pairs - z_level**2 + z_power**2
    d = inf
    if pairs > 0 and room >= 0:
        sizes = z_level * sqrt(pairs) + z_power * sqrt(room)
        d = sqrt(discordant_share) * sizes / (pairs + z_power**2)
    if not d <= discordant_share:
        raise InsufficientData(
            f"{pairs} pairs, a share of {discordant_share} of them discordant, show no difference"
        )
    return d


def turns_for_floor(rate: float, sightings: int = 1, chance: float = 0.95) -> int:
    """Turns that show a behavior of this rate at least `sightings` times with that chance.

    The inverse of `proportion.detection_floor`, rounded up. About 3.0 / rate for one sighting, 6.3
    for three, 15.7 for ten (method.md 11.6).

    Raises:
        ValueError: `rate` or `chance` is not between 0 and 1, or `sightings` is below 1.

    >>> turns_for_floor(0.01)
    299
    """
    if not (0 < rate < 1 and 0 < chance < 1) or sightings < 1:
        raise ValueError(f"no floor for {sightings} at rate {rate} with chance {chance}")
    return ceil(sightings - 1 + float(special.btdtrib(sightings, chance, rate)))


def releasable_rate(limit: float, turns: int, chance: float = 0.95) -> float:
    """The highest true rate at which a limit is kept with that chance.

    A limit is kept where the upper end of Clopper and Pearson's 95 % interval is within it, which
    is so up to some number of sightings; the rate at which no more come with that chance is a
    quantile of a beta distribution, as in `proportion.detection_floor`. Turns are taken as
    independent.

    Args:
        limit: highest rate, a share of turns between 0 and 1.
        turns: in the sample.
        chance: with which it is to be kept.

    Raises:
        InsufficientData: so few turns keep the limit not even without a sighting.

    >>> round(releasable_rate(0.01, 1_000), 4)
    0.0014
    """
    if not turns > 0 or clopper_pearson(0, turns).upper > limit:
        raise InsufficientData(f"{turns} turns without a sighting may still have {limit:g}")
    above = crossing(lambda k: clopper_pearson(min(floor(k), turns), turns).upper > limit, 0, turns)
    most = min(ceil(above) - 1, turns - 1)
    return float(special.betaincinv(most + 1, turns - most, 1 - chance))


def turns_without_sighting(limit: float) -> int:
    """Turns that keep a limit where none of them shows the behavior: about 3.7 / limit.

    >>> turns_without_sighting(0.01)
    368
    """
    return 1 if limit >= 1 else ceil(log(0.025) / log1p(-limit))


def rate_for_equal(ratio: float, pairs: int, chance: float = 0.95) -> float:
    """The rate from which a model that is no worse keeps a limit on the increase with that chance.

    Two lanes' log ratio has variance 2 (1 - p) / (n p) where they are as independent as their
    sampling lets them be; its 95 % interval is below ln R with that chance where
    ln R >= (z_0.975 + z_chance) times its root. Lanes that agree on prefixes need less.

    Args:
        ratio: the limit, highest rate after over rate before.
        pairs: prefixes answered in both lanes.
        chance: with which it is to be kept.

    Raises:
        InsufficientData: the limit is not above 1, so that no sample is enough, or no pairs.

    >>> round(rate_for_equal(1.5, 1_000), 3)
    0.137
    """
    if not (ratio > 1 and pairs > 0):
        raise InsufficientData(f"no number of pairs keeps an equal model within {ratio:g}")
    reach = normal_quantile(0.95) + float(special.ndtri(chance))
    return 1 / (1 + pairs * log(ratio) ** 2 / (2 * reach**2))


def _reach(power: float, level: float) -> float:
    """Standard errors that a true effect must be away from none."""
    if not 0 < power < 1:
        raise ValueError(f"power lies between 0 and 1, not {power}")
    return normal_quantile(1 - level) + float(special.ndtri(power))
