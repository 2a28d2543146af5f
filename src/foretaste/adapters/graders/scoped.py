"""A grader that is asked only about turns for which its behavior is defined."""

from dataclasses import dataclass, replace
from typing import Any, Self

from foretaste.adapters.graders.jury import enter, leave
from foretaste.protocols import Grader
from foretaste.records import Behavior, Outcome, Prefix, Rollout, Verdict, identity
from foretaste.scope import unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """Says `Outcome.OUTSIDE` where the behavior does not apply, and asks the grader elsewhere.

    Such a turn is neither present nor absent nor ungraded: it is in no denominator, and has a count
    of its own.
    """

    grader: Grader
    behavior: Behavior  # with its conditions

    def __getattr__(self, name: str) -> Any:
        """What else is asked of the grader, such as its votes."""
        return getattr(self.grader, name)

    @property
    def fingerprint(self) -> str:
        """Content hash of the grader and of the conditions."""
        return identity("scoped", self.grader.fingerprint, self.behavior.applies)

    async def __aenter__(self) -> Self:
        """Open the grader, where it is one that opens."""
        await enter([self.grader])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await leave([self.grader])

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout, if its prefix meets the conditions."""
        lacking = unmet(self.behavior.applies, prefix)
        if lacking is None:
            found = await self.grader(prefix, rollout)
            return replace(found, grader=self.fingerprint)
        return Verdict(
            parent=rollout.id,
            behavior=self.behavior.name,
            outcome=Outcome.OUTSIDE,
            grader=self.fingerprint,
            reason=f"not defined for this turn: {lacking}",
        )
