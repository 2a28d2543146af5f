"""A grader of two: a cheap screen that scores every rollout, and a judge that reads some."""

from dataclasses import dataclass, field, replace
from typing import Self

from foretaste.adapters.graders.jury import enter, leave
from foretaste.errors import PlanError
from foretaste.protocols import Grader
from foretaste.records import Behavior, Prefix, Rollout, Verdict, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Scores every rollout with a screen, and asks a judge about those that tell most.

    The run draws which rollouts the judge reads (`stages/screen.py`); asked about one, this grader
    is its judge. The screen is any grader: one whose verdicts carry a `score`, or a rule, whose
    present and absent are taken as 1 and 0. The scores need not be chances: their order counts.

    Raises:
        PlanError: there are too few calls to learn anything of.
    """

    behavior: Behavior
    screen: Grader  # in a plan: {use: ..., options}
    judge: Grader  # in a plan: {use: ..., options}; left out: a rubric
    calls: int = 3000  # of the judge, for all lanes together
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        if self.calls < 100:
            raise PlanError(f"screened {self.behavior.name!r}: {self.calls} calls tell nothing")
        parts = ("screened", self.screen.fingerprint, self.judge.fingerprint, self.calls)
        scope = (self.behavior.applies,) if self.behavior.applies else ()
        object.__setattr__(self, "fingerprint", identity(*parts, *scope))

    @property
    def votes(self) -> int:
        """Votes of the judge for each rollout it reads."""
        return round(getattr(self.judge, "calls", 1.0))

    async def __aenter__(self) -> Self:
        """Open the judge, where it is one that opens."""
        await enter([self.judge])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await leave([self.judge])

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Have the judge read one rollout."""
        return replace(await self.judge(prefix, rollout), grader=self.fingerprint)
