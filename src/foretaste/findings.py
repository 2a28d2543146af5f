"""What is concluded: estimates, changes, decisions, accounts, and the study of them all.

Rates are shares of turns between 0 and 1. Every rate comes with its interval, its counts, its
ungraded share and its detection floor. A value that the data cannot give is None, never zero.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from foretaste.forecasts import Counts, Sealed
from foretaste.provenance import Environment
from foretaste.records import JSON, Behavior, Lane, Prefix, Rollout, Verdict
from foretaste.reviews import Reviewed
from foretaste.screenings import ScreenedRate


class Ruling(StrEnum):
    """A gate's three answers."""

    RELEASE = "release"
    HOLD = "hold"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"


class Direction(StrEnum):
    """Which way a rate moved, as far as the evidence goes."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "not enough evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Rate of one behavior in one lane (method.md 11.1, 11.3)."""

    behavior: str
    lane: Lane
    present: int
    graded: int
    ungraded: int  # the grader could not say
    missing: int  # prefixes with no rollout in this lane
    users: int  # clusters among the graded
    effective_n: float  # graded turns, deflated for clusters and unequal weights
    rate: float | None  # weighted by inverse inclusion probability; None where nothing was graded
    lower: float | None  # 95 % Wilson on effective_n: clustered by user
    upper: float | None
    simple_lower: float | None  # 95 % Wilson that takes turns as independent
    simple_upper: float | None
    floor: float | None  # rate at which one sighting was 95 % likely
    least: float | None  # rate over all prefixes, had no ungraded or missing turn shown it
    least_n: float  # its effective n
    most: float | None  # the same, had every ungraded or missing turn shown it
    most_n: float
    outside: int = 0  # prefixes for which the behavior is not defined; in none of the above
    outside_share: float = 0.0  # of all prefixes, weighted

    @property
    def counts(self) -> Counts:
        """Sightings and turns at the size that clusters and weights leave; (0, 0): none graded."""
        if self.rate is None:
            return 0.0, 0.0
        return self.rate * self.effective_n, self.effective_n


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two lanes on the same prefixes: `before` to `after` (method.md 11.4)."""

    behavior: str
    before: Lane
    after: Lane
    pairs: int  # prefixes graded in both lanes
    users: int
    both: int
    only_before: int
    only_after: int
    difference: float | None  # rate after minus rate before, on the pairs
    lower: float | None  # 95 % Tango, deflated for clusters
    upper: float | None
    ratio: float | None  # Jeffreys-smoothed
    multiplicative_error: float | None  # max(ratio, 1/ratio)
    noise_error: float | None  # what equal rates would give at these counts, median
    p_pairs: float | None  # exact McNemar over pairs
    p_value: float | None  # exact sign test over users' net changes
    q_value: float | None  # p_value after Benjamini-Hochberg over behaviors
    direction: Direction


class Reading(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    lower: float
    upper: float | None  # None: no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One thing that the plan allows of one behavior: a rate, or an increase."""

    behavior: str
    per_100k: float | None = None  # highest rate, per 100,000 turns
    increase: float | None = None  # highest ratio of candidate to incumbent
    decide_on: str = "upper"  # "upper" or "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRuling:
    """One limit, and what the evidence says of it."""

    limit: Limit
    ruling: Ruling
    value: float | None  # the number that was held against the limit, in the limit's unit
    reason: str
    graded: Reading | None = None  # what the graded answers show, in the limit's unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Release, hold, or not enough evidence."""

    ruling: Ruling
    rulings: tuple[LimitRuling, ...]


@dataclass(slots=True, kw_only=True)
class Collected:
    """What became of the log's records on the way to the corpus; filled while it is read."""

    read: int = 0
    kept: int = 0
    has_users: bool = False
    since: datetime | None = None
    until: datetime | None = None
    unreadable: dict[str, int] = field(default_factory=dict)  # reason -> records
    dropped: dict[str, int] = field(default_factory=dict)  # reason -> conversations
    replaced: dict[str, int] = field(default_factory=dict)  # kind of identifier -> how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """How many units there were to draw from, and how many prefixes were drawn."""

    population: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAccount:
    """What happened in one lane."""

    lane: Lane
    rollouts: int
    asked_models: dict[str, int]
    answered_models: dict[str, int]
    failures: dict[str, int]  # reason -> prefixes without an answer
    stops: dict[str, int]
    dropped: dict[str, int]  # setting of production that could not be sent -> rollouts
    input_tokens: int
    output_tokens: int
    repeats: int = 0  # answers that equal the recorded one, word for word
    calls: int = 0  # of tools
    layers: dict[str, int] = field(default_factory=dict)  # simulator that answered -> calls
    calling: int = 0  # rollouts that call tools, or whose record does
    diverged: dict[str, int] = field(default_factory=dict)  # how -> rollouts off the record's route
    left_at: float | None = None  # median place of the first call off that route, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What went into a run, and what was lost on the way."""

    sources: tuple[str, ...]
    conversations: int  # read
    unreadable: dict[str, int]  # reason -> records of the log
    dropped: dict[str, int]  # reason -> conversations that curation left out
    kept: int
    replaced: dict[str, int]  # kind of identifier -> how many were replaced
    since: str | None  # ISO 8601
    until: str | None
    unit: str  # what was sampled: turn, conversation or final
    population: int  # units there were to sample
    prefixes: int
    users: int | None  # None: the log has no users, conversations are the clusters
    gaps: dict[str, int]  # what the log lacks -> prefixes it touches
    lanes: tuple[LaneAccount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShare:
    """One stratum's part of the sampled traffic, and of the one that is forecast."""

    stratum: str
    sampled: float
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficShift:
    """How prefixes were weighted to the traffic that is forecast, and how far that carries."""

    source: str  # what the target is known by: `shares by language`, or the newer log's name
    strata: tuple[TargetShare, ...]  # the plan's shares; none for a newer log
    newer: int | None  # turns of newer traffic that it was learned from; None: by shares
    fingerprint: str  # of the newer log's content
    turns: int  # sampled turns that count
    left_out: int  # sampled turns that the target holds nothing of
    drawn_n: float  # turns of equal weight that say as much, as drawn (Kish's n)
    effective_n: float  # the same with these weights
    clipped: float  # share of turns whose weight was cut
    auc: float | None  # newer traffic told from the sample: 0.5 not at all; None: by shares
    auc_by_luck: float | None  # its standard deviation around 0.5 if nothing had moved, at most
    uncovered: float  # share of the target unlike all that was sampled
    merged: tuple[str, ...]  # strata with too few turns to stand alone
    lost: dict[str, int]  # reason -> conversations of the newer log that were not used
    warnings: tuple[str, ...]  # in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """Attempts to steer a judge, found in one part of what it was shown."""

    where: str  # `conversation`: what came before the answers; or a lane
    looked: int  # conversations or answers
    found: int  # those with an attempt
    kinds: dict[str, int]  # kind of attempt -> conversations or answers
    examples: tuple[str, ...]  # places, the first few


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How answers were graded, and what came in the way."""

    judges: tuple[str, ...]  # models that grade what no rule decides; empty: none did
    panel: int  # behaviors that a judge is asked about in one call, at most
    reasoning: dict[str, bool]  # judged behavior -> whether its judge saw the reasoning
    ungraded: dict[str, int]  # reason -> verdicts that could not be reached
    steering: tuple[Steering, ...]  # empty where no model graded


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One prefix on which a behavior was seen, with every lane's answer and verdict."""

    behavior: str
    prefix: Prefix
    rollouts: dict[Lane, Rollout]
    verdicts: dict[Lane, Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All that a finished run concludes; what the report draws."""

    run: str  # the plan's hash
    plan: dict[str, JSON]  # filled
    account: Account
    behaviors: tuple[Behavior, ...]
    skipped: dict[str, str]  # behavior -> why it was not graded
    estimates: tuple[Estimate, ...]
    fidelity: tuple[Change, ...]  # recorded to incumbent: what the replay itself gets wrong
    changes: tuple[Change, ...]  # incumbent to candidate
    sealed: Sealed
    decision: Decision | None  # None: the plan sets no limits
    traffic: TrafficShift | None = None  # None: forecast for traffic like that of the log
    environment: Environment | None = None  # what it ran on
    reviewed: tuple[Reviewed, ...] = ()  # what people said of the judges, up to the sealing
    grading: Grading | None = None  # None: of a version that did not say
    screened: tuple[ScreenedRate, ...] = ()  # behaviors that a screen and a judge graded together


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A sealed run's own prefixes, gone through again by today's pipeline and compared.

    In each change `before` and `after` are the same lane: sealed, and today's.
    """

    seal: str  # of the run
    at: str  # UTC, ISO 8601
    pipeline: str  # hash of today's code, graders and model plug-ins
    code: str  # hash over Foretaste's own source files, today
    version: str
    sealed_code: str
    sealed_version: str
    regraded: bool  # only graded again: the answers are the sealed run's
    changes: tuple[Change, ...]
    regraders: tuple[str, ...]  # behaviors whose grader is not the sealed one
    absent: tuple[str, ...]  # behaviors that today's pipeline does not grade
