"""What nobody listed: how two lanes differ, where, what that is, and what would have been missed.

Rates are shares between 0 and 1; intervals are 95 %. A value that the data cannot give is None.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from foretaste.records import Lane, Prefix, Rollout, Usage


class Pair(NamedTuple):
    """One prefix, answered in two lanes."""

    prefix: Prefix
    before: Rollout
    after: Rollout


class Seen(NamedTuple):
    """Something that a turn shows or not."""

    kind: str  # `word`, `phrase`, `tool`, ...: see `features.py`
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One place at which a difference shows."""

    prefix: str  # Prefix.id
    lane: Lane  # in whose turn it is seen, and in the other's not
    quote: str  # from that turn, shortened
    other: str  # from the other lane's turn, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A feature that one lane shows more often than the other, on the same prefixes."""

    kind: str
    what: str
    pairs: int  # prefixes answered in both lanes
    users: int
    both: int
    only_before: int
    only_after: int
    moved: int  # users whose net change is not zero
    before: float  # rate in the first lane, weighted by inverse inclusion probability
    after: float
    difference: float  # after minus before
    lower: float  # Tango, deflated for clusters
    upper: float
    log_odds: float  # with an informative prior (Monroe, Colaresi and Quinn 2008), in its own SDs
    p_value: float  # exact sign test over users' net changes
    q_value: float  # Benjamini-Hochberg over all features tested; those folded into it count once
    also: tuple[Seen, ...] = ()  # features of nearly the same pairs, folded into this one
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What the first pass looked at, and what it found."""

    before: Lane
    after: Lane
    pairs: int
    users: int
    missing: int  # prefixes without an answer in one of the two lanes
    features: int  # in which any pair differs: an estimate, as there are millions
    tested: int  # in which enough users' pairs differ to be tested
    least: int  # users with a pair that differs in it, that a feature needs to be tested
    differences: tuple[Difference, ...]  # that pass FDR, the clearest first
    passing: int = 0  # features that pass FDR, before like ones were folded into one


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of the traffic, and how far the lanes can be told apart in it."""

    name: str  # its words, those that set it apart
    pairs: int
    users: int  # at least the smallest count that is shown
    told: float | None  # share of pairs whose turns were told apart; 0.5: nobody can
    lower: float | None
    upper: float | None
    p_value: float | None  # that they are told no better than elsewhere
    q_value: float | None
    differences: tuple[Difference, ...] = ()  # that show here and are not the same elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """What the second pass looked at."""

    looked: int  # regions with enough users
    small: int  # regions with too few, not shown
    small_pairs: int
    least_users: int
    elsewhere: float | None  # share of all pairs that were told apart
    regions: tuple[Region, ...]  # all that were looked at, the most different first


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A pair of turns as an auditor is shown it: as A and B, without saying which lane is which."""

    pair: Pair
    swapped: bool  # the second lane's turn is A
    chance: float  # with which the pair was drawn from all that differ

    @property
    def id(self) -> str:
        """The prefix's id: what a failure is named by."""
        return self.pair.prefix.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A behavior that an auditor says it saw. Names and words are a model's: data, not markup."""

    name: str  # a slug, made of what the model called it
    description: str
    lanes: tuple[Lane, ...]  # in whose turns it was seen; the quote is from the first
    quote: str  # stands to the letter in that turn
    other: str  # end of the other lane's turn where it was not seen there; else empty
    severity: int  # 0 to 4, as proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What an auditor made of one pair. Kept in the run, so that nobody pays for it twice."""

    parent: str  # Prefix.id
    grader: str  # content hash of the auditor: instructions, options, model
    proposals: tuple[Proposal, ...] = ()
    unproven: int = 0  # proposals left out, as their quote is not in the turn or a part is wrong
    unread: str = ""  # why the reply could not be read; empty where it could
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Novel:
    """A behavior that a model proposed from pairs that differ, checked on fresh pairs."""

    name: str
    description: str
    draft: str  # its definition, a path in the run's folder; empty: ships with Foretaste
    proposed: int  # pairs from which it was proposed
    severity: int | None  # 0 to 4, median of what was seen on fresh pairs
    checked: int  # fresh pairs that were graded in both lanes
    users: int
    ungraded: int  # fresh pairs that were not, in one lane or both
    before: float | None  # rate, from pairs drawn with known probability
    before_lower: float | None
    before_upper: float | None
    after: float | None
    after_lower: float | None
    after_upper: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    p_value: float | None
    q_value: float | None
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What the third pass did, and what it cannot exclude."""

    judge: str
    shown: int  # pairs that a model was shown for proposals
    unread: int  # of these, whose reply could not be read
    proposals: int
    novel: tuple[Novel, ...]
    bound: float | None  # rate that no novel behavior exceeds (method.md 6.3); None: too little
    unseen: float | None  # share of what happens that is of kinds never seen (Good-Turing)
    unseen_upper: float | None
    unproven: int = 0  # proposals left out: no such words in the turn, or a part was wrong
    kinds: int = 0  # that the proposals come to, those of the plan included
    known: tuple[str, ...] = ()  # behaviors of the plan that were proposed again
    left: int = 0  # kinds that were not checked, as only the foremost are
    unasked: int = 0  # fresh verdicts that no judge could be got to give
    bound_n: float | None = None  # independent pairs that the bound rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How often a planted behavior was found."""

    planted: str  # what was planted
    per_1000: float  # turns of the second lane that were given it
    trials: int
    found: int  # trials in which a finding names it, with the right sign
    first: int  # trials in which that was among the first three
    pairs: int = 0  # of a trial, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablated:
    """A known behavior, and whether the audit finds it without being told of it."""

    behavior: str
    pairs: int  # on which the lanes differ in it
    found: bool | None  # None: the lanes do not differ enough to find anything
    by: tuple[str, ...]  # findings on whose pairs it is seen far more often than elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A feature that production's turns before a reaction show more often than others do."""

    kind: str
    what: str
    users: int  # whose turns before the reaction show it
    shown: int  # turns before the reaction that show it
    of: int
    elsewhere: int  # turns before anything else that do
    of_others: int
    rate: float  # weighted by inverse inclusion probability
    rate_elsewhere: float
    ratio: float | None  # None: never seen elsewhere
    lower: float  # of the ratio, on counts deflated for clusters
    upper: float | None
    p_value: float  # that it is no more frequent there
    q_value: float  # Benjamini-Hochberg over the features that were tested for this reaction
    also: tuple[Seen, ...] = ()  # features of nearly the same turns, folded into this one
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How people went on after production's turns, in the log."""

    kind: str  # see `reactions.py`
    turns: int
    of: int  # turns after which the log has something
    users: int  # who reacted so
    rate: float
    lower: float
    upper: float
    tested: int = 0  # features that enough of these users' turns show
    signs: tuple[Sign, ...] = ()  # those that pass FDR, the clearest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """All that one audit of a run's lanes found."""

    seal: str  # of the run's forecast
    at: str  # UTC, ISO 8601
    features: Passed
    regions: Regions | None = None  # None: not looked for
    audited: Audited | None = None
    detected: tuple[Detected, ...] = ()
    ablated: tuple[Ablated, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    warnings: tuple[str, ...] = ()
