"""A screen that learns from the judge's own verdicts, wave after wave."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from foretaste.adapters.graders.jury import enter, leave
from foretaste.adapters.graders.trained import trainer_of
from foretaste.protocols import Grader
from foretaste.records import Behavior, Outcome, Prefix, Rollout, Verdict, identity
from foretaste.training import Example

PARTS = 5
"""Screens of one wave. Each scores the users of whom it learned nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Scores by what the judge said so far: for the `screen:` of a screened grader alone.

    Of the first wave it knows nothing: that is drawn by `first`, or at random. Before each later
    wave a run trains it anew, and has it score every answer again.
    """

    behavior: Behavior
    first: Grader | None = None  # in a plan: {use: ..., options}, a screen; left out: at random
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        before = self.first.fingerprint if self.first is not None else ""
        trainer = trainer_of(self.behavior)
        parts = ("learning", self.behavior.version, before, trainer.fingerprint, PARTS)
        object.__setattr__(self, "fingerprint", identity(*parts))

    async def __aenter__(self) -> Self:
        """Open the first screen, where it is one that opens."""
        await enter([] if self.first is None else [self.first])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await leave([] if self.first is None else [self.first])

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Score one rollout for the first wave; all alike where there is no first screen."""
        if self.first is not None:
            return replace(await self.first(prefix, rollout), grader=self.fingerprint)
        return Verdict(
            parent=rollout.id,
            behavior=self.behavior.name,
            outcome=Outcome.UNGRADED,
            grader=self.fingerprint,
            reason="nothing is learned yet",
            score=0.0,
        )

    def named(self, *where: object) -> str:
        """What a wave's screen is known by: what it learned follows from the waves before."""
        return identity("learned", self.fingerprint, *where)

    def taught(self, examples: Iterable[Example], name: str) -> Grader:
        """A screen that scores no user by what their own turns taught.

        Args:
            examples: what the judge said so far.
            name: its fingerprint, as `named` has it.

        Raises:
            InsufficientData: too few examples, or they teach nothing.
        """
        trainer, every = trainer_of(self.behavior), list(examples)
        return _Taught(
            behavior=self.behavior,
            fingerprint=name,
            parts=tuple(
                trainer(each for each in every if _part(each.prefix.user) != part)
                for part in range(PARTS)
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    behavior: Behavior
    fingerprint: str
    parts: tuple[Grader, ...]

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Score one rollout."""
        found = await self.parts[_part(prefix.user)](prefix, rollout)
        return replace(found, grader=self.fingerprint)


def _part(user: str) -> int:
    """Which of the screens scores a user: by a hash, whatever users a run holds."""
    return hashlib.blake2b(user.encode(errors="replace")).digest()[0] % PARTS
