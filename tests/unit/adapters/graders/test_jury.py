"""Several judgements of one answer."""

import asyncio
from typing import Any, Self

import pytest

from foretaste.adapters.graders.jury import TIED, decided, enter, leave, together
from foretaste.errors import MachineFailed
from foretaste.records import Outcome, Verdict

P, A, U = Outcome.PRESENT, Outcome.ABSENT, Outcome.UNGRADED


def vote(outcome: Outcome, **more: Any) -> Verdict:
    return Verdict(parent="r", behavior="b", outcome=outcome, grader="g", **more)


@pytest.mark.parametrize(
    ("outcomes", "of", "expected"),
    [((P,), 1, True), ((P,), 2, False), ((P, P), 3, True), ((P, A), 3, False), ((U, U), 2, True)],
)
def test_asking_ends_where_nothing_can_change(
    outcomes: tuple[Outcome, ...], of: int, expected: bool
) -> None:
    assert decided([vote(each) for each in outcomes], of) is expected


def test_the_majority_speaks_with_its_median_severity_and_the_mean_score() -> None:
    votes = [vote(P, severity=1, score=0.9), vote(A, score=0.3), vote(P, severity=4, score=0.6)]
    found = together(votes)

    assert (found.outcome, found.severity) == (P, 1)
    assert found.score == pytest.approx(0.6)


def test_a_tie_is_ungraded_and_says_nothing_else() -> None:
    found = together([vote(P, evidence="x", severity=2, score=0.9), vote(A, score=0.1), vote(U)])

    assert found == vote(U, reason=TIED)


class Door:
    def __init__(self, broken: bool = False) -> None:
        self.open, self.broken = 0, broken

    async def __call__(self, request: Any) -> Any: ...

    async def __aenter__(self) -> Self:
        if self.broken:
            raise MachineFailed("no")
        self.open += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open -= 1


def test_judges_are_opened_together_or_not_at_all() -> None:
    one, two, broken = Door(), Door(), Door(broken=True)

    async def work() -> None:
        await enter([one, two])
        assert (one.open, two.open) == (1, 1)
        await leave([one, two])
        with pytest.raises(MachineFailed):
            await enter([one, broken])

    asyncio.run(work())
    assert (one.open, two.open) == (0, 0)
