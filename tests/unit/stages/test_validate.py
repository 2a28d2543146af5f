from typing import Any

import pytest
from scipy.stats import betabinom

from foretaste.findings import Estimate
from foretaste.forecasts import Forecast, Scorecard, Sealed
from foretaste.records import Lane
from foretaste.stages.forecast import forecast
from foretaste.stages.validate import validate
from unit.rows import estimated


def sealed(*forecasts: Forecast, method: str = "direct") -> Sealed:
    return Sealed(
        forecasts=forecasts,
        method=method,
        sealed_at="2026-11-21T00:00:00+00:00",
        prefixes="p",
        prefix_count=1,
        plan="plan",
        behaviors={},
        graders={},
        results="r",
        evidence="e",
        code="code",
        version="0",
        seal="",
    )


def lanes(behavior: str, today: int, incumbent: int, candidate: int) -> list[Estimate]:
    counts = {Lane.RECORDED: today, Lane.INCUMBENT: incumbent, Lane.CANDIDATE: candidate}
    return [estimated(lane, k, 1_000, behavior=behavior) for lane, k in counts.items()]


def realized(present: int, graded: int = 2_000, behavior: str = "b", **more: Any) -> Estimate:
    return estimated(Lane.RECORDED, present, graded, behavior=behavior, **more)


def scored(estimates: list[Estimate], *later: Estimate, method: str = "direct") -> Scorecard:
    return validate(sealed(*forecast(estimates, turns=1_000), method=method), later)


UP = lanes("b", 40, 40, 160)


def test_a_forecast_is_scored_on_production_s_counts() -> None:
    (found,) = scored(UP, realized(340)).behaviors

    assert found.forecast_rate == pytest.approx(160.5 / 1001)
    assert (found.realized_rate, found.realized_count, found.realized_n) == (0.17, 340, 2_000)
    assert found.multiplicative_error == pytest.approx((340.5 / 2001) / (160.5 / 1001))
    least, most = betabinom(2_000, 160.5, 840.5).interval(0.95)
    assert (found.lower, found.upper) == (least / 2_000, most / 2_000)
    assert (found.covered, found.moved, found.direction_correct) == (True, True, True)


@pytest.mark.parametrize(
    ("present", "covered"), [(250, False), (275, True), (375, True), (400, False)]
)
def test_the_interval_covers_or_it_does_not(present: int, covered: bool) -> None:
    assert scored(UP, realized(present)).coverage == float(covered)


@pytest.mark.parametrize(
    ("present", "moved", "correct"), [(340, True, True), (20, True, False), (100, False, True)]
)
def test_a_direction_is_right_where_production_moved_as_forecast(
    present: int, moved: bool, correct: bool
) -> None:
    found = scored(UP, realized(present))

    assert (found.behaviors[0].moved, found.behaviors[0].direction_correct) == (moved, correct)
    assert found.direction_n == int(moved)
    assert found.directional_accuracy == (float(correct) if moved else None)


def test_without_today_s_rate_no_direction_is_scored() -> None:
    found = scored(UP[2:], realized(340))

    assert (found.behaviors[0].moved, found.behaviors[0].direction_correct) == (None, None)
    assert (found.directional_accuracy, found.direction_n) == (None, 0)


def test_a_later_log_in_which_nothing_could_be_graded_scores_nothing() -> None:
    found = scored(UP, realized(0, 0, ungraded=70))

    (only,) = found.behaviors
    assert (only.realized_n, only.ungraded) == (0, 70)
    assert {
        only.realized_rate,
        only.multiplicative_error,
        only.noise_error,
        only.moved,
        only.direction_correct,
        only.covered,
        only.nll,
    } == {None}
    assert (found.median_multiplicative_error, found.coverage) == (None, None)


def test_a_count_of_zero_stays_finite() -> None:
    found = scored(UP, realized(0)).behaviors[0]

    assert found.multiplicative_error == pytest.approx((160.5 / 1001) / (0.5 / 2001))
    assert found.covered is False


def test_the_median_is_over_behaviors_and_the_sealed_method_alone() -> None:
    three = [*UP, *lanes("c", 40, 40, 80), *lanes("d", 40, 40, 40)]
    later = [realized(320), realized(80, behavior="c"), realized(800, behavior="d")]

    found = scored(three, *later)

    errors = sorted(each.multiplicative_error or 0 for each in found.behaviors)
    assert len(found.behaviors) == 3
    assert found.median_multiplicative_error == errors[1]
    assert {each.method for each in found.behaviors} == {"direct"}


def test_other_methods_and_no_change_are_scored_beside_it() -> None:
    biased = lanes("b", 40, 80, 160)  # replay doubles both models' rates

    found = scored(biased, realized(160))

    assert set(found.alternatives) == {"ratio-anchored", "previous-deployment", "hierarchical"}
    assert found.alternatives["ratio-anchored"] == pytest.approx(1, abs=0.1)
    assert found.alternatives["previous-deployment"] == pytest.approx(2, abs=0.05)
    assert (found.median_multiplicative_error or 0) == pytest.approx(2, abs=0.05)


def test_the_method_that_was_sealed_is_the_one_that_counts() -> None:
    found = scored(lanes("b", 40, 80, 160), realized(160), method="ratio-anchored")

    assert found.behaviors[0].method == "ratio-anchored"
    assert found.coverage == 1.0
    assert "direct" in found.alternatives


def test_luck_alone_is_stated_beside_the_error() -> None:
    found = scored(UP, realized(320))

    assert found.noise_multiplicative_error == found.behaviors[0].noise_error
    assert 1 < (found.noise_multiplicative_error or 0) < 1.2
