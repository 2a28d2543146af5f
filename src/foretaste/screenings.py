"""What a screened grading keeps, and goes by: scores, and with what chance the judge was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from foretaste.records import Lane
from foretaste.stats.totals import Codes, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What a screen said of one rollout. Not yet a verdict, and never counted as one."""

    parent: str  # Rollout.id
    behavior: str
    grader: str  # content hash of the screen
    score: float | None  # higher where the behavior is likelier; None: it could not say
    reason: str = ""  # why not


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That a judge was to be asked about a rollout; one that has none was left to its score."""

    parent: str  # Rollout.id
    behavior: str
    grader: str  # content hash of screen, judge and calls
    wave: int  # from 0
    probability: float  # of being drawn in this wave, given those before


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a screened grading went by. Gone through again, it draws the same."""

    seed: int
    calls: int
    screens: tuple[str, ...]  # content hash of each wave's screen


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedRate:
    """How one behavior of one lane was graded by a screen and a judge, and what that bought."""

    behavior: str
    lane: Lane
    scored: int  # rollouts that the screen scored
    unscored: int
    judged: int  # of these, those that the judge graded
    found: int
    waves: tuple[int, ...]  # calls of each
    everywhere: int  # calls below the bands that were read whole or nearly so
    rate: float  # that the judge would find in all of them: unbiased by design
    lower: float  # the screen taken to be like most, with a part that it does not see
    upper: float
    sure_lower: float  # nothing taken of the screen
    sure_upper: float
    random_width: float  # of the interval that as many random calls would give
    course: Course

    @property
    def times_narrower(self) -> float:
        """Width of the random calls' interval over that of the screened one."""
        return self.random_width / max(self.upper - self.lower, 1e-300)


class Order(NamedTuple):
    """What a wave is drawn by.

    A new screen comes with new random numbers: of the old ones it is known that where many were
    read only high ones are left, and a band of new scores would be read where few were read before.
    """

    score: Floats
    draw: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One behavior's scored rollouts in one lane, as columns."""

    behavior: str
    lane: Lane
    id: tuple[str, ...]
    prefix: tuple[str, ...]
    score: Floats  # by which the first wave is drawn
    weight: Floats  # inverse inclusion probability
    cluster: Codes  # user code
    draw: Floats  # a prefix's own random number: lanes read the same prefixes where they can
    unscored: int  # rollouts that the screen could not score, or that say nothing
    missing: int  # prefixes without a rollout
    outside: int = 0  # prefixes for which the behavior is not defined; in none of the above
    outside_share: float = 0.0  # of all prefixes, weighted
    later: Mapping[int, Order] = field(default_factory=dict)  # wave -> its own, of a new screen

    def by(self, wave: int) -> Order:
        """What a wave is drawn by: an order of its own, or that of the wave before it."""
        if wave in self.later:
            return self.later[wave]
        return self.by(wave - 1) if wave else Order(self.score, self.draw)


class Waves(NamedTuple):
    """Who was asked about when, and whom to ask about next."""

    wave: Codes  # of each scored rollout; NOT_ASKED
    probability: Floats  # of being drawn in that wave
    hit: Floats  # 1 or 0; NaN: no verdict, or none that says
    stands: Floats  # of one that was asked about: the unread ones that it stands for
    next: tuple[str, ...] = ()  # rollouts of the first wave that is not judged yet
    number: int = 0  # of that wave
