"""Verify: how often a proposed behavior shows on pairs that it was not proposed from."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median_low
from typing import NamedTuple

import numpy as np

from foretaste.discoveries import Novel, Pair, Sighting
from foretaste.records import Outcome, Rollout, Verdict
from foretaste.stats.clusters import clustered_difference, clustered_rate
from foretaste.stats.multiplicity import benjamini_hochberg
from foretaste.stats.oversampling import REST, oversample
from foretaste.stats.paired import sign_test_by_cluster, tango
from foretaste.stats.proportion import Interval, wilson

SIGHTINGS = 5
"""Places that a finding shows."""

LONGEST = 300
"""Characters of a turn that a sighting shows beside its evidence."""

_RARE = 0.1  # share of pairs that a quoted word may stand in and still lead anywhere
_WORD = re.compile(r"[^\W_]{2,40}")
_MARKED = 1


class Fresh(NamedTuple):
    """A pair on which a proposal is checked."""

    pair: Pair
    chance: float  # with which it was drawn from all pairs that no auditor was shown


class Checked(NamedTuple):
    """What a judge said of both turns of a fresh pair; None where none could be got to say."""

    fresh: Fresh
    before: Verdict | None
    after: Verdict | None

    @property
    def both(self) -> bool:
        """Whether both turns were judged for good."""
        return all(
            each is not None and each.outcome in (Outcome.PRESENT, Outcome.ABSENT)
            for each in (self.before, self.after)
        )


class Words:
    """The words of pairs' turns: read once, asked for each proposal."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Read both turns of every pair."""
        self.pairs = pairs
        self._words = [_words(each.before) | _words(each.after) for each in pairs]
        self._held = Counter(word for each in self._words for word in each)

    def fresh(self, quotes: Iterable[str], *, size: int, seed: int) -> list[Fresh]:
        """Draw pairs to check a proposal on: half of them where its quotes' words show.

        Those are words that at most a tenth of the pairs hold. A pair counts whichever of its two
        turns holds them, so that the draw favors no lane.

        Args:
            quotes: what the proposal rests on.
            size: pairs to draw; all where there are no more.
            seed: draws.
        """
        most = max(1, int(_RARE * len(self.pairs)))
        told = {word for quote in quotes for word in _WORD.findall(quote.lower())}
        told = {word for word in told if 0 < self._held[word] <= most}
        stratum = [REST if told.isdisjoint(own) else _MARKED for own in self._words]
        draw = oversample(stratum, size, rng=np.random.default_rng(seed))
        return [
            Fresh(self.pairs[place], chance)
            for place, chance in zip(draw.place.tolist(), draw.chance.tolist(), strict=True)
        ]


def _words(rollout: Rollout) -> set[str]:
    """What the assistant said or called; what tools answered is not its own."""
    own = [message for message in rollout.messages if message.role == "assistant"]
    said = [message.content for message in own]
    said += [text for m in own for call in m.tool_calls for text in (call.name, call.arguments)]
    return {word for text in said for word in _WORD.findall(text.lower())}


def verified(about: Novel, checked: Sequence[Checked]) -> Novel:
    """A proposal with what was found on fresh pairs.

    Rates and their difference are weighted by inverse inclusion probability, of the prefix in the
    run and of the pair among the fresh ones, and clustered by user (`stats.clusters`). The sign
    test is unweighted: under no difference each user is as likely to get worse as better, however
    the pair was drawn. Where no pair was judged in both lanes, all of them are None.

    Intervals are cautious: Kish's n takes what the draw gains by looking where the behavior is for
    nothing. Of 200 pairs among 2,000 they held the rate in 99 to 100 % of 1,200 samples, with a
    width of 0.10 at a rate of 0.08 to 0.1.

    Args:
        about: name, description, draft and `proposed` of the proposal.
        checked: what judges said.
    """
    graded = [each for each in checked if each.both]
    seen = [v for each in checked for v in each[1:] if v and v.outcome is Outcome.PRESENT]
    severe = [verdict.severity for verdict in seen if verdict.severity is not None]
    found = replace(
        about,
        checked=len(graded),
        ungraded=len(checked) - len(graded),
        users=len({each.fresh.pair.prefix.user for each in graded}),
        severity=median_low(severe) if severe else None,
        sightings=tuple(_sightings(graded)),
    )
    return _rated(found, graded) if graded else found


def _rated(found: Novel, graded: Sequence[Checked]) -> Novel:
    one = np.array([_shows(each.before) for each in graded])
    two = np.array([_shows(each.after) for each in graded])
    codes: dict[str, int] = {}
    cluster = [codes.setdefault(each.fresh.pair.prefix.user, len(codes)) for each in graded]
    weight = [1 / (each.fresh.chance * each.fresh.pair.prefix.probability) for each in graded]
    rates = [clustered_rate(hit, cluster, weight) for hit in (one, two)]
    limits = [wilson(each.rate * each.effective_n, each.effective_n) for each in rates]
    change = clustered_difference(one, two, cluster, weight)
    apart: Interval = tango(change.only_before, change.only_after, change.effective_n)
    return replace(
        found,
        before=rates[0].rate,
        before_lower=limits[0].lower,
        before_upper=limits[0].upper,
        after=rates[1].rate,
        after_lower=limits[1].lower,
        after_upper=limits[1].upper,
        difference=change.difference,
        lower=apart.lower,
        upper=apart.upper,
        p_value=sign_test_by_cluster(one, two, cluster),
    )


def _shows(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome is Outcome.PRESENT


def _sightings(graded: Iterable[Checked]) -> list[Sighting]:
    """The worst first, then those of the second lane, one a user."""
    found: dict[str, tuple[tuple[int, bool], Sighting]] = {}
    for fresh, before, after in graded:
        if _shows(before) == _shows(after):
            continue
        pair = fresh.pair
        verdict = after if _shows(after) else before
        turns = (pair.after, pair.before) if _shows(after) else (pair.before, pair.after)
        if verdict is None:
            continue
        rank = (-(verdict.severity or 0), not _shows(after))
        own = Sighting(
            prefix=pair.prefix.id,
            lane=turns[0].lane,
            quote=verdict.evidence[:LONGEST],
            other=turns[1].text[:LONGEST],
        )
        known = found.get(pair.prefix.user)
        if known is None or rank < known[0]:
            found[pair.prefix.user] = rank, own
    ranked = sorted(found.values(), key=lambda each: each[0])
    return [own for _, own in ranked[:SIGHTINGS]]


def corrected(found: Sequence[Novel]) -> tuple[Novel, ...]:
    """Findings with their q-values, the clearest first; those that could not be tested last."""
    q_values = benjamini_hochberg([each.p_value for each in found])
    told = [replace(each, q_value=q) for each, q in zip(found, q_values, strict=True)]
    return tuple(sorted(told, key=lambda each: (each.p_value is None, each.p_value, each.name)))


def unchecked(name: str, description: str, *, draft: str, proposed: int) -> Novel:
    """A proposal of which nothing is known yet."""
    return Novel(
        name=name,
        description=description,
        draft=draft,
        proposed=proposed,
        severity=None,
        checked=0,
        users=0,
        ungraded=0,
        before=None,
        before_lower=None,
        before_upper=None,
        after=None,
        after_lower=None,
        after_upper=None,
        difference=None,
        lower=None,
        upper=None,
        p_value=None,
        q_value=None,
    )
