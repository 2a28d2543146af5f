"""Old answer beside new answer: what `foretaste diff` finds on a few real turns, without a judge.

A `Comparison` holds `SideBySide`s, the most different first; each has the flags that tell in plain
words what is different. Numbers here describe these turns. They forecast nothing.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from foretaste.records import Failure, Prefix, Rollout


class FlagKind(StrEnum):
    """What a flag is about."""

    NAME = "name"  # of a person, firm, product or place, in neither prompt nor record
    NUMBER = "number"  # or id, in neither prompt nor record
    LINK = "link"  # in neither prompt nor record
    DROPPED = "dropped"  # a sentence that the old answers carry, and the new one does not
    TOOL = "tool"  # called by one of the two only
    REFUSAL = "refusal"
    LANGUAGE = "language"
    LENGTH = "length"
    FORMAT = "format"  # lists, headings, tables, code
    TONE = "tone"  # greeting, apology, hedging, exclamation, emoji


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One difference of a new answer, told so that nobody needs to know how it was found."""

    kind: FlagKind
    says: str  # a plain sentence about the new answer; what it quotes from a model is data
    quote: str = ""  # verbatim from the answer that has it: the new one, or the old one if dropped
    weight: float = 0.0  # how much it tells: flags are shown by it, the largest first
    noise: bool | None = None  # the old model's own replay does the same; None: not replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """One real turn: what was said then, and what is said now."""

    prefix: Prefix
    recorded: Rollout
    again: Rollout | None  # the old model, replayed; None: not asked, or it failed
    new: Rollout | None  # None: it failed, and `failures` of the comparison say why
    flags: tuple[Flag, ...] = ()  # the one that tells most first
    distance: float | None = None  # of the new answer from the recorded one, 0 (same) to 1
    own: float | None = None  # of the old model's replay from the recorded one: its noise
    source: str = ""  # file name and line in the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Whether new differs from the record by more than old differs from itself."""

    pairs: int  # turns that both models answered
    new: float  # mean distance of the new answers from the record
    own: float  # mean distance of the old model's replays from the record
    lower: float  # 95 % interval of `new` minus `own`, over the same turns
    upper: float
    p: float  # paired, two-sided, by users where there are several
    larger: bool | None  # None: not enough evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """A flag that several pairs share, said once."""

    kind: FlagKind
    says: str
    count: int  # turns of the new model with it
    own: int | None  # turns of the old model's replay with it; None: not replayed
    of: int  # turns that could have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What `foretaste diff` found."""

    log: str  # as its reader knows it
    old: str  # model in the log, or the baseline's name
    new: str
    pairs: tuple[SideBySide, ...]  # the most different first
    common: tuple[Common, ...] = ()
    noise: Noise | None = None  # None: the old model was not replayed
    failures: tuple[Failure, ...] = ()
    path: str = ""  # folder of the run
    notes: tuple[str, ...] = field(default=())  # what the log lacks, and what was left out
