"""Unseen: what an audit of so many pairs cannot exclude."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foretaste.discoveries import Showing
from foretaste.errors import InsufficientData
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.novelty import novelty_bound, unseen_share


class Limits(NamedTuple):
    """What is left open; None where there is too little to say it."""

    bound: float | None  # rate that no novel behavior exceeds
    bound_n: float | None  # independent pairs that it rests on
    unseen: float | None  # share of what happens that is of kinds never seen
    unseen_upper: float | None


def limits(read: Sequence[Showing], kinds: Sequence[int]) -> Limits:
    """The novelty bound (method.md 6.3), and Good and Turing's share of unseen kinds.

    The bound takes a kind as noticed once ten independent pairs with it were read, ten kinds to
    exist at most, the auditor to see what it is shown, and traffic to stay as it is. Pairs are
    deflated to independent ones at worst: all pairs of a user alike, and unequal chances paid for
    (`stats.clusters`). Only pairs that differ were drawn, so the rate is one among those; among
    all turns it is lower.

    Args:
        read: pairs of which the auditor's reply could be read.
        kinds: users with whom each kind was seen.
    """
    n = bound = unseen = upper = None
    if read:
        codes: dict[str, int] = {}
        cluster = [codes.setdefault(each.pair.prefix.user, len(codes)) for each in read]
        weight = [1 / (each.chance * each.pair.prefix.probability) for each in read]
        n = clustered_rate(np.zeros(len(read), dtype=np.int8), cluster, weight).effective_n
        try:
            bound = novelty_bound(n)
        except InsufficientData:
            bound = None
    if kinds:
        share = unseen_share(kinds)
        unseen, upper = share.share, share.upper
    return Limits(bound, n, unseen, upper)
