from typing import get_args

import pytest
from scipy.stats import beta, betabinom

from foretaste.forecasts import Evidence, Forecast
from foretaste.methods import Method
from foretaste.records import Lane
from foretaste.stages.forecast import forecast
from unit.rows import estimated

RECORDED = estimated(Lane.RECORDED, 40, 1000)
INCUMBENT = estimated(Lane.INCUMBENT, 80, 1000)
CANDIDATE = estimated(Lane.CANDIDATE, 160, 1000)


def by_method(*lanes: object, turns: int = 10_000) -> dict[str, Forecast]:
    return {each.method: each for each in forecast(lanes, turns=turns)}  # type: ignore[arg-type]


def test_the_direct_belief_is_jeffreys_beta_of_the_candidate_s_counts() -> None:
    found = by_method(CANDIDATE)["direct"]

    assert (found.a, found.b) == (160.5, 840.5)
    assert found.rate == pytest.approx(160.5 / 1001)
    assert (found.lower, found.upper) == pytest.approx(beta(160.5, 840.5).interval(0.95))
    assert (found.turns_lower, found.turns_upper) == betabinom(10_000, 160.5, 840.5).interval(0.95)
    assert (found.events, found.graded, found.turns) == (160, 1000, 10_000)


def test_the_anchored_forecast_is_production_s_rate_times_the_replayed_ratio() -> None:
    found = by_method(RECORDED, INCUMBENT, CANDIDATE)

    # Both models show the behavior twice as often in replay: 4 % x (16 % / 8 %).
    assert found["ratio-anchored"].rate == pytest.approx(0.08, rel=0.1)
    assert found["direct"].rate == pytest.approx(0.16, rel=0.05)
    wide = found["ratio-anchored"].upper - found["ratio-anchored"].lower
    assert wide > 0.02


def test_an_anchored_belief_holds_the_doubt_about_all_three_lanes() -> None:
    few = estimated(Lane.INCUMBENT, 8, 100)
    sure = by_method(RECORDED, INCUMBENT, CANDIDATE)["ratio-anchored"]
    unsure = by_method(RECORDED, few, CANDIDATE)["ratio-anchored"]

    assert unsure.upper / unsure.lower > 1.5 * sure.upper / sure.lower


@pytest.mark.parametrize(
    ("lanes", "missing"),
    [
        ((CANDIDATE,), {"ratio-anchored", "previous-deployment"}),
        ((RECORDED, CANDIDATE), {"ratio-anchored"}),
        ((INCUMBENT, CANDIDATE), {"ratio-anchored", "previous-deployment"}),
        ((RECORDED, INCUMBENT, CANDIDATE), set()),
    ],
)
def test_a_method_whose_lanes_are_missing_makes_no_forecast(
    lanes: tuple[object, ...], missing: set[str]
) -> None:
    assert set(by_method(*lanes)) == set(get_args(Method)) - missing


def test_production_going_on_as_it_was_is_the_recorded_rate() -> None:
    found = by_method(RECORDED, INCUMBENT, CANDIDATE)["previous-deployment"]

    assert (found.a, found.b) == (40.5, 960.5)


def test_the_default_lies_between_what_the_lanes_say_and_holds_more_doubt_than_each() -> None:
    found = by_method(RECORDED, INCUMBENT, CANDIDATE)
    whole = found["hierarchical"]

    assert found["previous-deployment"].rate < whole.rate < found["direct"].rate
    assert whole.upper / whole.lower > found["direct"].upper / found["direct"].lower
    assert whole.pull is not None
    assert whole.budget is not None
    assert whole.budget.judge is None
    assert whole.budget.total == pytest.approx(
        1 / (whole.rate * (1 - whole.rate) * (whole.a + whole.b)), rel=1e-6
    )


def test_past_forecasts_that_came_true_make_the_next_one_surer() -> None:
    before = by_method(RECORDED, INCUMBENT, CANDIDATE)["hierarchical"]
    evidence = [
        Evidence(recorded=(k, 9e4), incumbent=(k, 9e4), candidate=(k, 9e4), shared=0.0)
        for k in (500.0, 900.0, 2000.0, 3000.0)
    ]
    true = [(each.candidate[0], 9e4) for each in evidence]
    wrong = [
        (each.candidate[0] * off, 9e4) for each, off in zip(evidence, (3, 0.3, 3, 0.3), strict=True)
    ]

    def after(realized: list[tuple[float, float]]) -> Forecast:
        found = forecast(
            [RECORDED, INCUMBENT, CANDIDATE], past=[(evidence, realized)] * 2, turns=100
        )
        return next(each for each in found if each.method == "hierarchical")

    surer, warned = after(true), after(wrong)
    assert surer.upper / surer.lower < 0.9 * before.upper / before.lower
    assert warned.upper / warned.lower > 1.3 * before.upper / before.lower


def test_nothing_graded_in_the_candidate_lane_means_no_forecast_and_not_zero() -> None:
    nothing = estimated(Lane.CANDIDATE, 0, 0, ungraded=50)

    assert forecast([RECORDED, INCUMBENT, nothing], turns=100) == ()


def test_clusters_widen_a_forecast_by_the_effective_n() -> None:
    clustered = estimated(Lane.CANDIDATE, 160, 1000, effective_n=100.0)

    assert (by_method(clustered)["direct"].a, by_method(clustered)["direct"].b) == (16.5, 84.5)


def test_today_s_rate_is_unknown_without_a_recorded_lane() -> None:
    assert by_method(CANDIDATE)["direct"].today is None
    assert by_method(RECORDED, CANDIDATE)["direct"].today == 0.04


def test_never_seen_is_forecast_above_zero() -> None:
    found = by_method(estimated(Lane.CANDIDATE, 0, 500))["direct"]

    assert 0 < found.lower < found.rate < found.upper < 0.01


def test_each_behavior_is_forecast_from_its_own_lanes() -> None:
    other = estimated(Lane.CANDIDATE, 1, 1000, behavior="other")

    found = {each.behavior: each for each in forecast([CANDIDATE, other], turns=10)}

    assert found["b"].rate > 100 * found["other"].rate
