"""What is foretold, how it is sealed, and how right it was.

Rates are shares of turns between 0 and 1. A value that the data cannot give is None, never zero.
"""

from dataclasses import dataclass, field

Counts = tuple[float, float]
"""Sightings and graded turns at the size that clusters and weights leave; (0, 0): no such lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The counts that a forecast was made of; with what happened they teach the next one."""

    recorded: Counts
    incumbent: Counts
    candidate: Counts
    shared: float  # correlation of the lanes' outcomes on the same prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How strongly each source pulls a forecast; the rest to 1 is what all behaviors share."""

    simulation: float  # the candidate's own replayed rate
    anchor: float  # today's rate, moved as the replay moved
    today: float  # today's rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBudget:
    """Where a forecast's uncertainty comes from: variances of the rate's log odds, which add up."""

    sampling: float  # finite prefixes and answers, with clusters
    judge: float | None  # what the grader gets wrong; None: never measured against people
    fidelity: float  # what the replay itself gets wrong
    traffic: float  # weighting to other traffic than was replayed
    model: float  # what past forecasts missed beside all that

    @property
    def total(self) -> float:
        """The known parts together."""
        return self.sampling + (self.judge or 0.0) + self.fidelity + self.traffic + self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Predicted production rate of one behavior once the candidate is released.

    The belief about the rate is Beta(a, b); the count in n future turns is beta-binomial, so an
    interval for any n follows from the sealed numbers alone (method.md 11.5).
    """

    behavior: str
    method: str  # hierarchical, direct, ratio-anchored or previous-deployment
    a: float
    b: float
    rate: float  # point forecast
    lower: float  # 95 % credible interval of the rate
    upper: float
    turns: int  # future production turns
    turns_lower: int  # 95 % predictive interval of the count among them
    turns_upper: int
    today: float | None  # production's recorded rate
    today_present: int
    today_graded: int
    events: int  # sightings in the candidate lane
    graded: int
    ungraded: int
    missing: int
    floor: float | None
    evidence: Evidence | None = None
    pull: Pull | None = None  # of the hierarchical method
    budget: ErrorBudget | None = None  # of the hierarchical method


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a forecast learned from: scored forecasts of a ledger."""

    forecasts: int = 0
    entries: str = ""  # hash over their entries' hashes; empty where there are none
    lines: int = 0  # of the ledger then: its first so many lines teach the same again


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Forecasts with the hashes of everything behind them."""

    forecasts: tuple[Forecast, ...]
    method: str  # the method that validation scores
    sealed_at: str  # UTC, ISO 8601
    prefixes: str  # hash over the sorted prefix ids
    prefix_count: int
    plan: str  # hash of the filled plan: the run's id
    behaviors: dict[str, str]  # name -> content hash
    graders: dict[str, str]  # behavior -> grader hash
    results: str  # hash over all else that the study holds
    evidence: str  # hash over the answers' keys and the verdicts that the results come from
    code: str  # hash over Foretaste's own source files
    version: str  # Foretaste's version
    seal: str  # hash over all of the above and below
    learned: Learned = Learned()
    environment: str = ""  # hash over the environment that it was made in; empty: not recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastError:
    """One forecast held against what production then showed."""

    behavior: str
    method: str
    forecast_rate: float
    lower: float  # 95 % predictive interval of the realized rate, for realized_n turns
    upper: float
    today: float | None
    realized_rate: float | None
    realized_count: int
    realized_n: int
    ungraded: int
    multiplicative_error: float | None
    noise_error: float | None
    moved: bool | None  # production changed by 1.5x or more
    direction_correct: bool | None  # a tie is wrong; None where today's rate is unknown
    covered: bool | None
    nll: float | None  # negative log-likelihood of the count, nats


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """How many times one rate is another."""

    value: float
    lower: float  # 95 % interval
    upper: float
    error: float  # the same either way, at least 1
    noise: float  # the error that equal rates would give, median


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitError:
    """Where one behavior's error came from; `shift` times `fidelity` is `whole` (method.md 9.1).

    X is the released candidate, Y the incumbent whose conversations were replayed before release.
    """

    behavior: str
    whole: Factor | None  # X on Y's prefixes over X's production
    shift: Factor | None  # X on Y's prefixes over X on X's: users changed
    fidelity: Factor | None  # X on X's prefixes over X's production: the replay erred
    sightings: int  # in all three


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The error of the bare replay, split into its two sources after release."""

    behaviors: tuple[SplitError, ...]
    turns: int  # of the later log that were replayed
    answered: int  # of them
    seen: int  # behaviors with a sighting and all three rates, which the medians are over
    whole: float | None  # median multiplicative errors
    shift: float | None
    fidelity: float | None
    whole_noise: float | None  # medians that equal rates would give
    shift_noise: float | None
    fidelity_noise: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """How right a sealed forecast was."""

    behaviors: tuple[ForecastError, ...]
    median_multiplicative_error: float | None
    directional_accuracy: float | None  # over behaviors whose production rate moved by 1.5x
    direction_n: int
    coverage: float | None
    noise_multiplicative_error: float | None  # median that equal rates would give
    alternatives: dict[str, float] = field(default_factory=dict)  # method -> median error
    others: tuple[ForecastError, ...] = ()  # of the methods that were not sealed to be scored
    pipeline_changed: bool = False  # Foretaste's own code is not the one that sealed
    bridge: dict[str, float | None] | None = None  # today's replay over the sealed one, if known
    split: Split | None = None  # where the error came from; None: the release was not replayed
