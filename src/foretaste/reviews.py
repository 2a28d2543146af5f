"""People's labels: what is drawn for them, what they said, and what that makes of a judge's rate.

A draw and a label are records of the run's store, appended and never changed: of an annotator's
labels on one turn the last one counts.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from foretaste.errors import InsufficientData
from foretaste.records import Label, Lane, identity
from foretaste.stats.agreement import MISSING, Agreement, cohen_kappa, krippendorff_alpha
from foretaste.stats.proportion import Interval

LEAST = 20
"""Labels that a corrected rate asks for: below it an interval would say nothing but that."""

AGREED = "agreed"
"""The annotator of labels that settle a disagreement."""

_YES = {"present", "true", "yes", "1"}
_NO = {"absent", "false", "no", "0"}
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class Said(StrEnum):
    """What a person says of one turn."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSURE = "unsure"  # looked, and cannot say
    SKIPPED = "skipped"  # did not judge it: a language unknown, a text too long


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """One turn that was drawn to be labelled; its chance is known by design."""

    parent: str  # Rollout.id
    behavior: str
    lane: Lane
    frame: str  # what it was drawn from: `frame_of`
    stratum: str  # of the judge's verdicts, within the lane
    size: int  # turns of the stratum
    probability: float  # with which a turn of the stratum was drawn, at this draw
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            name = identity("review item", self.frame, self.parent, self.behavior)
            object.__setattr__(self, "id", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLabel:
    """What one annotator said of one drawn turn."""

    parent: str  # Rollout.id
    behavior: str
    version: str  # of the definition it was held to
    annotator: str  # pseudonym
    value: Said
    probability: float  # of the turn's being drawn, as it stood then
    at: str  # UTC, ISO 8601
    note: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            said = (self.annotator, self.value, self.note, self.at)
            name = identity("label", self.parent, self.behavior, self.version, *said)
            object.__setattr__(self, "id", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A share with its 95 % limits."""

    value: float
    lower: float
    upper: float

    @classmethod
    def within(cls, value: float, limits: Interval) -> Self:
        """A share and its limits in one."""
        return cls(value=value, lower=limits.lower, upper=limits.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concord:
    """How far annotators agree on the turns of one lane that two or more of them judged."""

    items: int
    annotators: int
    same: int  # items on which all say the same
    kappa: Measured | None  # Cohen's, of the two who share most items; None: cannot be told
    alpha: Measured | None  # Krippendorff's, of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A judge's rate of one behavior in one lane, once people have looked (method.md 11.2)."""

    behavior: str
    lane: Lane
    judged: int  # turns
    flagged: int
    drawn: int  # turns of the queue
    labelled: int  # turns that people call present or absent
    present: int
    open: int  # turns on which annotators differ, or are unsure: the interval reads them both ways
    skipped: int  # turns of the queue that nobody judged, though somebody saw them
    from_log: int  # of the labelled, those whose label the log holds
    raw: float | None  # the judge's rate; None where nothing was judged
    rate: float | None  # corrected; None: `why`
    lower: float | None  # 95 %
    upper: float | None  # None beside a rate: no unflagged turn was checked, misses are unknown
    why: str  # there is no corrected rate; "" where there is
    at_random: bool  # the log's labels were taken as drawn at random: nobody knows their chance
    sensitivity: Measured | None
    specificity: Measured | None
    concord: Concord | None  # None: no turn was judged by two
    scored: int | None = None  # turns that a screen scored, of which a judge read some; None: all
    sure_lower: float | None = None  # of a screened rate: nothing taken of the screen
    sure_upper: float | None = None


def frame_of(behavior: str, version: str, rollouts: Iterable[str]) -> str:
    """What a queue is drawn from: the rollouts of a lane that a judge has judged."""
    return identity("frame", behavior, version, sorted(rollouts))


def is_pseudonym(name: str) -> bool:
    """Whether an annotator can be called this: letters, digits, `-` and `_`, 40 at most."""
    return bool(_PSEUDONYM.fullmatch(name)) and name != AGREED


def code(value: Said, nothing: int = -1) -> int:
    """1 for present, 0 for absent, else `nothing`."""
    return {Said.PRESENT: 1, Said.ABSENT: 0}.get(value, nothing)


class Truth(NamedTuple):
    """What is known of one turn: `shows`, or `open`, or neither."""

    shows: int | None
    open: bool


def latest(labels: Iterable[ReviewLabel]) -> dict[tuple[str, str, str], dict[str, ReviewLabel]]:
    """By turn, behavior and definition: each annotator's last label."""
    found: dict[tuple[str, str, str], dict[str, ReviewLabel]] = {}
    for label in labels:
        found.setdefault((label.parent, label.behavior, label.version), {})[label.annotator] = label
    return found


def truth(said: Mapping[str, Said]) -> Truth:
    """What annotators make of one turn."""
    if AGREED in said:
        said = {AGREED: said[AGREED]}
    told = {code(value) for value in said.values()} - {-1}
    if len(told) == 1:
        return Truth(next(iter(told)), open=False)
    return Truth(None, open=len(told) == 2 or Said.UNSURE in said.values())


class Heard(NamedTuple):
    """How many turns people looked at, and what came of it."""

    labelled: int
    present: int
    open: int
    skipped: int


def heard(said: Iterable[Mapping[str, Said]]) -> Heard:
    """Count turns: for each, annotator to what they said last."""
    told = [truth(by) for by in said if by]
    shows = [each.shows for each in told if each.shows is not None]
    opened = sum(each.open for each in told)
    return Heard(len(shows), sum(shows), opened, len(told) - len(shows) - opened)


def not_begun(queue: Iterable[ReviewItem], truths: Mapping[str, Truth]) -> str:
    """Why a queue with a stratum that nobody began says nothing yet; "" where there is none."""
    strata: dict[str, bool] = {}
    for each in queue:
        begun = truths[each.parent].shows is not None
        strata[each.stratum] = strata.get(each.stratum, False) or begun
    waiting = sorted(stratum for stratum, begun in strata.items() if not begun)
    return f"no label yet among the turns called {', '.join(waiting)}" if waiting else ""


def log_label(labels: Iterable[Label], behavior: str) -> int | None:
    """1 or 0 where people said in the log that a turn shows a behavior, or does not; else None."""
    told = {
        str(label.value).strip().lower() if not isinstance(label.value, float) else ""
        for label in labels
        if label.name == behavior and label.by == "human"
    }
    if told and told <= _YES:
        return 1
    return 0 if told and told <= _NO else None


def concord(said: Sequence[Mapping[str, Said]], cluster: npt.ArrayLike) -> Concord | None:
    """Agreement as people first said it: labels that settle a disagreement do not count.

    Args:
        said: for each turn, annotator to what they said last.
        cluster: for each turn its user's code.
    """
    people = sorted({name for by in said for name in by} - {AGREED})
    told = np.full((len(people), len(said)), MISSING)
    for column, by in enumerate(said):
        for line, name in enumerate(people):
            told[line, column] = code(by.get(name, Said.SKIPPED), MISSING)
    twice = (told != MISSING).sum(axis=0) >= 2
    if not twice.any():
        return None
    first, second = max(
        combinations(range(len(people)), 2),
        key=lambda two: int((told[list(two)] != MISSING).all(axis=0).sum()),
    )
    yes, no = (told == 1).any(axis=0), (told == 0).any(axis=0)
    return Concord(
        items=int(twice.sum()),
        annotators=len(people),
        same=int((twice & (yes ^ no)).sum()),
        kappa=_measured(lambda: cohen_kappa(told[first], told[second], cluster)),
        alpha=_measured(lambda: krippendorff_alpha(told, cluster)),
    )


def _measured(find: Callable[[], Agreement]) -> Measured | None:
    try:
        found = find()
    except InsufficientData:
        return None
    return Measured(value=found.value, lower=found.lower, upper=found.upper)
