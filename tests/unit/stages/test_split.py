from math import prod

import pytest

from foretaste.findings import Estimate
from foretaste.forecasts import Factor
from foretaste.records import Lane
from foretaste.stages.split import split
from unit.rows import estimated


def of(lane: Lane, present: int, graded: int, behavior: str = "b") -> Estimate:
    return estimated(lane, present, graded, behavior=behavior)


def value(factor: Factor | None) -> float:
    assert factor is not None
    return factor.value


def test_the_two_parts_multiply_to_the_whole_exactly() -> None:
    released = [of(Lane.RECORDED, 40, 1000), of(Lane.CANDIDATE, 90, 1000)]
    (found,) = split([of(Lane.CANDIDATE, 33, 500)], released).behaviors

    parts = [value(found.shift), value(found.fidelity)]
    assert prod(parts) == pytest.approx(value(found.whole))
    assert value(found.fidelity) == pytest.approx(90.5 / 40.5)


def test_a_replay_that_errs_and_users_who_changed_are_told_apart() -> None:
    faithful = split(
        [of(Lane.CANDIDATE, 100, 1000)],
        [of(Lane.RECORDED, 200, 1000), of(Lane.CANDIDATE, 200, 1000)],
    )
    biased = split(
        [of(Lane.CANDIDATE, 100, 1000)],
        [of(Lane.RECORDED, 200, 1000), of(Lane.CANDIDATE, 100, 1000)],
    )

    assert faithful.fidelity == biased.shift == 1.0
    assert faithful.shift == biased.fidelity == pytest.approx(2, rel=0.01)
    assert faithful.whole == biased.whole


def test_what_was_not_replayed_is_missing_and_no_factor_of_one() -> None:
    (found,) = split([of(Lane.CANDIDATE, 10, 100)], [of(Lane.RECORDED, 20, 100)]).behaviors

    assert found.whole is not None
    assert (found.shift, found.fidelity) == (None, None)


def test_what_was_not_graded_after_release_is_missing_from_every_median() -> None:
    released = [of(Lane.RECORDED, 0, 0), of(Lane.CANDIDATE, 5, 100)]
    found = split([of(Lane.CANDIDATE, 10, 100)], released)

    assert found.behaviors[0].whole is None
    assert (found.seen, found.whole, found.fidelity, found.fidelity_noise) == (0, None, None, None)


def test_a_behavior_that_nobody_saw_does_not_make_the_median_look_good() -> None:
    before = [of(Lane.CANDIDATE, 10, 100, "b"), of(Lane.CANDIDATE, 0, 100, "never")]
    released = [
        of(lane, k, 100, name)
        for lane, k in ((Lane.RECORDED, 30), (Lane.CANDIDATE, 30))
        for name, k in (("b", k), ("never", 0))
    ]
    found = split(before, released)

    assert found.seen == 1
    assert found.whole == pytest.approx(30.5 / 10.5)


def test_the_replay_s_turns_are_counted() -> None:
    found = split(
        [of(Lane.CANDIDATE, 10, 100)], [of(Lane.RECORDED, 3, 50), of(Lane.CANDIDATE, 3, 50)]
    )

    assert (found.turns, found.answered) == (50, 50)
