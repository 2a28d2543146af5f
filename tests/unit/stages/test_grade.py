"""The grade stage."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from foretaste.records import Failure, Lane, Outcome, Prefix, Rollout, Verdict
from foretaste.stages.grade import Exchange, grade
from unit.adapters.graders.exchanges import answer, prefix_of


@dataclass
class OneByOne:
    """An engine that runs one item after another, and remembers what it was given."""

    used: list[Sequence[object]] = field(default_factory=list)

    def __call__(
        self,
        work: Callable[[Any], Awaitable[Any]],
        items: Iterable[Any],
        *,
        stage: str,
        lane: Lane | None = None,
        using: Sequence[object] = (),
    ) -> Iterator[Any]:
        self.used.append(using)

        async def one(item: Any) -> Any:
            try:
                return await work(item)
            except ValueError as error:
                return Failure(stage=stage, item=item.id, reason=str(error), lane=lane)

        for item in items:
            yield asyncio.run(one(item))


class Picky:
    fingerprint = "g"

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        if not rollout.text:
            raise ValueError("nothing to judge")
        return Verdict(parent=rollout.id, behavior="rude", outcome=Outcome.ABSENT, grader="g")


picky = Picky()


def test_every_rollout_gives_one_verdict_or_one_failure_that_names_it() -> None:
    good, bad = answer("Good day."), answer("")
    engine = OneByOne()
    pairs = [(prefix_of("Hi."), good), (prefix_of("Hi."), bad)]
    verdict, failure = grade(pairs, grader=picky, engine=engine, lane=Lane.CANDIDATE)

    assert isinstance(verdict, Verdict)
    assert verdict.parent == good.id
    assert failure == Failure(
        stage="grade", item=bad.id, reason="nothing to judge", lane=Lane.CANDIDATE
    )
    assert engine.used == [(picky,)]


def test_an_exchange_is_named_by_its_rollout() -> None:
    rollout = answer("Good day.")

    assert Exchange(prefix=prefix_of("Hi."), rollout=rollout).id == rollout.id


def test_nothing_is_judged_before_it_is_asked_for() -> None:
    def endless() -> Iterator[tuple[Prefix, Rollout]]:
        while True:
            yield prefix_of("Hi."), answer("Good day.")

    assert isinstance(next(grade(endless(), grader=picky, engine=OneByOne())), Verdict)
