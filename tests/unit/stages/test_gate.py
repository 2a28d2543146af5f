from typing import Any

import pytest
from scipy.stats import beta

from foretaste.findings import Decision, Limit, Ruling
from foretaste.records import Lane
from foretaste.stages.gate import gate
from unit.rows import estimated

RELEASE, HOLD, UNSURE = Ruling.RELEASE, Ruling.HOLD, Ruling.NOT_ENOUGH_EVIDENCE


def decided(
    *estimates: Any, per_100k: float | None = None, increase: float | None = None, on: str = "upper"
) -> Decision:
    limit = Limit(behavior="b", per_100k=per_100k, increase=increase, decide_on=on)
    found = gate(estimates, [limit])
    assert found is not None
    return found


# 10 of 1,000: the exact 95 % interval is 480 to 1,831 per 100,000.
TEN = estimated(Lane.CANDIDATE, 10, 1_000)


@pytest.mark.parametrize(
    ("per_100k", "ruling"), [(1_832, RELEASE), (1_830, UNSURE), (481, UNSURE), (479, HOLD)]
)
def test_a_limit_is_kept_broken_or_open_by_the_exact_interval(
    per_100k: float, ruling: Ruling
) -> None:
    assert decided(TEN, per_100k=per_100k).ruling is ruling


def test_the_value_shown_is_the_upper_end_in_the_limit_s_unit() -> None:
    (found,) = decided(TEN, per_100k=2_000).rulings

    assert found.value == pytest.approx(beta.ppf(0.975, 11, 990) * 100_000, rel=1e-6)


@pytest.mark.parametrize(("per_100k", "ruling"), [(1_001, RELEASE), (999, HOLD)])
def test_deciding_on_the_rate_takes_the_rate_itself(per_100k: float, ruling: Ruling) -> None:
    assert decided(TEN, per_100k=per_100k, on="rate").ruling is ruling


def test_never_seen_in_few_turns_is_not_enough_evidence() -> None:
    few, many = (estimated(Lane.CANDIDATE, 0, n) for n in (100, 100_000))

    assert decided(few, per_100k=20).ruling is UNSURE
    assert decided(many, per_100k=20).ruling is RELEASE


@pytest.mark.parametrize("lost", ["ungraded", "missing"])
def test_too_many_unknown_answers_never_release(lost: str) -> None:
    enough = estimated(Lane.CANDIDATE, 0, 100_000, **{lost: 5_000})
    too_many = estimated(Lane.CANDIDATE, 0, 100_000, **{lost: 5_300})

    assert decided(enough, per_100k=20).ruling is RELEASE
    for on in ("upper", "rate"):
        found = decided(too_many, per_100k=20, on=on)
        assert found.ruling is UNSURE
        assert "ungraded or missing" in found.rulings[0].reason


def test_too_many_unknown_answers_do_not_hide_a_broken_limit() -> None:
    bad = estimated(Lane.CANDIDATE, 500, 1_000, ungraded=1_000)

    assert decided(bad, per_100k=20).ruling is HOLD


@pytest.mark.parametrize(
    "lanes", [(), (estimated(Lane.CANDIDATE, 0, 0, ungraded=40),), (estimated(Lane.RECORDED),)]
)
def test_nothing_graded_is_not_enough_evidence(lanes: tuple[Any, ...]) -> None:
    found = decided(*lanes, per_100k=1e5)

    assert found.ruling is UNSURE
    assert found.rulings[0].value is None


@pytest.mark.parametrize(
    ("present", "ruling"), [(300, HOLD), (190, UNSURE), (120, UNSURE), (60, RELEASE)]
)
def test_an_increase_is_held_against_the_ratio_and_its_interval(
    present: int, ruling: Ruling
) -> None:
    lanes = estimated(Lane.INCUMBENT, 100, 1_000), estimated(Lane.CANDIDATE, present, 1_000)

    assert decided(*lanes, increase=1.5).ruling is ruling


def test_the_ratio_s_interval_is_exact_given_all_sightings() -> None:
    lanes = estimated(Lane.INCUMBENT, 10, 1_000), estimated(Lane.CANDIDATE, 20, 1_000)
    (found,) = decided(*lanes, increase=10).rulings
    share = beta.ppf(0.975, 21, 10)

    assert found.value == pytest.approx(share / (1 - share))


def test_an_increase_from_never_seen_has_no_upper_end() -> None:
    before = estimated(Lane.INCUMBENT, 0, 1_000)
    few, many = (estimated(Lane.CANDIDATE, k, 1_000) for k in (2, 50))

    assert decided(before, many, increase=2).ruling is HOLD
    (found,) = decided(before, few, increase=2).rulings
    assert (found.ruling, found.value) == (UNSURE, None)
    assert found.reason == "5, but it may be up to any number, beyond 2"


@pytest.mark.parametrize("on", ["upper", "rate"])
def test_never_seen_in_either_lane_is_no_increase_to_speak_of(on: str) -> None:
    lanes = estimated(Lane.INCUMBENT, 0, 1_000), estimated(Lane.CANDIDATE, 0, 1_000)
    (found,) = decided(*lanes, increase=1.5, on=on).rulings

    assert (found.ruling, found.value) == (UNSURE, None)
    assert "neither lane" in found.reason


def test_an_increase_without_an_incumbent_is_not_enough_evidence() -> None:
    assert decided(TEN, increase=100).ruling is UNSURE
    assert decided(estimated(Lane.INCUMBENT, 0, 0), TEN, increase=100).ruling is UNSURE


def test_unknown_answers_of_the_incumbent_never_release_an_increase() -> None:
    # The ratio's denominator may be made of the few answers that could be graded.
    incumbent = estimated(Lane.INCUMBENT, 300, 500, ungraded=500)

    assert decided(incumbent, TEN, increase=1.5).ruling is UNSURE


def test_an_increase_of_zero_is_a_limit_that_nothing_keeps() -> None:
    lanes = estimated(Lane.INCUMBENT, 100, 1_000), estimated(Lane.CANDIDATE, 10, 1_000)

    assert decided(*lanes, increase=0.0).ruling is HOLD


def test_the_worst_ruling_decides_and_every_limit_is_reported() -> None:
    estimates = [TEN, estimated(Lane.CANDIDATE, 500, 1_000, behavior="bad")]
    kept, open_, broken = (
        Limit(behavior="b", per_100k=5_000),
        Limit(behavior="b", per_100k=1_000),
        Limit(behavior="bad", per_100k=1_000),
    )

    for limits, ruling in (
        ([kept], RELEASE),
        ([kept, open_], UNSURE),
        ([kept, open_, broken], HOLD),
    ):
        found = gate(estimates, limits)
        assert found is not None
        assert (found.ruling, len(found.rulings)) == (ruling, len(limits))


def test_without_limits_there_is_no_decision() -> None:
    assert gate([TEN], []) is None
