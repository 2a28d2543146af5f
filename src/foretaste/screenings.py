"""What a screened grading keeps: each rollout's score, and with what chance its judge was asked."""

from dataclasses import dataclass

from foretaste.records import Lane


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

    @property
    def times_narrower(self) -> float:
        """Width of the random calls' interval over that of the screened one."""
        return self.random_width / max(self.upper - self.lower, 1e-300)
