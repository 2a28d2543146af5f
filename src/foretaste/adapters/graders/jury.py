"""Several judgements of one answer, and what they say together; judges entered and left."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from statistics import fmean, median_low

from foretaste.protocols import Model
from foretaste.records import Outcome, Verdict

TIED = "the judge's votes are tied"


async def enter(parts: Sequence[object]) -> None:
    """Open those parts that are to be opened; where one fails, those before it are left again."""
    async with AsyncExitStack() as stack:
        for part in parts:
            if isinstance(part, AbstractAsyncContextManager):
                await stack.enter_async_context(part)
        stack.pop_all()


async def leave(parts: Sequence[object]) -> None:
    """Close them."""
    async with AsyncExitStack() as stack:
        for part in parts:
            if isinstance(part, AbstractAsyncContextManager):
                stack.push_async_exit(part)


def named(models: Sequence[Model], name: str) -> str:
    """What judges are called in a fingerprint: not by their repr, which may hold a key."""
    own = [f"{type(model).__name__}:{getattr(model, 'model', '')}" for model in models]
    return name or " + ".join(own)


def decided(votes: Sequence[Verdict], of: int) -> bool:
    """Whether votes still to come can change nothing."""
    outcomes = [vote.outcome for vote in votes]
    most = max(outcomes.count(Outcome.PRESENT), outcomes.count(Outcome.ABSENT))
    return most > of // 2 or len(votes) == of


def together(votes: Sequence[Verdict]) -> Verdict:
    """The majority of the graded votes: its first vote, with the median severity, rounded down.

    The score is the mean over all graded votes that have one. A tie is ungraded; where no vote is
    graded, the first one says why.
    """
    graded = [vote for vote in votes if vote.outcome is not Outcome.UNGRADED]
    if not graded:
        return votes[0]
    present = [vote for vote in graded if vote.outcome is Outcome.PRESENT]
    absent = [vote for vote in graded if vote.outcome is Outcome.ABSENT]
    if len(present) == len(absent):
        tied = replace(graded[0], outcome=Outcome.UNGRADED, reason=TIED)
        return replace(tied, evidence="", severity=None, score=None)
    most = max(present, absent, key=len)
    severities = [vote.severity for vote in most if vote.severity is not None]
    scores = [vote.score for vote in graded if vote.score is not None]
    return replace(
        most[0],
        severity=median_low(severities) if severities else None,
        score=fmean(scores) if scores else None,
    )
