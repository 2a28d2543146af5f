"""What tools find, in the shape in which agents get it: short, with the counts behind each rate."""

from dataclasses import dataclass

from foretaste.findings import Change, Decision
from foretaste.pairs import Common, FlagKind, Noise
from foretaste.records import Lane
from foretaste.stages.scan import LogSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A log's format, and what it holds."""

    format: str
    log: LogSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class RunThere:
    """One run."""

    run: str  # its folder
    finished: bool
    sealed_at: str | None
    decision: str | None  # None: not finished, or its plan sets no limit
    behaviors: int | None
    trouble: str = ""  # why it cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsThere:
    """The runs that were found."""

    runs: tuple[RunThere, ...]
    more: int  # runs left out, as there are too many


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastTold:
    """One behavior's forecast, with the counts that it rests on."""

    behavior: str
    method: str
    rate: float
    lower: float  # 95 %
    upper: float
    turns: int
    turns_lower: int
    turns_upper: int
    today: float | None
    events: int
    graded: int
    ungraded: int
    missing: int
    floor: float | None  # rate at which one sighting was 95 % likely
    warning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceTold:
    """One thing in which two lanes differ that nobody listed."""

    kind: str
    what: str
    before: float
    after: float
    difference: float
    lower: float
    upper: float
    q_value: float
    pairs: int
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NovelTold:
    """One behavior that an auditor proposed, checked on fresh pairs."""

    name: str
    description: str
    severity: int | None
    before: float | None
    after: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    q_value: float | None
    checked: int
    ungraded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryTold:
    """What `foretaste discover` found between two lanes."""

    before: Lane
    after: Lane
    differences: tuple[DifferenceTold, ...]
    novel: tuple[NovelTold, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a finished run found."""

    run: str
    report: str  # a page for people
    decision: Decision | None  # None: the plan sets no limit
    forecasts: tuple[ForecastTold, ...]  # by the method that is scored
    changes: tuple[Change, ...]  # incumbent to candidate
    fidelity: tuple[Change, ...]  # recorded to incumbent: what the replay gets wrong
    discoveries: tuple[DiscoveryTold, ...]
    skipped: dict[str, str]  # behavior -> why it was not graded
    failures: dict[Lane, dict[str, int]]  # lane -> reason -> prefixes without an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTold:
    """What one lane said, and what was found in it."""

    outcome: str | None  # None: not graded, or no answer
    reason: str
    evidence: str
    model: str | None
    stop: str | None
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleTold:
    """One scrubbed prefix with every lane's turn."""

    prefix: str
    turn: int
    before: tuple[str, ...]  # the last messages of the prefix
    lanes: dict[Lane, LaneTold]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplesTold:
    """A page of examples; those on which incumbent and candidate differ come first."""

    behavior: str
    total: int  # that can be paged through, 400 at most
    page: int
    pages: int
    examples: tuple[ExampleTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTold:
    """One turn, as it was and as the model writes it; both scrubbed."""

    before: tuple[str, ...]  # the last messages that the model saw
    recorded: tuple[str, ...] | None  # None: the history ended before such a turn
    new: tuple[str, ...]
    model: str | None
    stop: str  # why the new turn ended
    gaps: tuple[str, ...]  # what the history did not hold
    replaced: dict[str, int]  # kind of identifier -> how many got stand-ins


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagTold:
    """One difference."""

    kind: FlagKind
    says: str
    quote: str
    noise: bool | None  # the old model's own replay does the same; null: not replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTold:
    """One real turn, then and now."""

    source: str
    flags: tuple[FlagTold, ...]
    distance: float | None  # of the new answer from the recorded one, 0 to 1
    own: float | None  # of the old model's replay from the recorded one
    asked: tuple[str, ...]
    recorded: tuple[str, ...]
    again: tuple[str, ...] | None
    new: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffTold:
    """What is different on a log's last turns, the most different first."""

    old: str
    new: str
    pairs: tuple[PairTold, ...]
    common: tuple[Common, ...]
    noise: Noise | None  # null: the old model was not replayed
    failures: int
    path: str
    notes: tuple[str, ...]
