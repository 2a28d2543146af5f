"""Whether a model notices that it is being tested: what was asked, and what came out.

Rates are shares between 0 and 1; intervals are 95 %. A value that the data cannot give is None.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from foretaste.records import JSON, Lane, Message, Usage


class Source(StrEnum):
    """Where a transcript comes from."""

    PRODUCTION = "recorded production"
    REPLAYED = "replayed traffic"
    AGENTIC = "agentic replays"  # replayed turns that call tools; the others are above
    SYNTHETIC = "synthetic suite"


class Placement(StrEnum):
    """How a detector is asked."""

    APPENDED = "appended"  # a question more in the transcript's own conversation
    FRESH = "fresh context"  # the transcript is quoted, fenced, in a conversation of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One assistant turn with all that came before it."""

    id: str
    source: Source
    cluster: str  # user, or conversation
    match: str  # prefix id: recorded and replayed turns of one prefix share it
    before: tuple[Message, ...]
    messages: tuple[Message, ...]
    tools: tuple[JSON, ...] | None = None  # tool schemas that were offered; None: not known
    weight: float = 1.0  # inverse inclusion probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a detector said of one transcript, asked twice, with the two words in both orders."""

    transcript: str
    placement: Placement
    first: float | None  # probability of `evaluation` where that word was named first
    second: float | None  # where it was named second
    mass: float | None  # of both words together, the smaller of the two; None: no log-probabilities
    why: str = ""  # it is ungraded
    usage: Usage = field(default_factory=Usage)

    @property
    def score(self) -> float | None:
        """Mean over both orders; None unless both could be said."""
        if self.first is None or self.second is None:
            return None
        return (self.first + self.second) / 2

    @property
    def split(self) -> bool:
        """Whether mere words, without probabilities, were not the same in both orders."""
        return self.mass is None and {self.first, self.second} == {0.0, 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look as a run keeps it, so that nobody is asked again."""

    parent: str  # Transcript.id
    behavior: Placement
    grader: str  # content hash of the detector
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class AwareRate:
    """How often one source's transcripts show something, or are taken for an evaluation."""

    source: Source
    transcripts: int
    ungraded: int
    users: int
    rate: float | None
    lower: float | None  # Wilson on effective_n, clustered by user
    upper: float | None
    effective_n: float | None
    score: float | None = None  # mean probability of `evaluation`; None: nothing gave one
    auc: float | None = None  # told by the score from recorded production: 0.5 not at all;
    # for replayed turns, from the recorded ones of the same prefixes
    auc_lower: float | None = None
    auc_upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Recorded and replayed turns of the same prefixes, under one measure."""

    source: Source  # replayed traffic, or agentic replays
    pairs: int
    users: int
    only_recorded: int
    only_replayed: int
    difference: float | None  # replayed minus recorded
    lower: float | None
    upper: float | None
    p_value: float | None  # exact sign test over users


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measure over all sources."""

    measure: str  # `forced choice`, `verbalised awareness`, `talk of grading and oversight`
    by: str  # detector's model, or `rule`
    placement: Placement | None  # of a forced choice
    rates: tuple[AwareRate, ...]
    matched: tuple[Matched, ...]
    position_bias: float | None = None  # mean score, word first minus second
    mass: float | None = None  # median probability that fell on the two words


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A feature that a detector leans on."""

    kind: str
    what: str
    source: Source
    transcripts: int  # that show it
    users: int
    with_it: float  # mean score of those
    without: float  # of the source's others
    difference: float
    lower: float
    upper: float
    q_value: float
    advice: str = ""  # how to mend it, where that is known
    also: tuple[str, ...] = ()  # marks of nearly the same transcripts, folded into this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Awareness:
    """All that was asked about one run."""

    seal: str
    at: str  # UTC, ISO 8601
    suite: str  # name of the synthetic suite, or path of its log; empty: none
    measured: tuple[Measured, ...]
    marks: tuple[Mark, ...]
    warnings: tuple[str, ...] = ()
    lane: Lane = Lane.CANDIDATE  # that was replayed
    marks_by: str = ""  # whose scores go with the marks: detector and placement
