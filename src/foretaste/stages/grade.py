"""Grade: a rollout and what it answers become a verdict."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from foretaste.protocols import Engine, Grader
from foretaste.records import Failure, Lane, Prefix, Rollout, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A rollout beside the prefix that it answers, and who is to judge it."""

    prefix: Prefix
    rollout: Rollout
    grader: Grader

    @property
    def id(self) -> str:
        """The rollout's id: what a failure is named by."""
        return self.rollout.id


def grade(
    exchanges: Iterable[Exchange],
    *,
    graders: Iterable[Grader],
    engine: Engine,
    lane: Lane | None = None,
) -> Iterator[Verdict | Failure]:
    """Judge every exchange once, in any order; `graders` are all who judge.

    A rollout whose grader raised is a `Failure` that names it; one that the grader could not
    judge is a `Verdict` that says so. The two are never mixed up with absent.
    """

    async def judge(exchange: Exchange) -> Verdict:
        return await exchange.grader(exchange.prefix, exchange.rollout)

    return engine(judge, exchanges, stage="grade", lane=lane, using=tuple(graders))
