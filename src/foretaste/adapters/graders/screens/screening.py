"""What the screens have in common: the verdict that a calibrated chance becomes."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np

from foretaste.adapters.graders.passages import missing_answer
from foretaste.adapters.graders.screens.document import ScreenDocument
from foretaste.adapters.graders.screens.learning import Labels, Regression
from foretaste.errors import PlanError
from foretaste.records import Behavior, Outcome, Prefix, Rollout, Verdict, identity
from foretaste.training import Example, Held

Chance = Callable[[Prefix, Rollout], Awaitable[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A trained screen: finds a behavior present from a calibrated chance of `threshold` on.

    A turn without a final message is ungraded, and has no score.

    Raises:
        PlanError: the threshold is not between 0 and 1.
    """

    behavior: Behavior
    learned: ScreenDocument
    chance: Chance = field(repr=False, compare=False)
    threshold: float = 0.5
    held_out: tuple[Held, ...] = field(default=(), repr=False, compare=False)
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        checked_threshold(self.threshold)
        parts = ("screen", self.behavior.version, self.document, self.threshold)
        object.__setattr__(self, "fingerprint", identity(*parts))

    @property
    def document(self) -> bytes:
        """All of it as JSON, which `load` of its trainer reads again."""
        return msgspec.json.encode(self.learned)

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout."""
        score = None if missing_answer(rollout) else await self.chance(prefix, rollout)
        return scored(self, rollout, score)


class Scoring(Protocol):
    """A grader that goes by a score and a threshold."""

    @property
    def behavior(self) -> Behavior:
        """What it looks for."""
        ...

    @property
    def threshold(self) -> float:
        """The score from which on that is present."""
        ...

    @property
    def fingerprint(self) -> str:
        """Content hash of all that decides its verdicts."""
        ...


def scored(grader: Scoring, rollout: Rollout, score: float | None) -> Verdict:
    """The verdict that a score becomes; ungraded where there was no answer to score."""
    outcome = Outcome.UNGRADED
    if score is not None:
        outcome = Outcome.PRESENT if score >= grader.threshold else Outcome.ABSENT
    return Verdict(
        parent=rollout.id,
        behavior=grader.behavior.name,
        outcome=outcome,
        grader=grader.fingerprint,
        reason=missing_answer(rollout),
        score=score,
    )


def checked_threshold(threshold: float) -> None:
    """Raise where a threshold is none.

    Raises:
        PlanError: it is not between 0 and 1.
    """
    if not 0 < threshold < 1:
        raise PlanError(f"threshold is {threshold}; it lies between 0 and 1")


def usable(examples: Iterable[Example]) -> list[Example]:
    """The examples that have an answer to learn from, in an order of their own.

    An example's order must not matter, and a rollout that comes twice counts once, as it came last.
    """
    found = {each.rollout.id: each for each in examples if not missing_answer(each.rollout)}
    return [found[key] for key in sorted(found)]


def labels_of(examples: list[Example]) -> Labels:
    """What is known of the examples."""
    return Labels(
        np.array([each.present for each in examples], dtype=bool),
        np.array([each.weight for each in examples], dtype=np.float64),
        tuple(each.prefix.user for each in examples),
    )


def held_out(examples: list[Example], found: Regression) -> tuple[Held, ...]:
    """The examples, each with the calibrated chance of a fit on other users' alone."""
    chances = found.calibrated(found.held_out).tolist()
    return tuple(map(Held, examples, chances))
