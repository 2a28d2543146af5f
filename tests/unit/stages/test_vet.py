"""What repeats, order and labels say of a judge."""

from typing import Any

import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.records import Outcome, Verdict
from foretaste.stages.vet import Seen, vet

P, A, U = Outcome.PRESENT, Outcome.ABSENT, Outcome.UNGRADED


def said(outcome: Outcome, **more: Any) -> Verdict:
    return Verdict(parent="r", behavior="b", outcome=outcome, grader="g", **more)


def seen(
    *outcomes: Outcome,
    truth: bool | None = None,
    turned: Outcome | None = None,
    length: int = 100,
    own: bool = False,
    score: float | None = None,
) -> Seen:
    return Seen(
        length=length,
        verdicts=tuple(said(each, score=score) for each in outcomes),
        turned=said(turned) if turned is not None else None,
        own=own,
        truth=truth,
    )


def test_verdicts_that_change_are_counted_among_those_graded_every_time() -> None:
    found = vet("b", [seen(P, P), seen(P, A), seen(A, U), seen(U, P), seen(A)])

    assert found.unstable.judge is not None
    assert found.unstable.judge[:2] == (1, 2)
    assert found.unstable.length is not None
    assert found.unstable.length[:2] == (0, 2)
    assert sum(found.ungraded.values()) == 1


def test_another_order_is_held_against_the_usual_one() -> None:
    items = [seen(P, turned=A), seen(A, turned=P), seen(A, turned=P), seen(A, turned=A), seen(A)]
    found = vet("b", [*items, seen(P, turned=U)])

    assert found.moved.judge is not None
    assert found.moved.judge[:2] == (3, 4)
    assert (found.only_usual, found.only_turned) == (1, 2)


def test_accuracy_is_of_labelled_answers_alone() -> None:
    labelled = [seen(P, truth=True), seen(A, truth=True), seen(A, truth=False)]
    found = vet("b", [*labelled, seen(P), seen(U, truth=True)])

    assert found.sensitivity.judge is not None
    assert found.specificity.judge is not None
    assert found.sensitivity.judge[:2] == (1, 2)
    assert found.specificity.judge[:2] == (1, 1)
    assert (found.items, found.labelled) == (5, 3)


def test_a_judge_that_reads_length_is_no_better_than_length() -> None:
    rng = np.random.default_rng(3)
    items = []
    for _ in range(200):
        truth = bool(rng.random() < 0.4)
        length = max(1, int(rng.normal(200 if truth else 400, 120)))
        flag = length < 300
        items.append(seen(P if flag else A, truth=truth, length=length, score=1 / (1 + length)))
    found = vet("b", items)

    assert found.shorter
    assert found.sensitivity.judge == found.sensitivity.length
    assert found.areas is not None
    assert found.areas.judge.auc == pytest.approx(found.areas.length.auc)


def test_a_judge_that_spares_its_own_answers_shows_it_and_a_fair_one_does_not() -> None:
    def judged(miss: float) -> float:
        rng = np.random.default_rng(4)
        items = []
        for n in range(200):
            own = n % 2 == 0
            flagged = rng.random() > (miss if own else 0.2)
            items.append(seen(P if flagged else A, truth=True, own=own, length=n))
        p_value = vet("b", items).on_present.p_value
        assert p_value is not None
        return p_value

    assert judged(0.6) < 0.001
    assert judged(0.2) > 0.05


def test_without_labels_or_answers_of_its_own_there_is_not_enough_evidence() -> None:
    found = vet("b", [seen(P), seen(A)])

    assert found.areas is None
    assert found.sensitivity.judge is None
    assert found.on_present.p_value is None
    assert found.moved.judge is None


def test_a_judge_that_graded_nothing_has_no_figures() -> None:
    with pytest.raises(InsufficientData):
        vet("b", [seen(U), seen(U)])


def test_an_area_goes_by_probabilities_where_all_have_one() -> None:
    scored = [seen(P, truth=n % 2 == 0, score=0.5 + n / 100) for n in range(10)]

    assert vet("b", scored).by_score
    assert not vet("b", [*scored, seen(P, truth=True)]).by_score
