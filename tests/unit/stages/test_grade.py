"""The grade stage."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from foretaste.protocols import Grader
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


def exchange(rollout: Rollout, grader: Grader = picky) -> Exchange:
    return Exchange(prefix=prefix_of("Hi."), rollout=rollout, grader=grader)


def test_every_rollout_gives_one_verdict_or_one_failure_that_names_it() -> None:
    good, bad = answer("Good day."), answer("")
    engine = OneByOne()
    verdict, failure = grade(
        [exchange(good), exchange(bad)], graders=[picky], engine=engine, lane=Lane.CANDIDATE
    )

    assert isinstance(verdict, Verdict)
    assert verdict.parent == good.id
    assert failure == Failure(
        stage="grade", item=bad.id, reason="nothing to judge", lane=Lane.CANDIDATE
    )
    assert engine.used == [(picky,)]


def test_an_exchange_is_named_by_its_rollout() -> None:
    rollout = answer("Good day.")

    assert exchange(rollout).id == rollout.id


def test_each_exchange_is_judged_by_its_own_grader() -> None:
    class Strict(Picky):
        async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
            return replace(await picky(prefix, rollout), outcome=Outcome.PRESENT, grader="h")

    strict, engine, good = Strict(), OneByOne(), answer("Good day.")
    work = [exchange(good), exchange(good, strict)]
    found = grade(work, graders=[picky, strict], engine=engine)

    assert [each.grader for each in found if isinstance(each, Verdict)] == ["g", "h"]
    assert engine.used == [(picky, strict)]


def test_nothing_is_judged_before_it_is_asked_for() -> None:
    def endless() -> Iterator[Exchange]:
        while True:
            yield exchange(answer("Good day."))

    assert isinstance(next(grade(endless(), graders=[picky], engine=OneByOne())), Verdict)
