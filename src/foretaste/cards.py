"""The section of a model card that a run gives: what was forecast, of what, and how far it carries.

Rates and shares are between 0 and 1; `lower` and `upper` are 95 % limits. What is unknown is None,
and `not_measured` says why. No text of a conversation is in it, and no path of anybody's machine.
"""

from dataclasses import dataclass
from typing import Literal

FORM: Literal["foretaste-card/1"] = "foretaste-card/1"
"""What a card calls its own form; a change that breaks readers gets another number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a card was made of beside the seal, so that it can be made again."""

    ledger_lines: int  # of the ledger then: past forecasts are those of its first so many lines
    ledger: str  # hash of the last of them; empty where there are none
    found: tuple[str, ...]  # hashes of the scorings and findings of the run itself, sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """The sealed forecast that a card speaks of."""

    seal: str
    sealed_at: str  # UTC, ISO 8601
    plan: str  # hash of the filled plan: the run's id
    method: str
    version: str  # of Foretaste
    code: str  # hash over Foretaste's own source files
    prefixes: str  # hash over the ids of the prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """The conversations that were replayed, and where they are from."""

    log: str | None  # kind of log; None: its reader was found by content
    since: str | None  # ISO 8601
    until: str | None
    conversations: int  # read
    kept: int
    left_out: int  # duplicates, no consent, out of the window
    unreadable: int  # records of the log
    scrubbed: dict[str, int]  # kind of identifier -> how many got a stand-in
    unit: str  # what was sampled: turn, conversation or final
    population: int  # units there were to sample
    prefixes: int
    users: int | None  # None: the log has no users, conversations are the clusters
    gaps: dict[str, int]  # what the log lacks -> prefixes that it touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A model, and what it did with the prefixes."""

    lane: str  # recorded, incumbent or candidate
    model: str  # as the plan names it, or as it answered
    answered_as: tuple[str, ...]
    settings: tuple[str, ...]  # what the plan changes of production's conditions
    answers: int
    missing: int  # prefixes without an answer
    repeats: int  # answers that are the recorded one, word for word


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What is forecast of one behavior."""

    rate: float
    lower: float
    upper: float
    turns: int  # of future production
    turns_lower: int  # count among them
    turns_upper: int
    events: int  # sightings in the candidate's answers
    graded: int
    ungraded: int
    missing: int
    floor: float | None  # rate at which one sighting was 95 % likely
    today: float | None  # production's recorded rate
    today_events: int
    today_graded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One behavior in two lanes on the same prefixes."""

    pairs: int
    users: int
    before: float | None
    after: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    ratio: float | None
    multiplicative_error: float | None
    noise_error: float | None  # median that equal rates would give
    q_value: float | None
    direction: str  # up, down or not enough evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBehavior:
    """One behavior that was graded."""

    name: str
    description: str
    definition: str  # hash of its file
    grader: str  # hash of what graded it
    graded_by: str  # rule, judge, screen and judge
    forecast: Foreseen | None  # None: nothing of it could be graded
    change: Moved | None  # incumbent to candidate; None: no incumbent was replayed
    fidelity: Moved | None  # recorded to incumbent


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """How right forecasts were; errors are multiplicative, over the behaviors that were seen."""

    log: str  # that one forecast was scored on; empty for all of a ledger
    forecasts: int
    behaviors: int  # seen in a lane or after release
    median: float | None
    noise: float | None  # median that chance alone would give
    all_behaviors: int
    median_of_all: float | None  # those that nothing showed too
    directions: int  # right
    moved: int  # of so many that moved by 1.5x
    held: int  # intervals
    intervals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NovelFinding:
    """A behavior that nobody listed, as a model proposed it, checked on fresh pairs."""

    name: str
    description: str
    severity: int | None  # 0 to 4
    checked: int  # fresh pairs
    ungraded: int
    before: float | None
    before_lower: float | None
    before_upper: float | None
    after: float | None
    after_lower: float | None
    after_upper: float | None
    q_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """How two lanes were compared without a list of behaviors, and what came out."""

    at: str
    before: str
    after: str
    pairs: int
    users: int
    differences: int  # at a false discovery rate of 5 %
    tested: int
    judge: str | None  # who proposed behaviors; None: nobody was asked
    novel: tuple[NovelFinding, ...]
    says: str  # what remains possible, in a sentence; empty where nobody was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """One measure of evaluation awareness on one source of transcripts."""

    lane: str  # that was replayed
    measure: str
    by: str
    source: str
    transcripts: int
    ungraded: int
    rate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What one measure of evaluation awareness says."""

    at: str
    says: str
    sources: tuple[Noticing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Realistic:
    """Share of pairs in which a simulated turn was taken for the real one."""

    at: str
    lane: str
    discriminator: str
    pairs: int
    ungraded: int
    rate: float | None  # 0.5: nobody can tell them apart
    lower: float | None
    upper: float | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A judge's rate of one behavior in one lane, once people have looked."""

    behavior: str
    lane: str
    labelled: int
    drawn: int
    judged_rate: float | None
    rate: float | None  # None: `why`
    lower: float | None
    upper: float | None
    sensitivity: float | None
    specificity: float | None
    why: str  # there is no corrected rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """Something that a reader may look for in the card, and why it is not there."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The deployment-simulation section of a model card."""

    form: Literal["foretaste-card/1"]
    sealed: Sealing
    basis: Basis
    prefixes: Prefixes
    models: tuple[Answering, ...]
    judges: tuple[str, ...]
    traffic: str  # what the forecast is weighted to; empty: traffic like the log's
    fidelity: str  # what the replay itself gets wrong, in a sentence
    fidelity_error: float | None  # median multiplicative error over behaviors
    fidelity_noise: float | None  # what chance alone would give
    behaviors: tuple[CardBehavior, ...]
    past: Errors | None  # of earlier forecasts of the ledger; None: none was scored
    scored: tuple[Errors, ...]  # of this forecast, a log each
    searched: tuple[Searched, ...]
    awareness: tuple[Noticed, ...]
    realism: tuple[Realistic, ...]
    corrected: tuple[Corrected, ...]
    not_measured: tuple[Unmeasured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One place at which a card is not what its run gives."""

    place: str
    card: str  # what stands in the card; empty: nothing
    run: str  # what the run gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whether a card says what its run was sealed with."""

    file: str
    seal: str  # of the run
    whole: bool
    checked: tuple[str, ...]  # what was checked: which lines, or which part of the file
    discrepancies: tuple[Discrepancy, ...]
    notes: tuple[str, ...] = ()  # what was not checked, and what the run holds since
